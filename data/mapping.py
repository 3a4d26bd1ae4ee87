"""A file in the clinic's own spelling, read as one of our tables."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from data.cells import word
from data.column import Source, read_column
from data.columns import columns_of
from data.findings import did_you_mean
from data.headers import listed
from data.spelling import ColumnSpelling


@dataclass(frozen=True)
class Mapped:
    """A table in our columns and types, and the clinic's header of each; row labels as in the file."""

    frame: pd.DataFrame
    headers: dict[str, str]


def mapped(source: Source, also: Collection[str] = (), apart: Collection[str] = ()) -> Mapped:
    """Read every column that is asked for.

    Parameters
    ----------
    source : Source
    also : collection of str
        The clinic's own columns that something else asks for by header.
    apart : collection of str
        Headers that something else reads.

    Returns
    -------
    Mapped
        Our columns where the file has them, then the clinic's own: those under ``columns`` and ``also``; all others
        too when ``columns`` is empty, for then the file is in our spelling. A birth date stays a date.
    """
    known = columns_of(source.table)
    found: dict[str, pd.Series] = {}
    headers: dict[str, str] = {}
    for name, spelling in _wanted(source, also, apart).items():
        kind = known[name].kind if name in known else spelling.kind
        cells = read_column(source, name, kind, spelling, found)
        if cells is not None:
            found[name], headers[name] = cells, spelling.header
    for name, column in known.items():
        if column.required and name not in found and name not in source.spelling.columns:
            source.findings.stop(
                name, "the file has no such column, and it is needed",
                f'Map it: `{name} = "its header"` under [tables.{source.table}.columns]. '
                f"{did_you_mean(name, listed(source.raw))}",
            )  # fmt: skip
    return Mapped(pd.DataFrame(found, index=source.raw.index), headers)


def _wanted(source: Source, also: Collection[str], apart: Collection[str]) -> dict[str, ColumnSpelling]:
    """How each column to be read is spelt, ids first."""
    spelt = source.spelling.columns
    known = columns_of(source.table)
    aside = {word(header) for header in apart}
    asked = {word(header) for header in also}
    there: dict[str, ColumnSpelling] = {}
    for header in listed(source.raw):
        name = word(header) if word(header) in known else header
        if word(header) not in aside and (name in known or not spelt or word(header) in asked):
            there[name] = ColumnSpelling.model_validate({"from": header})
    wanted = {**there, **spelt}
    return {name: wanted[name] for name in sorted(wanted, key=lambda name: name not in known)}
