"""From a clinic folder to checked canonical tables."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pandas as pd

from data import cells
from data.columns import TABLES, columns_of
from data.faults import DataFault, Fault
from data.tables import Tables, complete, in_canonical_order

if TYPE_CHECKING:
    from data.clinic import Clinic


def read(clinic: Clinic) -> Tables:
    """Read and check every table.

    Raises
    ------
    DataFault
        With everything found, when anything found must be mended first.
    """
    frames = {name: _table(clinic, name) for name in TABLES}
    as_of = clinic.config.clinic.as_of or dt.date(2026, 6, 15)
    met = frozenset(frames["outcomes"]["client_id"])
    return in_canonical_order(Tables(*(frames[name] for name in TABLES), as_of=as_of, met=met))


def faults(clinic: Clinic) -> tuple[Fault, ...]:
    """Everything found while reading, what stops first; never raises for faults of the data."""
    try:
        return read(clinic).notes
    except DataFault as fault:
        return fault.faults


def _table(clinic: Clinic, name: str) -> pd.DataFrame:
    path = clinic.folder / f"{name}.csv"
    if not path.exists():
        return complete(name, pd.DataFrame())
    raw = pd.read_csv(path, dtype="str", keep_default_na=False).replace("", None)
    readers = {"id": lambda c: c, "code": cells.words, "set": cells.sets, "number": cells.numbers, "date": cells.dates}
    kinds = {column.name: column.kind for column in columns_of(name).values()}
    return complete(name, pd.DataFrame({n: readers[kinds.get(n, "code")](raw[n]) for n in raw.columns}))
