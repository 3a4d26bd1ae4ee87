"""A waiting list placed: everyone accounted for, nothing forbidden made, and each reason true."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.data.clinic.tables import Tables
from attune_fit.data.faults import DataFault
from attune_fit.matching.assignment.assign import assign
from attune_fit.matching.assignment.assignment_result import Assignment
from attune_fit.matching.assignment.constraints import AssignmentConstraints
from attune_fit.matching.assignment.policies import POLICIES
from tests.matching.builders import busy, experienced, opened, published
from tests.strategies import clinic, clinics

NAMES = [policy.name for policy in POLICIES]


def placed(
    tables: Tables, policy: str = "balanced", toml: str = "", asked: AssignmentConstraints | None = None, seed: int = 0
) -> Assignment:
    """One placement by the published weights."""
    return assign(published(), opened(toml), tables, [policy], asked, seed)[0]


def who(made: Assignment) -> dict[str, str]:
    return {one.client_id: one.therapist_id for one in made.placed}


def with_room(tables: Tables, therapist: str, more: int = 1) -> Tables:
    """The same clinic with more openings at one therapist."""
    slots = tables.therapists["open_slots"].fillna(1) + more * (tables.therapists["therapist_id"] == therapist)
    return replace(tables, therapists=tables.therapists.assign(open_slots=slots))


@settings(deadline=None, max_examples=15)
@given(policy=st.sampled_from(NAMES), tables=clinics(wishes=4, conflicts=2, outcomes=1))
def test_everyone_who_waits_is_placed_or_told_why_not(policy: str, tables: Tables) -> None:
    made = placed(tables, policy)
    waits = set(tables.clients["client_id"]) - tables.met_client_ids
    assert sorted([*who(made), *(one.client_id for one in made.unplaced)]) == sorted(waits)
    assert all(one.why and all(change.says and change.therapists for change in one.changes) for one in made.unplaced)
    assert made.totals.placed == len(made.placed) <= made.totals.openings


@settings(deadline=None, max_examples=10)
@given(policy=st.sampled_from(NAMES), tables=clinics(wishes=4, conflicts=2))
def test_nobody_gets_more_clients_than_there_is_room_for_nor_one_a_rule_forbids(policy: str, tables: Tables) -> None:
    from attune_fit.matching.ranking.rank import rank

    made = placed(tables, policy)
    room = tables.therapists.set_index("therapist_id")["open_slots"].fillna(1)
    assert all(count <= room[therapist] for therapist, count in Counter(who(made).values()).items())
    for client, therapist in who(made).items():
        ranking = rank(published(), opened("[rules.open_slots]\non = false"), tables, client)
        assert therapist in {one.therapist_id for one in ranking.candidates}


@settings(deadline=None, max_examples=8)
@given(tables=clinics(wishes=4, conflicts=2), policy=st.sampled_from(NAMES[:3]))
def test_what_would_place_a_client_does(tables: Tables, policy: str) -> None:
    made = placed(tables, policy)
    for one in made.unplaced:
        for change in one.changes:
            if change.says == "one more opening, kept for this client":
                asked = AssignmentConstraints(pinned=[(one.client_id, change.therapists[0])], kept=who(made))
                again = placed(with_room(tables, change.therapists[0]), policy, asked=asked)
                assert who(again) == {**who(made), one.client_id: change.therapists[0]}


def test_a_client_no_rule_lets_be_placed_hears_which_and_what_would_lift_it() -> None:
    tables = clinic({"region": ["ca"]}, {"licensed_regions": ["ny", "ny"], "languages": [None, "spanish"]})
    (one,) = placed(tables).unplaced
    assert one.why == "Nobody may be offered; the rule that leaves most out: `region` (2 of 2)."
    assert [(change.says, change.therapists) for change in one.changes] == [
        ("a licence in the client's region", ("t0", "t1"))
    ]


def test_obstacles_are_all_named_and_the_fewest_are_chosen() -> None:
    tables = clinic(
        {"region": ["ca"], "formats": ["video"]},
        {"licensed_regions": ["ny", "ny"], "formats": ["video", "group"], "open_slots": [0, 1]},
    )
    (one,) = placed(tables).unplaced
    assert {change.says: change.therapists for change in one.changes} == {
        "a licence in the client's region and one more opening, kept for this client": ("t0",),
        "a licence in the client's region and a session format in common": ("t1",),
    }


def test_a_cell_that_is_not_known_is_asked_for() -> None:
    tables = clinic({"region": ["ca"]}, {"licensed_regions": [None, "ny"], "open_slots": [1, 0]})
    (one,) = placed(tables).unplaced
    assert one.changes[0].says == "`clients.region` or `therapists.licensed_regions` filled in"


@pytest.mark.parametrize("policy", NAMES)
def test_pins_and_refusals_are_respected(policy: str) -> None:
    some = placed(busy(), policy).placed[0]
    pair = (some.client_id, some.therapist_id)
    without = placed(busy(), policy, asked=AssignmentConstraints(refused=[pair]))
    assert pair not in who(without).items()
    again = placed(busy(), policy, asked=AssignmentConstraints(pinned=[pair]))
    assert pair in who(again).items()
    assert [one.client_id for one in again.placed if one.pinned] == [some.client_id]


def test_whoever_was_refused_everywhere_hears_it() -> None:
    tables = clinic({"age": [30]}, {"age": [40]})
    (one,) = placed(tables, asked=AssignmentConstraints(refused=[("c0", "t0")])).unplaced
    assert one.why == "Whoever is on the client's list was refused."
    assert one.changes[0].says == "the refusal taken back"


def test_every_pin_that_cannot_be_made_is_told_at_once() -> None:
    tables = clinic(
        {"region": ["ca", "ny", "ny"]}, {"licensed_regions": ["ny", "ny"], "open_slots": [1, 1]}, [], None, None
    )
    asked = AssignmentConstraints(
        pinned=[("c0", "t0"), ("c1", "t0"), ("c2", "t0"), ("c2", "t1")], refused=[("c1", "t0")]
    )
    with pytest.raises(DataFault) as caught:
        placed(tables, asked=asked)
    said = str(caught.value)
    assert "c0 with t0: not licensed in the client's region (rule `region`)" in said
    assert "c1 with t0 is pinned and refused" in said
    assert "c2 is pinned to two therapists" in said
    assert "2 pinned to t0, who has room for 1" in said


def test_ids_that_nobody_has_are_told_with_the_closest() -> None:
    with pytest.raises(DataFault, match=r"(?s)nobody who waits has the id `c9`.*no therapist has the id `t9`"):
        placed(
            clinic({"age": [30]}, {"age": [40]}),
            asked=AssignmentConstraints(pinned=[("c9", "t0")], refused=[("c0", "t9")]),
        )


@pytest.mark.parametrize("policy", NAMES)
def test_nobody_is_moved_where_nothing_changed(policy: str) -> None:
    before = who(placed(busy(), policy))
    again = placed(busy(), "balanced", asked=AssignmentConstraints(kept=before), seed=1)
    assert before.items() <= who(again).items()
    assert again.totals.moved == 0


def test_who_waits_longest_is_placed_where_there_is_not_room_for_all() -> None:
    days = [pd.Timestamp("2026-06-01"), pd.Timestamp("2025-06-01"), pd.Timestamp("2026-06-10")]
    tables = clinic({"referred_on": days}, {"open_slots": [1]})
    for policy in NAMES:
        assert list(who(placed(tables, policy))) == ["c1"]


def test_a_clients_own_level_never_decides_who_is_placed() -> None:
    tables = clinic({"attachment_avoidance": [7.0, 1.0], "outcome_expectancy": [0.0, 1.0]}, {"open_slots": [1]})
    served = Counter(next(iter(who(placed(tables, "alliance-first", seed=seed)))) for seed in range(16))
    assert len(served) == 2
    assert min(served.values()) > 2


@pytest.mark.parametrize(
    ("toml", "client"),
    [
        ("", "c1"),
        ("[assign]\nwait = 0", "c0"),
        ("[assign]\nwait = 0\nwish = 50", "c2"),
        ('[assign]\nurgency_column = "phq9"', "c0"),
        ('[assign]\nurgency_column = "phq9"\nurgency = 0', "c1"),
        ("[assign]\noverdue_weeks = 1\nwait = 0", "c1"),
    ],
)
def test_every_weight_can_decide(toml: str, client: str) -> None:
    days = [pd.Timestamp("2026-06-14"), pd.Timestamp("2026-05-01"), pd.Timestamp("2026-06-14")]
    tables = clinic(
        {"referred_on": days, "phq9": [20.0, 2.0, 2.0], "presenting_problems": ["grief", "stress", "stress"]},
        {"open_slots": [1], "specialties": ["grief"], "gender": ["f"], "years_experience": [5.0]},
        [(2, "years_experience", ">=1", "prefer")],
    )
    assert list(who(placed(tables, "balanced", toml))) == [client]


def test_room_of_a_therapist_who_states_none_is_what_the_clinic_says() -> None:
    tables = clinic({"age": [30, 31, 32]}, {"age": [40, 41], "open_slots": [None, 0]})
    assert placed(tables).totals.placed == 1
    assert any(note.startswith("1 therapist states no `open_slots`") for note in placed(tables).notes)
    assert placed(tables, toml="[assign]\nunknown_slots = 3").totals.placed == 3


def test_no_therapist_gets_more_at_once_than_the_clinic_allows() -> None:
    tables = clinic({"age": [30, 31, 32]}, {"age": [40, 41], "open_slots": [3, 3]})
    assert placed(tables, toml="[assign]\nmost_each = 1").totals.load == 1


def test_wishes_come_first_where_the_policy_says_so() -> None:
    tables = clinic(
        {"age": [30.0, 30.0]},
        {"open_slots": [1, 1], "interpersonal_skill": [5.0, 1.0], "years_experience": [1.0, 20.0]},
        [(0, "years_experience", ">=10", "prefer"), (1, "years_experience", ">=0", "prefer")],
    )
    assert who(placed(tables, "wishes-first")) == {"c0": "t1", "c1": "t0"}


def test_names_and_the_order_of_rows_change_nothing() -> None:
    from attune_fit.data.clinic.tables import sort_canonically

    tables = sort_canonically(busy())
    renamed = {name: f"z{number:03}" for number, name in enumerate(sorted(tables.clients["client_id"], reverse=True))}
    other = replace(
        tables,
        clients=tables.clients.assign(client_id=tables.clients["client_id"].map(renamed)),
        preferences=tables.preferences.assign(client_id=tables.preferences["client_id"].map(renamed)),
        outcomes=tables.outcomes.assign(client_id=tables.outcomes["client_id"].map(renamed)),
        conflicts=tables.conflicts.assign(client_id=tables.conflicts["client_id"].map(renamed)),
        met_client_ids=frozenset(renamed[one] for one in tables.met_client_ids),
    )
    for policy in NAMES:
        one, two = placed(tables, policy), placed(sort_canonically(other), policy)
        assert {renamed[client]: therapist for client, therapist in who(one).items()} == who(two)


def test_an_assignment_reads_back_from_its_json_and_its_rows() -> None:
    made = assign(experienced(), opened(), busy(), ["balanced"])[0]
    assert made.to_dict()["totals"]["placed"] == len(made.placed) > 0
    rows = made.to_frame()
    assert len(rows) == made.totals.waiting
    assert rows["status"].value_counts()["placed"] == len(made.placed)
    assert made.to_json() == assign(experienced(), opened(), busy(), ["balanced"])[0].to_json()


def test_an_unknown_policy_is_told_with_those_there_are() -> None:
    with pytest.raises(DataFault, match=r"no policy is called `fair`.*`balanced`"):
        placed(busy(), "fair")


def test_what_clinic_toml_says_of_placing_is_checked_with_all_else() -> None:
    from attune_fit.config_checks import find_config_faults

    found = find_config_faults(opened('[assign]\npolicy = "fair"\nurgency_column = "urgent"'), busy())
    assert [fault.says for fault in found] == ["no policy is called `fair`", "clients has no column `urgent`"]
    (fault,) = find_config_faults(opened('[assign]\nurgency_column = "gender"'), busy())
    assert fault.says == "`gender` does not hold numbers"


def test_whoever_had_a_therapist_has_one_again_where_that_can_be() -> None:
    tables = clinic(
        {"region": ["ca", "ca", "ca"], "referred_on": [pd.Timestamp("2026-06-10")] * 2 + [pd.Timestamp("2026-01-01")]},
        {"licensed_regions": ["ca", "ca"], "open_slots": [1, 1]},
    )
    asked = AssignmentConstraints(refused=[("c0", "t0")], kept={"c0": "t0", "c1": "t1"})
    made = placed(tables, asked=asked)
    assert who(made) == {"c0": "t1", "c1": "t0"}
    assert (made.totals.moved, made.totals.lost) == (2, 0)
    made = placed(replace(tables, therapists=tables.therapists.assign(open_slots=[1.0, 0.0])), asked=asked)
    assert who(made) == {"c1": "t0"}
    assert [one.client_id for one in made.unplaced if one.lost] == ["c0"]


def test_openings_that_serve_nobody_are_told_with_the_rule_in_the_way() -> None:
    old = [pd.Timestamp("2026-06-01"), pd.Timestamp("2024-06-01")]
    made = placed(clinic({"age": [30, 31]}, {"open_slots": [1, 3], "updated_on": old}))
    assert made.notes[0].startswith("3 of the 4 openings serve nobody: 1 of the therapists")
    assert "`roster_age`" in made.notes[0]
    (one,) = made.unplaced
    assert "the roster row checked again and `updated_on` renewed" in {change.says for change in one.changes}


def test_an_unknown_wait_is_told_as_unknown() -> None:
    made = placed(clinic({"age": [30, 31]}, {"open_slots": [1]}))
    assert made.placed[0].weeks is None
    assert (made.totals.weeks, made.totals.longest) == (None, None)
    assert "No client has a `referred_on`: nobody's wait counts." in made.notes


def test_a_kept_pair_that_is_no_more_is_noted() -> None:
    made = placed(clinic({"age": [30]}, {"age": [40]}), asked=AssignmentConstraints(kept={"c9": "t0", "c0": "t9"}))
    assert "2 of the placement to keep to wait no longer, or their therapist has left." in made.notes


def test_whatever_clinic_toml_says_of_a_placement_is_in_its_digest() -> None:
    tables, where = clinic({"age": [30]}, {"age": [40]}), '[waiting.where]\ncolumn = "age"\nfrom = 18'
    said = ["", "[assign]\nwait = 2", "[assign]\noverdue_weeks = 3", where, "[settings]\nband = 0.7"]
    assert len({placed(tables, toml=toml).rules for toml in said}) == len(said)
    assert placed(tables).rules == placed(tables).rules
