"""Points are those of the clinic's main instrument before and after training; the log of earlier versions replays."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.clinic.display_instrument import choose_display_instrument
from attune_fit.data.clinic.instruments import SRS, WAI_SR
from attune_fit.matching.explaining.score_breakdown import explain_score
from attune_fit.matching.follow_up.rematch import rematch
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.workspace import open_clinic
from tests.conftest import Attune

CLIENT = "c0061"
SRS_SD = 4.5  # points


@pytest.fixture
def srs_clinic(clinic: Path) -> Path:
    """The sample clinic, as if its clients had filled in the SRS."""
    path = clinic / "outcomes.csv"
    outcomes = pd.read_csv(path)
    points = SRS.to_points(WAI_SR.pomp(outcomes["score"]))
    outcomes = outcomes.assign(score=points.round(1), instrument="SRS").drop(columns=["goal", "task", "bond"])
    outcomes.to_csv(path, index=False)
    return clinic


def test_day_0_shows_the_points_of_the_form_that_clients_fill_in(srs_clinic: Path, clinic: Path) -> None:
    ranking = open_clinic(srs_clinic).rank(CLIENT).result
    assert ranking.instrument == "SRS"
    assert all(15 < one.score <= 40 and one.low >= 0 for one in ranking.candidates)


def test_a_typical_estimate_is_a_typical_score_of_that_form(srs_clinic: Path) -> None:
    """The starting model learned the WAI-SR: 77 POMP is a typical WAI-SR, and as a share of 40 points a poor SRS."""
    scorer = open_clinic(srs_clinic).get_scorer()
    assert (scorer.main_instrument, scorer.instrument.name) == (SRS, "SRS")
    assert scorer.instrument.to_points(WAI_SR.pomp(4.08)) == pytest.approx(SRS.mean)
    assert scorer.points_per_pomp == pytest.approx(SRS_SD / 17)
    roster = scorer.score_clients(np.arange(60))
    for values in (roster.score, roster.low, roster.high):
        points = scorer.instrument.to_points(values)
        assert points.min() >= SRS.low
        assert points.max() <= SRS.high + 1e-9
    assert scorer.instrument.to_points(roster.high).max() == pytest.approx(SRS.high)  # an interval ends at the range
    assert scorer.convert_ratings(np.array([SRS.pomp(35.0)])) == pytest.approx(WAI_SR.pomp(4.08))


def test_a_model_of_the_main_instrument_shows_its_own_points(clinic: Path) -> None:
    scorer = open_clinic(clinic).get_scorer()
    assert scorer.instrument is scorer.main_instrument is WAI_SR
    assert scorer.limits == (0.0, 100.0)
    assert replace(scorer, model=replace(scorer.model, instrument="gone")).instrument is WAI_SR
    assert replace(scorer, model=replace(scorer.model, instrument="SRS")).instrument.high != WAI_SR.high


def test_parts_add_up_to_the_points_of_another_form(srs_clinic: Path) -> None:
    for therapist in ("t01", "t02", "t03"):
        one = explain_score(open_clinic(srs_clinic).get_scorer(), CLIENT, therapist)
        assert sum(one.parts.values()) == pytest.approx(one.score)
        assert sum(term.points for term in one.addends) == pytest.approx(one.score)


def test_the_client_level_after_a_first_pair_is_that_of_the_form(srs_clinic: Path, clinic: Path) -> None:
    """A typical SRS score is no sign of a client who rates every therapist high."""
    outcomes = pd.read_csv(srs_clinic / "outcomes.csv").assign(score=SRS.mean)
    outcomes.to_csv(srs_clinic / "outcomes.csv", index=False)
    after = rematch(open_clinic(srs_clinic).get_scorer(), "c0001")
    assert abs(after.level) < 0.5 * SRS_SD
    assert after.met[0].rated == pytest.approx(SRS.mean)


@pytest.mark.parametrize("command", ["rank", "explain", "rematch", "assign", "fairness"])
def test_every_command_of_a_list_shows_it(attune: Attune, srs_clinic: Path, command: str) -> None:
    with_client = {"rank": ["--client", CLIENT], "explain": ["--client", CLIENT, "--therapist", "t01"],
                   "rematch": ["--client", "c0001"]}  # fmt: skip
    words = [command, srs_clinic, *with_client.get(command, []), "--json"]
    shown = attune(*words)
    assert shown.exit_code == 0, shown.output
    assert '"instrument": "SRS"' in shown.output
    assert '"instrument": "WAI-SR"' not in shown.output


def test_show_in_still_decides(srs_clinic: Path) -> None:
    with (srs_clinic / "clinic.toml").open("a") as toml:
        toml.write('show_in = "WAI-SR"\n')
    assert open_clinic(srs_clinic).rank(CLIENT).result.instrument == "WAI-SR"


def test_lines_of_earlier_versions_replay_in_their_own_points(
    srs_clinic: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Earlier versions showed a clinic of the SRS the points of the WAI-SR until it had a model of its own."""
    with monkeypatch.context() as earlier:
        rule = property(
            lambda self: self.shown_instrument or choose_display_instrument(self.clinic, self.model.instrument)
        )
        earlier.setattr(RosterScorer, "instrument", rule)
        workspace = open_clinic(srs_clinic)
        assert workspace.rank(CLIENT, log=True).result.instrument == "WAI-SR"
        workspace.assign(log=True)
        workspace.write_rankings(srs_clinic.parent / "list.csv")
    later = open_clinic(srs_clinic)
    assert later.rank(CLIENT, log=True).result.instrument == "SRS"
    assert [later.replay(line).result.row.line for line in ("1", "a1", "2", "3")] == ["1", "a1", "2", "3"]


def test_check_warns_of_forms_that_go_with_therapists(attune: Attune, clinic: Path) -> None:
    outcomes = pd.read_csv(clinic / "outcomes.csv", dtype=str)
    is_even = outcomes["therapist_id"].str[1:].astype(int) % 2 == 0
    points = SRS.to_points(WAI_SR.pomp(outcomes["score"].astype(float))).round(1).astype(str)
    split = outcomes.assign(
        score=outcomes["score"].mask(is_even & outcomes["score"].notna(), points),
        instrument=outcomes["instrument"].mask(is_even, "SRS"),
        **{name: outcomes[name].mask(is_even) for name in ("goal", "task", "bond")},
    )
    for cells, n_warnings in ((outcomes, 0), (split, 1)):
        cells.to_csv(clinic / "outcomes.csv", index=False)
        ids = [fault.id for fault in open_clinic(clinic).check().result]
        assert ids.count("instruments-by-therapist") == n_warnings
    assert "instrument only" in " ".join(attune("check", clinic).output.split())
