"""Checks of wishes, against the roster as wishes of a file are checked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.columns import DEPARTED_THERAPIST_ID
from attune_fit.data.fault_collector import FaultCollector, suggest_name
from attune_fit.data.faults import Fault
from attune_fit.data.journal.checks.event_case import EventCase
from attune_fit.data.journal.checks.event_values import CellReader
from attune_fit.data.journal.checks.field_values import JOURNAL
from attune_fit.data.journal.events.event_columns import list_recordable_columns
from attune_fit.data.reading.columns.code_mapping import list_code_books
from attune_fit.data.reading.columns.table_reader import MappedTable
from attune_fit.data.reading.wishes.wish_values import WishChecker

THERAPIST_ID = "therapist_id"  # the attribute of a wish about one therapist
WISH_COLUMNS = ("attribute", "value", "strength")


def list_wish_columns(case: EventCase) -> list[str]:
    """Return the columns of the roster that a wish in the journal can be about."""
    columns = list_recordable_columns(case.state.clinic, case.tables, "therapists")
    return [*(name for name, column in columns.items() if column.kind != "date"), THERAPIST_ID]


def check_wish_column(case: EventCase) -> Iterator[Fault]:
    """Check that the wish is about a column of the roster."""
    attribute = case.fields.get("attribute")
    if attribute is not None and _find_column(case) is None:
        message = "the journal keeps no wish about a column of this name"
        fix = suggest_name(attribute, list_wish_columns(case))
        yield Fault.error("event-wish-about-unknown-column", JOURNAL, "attribute", message, fix=fix)


def _find_column(case: EventCase) -> str | None:
    """Return the column of the wish as the roster spells it; None where the roster has no such column."""
    names = {normalize_code(name): name for name in list_wish_columns(case)}
    return names.get(normalize_code(str(case.fields.get("attribute"))))


def read_wish(case: EventCase, faults: list[Fault]) -> dict[str, Any]:
    """Return the fields of a wish as the tables hold it: the column as spelt there, the value in its codes.

    Parameters
    ----------
    case : EventCase
        With any of the fields ``attribute``, ``value`` and ``strength``; a wish without a value is about all of them.
    faults : list of Fault
        Gets an error where the roster cannot answer the wish, or where no one has its code.
    """
    fields, column = dict(case.fields), _find_column(case)
    if column is None:
        return fields
    fields["attribute"] = column
    if "value" in fields:
        is_new = case.type.name == "wish_set"
        found = _check_roster(case, column) if is_new else _find_wished(case, column)
        if isinstance(found, Fault):
            faults.append(found)
            del fields["value"]
        else:
            fields["value"] = found
    return fields


def _find_wished(case: EventCase, column: str) -> str:
    """Return the value of the client's wish that is meant; the value as typed where the client has no such wish."""
    typed = str(case.fields["value"])
    book = list_code_books("therapists", case.state.clinic.config.tables.therapists).get(normalize_code(column))
    codes = {typed, *((book.translate_code(typed) or ()) if book is not None else ())}
    wishes = case.tables.preferences
    wished = wishes["value"][(wishes["client_id"] == case.client_id) & (wishes["attribute"] == column)]
    return next((str(one) for one in wished if normalize_code(str(one)) in codes), typed)


def _check_roster(case: EventCase, column: str) -> str | Fault:
    """Return the value in the codes of its column, or why the roster cannot answer the wish."""
    roster, mapping = case.tables.therapists, case.state.clinic.config.tables
    wish = {"client_id": str(case.client_id), "attribute": column, "value": case.fields["value"],
            "strength": case.fields.get("strength", "prefer")}  # fmt: skip
    collector = FaultCollector("preferences")
    checker = WishChecker(
        roster, case.tables.clients, list_code_books("therapists", mapping.therapists), collector,
        mapping.preferences.literal,
    )  # fmt: skip
    headers = {name: name for name in WISH_COLUMNS}
    checked = checker.check(MappedTable(pd.DataFrame([wish], dtype="str"), headers)).frame
    if column == THERAPIST_ID and checked.empty:
        message = "a wish about a therapist who is not on the roster"
        fix = f"Correct the id; write `{DEPARTED_THERAPIST_ID}` for a therapist who has left."
        return Fault.error("event-wish-about-unknown-therapist", JOURNAL, "value", message, fix=fix)
    if pd.api.types.is_numeric_dtype(roster[column]) and checked.empty:
        message, fix = "a wish about this column is a number or a range", "Write `40-60`, `65-`, `>=10` or `<=45`."
        return Fault.error("event-wish-not-a-range", JOURNAL, "value", message, fix=fix)
    code = normalize_code(str(wish["value"]) if checked.empty else str(checked["value"].iloc[0]))
    if column == THERAPIST_ID or pd.api.types.is_numeric_dtype(roster[column]):
        return str(checked["value"].iloc[0])
    reader = CellReader(case.state, "therapists", case.new_codes)
    if code not in reader.list_column_codes(column):
        refused = reader.check_new_code(column, code)
        if refused is not None:
            return refused
    if checked.empty:
        message = "no therapist has this code, and `codes` does not list it"
        fix = "Correct it, or list the code in `codes` of the column."
        return Fault.error("event-wish-without-effect", JOURNAL, "value", message, fix=fix)
    return code


def check_wish_changes(case: EventCase) -> Iterator[Fault]:
    """Check that the client does not have the same wish already."""
    wishes = _list_wishes(case)
    if {"value", "strength"} <= case.fields.keys() and case.fields["strength"] in set(wishes["strength"]):
        message, fix = f"{case.client_id} has this wish already", "Leave it, or name another strength."
        yield Fault.error("wish-set-already", JOURNAL, "strength", message, fix=fix)


def check_wish_named(case: EventCase) -> Iterator[Fault]:
    """Check that a wish about one therapist, when it is withdrawn, names the therapist."""
    if case.fields.get("attribute") == THERAPIST_ID and "value" not in case.given:
        message, fix = "a wish about one therapist needs the id", "Add `--value ID`, with the id of the therapist."
        yield Fault.error("withdrawn-wish-without-id", JOURNAL, "value", message, fix=fix)


def check_wish_there(case: EventCase) -> Iterator[Fault]:
    """Check that the client has the wish that is withdrawn."""
    if _find_column(case) is not None and _list_wishes(case).empty:
        message, fix = f"{case.client_id} has no such wish", "Check the column and the code that you typed."
        yield Fault.error("no-wish-to-withdraw", JOURNAL, "attribute", message, fix=fix)


def _list_wishes(case: EventCase) -> pd.DataFrame:
    """Return the client's wishes about the column, and about the value where there is one."""
    wishes = case.tables.preferences
    wishes = wishes[(wishes["client_id"] == case.client_id) & (wishes["attribute"] == case.fields.get("attribute"))]
    return wishes[wishes["value"] == case.fields["value"]] if "value" in case.fields else wishes
