"""Canonical export: tables written as a clinic folder that reads back the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attune_fit.data.cell_parsing import SET_SEPARATOR
from attune_fit.data.clinic.canonical_order import sort_canonically
from attune_fit.data.clinic.columns import (
    DEPARTED_THERAPIST_ID,
    TABLE_ID_COLUMNS,
    TABLES,
    UNREADABLE_CELL,
    list_columns,
)
from attune_fit.data.clinic.pair_states import PairStates
from attune_fit.data.clinic.settings import Config
from attune_fit.data.clinic.tables import OPENING_COLUMNS
from attune_fit.data.faults import DataFault
from attune_fit.data.formats.table_formats import CANONICAL_SUFFIX, list_file_names
from attune_fit.data.missing_words import is_missing_word
from attune_fit.data.outcomes.openings import OPEN_SLOTS, count_openings, count_starts
from attune_fit.data.reading.columns.limit_codes import list_codes
from attune_fit.data.reading.columns.set_separators import SEPARATING_MARKS
from attune_fit.data.reading.set_aside import list_treatments
from attune_fit.data.storage.folder_write import finish_interrupted_write, write_folder_atomically
from attune_fit.data.writing.toml_text import format_toml

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables

EXPORT_MARKER = "# Written by Attune: canonical tables."
OVERWRITABLE_MARKERS = ("Written by Attune", "drawn by Attune")  # in the head of a clinic.toml that Attune may replace
SECOND_ROW_COLUMN = "problems_not_taken"  # marked in a second row, which then differs from any first one


def write_tables(tables: Tables, folder: Path, config: Config | None = None) -> None:
    """Write canonical CSV files and a ``clinic.toml``, all or none. Tables read from the folder have the same digest.

    Tables with states of pairs from a journal are an exception, because files cannot hold these states. The openings
    that offers hold are taken off ``open_slots``, so that no therapist has more openings than before.
    :func:`list_unwritable_states` names the rest.

    Parameters
    ----------
    tables : Tables
        The tables to write; an empty optional table is not written.
    folder : Path
        The clinic folder; created if it does not exist.
    config : Config, optional
        Its rules, features, instruments and settings are written to ``clinic.toml``, except the place of the journal:
        the tables hold its events already.

    Raises
    ------
    DataFault
        If the folder contains a ``clinic.toml`` that Attune did not write, or tables without a ``clinic.toml``.
    """
    if folder.is_dir():
        finish_interrupted_write(folder)
    if not _can_overwrite(folder):
        message, fix = f"{folder} already contains another clinic", "Name a folder that is empty or new."
        raise DataFault.error("folder-of-another-clinic", "clinic.toml", "", message, fix=fix)
    tables = _mark_unreadable_cells(replace_pair_states(tables), config or Config())
    toml = "\n".join([EXPORT_MARKER, *format_toml(_build_config(tables, config)), ""])
    files = build_table_files(tables)
    absent = [name for table in TABLES if (name := f"{table}{CANONICAL_SUFFIX}") not in files]
    write_folder_atomically(folder, {**files, "clinic.toml": toml}, remove=absent)


def replace_pair_states(tables: Tables) -> Tables:
    """Return the tables that :func:`write_tables` writes: without states of pairs, and in canonical order.

    ``open_slots`` becomes the number that leaves as many openings as there are now, with ``updated_on`` as it is: a row
    does not look newer than its last check.
    """
    if tables.pair_states == PairStates():
        return tables
    written = replace(tables, pair_states=PairStates())
    openings = count_openings(tables)
    open_slots = tables.therapists[OPEN_SLOTS].mask(
        pd.Series(openings != count_openings(written), index=tables.therapists.index) & ~np.isnan(openings),
        openings + count_starts(written),
    )
    return sort_canonically(replace(written, therapists=tables.therapists.assign(**{OPEN_SLOTS: open_slots})))


def list_unwritable_states(tables: Tables) -> tuple[str, ...]:
    """Return a sentence for each kind of states from the journal that files of tables cannot hold; empty for none."""
    states = tables.pair_states
    sentences = {
        "Clients with an offer, who wait again in the written tables: {}. `open_slots` is without the openings that "
        "these offers hold.": len({offer.client_id for offer in states.offers}),
        "Declined pairs, which the written tables do not exclude: {}.": len(states.declined),
        "Clients who no longer seek therapy, who wait again in the written tables: {}.": len(states.withdrawn),
        "Pairs that ended, for which follow-up can list a check again: {}.": len(states.ended),
    }
    return tuple(sentence.format(f"{count:,}") for sentence, count in sentences.items() if count)


def build_table_files(tables: Tables) -> dict[str, Callable[[Path], object]]:
    """Return a function that writes the CSV file, by file name; without the optional tables that are empty."""
    frames = {name: _list_outcomes(tables) if name == "outcomes" else getattr(tables, name) for name in TABLES}
    return {
        f"{name}{CANONICAL_SUFFIX}": partial(_write_csv, _drop_empty_columns(name, frame))
        for name, frame in frames.items()
        if len(frame) or name in ("clients", "therapists")
    }


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=False, lineterminator="\n")


def _mark_unreadable_cells(tables: Tables, config: Config) -> Tables:
    """Return the tables with a mark in each unreadable cell, as text: a restriction stays one when it is read again.

    A client who is set aside gets a wish that cannot be read. A therapist who is gets a mark for the first limit that
    is missing and whose rule is on. Where there is none, the therapist gets a second row: no rule switches that off.
    """
    if not tables.unreadable:
        return tables
    frames = {
        "clients": tables.clients.copy(),
        "therapists": tables.therapists.copy(),
        "preferences": tables.preferences,
    }
    treatments, wishes, second_rows = list_treatments(config), [], []
    for cell in sorted(tables.unreadable):
        frame, key = frames[cell.table], TABLE_ID_COLUMNS[cell.table]
        if cell.treatment == "aside" and cell.table == "clients":
            marks = {column.name: UNREADABLE_CELL for column in list_columns("preferences").values()}
            wishes.append({**marks, "client_id": cell.id})
            continue
        is_person = frame[key] == cell.id
        limits = [name for name in list_columns(cell.table) if treatments[cell.table, name] == "aside"]
        missing = [name for name in limits if frame.loc[is_person, name].isna().all()]
        column = cell.column or next(iter(missing), "")
        if column:
            frame[column] = _mark_cells(frame[column], is_person)
        else:
            second_rows.append({key: cell.id, SECOND_ROW_COLUMN: UNREADABLE_CELL})
    for table, rows in (("preferences", wishes), ("therapists", second_rows)):
        if rows:
            frames[table] = pd.concat([frames[table], pd.DataFrame(rows, dtype="str")], ignore_index=True)
    clients, therapists, preferences = frames.values()
    return replace(tables, clients=clients, therapists=therapists, preferences=preferences)


def _mark_cells(cells: pd.Series, is_unreadable: pd.Series) -> pd.Series:
    """Return cells as text with a mark in those that cannot be read."""
    if pd.api.types.is_datetime64_any_dtype(cells):
        cells = cells.dt.strftime("%Y-%m-%d")
    return cells.astype(object).mask(is_unreadable, UNREADABLE_CELL)


def _can_overwrite(folder: Path) -> bool:
    """Return whether no file in the folder is a clinic's own; canonical tables do not need a ``clinic.toml``."""
    path = folder / "clinic.toml"
    if path.exists():
        return any(mark in path.read_text(encoding="utf-8", errors="replace")[:200] for mark in OVERWRITABLE_MARKERS)
    return not any((folder / file).exists() for name in TABLES for file in list_file_names(name))


def _list_outcomes(tables: Tables) -> pd.DataFrame:
    """Return the outcomes with a row for each client who met a therapist but has no usable outcome.

    Records that only use openings are rows too: those of other clients, and marks in place of unreadable dates.
    """
    without_row = sorted(tables.met_client_ids - set(tables.outcomes["client_id"]))
    rows = pd.DataFrame({"client_id": without_row, "therapist_id": DEPARTED_THERAPIST_ID}, dtype="str")
    outcomes = pd.concat([tables.outcomes, rows], ignore_index=True) if without_row else tables.outcomes
    records = tables.opening_records
    if records.empty:
        return outcomes
    is_other = ~records["client_id"].isin(tables.clients["client_id"])
    outcomes = pd.concat([outcomes, records[is_other]], ignore_index=True)
    visits = OPENING_COLUMNS[:-1]  # without the date
    unreadable = set(map(str, records.loc[records["measured_on"].isna(), visits].to_numpy().tolist()))
    is_visit = pd.Series([str(row) in unreadable for row in outcomes[visits].to_numpy().tolist()], dtype=bool)
    measured_on = outcomes["measured_on"]
    return outcomes.assign(measured_on=_mark_cells(measured_on, is_visit & measured_on.isna()))


def _drop_empty_columns(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table without its empty canonical columns: they read back as missing without them."""
    empty = [name for name, column in list_columns(table).items() if not column.required and frame[name].isna().all()]
    return frame.drop(columns=empty)


def _build_config(tables: Tables, config: Config | None) -> dict[str, Any]:
    """Return the content of the new ``clinic.toml``: that of the old one without the mapping of its tables."""
    place = {"database", "name"}  # of the journal: its events would be applied twice
    content = (
        config.model_dump(by_alias=True, exclude_unset=True, exclude={"tables": True, "journal": place})
        if config
        else {}
    )
    content["clinic"] = {**content.get("clinic", {}), "as_of": tables.as_of}
    mappings = {name: _map_table(name, getattr(tables, name), literal=_is_literal(name, tables)) for name in TABLES}
    mappings = {name: mapping for name, mapping in mappings.items() if mapping}
    return {**content, "tables": mappings} if mappings else content


def _map_table(table: str, frame: pd.DataFrame, *, literal: bool) -> dict[str, Any]:
    """Return the mapping of one table: whether its codes are to be read as written, and the clinic's own columns."""
    own = _map_own_columns(table, frame)
    return {**({"literal": True} if literal else {}), **({"columns": own} if own else {})}


def _is_literal(table: str, tables: Tables) -> bool:
    """Return whether a code of the table looks like something else: a missing cell, several codes, a misspelt one."""
    frame: pd.DataFrame = getattr(tables, table)
    if table == "preferences" and _has_rare_never_wish(tables):
        return True
    words = {word for _, cells in frame.items() if cells.dtype == "str" for word in cells.dropna().unique()}
    marks = (*SEPARATING_MARKS, "(")
    parts = {part for word in words for part in str(word).split(SET_SEPARATOR)}
    return any(is_missing_word(part) or any(mark in part for mark in marks) for part in parts)


def _has_rare_never_wish(tables: Tables) -> bool:
    """Return whether a client never wants a code that no therapist has."""
    never = tables.preferences[tables.preferences["strength"] == "never"]
    for attribute, values in never.groupby("attribute")["value"]:
        if not list_codes(tables.therapists.get(attribute, pd.Series(dtype="str"))).issuperset(values):
            return True
    return False


def _map_own_columns(table: str, frame: pd.DataFrame) -> dict[str, Any]:
    """Return the mapping of the clinic's own columns: their cells alone do not always give the kind."""
    return {
        name: {"from": name, "kind": _infer_kind(frame[name])}
        for name in frame.columns
        if name not in list_columns(table)
    }


def _infer_kind(cells: pd.Series) -> str:
    if pd.api.types.is_numeric_dtype(cells):
        return "number"
    if pd.api.types.is_datetime64_any_dtype(cells):
        return "date"
    return "set" if cells.dropna().astype("str").str.contains(SET_SEPARATOR, regex=False).any() else "code"
