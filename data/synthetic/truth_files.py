"""The truth of a synthetic clinic as files: for measurements, never for training."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune_fit.data.arrays import Indices
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.synthetic.alliance import Truth, build_episodes
from attune_fit.data.synthetic.assignment_policy import iterate_blocks
from attune_fit.data.synthetic.people import People
from attune_fit.data.synthetic.world_file import read_world, write_world
from attune_fit.data.writing.atomic_write import write_atomically

MAX_PAIRS_WRITTEN = 1_000_000  # pairs that are written out one by one; beyond it only those of clients who wait
TRUTH_ARRAYS = ("client", "therapist", "client_general", "therapist_general", "client_key", "therapist_key")
README_TEMPLATE = """What is true of this synthetic clinic. Measurements may read it; training and ranking never do.

world.toml         every number of its world, its effects as drawn: effect_spread 0 keeps them when it is used again
met.parquet        who met whom, at which turn, with which probability (given the turns before), and the parts
pairs.parquet      {pairs}
people.npz         everybody as they are: attune_fit.data.synthetic.truth_files.read_truth makes the truth of any pair of it

Parts are in SD of one session's alliance: client, therapist, fit (what intake can tell of the pair), chemistry (what
it cannot). expected and reachable are percent of maximum possible of the WAI-SR: the early alliance to expect, and the
same averaged over chemistry, which is the best any method may hope to find.
"""


def write_truth(tables: Tables, truth: Truth, folder: Path) -> None:
    """Write the truth of every pair: see ``README.txt`` beside it.

    Parameters
    ----------
    tables, truth : Tables, Truth
        Of one clinic.
    folder : Path
        Made where it is not there; files of the same names are replaced.
    """
    everybody = np.arange(len(tables.clients))
    client, therapist = (truth.episodes[f"{side}_row"].to_numpy() for side in ("client", "therapist"))
    met = _build_pair_table(tables, truth, client, therapist).assign(**truth.episodes[["turn", "probability"]])
    all_pairs = len(everybody) * len(tables.therapists) <= MAX_PAIRS_WRITTEN
    rows = everybody if all_pairs else np.setdiff1d(everybody, client)
    said = "every client with every therapist" if all_pairs else "clients who met nobody, with every therapist"
    write_world(truth.world, folder / "world.toml")
    write_atomically(folder / "met.parquet", partial(met.to_parquet, index=False))
    write_atomically(folder / "pairs.parquet", partial(_write_cross, tables, truth, rows))
    write_atomically(folder / "people.npz", partial(_write_people, tables, truth))
    write_atomically(folder / "README.txt", README_TEMPLATE.format(pairs=said))


def read_truth(folder: Path | str) -> tuple[Truth, pd.Index, pd.Index]:
    """Read back what :func:`write_truth` wrote.

    Returns
    -------
    truth, client_ids, therapist_ids
        The truth of any pair, and the ids of its rows.
    """
    folder = Path(folder)
    with np.load(folder / "people.npz", allow_pickle=False) as kept:
        held = dict(kept.items())
    ids = [pd.Index(held[f"{side}_id"].astype(object)) for side in ("client", "therapist")]
    clients, therapists = (_read_people(held, f"{side}:") for side in ("client", "therapist"))
    met = build_episodes(*(held[f"met:{name}"] for name in ("client_row", "therapist_row", "turn", "probability")))
    truth = Truth(
        read_world(folder / "world.toml"),
        clients,
        therapists,
        **{name: held[name] for name in TRUTH_ARRAYS},
        episodes=met,
    )
    return truth, ids[0], ids[1]


def _read_people(held: dict[str, npt.NDArray[np.generic]], prefix: str) -> People:
    return People({name.removeprefix(prefix): each for name, each in held.items() if name.startswith(prefix)})


def _write_people(tables: Tables, truth: Truth, path: Path) -> None:
    """Everything pairs are made of, as plain arrays: loading them runs no code."""
    held = {name: getattr(truth, name) for name in TRUTH_ARRAYS}
    for side, table in (("client", "clients"), ("therapist", "therapists")):
        held[f"{side}_id"] = getattr(tables, table)[f"{side}_id"].to_numpy(dtype=np.str_)
        held |= {f"{side}:{name}": each for name, each in getattr(truth, table).columns.items()}
    held |= {f"met:{name}": truth.episodes[name].to_numpy() for name in truth.episodes}
    np.savez_compressed(path, **held)


def _write_cross(tables: Tables, truth: Truth, rows: Indices, path: Path) -> None:
    """Clients of these rows with every therapist, block by block."""
    from pyarrow import Table
    from pyarrow.parquet import ParquetWriter

    roster = np.arange(len(tables.therapists))
    with ParquetWriter(path, Table.from_pandas(_build_pair_table(tables, truth, rows[:0], rows[:0])).schema) as writer:
        for block in iterate_blocks(len(rows), len(roster)):
            client, therapist = np.repeat(rows[block], len(roster)), np.tile(roster, len(block))
            writer.write_table(Table.from_pandas(_build_pair_table(tables, truth, client, therapist)))


def _build_pair_table(tables: Tables, truth: Truth, client: Indices, therapist: Indices) -> pd.DataFrame:
    """What is true of some pairs, with their ids."""
    parts = truth.compute_parts(client, therapist)
    return pd.DataFrame(
        {
            "client_id": pd.Categorical.from_codes(client, pd.Index(tables.clients["client_id"])),
            "therapist_id": pd.Categorical.from_codes(therapist, pd.Index(tables.therapists["therapist_id"])),
            **parts._asdict(),
            "expected": truth.convert_parts_to_pomp(parts),
            "reachable": truth.convert_parts_to_pomp(parts, chemistry=False),
        }
    )
