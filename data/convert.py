"""Tables written as canonical CSV files, which read back the same."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from data.columns import TABLES, columns_of
from data.writing import write_whole

if TYPE_CHECKING:
    import pandas as pd

    from data.tables import Tables


def write_tables(tables: Tables, folder: Path) -> None:
    """Write one CSV file for each table, and the date they speak of in ``clinic.toml``."""
    for name in TABLES:
        frame: pd.DataFrame = getattr(tables, name)
        if len(frame) or name in ("clients", "therapists"):
            write_whole(folder / f"{name}.csv", _filled(name, frame).to_csv(index=False))
    write_whole(folder / "clinic.toml", f"[clinic]\nas_of = {tables.as_of.isoformat()}\n")


def _filled(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Without the canonical columns nobody filled in: they read back as unknown all the same."""
    idle = [name for name, column in columns_of(table).items() if not column.required and frame[name].isna().all()]
    return frame.drop(columns=idle)
