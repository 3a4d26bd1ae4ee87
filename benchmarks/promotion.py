"""How often a training is promoted: on true outcomes, on shuffled ones, on outcomes beside other clients.

``python -m benchmarks.promotion [CLINICS]``; every clinic is a synthetic one of 20 therapists that trains for the first
time, so what is live is day 0.
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
from attune_fit.training.promotion.decision import decide_promotion

SIZES = (50, 150, 300)
CLINICS = 12

Change = Callable[[pd.DataFrame, np.random.Generator], pd.DataFrame]


def shuffled(outcomes: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Every score beside another form."""
    scores = ["score", "goal", "task", "bond"]
    dealt = outcomes[scores].iloc[rng.permutation(len(outcomes))]
    return outcomes.assign(**{name: dealt[name].to_numpy() for name in scores})


def beside(outcomes: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Every episode beside another client: the therapist and the scores stay together."""
    names = outcomes["client_id"].unique()
    dealt = dict(zip(names, rng.permutation(names), strict=True))
    return outcomes.assign(client_id=outcomes["client_id"].map(dealt))


CHANGES: dict[str, Change] = {"true": lambda outcomes, _: outcomes, "shuffled": shuffled, "beside others": beside}


def promoted(tables: Tables, change: Change, seed: int) -> tuple[bool, int]:
    """Whether a first training on changed outcomes is promoted, and from how many records."""
    config = Config()
    clinic = Clinic(Path("nowhere"), config, list_instruments(config.instruments))
    tables = sort_canonically(replace(tables, outcomes=change(tables.outcomes, np.random.default_rng(seed))))
    learnt = fit_clinic_model(clinic, tables, seed)
    return decide_promotion(learnt, "new", clinic, tables, seed).what == "promoted", len(learnt.records)


def main(clinics: int = CLINICS, sizes: tuple[int, ...] = SIZES) -> None:
    """Print a table, a row as soon as it is measured."""
    heads = " | ".join(CHANGES)
    print(f"| records, about | {heads} |\n|---|{'---|' * len(CHANGES)}")
    for size in sizes:
        taken: dict[str, list[bool]] = {name: [] for name in CHANGES}
        counts = []
        for seed in range(clinics):
            tables = simulate(size, 20, 7000 + seed, waiting=0).tables
            for name, change in CHANGES.items():
                yes, count = promoted(tables, change, seed)
                taken[name].append(yes)
                counts.append(count)
        row = " | ".join(f"{sum(some)} of {len(some)}" for some in taken.values())
        print(f"| {np.median(counts):.0f} | {row} |", flush=True)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:2]))
