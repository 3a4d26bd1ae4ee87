"""What is pointed out about pairs that met, what counts as weak, and what changes brought."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.clinic.tables import Tables
from attune_fit.data.faults import DataFault
from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.matching.follow_up.flags import FLAGS, Flag
from attune_fit.matching.follow_up.follow_up import FollowUpReport, follow_up
from attune_fit.matching.follow_up.rematch_outcomes import RematchOutcomes, compute_rematch_outcomes
from tests.matching.builders import opened
from tests.strategies import AS_OF, Cells, clinic

WEAK = '[follow_up.weak]\n"WAI-SR" = 3.0'


def met(**row: Any) -> Tables:
    """One client with one therapist, in one row of `outcomes`."""
    said = {"client_id": "c0", "therapist_id": "t0", "instrument": "WAI-SR", "rater": "client", **row}
    if "ago" in said:
        said["measured_on"] = pd.Timestamp(AS_OF - dt.timedelta(days=said.pop("ago")))
    return clinic({"age": [30]}, {"age": [40]}, outcomes={name: [cell] for name, cell in said.items()})


def flags(tables: Tables, toml: str = WEAK) -> list[str]:
    return [flag for one in follow_up(opened(toml), tables).pairs for flag in one.flags]


# For each flag: a pair that has it, and one that just does not.
PAIRS: dict[str, tuple[Tables, Tables]] = {
    "weak": (met(score=3.0, session=3), met(score=3.1, session=3)),
    "missing": (met(session=3), met(session=2)),
    "due": (met(session=2, ago=27), met(session=2, ago=28)),
    "dropped_out": (met(session=1, dropped_out="yes"), met(session=1, dropped_out="no")),
}


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.name)
def test_a_flag_stands_where_it_is_true_and_nowhere_else(flag: Flag) -> None:
    has, has_not = PAIRS[flag.name]
    assert flags(has) == [flag.name]
    assert flag.name not in flags(has_not)


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.name)
def test_a_flag_is_fit_to_be_read_and_cites_what_it_says(flag: Flag) -> None:
    assert flag.description[0].islower()
    assert not flag.action.endswith(".")
    for key in flag.sources:
        assert f"{{{key}}}" in flag.evidence_template
        assert read_published_statistics()[key].mark != "assumed"
        assert f"{read_published_statistics()[key].cite} ({read_published_statistics()[key].mark})" in flag.evidence


def test_every_flag_has_its_pairs() -> None:
    assert set(PAIRS) == {flag.name for flag in FLAGS}


def test_only_the_clients_own_rating_is_a_score() -> None:
    assert flags(met(score=1.0, session=3, rater="therapist")) == ["missing"]


def test_who_left_is_not_asked_to_talk_and_who_may_have_left_has_not() -> None:
    assert flags(met(score=1.0, session=3, dropped_out="yes")) == ["dropped_out"]
    assert flags(met(session=1)) == ["due"]


def test_pairs_of_long_ago_are_counted_and_not_flagged() -> None:
    found = follow_up(opened(WEAK), met(session=3, ago=91))
    assert (found.pairs, found.done, found.due) == ((), 0, 1)
    assert flags(met(session=3, ago=90)) == ["missing"]


def test_a_day_that_lies_ahead_tells_nothing() -> None:
    assert follow_up(opened(WEAK), met(session=3, ago=-5)).pairs[0].days is None


def test_a_client_who_went_on_to_another_is_not_flagged_for_the_first() -> None:
    days = [pd.Timestamp(AS_OF - dt.timedelta(days=ago)) for ago in (40, 10)]
    rows: Cells = {"client_id": ["c0", "c0"], "therapist_id": ["t0", "t1"], "session": [3, 1], "measured_on": days}
    found = follow_up(opened(), clinic({"age": [30]}, {"age": [40, 41]}, outcomes=rows))
    assert [(one.therapist_id, one.flags) for one in found.pairs] == [("t1", ("due",))]


def test_every_knob_turns() -> None:
    assert flags(met(session=3), WEAK + "\n[follow_up]\nsession = 4") == ["due"]
    assert flags(met(session=1, ago=20), WEAK + "\n[follow_up]\ndays = 20") == ["missing"]
    assert flags(met(session=3, ago=100), WEAK + "\n[follow_up]\nrecent = 100") == ["missing"]
    assert flags(met(score=3.0, session=3), WEAK.replace("3.0", "2.9")) == []


def several(scores: list[float], instrument: str = "WAI-SR") -> FollowUpReport:
    clients = [f"c{row}" for row in range(len(scores))]
    rows: Cells = {"client_id": clients, "therapist_id": ["t0"] * len(scores), "instrument": [instrument] * len(scores),
            "score": scores}  # fmt: skip
    toml = "[follow_up]\nlowest = 0.25"
    return follow_up(opened(toml), clinic({"age": [30] * len(scores)}, {"age": [40]}, outcomes=rows))


def test_without_a_cut_off_the_clinics_own_lowest_scores_are_weak_and_it_is_said() -> None:
    found = several([float(score) for score in np.linspace(2, 5, 13)])
    assert found.rules[0].points == pytest.approx(2.75)
    assert "the lowest 25% of the clinic's own 13 early scores; no cut-off is validated" in found.rules[0].because
    assert len(found.pairs) == 4
    few = several([1.0] * 9)
    assert (few.rules[0].points, few.pairs) == (None, ())
    assert "fewer than 10 scores" in few.rules[0].because


def test_an_instrument_with_a_cut_off_brings_it() -> None:
    found = several([36.0, 36.5], "SRS")
    assert [one.client_id for one in found.pairs] == ["c0"]
    assert "Duncan" in found.rules[0].because


def test_what_is_wrong_in_weak_is_told_at_once() -> None:
    toml = '[follow_up.weak]\n"WAI-SR" = 5\nSRSS = 3'
    with pytest.raises(DataFault) as caught:
        follow_up(opened(toml), met(score=3.0))
    assert "Write points from 1 to below 5." in str(caught.value)
    assert "Did you mean `SRS`?" in str(caught.value)


def test_missing_checks_are_counted_by_therapist_in_the_order_of_ids() -> None:
    rows: Cells = {"client_id": ["c0", "c1", "c2"], "therapist_id": ["t1", "t1", "t0"], "session": [3, 3, 3]}
    found = follow_up(opened(), clinic({"age": [30] * 4}, {"age": [40, 41]}, outcomes=rows))
    assert list(found.missing_by_therapist.items()) == [("t0", 1), ("t1", 2)]
    assert (found.done, found.due, found.elsewhere) == (0, 3, 0)


def test_whom_nobody_can_follow_up_is_counted() -> None:
    toml = '[waiting]\nwhere = { column = "age", from = 35 }'
    assert follow_up(opened(toml), clinic({"age": [30, 40]}, {"age": [40]})).elsewhere == 1


def changed(movers: int, stayers: int) -> RematchOutcomes:
    """Weak first scores of 2.0; movers then say 4.0 of another, stayers 3.0 later on."""
    rows: list[dict[str, Any]] = []
    for number in range(movers + stayers):
        one = {"client_id": f"c{number}", "instrument": "WAI-SR"}
        moves = number < movers
        rows.append(
            {**one, "therapist_id": "t0", "session": 3, "score": 2.0, "measured_on": pd.Timestamp("2026-01-05")}
        )
        rows.append({**one, "therapist_id": "t1" if moves else "t0", "session": 2 if moves else 8,
                     "score": 4.0 if moves else 3.0, "measured_on": pd.Timestamp("2026-03-05")})  # fmt: skip
    strong = {**rows[0], "client_id": f"c{movers + stayers}", "score": 5.0}  # is of no account, though it changes
    rows += [strong, {**strong, "therapist_id": "t1", "score": 1.0}]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    tables = clinic({"age": [30] * (movers + stayers + 1)}, {"age": [40, 41]}, outcomes=columns)
    return compute_rematch_outcomes(opened(WEAK), tables, 0.04)


def test_changes_are_told_beside_those_who_stayed_and_counted_only_below_ten() -> None:
    found = changed(10, 9)
    assert (found.moved.clients, found.moved.mean, found.moved.low) == (10, 2.0, 2.0)
    assert (found.stayed.clients, found.stayed.mean) == (9, None)
    assert changed(9, 10).stayed.mean == 1.0
    nobody = compute_rematch_outcomes(opened(WEAK), clinic({"age": [30]}, {"age": [40]}), 0.04)
    assert (nobody.moved.clients, nobody.stayed.clients) == (0, 0)
