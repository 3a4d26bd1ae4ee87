"""Referential integrity: rows about ids that no client or therapist has."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import is_one_of, normalize_text
from attune_fit.data.clinic.columns import DEPARTED_THERAPIST_ID, SOFT_STRENGTHS, TABLE_ID_COLUMNS
from attune_fit.data.fault_collector import MIN_BAD_CELLS
from attune_fit.data.reading.rows.header_match import find_header
from attune_fit.data.reading.rows.similar_ids import suggest_similar_ids

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import TableMapping
    from attune_fit.data.fault_collector import FaultCollector
    from attune_fit.data.reading.columns.table_reader import MappedTable

IGNORED_ROWS = "Attune ignores these rows."
UNKNOWN_CLIENT_FIX = "Attune ignores these ratings. A start since `updated_on` still uses an opening."
UNKNOWN_THERAPIST_FIX = f"{IGNORED_ROWS} The clients count as having met a therapist."


def list_left_out_ids(table: str, raw: pd.DataFrame, kept: pd.DataFrame, mapping: TableMapping) -> frozenset[str]:
    """Return the ids of clients or therapists in rows of ``raw`` that ``rows`` of the mapping left out of ``kept``."""
    key = TABLE_ID_COLUMNS.get(table)
    if key is None or len(kept) == len(raw):
        return frozenset()
    header = find_header(raw, mapping.get_header(key))
    if header is None:
        return frozenset()
    cells = raw.loc[~raw.index.isin(kept.index), header].dropna().unique()
    return frozenset(normalize_text(str(cell)) for cell in cells)


def drop_unknown_ids(
    mapped: MappedTable, key: str, ids: pd.Series, collector: FaultCollector, left_out: Collection[str] = ()
) -> MappedTable:
    """Return a table without the rows whose id is unknown.

    A conflict, and a wish that restricts, could be about anyone when its id is unknown: that is an error. An id
    that only lost its zeros or changed its case is asked about, never guessed into a pair. Other rows are ignored with
    a warning; an error when no id of the table is known. The ids in ``left_out`` are known too: of people whom ``rows``
    left out of the clients or therapists, such as former ones.
    """
    row_ids, header = mapped.frame[key], mapped.headers.get(key, key)
    is_known = is_one_of(row_ids, ids.tolist())
    unknown = row_ids.notna() & ~is_known & (row_ids != DEPARTED_THERAPIST_ID)
    owner = "clients" if key == "client_id" else "therapists"
    is_left_out = unknown & is_one_of(row_ids, left_out)
    guess = suggest_similar_ids(row_ids[unknown & ~is_left_out], ids)
    question = f" {guess}" if guess else ""
    restricts = _find_restricting_rows(mapped.frame, collector.table)
    restricting = restricts & ((unknown & ~is_left_out) | row_ids.isna())
    if restricting.any():
        message = f"rows that restrict, about ids that are not in `{owner}`"
        fix = f"They could be about anyone: correct the ids. Delete rows about people who have left.{question}"
        collector.add_error("restriction-about-unknown-id", header, message, fix, mapped.frame.index[restricting])
    message = f"rows about people whom `rows` leaves out of `{owner}`"
    collector.add_warning_for_rows(
        "row-about-left-out-id", header, message, IGNORED_ROWS, mapped.frame.index[restricts & is_left_out]
    )
    unknown &= ~restricts
    rows = mapped.frame.index[unknown]
    if len(rows) >= MIN_BAD_CELLS and not (is_known | is_left_out).any():
        message = f"every row is about ids that are not in `{owner}`"
        collector.add_error("no-known-id", header, message, f"Use the same ids in both files.{question}", rows)
    elif guess and unknown.any():
        message, fix = f"ids that are almost those of `{owner}`", f"{IGNORED_ROWS}{question}"
        collector.add_warning("similar-id", header, message, fix, rows)
    elif key == "client_id" and collector.table == "outcomes":
        message, fix = "ratings of clients who are not in `clients`", UNKNOWN_CLIENT_FIX
        collector.add_warning_for_rows("rating-of-unknown-client", header, message, fix, rows)
    elif key == "client_id":
        message = "clients who are not in `clients`"
        collector.add_warning_for_rows("unknown-client", header, message, IGNORED_ROWS, rows)
    elif collector.table == "outcomes":
        message, fix = "therapists who are not on the roster", UNKNOWN_THERAPIST_FIX
        collector.add_warning_for_rows("departed-therapist", header, message, fix, rows)
    return replace(mapped, frame=mapped.frame[is_known])


def _find_restricting_rows(frame: pd.DataFrame, table: str) -> pd.Series:
    """Return whether each row restricts: every conflict, and a wish that is not known to be a soft one."""
    if table == "preferences":
        return ~frame["strength"].isin(SOFT_STRENGTHS)
    return pd.Series(table == "conflicts", index=frame.index)
