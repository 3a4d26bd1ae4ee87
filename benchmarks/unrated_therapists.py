"""Measure where therapists without a rating of skill come in a roster unlike the published one.

``python -m benchmarks.unrated_therapists``. In these synthetic clinics 10 of 40 therapists have no rating. The ratings
of all others are raised, which changes no true rank. An unknown value that counts as the published mean puts the
unrated therapists last; one that counts as the clinic's typical value leaves them near their true mean rank.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune_fit.data.arrays import Bools, Floats
from attune_fit.data.clinic.instruments import INSTRUMENTS
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.data.synthetic.simulate import SimulatedClinic, simulate
from attune_fit.features.feature import Feature
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.feature_migration import migrate_model
from attune_fit.models.feature_scales import fill_scales
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import Recipe

CLINICS, CLIENTS, WAITING, ROSTER, N_UNRATED = 16, 450, 150, 40, 10
SHIFTS, RECORDS = (0.0, 0.8), (0, 300)  # rating points; early alliance records of the training
COLUMN = "interpersonal_skill"
KEYS = ["raised by", "records", "an unknown value is"]


def main() -> None:
    """Print means over clinics, with the standard error of the difference from the truth."""
    rows = [row for seed in range(CLINICS) for row in measure_clinic(seed)]
    table = pd.DataFrame(rows, columns=[*KEYS, "rank", "true rank", "first", "true first"])
    table["difference"] = table["rank"] - table["true rank"]
    print(f"{CLINICS} clinics; mean rank of therapists without a rating, and their share of the first three places")
    print("raised  records  unknown is        mean rank  true  difference (se)  first three  true")
    for (shift, n_records, label), some in table.groupby(KEYS):
        mean, error = some.drop(columns=KEYS).mean(), some["difference"].sem()
        print(
            f"{shift:6.1f} {n_records:8d}  {label:<16} {mean['rank']:10.1f} {mean['true rank']:5.1f} "
            f"{mean['difference']:+11.2f} ({error:.2f}) {mean['first']:12.2f} {mean['true first']:5.2f}"
        )


def measure_clinic(seed: int) -> list[tuple[float, int, str, float, float, float, float]]:
    """Return one row for each shift, number of records and treatment of unknown values; keys as in :data:`KEYS`."""
    simulated = simulate(CLIENTS, ROSTER, seed + 900, waiting=WAITING)
    is_unrated = np.random.default_rng(seed).permutation(ROSTER) < N_UNRATED
    truth, rows = compute_truth(simulated), []
    true = measure_places(truth, is_unrated)
    for shift in SHIFTS:
        tables = raise_ratings(simulated.tables, shift, is_unrated)
        typical = fill_scales(FEATURES, Sides(tables))
        for label, features in (("published mean", FEATURES), ("typical here", typical)):
            for n_records in RECORDS:
                model = fit_model(tables, features, n_records)
                pairs = Pairs.cross(Sides(tables), find_waiting_rows(tables))
                rank, first = measure_places(model.compute_parts(pairs).score, is_unrated)
                rows.append((shift, n_records, label, rank, true[0], first, true[1]))
    return rows


def raise_ratings(tables: Tables, shift: float, is_unrated: Bools) -> Tables:
    """Return the clinic with all ratings of skill raised, and unknown for some therapists."""
    ratings = (tables.therapists[COLUMN] + shift).mask(is_unrated)
    return replace(tables, therapists=tables.therapists.assign(**{COLUMN: ratings}))


def fit_model(tables: Tables, features: tuple[Feature, ...], n_records: int) -> AllianceModel:
    """Return the model of the first records of the clinic; the starting model for none."""
    start = migrate_model(load_starting_model(), features)
    if not n_records:
        return start
    early = compute_early_alliance(tables, {row.name: row for row in INSTRUMENTS}).head(n_records)
    records = TrainingDataset.from_tables(tables, early, start.features)
    return Recipe(prior=start.evidence).fit(records, np.arange(len(records)))


def find_waiting_rows(tables: Tables) -> npt.NDArray[np.intp]:
    """Return the rows of the clients without a record."""
    return np.flatnonzero(~tables.clients["client_id"].isin(list(tables.met_client_ids))).astype(np.intp)


def compute_truth(simulated: SimulatedClinic) -> Floats:
    """Return the true expected alliance of each waiting client with each therapist, in POMP."""
    waiting = find_waiting_rows(simulated.tables)
    return simulated.truth.compute_expected_alliance(waiting[:, None], np.arange(ROSTER)[None, :], chemistry=False)


def measure_places(score: Floats, is_unrated: Bools) -> tuple[float, float]:
    """Return the mean rank of the unrated therapists, and their share of the first three places."""
    rank = 1 + np.argsort(np.argsort(-score, axis=1), axis=1)
    return float(rank[:, is_unrated].mean()), float((rank[:, is_unrated] <= 3).sum(axis=1).mean() / 3)


if __name__ == "__main__":
    main()
