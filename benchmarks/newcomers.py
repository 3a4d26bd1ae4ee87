"""What more lots for newcomers bring them, and what they cost clients: ``python -m benchmarks.newcomers``.

Synthetic clinics in which ten of forty therapists have no records; everybody is on offer. Printed for each width of
bands: their share of the first three places (they are a quarter), and the share of the oracle's gain, over a therapist
at random, that the first place gets.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune_fit.data.clinic.instruments import INSTRUMENTS
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.data.synthetic.simulate import simulate
from attune_fit.features.catalogue import FEATURES
from attune_fit.features.pairs import Pairs, Sides
from attune_fit.matching.ranking.near_ties import draw_tie_break_keys, rank_with_near_ties, weight_tie_break_keys
from attune_fit.matching.ranking.scored_roster import count_honoured_wishes
from attune_fit.models.active_model import load_starting_model
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import Recipe

CLINICS, CLIENTS, WAITING, ROSTER, NEW = 12, 450, 150, 40, 10
LEVELS, LOTS = (0.60, 0.75), (1.0, 2.0, 4.0, 10.0, 100.0)


def main() -> None:
    """Print means over clinics with their standard errors."""
    rows = [row for seed in range(CLINICS) for row in measured(seed)]
    table = pd.DataFrame(rows, columns=["band", "lots", "first", "gain"]).groupby(["band", "lots"])
    print("band   lots   share of the first three (se)   share of the oracle's gain (se)")
    for at, mean in table.mean().iterrows():
        error = table.sem().loc[at]
        first, gain = (f"{mean[name]:.2f} ({error[name]:.2f})" for name in ("first", "gain"))
        print(f"{at[0]:.2f} {at[1]:6g} {first:>28} {gain:>31}")


def measured(seed: int) -> list[tuple[float, float, float, float]]:
    """Of one clinic: band, lots, the newcomers' share of the first three places, and what the first place gains."""
    made = simulate(CLIENTS, ROSTER, seed + 500, waiting=WAITING)
    tables, new = made.tables, np.random.default_rng(seed).permutation(ROSTER) < NEW
    early = compute_early_alliance(tables, {row.name: row for row in INSTRUMENTS})
    records = TrainingDataset.from_tables(tables, early[~new[early["therapist_row"]]], FEATURES)
    begun = load_starting_model()
    model = Recipe(start=begun.learned, prior=begun.evidence).fit(records, np.arange(len(records)))
    waiting = np.flatnonzero(~tables.clients["client_id"].isin(list(tables.met_client_ids))).astype(np.intp)
    pairs = Pairs.cross(Sides(tables), waiting)
    parts, everybody, wishes = (
        model.compute_parts(pairs),
        np.ones(pairs.shape, dtype=bool),
        count_honoured_wishes(pairs),
    )
    truth = made.truth.compute_expected_alliance(
        np.repeat(waiting, ROSTER), np.tile(np.arange(ROSTER), len(waiting)), chemistry=False
    ).reshape(pairs.shape)  # what no intake can tell, no order of a list can win
    drawn, found = draw_tie_break_keys(tables, FEATURES, waiting, seed), []
    for level in LEVELS:
        for lots in LOTS:
            mine = weight_tie_break_keys(drawn, np.where(new, lots, 1.0))
            placed = rank_with_near_ties(parts.score, everybody, wishes, mine, parts.compute_probability_better, level)
            first = float((placed.rank[:, new] <= 3).mean() * NEW / 3)
            found.append((level, lots, first, gained(truth, placed.order[:, 0])))
    return found


def gained(truth: npt.NDArray[np.float64], first: npt.NDArray[np.intp]) -> float:
    """Share of the oracle's gain over a therapist at random that these first places get."""
    chosen, chance = truth[np.arange(len(truth)), first], truth.mean(axis=1)
    return float((chosen - chance).sum() / (truth.max(axis=1) - chance).sum())


if __name__ == "__main__":
    main()
