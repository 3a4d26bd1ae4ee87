"""Measure what a higher draw weight brings newcomers, and its cost for clients: ``python -m benchmarks.newcomers``.

In these synthetic clinics 10 of 40 therapists have no records (cold start), and every therapist is eligible. The table
shows the newcomers' share of the first three places, for each width of bands; an equal share is a quarter. It also
shows the share of the oracle's gain that the first place gets; 0 is a therapist at random.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune_fit.data.clinic.instruments import INSTRUMENTS
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.data.synthetic.simulate import simulate
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.matching.ranking.scored_roster import count_honoured_wishes
from attune_fit.matching.ranking.tie_break import TieBreak, weight_tie_break_keys
from attune_fit.models.active_model import load_starting_model
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import Recipe
from benchmarks.cross_ranking import rank_cross

CLINICS, CLIENTS, WAITING, ROSTER, N_NEW = 12, 450, 150, 40, 10
LEVELS, DRAW_WEIGHTS = (0.55, 0.60, 0.75), (1.0, 2.0, 4.0, 10.0, 100.0)


def main() -> None:
    """Print means over clinics with their standard errors."""
    rows = [row for seed in range(CLINICS) for row in measure_clinic(seed)]
    table = pd.DataFrame(rows, columns=["band", "weight", "first", "gain"]).groupby(["band", "weight"])
    print("band   weight   share of the first three (se)   share of the oracle's gain (se)")
    for condition, mean in table.mean().iterrows():
        standard_error = table.sem().loc[condition]
        first, gain = (f"{mean[name]:.2f} ({standard_error[name]:.2f})" for name in ("first", "gain"))
        print(f"{condition[0]:.2f} {condition[1]:8g} {first:>28} {gain:>31}")


def measure_clinic(seed: int) -> list[tuple[float, float, float, float]]:
    """Return rows of one clinic: band, draw weight, newcomers' share of the first three places, share of the gain."""
    simulated = simulate(CLIENTS, ROSTER, seed + 500, waiting=WAITING)
    tables, is_new = simulated.tables, np.random.default_rng(seed).permutation(ROSTER) < N_NEW
    early = compute_early_alliance(tables, {row.name: row for row in INSTRUMENTS})
    records = TrainingDataset.from_tables(tables, early[~is_new[early["therapist_row"]]], FEATURES)
    starting_model = load_starting_model()
    model = Recipe(prior=starting_model.evidence).fit(records, np.arange(len(records)))
    waiting = np.flatnonzero(~tables.clients["client_id"].isin(list(tables.met_client_ids))).astype(np.intp)
    pairs = Pairs.cross(Sides(tables), waiting)
    parts, all_eligible, wishes = (
        model.compute_parts(pairs),
        np.ones(pairs.shape, dtype=bool),
        count_honoured_wishes(pairs),
    )
    truth = simulated.truth.compute_expected_alliance(
        np.repeat(waiting, ROSTER), np.tile(np.arange(ROSTER), len(waiting)), chemistry=False
    ).reshape(pairs.shape)  # no list can gain what no intake form contains
    keys, rows = TieBreak.from_tables(tables, FEATURES, seed).draw_keys(waiting[:, None], np.arange(ROSTER)), []
    for level in LEVELS:
        for weight in DRAW_WEIGHTS:
            weighted_keys = weight_tie_break_keys(keys, np.where(is_new, weight, 1.0))
            positions = rank_cross(parts, all_eligible, wishes, weighted_keys, level)
            first = float((positions.rank[:, is_new] <= 3).mean() * N_NEW / 3)
            rows.append((level, weight, first, compute_gain_share(truth, positions.rank.argmin(axis=1))))
    return rows


def compute_gain_share(truth: npt.NDArray[np.float64], first: npt.NDArray[np.intp]) -> float:
    """Return the share of the oracle's gain that these first places get; 0 is a therapist at random."""
    chosen, chance = truth[np.arange(len(truth)), first], truth.mean(axis=1)
    return float((chosen - chance).sum() / (truth.max(axis=1) - chance).sum())


if __name__ == "__main__":
    main()
