"""One column of a file as handed in, read in our words and types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from attune_fit.data import cell_parsing
from attune_fit.data.cell_parsing import BETWEEN
from attune_fit.data.clinic.columns import Kind
from attune_fit.data.clinic.mapping_config import ColumnSpelling, TableSpelling
from attune_fit.data.fault_collector import Findings, did_you_mean
from attune_fit.data.reading.code_mapping import CodeBook
from attune_fit.data.reading.files import load
from attune_fit.data.reading.header_match import listed, matching, needed

NO_MARK = ("no", "n", "0", "false", "-")  # in a slot's column: not possible


@dataclass(frozen=True)
class Source:
    """One file as handed in and how it is spelt: text cells, row labels as a spreadsheet numbers them."""

    table: str
    raw: pd.DataFrame
    spelling: TableSpelling
    folder: Path
    findings: Findings

    def given(self, header: str, spelling: ColumnSpelling | None = None) -> pd.Series:
        """Cells under a header, unknown where a code for missing stands."""
        own = spelling.missing if spelling else []
        return cell_parsing.without(self.raw[header], [*self.spelling.missing, *own])


def read_column(
    source: Source, name: str, kind: Kind | None, spelling: ColumnSpelling, found: Mapping[str, pd.Series]
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
        return _joined(source, key, spelling, found)
    if spelling.slots is not None:
        return _slots(source, key, spelling)
    header = needed(source.raw, spelling.header, key, source.findings)
    if header is None:
        return None
    if kind == "id":
        return cell_parsing.each(source.raw[header], lambda text: cell_parsing.plain(text) or None)
    given = source.given(header, spelling)
    if spelling.birth_date is not None:
        return _dates(source, header, given, spelling)
    return _typed(source, header, given, kind or _guess(given, spelling, source.spelling), spelling)


def _typed(source: Source, header: str, given: pd.Series, kind: Kind, spelling: ColumnSpelling) -> pd.Series:
    if kind == "number":
        if spelling.codes:  # words that stand for numbers
            given, _ = CodeBook(spelling.codes, keep=True).read(given)
        return _numbers(source, header, given, spelling)
    if kind == "date":
        return _dates(source, header, given, spelling)
    between = (spelling.split or source.spelling.set_separator) if kind == "set" else spelling.split
    return _words(source, header, given, spelling, between)


def _numbers(source: Source, header: str, given: pd.Series, spelling: ColumnSpelling) -> pd.Series:
    values = cell_parsing.numbers(given, source.spelling.decimal)
    likely = "name the right header, the codes in `missing`, or the `decimal` mark."
    values = source.findings.odd(header, values, given.notna() & values.isna(), "not a number", likely, given)
    return values if spelling.scale is None else values * spelling.scale


def _dates(source: Source, header: str, given: pd.Series, spelling: ColumnSpelling) -> pd.Series:
    form = spelling.dates or source.spelling.dates
    days = cell_parsing.dates(given, form)
    says = f"not a date of the form `{form}`" if form else "not a date such as 2026-06-15"
    likely = f'name the right header, or the form, such as `dates = "%m/%d/%Y"` under [tables.{source.table}].'
    return source.findings.odd(header, days, given.notna() & days.isna(), says, likely, given)


def _words(source: Source, header: str, given: pd.Series, spelling: ColumnSpelling, between: str | None) -> pd.Series:
    book = CodeBook(spelling.codes, keep=spelling.other == "keep")
    text, odd = book.read(given, between)
    likely = f"list the clinic's codes in `codes`. It knows {', '.join(f'`{code}`' for code in spelling.codes)}."
    source.findings.odd(header, text, odd, "a code that `codes` does not list", likely, given)
    return text


def _guess(given: pd.Series, spelling: ColumnSpelling, table: TableSpelling) -> Kind:
    """The kind of a column of the clinic's own: what all its known cells can be read as."""
    known = given.dropna()
    if spelling.codes:
        known = pd.Series([one for ours in spelling.codes.values() for one in ours], dtype="str")
    if spelling.split or known.str.contains(BETWEEN, regex=False).any():
        return "set"
    if known.empty:
        return "code"
    if spelling.scale is not None or cell_parsing.numbers(known, table.decimal).notna().all():
        return "number"
    return "date" if cell_parsing.dates(known, spelling.dates or table.dates).notna().all() else "code"


def _slots(source: Source, key: str, spelling: ColumnSpelling) -> pd.Series | None:
    """One column for each slot, gathered into a set; no mark at all is unknown."""
    headers: dict[str, str] = {}
    for pattern in spelling.slots or []:
        found = matching(source.raw, pattern)
        if not found:
            fix = f"Correct `{key}` in clinic.toml. {did_you_mean(pattern, listed(source.raw))}"
            source.findings.stop(pattern, "no header has this form", fix)
        headers |= found
    if not headers:
        return None
    marked = pd.DataFrame({slot: source.given(header, spelling) for slot, header in headers.items()})
    possible = (marked.notna() & ~marked.apply(lambda slot: cell_parsing.words(slot).isin(NO_MARK))).to_numpy()
    told = [BETWEEN.join(slot for slot, yes in zip(headers, row, strict=True) if yes) or None for row in possible]
    return pd.Series(told, index=marked.index, dtype="str")


def _joined(source: Source, key: str, spelling: ColumnSpelling, found: Mapping[str, pd.Series]) -> pd.Series | None:
    """A set whose members stand in the rows of a second file."""
    name, own = str(spelling.file), found.get(f"{source.table.removesuffix('s')}_id")
    path = source.folder / name
    if not path.is_file():
        source.findings.stop(spelling.header, f"the file {name} is not there", f"Correct `{key}.file` in clinic.toml.")
        return None
    second = load(path, source.spelling, source.findings.at(name))
    if second is None or own is None:
        return None
    other = Source(name, second, source.spelling, source.folder, source.findings.at(name))
    owner = needed(second, str(spelling.key), f"{key}.key", other.findings)
    member = needed(second, spelling.header, f"{key}.from", other.findings)
    if owner is None or member is None:
        return None
    rows = pd.DataFrame({
        "owner": cell_parsing.each(second[owner], cell_parsing.plain),
        "member": _words(other, member, other.given(member, spelling), spelling, spelling.split),
    }).dropna()  # fmt: skip
    if not rows["owner"].isin(own).any():
        other.findings.stop(
            owner, f"none of its ids is an id of {source.table}", f"Correct `{key}.key` in clinic.toml."
        )
        return None
    gathered = rows.drop_duplicates().groupby("owner", sort=False)["member"].agg(BETWEEN.join)
    return cell_parsing.sets(own.map(gathered).astype("str"))
