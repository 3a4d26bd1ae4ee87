"""What a cell that cannot be read stops: the person of its row, some pairs, or the rating of its row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.clinic.columns import COLUMNS, SOFT_STRENGTHS, TABLE_ID_COLUMNS
from attune_fit.data.clinic.instruments import ALLIANCE_SCALES
from attune_fit.data.clinic.tables import UnreadableCell

if TYPE_CHECKING:
    from attune_fit.data.clinic.settings import Config
    from attune_fit.data.fault_collector import FaultCollector, Treatment
    from attune_fit.data.reading.columns.table_reader import MappedTable


PERSON_TABLES = {**TABLE_ID_COLUMNS, "preferences": "client_id"}  # whose cells can set a person aside


def list_treatments(config: Config) -> dict[tuple[str, str], Treatment]:
    """Return what an unreadable cell means in each canonical column, by (table, column).

    A column whose rule is switched off restricts no pair, so that its cells are then simply missing. In the column of
    ``waiting.where`` they set the client aside: whether this client waits is not known.
    """
    rules_off, where = {name for name, setting in config.rules.items() if setting.on is False}, config.waiting.where
    treatments: dict[tuple[str, str], Treatment] = {
        (column.table, column.name): "missing" if column.rule in rules_off else column.unreadable for column in COLUMNS
    }
    return treatments if where is None else {**treatments, ("clients", where.column): "aside"}


def find_unreadable_cells(tables: Mapping[str, MappedTable], collector: FaultCollector) -> frozenset[UnreadableCell]:
    """Return the unreadable cells that set no person aside, by id; name the people whom the others set aside.

    Parameters
    ----------
    tables : mapping of str to MappedTable
        The tables, with a row for each row of their files.
    collector : FaultCollector
        Its faults about cells that set people aside get the ids of these people.
    """
    found: set[UnreadableCell] = set()
    for cells in collector.unreadable:
        if cells.table not in tables or cells.table not in PERSON_TABLES:
            continue
        frame = tables[cells.table].frame.reindex(list(cells.rows))
        if cells.table == "preferences":  # a soft wish restricts no pair
            frame = frame[~frame["strength"].isin(SOFT_STRENGTHS)]
        ids = frame[PERSON_TABLES[cells.table]].dropna()
        if cells.treatment != "aside":
            found.update(UnreadableCell(cells.table, cells.column, str(one), cells.treatment) for one in ids)
        elif len(ids):
            fault = collector.faults[cells.fault]
            people = sorted({*fault.sets_aside, *map(str, ids)})
            collector.faults[cells.fault] = replace(fault, sets_aside=tuple(people))
    return frozenset(found)


def list_people_set_aside(collector: FaultCollector) -> frozenset[UnreadableCell]:
    """Return an entry without a column for each person whom a fault sets aside."""
    return frozenset(
        UnreadableCell(fault.side, "", one, "aside") for fault in collector.faults for one in fault.sets_aside
    )


def drop_unusable_scores(frame: pd.DataFrame, collector: FaultCollector) -> pd.DataFrame:
    """Return the outcomes without the scores of rows whose rater or session cannot be read; the visits stay."""
    unused = [
        row
        for cells in collector.unreadable
        if cells.table == "outcomes" and cells.treatment == "unused"
        for row in cells.rows
    ]
    scores = [name for name in ("score", *ALLIANCE_SCALES) if name in frame]
    if not unused or not scores:
        return frame
    return frame.assign(**{name: frame[name].mask(frame.index.isin(unused)) for name in scores})
