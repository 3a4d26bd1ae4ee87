"""Each verb of a clinic gives what the command of the same name prints, as a dict, a table and a line."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pandas as pd
import pytest

import attune_fit as af
from attune_fit.data.command_words import format_word
from attune_fit.data.formats.formula_cells import escape_formula
from attune_fit.data.formats.table_formats import format_names
from attune_fit.earlier_placement import read_earlier_placement
from attune_fit.matching.ranking.rank import rank, rank_to_frames
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.model_records import list_own_figures
from attune_fit.workspace import Workspace
from tests.conftest import SAMPLE, Attune
from tests.fault_descriptions import raises_faults

Verb = Callable[[Workspace], af.Result]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sample clinic, for verbs that write no more than the log."""
    folder = tmp_path_factory.mktemp("verbs") / "clinic"
    shutil.copytree(SAMPLE, folder)
    return folder


@pytest.fixture(scope="module")
def workspace(folder: Path) -> Workspace:
    return af.open_clinic(str(folder))


@pytest.fixture(scope="module")
def waiting(workspace: Workspace) -> str:
    """A client who waits and has several candidates."""
    rankings = workspace.rank_waiting().result
    return str(max(rankings, key=lambda ranking: len(ranking.candidates)).client_id)


@pytest.fixture(scope="module")
def met(workspace: Workspace) -> str:
    """A client with an outcome."""
    return str(workspace.tables.outcomes["client_id"].iloc[0])


def read_json(attune: Attune, folder: Path, command: str, *words: str) -> Any:
    done = attune(command, folder, *words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def check_result(result: af.Result) -> pd.DataFrame:
    """Check what all results share; return the table."""
    frame = result.to_frame()
    assert frame.columns.is_unique
    assert "\n" not in result.summary
    assert len(result.summary) < 250
    assert result._repr_html_().count("<tr") <= 11
    return frame


def test_rank_is_the_command(workspace: Workspace, folder: Path, attune: Attune, waiting: str) -> None:
    result = workspace.rank(waiting)
    assert result.to_dict() == read_json(attune, folder, "rank", "--client", waiting)
    assert workspace.rank(waiting, seed=7).to_dict() == read_json(
        attune, folder, "rank", "--client", waiting, "--seed", "7"
    )
    frame = check_result(result)
    assert sorted(frame["therapist_id"]) == sorted(workspace.tables.therapists["therapist_id"])


def test_rank_waiting_is_the_command_and_its_file(workspace: Workspace, folder: Path, attune: Attune) -> None:
    result = workspace.rank_waiting()
    assert result.to_dict() == read_json(attune, folder, "rank", "--waiting")
    frame = check_result(result)
    rows = workspace.tables.clients.index[workspace.tables.clients["client_id"].isin(frame["client_id"])]
    written = pd.concat(
        rank_to_frames(RosterScorer.from_clinic(workspace.model, workspace.clinic, workspace.tables), rows.to_numpy())
    )
    pd.testing.assert_frame_equal(frame[written.columns.to_list()], written.reset_index(drop=True))


def test_everyone_is_ranked_as_the_engine_ranks(workspace: Workspace, met: str) -> None:
    rankings = {ranking.client_id: ranking for ranking in workspace.rank_waiting(everyone=True).result}
    assert list(rankings) == workspace.list_client_ids(waiting_only=False)
    assert rankings[met] == rank(RosterScorer.from_clinic(workspace.model, workspace.clinic, workspace.tables), met)


def test_explain_is_the_command(workspace: Workspace, folder: Path, attune: Attune, waiting: str) -> None:
    result = workspace.explain(waiting, "t01")
    assert result.to_dict() == read_json(attune, folder, "explain", "--client", waiting, "--therapist", "t01")
    assert check_result(result)["points"].sum() == pytest.approx(result.result.score)


def test_why_not_is_the_command(workspace: Workspace, folder: Path, attune: Attune, waiting: str) -> None:
    second, *_, excluded = workspace.rank(waiting).to_frame()["therapist_id"].iloc[1:]
    for therapist, against in ((second, "t02"), (excluded, None)):
        result = workspace.why_not(waiting, therapist, against=against)
        words = ["--client", waiting, "--therapist", therapist, *(("--against", against) if against else ())]
        assert result.to_dict() == read_json(attune, folder, "why-not", *words)
        assert len(check_result(result)) == len(result.result.grounds or result.result.versus.terms)


def test_compare_is_the_command(workspace: Workspace, folder: Path, attune: Attune, waiting: str) -> None:
    first, *_, excluded = workspace.rank(waiting).to_frame()["therapist_id"]
    result = workspace.compare(waiting, [first, excluded])
    words = ["--client", waiting, "--therapist", first, "--therapist", excluded]
    assert result.to_dict() == read_json(attune, folder, "compare", *words)
    frame = check_result(result)
    assert len(frame) == 2 * len(result.result.rows)
    assert set(frame["therapist_id"]) == {first, excluded}


def test_relax_is_the_command(workspace: Workspace, folder: Path, attune: Attune, waiting: str) -> None:
    result = workspace.relax(waiting)
    assert result.to_dict() == read_json(attune, folder, "relax", "--client", waiting)
    assert len(check_result(result)) == len(result.result.ways)
    assert len(workspace.relax(waiting, most=2).to_frame()) == 2


def test_capacity_is_the_command(workspace: Workspace, folder: Path, attune: Attune) -> None:
    result = workspace.capacity(codes=3)
    assert result.to_dict() == read_json(attune, folder, "capacity", "--codes", "3")
    assert workspace.capacity().to_dict() == read_json(attune, folder, "capacity")
    assert len(check_result(result)) == len(result.result.lacks)


def test_assign_is_the_command(workspace: Workspace, folder: Path, attune: Attune, tmp_path: Path) -> None:
    result = workspace.assign()
    assert result.to_dict() == read_json(attune, folder, "assign")
    assert workspace.assign("all").to_dict() == read_json(attune, folder, "assign", "--policy", "all")
    frame = check_result(result)
    client, therapist = frame.loc[frame["status"] == "placed", ["client_id", "therapist_id"]].iloc[0]
    refused = workspace.assign("first-come", refuse={client: therapist}, seed=3)
    words = ("--policy", "first-come", "--refuse", f"{client}={therapist}", "--seed", "3")
    assert refused.to_dict() == read_json(attune, folder, "assign", *words)
    pinned = workspace.assign(pin=[(client, therapist)])
    assert pinned.to_dict() == read_json(attune, folder, "assign", "--pin", f"{client}={therapist}")
    earlier = tmp_path / "earlier.csv"
    frame.to_csv(earlier, index=False)
    kept = read_json(attune, folder, "assign", "--policy", "balanced", "--keep", str(earlier))
    assert workspace.assign("balanced", keep=earlier).to_dict() == kept
    placed = {pair.client_id: pair.therapist_id for pair in result.result.placed}
    for keep in (earlier, str(earlier), frame, result, placed):
        assert read_earlier_placement(keep) == placed


def test_an_earlier_placement_that_cannot_be_used_is_an_error(workspace: Workspace, tmp_path: Path) -> None:
    with raises_faults("keep: missing-placement-column (therapist_id, client_id and therapist_id)"):
        workspace.assign(keep=pd.DataFrame({"client_id": []}))
    with raises_faults(
        f"{tmp_path}/none.csv: placement-not-found (Name a file that `attune assign --out` wrote, or any "
        f"{format_names()} file with client_id and therapist_id.)",
    ):
        workspace.assign(keep=tmp_path / "none.csv")
    damaged = tmp_path / "damaged.parquet"
    damaged.write_text("no parquet")
    with pytest.raises(af.DataFault) as error:
        workspace.assign(keep=damaged)
    assert [(one.id, one.table) for one in error.value.faults] == [("placement-not-readable", str(damaged))]


def test_another_table_is_no_earlier_placement(workspace: Workspace, folder: Path, tmp_path: Path) -> None:
    pairs = pd.DataFrame({"client_id": ["c0001", "c0002"], "therapist_id": ["t01", "t02"]})
    keep = tmp_path / "keep.csv"
    for more, table in (({"age": [30, 40], "payer": "plan a"}, "clients"), ({"reason": "kin"}, "conflicts"),
                        ({"session": 3, "score": 4.0}, "outcomes")):  # fmt: skip
        pairs.assign(**more).to_csv(keep, index=False)
        with pytest.raises(af.DataFault, match=f"has columns of `{table}`") as error:
            workspace.assign(keep=keep)
        assert [one.id for one in error.value.faults] == ["not-a-placement"]
    pd.concat([pairs, pairs.assign(therapist_id="t03")]).to_csv(keep, index=False)
    with pytest.raises(af.DataFault, match="2 clients have several rows, so this is no placement"):
        workspace.assign(keep=keep)
    pairs.assign(note="by phone").to_csv(keep, index=False)  # a column of the clinic's own does no harm
    assert read_earlier_placement(keep) == {"c0001": "t01", "c0002": "t02"}


def test_an_earlier_placement_of_another_clinic_is_an_error(workspace: Workspace, waiting: str) -> None:
    with pytest.raises(af.DataFault) as error:
        workspace.assign(keep={"9": "8", "10": "t99"})
    assert [one.id for one in error.value.faults] == ["kept-clients-unknown", "kept-therapists-unknown"]
    therapists = workspace.tables.therapists["therapist_id"]
    result = workspace.assign(keep={"9": "8", waiting: therapists[0]})  # one known pair: the other is outdated
    assert any("1 pair of the previous assignment is ignored" in note for note in result.result.notes)


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet"])
def test_clients_and_therapists_called_na_are_kept(suffix: str, tmp_path: Path) -> None:
    ids = ["NA", "None", "null", "nan", "0012", "N/A"]
    rows = pd.DataFrame({"client_id": [*ids, "c7"], "therapist_id": [*ids[::-1], None]}, dtype="str")
    path = tmp_path / f"keep.{suffix}"
    if suffix == "parquet":
        rows.to_parquet(path)
    else:
        rows.to_csv(path, index=False, sep="," if suffix == "csv" else "\t")
    expected = dict(zip(ids, ids[::-1], strict=True))
    assert read_earlier_placement(path) == read_earlier_placement(rows) == expected
    assert read_earlier_placement({**expected, "c7": None}) == expected


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet"])
def test_ids_that_begin_as_formulas_are_kept_with_and_without_their_mark(suffix: str, tmp_path: Path) -> None:
    ids = ["=cmd|' /C calc'!A0", "-2+3", "@SUM", "+1", "'s"]
    expected = dict(zip(ids, ids[::-1], strict=True))
    for form in (str, escape_formula):
        rows = pd.DataFrame({"client_id": map(form, ids), "therapist_id": map(form, ids[::-1])}, dtype="str")
        path = tmp_path / f"{form.__name__}.{suffix}"
        if suffix == "parquet":
            rows.to_parquet(path)
        else:
            rows.to_csv(path, index=False, sep="," if suffix == "csv" else "\t")
        assert read_earlier_placement(path) == expected


def test_numeric_ids_keep_their_form_where_pandas_made_them_floats() -> None:
    rows = pd.DataFrame({"client_id": [1, 2], "therapist_id": [7, None]})
    assert read_earlier_placement(rows) == {"1": "7"}


def test_follow_up_is_the_command(workspace: Workspace, folder: Path, attune: Attune) -> None:
    result = workspace.follow_up()
    assert result.to_dict() == read_json(attune, folder, "follow-up")
    assert len(check_result(result)) == len(result.result.pairs)


def test_rematch_is_the_command(workspace: Workspace, folder: Path, attune: Attune, met: str) -> None:
    result = workspace.rematch(met)
    assert result.to_dict() == read_json(attune, folder, "rematch", "--client", met)
    rematched, _ = result.result
    assert check_result(result)["change"].notna().sum() == len(rematched.changes)


def test_fairness_is_the_command(workspace: Workspace, folder: Path, attune: Attune) -> None:
    result = workspace.fairness(everyone=True)
    assert result.to_dict() == read_json(attune, folder, "fairness", "--all")
    assert len(check_result(result)) == len(result.result.compared.cells)


def test_check_is_the_command(workspace: Workspace, folder: Path, attune: Attune) -> None:
    result = workspace.check()
    assert result.to_dict() == read_json(attune, folder, "check")
    assert len(check_result(result)) == len(result.result)


def test_training_data_unpacks_as_three(workspace: Workspace) -> None:
    X, y, groups = workspace.training_data()
    assert len(X) == len(y) == len(groups)


@pytest.mark.usefixtures("untracked")
def test_train_is_the_command_and_the_clinic_ranks_with_it(clinic: Path, attune: Attune, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(clinic, other)
    opened = af.open_clinic(clinic)
    assert repr(opened).endswith("80 clients, 16 therapists, starting model)")
    before = opened.rank_waiting().to_dict()[0]["bundle"]
    result = opened.train()
    printed = read_json(attune, other, "train")
    assert {**result.to_dict(), "folder": ""} == {**printed, "folder": ""}
    assert check_result(result).set_index("metric")["value"].to_dict() == result.result.metrics
    assert result.result.promoted
    opened.train()  # again: it comes out the same, and that bundle is active now
    assert opened.rank_waiting().to_dict()[0]["bundle"] == result.result.bundle != before
    assert result.result.bundle in repr(opened)
    card = opened.model_card().result
    (own,) = list_own_figures(opened.clinic)
    assert f"{card.facts['rank_outcome']['b']:+.2f} POMP points" in own.text
    assert own.source == f"Model card of {result.result.bundle}"


def test_only_what_is_to_be_logged_is_logged(clinic: Path) -> None:
    opened = af.open_clinic(clinic)
    waiting, *_ = opened.list_client_ids(waiting_only=True)
    met = str(opened.tables.outcomes["client_id"].iloc[0])
    for log in (False, True):
        opened.rank(waiting, log=log, shortlist=1)
        opened.rematch(met, log=log)
        opened.assign(log=log)
        opened.assign("all", log=log)
        kinds = [row.kind for row in opened.log().result]
        assert sorted(kinds) == (["placement", "ranking", "rematch"] if log else [])


def test_a_log_that_cannot_be_written_is_a_note(clinic: Path) -> None:
    (clinic / "artifacts").write_text("a file where the folder has to be")
    opened = af.open_clinic(clinic)
    waiting, *_ = opened.list_client_ids(waiting_only=True)
    for result in (opened.rank(waiting, log=True), opened.assign(log=True)):
        assert "Not logged: artifacts/" in result.notes[-1]
        assert result.notes[-1] in repr(result)
        assert "Not logged" in result._repr_html_()


def test_faults_of_a_clinic_and_unknown_ids_are_errors(workspace: Workspace, tmp_path: Path) -> None:
    with raises_faults("clients, client_id: id-not-found (CL9)"):
        workspace.rank("CL9")
    with raises_faults(f"clinic.toml: folder-not-found ({tmp_path}/none)"):
        af.open_clinic(tmp_path / "none")


def test_ids_and_lines_that_are_numbers_are_read_as_text(tmp_path: Path) -> None:
    folder = tmp_path / "clinic"
    folder.mkdir()
    (folder / "clients.csv").write_text("client_id,age\n1,30\n2,40\n")
    (folder / "therapists.csv").write_text("therapist_id,age,open_slots\n7,50,1\n8,50,1\n")
    opened, text = af.open_clinic(folder), cast("Any", 1)
    assert opened.rank(text, log=True).result.client_id == "1"
    assert opened.explain(text, cast("Any", 7)).result.therapist_id == "7"
    pinned = opened.assign(pin=cast("Any", {1: 8}), keep=cast("Any", {2: 7})).result
    assert {pair.client_id: pair.therapist_id for pair in pinned.placed} == {"1": "8", "2": "7"}
    assert opened.replay(text).result.row.line == "1"


def test_options_that_cannot_be_are_refused(workspace: Workspace, waiting: str) -> None:
    calls: list[Callable[[], af.Result]] = [
        lambda: workspace.rank(waiting, seed=cast("Any", "a")),
        lambda: workspace.rank(waiting, shortlist=-2, log=True),
        lambda: workspace.relax(waiting, most=0),
        lambda: workspace.capacity(codes=-1),
        lambda: workspace.train(trials=-1),
    ]
    for refused in calls:
        with pytest.raises(ValueError, match="it must be an integer >= "):
            refused()
    with pytest.raises(ValueError, match="pin and refuse take pairs"):
        workspace.assign(pin=cast("Any", [waiting]))
    with raises_faults(
        f"keep, client_id: several-therapists-kept ({format_names()}, client_id and therapist_id)",
    ):
        workspace.assign(keep=workspace.rank(waiting))


def test_a_client_who_has_met_a_therapist_is_ranked_with_a_note(workspace: Workspace, waiting: str, met: str) -> None:
    first = str(workspace.tables.outcomes["therapist_id"].iloc[0])
    (note,) = [note for note in workspace.rank(met).notes if "has met" in note]
    assert note.startswith(f"Note: {met} has met {first}. ")
    assert f"attune rematch {format_word(workspace.folder)} --client {met}" in note
    assert not [note for note in workspace.rank(waiting).notes if "has met" in note]


def test_an_id_without_its_zero_is_the_closest(workspace: Workspace, waiting: str) -> None:
    with pytest.raises(af.DataFault, match=r"Closest: `t03`"):
        workspace.explain(waiting, "T3")


def test_a_result_can_be_pickled(workspace: Workspace, waiting: str) -> None:
    result = workspace.rank(waiting)
    again = pickle.loads(pickle.dumps(result))  # noqa: S301 (our own)
    assert (again.summary, again.notes, again.to_dict()) == (result.summary, result.notes, result.to_dict())
    pd.testing.assert_frame_equal(again.to_frame(), result.to_frame())


def test_a_broken_bundle_stops_only_what_needs_it(clinic: Path) -> None:
    (clinic / "artifacts").mkdir()
    (clinic / "artifacts" / "live.json").write_text('{"bundle": "gone"}')
    opened = af.open_clinic(clinic)
    assert repr(opened).endswith("a model that cannot be read)")
    assert len(opened.follow_up().to_frame())
    assert opened.capacity().result.waiting
    assert set(opened.check().result) > set(opened.tables.warnings)  # and clients without a candidate
    with pytest.raises(af.DataFault):
        opened.rank_waiting()


def test_text_in_a_notebook_is_escaped() -> None:
    frame = pd.DataFrame({"client_id": ["<b>c1</b>"] * 12})
    html = af.Result(None, "<i>12</i>", lambda: frame, dict)._repr_html_()
    assert "<b>" not in html
    assert "<i>" not in html
    assert "2 more rows" in html
