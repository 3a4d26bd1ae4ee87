"""Follow-up: flags of pairs that met, the cut-off for a weak alliance, and outcomes of rematches."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attune_fit.data.clinic.pair_states import Offer, Pair, PairStates
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.matching.follow_up.alliance_flags import FLAGS, URGENCY_RULE, Flag
from attune_fit.matching.follow_up.follow_up import FollowUpReport, follow_up
from attune_fit.matching.follow_up.rematch_outcomes import RematchOutcomes, compute_rematch_outcomes
from tests.fault_descriptions import raises_faults
from tests.matching.builders import opened
from tests.strategies import AS_OF, Cells, clinic

WEAK = '[follow_up.weak]\n"WAI-SR" = 3.0'


def build_pair(**row: Any) -> Tables:
    """Return a clinic of one client and one therapist, with one row in `outcomes`."""
    cells = {"client_id": "c0", "therapist_id": "t0", "instrument": "WAI-SR", "rater": "client", **row}
    if "ago" in cells:
        cells["measured_on"] = pd.Timestamp(AS_OF - dt.timedelta(days=cells.pop("ago")))
    return clinic({"age": [30]}, {"age": [40]}, outcomes={name: [cell] for name, cell in cells.items()})


def flags(tables: Tables, toml: str = WEAK) -> list[str]:
    return [flag for one in follow_up(opened(toml), tables).pairs for flag in one.flags]


# For each flag: a pair that has it, and a pair that just misses it.
PAIRS: dict[str, tuple[Tables, Tables]] = {
    "weak": (build_pair(score=3.0, session=3), build_pair(score=3.1, session=3)),
    "missing": (build_pair(session=3), build_pair(session=2)),
    "due": (build_pair(session=2, ago=27), build_pair(session=2, ago=28)),
    "dropped_out": (build_pair(session=1, dropped_out="yes"), build_pair(session=1, dropped_out="no")),
}


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.name)
def test_a_flag_is_set_where_it_is_true_and_only_there(flag: Flag) -> None:
    has, has_not = PAIRS[flag.name]
    assert flags(has) == [flag.name]
    assert flag.name not in flags(has_not)


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.name)
def test_a_flag_is_readable_and_cites_its_sources(flag: Flag) -> None:
    assert flag.description[0].islower()
    assert not flag.action.endswith(".")
    assert flag.summary.endswith(".")
    assert " = " not in flag.summary
    for key in flag.sources:
        assert f"{{{key}}}" in flag.evidence_template
        assert read_published_statistics()[key].cite not in flag.summary
        assert read_published_statistics()[key].mark != "assumed"
        assert f"{read_published_statistics()[key].cite} ({read_published_statistics()[key].mark})" in flag.evidence


def test_every_flag_has_its_pairs() -> None:
    assert set(PAIRS) == {flag.name for flag in FLAGS}


def test_only_the_clients_own_rating_is_a_score() -> None:
    assert flags(build_pair(score=1.0, session=3, rater="therapist")) == ["missing"]


def test_a_client_who_left_early_has_only_that_flag() -> None:
    assert flags(build_pair(score=1.0, session=3, dropped_out="yes")) == ["dropped_out"]
    assert flags(build_pair(session=1)) == ["due"]


ENDED = PairStates(ended=frozenset({Pair("c0", "t0")}))


def test_a_pair_that_ended_has_no_check_and_no_alliance_to_talk_about_and_stays_left_early() -> None:
    for pair in (build_pair(session=3), build_pair(session=1, ago=1)):
        assert flags(pair) != []
        found = follow_up(opened(WEAK), replace(pair, pair_states=ENDED))
        assert (found.pairs, found.done, found.due, found.missing_clients) == ((), 0, 0, ())
        assert found.missing_by_therapist == {}
    weak = build_pair(score=3.0, session=3)
    assert (flags(weak), flags(replace(weak, pair_states=ENDED))) == (["weak"], [])
    assert flags(replace(build_pair(session=1, dropped_out="yes"), pair_states=ENDED)) == ["dropped_out"]
    assert follow_up(opened(WEAK), replace(build_pair(score=4.0, session=3), pair_states=ENDED)).done == 1
    other = PairStates(ended=frozenset({Pair("c0", "t1")}))
    assert flags(replace(build_pair(session=3), pair_states=other)) == ["missing"]


def test_pairs_of_long_ago_are_counted_and_not_flagged() -> None:
    found = follow_up(opened(WEAK), build_pair(session=3, ago=91))
    assert (found.pairs, found.done, found.due) == ((), 0, 1)
    assert found.missing_clients == ("c0",)
    assert flags(build_pair(session=3, ago=90)) == ["missing"]


def test_a_date_in_the_future_counts_as_unknown() -> None:
    assert follow_up(opened(WEAK), build_pair(session=3, ago=-5)).pairs[0].days is None


def test_a_client_with_a_second_therapist_is_not_flagged_for_the_first() -> None:
    days = [pd.Timestamp(AS_OF - dt.timedelta(days=ago)) for ago in (40, 10)]
    rows: Cells = {"client_id": ["c0", "c0"], "therapist_id": ["t0", "t1"], "session": [3, 1], "measured_on": days}
    found = follow_up(opened(), clinic({"age": [30]}, {"age": [40, 41]}, outcomes=rows))
    assert [(one.therapist_id, one.flags) for one in found.pairs] == [("t1", ("due",))]


def test_every_knob_turns() -> None:
    assert flags(build_pair(session=3), WEAK + "\n[follow_up]\nsession = 4") == ["due"]
    assert flags(build_pair(session=1, ago=20), WEAK + "\n[follow_up]\ndays = 20") == ["missing"]
    assert flags(build_pair(session=3, ago=100), WEAK + "\n[follow_up]\nrecent = 100") == ["missing"]
    assert flags(build_pair(score=3.0, session=3), WEAK.replace("3.0", "2.9")) == []


def follow_up_scores(scores: list[float], instrument: str = "WAI-SR") -> FollowUpReport:
    clients = [f"c{row}" for row in range(len(scores))]
    rows: Cells = {"client_id": clients, "therapist_id": ["t0"] * len(scores), "instrument": [instrument] * len(scores),
            "score": scores}  # fmt: skip
    toml = "[follow_up]\nlowest = 0.25"
    return follow_up(opened(toml), clinic({"age": [30] * len(scores)}, {"age": [40]}, outcomes=rows))


def test_without_a_cut_off_the_clinics_own_lowest_scores_are_weak_and_the_source_is_stated() -> None:
    found = follow_up_scores([float(score) for score in np.linspace(2, 5, 13)])
    assert found.rules[0].points == pytest.approx(2.75)
    assert "the lowest 25% of the clinic's own 13 early scores; no cut-off is validated" in found.rules[0].because
    assert len(found.pairs) == 4
    few = follow_up_scores([1.0] * 9)
    assert (few.rules[0].points, few.pairs) == (None, ())
    assert "fewer than 10 scores" in few.rules[0].because


def test_the_cut_off_of_an_instrument_is_used() -> None:
    found = follow_up_scores([36.0, 36.5], "SRS")
    assert [one.client_id for one in found.pairs] == ["c0"]
    assert "Duncan" in found.rules[0].because


def test_all_faults_of_weak_are_reported_at_once() -> None:
    toml = '[follow_up.weak]\n"WAI-SR" = 5\nSRSS = 3'
    with raises_faults(
        "clinic.toml, follow_up.weak.SRSS: unknown-instrument (Did you mean `SRS`? Known: `WAI-SR`, `WAI-S`, "
        "`SRS`, and more.)",
        "clinic.toml, follow_up.weak.WAI-SR: cutoff-out-of-range (WAI-SR, 1, 5)",
    ):
        follow_up(opened(toml), build_pair(score=3.0))


def test_missing_checks_are_counted_by_therapist_in_the_order_of_ids() -> None:
    rows: Cells = {"client_id": ["c0", "c1", "c2"], "therapist_id": ["t1", "t1", "t0"], "session": [3, 3, 3]}
    found = follow_up(opened(), clinic({"age": [30] * 4}, {"age": [40, 41]}, outcomes=rows))
    assert list(found.missing_by_therapist.items()) == [("t0", 1), ("t1", 2)]
    assert (found.done, found.due, found.elsewhere) == (0, 3, 0)


def build_urgent_pairs() -> Tables:
    """Return one pair for each place in the order of urgency; the row and the id of a client show no order."""
    rows: list[dict[str, Any]] = [
        {"client": "due", "session": 1, "ago": 20},
        {"client": "overdue 40", "session": 3, "ago": 40},
        {"client": "overdue ?", "session": 3},
        {"client": "overdue 60", "session": 1, "ago": 60},
        {"client": "left 70", "session": 1, "ago": 70, "dropped_out": "yes"},
        {"client": "left 50", "session": 1, "ago": 50, "dropped_out": "yes", "score": 1.5},
        {"client": "weak 2.9", "session": 3, "ago": 60, "score": 2.9},
        {"client": "weak 2.0, rose", "session": 3, "ago": 60, "score": 2.0},
        {"client": "weak 2.0, rose", "session": 9, "ago": 10, "score": 3.0},
        {"client": "weak 2.5, fell", "session": 3, "ago": 60, "score": 2.5},
        {"client": "weak 2.5, fell", "session": 9, "ago": 10, "score": 2.25},
        {"client": "weak 2.8, fell more", "session": 3, "ago": 60, "score": 2.8},
        {"client": "weak 2.8, fell more", "session": 9, "ago": 10, "score": 1.8},
    ]
    ids = list(dict.fromkeys(row["client"] for row in rows))
    outcomes: Cells = {
        "client_id": [f"c{ids.index(row['client'])}" for row in rows],
        "therapist_id": ["t0"] * len(rows),
        "instrument": ["WAI-SR"] * len(rows),
        "rater": ["client"] * len(rows),
        "session": [row["session"] for row in rows],
        "score": [row.get("score") for row in rows],
        "dropped_out": [row.get("dropped_out") for row in rows],
        "measured_on": [pd.Timestamp(AS_OF - dt.timedelta(days=row["ago"])) if "ago" in row else None for row in rows],
    }
    return clinic({"age": [30] * len(ids), "religion": ids}, {"age": [40]}, outcomes=outcomes)


def test_the_most_urgent_comes_first() -> None:
    tables = build_urgent_pairs()
    names = dict(zip(tables.clients["client_id"], tables.clients["religion"], strict=True))
    pairs = follow_up(opened(WEAK), tables).pairs
    assert [names[pair.client_id] for pair in pairs] == [
        "weak 2.8, fell more",
        "weak 2.5, fell",
        "weak 2.0, rose",
        "weak 2.9",
        "left 50",
        "left 70",
        "overdue 60",
        "overdue 40",
        "overdue ?",
        "due",
    ]
    assert [pair.later_change for pair in pairs[:4]] == [-1.0, -0.25, 1.0, None]


def test_the_rule_of_urgency_names_every_flag_in_the_order_of_the_table() -> None:
    words = {"weak": "weak alliance", "dropped_out": "left early", "missing": "check overdue", "due": "check due"}
    places = [URGENCY_RULE.index(words[flag.name]) for flag in FLAGS]
    assert places == sorted(places)


def test_clients_without_a_record_who_are_not_waiting_are_counted() -> None:
    toml = '[waiting]\nwhere = { column = "age", from = 35 }'
    assert follow_up(opened(toml), clinic({"age": [30, 40]}, {"age": [40]})).elsewhere == 1


def test_a_client_with_an_offer_is_followed_up_by_it_and_not_counted_as_elsewhere() -> None:
    toml, tables = '[waiting]\nwhere = { column = "age", from = 35 }', clinic({"age": [30, 40, 40]}, {"age": [40]})
    offers = tuple(Offer(client_id, "t0", "accepted", None) for client_id in ("c0", "c1", "no longer in the tables"))
    assert follow_up(opened(toml), tables).elsewhere == 1
    assert follow_up(opened(toml), replace(tables, pair_states=PairStates(offers=offers))).elsewhere == 0
    assert follow_up(opened(toml), replace(tables, pair_states=PairStates(offers=offers[1:]))).elsewhere == 1
    assert follow_up(opened(toml), replace(tables, pair_states=PairStates(withdrawn=frozenset({"c0"})))).elsewhere == 0


def compute_outcomes(movers: int, stayers: int) -> RematchOutcomes:
    """Return outcomes of weak first scores (2.0): movers then rate another therapist 4.0, stayers rate 3.0 later."""
    rows: list[dict[str, Any]] = []
    for number in range(movers + stayers):
        one = {"client_id": f"c{number}", "instrument": "WAI-SR"}
        moves = number < movers
        rows.append(
            {**one, "therapist_id": "t0", "session": 3, "score": 2.0, "measured_on": pd.Timestamp("2026-01-05")}
        )
        rows.append({**one, "therapist_id": "t1" if moves else "t0", "session": 2 if moves else 8,
                     "score": 4.0 if moves else 3.0, "measured_on": pd.Timestamp("2026-03-05")})  # fmt: skip
    # The last client does not count, because the first score is not weak.
    strong = {**rows[0], "client_id": f"c{movers + stayers}", "score": 5.0}
    rows += [strong, {**strong, "therapist_id": "t1", "score": 1.0}]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    tables = clinic({"age": [30] * (movers + stayers + 1)}, {"age": [40, 41]}, outcomes=columns)
    return compute_rematch_outcomes(opened(WEAK), tables)


def test_mean_changes_are_hidden_for_groups_under_ten() -> None:
    found = compute_outcomes(10, 9)
    assert (found.moved.clients, found.moved.mean, found.moved.low) == (10, 2.0, 2.0)
    assert (found.stayed.clients, found.stayed.mean) == (9, None)
    assert compute_outcomes(9, 10).stayed.mean == 1.0
    empty = compute_rematch_outcomes(opened(WEAK), clinic({"age": [30]}, {"age": [40]}))
    assert (empty.moved.clients, empty.stayed.clients) == (0, 0)


def test_a_follow_up_of_one_therapist_has_own_pairs_and_the_cut_offs_of_the_clinic() -> None:
    outcomes: Cells = {
        "client_id": ["c0", "c1"], "therapist_id": ["t0", "t1"], "session": [3, 3], "score": [2.0, None],
        "instrument": ["WAI-SR"] * 2, "rater": ["client"] * 2,
    }  # fmt: skip
    tables = clinic({"age": [30, 30]}, {"age": [40, 40]}, outcomes=outcomes)
    whole, own = follow_up(opened(WEAK), tables), follow_up(opened(WEAK), tables, "t1")
    assert [(one.client_id, one.flags) for one in own.pairs] == [("c1", ("missing",))]
    assert (own.done, own.due, own.missing_clients, own.elsewhere) == (0, 1, ("c1",), 0)
    assert own.rules == whole.rules
    with raises_faults("therapists, therapist_id: id-not-found (nowhere)"):
        follow_up(opened(WEAK), tables, "nowhere")


def test_a_follow_up_of_one_client_has_old_pairs_too() -> None:
    old = build_pair(score=3.0, session=3, ago=91)
    assert follow_up(opened(WEAK), old).pairs == ()
    (pair,) = follow_up(opened(WEAK), old, client_id="c0").pairs
    assert (pair.flags, pair.days) == (("weak",), 91)
    with raises_faults("clients, client_id: id-not-found (nowhere)"):
        follow_up(opened(WEAK), old, client_id="nowhere")
