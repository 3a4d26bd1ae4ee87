"""Files joined to a table by a key: their columns are added to the row with the same id."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import map_distinct, normalize_code, normalize_text, parse_dates
from attune_fit.data.clinic.columns import RESTRICTING_TABLES, TABLE_ID_COLUMNS, list_columns
from attune_fit.data.reading.rows.duplicate_rows import drop_redundant_rows
from attune_fit.data.reading.rows.header_match import (
    find_header,
    list_column_headers,
    list_headers,
    require_header,
)
from attune_fit.data.reading.rows.similar_ids import suggest_similar_ids
from attune_fit.data.reading.rows.table_files import find_named_file, read_joined_file
from attune_fit.data.row_blocks import JoinedRows

if TYPE_CHECKING:
    from attune_fit.data.clinic.columns import Column
    from attune_fit.data.clinic.join_mapping import JoinMapping
    from attune_fit.data.clinic.mapping_config import TableMapping
    from attune_fit.data.fault_collector import FaultCollector

MAX_NAMED = 8  # headers in one message


def join_files(
    raw: pd.DataFrame, mapping: TableMapping, folder: Path, collector: FaultCollector, wish_headers: Collection[str]
) -> pd.DataFrame | None:
    """Return the rows of a table with the columns of the files that ``join`` names.

    Parameters
    ----------
    raw : DataFrame
        Text cells under the clinic's headers, missing where empty.
    mapping : TableMapping
    folder : Path
        The clinic folder.
    collector : FaultCollector
        It notes each file and the rows of its columns.
    wish_headers : collection of str
        Columns that hold wishes.

    Returns
    -------
    DataFrame or None
        In the rows of ``raw``. Cells are missing where a file has no row with the id. None after an error.
    """
    added = []
    for number, join in enumerate(mapping.join):
        joined = _JoinReader(mapping, join, f"tables.{collector.key_path}.join.{number}", collector, wish_headers)
        columns = joined.read(raw, folder)
        if columns is not None:
            added.append(columns)
            raw = pd.concat([raw, columns], axis=1)  # a second file can clash with the first
    return raw if len(added) == len(mapping.join) else None


class _JoinReader:
    """One joined file: what reads it, and what it can restrict."""

    def __init__(
        self,
        mapping: TableMapping,
        join: JoinMapping,
        section: str,
        collector: FaultCollector,
        wish_headers: Collection[str],
    ) -> None:
        self.mapping, self.join, self.section, self.collector = mapping, join, section, collector
        self.own = collector.for_table(join.file, section.removeprefix("tables."))  # its rows are those of this file
        self.limits, self.wish_headers = _list_limits(collector.table), list(wish_headers)

    def read(self, raw: pd.DataFrame, folder: Path) -> pd.DataFrame | None:
        """Return the columns of the file in the rows of ``raw``; None after an error."""
        join = self.join
        path = find_named_file(folder, join.file, self.section, "", self.collector)
        if path is None:
            return None
        restricting = [normalize_code(one).removeprefix(normalize_code(join.prefix)) for one in self._list_patterns()]
        found = read_joined_file(path, self.mapping, join, self.section, restricting, self.own)
        to = self._find_own_ids(raw)
        if found is None or to is None:
            return None
        key = require_header(found, join.key, f"{self.section}.key", self.own, self.mapping)
        by = None if join.by is None else require_header(found, join.by, f"{self.section}.by", self.own, self.mapping)
        if key is None or (join.by is not None and by is None):
            return None
        found = drop_redundant_rows(found, self.own)
        owners, ids = (
            map_distinct(cells, lambda text: normalize_text(text) or None) for cells in (found[key], raw[to])
        )
        cells = found.drop(columns=key).rename(columns=lambda header: f"{join.prefix}{header}")
        if not self._check_headers(cells, raw) or not self._check_ids(cells, owners, ids, key):
            return None
        order = None if by is None else parse_dates(found[by], join.dates or self.mapping.dates)
        rows = self._choose_rows(owners[owners.isin(ids)], order, key)
        if rows is None:
            return None
        labels = pd.Series(rows.index, index=rows).reindex(ids).set_axis(raw.index)
        columns = cells.reindex(labels).set_axis(raw.index)
        self._report_absent_rows(columns, labels, ids)
        headers = tuple(list_headers(cells))
        table, n_keys = self.collector.table, int(owners.notna().sum())
        self.collector.joined.append(
            JoinedRows(table, self.collector.section, join.file, key, headers, labels, len(found), n_keys)
        )
        return columns

    def _find_own_ids(self, raw: pd.DataFrame) -> str | None:
        """Return the header of the ids in the table's own file; None, with an error, if it has none."""
        default = self.mapping.get_header(TABLE_ID_COLUMNS.get(self.collector.table, "client_id"))
        return require_header(raw, self.join.to or default, f"{self.section}.to", self.collector, self.mapping)

    def _check_headers(self, cells: pd.DataFrame, raw: pd.DataFrame) -> bool:
        """Return whether no header of the file is a header of the table too; add an error if one is."""
        both = [header for header in list_headers(cells) if find_header(raw, header) is not None]
        if not both:
            return True
        more = f" and {len(both) - MAX_NAMED} more" if len(both) > MAX_NAMED else ""
        listed = f"{', '.join(f'`{header}`' for header in both[:MAX_NAMED])}{more}"
        message = f"headers that the table has already: {listed}"
        fix = f'Add a `prefix` to `{self.section}`, such as `prefix = "2_"`, or rename them.'
        self.own.add_error("header-in-both-files", both[0], message, fix)
        return False

    def _check_ids(self, cells: pd.DataFrame, owners: pd.Series, ids: pd.Series, key: str) -> bool:
        """Return whether the ids of the file fit those of the table; report rows about other ids.

        A row that limits or wishes could concern anyone where its id is unknown or empty: an error.
        """
        is_other, table = ~owners.isin(ids), self.collector.table
        guess = suggest_similar_ids(owners[is_other], ids)
        if len(owners) and is_other.all():
            message = f"its ids do not match any id of {table}"
            fix = f"Correct `{self.section}.key` or `{self.section}.to` in clinic.toml. {guess}".strip()
            self.own.add_error("no-matching-key", key, message, fix)
            return False
        every = table in RESTRICTING_TABLES
        limiting = {*self._find_limits(cells), *(find_header(cells, one) for one in self.wish_headers)}
        restricting = [one for one in list_headers(cells) if every or one in limiting]
        rows = owners.index[is_other & cells[restricting].notna().any(axis=1)]
        if len(rows):
            message = f"rows with limits or wishes whose ids are not in `{table}`"
            fix = f"They could concern anyone: correct the ids, or delete the rows. {guess}".strip()
            self.own.add_error("joined-limit-about-unknown-id", key, message, fix, rows)
            return False
        message, fix = f"ids that are empty, or not in `{table}`", f"Attune ignores these rows. {guess}".strip()
        self.own.add_warning_for_rows("unknown-id-in-joined-file", key, message, fix, owners.index[is_other])
        return True

    def _choose_rows(self, owners: pd.Series, order: pd.Series | None, key: str) -> pd.Series | None:
        """Return the id of each row to use, one for each id; None after an error."""
        repeated = owners[owners.duplicated(keep=False)]
        if self.join.keep is None and len(repeated):
            message, fix = "several rows with one id", 'Keep one of them, or add `keep = "first"` or `keep = "last"`.'
            self.own.add_error("key-repeated", key, message, fix, repeated.index)
            return None
        if order is not None:
            undated = repeated.index[order.loc[repeated.index].isna()]
            if len(undated):
                message = "rows of an id with several, without a date that can be read"
                fix = f"Fill it in, or correct `{self.section}.dates`: `{self.section}.by` chooses by date."
                self.own.add_error("key-without-date", str(self.join.by), message, fix, undated)
                return None
            owners = owners.loc[order.loc[owners.index].sort_values(kind="stable").index]
        return owners[~owners.duplicated(keep=self.join.keep or "first")]

    def _report_absent_rows(self, columns: pd.DataFrame, labels: pd.Series, ids: pd.Series) -> None:
        """Report people without a row in the file, whose limits are then not known: an absent row is no empty cell."""
        first = {limit: header for header, limit in reversed(self._find_limits(columns).items())}
        for limit, header in first.items():
            self.collector.report_bad_cells(
                "limit-without-joined-row", header, ids, labels.isna() & ids.notna(),
                f"no row in {self.join.file}, which holds limits", "add the row, with an empty cell for no limit.",
                name=limit.name, escalates=False,
            )  # fmt: skip

    def _list_patterns(self) -> list[str]:
        """Return the headers, or patterns of them, of limits and wishes as the table calls them."""
        mapped = [self.mapping.columns.get(one.name) for one in self.limits]
        named = [[one.name] if line is None else line.patterns or [line.header]
                 for one, line in zip(self.limits, mapped, strict=True)]  # fmt: skip
        return [*(pattern for patterns in named for pattern in patterns), *self.wish_headers]

    def _find_limits(self, cells: pd.DataFrame) -> dict[str, Column]:
        """Return the limit that each header of the file holds; a limit can have several headers."""
        return {header: one for one in self.limits for header in list_column_headers(cells, self.mapping, one.name)}


def _list_limits(table: str) -> list[Column]:
    """Return the columns of people in which an empty cell means something of its own, such as no limit."""
    return [column for column in list_columns(table).values() if column.is_limit and table in TABLE_ID_COLUMNS]
