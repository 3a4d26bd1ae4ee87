"""Measure how often a training is promoted, with true and with shuffled outcomes.

``python -m benchmarks.promotion [CLINICS]``. Every clinic is synthetic, has 20 therapists, and trains for the first
time: its live model is the starting model (day 0).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from attune_fit.data.clinic.canonical_order import sort_canonically
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.instruments import list_instruments
from attune_fit.data.clinic.settings import Config
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.synthetic.simulate import simulate
from attune_fit.training.fitting.fit_model import fit_clinic_model
from attune_fit.training.promotion.promotion_decision import decide_promotion

SIZES = (50, 150, 300)
CLINICS = 12

Change = Callable[[pd.DataFrame, np.random.Generator], pd.DataFrame]


def shuffle_scores(outcomes: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Permute the scores over all forms."""
    scores = ["score", "goal", "task", "bond"]
    shuffled = outcomes[scores].iloc[rng.permutation(len(outcomes))]
    return outcomes.assign(**{name: shuffled[name].to_numpy() for name in scores})


def shuffle_clients(outcomes: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Permute the clients over all episodes; each therapist keeps the scores."""
    names = outcomes["client_id"].unique()
    shuffled = dict(zip(names, rng.permutation(names), strict=True))
    return outcomes.assign(client_id=outcomes["client_id"].map(shuffled))


CHANGES: dict[str, Change] = {
    "true outcomes": lambda outcomes, _: outcomes,
    "scores shuffled over forms": shuffle_scores,
    "outcomes joined to other clients": shuffle_clients,
}


def train_and_decide(tables: Tables, change: Change, seed: int) -> tuple[bool, int]:
    """Return whether a first training on changed outcomes is promoted, and its number of records."""
    config = Config()
    clinic = Clinic(Path("nowhere"), config, list_instruments(config.instruments))
    tables = sort_canonically(replace(tables, outcomes=change(tables.outcomes, np.random.default_rng(seed))))
    trained = fit_clinic_model(clinic, tables, seed)
    return decide_promotion(trained, "new", clinic, tables, seed).what == "promoted", len(trained.records)


def main(clinics: int = CLINICS, sizes: tuple[int, ...] = SIZES) -> None:
    """Print the table; each row as soon as it is measured."""
    headers = " | ".join(CHANGES)
    print(f"| records, about | {headers} |\n|---|{'---|' * len(CHANGES)}")
    for size in sizes:
        decisions: dict[str, list[bool]] = {name: [] for name in CHANGES}
        counts = []
        for seed in range(clinics):
            tables = simulate(size, 20, 7000 + seed, waiting=0).tables
            for name, change in CHANGES.items():
                is_promoted, count = train_and_decide(tables, change, seed)
                decisions[name].append(is_promoted)
                counts.append(count)
        row = " | ".join(f"{sum(results)} of {len(results)}" for results in decisions.values())
        print(f"| {np.median(counts):.0f} | {row} |", flush=True)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:2]))
