"""Whether a search for how trees grow pays, and how far its figures can be believed.

``python -m benchmarks.tuning [CLINICS]``: ten minutes of one core. Synthetic clinics learn with the default growth and
with the best of a search. First, both choose among all therapists for clients nobody has met: the share of the oracle's
gain over a therapist at random. Then, where there is nothing to find: what the search's trees promise on the folds that
measure them, and what they keep with clients nobody has seen.
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
EACH = 1.03  # clients for each outcome; the others hand in no early form
CHOOSING = 300  # clients who choose, and who have met nobody
UNSEEN = 2_000  # outcomes that tell what a promise was worth
WAYS = ("as trained", "trees always")
SEARCHED = ("no search", "on the folds that measure", "on folds of its own")


@dataclass(frozen=True)
class Paid:
    """What one clinic got.

    Attributes
    ----------
    share : array of shape (ways, 2)
        Of the oracle's gain, by default growth and by that of the search; in one way trees must earn their place, as in
        training, in the other they always have the share that those of day 0 begin with.
    grown : array of shape (2,)
        1 where trees of the clinic's own earned their place.
    seconds : float
        Of a core, for the search.
    """

    share: Floats
    grown: Floats
    seconds: float


def main() -> None:
    """Print what clients get, then what is promised and kept."""
    os.environ["OMP_NUM_THREADS"] = "1"
    clinics = int(sys.argv[1]) if len(sys.argv) > 1 else CLINICS
    print(f"share of the oracle's gain, 0 and {TRIALS} trials, and their difference [95%]; {clinics} clinics a row")
    print(f"{'mix':<9} {'outcomes':>8}   " + "   ".join(f"{way:<36}" for way in WAYS) + "   trees grown   search s")
    every = []
    for mix in MIXES:
        for outcomes in OUTCOMES:
            paid = [chosen(mix, outcomes, seed) for seed in range(1, clinics + 1)]
            every += paid
            print(f"{mix:<9} {outcomes:>8,}   {row(paid)}", flush=True)
    print(f"{'all':<9} {'':>8}   {row(every)}")

    told = np.array([promised(OUTCOMES[0], seed) for seed in range(1, 2 * clinics + 1)])
    print(f"\nerror less than by the linear layer alone, in hundredths of the outcomes' variance [95%]: {2 * clinics}")
    print(f"clinics where nothing carries fit, {OUTCOMES[0]:,} outcomes; a search of {TRIALS} trials")
    print(f"{'searched':<26} {'promised':<26} {'kept':<26} {'promised beyond no search':<26} trees grown")
    for place, name in enumerate(SEARCHED):
        promise, kept, grown = told[:, place].T
        beyond = (promise - kept) - (told[:, 0, 0] - told[:, 0, 1])
        print(f"{name:<26} {spanned(promise):<26} {spanned(kept):<26} {spanned(beyond):<26} {grown.sum():>11.0f}")


def row(paid: list[Paid]) -> str:
    """What some clinics got, each way: both shares, and the mean difference within clinics."""
    told = []
    for way in range(len(WAYS)):
        share = np.array([one.share[way] for one in paid])
        told.append(f"{share[:, 0].mean():.3f} {share[:, 1].mean():.3f}  {spanned(share[:, 1] - share[:, 0], 4)}")
    grown = "/".join(f"{count:.0f}" for count in np.sum([one.grown for one in paid], axis=0))
    return "   ".join(told) + f"   {grown:>11}   {np.mean([one.seconds for one in paid]):>8.1f}"


def spanned(values: Floats, places: int = 3) -> str:
    """Mean of some values, and its 95% interval by Student's t."""
    from scipy.stats import t

    mean, error = float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))
    reach = float(t.ppf(0.975, len(values) - 1)) * error
    return f"{mean:+.{places}f} [{mean - reach:+.{places}f}, {mean + reach:+.{places}f}]"


def chosen(mix: str, outcomes: int, seed: int) -> Paid:
    """Train a clinic with and without a search, and let clients choose."""
    from attune_fit.features.pair_frame import PairFrame
    from attune_fit.features.pairs import Pairs
    from attune_fit.training.crossfit.splits import split_records
    from attune_fit.training.fitting.tree_weight import choose_recipe
    from attune_fit.training.fitting.tune import N_SEARCH_FOLDS

    made, records, begun = clinic(mix, round(outcomes * EACH), CHOOSING, seed)
    since = time.process_time()
    growths = searched(records, begun), searched(records, begun, trials=TRIALS)
    seconds = time.process_time() - since

    met = made.tables.clients["client_id"].isin(made.tables.outcomes["client_id"])
    choosing, everyone = np.flatnonzero(~met), np.arange(THERAPISTS)
    standard = PairFrame.from_pairs(Pairs.cross(records.sides, choosing), records.features).standardize()
    truth = made.truth.compute_expected_alliance(choosing[:, None], everyone[None, :], chemistry=False)
    share, grown, folds = np.empty((len(WAYS), 2)), np.empty(2), split_records("client", records, N_SEARCH_FOLDS, seed)
    for column, growth in enumerate(growths):
        recipe, _ = choose_recipe(records, folds, begun, growth)
        grown[column] = recipe.growth is not None
        always = replace(begun, growth=growth, share=0.0 if begun.start is None else begun.start.stacking_weight)
        for way, one in enumerate((recipe, always)):
            model = one.fit(records, np.arange(len(records)))
            share[way, column] = gained(
                model.compute_parts_from_features(standard, records.therapist_ids, everyone[None, :]).score, truth
            )
    return Paid(share, grown, seconds)


def promised(outcomes: int, seed: int) -> Floats:
    """For each of :data:`SEARCHED`: error saved on the folds that measure, with unseen clients, and if trees grew."""
    from attune_fit.training.crossfit.out_of_fold import predict_out_of_fold
    from attune_fit.training.crossfit.pipeline import crossfit_models
    from attune_fit.training.crossfit.splits import split_records
    from attune_fit.training.fitting.tree_weight import (choose_recipe, compute_stacking_weight, predict_trees_out_of_fold)
    from attune_fit.training.fitting.tune import N_SEARCH_FOLDS

    _, both, begun = clinic("null", round((outcomes + UNSEEN) * EACH), 0, seed)
    first = np.random.default_rng(seed).permutation(np.unique(both.client))[:outcomes]
    records, unseen = (some(both, rows) for rows in (np.isin(both.client, first), ~np.isin(both.client, first)))
    folds, every = split_records("client", records, N_SEARCH_FOLDS, seed), np.arange(len(records))
    plain = replace(begun, start=None)
    linear, crossed = plain.fit(records, every), predict_out_of_fold(records, crossfit_models(plain, records, folds))
    left = crossed.y - crossed.score
    missed = (
        unseen.y
        - linear.compute_parts_from_features(unseen.standardised_features, unseen.therapist_ids, unseen.therapist).score
    )
    ground, believed = (
        begun.prepare_tree_data(records, every, linear.evidence),
        0.0 if begun.start is None else begun.start.stacking_weight,
    )
    told = []
    for growth in (
        searched(records, begun),
        searched(records, begun, folds, TRIALS),
        searched(records, begun, trials=TRIALS),
    ):
        output = predict_trees_out_of_fold(replace(begun, growth=growth), records, folds)
        share = compute_stacking_weight(left, output, believed)
        new = share * ground.grow_trees(growth, begun.seed).predict(linear.feature_names, unseen.standardised_features)
        saved = [np.mean(error**2 - (error - by) ** 2) for error, by in ((left, share * output), (missed, new))]
        recipe, _ = choose_recipe(records, folds, begun, growth)
        told.append([*(100 * one / records.y.var() for one in saved), recipe.growth is not None])
    return np.array(told, dtype=float)


def clinic(mix: str, seen: int, waiting: int, seed: int) -> tuple[SimulatedClinic, TrainingDataset, Recipe]:
    """A synthetic clinic, its records, and what it starts from."""
    from attune_fit.data.clinic.instruments import INSTRUMENTS
    from attune_fit.data.outcomes.early_alliance import compute_early_alliance
    from attune_fit.data.synthetic.simulate import simulate
    from attune_fit.data.synthetic.world import World
    from attune_fit.models.active_model import load_starting_model
    from attune_fit.training.crossfit.dataset import TrainingDataset
    from attune_fit.training.crossfit.pipeline import Recipe

    made, start = simulate(seen + waiting, THERAPISTS, seed, World(mix=mix), waiting=waiting), load_starting_model()
    early = compute_early_alliance(made.tables, {one.name: one for one in INSTRUMENTS})
    records = TrainingDataset.from_tables(made.tables, early, start.features)
    return made, records, Recipe(start=start.learned, prior=start.evidence, seed=seed)


def some(records: TrainingDataset, which: npt.NDArray[np.bool_]) -> TrainingDataset:
    """Some of the records."""
    names = ("client", "therapist", "y", "measured_on", "standardised_features")
    return replace(records, **{name: getattr(records, name)[which] for name in names})


def searched(
    records: TrainingDataset, begun: Recipe, folds: Sequence[Fold] = (), trials: int = 0
) -> TreeHyperparameters:
    """The growth of a search on some folds, on its own where none are given; the default without trials."""
    from attune_fit.training.fitting.tune import split_search_folds, tune_trees

    return tune_trees(
        records, folds or split_search_folds(records, begun.seed), begun, trials=trials, minutes=np.inf
    ).growth


def gained(score: Floats, truth: Floats) -> float:
    """Share of the oracle's gain, over a therapist at random, that the first places get."""
    first = truth[np.arange(len(truth)), score.argmax(axis=1)]
    return float((first - truth.mean(axis=1)).sum() / (truth.max(axis=1) - truth.mean(axis=1)).sum())


if __name__ == "__main__":
    main()
