"""Whether a search for how trees grow pays: ``python -m benchmarks.tuning [CLINICS]``; some 15 minutes of one core.

Synthetic clinics learn with the default growth and with the best of a search; both then choose among all therapists
for clients nobody has met. Told is the share of the oracle's gain over a therapist at random, and the difference of the
two within clinics.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

MIXES = ("balanced", "style")
OUTCOMES = (1_000, 3_000)
CLINICS, THERAPISTS, CHOOSING = 10, 40, 300
EACH = 1.03  # clients for each outcome; the others hand in no early form
TRIALS = 20
WAYS = ("as trained", "trees always")


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
    """Print one row for each mix and number of outcomes, then all of them together."""
    os.environ["OMP_NUM_THREADS"] = "1"
    clinics = int(sys.argv[1]) if len(sys.argv) > 1 else CLINICS
    print(f"share of the oracle's gain, 0 and {TRIALS} trials, and their difference [95%]; {clinics} clinics a row")
    print(f"{'mix':<9} {'outcomes':>8}   " + "   ".join(f"{way:<36}" for way in WAYS) + "   trees grown   search s")
    every = []
    for mix in MIXES:
        for outcomes in OUTCOMES:
            paid = [clinic(mix, outcomes, seed) for seed in range(1, clinics + 1)]
            every += paid
            print(f"{mix:<9} {outcomes:>8,}   {row(paid)}", flush=True)
    print(f"{'all':<9} {'':>8}   {row(every)}")


def row(paid: list[Paid]) -> str:
    """What some clinics got, each way: both shares, and the mean difference with its interval."""
    told = []
    for way in range(len(WAYS)):
        share = np.array([one.share[way] for one in paid])
        low, mid, high = within(share[:, 1] - share[:, 0])
        told.append(f"{share[:, 0].mean():.3f} {share[:, 1].mean():.3f}  {mid:+.4f} [{low:+.4f}, {high:+.4f}]")
    grown = "/".join(f"{count:.0f}" for count in np.sum([one.grown for one in paid], axis=0))
    return "   ".join(told) + f"   {grown:>11}   {np.mean([one.seconds for one in paid]):>8.1f}"


def within(differences: Floats) -> tuple[float, float, float]:
    """Mean of the differences, and its 95% interval by Student's t."""
    from scipy.stats import t

    mean, error = float(differences.mean()), float(differences.std(ddof=1) / np.sqrt(len(differences)))
    reach = float(t.ppf(0.975, len(differences) - 1)) * error
    return mean - reach, mean, mean + reach


def clinic(mix: str, outcomes: int, seed: int) -> Paid:
    """Simulate a clinic, train on it with and without a search, and let clients choose."""
    from data.instruments import INSTRUMENTS
    from data.outcomes import early_alliance
    from data.synthetic.clinic import simulate
    from data.synthetic.world import World
    from features.catalogue import FEATURES
    from features.pairs import PairFrame, Pairs
    from models.learned import Growth
    from models.live import day0
    from training.learn import FOLDS
    from training.recipe import Recipe
    from training.records import Records
    from training.splits import split
    from training.stacking import with_trees
    from training.tune import own_folds, search

    made = simulate(round(outcomes * EACH) + CHOOSING, THERAPISTS, seed, World(mix=mix), waiting=CHOOSING)
    early = early_alliance(made.tables, {one.name: one for one in INSTRUMENTS})
    records = Records.of(made.tables, early, FEATURES)
    folds, start = split("client", records, FOLDS, seed), day0()
    begun, since = Recipe(start=start.learned, prior=start.evidence, seed=seed), time.process_time()
    growths = Growth(), search(records, own_folds(records, seed), begun, trials=TRIALS).growth
    seconds = time.process_time() - since

    met = made.tables.clients["client_id"].isin(made.tables.outcomes["client_id"])
    choosing, everyone = np.flatnonzero(~met), np.arange(THERAPISTS)
    standard = PairFrame.of(Pairs.cross(records.sides, choosing), FEATURES).standard()
    truth = made.truth.expected(choosing[:, None], everyone[None, :], chemistry=False)
    share, grown = np.empty((len(WAYS), 2)), np.empty(2)
    for column, growth in enumerate(growths):
        recipe, _ = with_trees(records, folds, begun, growth)
        grown[column] = recipe.growth is not None
        for way, one in enumerate((recipe, replace(begun, growth=growth, share=start.learned.share))):
            model = one.make(records, np.arange(len(records)))
            share[way, column] = gained(model.parts_of(standard, records.roster, everyone[None, :]).score, truth)
    return Paid(share, grown, seconds)


def gained(score: Floats, truth: Floats) -> float:
    """Share of the oracle's gain, over a therapist at random, that the first places get."""
    first = truth[np.arange(len(truth)), score.argmax(axis=1)]
    return float((first - truth.mean(axis=1)).sum() / (truth.max(axis=1) - truth.mean(axis=1)).sum())


if __name__ == "__main__":
    main()
