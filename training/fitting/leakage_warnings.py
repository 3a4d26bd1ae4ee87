"""What a training says of records it should not have known the answer to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats
from attune_fit.data.outcomes.intake_timing import is_intake_after_rating
from attune_fit.features.feature import ANY_COLUMN, PREFERENCES_TABLE, Feature
from attune_fit.models.pair_effect_verdict import MIN_TEST_RECORDS
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import FoldModel

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables


MAX_PLAUSIBLE_R2 = 0.15  # R² held out: clients' intake explains 2-6% of the variance, therapists about 5%
MAX_NAMED_FEATURES = 3  # features named first
THERAPIST_EFFECT = "therapist_effect"


def list_leakage_warnings(
    tables: Tables,
    early: pd.DataFrame,
    records: TrainingDataset,
    made: Sequence[FoldModel],
    metrics: Mapping[str, float],
) -> tuple[str, ...]:
    """What to look into before a training is believed, a sentence or two each; nothing where all is well.

    Parameters
    ----------
    tables : Tables
    early : DataFrame
        From :func:`compute_early_alliance`, before any was left out.
    records : Records
        Those learned from.
    made : sequence of Made
        Models of folds by client.
    metrics : mapping of str to float
        With ``out_of_fold_r`` where it was measured.
    """
    return (
        *_warn_late_answers(tables, early),
        *_warn_newer_roster(tables, records),
        *_warn_high_r2(records, made, metrics),
    )


def compute_covariance_shares(records: TrainingDataset, made: Sequence[FoldModel]) -> dict[str, float]:
    """The share each feature has in how far expected and rated alliance go together out of fold; they sum to 1.

    The covariance with the rating is a sum over the parts of the score: each part's own covariance is its share. The
    largest comes first.
    """
    names = [*made[0].model.feature_names, THERAPIST_EFFECT]
    rows = np.concatenate([one.test for one in made])
    parts = np.concatenate([_compute_contributions(records, one) for one in made])
    shares = (parts - parts.mean(axis=0)).T @ (records.y[rows] - records.y[rows].mean())
    total = float(shares.sum())
    ranked = sorted(zip(names, shares / total, strict=True), key=lambda one: -one[1])
    return {name: float(share) for name, share in ranked}


def _compute_contributions(records: TrainingDataset, one: FoldModel) -> Floats:
    """What each feature and the therapist add to the score of the records a model was not made from."""
    model, standard = one.model, records.standardised_features[one.test]
    parts: Floats = np.nan_to_num(standard, nan=0.0) * model.evidence.mean[1:]
    if model.learned is not None:
        parts += model.learned.compute_contributions(model.feature_names, standard)
    effect, _, _ = model.therapists.select_for_roster(records.therapist_ids)
    return np.concatenate([parts, effect[records.therapist[one.test]][:, None]], axis=1)


def _warn_late_answers(tables: Tables, early: pd.DataFrame) -> Iterator[str]:
    """Records left out because the answers came after the rating."""
    late = int(is_intake_after_rating(tables.clients, early).sum())
    if late:
        yield (
            f"{late:,} of {len(early):,} early alliance records were not learned from: the client's answers are dated "
            "after the rating (`clients.intake_on`, or `referred_on`) and may tell of what happened. Keep answers as "
            "they were before contact; `attune check` lists the rows."
        )


def _warn_newer_roster(tables: Tables, records: TrainingDataset) -> Iterator[str]:
    """Records older than the roster row that a clinic's own feature reads."""
    own = sorted({column for row in records.features if row.family == "declared" for column in row.therapist})
    written = tables.therapists["updated_on"].to_numpy()[records.therapist]
    older = int((written > records.measured_on).sum())
    if own and older:
        named = ", ".join(f"`{column}`" for column in own)
        yield (
            f"{older:,} of {len(records):,} records are older than the roster row they are read with "
            f"(`therapists.updated_on`): see that {named} say what therapists were like then, not what came of it."
        )


def _warn_high_r2(records: TrainingDataset, made: Sequence[FoldModel], metrics: Mapping[str, float]) -> Iterator[str]:
    """A model that explains more of what was held back than intake can."""
    r = metrics.get("out_of_fold_r", 0.0)
    if not made or len(records) < MIN_TEST_RECORDS or r <= 0 or r**2 <= MAX_PLAUSIBLE_R2:
        return
    rows = {row.name: row for row in records.features}
    most = list(compute_covariance_shares(records, made).items())[:MAX_NAMED_FEATURES]
    named = "; ".join(f"`{name}` {share:.0%}{_format_columns(rows.get(name))}" for name, share in most)
    yield (
        f"Held-out R² is {r**2:.2f} over {len(records):,} records: more than {MAX_PLAUSIBLE_R2:.2f} from intake alone is a leak "
        "or an artefact until proven otherwise. Look for a column written after contact, ids joined wrongly, outcomes "
        f"copied into intake. Most of it is carried by {named}."
    )


def _format_columns(feature: Feature | None) -> str:
    """The columns behind a feature."""
    if feature is None:
        return ""
    columns = [f"clients.{name}" for name in feature.client if name != PREFERENCES_TABLE]
    columns += [f"therapists.{name}" for name in feature.therapist if name != ANY_COLUMN]
    return f" ({', '.join(columns)})" if columns else ""
