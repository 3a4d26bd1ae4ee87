"""Write and read the ground truth of a synthetic clinic: files for measurements, never for training."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune_fit.data.arrays import Indices
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.storage.atomic_write import Content
from attune_fit.data.storage.folder_write import write_folder_atomically
from attune_fit.data.synthetic.alliance import Truth, build_episodes
from attune_fit.data.synthetic.assignment_policy import iterate_blocks
from attune_fit.data.synthetic.people import People
from attune_fit.data.synthetic.world_file import format_world, read_world

MAX_PAIRS_WRITTEN = 1_000_000  # above this number, pairs.parquet has only the pairs of waiting clients
TRUTH_ARRAYS = ("client", "therapist", "client_general", "therapist_general", "client_key", "therapist_key")
README_TEMPLATE = """The ground truth of this synthetic clinic. Only measurements read it, never training or ranking.

world.toml         every number of the clinic's world, with its effects as drawn (effect_spread 0 keeps these effects).
met.parquet        who met whom, at which turn, with which probability (given the earlier therapists), and the parts.
pairs.parquet      {pairs}.
people.npz         all people with their true values; attune_fit.data.synthetic.truth_files.read_truth computes the
                   truth of any pair from this file.

The parts are in SD of one session's alliance: client, therapist, fit (the part of the pair that intake data can
predict) and chemistry (the unobserved pair effect). expected and reachable are in percent of maximum possible (POMP)
of the WAI-SR. expected is the expected early alliance. reachable is its average over chemistry: the best prediction
that is possible.
"""


def write_truth(tables: Tables, truth: Truth, folder: Path) -> None:
    """Write the ground truth of every pair, and a ``README.txt`` that explains the files.

    Parameters
    ----------
    tables, truth : Tables, Truth
        Tables and truth of the same clinic, in the same order of rows.
    folder : Path
        Created if it does not exist. Files of the same names are replaced, all or none.
    """
    write_folder_atomically(folder, build_truth_files(tables, truth))


def build_truth_files(tables: Tables, truth: Truth) -> dict[str, Content]:
    """Return the content of each file of the ground truth, by name; tables and truth as in :func:`write_truth`."""
    client_rows = np.arange(len(tables.clients))
    client, therapist = (truth.episodes[f"{side}_row"].to_numpy() for side in ("client", "therapist"))
    met = _build_pair_table(tables, truth, client, therapist).assign(**truth.episodes[["turn", "probability"]])
    has_all_pairs = len(client_rows) * len(tables.therapists) <= MAX_PAIRS_WRITTEN
    rows = client_rows if has_all_pairs else np.setdiff1d(client_rows, client)
    content = "every client with every therapist" if has_all_pairs else "every waiting client with every therapist"
    return {
        "world.toml": format_world(truth.world),
        "met.parquet": partial(met.to_parquet, index=False),
        "pairs.parquet": partial(_write_cross, tables, truth, rows),
        "people.npz": partial(_write_people, tables, truth),
        "README.txt": README_TEMPLATE.format(pairs=content),
    }


def read_truth(folder: Path | str) -> tuple[Truth, pd.Index, pd.Index]:
    """Read the ground truth that :func:`write_truth` wrote.

    Returns
    -------
    truth, client_ids, therapist_ids
        The truth of any pair, and the ids of the people in its rows.
    """
    folder = Path(folder)
    with np.load(folder / "people.npz", allow_pickle=False) as archive:
        arrays = dict(archive.items())
    ids = [pd.Index(arrays[f"{side}_id"].astype(object)) for side in ("client", "therapist")]
    clients, therapists = (_read_people(arrays, f"{side}:") for side in ("client", "therapist"))
    episodes = build_episodes(
        *(arrays[f"met:{name}"] for name in ("client_row", "therapist_row", "turn", "probability"))
    )
    truth = Truth(
        read_world(folder / "world.toml"),
        clients,
        therapists,
        **{name: arrays[name] for name in TRUTH_ARRAYS},
        episodes=episodes,
    )
    return truth, ids[0], ids[1]


def _read_people(arrays: dict[str, npt.NDArray[np.generic]], prefix: str) -> People:
    return People({name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)})


def _write_people(tables: Tables, truth: Truth, path: Path) -> None:
    """Write people, keys and episodes as plain arrays, without pickle: loading the file runs no code."""
    arrays = {name: getattr(truth, name) for name in TRUTH_ARRAYS}
    for side, table in (("client", "clients"), ("therapist", "therapists")):
        arrays[f"{side}_id"] = getattr(tables, table)[f"{side}_id"].to_numpy(dtype=np.str_)
        arrays |= {f"{side}:{name}": array for name, array in getattr(truth, table).columns.items()}
    arrays |= {f"met:{name}": truth.episodes[name].to_numpy() for name in truth.episodes}
    np.savez_compressed(path, **arrays)


def _write_cross(tables: Tables, truth: Truth, rows: Indices, path: Path) -> None:
    """Write the pairs of these clients with every therapist, block by block."""
    from pyarrow import Table
    from pyarrow.parquet import ParquetWriter

    roster = np.arange(len(tables.therapists))
    with ParquetWriter(path, Table.from_pandas(_build_pair_table(tables, truth, rows[:0], rows[:0])).schema) as writer:
        for block in iterate_blocks(len(rows), len(roster)):
            client, therapist = np.repeat(rows[block], len(roster)), np.tile(roster, len(block))
            writer.write_table(Table.from_pandas(_build_pair_table(tables, truth, client, therapist)))


def _build_pair_table(tables: Tables, truth: Truth, client: Indices, therapist: Indices) -> pd.DataFrame:
    """Build the table of the truth of listed pairs, with their ids."""
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
