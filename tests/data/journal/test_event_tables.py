"""The tables of events: one row for each type, field and reason, complete and consistent with the clinic's columns."""

import re
import subprocess
import sys

import pytest

from attune_fit.data.clinic.columns import STRENGTHS, list_columns
from attune_fit.data.journal.applying.event_edits import EVENT_EDITS
from attune_fit.data.journal.checks.event_checks import EVENT_CHECKS
from attune_fit.data.journal.events.event_fields import EVENT_FIELDS, FIELDS, REASONS
from attune_fit.data.journal.events.event_types import EVENT_TYPES, TYPES, UNDONE
from attune_fit.data.journal.events.reason_codes import (
    CDS_HOOKS,
    CONFLICT_REASONS,
    DECLINE_REASONS,
    DROPPED_OUT,
    END_REASONS,
    OVERRIDE_REASONS,
    SIDES,
    UNDO_REASONS,
    ReasonCode,
    list_codes_of_side,
)

REASON_TABLES = (DECLINE_REASONS, END_REASONS, CONFLICT_REASONS, UNDO_REASONS, OVERRIDE_REASONS)


def test_the_types_are_those_of_the_journal() -> None:
    assert list(TYPES) == [
        "client_added", "client_changed", "wish_set", "wish_withdrawn", "offered", "accepted", "declined", "started",
        "ended", "opening_set", "roster_checked", "conflict_set", "score_recorded", "undone",
    ]  # fmt: skip


def test_every_type_has_checks_and_an_edit() -> None:
    assert list(EVENT_CHECKS) == list(TYPES)
    assert EVENT_EDITS.keys() == TYPES.keys() - {UNDONE}
    assert all(row.values or row.state for row in EVENT_CHECKS.values())


def test_a_type_is_about_the_people_that_its_edit_has() -> None:
    for name, edit in EVENT_EDITS.items():
        assert ("client" in TYPES[name].people, "therapist" in TYPES[name].people) == (
            edit.has_client, edit.has_therapist,
        )  # fmt: skip


def test_every_field_is_used_and_every_used_field_is_a_row() -> None:
    used = {name for row in EVENT_TYPES for name in row.all_fields}
    assert used == set(FIELDS)
    assert len(FIELDS) == len(EVENT_FIELDS)
    assert all(len(set(row.all_fields)) == len(row.all_fields) for row in EVENT_TYPES)


def test_options_are_given_once_and_every_row_is_described() -> None:
    options = [field.option for field in EVENT_FIELDS if field.option]
    assert len(options) == len(set(options)) == len(EVENT_FIELDS) - 1  # the number of the undone event has none
    assert all(re.fullmatch(r"--[a-z]+", option) for option in options)
    texts = [row.description for row in EVENT_TYPES] + [row.description for row in EVENT_FIELDS]
    texts += [row.meaning for table in REASON_TABLES for row in table]
    assert all(text.endswith(".") and text[0].isupper() for text in texts)
    assert len(texts) == len(EVENT_TYPES) + len(EVENT_FIELDS) + sum(map(len, REASON_TABLES))


def test_an_event_needs_earlier_types_only() -> None:
    for row in EVENT_TYPES:
        assert set(row.needs) <= TYPES.keys() - {UNDONE}
        assert ("client_added" in row.needs) == ("client" in row.people and row.name != "client_added")


@pytest.mark.parametrize(
    ("field", "table", "column"),
    [("openings", "therapists", "open_slots"), ("session", "outcomes", "session"), ("rater", "outcomes", "rater")],
)
def test_a_field_has_the_limits_of_its_column(field: str, table: str, column: str) -> None:
    row, limits = FIELDS[field], list_columns(table)[column]
    assert (row.low, row.high, row.codes) == (limits.low, limits.high, limits.codes)


def test_codes_of_fields_are_those_of_the_tables() -> None:
    assert FIELDS["strength"].codes == STRENGTHS
    assert FIELDS["because"].codes == tuple(reason.code for reason in UNDO_REASONS)
    assert FIELDS["override"].codes == tuple(reason.code for reason in OVERRIDE_REASONS)
    assert {name for name, row in TYPES.items() if "reason" in row.fields} == REASONS.keys()
    assert DROPPED_OUT in {reason.code for reason in END_REASONS}


@pytest.mark.parametrize("reasons", REASON_TABLES, ids=["declined", "ended", "conflict_set", "undone", "offered"])
def test_reasons_are_codes_given_once(reasons: tuple[ReasonCode, ...]) -> None:
    codes = [reason.code for reason in reasons]
    assert len(codes) == len(set(codes)) > 3
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in codes)
    assert all(reason.system in ("", CDS_HOOKS) and reason.sides for reason in reasons)


def test_both_sides_can_decline_with_and_without_a_reason() -> None:
    for side in SIDES:
        codes = list_codes_of_side(DECLINE_REASONS, side)
        assert len(codes) > 4
        assert codes[-1] == "not-stated"
    assert "does-not-align-preferences" not in list_codes_of_side(DECLINE_REASONS, "therapist")


def test_the_tables_import_nothing_heavy() -> None:
    code = """
import sys
import attune_fit.data.journal.events.event_fields, attune_fit.data.journal.events.event_types
import attune_fit.data.journal.journal_state
print(sorted({"pandas", "numpy", "sqlalchemy", "pydantic"} & sys.modules.keys()))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
