"""Rows of one REDCap record put together: over its events, a client or a therapist has one row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.clinic.columns import UNREADABLE_CELL
from attune_fit.data.reading.presets.redcap.redcap_values import list_some_names
from attune_fit.data.reading.rows.header_match import list_headers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from attune_fit.data.fault_collector import FaultCollector
    from attune_fit.data.reading.presets.redcap.redcap_mapping import WantedFields
    from attune_fit.data.reading.presets.redcap.redcap_table import RedcapTable


def merge_records(
    table: RedcapTable, is_used: pd.Series, wanted: WantedFields, collector: FaultCollector
) -> pd.DataFrame:
    """Return one row for each record: the first known value of each field, in the order of the file.

    Values that differ are reported. Under a measure of Attune that restricts no one, such as a score, the first one
    counts. Under another header that ``clinic.toml`` maps the cell cannot be read: a limit is never chosen by its place
    in the file. A field with such values that it does not name is left out: a rule over it is then an error.

    Parameters
    ----------
    table : RedcapTable
    is_used : Series of bool
        Rows whose cells count. A record with no such row still has a row, with its id alone.
    wanted : WantedFields
        What ``clinic.toml`` asks of each field.
    collector : FaultCollector
        Collects the warnings about values that differ.

    Returns
    -------
    DataFrame of object
        Labelled by the first row of each record.
    """
    cells, keys = table.cells.copy(), list_record_keys(table)
    others = [header for header in cells if header != table.record]
    cells.loc[~is_used, others] = None
    groups = cells.groupby(keys, sort=False)
    merged = groups.first()
    labels = pd.Series(cells.index, index=cells.index).groupby(keys, sort=False)
    counts = groups.nunique().gt(1)
    merged, counts = (one.set_axis(labels.first().to_numpy(), axis=0) for one in (merged, counts))
    merged = merged.reindex(columns=cells.columns).astype(object)
    merged = merged.where(merged.notna(), None)
    return _settle_conflicts(merged, counts, table, wanted, collector)


def list_record_keys(table: RedcapTable) -> NDArray[np.object_]:
    """Return the id of the record of each row; a number for a row without one, which is no other row's record."""
    ids = table.cells[table.record]
    return ids.where(ids.notna(), pd.Series(range(len(ids)), index=ids.index, dtype=object)).to_numpy(dtype=object)


def mask_unknown_limits(
    cells: pd.DataFrame, table: RedcapTable, opened: pd.DataFrame, wanted: WantedFields, collector: FaultCollector
) -> pd.DataFrame:
    """Return the rows; a limit that is not known cannot be read, because it is not the absence of one.

    It is not known on a form that was never opened, on a survey that was not submitted, and of checkboxes without an
    answer. ``opened`` has a row for each row of ``cells``.
    """
    for header in filter(wanted.is_limit, list_headers(cells)):
        is_unknown, form = cells[header].isna(), table.forms[header]
        is_shut = ~opened[form] if form in opened else pd.Series(False, index=cells.index)
        if header in table.checkboxes:
            is_unknown |= (cells[header] == "") & is_shut
        else:
            is_unknown &= is_shut
        message = "a limit that is not known: its form was never opened or submitted, or the answer is missing"
        fix = "Attune does not take it for no limit. Open the form in REDCap and save it."
        collector.add_warning_for_rows("redcap-limit-not-known", header, message, fix, cells.index[is_unknown])
        cells[header] = cells[header].mask(is_unknown, UNREADABLE_CELL)
    return cells


def _settle_conflicts(
    merged: pd.DataFrame, differs: pd.DataFrame, table: RedcapTable, wanted: WantedFields, collector: FaultCollector
) -> pd.DataFrame:
    """Return the merged rows, unreadable where values differ under a header that can restrict; report these."""
    unnamed = []
    for header in [str(one) for one in differs if differs[one].any() and not _is_state(str(one), table)]:
        rows = differs.index[differs[header]]
        if not wanted.is_named(header):
            unnamed.append(header)
            continue
        takes_first = wanted.takes_first(header)
        if not takes_first:
            merged[header] = merged[header].mask(differs[header], UNREADABLE_CELL)
        ids = list_some_names(merged.loc[rows, table.record].astype(str).tolist())
        message = f"different values in the events of one record: {ids}"
        fix = "Attune takes the first one." if takes_first else "Attune cannot choose one of them."
        fix += f" Name the event that counts: `event` under [tables.{collector.table}]."
        collector.add_warning("redcap-values-differ", header, message, fix, rows)
    if unnamed:
        message = f"fields with different values in the events of one record: {list_some_names(unnamed)}"
        fix = f"Attune does not read them. Name the event that counts: `event` under [tables.{collector.table}]."
        collector.add_warning("redcap-fields-differ", "", message, fix)
    return merged.drop(columns=unnamed)


def _is_state(header: str, table: RedcapTable) -> bool:
    return header.startswith("redcap_") or header.removesuffix("_complete") in table.opened
