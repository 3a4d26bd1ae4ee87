"""The collector of faults: errors and warnings found while reading, so that Attune reports all of them at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

import pandas as pd

from attune_fit.data.faults import DeclaredMissing, Fault, ReadFile
from attune_fit.data.row_blocks import JoinedRows, RowBlock, replace_row_labels

TREATED_AS_MISSING = "Attune treats such cells as missing. Correct them in the file if you can."
MOSTLY = "-mostly"  # ends the id of the error about most cells of a column, after the id of the warning about a few
SOFT = "-ignored"  # ends the id of the warning about wishes that restrict no pair
MIN_BAD_CELLS = 2  # a single bad cell never means that Attune misreads the whole column

Treatment = Literal["missing", "aside", "limited", "unused", "stops"]  # of a cell that cannot be read
TREATMENTS: dict[str, str] = {  # what Attune does; a cell that is only missing restricts no pair
    "aside": "Attune puts these people on no list until it is corrected.",
    "limited": "Until it is corrected, Attune leaves out therapists who set a limit on it.",
    "unused": "Attune counts these visits, and does not use their ratings.",
}


class UnreadableCells(NamedTuple):
    """Cells of one column that cannot be read, by row number of the file; ``fault`` is the number of their fault."""

    table: str
    column: str
    rows: tuple[int, ...]
    fault: int
    treatment: Treatment


@dataclass(frozen=True)
class FaultCollector:
    """Errors and warnings found so far.

    Attributes
    ----------
    table : str
        The table, or file, that new faults are about.
    faults : list of Fault
        In the order found; collectors made by :meth:`for_table` share the list.
    unreadable : list of UnreadableCells
        The cells that could not be read, shared in the same way.
    files : list of ReadFile
        The files that were read, shared in the same way.
    declared_missing : list of DeclaredMissing
        The cells with a value that their file declares as missing, shared in the same way.
    treatments : mapping of (table, column) to Treatment
        What a cell that cannot be read means in each canonical column; "missing" where it is not listed.
    blocks : list of RowBlock
        The files of the tables that have several, shared in the same way. They resolve row labels.
    joined : list of JoinedRows
        The columns that come from joined files, shared in the same way.
    part : int or None
        Number of the part of the table, from 0 as in places of keys; None for a whole table.
    place : str
        Place under ``tables`` of the keys that read a further file of a table; empty for a table itself.
    """

    table: str
    faults: list[Fault] = field(default_factory=list)
    unreadable: list[UnreadableCells] = field(default_factory=list)
    treatments: Mapping[tuple[str, str], Treatment] = field(default_factory=dict)
    files: list[ReadFile] = field(default_factory=list)
    declared_missing: list[DeclaredMissing] = field(default_factory=list)
    blocks: list[RowBlock] = field(default_factory=list)
    joined: list[JoinedRows] = field(default_factory=list)
    part: int | None = None
    place: str = ""

    def for_table(self, table: str, place: str = "") -> FaultCollector:
        """Return a collector for another table, or a further file with keys at a ``place``, that adds to the list."""
        return replace(self, table=table, part=None, place=place)

    def for_part(self, number: int) -> FaultCollector:
        """Return a collector for a part of the table; its ``number`` counts from 0, as places of keys do."""
        return replace(self, part=number)

    @property
    def key_path(self) -> str:
        """Place under ``tables`` of the keys that read the table, such as ``clients`` or ``outcomes.parts.0``."""
        if self.place:
            return self.place
        return self.table if self.part is None else f"{self.table}.parts.{self.part}"

    @property
    def section(self) -> str:
        """Place in ``clinic.toml`` of the keys that read the table, such as ``tables.clients``."""
        return f"tables.{self.key_path}"

    @property
    def located_faults(self) -> tuple[Fault, ...]:
        """The faults found so far with the rows of the clinic's files in place of row labels."""
        return replace_row_labels(self.faults, self.blocks, self.joined)

    def add_error(self, message_id: str, column: str, message: str, fix: str, rows: Iterable[int] = ()) -> None:
        """Add an error: it has to be corrected first."""
        self.faults.append(Fault.error(message_id, self.table, column, message, fix=fix, rows=rows))

    def add_warning(self, message_id: str, column: str, message: str, fix: str, rows: Iterable[int] = ()) -> None:
        """Add a warning: Attune works around it, and ``fix`` states how."""
        self.faults.append(Fault.warning(message_id, self.table, column, message, fix=fix, rows=rows))

    def add_warning_for_rows(self, message_id: str, column: str, message: str, fix: str, rows: pd.Index) -> None:
        """Add a warning if there is any such row (see :meth:`add_warning`)."""
        if len(rows):
            self.add_warning(message_id, column, message, fix, rows)

    def report_bad_cells(
        self,
        message_id: str,
        header: str,
        cells: pd.Series,
        bad: pd.Series,
        message: str,
        hint: str,
        raw_cells: pd.Series | None = None,
        *,
        name: str = "",
        restricts: bool | pd.Series = True,
        escalates: bool = True,
        treatment: str = TREATED_AS_MISSING,
    ) -> None:
        """Add one fault about cells that cannot be read, and note the cells.

        What they stop depends on the column (see :data:`TREATMENTS`). Where they would only be missing, and they are
        more than half of the column, it is an error: then the mapping is likely wrong.

        Parameters
        ----------
        message_id : str
            The error about most cells has the same id with :data:`MOSTLY` at its end.
        header : str
            The header as the clinic spells it.
        cells, bad : Series
            Cells and whether each is bad, both labelled by spreadsheet row.
        message, hint : str
            What is wrong with a bad cell; what to check, such as "check the header.".
        raw_cells : Series, optional
            The text from which ``cells`` were parsed: the known ones among it are counted.
        name : str
            The canonical column; empty for a column of the clinic's own.
        restricts : bool or Series of bool
            False for cells that are read in part, where the part that is not read can only add candidates. A Series
            answers for each cell; the two groups are then two faults.
        escalates : bool
            False for cells that are known to be bad one by one: most of them do not mean a wrong mapping.
        treatment : str
            What Attune does with a few bad cells, where :data:`TREATMENTS` has no text for it.
        """
        if not bad.any():
            return
        if isinstance(restricts, pd.Series):
            for one, group in ((True, bad & restricts), (False, bad & ~restricts)):
                self.report_bad_cells(message_id, header, cells, group, message, hint, raw_cells, name=name,
                                      restricts=one, escalates=escalates, treatment=treatment)  # fmt: skip
            return
        rows, count = cells.index[bad], int((cells if raw_cells is None else raw_cells).notna().sum())
        kind = self.treatments.get((self.table, name), "missing") if restricts else "missing"
        if escalates and kind in ("missing", "limited", "unused") and is_mostly_bad(len(rows), count):
            fix = f"The mapping is likely wrong: {hint}"
            self.add_error(f"{message_id}{MOSTLY}", header, f"{len(rows)} of {count} cells: {message}", fix, rows)
            return
        what_it_stops = TREATMENTS.get(kind, "")
        fix = treatment if kind == "missing" else f"{what_it_stops} Correct the cell, or {hint}"
        self.unreadable.append(
            UnreadableCells(self.table, name, tuple(int(row) for row in rows), len(self.faults), kind)
        )
        self.add_warning(message_id, header, message, fix, rows)  # it gets the ids of the people later

    def report_wishes(
        self, message_id: str, header: str, message: str, fix: str, wishes: pd.DataFrame, soft: pd.Series
    ) -> None:
        """Set the clients aside whose wishes cannot be read; warn of the soft ones, which restrict no pair.

        Parameters
        ----------
        message_id, header, message, fix : str
            The id, the header as the clinic spells it, what is wrong, and what to do.
        wishes : DataFrame
            The wishes that cannot be read, with ``client_id``, labelled by spreadsheet row.
        soft : Series of bool
            Whether each wish is a ``prefer`` or an ``avoid``.
        """
        if not soft.all():
            ids, rows = wishes["client_id"][~soft], wishes.index[~soft]
            stopped = f"Attune puts these clients on no list until it is corrected. {fix}"
            self.add_set_aside(message_id, header, message, stopped, rows, ids)
        if soft.any():
            ignored = f"Attune ignores these wishes. {fix}"
            self.add_warning(f"{message_id}{SOFT}", header, message, ignored, wishes.index[soft])

    def mask_bad_cells(
        self,
        message_id: str,
        header: str,
        cells: pd.Series,
        bad: pd.Series,
        message: str,
        hint: str,
        raw_cells: pd.Series | None = None,
        *,
        name: str = "",
        escalates: bool = True,
    ) -> pd.Series:
        """Return the cells with bad ones set to missing, after :meth:`report_bad_cells` about them."""
        self.report_bad_cells(message_id, header, cells, bad, message, hint, raw_cells, name=name, escalates=escalates)
        return cells.mask(bad) if bad.any() else cells

    def add_set_aside(
        self, message_id: str, column: str, message: str, fix: str, rows: Iterable[int], ids: Iterable[str]
    ) -> None:
        """Add a fault that takes people off every list (see :meth:`Fault.set_aside`)."""
        self.faults.append(Fault.set_aside(message_id, self.table, column, message, fix=fix, rows=rows, ids=ids))

    def list_unreadable_rows(self, table: str, column: str | None = None) -> frozenset[int]:
        """Return the rows, by spreadsheet row, with a reported cell that cannot be read; in any column by default."""
        places = [cells for cells in self.unreadable if cells.table == table and column in (None, cells.column)]
        return frozenset(row for cells in places for row in cells.rows)

    @property
    def has_errors(self) -> bool:
        """Whether any fault found so far is an error."""
        return any(fault.stops for fault in self.faults)


def is_mostly_bad(bad: int, known: int) -> bool:
    """Return whether ``bad`` cells of ``known`` ones mean a wrong mapping: more than half, and more than one cell."""
    return bad >= MIN_BAD_CELLS and known < 2 * bad


def build_unknown_column_fault(place: str, table: str, column: str, known: Iterable[str]) -> Fault:
    """Return the error about a key of ``clinic.toml``, at ``place``, whose column ``table`` does not have."""
    fix = suggest_name(column, known)
    return Fault.error("unknown-column", "clinic.toml", place, f"{table} has no column `{column}`", fix=fix)


def suggest_name(word: str, known: Iterable[str]) -> str:
    """Return the known name closest to ``word`` as a question, then all known names.

    >>> suggest_name("shortlst", ["seed", "shortlist"])
    'Did you mean `shortlist`? Known: `seed`, `shortlist`.'
    """
    names = list(dict.fromkeys(known))
    listed = f"Known: {', '.join(f'`{name}`' for name in names) or 'none'}."
    return f"{suggest_closest(word, names)} {listed}".strip()


def suggest_closest(word: str, known: Iterable[str]) -> str:
    """Return the known name closest to ``word`` as a question; empty where none is close.

    >>> suggest_closest("bcsb", ["bcbs", "aetna"])
    'Did you mean `bcbs`?'
    """
    by_folded = {name.casefold(): name for name in sorted(known, reverse=True)}
    close = difflib.get_close_matches(word.casefold(), by_folded, n=1)
    return f"Did you mean `{by_folded[close[0]]}`?" if close else ""
