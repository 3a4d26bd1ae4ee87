"""Measure whether a hyperparameter search for the trees helps, and how optimistic its own estimate is.

``python -m benchmarks.tuning [CLINICS]`` takes ten minutes of one core. Synthetic clinics train with the default
hyperparameters and with the best of a search. First table: both choose among all therapists for new clients; the
measure is the share of the oracle's gain over a therapist at random. Second table: clinics without any pair effect. It
compares the estimated gain of the searched trees on the folds of the search with the gain for held-out clients.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Floats

if TYPE_CHECKING:
    from attune_fit.data.synthetic.simulate import SimulatedClinic
    from attune_fit.models.trees import TreeHyperparameters
    from attune_fit.training.crossfit.dataset import TrainingDataset
    from attune_fit.training.crossfit.pipeline import Recipe
    from attune_fit.training.crossfit.splits import Fold


MIXES = ("balanced", "style")
OUTCOMES = (1_000, 3_000)
CLINICS, THERAPISTS, TRIALS = 10, 40, 20
CLIENTS_PER_OUTCOME = 1.03  # a few clients return no early form
N_NEW_CLIENTS = 300  # clients without any session
N_UNSEEN_OUTCOMES = 2_000  # held-out outcomes that measure the real gain
TREE_MODES = ("as trained", "trees always")
SEARCHES = ("no search", "on the folds that measure", "on folds of its own")


@dataclass(frozen=True)
class SearchResult:
    """Gain of one clinic with and without a search.

    Attributes
    ----------
    share : array of shape (modes, 2)
        Share of the oracle's gain, with the default hyperparameters and with those of the search. In the first mode
        held-out records decide the weights of the trees, as in training. In the second mode boosted trees always have
        the weight :data:`PRIOR_TREE_WEIGHT`.
    grown : array of shape (2,)
        1 if training uses local trees, else 0.
    seconds : float
        Core seconds of the search.
    """

    share: Floats
    grown: Floats
    seconds: float


def main() -> None:
    """Print the gain of clients, then the estimated and the real gain of searched trees."""
    os.environ["OMP_NUM_THREADS"] = "1"
    clinics = int(sys.argv[1]) if len(sys.argv) > 1 else CLINICS
    print(f"share of the oracle's gain, 0 and {TRIALS} trials, and their difference [95%]; {clinics} clinics a row")
    print(
        f"{'mix':<9} {'outcomes':>8}   "
        + "   ".join(f"{mode:<36}" for mode in TREE_MODES)
        + "   trees grown   search s"
    )
    all_results = []
    for mix in MIXES:
        for outcomes in OUTCOMES:
            search_results = [measure_search(mix, outcomes, seed) for seed in range(1, clinics + 1)]
            all_results += search_results
            print(f"{mix:<9} {outcomes:>8,}   {format_row(search_results)}", flush=True)
    print(f"{'all':<9} {'':>8}   {format_row(all_results)}")

    results = np.array([measure_optimism(OUTCOMES[0], seed) for seed in range(1, 2 * clinics + 1)])
    print("\nreduction of squared error below that of the linear layer, in % of the variance of outcomes [95%];")
    print(f"{2 * clinics} clinics without a pair effect, {OUTCOMES[0]:,} outcomes; a search of {TRIALS} trials")
    print(f"{'search':<26} {'estimated':<26} {'held-out clients':<26} {'optimism by search':<26} trees grown")
    for column, name in enumerate(SEARCHES):
        estimated, realised, grown = results[:, column].T
        optimism = (estimated - realised) - (results[:, 0, 0] - results[:, 0, 1])
        cells = "".join(f"{format_mean(values):<27}" for values in (estimated, realised, optimism))
        print(f"{name:<26} {cells}{grown.sum():>11.0f}")


def format_row(search_results: list[SearchResult]) -> str:
    """Format one table row: for each mode both shares, and the mean difference within clinics."""
    results = []
    for mode in range(len(TREE_MODES)):
        share = np.array([item.share[mode] for item in search_results])
        results.append(
            f"{share[:, 0].mean():.3f} {share[:, 1].mean():.3f}  {format_mean(share[:, 1] - share[:, 0], 4)}"
        )
    grown = "/".join(f"{count:.0f}" for count in np.sum([item.grown for item in search_results], axis=0))
    return "   ".join(results) + f"   {grown:>11}   {np.mean([item.seconds for item in search_results]):>8.1f}"


def format_mean(values: Floats, places: int = 3) -> str:
    """Format the mean of values, and its 95% interval by Student's t."""
    from scipy.stats import t

    mean, error = float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))
    reach = float(t.ppf(0.975, len(values) - 1)) * error
    return f"{mean:+.{places}f} [{mean - reach:+.{places}f}, {mean + reach:+.{places}f}]"


def measure_search(mix: str, outcomes: int, seed: int) -> SearchResult:
    """Train a clinic with and without a search; return the share of the gain for new clients."""
    from attune_fit.features.pair_frame import PairFrame
    from attune_fit.features.pairs import Pairs
    from attune_fit.training.crossfit.local_trees import FIRST_KIND_ONLY
    from attune_fit.training.crossfit.splits import split_records
    from attune_fit.training.fitting.tune import N_SEARCH_FOLDS
    from attune_fit.training.fitting.tuning_objective import PRIOR_TREE_WEIGHT
    from attune_fit.training.methods.tree_weight import choose_recipe

    simulated, records, starting_recipe = draw_clinic(mix, round(outcomes * CLIENTS_PER_OUTCOME), N_NEW_CLIENTS, seed)
    start = time.process_time()
    growths = search_trees(records, starting_recipe), search_trees(records, starting_recipe, trials=TRIALS)
    seconds = time.process_time() - start

    has_met = simulated.tables.clients["client_id"].isin(simulated.tables.outcomes["client_id"])
    new_rows, therapists = np.flatnonzero(~has_met), np.arange(THERAPISTS)
    standard = PairFrame.from_pairs(Pairs.cross(records.sides, new_rows), records.features).standardize()
    truth = simulated.truth.compute_expected_alliance(new_rows[:, None], therapists[None, :], chemistry=False)
    share, grown, folds = (
        np.empty((len(TREE_MODES), 2)),
        np.empty(2),
        split_records("client", records, N_SEARCH_FOLDS, seed),
    )
    for column, growth in enumerate(growths):
        recipe, _ = choose_recipe(records, folds, starting_recipe, growth)
        grown[column] = recipe.growth is not None
        always = replace(
            starting_recipe,
            growth=growth,
            tree_weights=tuple(PRIOR_TREE_WEIGHT * weight for weight in FIRST_KIND_ONLY),
        )
        for mode, recipe_of_mode in enumerate((recipe, always)):
            model = recipe_of_mode.fit(records, np.arange(len(records)))
            share[mode, column] = compute_gain_share(
                model.compute_parts_from_features(standard, records.therapist_ids, therapists[None, :]).score, truth
            )
    return SearchResult(share, grown, seconds)


def measure_optimism(outcomes: int, seed: int) -> Floats:
    """Return for each of :data:`SEARCHES`: estimated gain, gain for held-out clients, and whether trees are used."""
    from attune_fit.training.crossfit.local_trees import predict_trees_of_kinds
    from attune_fit.training.crossfit.splits import split_records
    from attune_fit.training.fitting.tune import N_SEARCH_FOLDS
    from attune_fit.training.fitting.tuning_objective import compute_stacking_weight
    from attune_fit.training.methods.tree_weight import choose_recipe
    from attune_fit.training.stacking.held_back_summary import compute_held_back_summary

    _, all_records, starting_recipe = draw_clinic(
        "null", round((outcomes + N_UNSEEN_OUTCOMES) * CLIENTS_PER_OUTCOME), 0, seed
    )
    train_clients = np.random.default_rng(seed).permutation(np.unique(all_records.client))[:outcomes]
    records, unseen = (
        select_records(all_records, rows)
        for rows in (np.isin(all_records.client, train_clients), ~np.isin(all_records.client, train_clients))
    )
    folds, all_rows = split_records("client", records, N_SEARCH_FOLDS, seed), np.arange(len(records))
    linear = starting_recipe.fit(records, all_rows)
    unseen_residual = (
        unseen.y
        - linear.compute_parts_from_features(unseen.standardised_features, unseen.therapist_ids, unseen.therapist).score
    )
    results = []
    for growth in (
        search_trees(records, starting_recipe),
        search_trees(records, starting_recipe, folds, TRIALS),
        search_trees(records, starting_recipe, trials=TRIALS),
    ):
        grown = replace(starting_recipe, growth=growth)
        held_back = compute_held_back_summary(records, folds, grown)
        residual, output = held_back.residual, held_back.outputs[:, 0]
        share = compute_stacking_weight(residual, output)
        trees = grown.grow_trees(records, all_rows)
        unseen_output = share * predict_trees_of_kinds(trees, unseen, np.arange(len(unseen)))[:, 0]
        gains = [
            np.mean(error**2 - (error - correction) ** 2)
            for error, correction in ((residual, share * output), (unseen_residual, unseen_output))
        ]
        recipe, _ = choose_recipe(records, folds, starting_recipe, growth)
        results.append([*(100 * gain / records.y.var() for gain in gains), recipe.growth is not None])
    return np.array(results, dtype=float)


def draw_clinic(mix: str, n_known: int, n_new: int, seed: int) -> tuple[SimulatedClinic, TrainingDataset, Recipe]:
    """Draw a synthetic clinic; return it with its records and its starting recipe."""
    from attune_fit.data.clinic.instruments import INSTRUMENTS
    from attune_fit.data.outcomes.early_alliance import compute_early_alliance
    from attune_fit.data.synthetic.simulate import simulate
    from attune_fit.data.synthetic.world import World
    from attune_fit.models.active_model import load_starting_model
    from attune_fit.training.crossfit.dataset import TrainingDataset
    from attune_fit.training.crossfit.pipeline import Recipe

    simulated, start = simulate(n_known + n_new, THERAPISTS, seed, World(mix=mix), waiting=n_new), load_starting_model()
    early = compute_early_alliance(simulated.tables, {row.name: row for row in INSTRUMENTS})
    records = TrainingDataset.from_tables(simulated.tables, early, start.features)
    return simulated, records, Recipe(prior=start.evidence, seed=seed)


def select_records(records: TrainingDataset, which: npt.NDArray[np.bool_]) -> TrainingDataset:
    """Return the selected records."""
    names = ("client", "therapist", "y", "measured_on", "standardised_features")
    return replace(records, **{name: getattr(records, name)[which] for name in names})


def search_trees(
    records: TrainingDataset, starting_recipe: Recipe, folds: Sequence[Fold] = (), trials: int = 0
) -> TreeHyperparameters:
    """Return the best hyperparameters of a search on these folds, or on its own folds; the default without trials."""
    from attune_fit.training.fitting.tune import split_search_folds, tune_trees

    return tune_trees(
        records,
        folds or split_search_folds(records, starting_recipe.seed),
        starting_recipe,
        trials=trials,
        minutes=np.inf,
    ).growth


def compute_gain_share(score: Floats, truth: Floats) -> float:
    """Return the share of the oracle's gain that the first places get; 0 is a therapist at random."""
    chosen = truth[np.arange(len(truth)), score.argmax(axis=1)]
    return float((chosen - truth.mean(axis=1)).sum() / (truth.max(axis=1) - truth.mean(axis=1)).sum())


if __name__ == "__main__":
    main()
