"""The events of a change, recorded in the journal, add the therapist that the option promises."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from attune_fit.matching.relaxation.change_events import build_change_events, join_events
from attune_fit.matching.relaxation.proposed_change import TableChange
from attune_fit.matching.relaxation.relax import RelaxationOption
from attune_fit.matching.relaxation.relaxations import RELAXATIONS
from attune_fit.workspace import Workspace, open_clinic
from tests.strategies import clinic as build_clinic

# Clients of the sample clinic, and the kinds of changes that would add a therapist for them.
KINDS = [
    ("c0056", ("payer",)),
    ("c0056", ("format",)),
    ("c0056", ("setting",)),
    ("c0056", ("slot",)),
    ("c0056", ("age",)),
    ("c0056", ("hours",)),
    ("c0056", ("opening", "slot")),
    ("c0040", ("problem",)),
    ("c0040", ("opening",)),
    ("c0040", ("opening", "checked")),
    ("c0072", ("must",)),
    ("c0072", ("problem", "slot")),
    ("c0004", ("language",)),
]
ROWS = {row.name: row for row in RELAXATIONS}


def find_option(workspace: Workspace, client_id: str, kinds: tuple[str, ...]) -> RelaxationOption:
    options: tuple[RelaxationOption, ...] = workspace.relax(client_id, most=50).result.ways
    return next(one for one in options if tuple(step.relaxation for step in one.steps) == kinds)


def list_ranked(workspace: Workspace, client_id: str) -> list[str]:
    return list(workspace.rank(client_id).result.arrays.therapist_ids)


@pytest.mark.parametrize(("client_id", "kinds"), KINDS, ids=lambda one: one if isinstance(one, str) else "+".join(one))
def test_recording_the_events_of_an_option_adds_the_therapist_it_promises(
    clinic: Path, client_id: str, kinds: tuple[str, ...]
) -> None:
    workspace = open_clinic(clinic)
    option = find_option(workspace, client_id, kinds)
    promised = option.gain.therapist_id
    assert promised not in list_ranked(workspace, client_id)
    assert option.events is not None
    recorded = workspace.record_all(option.events)
    assert len(recorded.result) == len(option.events)
    ranking = workspace.rank(client_id).result
    found = next(one for one in ranking.candidates if one.therapist_id == promised)
    assert found.score == pytest.approx(option.gain.score, abs=0.002)  # a wish changes what is typical here, a little
    assert {one.therapist_id for one in ranking.excluded}.issuperset(option.leave)


def test_each_named_therapist_of_a_step_has_an_event_of_their_own(clinic: Path) -> None:
    workspace = open_clinic(clinic)
    option = find_option(workspace, "c0056", ("hours",))
    step = option.steps[0]
    assert set(step.events) == set(option.only_together)
    assert step.event == step.events[option.gain.therapist_id]
    for therapist_id, event in step.events.items():
        assert event["therapist"] == therapist_id
        number = workspace.record(**event).result.row.event.number
        assert therapist_id in list_ranked(workspace, "c0056")
        workspace.record("undone", number=number, because="decision-changed")
        assert therapist_id not in list_ranked(workspace, "c0056")


def test_a_client_makes_a_change_once_for_all_therapists(clinic: Path) -> None:
    option = find_option(open_clinic(clinic), "c0056", ("slot",))
    assert option.steps[0].events == {}
    assert option.steps[0].event is not None
    assert option.steps[0].event["client"] == "c0056"


def test_a_question_has_no_event_and_neither_has_its_option(clinic: Path) -> None:
    workspace = open_clinic(clinic)
    options = [
        option
        for client_id in ("c0001", "c0004", "c0040", "c0056", "c0072")
        for option in workspace.relax(client_id, most=50).result.ways
        if not option.certain
    ]
    for option in options:
        assert option.events is None
        assert [step.event is None for step in option.steps] == [step.relaxation == "asked" for step in option.steps]
    assert build_change_events(workspace.tables, "c0001", "t01", [TableChange(ROWS["asked"], "region")]) == [None]


@dataclass(frozen=True)
class Case:
    relaxation: str
    rule: str
    code: str
    event: dict[str, Any]


CHECKED, CHANGED = {"event": "roster_checked", "therapist": "t0"}, {"event": "client_changed", "client": "c0"}
CASES = [
    Case("opening", "open_slots", "", {"event": "opening_set", "therapist": "t0", "openings": 1}),
    Case("checked", "roster_age", "2026-06-15", CHECKED),
    Case("hours", "slot", "mon-am", {**CHECKED, "cells": {"availability": "tue-pm|mon-am"}}),
    Case("problem", "problems_not_taken", "grief|stress", {**CHECKED, "cells": {"problems_not_taken": None}}),
    Case("age", "age_group", "30.5", {**CHECKED, "cells": {"age_groups": "65-|30"}}),
    Case("slot", "slot", "tue-pm", {**CHANGED, "cells": {"availability": "mon-am|tue-pm"}}),
    Case("payer", "payer", "aetna", {**CHANGED, "cells": {"payer": "aetna"}}),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.relaxation)
def test_the_event_of_a_change_holds_the_changed_cell(case: Case) -> None:
    tables = build_clinic(
        {"availability": ["mon-am"], "payer": ["self pay"], "age": [30.5]},
        {"availability": ["tue-pm"], "problems_not_taken": ["grief"], "age_groups": ["65-"], "open_slots": [0.0]},
    )
    change = TableChange(ROWS[case.relaxation], case.rule, case.code)
    assert build_change_events(tables, "c0", "t0", [change]) == [case.event]


def test_a_weaker_wish_is_a_wish_set_with_the_weaker_strength() -> None:
    tables = build_clinic({}, {"gender": ["m"]}, [(0, "gender", "f", "must"), (0, "gender", "m", "never")])
    changes = [
        TableChange(ROWS["must"], "must", "f", "gender"),
        TableChange(ROWS["never"], "never", "m", "gender"),
    ]
    wish = {"event": "wish_set", "client": "c0", "attribute": "gender"}
    events = build_change_events(tables, "c0", "t0", changes)
    assert events == [{**wish, "value": "f", "strength": "prefer"}, {**wish, "value": "m", "strength": "avoid"}]
    assert join_events(events) == tuple(events)


def test_two_codes_of_one_cell_are_one_event_with_both() -> None:
    tables = build_clinic({}, {"availability": ["fri-eve"]})
    changes = [TableChange(ROWS["hours"], "slot", code) for code in ("mon-am", "tue-pm")]
    merged = join_events(build_change_events(tables, "c0", "t0", changes))
    cells = {"availability": "fri-eve|mon-am|tue-pm"}
    assert merged == ({"event": "roster_checked", "therapist": "t0", "cells": cells},)


def test_an_opening_and_hours_of_one_therapist_are_one_check_of_the_row() -> None:
    tables = build_clinic({}, {"availability": ["fri-eve"], "open_slots": [0.0]})
    changes = [TableChange(ROWS["opening"], "open_slots"), TableChange(ROWS["hours"], "slot", "mon-am")]
    merged = join_events(build_change_events(tables, "c0", "t0", changes))
    cells = {"availability": "fri-eve|mon-am"}
    assert merged == ({"event": "roster_checked", "therapist": "t0", "openings": 1, "cells": cells},)
