"""Cells that became unclear with the journal: a limit of one side holds a code of the other, and is not that code.

Reading checks the export alone. A code of the journal can meet a cell of the export that it does not match exactly.
An example is a `never` wish about `woman` and the cell `woman/nonbinary`. Such a restriction must not fail open, so the
same checks are made again with the journal applied. They only ever add restrictions.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from attune_fit.data.clinic.columns import TABLE_ID_COLUMNS, list_columns
from attune_fit.data.clinic.tables import UnreadableCell
from attune_fit.data.fault_collector import TREATMENTS, FaultCollector
from attune_fit.data.faults import Fault
from attune_fit.data.journal.applying.settled_frames import build_rows
from attune_fit.data.reading.checks.wished_codes import find_cells_with_wished_words
from attune_fit.data.reading.columns.code_mapping import CodeBook, list_code_books
from attune_fit.data.reading.columns.limit_codes import LimitCodes, find_cells_with, list_codes, list_limit_pairs
from attune_fit.data.reading.columns.table_reader import MappedTable
from attune_fit.data.reading.set_aside import list_treatments
from attune_fit.data.reading.wishes.wish_values import WishChecker

if TYPE_CHECKING:
    from attune_fit.data.clinic.settings import Config
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.data.reading.columns.limit_codes import LimitPair


def add_wishes(config: Config, tables: Tables, wishes: Sequence[Mapping[str, str]]) -> Tables:
    """Return the tables with wishes of the journal, read as those of a file are.

    A wish can have been recorded for a roster that had other columns or codes. Where the roster cannot answer a
    ``must`` or ``never`` wish any more, it sets its client aside; a softer one is left out. Either is a warning.

    Parameters
    ----------
    config : Config
    tables : Tables
        With the journal's changes of clients and therapists.
    wishes : sequence of mapping
        Rows of ``preferences``.
    """
    if not wishes:
        return tables
    collector, names = FaultCollector("journal"), list_columns("preferences")
    books, literal = list_code_books("therapists", config.tables.therapists), config.tables.preferences.literal
    checker = WishChecker(tables.therapists, tables.clients, books, collector, literal)
    checked = checker.check(
        MappedTable(pd.DataFrame(list(wishes), columns=list(names), dtype="str"), dict.fromkeys(names, ""))
    )
    aside = {one for fault in collector.faults for one in fault.sets_aside}
    return replace(
        tables,
        preferences=build_rows(
            "preferences",
            [dict(zip(names, row, strict=True)) for row in checked.frame[list(names)].to_numpy().tolist()],
            tables.preferences,
        ),
        unreadable=tables.unreadable | {UnreadableCell("clients", "", one, "aside") for one in aside},
        warnings=(*tables.warnings, *(replace(fault, rows=()) for fault in collector.faults)),
    )


def mask_unclear_cells(config: Config, tables: Tables, changed: Collection[tuple[str, str]]) -> Tables:
    """Return the tables; a cell that became unclear with the journal cannot be read, and a warning names its column.

    Parameters
    ----------
    config : Config
        Which codes the clinic declares: such a code is one, whatever it holds.
    tables : Tables
        With the journal applied.
    changed : collection of (table, column)
        The columns of which the journal has cells; any column of `preferences` means all wishes.
    """
    wished = {str(name) for name in tables.preferences["attribute"].unique()}
    if any(table == "preferences" or (table == "therapists" and name in wished) for table, name in changed):
        tables = _add_wished_cells(config, tables)
    for pair in list_limit_pairs():
        if ("clients", pair.client) in changed or ("therapists", pair.therapist) in changed:
            tables = _mask_inexact_codes(config, tables, pair)
    return tables


def _add_wished_cells(config: Config, tables: Tables) -> Tables:
    """Return the tables with each cell of a therapist that holds a code of a strict wish, and is not that code."""
    mapped = {name: MappedTable(getattr(tables, name), {}) for name in ("therapists", "preferences")}
    found = find_cells_with_wished_words(mapped, config.tables.therapists, FaultCollector("therapists"))
    new = found - tables.unreadable
    message = "codes that hold a code of a wish in the journal, and are not that code"
    fix = "Attune leaves out these therapists for clients with such a wish. Correct the cell, or list it in `codes`."
    columns = sorted({cell.column for cell in new})
    warnings = [Fault.warning("wished-code-since-journal", "therapists", name, message, fix=fix) for name in columns]
    return replace(tables, unreadable=tables.unreadable | new, warnings=(*tables.warnings, *warnings))


def _mask_inexact_codes(config: Config, tables: Tables, pair: LimitPair) -> Tables:
    """Return the tables without the cells of a limit that only seem to match the other side."""
    columns = {"clients": pair.client, "therapists": pair.therapist}
    mappings = {name: getattr(config.tables, name) for name in columns}
    own = [mappings[name].columns.get(column) for name, column in columns.items()]
    listed = {code: targets for mapping in own if mapping for code, targets in mapping.codes.items()}
    codes = {name: list_codes(getattr(tables, name)[column]) for name, column in columns.items()}
    both, treatments = LimitCodes(codes, CodeBook(listed)), list_treatments(config)
    frames: dict[str, Any] = {}
    found: set[UnreadableCell] = set()
    warnings = []
    for name, column in columns.items():
        frame, treatment = getattr(tables, name), treatments[name, column]
        is_unclear = find_cells_with(frame[column], both.find_joined() | both.find_inexact(name))
        if mappings[name].literal or not is_unclear.any():
            continue
        frames[name] = frame.assign(**{column: frame[column].mask(is_unclear)})
        ids = frame.loc[is_unclear, TABLE_ID_COLUMNS[name]].astype(str).tolist()
        is_aside = treatment == "aside"
        found |= {UnreadableCell(name, "" if is_aside else column, one, treatment) for one in ids}
        other = next(one for one in columns if one != name)
        message = f"codes that, since events of the journal, hold a code of `{columns[other]}` in `{other}`"
        fix = f"They are not that code. {TREATMENTS.get(treatment, '')} Correct the cell, or list the code in `codes`."
        warning = Fault.warning("inexact-code-since-journal", name, column, message, fix=fix)
        warnings.append(replace(warning, sets_aside=tuple(sorted(ids))) if is_aside else warning)
    return replace(tables, **frames, unreadable=tables.unreadable | found, warnings=(*tables.warnings, *warnings))
