"""Empty and duplicate rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import map_distinct, normalize_code
from attune_fit.data.formats.header_rows import drop_rows

if TYPE_CHECKING:
    from attune_fit.data.fault_collector import FaultCollector


def drop_redundant_rows(raw: pd.DataFrame, collector: FaultCollector) -> pd.DataFrame:
    """Return the rows without empty ones and exact copies of earlier ones, and warn of both."""
    empty = raw.isna().all(axis=1)
    collector.add_warning_for_rows("empty-row", "", "empty rows", "Attune ignores them.", raw.index[empty])
    raw = drop_rows(raw, raw.index[empty])
    if any(cells.is_unique for _, cells in raw.items()):
        return raw  # the quick answer where a column holds ids
    copies = raw.index[_find_copies(raw)]
    message = "duplicate rows: exact copies of earlier rows"
    collector.add_warning_for_rows("duplicate-row", "", message, "Attune ignores the copies.", copies)
    return drop_rows(raw, copies)


def _find_copies(raw: pd.DataFrame) -> list[bool]:
    """Return whether each row of texts is a copy of an earlier one: quicker than pandas, which codes each column."""
    seen: set[tuple[str | float, ...]] = set()
    is_copy = []
    for row in zip(*(cells.tolist() for _, cells in raw.items()), strict=True):  # each missing cell is the same object
        is_copy.append(row in seen)
        seen.add(row)
    return is_copy


def drop_duplicate_ids(
    frame: pd.DataFrame, key: str, header: str, collector: FaultCollector, others: pd.DataFrame
) -> pd.DataFrame:
    """Return one row for each id; different rows with one id set the person aside.

    Parameters
    ----------
    frame : DataFrame
        The clients or therapists, labelled by row of the file.
    key, header : str
        The column of the ids, and its header in the file.
    collector : FaultCollector
        Collects the faults. Rows of which one has an unreadable cell and the other none are different.
    others : DataFrame
        Text cells of the file that ``frame`` lacks, such as wishes: where they differ, the rows are different.
    """
    if not frame[key].duplicated().any():
        return frame
    unreadable = {
        f"unreadable {number}": frame.index.isin(cells.rows)
        for number, cells in enumerate(collector.unreadable)
        if cells.table == collector.table
    }
    texts = others.loc[frame.index].apply(lambda cells: map_distinct(cells, normalize_code))
    is_copy = pd.concat([frame, texts, pd.DataFrame(unreadable, index=frame.index)], axis=1).duplicated()
    message = "the same id again, with the same content"
    fix = "Attune ignores the copies."
    collector.add_warning_for_rows("duplicate-id-same-content", header, message, fix, frame.index[is_copy])
    frame = frame[~is_copy]
    repeated = frame[key].notna() & frame[key].duplicated(keep=False)
    if repeated.any():
        message = "the same id with different content"
        fix = "Attune puts these people on no list. Keep the correct row, or choose the rows with `rows`."
        collector.add_set_aside("duplicate-id", header, message, fix, frame.index[repeated], frame[key][repeated])
    return frame[~(repeated & frame[key].duplicated())]
