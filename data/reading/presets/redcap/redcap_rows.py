"""Rows of a REDCap export that make one table: the events and the form that ``clinic.toml`` names, and sessions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.columns import TABLE_ID_COLUMNS, UNREADABLE_CELL
from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.reading.presets.redcap.redcap_eav import EVENT, REPEAT, REPEAT_FORM
from attune_fit.data.reading.presets.redcap.redcap_records import list_record_keys, mask_unknown_limits, merge_records
from attune_fit.data.reading.rows.header_match import list_headers

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import TableMapping
    from attune_fit.data.fault_collector import FaultCollector
    from attune_fit.data.reading.presets.redcap.redcap_mapping import WantedFields
    from attune_fit.data.reading.presets.redcap.redcap_table import RedcapTable

SESSION = "redcap_session"  # the header of session numbers that Attune makes from events
_ARM = re.compile(r"_arm_\d+[a-z]*$")
_NUMBER = re.compile(r"(?<!\d)\d{1,4}(?!\d)")


class ChosenRows(NamedTuple):
    """The rows of one table.

    Attributes
    ----------
    cells : DataFrame of object
        Text by header.
    session : str
        The header with session numbers; empty where these are not sure.
    form : str
        The form whose repeats or events are the rows; empty where there is none.
    """

    cells: pd.DataFrame
    session: str
    form: str = ""


class _Places(NamedTuple):
    """Where each row belongs: its event, the repeated form, and the number of the repeat; empty text without one."""

    event: pd.Series
    form: pd.Series
    repeat: pd.Series


def choose_rows(
    table: RedcapTable, name: str, wanted: WantedFields, events: Mapping[str, str], collector: FaultCollector
) -> ChosenRows | None:
    """Return the rows of an export that make one table.

    Clients and therapists: one row for each record, from its rows that repeat nothing. Other tables: one row for each
    repeat of a form, or for each event in which the form was opened, with the record's fields of other forms.

    Parameters
    ----------
    table : RedcapTable
        All rows.
    name : str
        The canonical table.
    wanted : WantedFields
        Its mapping has ``event`` and ``form``.
    events : mapping of str to str
        Unique names of events, by each way to write them.
    collector : FaultCollector
        Collects an error about an event or a form that the export does not have.

    Returns
    -------
    ChosenRows or None
        None after an error.
    """
    mapping = wanted.mapping
    places = _Places(_name_events(table, events), _name_forms(table), table.get_key(REPEAT))
    is_event = _find_events(places.event, events, mapping, collector)
    form, is_known = _find_form(table, places, is_event, mapping, name, collector)
    if is_event is None or not is_known:
        return None
    if name in TABLE_ID_COLUMNS:
        return _choose_records(table, places, is_event, form, wanted, collector)
    base = merge_records(table, (places.repeat == "") & (places.form == ""), wanted, type(collector)(collector.table))
    rows = is_event & _find_filled_rows(table, places, form)
    cells = _fill_from_record(table, rows, form, base)
    cells = mask_unknown_limits(cells, table, table.finished[rows], wanted, collector)
    if name != "outcomes" or "session" in mapping.columns or "session" in mapping.model_fields_set:
        return ChosenRows(cells, "", form)
    found = _number_sessions(cells, table, _Places(*(one[rows] for one in places)), mapping, events, collector)
    return found._replace(form=form)


def _choose_records(
    table: RedcapTable, places: _Places, is_event: pd.Series, form: str, wanted: WantedFields, collector: FaultCollector
) -> ChosenRows:
    """Return one row for each record that has a row in one of the events."""
    repeats_count = wanted.mapping.event is not None  # a whole event that repeats, where the clinic names it
    is_used = is_event & (places.form == "") & ((places.repeat == "") | repeats_count)
    is_used |= is_event & (places.form == form) if form else False
    cells = merge_records(table, is_used, wanted, collector)
    keys = list_record_keys(table)
    opened = table.finished.where(is_used, False).groupby(keys, sort=False).any().set_axis(cells.index, axis=0)
    if wanted.mapping.event is not None:
        is_there = pd.Series(is_used.to_numpy()).groupby(keys, sort=False).any().to_numpy()
        cells, opened = cells[is_there], opened[is_there]
    return ChosenRows(mask_unknown_limits(cells, table, opened.astype(bool), wanted, collector), "")


def _name_events(table: RedcapTable, events: Mapping[str, str]) -> pd.Series:
    """Return the unique name of the event of each row; an export of labels adds the name of the arm."""

    def name(text: str) -> str:
        plain = normalize_code(text)
        without_arm_name = re.sub(r"\(arm (\d+):.*\)$", r"(arm \1)", plain)
        return events.get(plain) or events.get(without_arm_name) or text

    return table.get_key(EVENT).map(name)


def _name_forms(table: RedcapTable) -> pd.Series:
    """Return the repeated form of each row by its unique name; an export of labels has the title of the form."""
    texts = table.get_key(REPEAT_FORM)
    names = {}
    for text in [str(one) for one in texts.unique() if one]:
        plain = re.sub(r"\W+", "_", normalize_code(text)).strip("_")
        names[text] = plain
        if plain not in table.opened:
            counts = table.opened[texts == text].sum()
            names[text] = str(counts.idxmax()) if len(counts) and counts.max() > 0 else plain
    return texts.map(lambda text: names.get(text, ""))


def _find_events(
    event: pd.Series, events: Mapping[str, str], mapping: TableMapping, collector: FaultCollector
) -> pd.Series | None:
    """Return whether each row is in one of the events that ``clinic.toml`` names; None after an error."""
    if not mapping.event:
        return pd.Series(True, index=event.index)
    known = [str(one) for one in dict.fromkeys(event) if one]
    by_code = {normalize_code(one): one for one in known} | {text: one for text, one in events.items() if one in known}
    lacking = [one for one in mapping.event if normalize_code(one) not in by_code]
    for one in lacking:
        message = f"the export has no event `{one}`"
        collector.add_error("redcap-event-not-found", EVENT, message, suggest_name(one, known))
    return None if lacking else event.isin([by_code[normalize_code(one)] for one in mapping.event])


def _find_form(
    table: RedcapTable,
    places: _Places,
    is_event: pd.Series | None,
    mapping: TableMapping,
    name: str,
    collector: FaultCollector,
) -> tuple[str, bool]:
    """Return the form that makes the rows, empty for none; and whether that is known. Else there is an error."""
    repeated = [str(one) for one in dict.fromkeys(places.form) if one]
    if mapping.form is not None:
        known = list(dict.fromkeys([*table.opened.columns.astype(str), *repeated]))
        found = normalize_code(mapping.form)
        if found in known:
            return found, True
        message = f"the export has no form `{mapping.form}`"
        collector.add_error("redcap-form-not-found", "", message, suggest_name(mapping.form, known))
        return "", False
    if name in TABLE_ID_COLUMNS or is_event is None:
        return "", True
    here = [one for one in repeated if (places.form[is_event] == one).any()]
    if len(here) > 1:
        message = f"the export has {len(here)} forms that repeat: {', '.join(here)}"
        fix = f'Name the one that makes the rows of this table: `form = "{here[0]}"` under [tables.{name}].'
        collector.add_error("redcap-several-forms", "", message, fix)
        return "", False
    return (here[0] if here else ""), True


def _find_filled_rows(table: RedcapTable, places: _Places, form: str) -> pd.Series:
    """Return the rows in which a form was opened, or its repeats; without a form, rows with any value."""
    if not form:
        hidden = [table.record, *(key for key in (EVENT, REPEAT_FORM, REPEAT) if key in table.cells)]
        if table.opened.columns.empty:
            return table.cells.drop(columns=hidden).notna().any(axis=1)
        return table.opened.any(axis=1)
    is_opened = table.opened[form] if form in table.opened else pd.Series(False, index=table.cells.index)
    return (places.form == form) | ((places.form == "") & is_opened)


def _fill_from_record(table: RedcapTable, rows: pd.Series, form: str, base: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with the record's own fields, where these are on another form than the rows."""
    cells = table.cells[rows].copy()
    if not form:
        return cells
    own = base.set_index(base[table.record].astype(object))
    own = own[~own.index.duplicated() & own.index.notna()].replace(
        UNREADABLE_CELL, None
    )  # values that differ are not known
    found = own.reindex(cells[table.record].to_numpy(dtype=object)).set_axis(cells.index, axis=0)
    for header in list_headers(cells):
        if header in own and table.forms[header] not in ("", form) and header != table.record:
            cells[header] = cells[header].where(cells[header].notna(), found[header])
    return cells


def _number_sessions(
    cells: pd.DataFrame,
    table: RedcapTable,
    places: _Places,
    mapping: TableMapping,
    events: Mapping[str, str],
    collector: FaultCollector,
) -> ChosenRows:
    """Return the rows with session numbers: the repeats, or the numbers or the order of the events."""
    if (cells[table.record].value_counts() < 2).all() and not (places.repeat != "").any():
        return ChosenRows(cells, "")
    numbers = _number_events(places.event, mapping, events)
    is_repeat = bool((places.repeat != "").all())
    if is_repeat and not cells.assign(**{SESSION: places.repeat}).duplicated([table.record, SESSION]).any():
        return ChosenRows(cells, REPEAT)
    if numbers is not None and not is_repeat and not (places.repeat != "").any():
        return ChosenRows(cells.assign(**{SESSION: numbers}), SESSION)
    message = "the records have several rows, and no number shows which session each of them is"
    fix = (
        'List the events in the order of sessions, as in `event = ["intake_arm_1", "month_3_arm_1"]`, or name the '
        f"field with the number: `session` under [tables.{collector.table}.columns]."
    )
    collector.add_error("redcap-session-not-known", "session", message, fix)
    return ChosenRows(cells, "")


def _number_events(event: pd.Series, mapping: TableMapping, events: Mapping[str, str]) -> pd.Series | None:
    """Return a number for each row: the one in the name of its event, else its place in the clinic's list.

    None where neither is sure: a name without a number or with two, or two events of one arm with the same number.
    """
    names = [str(one) for one in dict.fromkeys(event)]
    found = {name: _NUMBER.findall(_ARM.sub("", name)) for name in names}
    arms = [(tuple(numbers), _ARM.findall(name)[:1]) for name, numbers in found.items()]
    is_sure = all(len(numbers) == 1 for numbers in found.values()) and all(arms.count(one) == 1 for one in arms)
    if is_sure:
        return event.map({name: str(int(numbers[0])) for name, numbers in found.items()})
    if mapping.event and len(mapping.event) > 1:
        order = [events.get(normalize_code(one), one) for one in mapping.event]
        return event.map({name: str(order.index(name) + 1) for name in names if name in order})
    return None
