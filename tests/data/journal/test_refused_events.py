"""Every reason why an event cannot be recorded: all of them at once, each with what to do, and never a cell."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.journal.checks.event_case import EventCase
from attune_fit.data.journal.checks.event_checks import EVENT_CHECKS, PEOPLE_CHECKS, Check
from attune_fit.data.journal.checks.people_checks import check_day
from tests.data.conftest import ClinicFolder
from tests.data.journal.event_recorder import EventRecorder, Step
from tests.data.journal.refused_events import VALUE_REFUSALS, build_clinic
from tests.data.journal.refused_pairs import PAIR_REFUSALS
from tests.fault_descriptions import describe_faults
from tests.messages import HOME, collect_messages

REFUSALS = {**VALUE_REFUSALS, **PAIR_REFUSALS}
MODULES = [
    HOME / "data" / "journal" / "checks" / f"{stem}.py"
    for stem in (
        *("draft_event", "event_checks", "event_values", "field_values", "pair_checks", "people_checks"),
        *("roster_checks", "score_checks", "undo_checks", "wish_checks"),
    )
]


class Refused(NamedTuple):
    """The error about an event, and the checks that found a reason."""

    error: DataFault
    checks: frozenset[Check]


class Desk:
    """Runs each case once, on clinics that are read once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.recorders: dict[str, EventRecorder] = {}
        self.refused: dict[str, Refused] = {}

    def refuse(self, name: str) -> Refused:
        """Return why the event of a case cannot be recorded."""
        if name not in self.refused:
            case = REFUSALS[name]
            recorder = replace(self.open(case.toml), events=[])
            for one in case.before:
                recorder.record(one)
            with pytest.raises(DataFault) as raised:
                recorder.draft(case.attempt)
            self.refused[name] = Refused(raised.value, frozenset(find_checks(recorder, case.attempt)))
        return self.refused[name]

    def open(self, toml: str) -> EventRecorder:
        """Return the clinic of the cases, with lines added to its settings."""
        if toml not in self.recorders:
            folder = self.folder / str(len(self.recorders))
            folder.mkdir()
            self.recorders[toml] = EventRecorder.open(build_clinic(ClinicFolder(folder)).add(toml))
        return self.recorders[toml]


def find_checks(recorder: EventRecorder, attempt: Step) -> Iterator[Check]:
    """Yield the checks that find a reason against an event, as :func:`list_event_faults` runs them."""
    cases: list[EventCase] = []
    stop = [Fault.error("stop", "journal", "", "stop", fix="stop")]  # a draft with a fault is not built
    with pytest.MonkeyPatch.context() as patch, contextlib.suppress(DataFault):

        def list_one_fault(case: EventCase) -> list[Fault]:
            cases.append(case)
            return stop

        patch.setattr("attune_fit.data.journal.checks.draft_event.list_event_faults", list_one_fault)
        recorder.draft(attempt)
    for case in cases:
        row = EVENT_CHECKS[case.type.name]
        people = [check for check in PEOPLE_CHECKS if list(check(case))]
        yield from people
        yield from (check for check in (check_day, *row.values, *(() if people else row.state)) if list(check(case)))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The cases, each run once."""
    return Desk(tmp_path_factory.mktemp("desk"))


@pytest.mark.parametrize("name", REFUSALS)
def test_an_event_is_refused_with_every_reason(name: str, desk: Desk) -> None:
    error = desk.refuse(name).error
    assert all(fault.stops and fault.table == "journal" for fault in error.faults)
    found = describe_faults(error.faults)
    assert tuple(found) == REFUSALS[name].faults, "\n".join(["the faults are:", *found])


def test_every_message_of_the_checks_is_seen() -> None:
    seen = {fault.split(": ")[1].split(" ")[0] for case in REFUSALS.values() for fault in case.faults}
    seen.add("journal-ahead-of-today")  # in test_draft_event: no table can hold a clock that is behind
    assert {message.id for message in collect_messages(MODULES)} == seen


def test_every_check_refuses_an_event(desk: Desk) -> None:
    """A check that never finds a fault is no check: each one finds one in some case of the table."""
    checks = {check for row in EVENT_CHECKS.values() for check in (*row.values, *row.state)}
    found = frozenset().union(*(desk.refuse(name).checks for name in REFUSALS))
    assert not {check.__name__ for check in (checks | {*PEOPLE_CHECKS, check_day}) - found}


def test_no_message_holds_a_cell_of_the_clinic_or_a_typed_cell(desk: Desk) -> None:
    """What a person typed for a cell is treated as a cell: a message can be mailed on."""
    cells = ("called", "a cat", "works", "new in", "twelve", "some,", "2026-05-01", "2026-05-20", "5/20")
    typed = ("nonbinary", "wonan", "maybe", "asked for a room", "adults", "of a child", "war)", "older", "unknown`")
    seen = [str(desk.refuse(name).error) for name in REFUSALS]
    assert not [(text, cell) for text in seen for cell in (*cells, *typed) if cell in text]
