"""A trial from its plan to its end: what is sealed, what is shown, and what is counted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import attune_fit as af
from attune_fit import trial_lists
from attune_fit.training.trials.trial_analysis import MIN_ARM
from attune_fit.training.trials.trial_registry import append_allocation, append_plan, find_trial, read_trials
from tests.attune_fit.journal_day import ids
from tests.training.trials.builders import ARMS, build_plan, build_planned

NAME = "first_place"
CONFLICT = "private-contact"
N_MET = 30  # clients with records; the others wait
SCORES = {"attune": 4.6, "random": 2.2}  # WAI-SR, 1 to 5: a difference that any look finds


def make_clinic(folder: Path) -> None:
    """A clinic in which 60 clients wait and every therapist has openings for all."""
    af.simulate(clients=90, therapists=10, seed=1).workspace(folder)
    tables = {name: pd.read_csv(folder / f"{name}.csv", dtype=str) for name in ("clients", "outcomes", "therapists")}
    met = tables["clients"]["client_id"][:N_MET]
    outcomes = tables["outcomes"]
    outcomes[outcomes["client_id"].isin(met)].to_csv(folder / "outcomes.csv", index=False)
    tables["therapists"].assign(open_slots="90").to_csv(folder / "therapists.csv", index=False)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> af.Workspace:
    folder = tmp_path_factory.mktemp("trials") / "clinic"
    make_clinic(folder)
    return af.open_clinic(folder)


@pytest.fixture(scope="module")
def able(opened: af.Workspace) -> list[str]:
    """Waiting clients with two therapists or more on their list, by the length of the list."""
    rankings = {one: opened.rank(one).result for one in opened.list_client_ids(waiting_only=True)[:14]}
    return [one for one, ranking in rankings.items() if len(ranking.arrays.therapist_ids) > 1]


@pytest.fixture
def workspace(opened: af.Workspace) -> Iterator[af.Workspace]:
    """The clinic with a planned trial; what a test writes is removed after it."""
    outcomes = (opened.folder / "outcomes.csv").read_bytes()
    append_plan(opened.clinic.artifacts, build_planned())
    yield opened
    shutil.rmtree(opened.clinic.artifacts)
    if (opened.folder / "outcomes.csv").read_bytes() != outcomes:
        (opened.folder / "outcomes.csv").write_bytes(outcomes)
    opened.refresh()


def allocate_all(workspace: af.Workspace, clients: list[str]) -> None:
    """Allocate many clients without logging a list of each, with one therapist as the first place."""
    fields = {"seed": 1, "shown": ["t01", "t02"], "data": "", "bundle": "", "policy": "", "as_of": "", "events": 0}
    for client in clients:
        append_allocation(workspace.clinic.artifacts, NAME, client, "", lambda arm: fields)


def add_outcomes(workspace: af.Workspace, most: int) -> None:
    """Export a visit with the first place, and a rating that depends on the arm alone, of the first clients."""
    path = workspace.folder / "outcomes.csv"
    rows = pd.read_csv(path, dtype=str)
    new = [
        {"client_id": one.client_id, "therapist_id": one.shown[0], "session": "3", "instrument": "WAI-SR",
         "rater": "client", "score": str(SCORES[one.arm] + 0.005 * number)}
        for number, one in enumerate(find_trial(workspace.clinic.artifacts, NAME).allocations[:most])
    ]  # fmt: skip
    pd.concat([rows, pd.DataFrame(new)]).to_csv(path, index=False)


def test_a_preview_seals_nothing(workspace: af.Workspace, tmp_path: Path) -> None:
    plan = build_plan(name="other", arms=[ARMS[0], {"name": "b", "order": "first_band_at_random"}])
    result = workspace.plan_trial(plan, preview=True, runs=100, out=tmp_path / "plan.md")
    assert list(read_trials(workspace.clinic.artifacts)) == [NAME]
    assert not result.result.is_sealed
    assert "other" in (tmp_path / "plan.md").read_text()
    assert result.to_frame()["outcomes"].tolist() == [40, 80]
    assert result.to_dict()["expected"]["n_clients"] > 0
    assert result.result.advice[0].startswith("The power is below 80%")


def test_the_model_expects_more_of_its_own_first_place(workspace: af.Workspace) -> None:
    expected = trial_lists.estimate_expected_difference(workspace, build_plan(), 10.0)
    assert expected is not None
    assert 0 < expected.points < 1
    assert expected.sd == pytest.approx(expected.points * 25 / 10, rel=0.01)  # WAI-SR: 4 points are 100 POMP


def test_columns_of_a_plan_are_checked_together(workspace: af.Workspace) -> None:
    plan = build_plan(name="other", stratify_by=["clients.sites"], covariates=["clients.phq", "clients.phq9"])
    with pytest.raises(af.DataFault) as error:
        workspace.plan_trial(plan, runs=100)
    assert ids(error) == ["unknown-column", "unknown-column"]
    plan = build_plan(name="other", stratify_by=["clients.phq9", "clients.region"], covariates=["clients.region"])
    with pytest.raises(af.DataFault) as error:
        workspace.plan_trial(plan, runs=100)
    assert sorted(ids(error)) == ["covariate-without-numbers", "too-many-strata"]


def test_the_arm_decides_the_order_and_the_rules_who_is_on_it(workspace: af.Workspace, able: list[str]) -> None:
    for client in able[:8]:
        result = workspace.allocate_client(NAME, client)
        one = result.result
        ranking = workspace.rank(client, seed=one.allocation.seed).result
        order = [candidate.therapist_id for candidate in one.ranking.candidates]
        assert sorted(order) == sorted(ranking.arrays.therapist_ids)
        assert (order == ranking.arrays.therapist_ids) or one.allocation.arm == "random"
        assert one.allocation.shown == tuple(order[: ranking.shortlist])
        assert result.to_frame()["therapist_id"].tolist() == order[: ranking.shortlist]
    arms = [one.arm for one in find_trial(workspace.clinic.artifacts, NAME).allocations]
    assert {*arms} == {"attune", "random"}
    assert abs(arms.count("attune") - 4) <= 3


def test_what_is_shown_has_neither_arm_nor_score(workspace: af.Workspace, able: list[str]) -> None:
    client = able[0]
    result = workspace.allocate_client(NAME, client)
    shown = json.dumps(result.to_dict()) + result.to_frame().to_string() + repr(result)
    for hidden in (result.result.allocation.arm, result.result.allocation.order, "score", "band"):
        assert hidden not in shown.replace("first_place", "")


def test_the_allocation_is_sealed_before_the_list_is_logged_or_shown(
    workspace: af.Workspace, able: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = able[0]

    def fail(*args: Any, **keys: Any) -> str:
        assert find_trial(workspace.clinic.artifacts, NAME).find_allocation(client) is not None
        raise KeyboardInterrupt

    monkeypatch.setattr(trial_lists, "log_rankings", fail)
    with pytest.raises(KeyboardInterrupt):
        workspace.allocate_client(NAME, client)
    monkeypatch.undo()
    sealed = find_trial(workspace.clinic.artifacts, NAME).find_allocation(client)
    again = workspace.allocate_client(NAME, client).result
    assert (again.is_new, again.allocation) == (False, sealed)


def test_the_usual_list_of_an_allocated_client_names_the_trial(workspace: af.Workspace, able: list[str]) -> None:
    assert not any("allocated in" in note for note in workspace.rank(able[0]).notes)
    allocate_all(workspace, able[:1])
    assert [note for note in workspace.rank(able[0]).notes if f"allocated in the trial {NAME}" in note]
    assert not any("allocated in" in note for note in workspace.rank(able[1]).notes)


def test_without_a_seal_no_list_is_shown(
    workspace: af.Workspace, able: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = able[0]

    def fail(*args: Any) -> None:
        raise OSError("no disk")

    monkeypatch.setattr("attune_fit.data.sealed_log.append_lines", fail)
    with pytest.raises(OSError, match="no disk"):
        workspace.allocate_client(NAME, client)
    monkeypatch.undo()
    assert find_trial(workspace.clinic.artifacts, NAME).allocations == ()
    assert workspace.log(client_id=client).result == []


def test_a_second_allocation_shows_the_same_arm_and_obeys_the_rules_of_now(
    workspace: af.Workspace, able: list[str]
) -> None:
    client = able[0]
    first = workspace.allocate_client(NAME, client).result
    ids_before = first.ranking.arrays.therapist_ids
    workspace.record("conflict_set", client=client, therapist=ids_before[0], reason=CONFLICT)
    second = workspace.allocate_client(NAME, client).result
    assert (second.is_new, second.allocation) == (False, first.allocation)
    assert ids_before[0] not in second.ranking.arrays.therapist_ids
    assert len(find_trial(workspace.clinic.artifacts, NAME).allocations) == 1


def test_every_list_of_a_trial_can_be_replayed(workspace: af.Workspace, able: list[str]) -> None:
    for client in able[:4]:
        workspace.allocate_client(NAME, client)
    kinds = [row.fields["kind"] for row in workspace.log().result]
    for kind in ("rank", "all_at_random"):
        assert workspace.replay(str(kinds.index(kind) + 1)).to_dict()["same"]
    checks = workspace.verify_log().result
    assert (checks["trials.jsonl"].n_lines, checks["trials.jsonl"].is_whole) == (5, True)


def test_a_changed_file_of_trials_stops_allocation(workspace: af.Workspace, able: list[str]) -> None:
    clients = able[:3]
    for client in clients[:2]:
        workspace.allocate_client(NAME, client)
    path = workspace.clinic.artifacts / "trials.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    for client in clients[1:]:
        with pytest.raises(af.DataFault) as error:
            workspace.allocate_client(NAME, client)
        assert ids(error) == ["trials-changed"]
    assert not workspace.verify_log().result["trials.jsonl"].is_whole


@pytest.mark.parametrize(
    ("client", "fault"),
    [("met", "trial-client-not-waiting"), ("c9", "id-not-found"), ("lonely", "trial-list-too-short")],
)
def test_who_cannot_take_part_is_not_allocated(
    workspace: af.Workspace, able: list[str], client: str, fault: str
) -> None:
    if client == "met":
        client = workspace.tables.outcomes["client_id"].iloc[0]
    if client == "lonely":
        client = able[0]
        listed = workspace.rank(client).result.arrays.therapist_ids
        workspace.record_all([{"event": "conflict_set", "client": client, "therapist": one, "reason": CONFLICT}
                              for one in listed[1:]])  # fmt: skip
    with pytest.raises(af.DataFault) as error:
        workspace.allocate_client(NAME, client)
    assert ids(error) == [fault]
    assert find_trial(workspace.clinic.artifacts, NAME).allocations == ()


def test_no_client_is_allocated_after_a_column_of_the_plan_was_removed(
    workspace: af.Workspace, able: list[str]
) -> None:
    append_plan(workspace.clinic.artifacts, build_planned(name="by_site", stratify_by=("clients.site",)))
    with pytest.raises(af.DataFault) as error:
        workspace.allocate_client("by_site", able[0])
    assert ids(error) == ["unknown-column"]
    assert not find_trial(workspace.clinic.artifacts, "by_site").allocations


def test_the_journal_and_the_outcomes_show_how_far_a_trial_is(workspace: af.Workspace, able: list[str]) -> None:
    clients = able[:4]
    workspace.record("offered", client=clients[3], therapist=workspace.rank(clients[3]).result.arrays.therapist_ids[0])
    workspace.record("declined", client=clients[3], therapist=workspace.journal_events[-1].therapist_id,
                     by="therapist", reason="caseload")  # fmt: skip
    shown = [workspace.allocate_client(NAME, client).result.ranking.arrays.therapist_ids for client in clients]
    workspace.record("offered", client=clients[0], therapist=shown[0][0])
    workspace.record("offered", client=clients[1], therapist=shown[1][1])
    workspace.record("started", client=clients[1], therapist=shown[1][1])
    workspace.record("score_recorded", client=clients[1], therapist=shown[1][1], session=3, score=4.0)
    status = workspace.trial_status(NAME).result
    assert (status.state, status.n_allocated, status.next_look_at) == ("running", 4, 40)
    assert (status.n_offered, status.n_first_place, status.n_started, status.n_outcomes) == (2, 1, 1, 1)
    assert status.allocated_by_arm == {}, "counts before and after an allocation would show the arm"
    with pytest.raises(af.DataFault) as error:
        workspace.analyse_trial(NAME)
    assert ids(error) == ["trial-look-not-due"]
    with pytest.raises(af.DataFault) as error:
        workspace.analyse_trial(NAME, unplanned="curious")
    assert ids(error) == ["arm-too-small"]
    assert find_trial(workspace.clinic.artifacts, NAME).looks == ()


def test_a_trial_that_finds_its_difference_ends(workspace: af.Workspace, able: list[str]) -> None:
    allocate_all(workspace, workspace.list_client_ids(waiting_only=True)[:48])
    add_outcomes(workspace, 45)
    status = workspace.trial_status(NAME).result
    assert (status.state, status.n_outcomes, status.n_started, status.next_look_at) == ("look due", 45, 45, 40)
    result = workspace.analyse_trial(NAME)
    one, look = result.result, result.result.look
    assert (look.decision, look.look, look.n) == ("difference found", 1, 45)
    assert look.estimate == pytest.approx((SCORES["attune"] - SCORES["random"]) * 25, abs=1.5)
    assert look.low < look.estimate < look.high
    assert min(look.n_first, look.n_second) >= MIN_ARM
    assert sum(one.n_without_outcome.values()) == 3
    assert list(one.adherence.values()) == [1.0, 1.0]
    assert "attune and random differ" in result.to_dict()["conclusion"]
    again = workspace.analyse_trial(NAME).result
    assert (again.is_new, again.look) == (False, look)
    assert workspace.trial_status(NAME).result.state == "ended"
    with pytest.raises(af.DataFault) as error:
        workspace.allocate_client(NAME, workspace.list_client_ids(waiting_only=True)[-1])
    assert ids(error) == ["trial-has-ended"]


def test_an_early_end_and_a_look_that_was_not_planned_are_marked(workspace: af.Workspace) -> None:
    allocate_all(workspace, workspace.list_client_ids(waiting_only=True)[:34])
    add_outcomes(workspace, 34)
    unplanned = workspace.analyse_trial(NAME, unplanned="the board asked").result
    assert (unplanned.look.decision, unplanned.look.why) == ("not planned", "the board asked")
    assert workspace.trial_status(NAME).result.state == "running"
    ended = workspace.analyse_trial(NAME, end="recruitment ended").result
    assert (ended.look.decision, ended.n_unplanned_looks) == ("difference found", 1)
    assert ended.look.boundary == pytest.approx(1.96, abs=0.001)  # no planned look came before


def test_strata_and_covariates_enter_the_records(workspace: af.Workspace, able: list[str]) -> None:
    plan = build_plan(name="strata", stratify_by=["clients.region"], covariates=["clients.phq9"])
    workspace.plan_trial(plan, runs=100)
    regions = workspace.tables.clients.set_index("client_id")["region"]
    for client in able[:10]:
        workspace.allocate_client("strata", client)
    trial = find_trial(workspace.clinic.artifacts, "strata")
    labels = {one.stratum: regions[one.client_id] for one in trial.allocations}
    assert len(labels) == len({regions[one.client_id] for one in trial.allocations})
    text = (workspace.clinic.artifacts / "trials.jsonl").read_text()
    assert not any(f'"{region}"' in text for region in labels.values())
    from attune_fit.training.trials.trial_records import build_trial_records

    records = build_trial_records(workspace.clinic, workspace.tables, trial)
    assert records.covariates.shape[0] == 10
    assert np.isnan(records.y).all()
