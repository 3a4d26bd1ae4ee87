"""The facts of a model card: computed from the run, none of them typed in; what was not measured is None."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from attune_fit.data.clinic.columns import list_columns
from attune_fit.features.feature import ANY_COLUMN, FAMILIES, PREFERENCES_TABLE
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.prediction_interval import PredictionInterval
from attune_fit.models.weight_posterior import build_prior
from attune_fit.training.crossfit.out_of_fold import OutOfFoldPredictions
from attune_fit.training.crossfit.splits import Fold
from attune_fit.training.evaluation.metrics import METRICS
from attune_fit.training.promotion.source_digest import compute_code_version

if TYPE_CHECKING:
    from attune_fit.training.crossfit.dataset import TrainingDataset
    from attune_fit.training.fitting.fit_model import ModelFitResult
    from attune_fit.training.promotion.decision import PromotionDecision

MIN_GROUP_SIZE = 10  # a count below this is not told
SMALL_COUNT_TEXT = f"fewer than {MIN_GROUP_SIZE}"


def build_card_facts(model: AllianceModel, name: str, sha256: str) -> dict[str, Any]:
    """What a model tells of itself, without the run that made it.

    Parameters
    ----------
    model : AllianceModel
    name, sha256 : str
        Of its bundle, and of the manifest that seals it.

    Returns
    -------
    dict
        In JSON's types.
    """
    return {
        "bundle": name,
        "sha256": sha256,
        "data": model.data_digest or None,
        "code": compute_code_version(),
        "verdict": model.verdict.sentence,
        "verdict_kind": model.verdict.kind,
        "compared": [asdict(one) for one in model.verdict.compared],
        "n_outcomes": suppress_small_count(model.n_outcomes),
        "instrument": model.instrument or None,
        "interval": model.width.level,
        "spread": {
            "early_alliance_sd": model.evidence.unit,
            "therapists_sd": model.evidence.tau,
            "unexplained_sd": model.evidence.sigma,
        },
        "trees_share": 0.0 if model.learned is None else model.learned.stacking_weight,
        "families": list_family_weights(model),
        "weights": list_weights(model),
        "unread": list_unread_columns(model),
    }


def build_run_facts(learnt: ModelFitResult, decision: PromotionDecision, settings: dict[str, Any]) -> dict[str, Any]:
    """What only the run knows: its records, its measurements, what was decided and how the model was made."""
    records, held = learnt.records, learnt.predictions_by_split.get("client")
    return {
        "records": describe_records(records),
        "notes": list(learnt.notes),
        "metrics": [_metric(row.name, row.split, row.description, learnt) for row in METRICS],
        "coverage": None if held is None else compute_coverage(held, learnt.folds, learnt.model.width.level),
        "decision": {
            "what": decision.what,
            "because": decision.because,
            "replaced": decision.replaced,
            "agreement": decision.agreement,
            "compared": [asdict(one) for one in decision.compared],
        },
        "settings": {**settings, "local_trees": None if learnt.recipe.growth is None else asdict(learnt.recipe.growth),
                     "held_at_prior": sorted(learnt.recipe.held)},
    }  # fmt: skip


def suppress_small_count(count: int) -> int | str:
    """A count, or that it is too small to be told.

    >>> suppress_small_count(0), suppress_small_count(9), suppress_small_count(10)
    (0, 'fewer than 10', 10)
    """
    return SMALL_COUNT_TEXT if 0 < count < MIN_GROUP_SIZE else int(count)


def describe_records(records: TrainingDataset) -> dict[str, Any]:
    """Who and when, how alliance was rated, and what was missing: small cells are not told."""
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
            family: _compute_missing_share(records, family) for family in FAMILIES if _columns(records, family)
        },
    }


def compute_coverage(p: OutOfFoldPredictions, folds: Sequence[Fold], level: float) -> dict[str, float | int] | None:
    """How often an interval held the rating, its width set by the other folds alone; None with too few records.

    The ends are a 95% Wilson interval, as if records were independent.
    """
    from scipy.stats import binomtest

    n = len(p.y)
    if n < MIN_GROUP_SIZE * len(folds) or not folds:
        return None
    held = np.zeros(n, dtype=bool)
    for fold in folds:
        others = np.setdiff1d(np.arange(n), fold.test)
        width = PredictionInterval.from_out_of_fold(level, p.score[others], p.standardised_residuals[others])
        low, high = width.compute_bounds(p.score[fold.test], p.sd[fold.test])
        held[fold.test] = (low <= p.y[fold.test]) & (p.y[fold.test] <= high)
    ends = binomtest(int(held.sum()), n).proportion_ci(method="wilson")
    return {"level": level, "held": float(held.mean()), "low": float(ends.low), "high": float(ends.high), "n": n}


def list_family_weights(model: AllianceModel) -> list[dict[str, Any]]:
    """How much each family of features weighs, as published and now: the root of its summed squared weights, POMP."""
    before, now = build_prior(model.features, model.evidence.unit).mean[1:], model.evidence.mean[1:]
    of = np.array([row.family for row in model.features])
    read = model.learned.find_split_features() if model.learned is not None else frozenset()
    return [
        {
            "family": family,
            "features": int((of == family).sum()),
            "published": float(np.sqrt((before[of == family] ** 2).sum())),
            "now": float(np.sqrt((now[of == family] ** 2).sum())),
            "in_trees": sum(row.name in read for row in model.features if row.family == family),
        }
        for family in FAMILIES
        if (of == family).any()
    ]


def list_weights(model: AllianceModel) -> list[dict[str, Any]]:
    """Every weight with its standard deviation, as published and now; POMP for one SD of the feature."""
    before, now = build_prior(model.features, model.evidence.unit), model.evidence
    sds = [np.sqrt(np.diag(one.cov))[1:] for one in (before, now)]
    return [
        {
            "feature": row.name,
            "family": row.family,
            "published": float(before.mean[1 + column]),
            "published_sd": float(sds[0][column]),
            "now": float(now.mean[1 + column]),
            "now_sd": float(sds[1][column]),
        }
        for column, row in enumerate(model.features)
    ]


def list_unread_columns(model: AllianceModel) -> dict[str, list[str]]:
    """Columns that no part of the sum reads: of clients, and of therapists unless a client's wish names them.

    A rule may still read them, for a rule is never a weight.
    """
    of_client = {column for row in model.features for column in row.client} - {PREFERENCES_TABLE}
    of_therapist = {
        column for row in model.features if PREFERENCES_TABLE not in row.client for column in row.therapist
    } - {ANY_COLUMN}
    reads = {"clients": of_client, "therapists": of_therapist}
    return {
        table: sorted(column.name for column in list_columns(table).values()
                      if column.kind != "id" and column.name not in names)
        for table, names in reads.items()
    }  # fmt: skip


def _metric(name: str, split: str, says: str, learnt: ModelFitResult) -> dict[str, Any]:
    n = len(learnt.predictions_by_split[split].y) if split in learnt.predictions_by_split else 0
    return {"name": name, "value": learnt.metrics.get(name), "split": split, "n": suppress_small_count(n), "says": says}


def _columns(records: TrainingDataset, family: str) -> list[int]:
    return [column for column, row in enumerate(records.features) if row.family == family]


def _compute_missing_share(records: TrainingDataset, family: str) -> float | str | None:
    """Share of the family's cells that are unknown; a few records are not told apart."""
    missing = np.isnan(records.standardised_features[:, _columns(records, family)])
    if len(records) < MIN_GROUP_SIZE:
        return None
    some = int(missing.any(axis=1).sum())
    return f"in {SMALL_COUNT_TEXT} records" if 0 < some < MIN_GROUP_SIZE else float(missing.mean())
