"""Reading of one column of a clinic's file: its text becomes canonical codes, sets, numbers or dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from attune_fit.data import cell_parsing
from attune_fit.data.cell_parsing import SET_SEPARATOR
from attune_fit.data.clinic.columns import Kind
from attune_fit.data.clinic.mapping_config import ColumnMapping, TableMapping
from attune_fit.data.fault_collector import FaultCollector, suggest_name
from attune_fit.data.reading.code_mapping import CodeBook
from attune_fit.data.reading.header_match import list_headers, match_headers, require_header
from attune_fit.data.reading.table_files import read_file

NEGATIVE_MARKS = ("no", "n", "0", "false", "-")  # in the column of a weekly slot: the slot is not possible


@dataclass(frozen=True)
class SourceFile:
    """One file of a clinic and how to read it.

    Attributes
    ----------
    table : str
        The canonical table, or the name of a second file.
    raw : DataFrame
        Text cells under the clinic's headers. Row labels are the row numbers of a spreadsheet.
    mapping : TableMapping
        How to read the table.
    folder : Path
        The clinic folder.
    collector : FaultCollector
        Collects errors and warnings about this file.
    """

    table: str
    raw: pd.DataFrame
    mapping: TableMapping
    folder: Path
    collector: FaultCollector

    def read_cells(self, header: str, mapping: ColumnMapping | None = None) -> pd.Series:
        """Return the cells under a header, missing where they contain a code for missing."""
        own_codes = mapping.missing if mapping else []
        return cell_parsing.mask_missing_codes(self.raw[header], [*self.mapping.missing, *own_codes])


def read_column(
    source: SourceFile, name: str, kind: Kind | None, mapping: ColumnMapping, columns: Mapping[str, pd.Series]
) -> pd.Series | None:
    """Return one column in its canonical type.

    Parameters
    ----------
    source : SourceFile
        The file. Errors and warnings go to its collector.
    name : str
        Name of the canonical column.
    kind : {"id", "code", "set", "number", "date"} or None
        None: a kind that can represent all the cells.
    mapping : ColumnMapping
        Where the column comes from.
    columns : mapping of str to Series
        The columns that were read before, with the ids among them.

    Returns
    -------
    Series or None
        Missing where a cell is empty, has a code for missing or cannot be read. A birth date stays a date. None when
        the file has no such column; an error gives the reason.
    """
    key = f"tables.{source.table}.columns.{name}"
    if mapping.file is not None:
        return _read_second_file(source, key, mapping, columns)
    if mapping.slots is not None:
        return _read_slots(source, key, mapping)
    header = require_header(source.raw, mapping.header, key, source.collector)
    if header is None:
        return None
    if kind == "id":
        return cell_parsing.map_distinct(source.raw[header], lambda text: cell_parsing.normalize_text(text) or None)
    raw_cells = source.read_cells(header, mapping)
    if mapping.birth_date is not None:
        return _read_dates(source, header, raw_cells, mapping)
    return _read_typed_cells(
        source, header, raw_cells, kind or _guess_kind(raw_cells, mapping, source.mapping), mapping
    )


def _read_typed_cells(
    source: SourceFile, header: str, raw_cells: pd.Series, kind: Kind, mapping: ColumnMapping
) -> pd.Series:
    if kind == "number":
        if mapping.codes:  # words that mean numbers
            raw_cells, _ = CodeBook(mapping.codes, keep_unlisted=True).translate_cells(raw_cells)
        return _read_numbers(source, header, raw_cells, mapping)
    if kind == "date":
        return _read_dates(source, header, raw_cells, mapping)
    separator = (mapping.split or source.mapping.set_separator) if kind == "set" else mapping.split
    return _read_codes(source, header, raw_cells, mapping, separator)


def _read_numbers(source: SourceFile, header: str, raw_cells: pd.Series, mapping: ColumnMapping) -> pd.Series:
    values = cell_parsing.parse_numbers(raw_cells, source.mapping.decimal)
    hint = "check the header, the codes in `missing` and the `decimal` mark."
    bad = raw_cells.notna() & values.isna()
    values = source.collector.mask_bad_cells(
        "number-not-readable", header, values, bad, "not a number", hint, raw_cells
    )
    return values if mapping.scale is None else values * mapping.scale


def _read_dates(source: SourceFile, header: str, raw_cells: pd.Series, mapping: ColumnMapping) -> pd.Series:
    form = mapping.dates or source.mapping.dates
    days = cell_parsing.parse_dates(raw_cells, form)
    message = f"not a date {f'of the form `{form}`' if form else 'such as 2026-06-15'}"
    hint = f'check the header, or add the form, such as `dates = "%m/%d/%Y"`, under [tables.{source.table}].'
    bad = raw_cells.notna() & days.isna()
    return source.collector.mask_bad_cells("date-not-readable", header, days, bad, message, hint, raw_cells)


def _read_codes(
    source: SourceFile, header: str, raw_cells: pd.Series, mapping: ColumnMapping, separator: str | None
) -> pd.Series:
    book = CodeBook(mapping.codes, keep_unlisted=mapping.other == "keep")
    codes, unlisted = book.translate_cells(raw_cells, separator)
    hint = f"add the clinic's codes to `codes`. Listed: {', '.join(f'`{code}`' for code in mapping.codes)}."
    message = "a code that `codes` does not list"
    source.collector.mask_bad_cells("unlisted-code", header, codes, unlisted, message, hint, raw_cells)
    return codes


def _guess_kind(raw_cells: pd.Series, mapping: ColumnMapping, table: TableMapping) -> Kind:
    """Return the kind of a clinic's own column: one that can represent all its known cells."""
    known = raw_cells.dropna()
    if mapping.codes:
        known = pd.Series([code for codes in mapping.codes.values() for code in codes], dtype="str")
    if mapping.split or known.str.contains(SET_SEPARATOR, regex=False).any():
        return "set"
    if known.empty:
        return "code"
    if mapping.scale is not None or cell_parsing.parse_numbers(known, table.decimal).notna().all():
        return "number"
    return "date" if cell_parsing.parse_dates(known, mapping.dates or table.dates).notna().all() else "code"


def _read_slots(source: SourceFile, key: str, mapping: ColumnMapping) -> pd.Series | None:
    """Return columns with one weekly slot each as one set; missing where a row has no mark at all."""
    headers: dict[str, str] = {}
    for pattern in mapping.slots or []:
        matches = match_headers(source.raw, pattern)
        if not matches:
            fix = f"Correct `{key}` in clinic.toml. {suggest_name(pattern, list_headers(source.raw))}"
            source.collector.add_error("pattern-without-header", pattern, "no header matches this pattern", fix)
        headers |= matches
    if not headers:
        return None
    marks = pd.DataFrame({slot: source.read_cells(header, mapping) for slot, header in headers.items()})
    negative = marks.apply(lambda slot: cell_parsing.normalize_codes(slot).isin(NEGATIVE_MARKS))
    possible = (marks.notna() & ~negative).to_numpy()
    sets = [SET_SEPARATOR.join(slot for slot, yes in zip(headers, row, strict=True) if yes) or None for row in possible]
    return pd.Series(sets, index=marks.index, dtype="str")


def _read_second_file(
    source: SourceFile, key: str, mapping: ColumnMapping, columns: Mapping[str, pd.Series]
) -> pd.Series | None:
    """Return a set whose members are the rows of a second file."""
    name, ids = str(mapping.file), columns.get(f"{source.table.removesuffix('s')}_id")
    path = source.folder / name
    if not path.is_file():
        fix = f"Put it in the clinic folder, or correct `{key}.file` in clinic.toml."
        source.collector.add_error("file-not-found", mapping.header, f"the file {name} does not exist", fix)
        return None
    second = read_file(path, source.mapping, source.collector.for_table(name))
    if second is None or ids is None:
        return None
    member_file = SourceFile(name, second, source.mapping, source.folder, source.collector.for_table(name))
    owner = require_header(second, str(mapping.key), f"{key}.key", member_file.collector)
    member = require_header(second, mapping.header, f"{key}.from", member_file.collector)
    if owner is None or member is None:
        return None
    rows = pd.DataFrame({
        "owner": cell_parsing.map_distinct(second[owner], cell_parsing.normalize_text),
        "member": _read_codes(member_file, member, member_file.read_cells(member, mapping), mapping, mapping.split),
    }).dropna()  # fmt: skip
    if not rows["owner"].isin(ids).any():
        message = f"its ids do not match any id of {source.table}"
        member_file.collector.add_error("no-matching-id", owner, message, f"Correct `{key}.key` in clinic.toml.")
        return None
    sets = rows.drop_duplicates().groupby("owner", sort=False)["member"].agg(SET_SEPARATOR.join)
    return cell_parsing.normalize_sets(ids.map(sets).astype("str"))
