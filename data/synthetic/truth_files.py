"""The truth of a synthetic clinic as files: for measurements, never for training."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from data.synthetic.alliance import Truth
from data.synthetic.people import Rows
from data.synthetic.policy import blocks
from data.tables import Tables
from data.writing import write_whole


def write_truth(tables: Tables, truth: Truth, folder: Path) -> None:
    """Write Parquet files with ids.

    ``clients``, ``therapists``
        ``part``: their own part of the expected alliance, in SD of one session's alliance.
    ``met``
        ``probability`` of meeting, ``fit`` (SD) and ``expected`` (percent of maximum possible) of each pair that met.
    ``waiting``
        ``fit`` and ``expected`` of each client who met nobody with each therapist.

    Parameters
    ----------
    tables, truth : Tables, Truth
        Of one clinic.
    folder : Path
        Made where it is not there; files of the same names are replaced.
    """
    clients, therapists = tables.clients["client_id"], tables.therapists["therapist_id"]
    client, therapist = (truth.met[f"{side}_row"].to_numpy() for side in ("client", "therapist"))
    met = _pairs(tables, truth, client, therapist).assign(probability=truth.met["probability"])
    frames = {
        "clients": pd.DataFrame({"client_id": clients, "part": truth.client}),
        "therapists": pd.DataFrame({"therapist_id": therapists, "part": truth.therapist}),
        "met": met,
    }
    for name, frame in frames.items():
        write_whole(folder / f"{name}.parquet", partial(frame.to_parquet, index=False))
    waiting = np.setdiff1d(np.arange(len(clients)), client)
    write_whole(folder / "waiting.parquet", partial(_write_cross, tables, truth, waiting))


def _write_cross(tables: Tables, truth: Truth, rows: Rows, path: Path) -> None:
    """Clients of these rows with every therapist, block by block."""
    from pyarrow import Table
    from pyarrow.parquet import ParquetWriter

    roster = np.arange(len(tables.therapists))
    with ParquetWriter(path, Table.from_pandas(_pairs(tables, truth, rows[:0], rows[:0])).schema) as writer:
        for block in blocks(len(rows), len(roster)):
            client, therapist = np.repeat(rows[block], len(roster)), np.tile(roster, len(block))
            writer.write_table(Table.from_pandas(_pairs(tables, truth, client, therapist)))


def _pairs(tables: Tables, truth: Truth, client: Rows, therapist: Rows) -> pd.DataFrame:
    """What is true of some pairs, with their ids."""
    return pd.DataFrame(
        {
            "client_id": tables.clients["client_id"].iloc[client].array,
            "therapist_id": tables.therapists["therapist_id"].iloc[therapist].array,
            "fit": truth.parts(client, therapist).fit,
            "expected": truth.expected(client, therapist),
        }
    )
