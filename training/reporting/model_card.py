"""The facts of a model card: all are computed from the run, none is typed in; None means not measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtri

from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.small_cells import MIN_GROUP_SIZE, SMALL_COUNT_TEXT, suppress_small_count
from attune_fit.features.feature import ANY_COLUMN, FAMILIES, PREFERENCES_TABLE
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.prediction_interval import PredictionInterval
from attune_fit.models.weight_posterior import build_prior
from attune_fit.training.crossfit.local_trees import TREE_KINDS
from attune_fit.training.crossfit.out_of_fold import OutOfFoldPredictions
from attune_fit.training.crossfit.splits import Fold
from attune_fit.training.evaluation.choice_shares import measure_choice_shares
from attune_fit.training.evaluation.metrics import METRICS, Metric
from attune_fit.training.promotion.source_digest import compute_code_version
from attune_fit.training.reporting.calibration_bins import build_calibration_bins
from attune_fit.training.reporting.scale_section import describe_scales

if TYPE_CHECKING:
    from attune_fit.models.dropout_model import DropoutModel
    from attune_fit.training.crossfit.dataset import TrainingDataset
    from attune_fit.training.crossfit.pipeline import Recipe
    from attune_fit.training.fitting.fit_model import ModelFitResult
    from attune_fit.training.promotion.promotion_decision import PromotionDecision


def build_card_facts(model: AllianceModel, name: str, sha256: str) -> dict[str, Any]:
    """Return the facts that a model holds by itself, without the run that made it.

    Parameters
    ----------
    model : AllianceModel
    name, sha256 : str
        The name of its bundle, and the SHA-256 of the bundle's manifest.

    Returns
    -------
    dict
        JSON types only.
    """
    return {
        "bundle": name,
        "sha256": sha256,
        "data": model.data_digest or None,
        "code": compute_code_version(),
        "verdict": model.verdict.sentence,
        "verdict_plain": model.verdict.plain_sentence,
        "verdict_kind": model.verdict.kind,
        "power": model.verdict.power_sentence or None,
        "compared": [asdict(one) for one in model.verdict.compared],
        "learned": model.verdict.learned and list(model.verdict.learned),
        "n_outcomes": suppress_small_count(model.n_outcomes),
        "instrument": model.instrument or None,
        "interval": model.width.level,
        "spread": {
            "early_alliance_sd": model.evidence.unit,
            "therapists_sd": model.evidence.tau,
            "unexplained_sd": model.evidence.sigma,
        },
        "families": list_family_weights(model),
        "weights": list_weights(model),
        "unread": list_unread_columns(model),
        "dropout": describe_dropout(model.dropout),
    }


def describe_dropout(dropout: DropoutModel | None) -> dict[str, Any] | None:
    """Return the episodes behind the probabilities of dropout, their recalibration and their check; None without."""
    if dropout is None:
        return None
    return {
        "n": suppress_small_count(dropout.n_records),
        "dropouts": suppress_small_count(dropout.n_dropouts),
        "intercept": dropout.intercept,
        "slope": dropout.slope,
        "check": dropout.check and dropout.check._asdict(),
    }


def build_run_facts(fit: ModelFitResult, decision: PromotionDecision, settings: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of the run: which model it is, its records, metrics, decision, and how it was made."""
    records, held_out = fit.records, fit.predictions_by_split.get("client")
    return {
        "model": {"name": fit.row.name, "description": fit.row.description},
        "records": describe_records(records),
        "notes": list(fit.notes),
        "metrics": [_describe_metric(row, fit) for row in METRICS],
        "choice": describe_choice(fit.model, records),
        "calibration": None if held_out is None else describe_calibration(held_out),
        "coverage": None if held_out is None else compute_coverage(held_out, fit.folds, fit.model.width.level),
        "rank_outcome": fit.rank_outcome and asdict(fit.rank_outcome),
        "scales": describe_scales(fit.scales, list_scale_coverage(fit)),
        "decision": {
            "what": decision.what,
            "because": decision.because,
            "replaced": decision.replaced,
            "agreement": decision.agreement,
            "compared": [asdict(one) for one in decision.compared],
        },
        "settings": {**settings, "local_trees": None if fit.recipe.growth is None else asdict(fit.recipe.growth),
                     "tree_weights": describe_tree_weights(fit.recipe),
                     "held_at_prior": sorted(fit.recipe.held), "has_drift": fit.recipe.has_drift,
                     "client_share": fit.recipe.client_share},
        "own_trees": fit.own_trees and fit.own_trees.to_dict(),
    } | ({"tuning": fit.tuning.effect.to_dict()} if fit.tuning.effect else {})  # fmt: skip


def describe_tree_weights(recipe: Recipe) -> dict[str, float] | None:
    """Return the weight of each kind of local trees, by its name; None where none are grown."""
    if recipe.growth is None:
        return None
    return {kind.name: weight for kind, weight in zip(TREE_KINDS, recipe.tree_weights, strict=True)}


def describe_records(records: TrainingDataset) -> dict[str, Any]:
    """Return how many records, of whom and when, their mean alliance, and what is missing; small cells are hidden."""
    n, when = len(records), records.measured_on[~np.isnat(records.measured_on)]
    days = [str(end) for end in (when.min(), when.max())] if len(when) >= MIN_GROUP_SIZE else [None, None]
    return {
        "n": suppress_small_count(n),
        "clients": suppress_small_count(len(np.unique(records.client))),
        "therapists": suppress_small_count(len(np.unique(records.therapist))),
        "first": days[0],
        "last": days[1],
        "mean": float(records.y.mean()) if n >= MIN_GROUP_SIZE else None,
        "sd": float(records.y.std(ddof=1)) if n >= MIN_GROUP_SIZE else None,
        "unknown": {
            family: _compute_missing_share(records, family)
            for family in FAMILIES
            if _list_family_columns(records, family)
        },
    }


def describe_choice(model: AllianceModel, records: TrainingDataset) -> list[dict[str, Any]] | None:
    """Return what each part of the score decides between therapists, in clients of the tables; None for few clients."""
    if len(records.sides.tables.clients) < MIN_GROUP_SIZE:
        return None
    return [asdict(one) for one in measure_choice_shares(model, records.sides)]


def describe_calibration(held_out: OutOfFoldPredictions) -> list[dict[str, Any]] | None:
    """Return the groups of :func:`build_calibration_bins`; None with too few records for two groups."""
    bins = build_calibration_bins(held_out)
    return [asdict(one) for one in bins] if len(bins) > 1 else None


def compute_coverage(p: OutOfFoldPredictions, folds: Sequence[Fold], level: float) -> dict[str, float | int] | None:
    """Return the share of ratings inside their prediction interval (coverage); None with too few records.

    The width of each fold's intervals comes from the other folds alone. ``low`` and ``high`` are a 95% Wilson interval
    of the share; it assumes independent records.
    """
    n = len(p.y)
    if n < MIN_GROUP_SIZE * len(folds) or not folds:
        return None
    is_inside = np.zeros(n, dtype=bool)
    for fold in folds:
        others = np.setdiff1d(np.arange(n), fold.test)
        width = PredictionInterval.from_out_of_fold(level, p.score[others], p.standardised_residuals[others])
        low, high = width.compute_bounds(p.score[fold.test], p.sd[fold.test])
        is_inside[fold.test] = (low <= p.y[fold.test]) & (p.y[fold.test] <= high)
    low_end, high_end = compute_wilson_interval(int(is_inside.sum()), n)
    return {"level": level, "held": float(is_inside.mean()), "low": low_end, "high": high_end, "n": n}


def list_scale_coverage(fit: ModelFitResult) -> list[dict[str, float | int] | None]:
    """List the coverage of the intervals of goal, task and bond; empty without held-out ratings of them."""
    level = fit.model.width.level
    return [compute_coverage(predictions, fit.scales.folds, level) for predictions in fit.scales.predictions]


def compute_wilson_interval(count: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Compute the ends of the Wilson score interval of a share, ``count`` of ``n`` > 0, within [0, 1].

    Wilson (1927), J. Am. Stat. Assoc. 22:209, 10.1080/01621459.1927.10502953.

    >>> [round(end, 3) for end in compute_wilson_interval(270, 303)]
    [0.851, 0.921]
    """
    z, share = float(ndtri((1 + level) / 2)), count / n
    center = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half_width = z * float(np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))) / (1 + z**2 / n)
    return max(center - half_width, 0.0), min(center + half_width, 1.0)


def list_family_weights(model: AllianceModel) -> list[dict[str, Any]]:
    """Return the weight of each family of features, as published and now: the root of its sum of squares, POMP."""
    published, now = build_prior(model.features, model.evidence.unit).mean[1:], model.evidence.mean[1:]
    family_of = np.array([row.family for row in model.features])
    in_trees = model.learned.find_split_features() if model.learned is not None else frozenset()
    return [
        {
            "family": family,
            "features": int((family_of == family).sum()),
            "published": float(np.sqrt((published[family_of == family] ** 2).sum())),
            "now": float(np.sqrt((now[family_of == family] ** 2).sum())),
            "in_trees": sum(row.name in in_trees for row in model.features if row.family == family),
        }
        for family in FAMILIES
        if (family_of == family).any()
    ]


def list_weights(model: AllianceModel) -> list[dict[str, Any]]:
    """Return every weight with its standard deviation, as published and now; POMP for one SD of the feature."""
    published, now = build_prior(model.features, model.evidence.unit), model.evidence
    published_sd, now_sd = (np.sqrt(np.diag(weights.cov))[1:] for weights in (published, now))
    return [
        {
            "feature": row.name,
            "family": row.family,
            "published": float(published.mean[1 + column]),
            "published_sd": float(published_sd[column]),
            "now": float(now.mean[1 + column]),
            "now_sd": float(now_sd[column]),
        }
        for column, row in enumerate(model.features)
    ]


def list_unread_columns(model: AllianceModel) -> dict[str, list[str]]:
    """Return the columns that no feature reads: of clients, and of therapists unless a client's wish names them.

    A rule can still read them, because a rule has no weight.
    """
    of_clients = {column for row in model.features for column in row.client} - {PREFERENCES_TABLE}
    of_therapists = {
        column for row in model.features if PREFERENCES_TABLE not in row.client for column in row.therapist
    } - {ANY_COLUMN}
    columns_read = {"clients": of_clients, "therapists": of_therapists}
    return {
        table: sorted(column.name for column in list_columns(table).values()
                      if column.kind != "id" and column.name not in names)
        for table, names in columns_read.items()
    }  # fmt: skip


def _describe_metric(row: Metric, fit: ModelFitResult) -> dict[str, Any]:
    """Return the value of a metric, its spread over splits, and on what it was measured."""
    predictions = fit.predictions_by_split.get(row.split)
    return {
        "name": row.name,
        "value": fit.metrics.get(row.name),
        "spread": fit.metrics_spread.get(row.name),
        "splits": fit.n_splits.get(row.split, 0),
        "split": row.split,
        "n": suppress_small_count(0 if predictions is None else len(predictions.y)),
        "says": row.description,
    }


def _list_family_columns(records: TrainingDataset, family: str) -> list[int]:
    return [column for column, row in enumerate(records.features) if row.family == family]


def _compute_missing_share(records: TrainingDataset, family: str) -> float | str | None:
    """Return the share of the family's cells that are unknown; a text where only a few records have one."""
    missing = np.isnan(records.standardised_features[:, _list_family_columns(records, family)])
    if len(records) < MIN_GROUP_SIZE:
        return None
    n_incomplete = int(missing.any(axis=1).sum())
    return f"in {SMALL_COUNT_TEXT} records" if 0 < n_incomplete < MIN_GROUP_SIZE else float(missing.mean())
