"""A file in the clinic's own spelling, read as one of our tables."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from attune_fit.data.cell_parsing import word
from attune_fit.data.clinic.columns import columns_of
from attune_fit.data.clinic.mapping_config import ColumnSpelling
from attune_fit.data.fault_collector import did_you_mean
from attune_fit.data.reading.column_reader import Source, read_column
from attune_fit.data.reading.header_match import listed, matching


@dataclass(frozen=True)
class Mapped:
    """A table in our columns and types, and the clinic's header of each; row labels as in the file."""

    frame: pd.DataFrame
    headers: dict[str, str]


def mapped(source: Source, apart: Collection[str] = ()) -> Mapped:
    """Read every column of a file but the headers in ``apart``, which something else reads.

    Returns
    -------
    Mapped
        Our columns where the file has them, then the clinic's own: those under ``columns``, and every header that
        nothing there uses, under its own name. A birth date stays a date.
    """
    known = columns_of(source.table)
    found: dict[str, pd.Series] = {}
    headers: dict[str, str] = {}
    for name, spelling in _wanted(source, apart).items():
        kind = known[name].kind if name in known else spelling.kind
        if name in known and spelling.gives not in (None, kind):
            says = f"`{name}` is of the kind {kind}, and what is asked for makes a {spelling.gives}"
            place, fix = f"tables.{source.table}.columns.{name}", "Name one header with `from`, or another column."
            source.findings.at("clinic.toml").stop(place, says, fix)
            continue
        cells = read_column(source, name, kind, spelling, found)
        if cells is not None:
            found[name], headers[name] = cells, spelling.header
    _check_names(source)
    for name, column in known.items():
        if column.required and name not in found and name not in source.spelling.columns:
            source.findings.stop(
                name, "the file has no such column, and it is needed",
                f'Map it: `{name} = "its header"` under [tables.{source.table}.columns]. '
                f"{did_you_mean(name, listed(source.raw))}",
            )  # fmt: skip
    return Mapped(pd.DataFrame(found, index=source.raw.index), headers)


def _wanted(source: Source, apart: Collection[str]) -> dict[str, ColumnSpelling]:
    """How each column to be read is spelt, ids first."""
    spelt, known = source.spelling.columns, columns_of(source.table)
    patterns = [pattern for column in spelt.values() for pattern in column.slots or []]
    slots = [header for pattern in patterns for header in matching(source.raw, pattern).values()]
    used = {
        word(header) for header in (*apart, *slots, *(column.header for column in spelt.values() if not column.file))
    }
    there: dict[str, ColumnSpelling] = {}
    for header in listed(source.raw):
        if word(header) not in used:
            name = word(header) if word(header) in known else header
            there[name] = ColumnSpelling.model_validate({"from": header})
    wanted = {**there, **spelt}
    return {name: wanted[name] for name in sorted(wanted, key=lambda name: name not in known)}


def _check_names(source: Source) -> None:
    """Note a column of the clinic's own whose name is nearly one of ours."""
    known = columns_of(source.table)
    for name in sorted(set(source.spelling.columns) - set(known)):
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.87)
        if near:
            place = f"tables.{source.table}.columns.{name}"
            says = f"`{name}` is no column of Attune's; it is kept as one of your own"
            source.findings.at("clinic.toml").note(place, says, f"Did you mean `{near[0]}`?")
