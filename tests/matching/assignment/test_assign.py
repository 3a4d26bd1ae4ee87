"""An assignment accounts for every waiting client, breaks no rule, and gives true reasons."""

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
from attune_fit.matching.ranking.scored_roster import RosterScorer
from tests.fault_descriptions import raises_faults
from tests.matching.builders import busy, experienced, opened, published
from tests.strategies import clinic, clinics

NAMES = [policy.name for policy in POLICIES]


def placed(
    tables: Tables,
    policy: str = "balanced",
    toml: str = "",
    constraints: AssignmentConstraints | None = None,
    seed: int = 0,
) -> Assignment:
    """Return one assignment by the published weights."""
    return assign(RosterScorer.from_clinic(published(), opened(toml), tables, seed), [policy], constraints)[0]


def who(assignment: Assignment) -> dict[str, str]:
    return {one.client_id: one.therapist_id for one in assignment.placed}


def with_room(tables: Tables, therapist: str, more: int = 1) -> Tables:
    """Return the same clinic with more openings at one therapist."""
    slots = tables.therapists["open_slots"].fillna(1) + more * (tables.therapists["therapist_id"] == therapist)
    return replace(tables, therapists=tables.therapists.assign(open_slots=slots))


@settings(deadline=None, max_examples=15)
@given(policy=st.sampled_from(NAMES), tables=clinics(wishes=4, conflicts=2, outcomes=1, states=3))
def test_every_waiting_client_is_assigned_or_has_a_reason(policy: str, tables: Tables) -> None:
    assignment = placed(tables, policy)
    waits = set(tables.clients["client_id"]) - tables.met_client_ids - {one[0] for one in tables.pair_states.offers}
    assert sorted([*who(assignment), *(one.client_id for one in assignment.unplaced)]) == sorted(waits)
    assert all(
        one.why and all(change.says and change.therapists for change in one.changes) for one in assignment.unplaced
    )
    assert assignment.totals.placed == len(assignment.placed) <= assignment.totals.openings


@settings(deadline=None, max_examples=10)
@given(policy=st.sampled_from(NAMES), tables=clinics(wishes=4, conflicts=2, states=3))
def test_no_therapist_gets_more_clients_than_open_slots_nor_one_a_rule_excludes(policy: str, tables: Tables) -> None:
    from attune_fit.matching.ranking.rank import rank

    assignment = placed(tables, policy)
    room = tables.therapists.set_index("therapist_id")["open_slots"].fillna(1)
    held = Counter(offer.therapist_id for offer in tables.pair_states.offers)
    for therapist, count in Counter(who(assignment).values()).items():
        assert count <= room[therapist] - held[therapist]
    for client, therapist in who(assignment).items():
        ranking = rank(RosterScorer.from_clinic(published(), opened("[rules.open_slots]\non = false"), tables), client)
        assert therapist in {one.therapist_id for one in ranking.candidates}


def check_places(tables: Tables, policy: str) -> int:
    """Compare every place with the client's own ranking; return how many lists leave out a therapist who is full."""
    from attune_fit.matching.ranking.rank import rank

    assignment, scorer = placed(tables, policy), RosterScorer.from_clinic(published(), opened(), tables)
    for pair in assignment.placed:
        places = {one.therapist_id: one.position for one in rank(scorer, pair.client_id).candidates}
        assert (pair.place, pair.available) == (places[pair.therapist_id], len(places))
    for client in assignment.unplaced:
        assert client.available == len(rank(scorer, client.client_id).candidates)
    return sum(one.available < one.candidates for one in assignment.placed)


@settings(deadline=None, max_examples=10)
@given(policy=st.sampled_from(NAMES), tables=clinics(wishes=4, conflicts=2, states=3))
def test_places_are_those_of_the_clients_own_ranking(policy: str, tables: Tables) -> None:
    check_places(tables, policy)


@pytest.mark.parametrize("policy", ["balanced", "first-come"])
def test_places_are_those_of_the_ranking_in_a_clinic_with_full_therapists(policy: str) -> None:
    tables = busy()
    assert check_places(replace(tables, outcomes=tables.outcomes.head(0), met_client_ids=frozenset()), policy) > 5


def test_a_full_therapist_takes_no_place_on_the_list() -> None:
    """The full one scores highest and would lead the first band, with another therapist in it."""
    tables = clinic({"age": [30]}, {"interpersonal_skill": [4.9, 4.0, 2.0], "open_slots": [0, 1, 1]})
    (one,) = placed(tables).placed
    assert (one.therapist_id, one.place, one.available, one.candidates) == ("t1", 1, 2, 3)


def test_a_therapist_off_the_list_has_a_place_after_it() -> None:
    """The clinic's rule excludes unknown openings; its assignment counts them as one."""
    tables = clinic({"age": [30, 30]}, {"interpersonal_skill": [4.9, 2.0], "open_slots": [None, 1]})
    assignment = placed(tables, "first-come", '[rules.open_slots]\nunknown = "exclude"')
    places = {one.therapist_id: (one.place, one.available) for one in assignment.placed}
    assert places == {"t0": (2, 1), "t1": (1, 1)}


@settings(deadline=None, max_examples=8)
@given(tables=clinics(wishes=4, conflicts=2), policy=st.sampled_from(NAMES[:3]))
def test_a_required_change_assigns_the_client_when_made(tables: Tables, policy: str) -> None:
    assignment = placed(tables, policy)
    for one in assignment.unplaced:
        for change in one.changes:
            if change.says == "one more opening, kept for this client":
                constraints = AssignmentConstraints(
                    pinned=[(one.client_id, change.therapists[0])], kept=who(assignment)
                )
                again = placed(with_room(tables, change.therapists[0]), policy, constraints=constraints)
                assert who(again) == {**who(assignment), one.client_id: change.therapists[0]}


def test_the_reason_names_the_rule_that_excludes_most_and_what_would_lift_it() -> None:
    tables = clinic({"region": ["ca"]}, {"licensed_regions": ["ny", "ny"], "languages": [None, "spanish"]})
    (one,) = placed(tables).unplaced
    assert one.why == (
        "0 available: no therapist fits, with or without an opening. The rule `region` rules out the most: 2 of 2."
    )
    assert [(change.says, change.therapists) for change in one.changes] == [
        ("a licence in the client's region", ("t0", "t1"))
    ]


def test_all_obstacles_are_named_for_the_therapists_with_the_fewest() -> None:
    tables = clinic(
        {"region": ["ca"], "formats": ["video"]},
        {"licensed_regions": ["ny", "ny"], "formats": ["video", "group"], "open_slots": [0, 1]},
    )
    (one,) = placed(tables).unplaced
    assert {change.says: change.therapists for change in one.changes} == {
        "a licence in the client's region and one more opening, kept for this client": ("t0",),
        "a licence in the client's region and a session format in common": ("t1",),
    }


def test_an_unknown_cell_is_to_be_filled_in() -> None:
    tables = clinic({"region": ["ca"]}, {"licensed_regions": [None, "ny"], "open_slots": [1, 0]})
    (one,) = placed(tables).unplaced
    assert one.changes[0].says == "`clients.region` or `therapists.licensed_regions` filled in"


@pytest.mark.parametrize("policy", NAMES)
def test_pins_and_refusals_are_respected(policy: str) -> None:
    some = placed(busy(), policy).placed[0]
    pair = (some.client_id, some.therapist_id)
    without = placed(busy(), policy, constraints=AssignmentConstraints(refused=[pair]))
    assert pair not in who(without).items()
    again = placed(busy(), policy, constraints=AssignmentConstraints(pinned=[pair]))
    assert pair in who(again).items()
    assert [one.client_id for one in again.placed if one.pinned] == [some.client_id]


def test_a_client_whose_every_therapist_is_refused_has_that_reason() -> None:
    tables = clinic({"age": [30]}, {"age": [40]})
    (one,) = placed(tables, constraints=AssignmentConstraints(refused=[("c0", "t0")])).unplaced
    assert one.why == "The coordinator refused every therapist on the client's list."
    assert one.changes[0].says == "the refusal withdrawn"


def test_every_impossible_pin_is_reported_at_once() -> None:
    tables = clinic(
        {"region": ["ca", "ny", "ny"]}, {"licensed_regions": ["ny", "ny"], "open_slots": [1, 1]}, [], None, None
    )
    constraints = AssignmentConstraints(
        pinned=[("c0", "t0"), ("c1", "t0"), ("c2", "t0"), ("c2", "t1")], refused=[("c1", "t0")]
    )
    with raises_faults(
        "--pin: pins-over-capacity (2, t0, 1)",
        "--pin: pin-not-possible (c0 with t0, not licensed in the client's region, region)",
        "--pin: pinned-and-refused (c1 with t0)",
        "--pin: pinned-twice (c2)",
    ):
        placed(tables, constraints=constraints)


def test_unknown_ids_are_reported() -> None:
    with raises_faults(
        "--pin: client-not-found (c00, `c0`)",
        "--refuse: therapist-not-on-roster (x)",
    ):
        placed(
            clinic({"age": [30]}, {"age": [40]}),
            constraints=AssignmentConstraints(pinned=[("c00", "t0")], refused=[("c0", "x")]),
        )


def test_a_pin_of_a_client_who_does_not_wait_gives_the_reason() -> None:
    tables = clinic({"age": [30, 31]}, {"age": [40]})
    with pytest.raises(DataFault, match=r"client `c1` is not waiting \(has met a therapist\)"):
        placed(
            replace(tables, met_client_ids=frozenset({"c1"})), constraints=AssignmentConstraints(pinned=[("c1", "t0")])
        )


def test_who_got_the_openings_is_named_for_each_client_who_waits() -> None:
    tables = clinic(
        {"age": [30, 31], "region": ["ca", "ny"]}, {"licensed_regions": ["ca", "ny|ca"], "open_slots": [0, 1]}
    )
    assignment = placed(tables, constraints=AssignmentConstraints(pinned=[("c1", "t1")]))
    (one,) = assignment.unplaced
    assert (one.client_id, one.candidates, one.available) == ("c0", 2, 1)
    assert [(taken.therapist_id, taken.client_ids) for taken in one.taken] == [("t1", ("c1",))]
    assert one.why == "Other clients got the openings of all available therapists."
    assert assignment.to_frame().set_index("client_id")["taken"]["c0"] == "t1: c1"
    swapped = placed(tables, constraints=AssignmentConstraints(pinned=[("c0", "t1")]))
    assert who(swapped) == {"c0": "t1"}


def test_a_client_whose_every_therapist_was_full_has_that_reason() -> None:
    (one,) = placed(clinic({"age": [30]}, {"open_slots": [0]})).unplaced
    assert (one.candidates, one.available, one.taken) == (1, 0, ())
    assert one.why == "0 available: each therapist who fits was already full."


def test_new_columns_of_the_table_are_at_its_end() -> None:
    columns = list(placed(busy()).to_frame())
    assert columns[:2] + columns[-4:] == ["client_id", "status", "lost", "kept", "available", "taken"]


def test_the_result_names_the_refused_pairs_and_counts_the_kept_ones() -> None:
    before = placed(busy())
    pair = (before.placed[0].client_id, before.placed[0].therapist_id)
    after = placed(busy(), constraints=AssignmentConstraints(refused=[pair], kept=who(before)))
    assert after.refused == (pair,)
    same = sum(who(before).get(client) == therapist for client, therapist in who(after).items())
    assert after.totals.kept == sum(one.kept for one in after.placed) == same
    assert after.totals.kept + after.totals.moved + after.totals.lost == len(before.placed)


@pytest.mark.parametrize("policy", NAMES)
def test_no_client_is_moved_where_nothing_changed(policy: str) -> None:
    before = who(placed(busy(), policy))
    again = placed(busy(), "balanced", constraints=AssignmentConstraints(kept=before), seed=1)
    assert before.items() <= who(again).items()
    assert again.totals.moved == 0


def test_the_longest_wait_is_assigned_where_slots_are_short() -> None:
    days = [pd.Timestamp("2026-06-01"), pd.Timestamp("2025-06-01"), pd.Timestamp("2026-06-10")]
    tables = clinic({"referred_on": days}, {"open_slots": [1]})
    for policy in NAMES:
        assert list(who(placed(tables, policy))) == ["c1"]


def test_a_clients_own_level_never_decides_who_is_assigned() -> None:
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


def test_unknown_open_slots_count_as_the_clinic_sets() -> None:
    tables = clinic({"age": [30, 31, 32]}, {"age": [40, 41], "open_slots": [None, 0]})
    assert placed(tables).totals.placed == 1
    assert any(note.startswith("1 therapist has no `open_slots`: counted as 1 each") for note in placed(tables).notes)
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
    from attune_fit.data.clinic.canonical_order import sort_canonically

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
    assignment = assign(RosterScorer.from_clinic(experienced(), opened(), busy()), ["balanced"])[0]
    assert assignment.to_dict()["totals"]["placed"] == len(assignment.placed) > 0
    rows = assignment.to_frame()
    assert len(rows) == assignment.totals.waiting
    assert rows["status"].value_counts()["placed"] == len(assignment.placed)
    assert (
        assignment.to_json()
        == assign(RosterScorer.from_clinic(experienced(), opened(), busy()), ["balanced"])[0].to_json()
    )


def test_an_unknown_policy_is_reported_with_the_known_ones() -> None:
    with raises_faults(
        "--policy: unknown-policy (fair, Known: `balanced`, `wishes-first`, `alliance-first`, and more.)",
    ):
        placed(busy(), "fair")


def test_the_assign_section_of_clinic_toml_is_checked_with_the_rest() -> None:
    from attune_fit.config_checks import find_config_faults

    faults = find_config_faults(opened('[assign]\npolicy = "fair"\nurgency_column = "urgent"'), busy())
    assert [fault.id for fault in faults] == ["unknown-policy", "unknown-column"]
    (fault,) = find_config_faults(opened('[assign]\nurgency_column = "gender"'), busy())
    assert (fault.id, fault.column) == ("column-not-numeric", "assign.urgency_column")


def test_a_client_of_the_previous_assignment_has_a_therapist_again_where_possible() -> None:
    tables = clinic(
        {"region": ["ca", "ca", "ca"], "referred_on": [pd.Timestamp("2026-06-10")] * 2 + [pd.Timestamp("2026-01-01")]},
        {"licensed_regions": ["ca", "ca"], "open_slots": [1, 1]},
    )
    constraints = AssignmentConstraints(refused=[("c0", "t0")], kept={"c0": "t0", "c1": "t1"})
    assignment = placed(tables, constraints=constraints)
    assert who(assignment) == {"c0": "t1", "c1": "t0"}
    assert (assignment.totals.moved, assignment.totals.lost) == (2, 0)
    assignment = placed(
        replace(tables, therapists=tables.therapists.assign(open_slots=[1.0, 0.0])), constraints=constraints
    )
    assert who(assignment) == {"c1": "t0"}
    assert [one.client_id for one in assignment.unplaced if one.lost] == ["c0"]


def test_unused_openings_are_noted_with_the_most_frequent_rule() -> None:
    old = [pd.Timestamp("2026-06-01"), pd.Timestamp("2024-06-01")]
    assignment = placed(clinic({"age": [30, 31]}, {"open_slots": [1, 3], "updated_on": old}))
    assert assignment.notes[0].startswith("3 of 4 openings are unused: 1 therapist fits no client who is waiting (t1).")
    assert "`roster_age`" in assignment.notes[0]
    (one,) = assignment.unplaced
    assert "the roster row checked again and `updated_on` renewed" in {change.says for change in one.changes}


def test_an_unknown_wait_stays_unknown() -> None:
    assignment = placed(clinic({"age": [30, 31]}, {"open_slots": [1]}))
    assert assignment.placed[0].weeks is None
    assert (assignment.totals.weeks, assignment.totals.longest) == (None, None)
    assert "No client has a `referred_on`: waiting time does not count." in assignment.notes


def test_an_outdated_kept_pair_is_noted() -> None:
    assignment = placed(
        clinic({"age": [30]}, {"age": [40]}), constraints=AssignmentConstraints(kept={"c9": "t0", "c0": "t9"})
    )
    note = "2 pairs of the previous assignment are ignored: the client no longer waits, or the therapist has left."
    assert note in assignment.notes


def test_every_setting_that_decides_an_assignment_is_in_its_digest() -> None:
    tables, where = clinic({"age": [30]}, {"age": [40]}), '[waiting.where]\ncolumn = "age"\nfrom = 18'
    texts = ["", "[assign]\nwait = 2", "[assign]\noverdue_weeks = 3", where, "[settings]\nband = 0.7"]
    assert len({placed(tables, toml=toml).rules for toml in texts}) == len(texts)
    assert placed(tables).rules == placed(tables).rules
