"""Leakage warnings: signs that training records contain the outcome they should predict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats
from attune_fit.data.outcomes.intake_timing import is_intake_after_rating
from attune_fit.features.feature import ANY_COLUMN, PREFERENCES_TABLE, Feature
from attune_fit.features.pair_frame import fill_unknown
from attune_fit.models.pair_effect_verdict import MIN_TEST_RECORDS
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import FoldModel

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables


MAX_PLAUSIBLE_R2 = 0.15  # held-out R²: intake explains 2-6% of the variance, therapists about 5%
MAX_NAMED_FEATURES = 3  # features that a warning names, the largest shares first
THERAPIST_EFFECT = "therapist_effect"


def list_leakage_warnings(
    tables: Tables,
    early: pd.DataFrame,
    records: TrainingDataset,
    fold_models: Sequence[FoldModel],
    metrics: Mapping[str, float],
) -> tuple[str, ...]:
    """Return the warnings to check before the model is used, a few sentences each; empty without a warning.

    Parameters
    ----------
    tables : Tables
    early : DataFrame
        From :func:`compute_early_alliance`, with every record.
    records : TrainingDataset
        The records of the training.
    fold_models : sequence of FoldModel
        Models of folds by client.
    metrics : mapping of str to float
        With ``out_of_fold_r`` if it was measured.
    """
    return (
        *_warn_late_answers(tables, early),
        *_warn_newer_roster(tables, records),
        *_warn_high_r2(records, fold_models, metrics),
    )


def compute_covariance_shares(records: TrainingDataset, fold_models: Sequence[FoldModel]) -> dict[str, float]:
    """Return each feature's share in the covariance of expected and rated alliance, out of fold; the sum is 1.

    The covariance with the rating is a sum over the parts of the score, so each part's own covariance is its share. The
    largest share comes first.
    """
    names = [*fold_models[0].model.feature_names, THERAPIST_EFFECT]
    rows = np.concatenate([fold.test for fold in fold_models])
    parts = np.concatenate([_compute_contributions(records, fold) for fold in fold_models])
    shares = (parts - parts.mean(axis=0)).T @ (records.y[rows] - records.y[rows].mean())
    total = float(shares.sum())
    ranked = sorted(zip(names, shares / total, strict=True), key=lambda pair: -pair[1])
    return {name: float(share) for name, share in ranked}


def _compute_contributions(records: TrainingDataset, fold: FoldModel) -> Floats:
    """Return what each feature and the therapist add to the scores of the fold's test rows, (rows, p + 1), POMP."""
    model, standard = fold.model, records.standardised_features[fold.test]
    parts: Floats = fill_unknown(standard, model.features) * model.evidence.mean[1:]
    if model.learned is not None:
        parts += model.learned.compute_contributions(model.feature_names, standard)
    effect, _, _ = model.therapists.select_for_roster(records.therapist_ids)
    return np.concatenate([parts, effect[records.therapist[fold.test]][:, None]], axis=1)


def _warn_late_answers(tables: Tables, early: pd.DataFrame) -> Iterator[str]:
    """Warn of records excluded because the intake answers are dated after the rating."""
    late = int(is_intake_after_rating(tables.clients, early).sum())
    if late:
        yield (
            f"{late:,} of {len(early):,} early alliance records were excluded from training. The client's answers are "
            "dated after the rating (`clients.intake_on`, or `referred_on`), so they can contain the outcome. Keep the "
            "answers as they were before first contact. `attune check` lists the rows."
        )


def _warn_newer_roster(tables: Tables, records: TrainingDataset) -> Iterator[str]:
    """Warn of records older than the therapist's row, if a feature that the clinic declared reads that row."""
    columns = sorted({column for row in records.features if row.family == "declared" for column in row.therapist})
    updated_on = tables.therapists["updated_on"].to_numpy()[records.therapist]
    older = int((updated_on > records.measured_on).sum())
    if columns and older:
        named = ", ".join(f"`{column}`" for column in columns)
        yield (
            f"{older:,} of {len(records):,} records are older than the therapist's row (`therapists.updated_on`). "
            f"Check that these columns were true before the therapy and do not result from it: {named}."
        )


def _warn_high_r2(
    records: TrainingDataset, fold_models: Sequence[FoldModel], metrics: Mapping[str, float]
) -> Iterator[str]:
    """Warn of a held-out R² that intake answers alone cannot reach."""
    r = metrics.get("out_of_fold_r", 0.0)
    if not fold_models or len(records) < MIN_TEST_RECORDS or r <= 0 or r**2 <= MAX_PLAUSIBLE_R2:
        return
    rows = {row.name: row for row in records.features}
    largest = list(compute_covariance_shares(records, fold_models).items())[:MAX_NAMED_FEATURES]
    named = "; ".join(f"`{name}` {share:.0%}{_format_columns(rows.get(name))}" for name, share in largest)
    yield (
        f"Held-out R² is {r**2:.2f} over {len(records):,} records, above the limit of {MAX_PLAUSIBLE_R2:.2f}. "
        "Intake alone does not explain so much: this is a leak or an artefact until proven otherwise. Look for a "
        "column written after first contact, ids joined wrongly, or outcomes copied into the intake. "
        f"The largest contributions: {named}."
    )


def _format_columns(feature: Feature | None) -> str:
    """Return the columns that a feature reads, in brackets."""
    if feature is None:
        return ""
    columns = [f"clients.{name}" for name in feature.client if name != PREFERENCES_TABLE]
    columns += [f"therapists.{name}" for name in feature.therapist if name != ANY_COLUMN]
    return f" ({', '.join(columns)})" if columns else ""
