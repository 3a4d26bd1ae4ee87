"""Train the stacker that is part of Attune: synthetic clinics, their table, a search for hyperparameters, the trees."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from attune_fit.data.arrays import Floats
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.feature_migration import migrate_model
from attune_fit.models.trees import TreeHyperparameters, build_settings
from attune_fit.training.crossfit.local_trees import TREE_KINDS
from attune_fit.training.crossfit.pipeline import Recipe
from attune_fit.training.fitting.stacker_search import find_hyperparameters, predict_held_out
from attune_fit.training.stacking.held_back_summary import SUMMARY_NAMES
from attune_fit.training.stacking.stacker import Stacker, StackingTable, compute_multipliers
from attune_fit.training.stacking.stacking_table import build_stacking_row
from attune_fit.training.stacking.synthetic_clinics import draw_clinics, draw_population

N_POPULATIONS = 500  # of four clinics each, at four numbers of records
N_TRIALS = 30
PROGRESS_SECONDS = 30.0
CACHE = Path(".cache/stacking")


def build_stacker(
    folder: Path,
    cache: Path,
    report_progress: Callable[[str], None],
    n_populations: int = N_POPULATIONS,
    n_processes: int = 2,
    n_trials: int = N_TRIALS,
    growth: TreeHyperparameters | None = None,
    n_clients: int | None = None,
) -> Stacker:
    """Write the stacker to ``folder``; what is done already is in ``cache``, so that a stopped run goes on.

    Parameters
    ----------
    folder, cache : Path
    report_progress : callable
        Receives what is done, and how long the rest will take.
    n_populations : int
        Synthetic populations, each of four clinics at four sizes.
    n_processes : int
        Each with one thread.
    n_trials : int
        Of the search for the hyperparameters of the stacker, with Optuna; its study is in ``cache``.
    growth : TreeHyperparameters, optional
        Of the clinics' own trees; the default is that of a training.
    n_clients : int, optional
        Clients of each population; drawn when None, see :func:`draw_population`.
    """
    growth = growth or TreeHyperparameters()
    rows = cache / f"rows-{compute_version(growth, n_clients)}"
    rows.mkdir(parents=True, exist_ok=True)
    for done, seconds in draw_rows(rows, n_populations, n_processes, growth, n_clients):
        report_progress(f"{done:,} of {n_populations:,} populations of synthetic clinics: {seconds / 60:.0f} min left.")
    table = read_table(rows, n_populations)
    hyperparameters = find_hyperparameters(table, rows / "optuna.db", n_trials, report_progress)
    held_out = predict_held_out(table, hyperparameters)
    stacker = Stacker.fit(table, hyperparameters)
    stacker.write(folder, describe_stacker(table, hyperparameters, held_out))
    return stacker


def compute_version(growth: TreeHyperparameters, n_clients: int | None) -> str:
    """Return 8 hex digits that change with the inputs, the settings of the trees, and the starting model."""
    settings = [build_settings((), kind.adapt(growth), 0) for kind in TREE_KINDS]
    content = repr((SUMMARY_NAMES, TREE_KINDS, settings, growth.trees, n_clients, load_starting_model().bundle))
    return hashlib.sha256(content.encode()).hexdigest()[:8]


def draw_rows(
    folder: Path, n_populations: int, n_processes: int, growth: TreeHyperparameters, n_clients: int | None
) -> Iterator[tuple[int, float]]:
    """Draw the missing populations, and write the rows of each; yield how many are done and the seconds left."""
    missing = [seed for seed in range(n_populations) if not _build_path(folder, seed).exists()]
    write = partial(_write_population, folder, growth, n_clients)
    start, last = time.monotonic(), time.monotonic()
    with ProcessPoolExecutor(n_processes) as pool:
        for number, _ in enumerate(pool.map(write, missing), start=1):
            if time.monotonic() - last > PROGRESS_SECONDS or number == len(missing):
                last = time.monotonic()
                left = (last - start) / number * (len(missing) - number)
                yield n_populations - len(missing) + number, left


def _build_path(folder: Path, seed: int) -> Path:
    return folder / f"population_{seed:05d}.npz"


def _write_population(folder: Path, growth: TreeHyperparameters, n_clients: int | None, seed: int) -> None:
    """Draw a population and its clinics, and write their rows, all or none."""
    with threadpool_limits(limits=1):
        prior = migrate_model(load_starting_model(), FEATURES).evidence
        recipe = Recipe(prior=prior, growth=growth, tree_weights=(1.0,) * len(TREE_KINDS))
        population = draw_population(seed, n_clients)
        rows, kinds = [], []
        for clinic in draw_clinics(population, seed):
            for size in clinic.sizes:
                records = clinic.take_records(size)
                rows.append(build_stacking_row(records, population.new_features, clinic.truth, recipe))
                kinds.append(clinic.kind)
    path = _build_path(folder, seed)
    unfinished = path.with_suffix(".partial.npz")
    inputs, squares, products = (np.array(column) for column in zip(*rows, strict=True))
    np.savez_compressed(unfinished, kinds=np.array(kinds), inputs=inputs, squares=squares, products=products)
    unfinished.replace(path)


def read_table(folder: Path, n_populations: int) -> StackingTable:
    """Read the rows of all populations."""
    of_populations = [np.load(_build_path(folder, seed)) for seed in range(n_populations)]
    inputs, squares, products = (np.concatenate([file[name] for file in of_populations])
                                 for name in ("inputs", "squares", "products"))  # fmt: skip
    group = np.repeat(np.arange(n_populations), [len(file["inputs"]) for file in of_populations])
    return StackingTable(inputs, squares, products, group)


def describe_stacker(table: StackingTable, hyperparameters: TreeHyperparameters, held_out: Floats) -> dict[str, Any]:
    """Return how a stacker was made, and what it gains in clinics of populations that it had not seen."""
    gains = {
        "stacker": table.compute_gains(held_out),
        "shrunken_slope_of_their_mean": table.compute_gains(
            compute_multipliers(table.inputs)[:, :, 2] / len(TREE_KINDS)
        ),
    }
    return {
        "inputs": list(SUMMARY_NAMES),
        "kinds": [kind.name for kind in TREE_KINDS],
        "n_populations": len(np.unique(table.group)),
        "n_rows": len(table.inputs),
        "hyperparameters": asdict(hyperparameters),
        "held_out_gain_in_sigma2": {
            name: {"mean": float(values.mean()), "standard_error": _compute_clustered_error(values, table.group)}
            for name, values in gains.items()
        },
    }


def _compute_clustered_error(values: Floats, group: Any) -> float:
    """Return the standard error of a mean of values that come in groups."""
    sums = np.bincount(group, values - values.mean())
    return float(np.sqrt((sums**2).sum()) / len(values))


def main(report_progress: Callable[[str], None]) -> None:
    """Train the stacker that the package contains; ``make day0`` runs this in the folder of the project."""
    build_stacker(Path(str(files("attune_fit.training.stacking"))), CACHE, report_progress)
