"""One column of a file as handed in, read in our words and types."""

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
from attune_fit.data.reading.files import read_file
from attune_fit.data.reading.header_match import list_headers, match_headers, require_header

NEGATIVE_MARKS = ("no", "n", "0", "false", "-")  # in a slot's column: not possible


@dataclass(frozen=True)
class SourceFile:
    """One file as handed in and how it is spelt: text cells, row labels as a spreadsheet numbers them."""

    table: str
    raw: pd.DataFrame
    mapping: TableMapping
    folder: Path
    faults: FaultCollector

    def read_cells(self, header: str, spelling: ColumnMapping | None = None) -> pd.Series:
        """Cells under a header, unknown where a code for missing stands."""
        own = spelling.missing if spelling else []
        return cell_parsing.mask_missing_codes(self.raw[header], [*self.mapping.missing, *own])


def read_column(
    source: SourceFile, name: str, kind: Kind | None, spelling: ColumnMapping, found: Mapping[str, pd.Series]
) -> pd.Series | None:
    """Read one column.

    Parameters
    ----------
    source : Source
    name : str
        Our name of the column.
    kind : {"id", "code", "set", "number", "date"} or None
        None: what its cells can all be read as.
    spelling : ColumnSpelling
    found : mapping of str to Series
        The columns read before, the ids among them.

    Returns
    -------
    Series or None
        Typed, unknown where a cell is empty, missing or odd; a birth date stays a date. None when it cannot be found:
        the findings say why.
    """
    key = f"tables.{source.table}.columns.{name}"
    if spelling.file is not None:
        return _read_second_file(source, key, spelling, found)
    if spelling.slots is not None:
        return _read_slots(source, key, spelling)
    header = require_header(source.raw, spelling.header, key, source.faults)
    if header is None:
        return None
    if kind == "id":
        return cell_parsing.map_distinct(source.raw[header], lambda text: cell_parsing.normalize_text(text) or None)
    given = source.read_cells(header, spelling)
    if spelling.birth_date is not None:
        return _read_dates(source, header, given, spelling)
    return _read_typed_cells(source, header, given, kind or _guess_kind(given, spelling, source.mapping), spelling)


def _read_typed_cells(
    source: SourceFile, header: str, given: pd.Series, kind: Kind, spelling: ColumnMapping
) -> pd.Series:
    if kind == "number":
        if spelling.codes:  # words that stand for numbers
            given, _ = CodeBook(spelling.codes, keep_unlisted=True).translate_cells(given)
        return _read_numbers(source, header, given, spelling)
    if kind == "date":
        return _read_dates(source, header, given, spelling)
    between = (spelling.split or source.mapping.set_separator) if kind == "set" else spelling.split
    return _read_codes(source, header, given, spelling, between)


def _read_numbers(source: SourceFile, header: str, given: pd.Series, spelling: ColumnMapping) -> pd.Series:
    values = cell_parsing.parse_numbers(given, source.mapping.decimal)
    likely = "name the right header, the codes in `missing`, or the `decimal` mark."
    values = source.faults.mask_bad_cells(header, values, given.notna() & values.isna(), "not a number", likely, given)
    return values if spelling.scale is None else values * spelling.scale


def _read_dates(source: SourceFile, header: str, given: pd.Series, spelling: ColumnMapping) -> pd.Series:
    form = spelling.dates or source.mapping.dates
    days = cell_parsing.parse_dates(given, form)
    says = f"not a date of the form `{form}`" if form else "not a date such as 2026-06-15"
    likely = f'name the right header, or the form, such as `dates = "%m/%d/%Y"` under [tables.{source.table}].'
    return source.faults.mask_bad_cells(header, days, given.notna() & days.isna(), says, likely, given)


def _read_codes(
    source: SourceFile, header: str, given: pd.Series, spelling: ColumnMapping, between: str | None
) -> pd.Series:
    book = CodeBook(spelling.codes, keep_unlisted=spelling.other == "keep")
    text, odd = book.translate_cells(given, between)
    likely = f"list the clinic's codes in `codes`. It knows {', '.join(f'`{code}`' for code in spelling.codes)}."
    source.faults.mask_bad_cells(header, text, odd, "a code that `codes` does not list", likely, given)
    return text


def _guess_kind(given: pd.Series, spelling: ColumnMapping, table: TableMapping) -> Kind:
    """The kind of a column of the clinic's own: what all its known cells can be read as."""
    known = given.dropna()
    if spelling.codes:
        known = pd.Series([one for ours in spelling.codes.values() for one in ours], dtype="str")
    if spelling.split or known.str.contains(SET_SEPARATOR, regex=False).any():
        return "set"
    if known.empty:
        return "code"
    if spelling.scale is not None or cell_parsing.parse_numbers(known, table.decimal).notna().all():
        return "number"
    return "date" if cell_parsing.parse_dates(known, spelling.dates or table.dates).notna().all() else "code"


def _read_slots(source: SourceFile, key: str, spelling: ColumnMapping) -> pd.Series | None:
    """One column for each slot, gathered into a set; no mark at all is unknown."""
    headers: dict[str, str] = {}
    for pattern in spelling.slots or []:
        found = match_headers(source.raw, pattern)
        if not found:
            fix = f"Correct `{key}` in clinic.toml. {suggest_name(pattern, list_headers(source.raw))}"
            source.faults.add_error(pattern, "no header has this form", fix)
        headers |= found
    if not headers:
        return None
    marked = pd.DataFrame({slot: source.read_cells(header, spelling) for slot, header in headers.items()})
    possible = (
        marked.notna() & ~marked.apply(lambda slot: cell_parsing.normalize_codes(slot).isin(NEGATIVE_MARKS))
    ).to_numpy()
    told = [SET_SEPARATOR.join(slot for slot, yes in zip(headers, row, strict=True) if yes) or None for row in possible]
    return pd.Series(told, index=marked.index, dtype="str")


def _read_second_file(
    source: SourceFile, key: str, spelling: ColumnMapping, found: Mapping[str, pd.Series]
) -> pd.Series | None:
    """A set whose members stand in the rows of a second file."""
    name, own = str(spelling.file), found.get(f"{source.table.removesuffix('s')}_id")
    path = source.folder / name
    if not path.is_file():
        source.faults.add_error(
            spelling.header, f"the file {name} is not there", f"Correct `{key}.file` in clinic.toml."
        )
        return None
    second = read_file(path, source.mapping, source.faults.for_table(name))
    if second is None or own is None:
        return None
    other = SourceFile(name, second, source.mapping, source.folder, source.faults.for_table(name))
    owner = require_header(second, str(spelling.key), f"{key}.key", other.faults)
    member = require_header(second, spelling.header, f"{key}.from", other.faults)
    if owner is None or member is None:
        return None
    rows = pd.DataFrame({
        "owner": cell_parsing.map_distinct(second[owner], cell_parsing.normalize_text),
        "member": _read_codes(other, member, other.read_cells(member, spelling), spelling, spelling.split),
    }).dropna()  # fmt: skip
    if not rows["owner"].isin(own).any():
        other.faults.add_error(
            owner, f"none of its ids is an id of {source.table}", f"Correct `{key}.key` in clinic.toml."
        )
        return None
    gathered = rows.drop_duplicates().groupby("owner", sort=False)["member"].agg(SET_SEPARATOR.join)
    return cell_parsing.normalize_sets(own.map(gathered).astype("str"))
