"""Compare the lines of a first mapping with those of a careful person."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from attune_fit.data.clinic.columns import COLUMNS
from benchmarks.first_mapping.mapping_lines import Lines, Table, list_lines

ENOUGH = 0.9  # share of the rows of a codes table that have to read the same
KNOWN = frozenset(f"{column.table}.{column.name}" for column in COLUMNS)


@dataclass(frozen=True)
class LineScore:
    """How the lines of one first mapping compare with the expected ones; names of lines, without cells.

    Attributes
    ----------
    equal, wrong, left_out : tuple of str
        Expected lines that came out equal, that were set to something else, and that are not there.
    misplaced : tuple of str
        Columns of Attune that got a header although the careful person leaves them without one: as wrong as ``wrong``.
    added : tuple of str
        Other lines that were not expected. They can be harmless, such as codes that rename a gender.
    """

    equal: tuple[str, ...]
    wrong: tuple[str, ...]
    left_out: tuple[str, ...]
    misplaced: tuple[str, ...]
    added: tuple[str, ...]

    @property
    def expected(self) -> int:
        """Number of expected lines."""
        return len(self.equal) + len(self.wrong) + len(self.left_out)


def score_mapping(expected: Table, found: Table) -> LineScore:
    """Compare a first mapping with the expected one, line by line.

    Parameters
    ----------
    expected : mapping
        The parsed ``clinic.toml`` of a careful person. Lines in ``either`` of its ``[measure]`` count neither as
        expected nor as wrong: a source fills them, or they rename words that are Attune's already. A line can also be
        as in its ``also``, a mapping with other lines that read the same cells.
    found : mapping
        The parsed ``clinic.toml`` to score; empty where there is none.
    """
    either = expected.get("measure", {}).get("either", [])
    wanted = _drop_lines(list_lines(expected), either)
    lines = _drop_lines(list_lines(_align_parts(expected, found)), either)
    also = list_lines(expected.get("measure", {}).get("also", {}))
    equal = {
        name
        for name in wanted.keys() & lines.keys()
        if any(_is_equal(name, line[name], lines[name]) for line in (wanted, also) if name in line)
    }
    others = [name for name in lines if name not in wanted]
    return LineScore(
        equal=tuple(name for name in wanted if name in equal),
        wrong=tuple(name for name in wanted if name in lines and name not in equal),
        left_out=tuple(name for name in wanted if name not in lines),
        misplaced=tuple(name for name in others if _is_column(name)),
        added=tuple(name for name in others if not _is_column(name)),
    )


def _drop_lines(lines: Lines, either: Collection[str]) -> Lines:
    """Drop these lines and their details: with ``clients.gender`` also ``clients.gender.codes``."""
    return {name: line for name, line in lines.items() if not any(f"{name}.".startswith(f"{one}.") for one in either)}


def _align_parts(expected: Table, found: Table) -> Table:
    """Describe a table with one file as one part, where parts are expected: the lines then have the same names."""
    tables = dict(found.get("tables", {}))
    for name, table in expected.get("tables", {}).items():
        if table.get("parts") and isinstance(tables.get(name, {}).get("file"), str):
            tables[name] = {"parts": [tables[name]]}
    return {**found, "tables": tables}


def _is_column(line: str) -> bool:
    """Whether a line gives a header to a column of Attune, in any file of a table."""
    table, _, rest = line.partition(".") if "[" not in line else (line.partition("[")[0], "", line.rpartition("].")[2])
    return f"{table}.{rest}" in KNOWN


def _is_equal(name: str, wanted: Any, found: Any) -> bool:
    key = name.rpartition(".")[2]
    if key in ("codes", "item_codes"):
        return _compute_share(wanted, found) >= ENOUGH
    if key == "scale":
        return abs(float(wanted) - float(found)) < 1e-9
    return bool(wanted == found)


def _compute_share(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> float:
    """Share of the expected rows of a codes table that read the same."""
    equal = [code for code, meaning in wanted.items() if code in found and found[code] == meaning]
    return len(equal) / len(wanted)


def list_faults(score: LineScore) -> Collection[str]:
    """List the lines that are wrong, sorted; the worst ones, as a person would believe them."""
    return sorted((*score.wrong, *score.misplaced))
