"""The variance report of a clinic: the same shares as on its ratings as arrays, in words a reader can use."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import attune_fit as af
from tests.training.multilevel.golden_numbers import read_diary, read_golden

LOW, HIGH = -5.0, 5.0  # of an instrument in the units of the diary
CONFIG = f'[[instruments]]\nname = "diary"\nlow = {LOW}\nhigh = {HIGH}\nearly = [1, 3]\n'


def write_clinic(folder: Path, outcomes: pd.DataFrame, config: str = CONFIG, **clients: object) -> af.Workspace:
    """Write a clinic with these ratings of the instrument "diary"."""
    folder.mkdir()
    (folder / "clinic.toml").write_text(config, encoding="utf-8")
    ids = sorted(outcomes["client_id"].unique())
    pd.DataFrame({"client_id": ids, "age": 30, **clients}).to_csv(folder / "clients.csv", index=False)
    therapists = sorted(outcomes["therapist_id"].unique())
    pd.DataFrame({"therapist_id": therapists, "age": 40}).to_csv(folder / "therapists.csv", index=False)
    outcomes.assign(instrument="diary", rater="client").to_csv(folder / "outcomes.csv", index=False)
    return af.open_clinic(folder)


@pytest.fixture(scope="module")
def diary(tmp_path_factory: pytest.TempPathFactory) -> af.Workspace:
    """The diary of real ratings as a clinic."""
    rows = read_diary()
    outcomes = pd.DataFrame({
        "client_id": "p" + rows["patient"].astype(str), "therapist_id": "t" + rows["therapist"].astype(str),
        "session": rows["t"] + 1, "score": rows["wai"],
    })  # fmt: skip
    return write_clinic(tmp_path_factory.mktemp("diary") / "clinic", outcomes)


def build_crossed_outcomes(rng: np.random.Generator) -> pd.DataFrame:
    """Ratings of 40 clients with two of 6 therapists each, two sessions with each of them."""
    rows = [
        {"client_id": f"c{client:02}", "therapist_id": f"t{(client + turn) % 6}", "session": session,
         "score": round(float(np.clip(rng.normal(), LOW, HIGH)), 3)}
        for client in range(40) for turn in (0, 1 + client % 4) for session in (1, 2)
    ]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.mark.parametrize(("sessions", "name"), [("early", "first_three"), ((1, 3), "first_three"), ("all", "all")])
def test_the_diary_as_a_clinic_has_the_shares_of_lme4(diary: af.Workspace, sessions: object, name: str) -> None:
    golden = read_golden()["diary"][name]
    report = diary.variance(sessions=sessions).result  # type: ignore[arg-type]
    assert report.n_ratings == golden["n"]
    names = {"therapist": "therapist", "client + dyad": "patient", "occasion": "Residual"}
    for one in report.components:
        found = (one.share, one.low, one.high)
        assert found == pytest.approx([golden[key][names[one.name]] for key in ("shares", "low", "high")], abs=0.005)


def test_the_occasions_are_stated(diary: af.Workspace) -> None:
    assert diary.variance().result.sessions == "early sessions: sessions 1 to 3"
    assert diary.variance(sessions=(3, 3)).result.sessions == "chosen sessions: session 3"
    assert diary.variance(sessions="all").result.sessions == "all sessions: sessions 1 to 15"
    assert diary.variance(sessions=(2, 5)).result.sessions == "chosen sessions: sessions 2 to 5"


def test_a_nested_clinic_states_what_cannot_be_separated(diary: af.Workspace) -> None:
    result = diary.variance()
    assert result.summary == "Therapists explain 6% of the variance of ratings (95% interval 0% to 31%)"
    assert result.result.sentences[:2] == (
        "A therapist share of 0 fits these ratings.",
        "Each client has one therapist, so client and dyad cannot be separated: they have one share.",
    )
    assert "13 therapists the interval is wide" in result.result.sentences[-1]
    one_session = diary.variance(sessions=(1, 1)).result
    assert [one.name for one in one_session.components] == ["therapist", "client + dyad + occasion"]
    assert any("sessions cannot be separated" in sentence for sentence in one_session.sentences)


def test_the_frame_and_the_json_hold_the_same_shares(diary: af.Workspace) -> None:
    result = diary.variance()
    frame, content = result.to_frame(), json.loads(json.dumps(result.to_dict()))
    assert frame["share"].sum() == pytest.approx(1)
    assert frame["share"].tolist() == [one["share"] for one in content["components"]]
    assert content["components"][-1]["zero_probability"] is None


def test_clients_with_several_therapists_have_a_share_of_their_own(tmp_path: Path) -> None:
    report = write_clinic(tmp_path / "clinic", build_crossed_outcomes(np.random.default_rng(2))).variance().result
    assert [one.name for one in report.components] == ["therapist", "client", "dyad", "occasion"]
    assert (report.n_clients, report.n_pairs, report.n_crossed_clients) == (40, 80, 40)
    assert any("came one after another" in sentence for sentence in report.sentences)


def test_differences_between_sites_belong_to_no_share(tmp_path: Path) -> None:
    outcomes = build_crossed_outcomes(np.random.default_rng(3))
    ids = sorted(outcomes["client_id"].unique())
    site = ["north" if position % 2 else "south" for position in range(len(ids))]
    in_north = outcomes["client_id"].map(dict(zip(ids, site, strict=True))) == "north"
    outcomes["score"] = (outcomes["score"] / 2 + np.where(in_north, 2.0, -2.0)).clip(LOW, HIGH)
    config = 'settings.site_column = "branch"\n' + CONFIG
    with_sites = write_clinic(tmp_path / "sites", outcomes, config, branch=site).variance().result
    without = write_clinic(tmp_path / "none", outcomes).variance().result
    assert with_sites.adjusted_for == ("site",)
    assert without.adjusted_for == ()
    shares = [next(one.share for one in report.components if one.name == "client") for report in (with_sites, without)]
    assert shares[0] < 0.3 < 0.6 < shares[1]


def test_too_few_people_are_refused_and_not_counted(tmp_path: Path) -> None:
    outcomes = build_crossed_outcomes(np.random.default_rng(4))
    few = write_clinic(tmp_path / "few", outcomes[outcomes["client_id"] < "c07"])
    with pytest.raises(af.DataFault, match="fewer than 10 clients and 6 therapists") as error:
        few.variance()
    assert [fault.id for fault in error.value.faults] == ["variance-few-ratings"]


def test_equal_ratings_are_refused(tmp_path: Path) -> None:
    outcomes = build_crossed_outcomes(np.random.default_rng(4)).assign(score=1.0)
    with pytest.raises(af.DataFault, match="do not differ"):
        write_clinic(tmp_path / "clinic", outcomes).variance()


@pytest.mark.parametrize("wanted", [{"sessions": "late"}, {"sessions": (3, 1)}, {"scale": "warmth"}])
def test_an_unknown_request_is_a_value_error(diary: af.Workspace, wanted: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="it must be"):
        diary.variance(**wanted)  # type: ignore[arg-type]


def test_the_table_is_written_to_a_file(diary: af.Workspace, tmp_path: Path) -> None:
    diary.variance(out=tmp_path / "shares.csv")
    assert pd.read_csv(tmp_path / "shares.csv")["component"].tolist() == ["therapist", "client + dyad", "occasion"]
