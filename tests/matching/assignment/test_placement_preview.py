"""A preview names each client whose therapist differs, the cause, and everyone who still waits."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.data.clinic.tables import Tables
from attune_fit.matching.assignment.assign import assign
from attune_fit.matching.assignment.constraints import AssignmentConstraints, IdPair
from attune_fit.matching.assignment.placement_preview import PlacementPreview, preview_placement
from attune_fit.matching.assignment.policies import POLICIES
from attune_fit.matching.ranking.scored_roster import RosterScorer
from tests.matching.builders import opened, published
from tests.strategies import clinic, clinics


def build_scorer(tables: Tables) -> RosterScorer:
    return RosterScorer.from_clinic(published(), opened(), tables, 0)


def preview(
    tables: Tables, pinned: Sequence[IdPair] = (), refused: Sequence[IdPair] = (), *, keep: bool = True
) -> PlacementPreview:
    return preview_placement(build_scorer(tables), "balanced", pinned, refused, keep=keep)


def build_queue(n_clients: int, n_therapists: int) -> Tables:
    """Clients who fit every therapist; each therapist has one opening."""
    return clinic({"age": [30] * n_clients}, {"age": [40] * n_therapists, "open_slots": [1] * n_therapists})


def test_without_pins_and_refusals_nothing_changes() -> None:
    one = preview(build_queue(3, 2))
    assert (one.changes, one.moved, one.lost) == ((), 0, 0)
    assert one.before == one.placement.totals


def test_a_refusal_is_the_cause_of_its_client_and_the_others_name_who_got_the_opening() -> None:
    tables = build_queue(2, 2)
    first, second = preview(tables).placement.placed
    one = preview(tables, refused=[(first.client_id, first.therapist_id)])
    causes = {change.client_id: (change.cause, change.taken_by) for change in one.changes}
    assert causes == {
        first.client_id: ("refused", (second.client_id,)),
        second.client_id: ("opening-taken", (first.client_id,)),
    }
    assert (one.moved, one.lost) == (2, 0)


def test_a_pin_of_a_client_who_would_wait_takes_a_place() -> None:
    tables = build_queue(2, 1)
    unplaced = preview(tables).placement.unplaced[0].client_id
    one = preview(tables, pinned=[(unplaced, "t0")])
    assert (one.changes[0].client_id, one.changes[0].cause) == (unplaced, "pinned")
    assert one.lost == 1
    assert one.waiting[0].client_ids == tuple(client.client_id for client in one.placement.unplaced)


@settings(max_examples=25, deadline=None)
@given(clinics(), st.data(), st.booleans())
def test_the_preview_is_the_assignment_and_its_changes_are_the_difference(
    tables: Tables, data: st.DataObject, keep: bool
) -> None:
    scorer = build_scorer(tables)
    before = assign(scorer, ["balanced"])[0]
    pairs = [(one.client_id, one.therapist_id) for one in before.placed]
    refused = data.draw(st.lists(st.sampled_from(pairs), unique=True, max_size=2)) if pairs else []
    one = preview_placement(scorer, "balanced", [], refused, keep=keep)
    kept = dict(pairs) if keep else {}
    expected = assign(scorer, ["balanced"], AssignmentConstraints([], refused, kept))[0] if refused else before
    assert one.placement == expected
    now = {pair.client_id: pair.therapist_id for pair in expected.placed}
    differs = {name for name in {*now, *dict(pairs)} if now.get(name) != dict(pairs).get(name)}
    assert {change.client_id for change in one.changes} == differs
    waits = [name for group in one.waiting for name in group.client_ids]
    assert sorted(waits) == sorted(client.client_id for client in expected.unplaced)
    assert set(one.policies) == {row.name for row in POLICIES}


@pytest.mark.parametrize("keep", [True, False])
def test_the_dict_begins_with_that_of_the_assignment(keep: bool) -> None:
    one = preview(build_queue(3, 2), keep=keep)
    content = one.to_dict()
    assert {name: content[name] for name in one.placement.to_dict()} == one.placement.to_dict()
