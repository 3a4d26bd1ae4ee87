"""The naive script that speed is compared with: what an analyst writes in an afternoon, in pandas and LightGBM.

It joins a client with the whole roster, computes a dozen features, and sorts by the prediction of trees. It has no
rules, no intervals, no reasons, and no log. The cells are split into sets before the clock starts, and the trees are
ready. Sets are compared in a loop over two columns: ``DataFrame.apply`` takes about seven times as long.

``python -m benchmarks.naive_ranking CLINIC`` prints the milliseconds of one client, and the pairs of a second.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

SET_COLUMNS = {
    "clients": ("race_ethnicity", "languages", "formats", "availability", "presenting_problems"),
    "therapists": ("race_ethnicity", "languages", "formats", "availability", "specialties"),
}
N_TREES, N_LEAVES, N_FEATURES, N_TRAINED_ON = 100, 31, 12, 20_000


def split_sets(frame: pd.DataFrame, side: str) -> pd.DataFrame:
    """Return the table of one side with each cell ``a|b`` as a Python set."""
    prepared = frame.copy()
    for name in SET_COLUMNS[side]:
        sets = [set(cell.split("|")) if isinstance(cell, str) else set() for cell in frame[name]]
        prepared[name] = pd.Series(sets, index=frame.index, dtype=object)
    return prepared


def count_shared(left: pd.Series, right: pd.Series) -> list[int]:
    """Count the codes that two columns of sets share, row by row."""
    return [len(one & other) for one, other in zip(left, right, strict=True)]


def build_features(pairs: pd.DataFrame) -> pd.DataFrame:
    """Build the twelve features of joined rows: one column each, NaN where a number is missing."""
    return pd.DataFrame(
        {
            "age_gap": (pairs["age"] - pairs["age_therapist"]).abs(),
            "same_gender": pairs["gender"] == pairs["gender_therapist"],
            "same_religion": pairs["religion"] == pairs["religion_therapist"],
            "directiveness": (pairs["directiveness_preference"] - pairs["directiveness_style"]).abs(),
            "intensity": (pairs["emotional_intensity_preference"] - pairs["emotional_intensity_style"]).abs(),
            "past_focus": (pairs["past_focus_preference"] - pairs["past_focus_style"]).abs(),
            "warm_support": (pairs["warm_support_preference"] - pairs["warm_support_style"]).abs(),
            "shared_ethnicity": count_shared(pairs["race_ethnicity"], pairs["race_ethnicity_therapist"]),
            "shared_languages": count_shared(pairs["languages"], pairs["languages_therapist"]),
            "shared_formats": count_shared(pairs["formats"], pairs["formats_therapist"]),
            "shared_hours": count_shared(pairs["availability"], pairs["availability_therapist"]),
            "shared_problems": count_shared(pairs["presenting_problems"], pairs["specialties"]),
        }
    )


def fit_trees() -> Any:
    """Fit 100 trees with 31 leaves to random data: the same booster each time, as large as a usual one."""
    import lightgbm

    rng = np.random.default_rng(0)
    features = rng.normal(size=(N_TRAINED_ON, N_FEATURES))
    outcome = features @ rng.normal(size=N_FEATURES) + rng.normal(size=N_TRAINED_ON)
    settings = {"objective": "regression", "num_leaves": N_LEAVES, "num_threads": 1, "verbosity": -1, "seed": 0}
    return lightgbm.train(settings, lightgbm.Dataset(features, outcome), num_boost_round=N_TREES)


class NaiveRanker:
    """Prepared tables and trees of the naive script.

    Parameters
    ----------
    clients, therapists : DataFrame
        The canonical tables.
    """

    def __init__(self, clients: pd.DataFrame, therapists: pd.DataFrame) -> None:
        self.clients = split_sets(clients, "clients")
        self.therapists = split_sets(therapists, "therapists")
        self.row_of_client = {client_id: row for row, client_id in enumerate(clients["client_id"])}
        self.trees = fit_trees()

    def rank(self, client_id: str) -> pd.DataFrame:
        """Return the whole roster for one client, the highest score first: ``therapist_id`` and ``score``."""
        row = self.row_of_client[client_id]
        client = self.clients.iloc[row : row + 1]
        pairs = client.merge(self.therapists, how="cross", suffixes=("", "_therapist"))
        pairs["score"] = self.trees.predict(build_features(pairs), num_threads=1)
        return pairs[["therapist_id", "score"]].sort_values("score", ascending=False)


def measure_pairs_per_second(ranker: NaiveRanker, client_ids: list[str]) -> float:
    """Return the pairs that the script ranks in a second of the wall clock, one client after another."""
    start = time.perf_counter()
    n_pairs = sum(len(ranker.rank(client_id)) for client_id in client_ids)
    return n_pairs / (time.perf_counter() - start)


def main() -> None:
    """Print the milliseconds of one client, and the pairs of a second, for the clinic in a folder."""
    from attune_fit.workspace import open_clinic

    tables = open_clinic(Path(sys.argv[1])).tables
    ranker, seconds = NaiveRanker(tables.clients, tables.therapists), []
    client_ids = tables.clients["client_id"].tolist()[:40]
    ranker.rank(client_ids[0])
    for client_id in client_ids:
        start = time.perf_counter()
        ranker.rank(client_id)
        seconds.append(time.perf_counter() - start)
    print(f"one client: {1000 * statistics.median(seconds):.1f} ms, median of {len(seconds)}")
    print(f"in turn: {measure_pairs_per_second(ranker, client_ids):,.0f} pairs a second")


if __name__ == "__main__":
    main()
