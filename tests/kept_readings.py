"""Tables that this process has read before: tests of what comes after the reading read equal files once."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from attune_fit.data.clinic import columns
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.clinic_day import TableDay, find_today
from attune_fit.data.clinic.columns import TABLES
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.reading.read_clinic import read_tables

MOST_KEPT = 64  # clinics; those of tests have some hundred rows
READERS = ("attune_fit.data.reading.read_clinic.read_tables", "attune_fit.data.journal.current_tables.read_tables")
_kept: OrderedDict[Hashable, Tables] = OrderedDict()


def read_once(clinic: Clinic, as_of: TableDay = None) -> Tables:
    """Return what :func:`read_tables` returns, with frames of their own; faults and databases are read each time."""
    if any(mapping.sql is not None for mapping in clinic.list_mappings()):
        return read_tables(clinic, as_of)
    before = describe(clinic, as_of)
    if before not in _kept:
        tables = read_tables(clinic, as_of)
        if describe(clinic, as_of) != before:  # a file was written meanwhile
            return tables
        _kept[before] = tables
    _kept.move_to_end(before)
    while len(_kept) > MOST_KEPT:
        _kept.popitem(last=False)
    return copy_frames(_kept[before])


def describe(clinic: Clinic, as_of: TableDay) -> Hashable:
    """Return all that the tables depend on: the bytes of every file, the settings, the day, and Attune's columns."""
    inside = (path for path in clinic.folder.rglob("*") if clinic.artifacts not in path.parents)
    paths = sorted({*inside, *filter(Path.exists, clinic.list_input_paths())})
    files = tuple((os.path.relpath(path, clinic.folder), path.is_file() and path.read_bytes()) for path in paths)
    day = find_today(clinic.config) if as_of is None else as_of
    return files, repr(clinic.config), repr(clinic.instruments), clinic.warnings, day, columns.COLUMNS


def copy_frames(tables: Tables) -> Tables:
    """Return the same tables in frames of their own, as another reading would."""
    names = (*TABLES, "opening_records")
    return replace(tables, **{name: getattr(tables, name).copy(deep=False) for name in names})


@contextmanager
def keep_readings() -> Iterator[None]:
    """Let verbs and commands read equal files once."""
    with pytest.MonkeyPatch.context() as patch:
        for reader in READERS:
            patch.setattr(reader, read_once)
        yield
