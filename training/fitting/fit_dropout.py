"""Fit the probability of dropout to a clinic's episodes with known dropout, rated or not, and recalibrate it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import logit

from attune_fit.data.outcomes.early_alliance import add_row_labels
from attune_fit.data.outcomes.intake_timing import is_intake_after_rating
from attune_fit.data.outcomes.known_dropout import compute_known_dropout
from attune_fit.data.small_cells import MIN_GROUP_SIZE
from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.models.dropout_model import (
    OWN_WEIGHT_SD,
    DropoutModel,
    build_dropout_prior,
    compute_therapist_sd,
    mask_pair_features,
)
from attune_fit.models.therapist_effects import TherapistEffects
from attune_fit.models.weight_posterior import build_design_matrix
from attune_fit.training.crossfit.splits import split_by_group
from attune_fit.training.evaluation.dropout_check import estimate_recalibration, measure_dropout_check
from attune_fit.training.fitting.dropout_posterior import (
    DropoutPosterior,
    DropoutRecords,
    fit_dropout_posterior,
    list_dropout_walls,
)

if TYPE_CHECKING:
    from attune_fit.data.arrays import Floats, Indices
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.features.feature import Feature
    from attune_fit.models.weight_posterior import WeightDistribution

N_FOLDS = 5
MAX_RECORDS = 5_000  # that estimate the variances: more would take longer and hardly change them
# Up to so many, the variances come from the records held in: those of all records flatter the held-out ones. In clinics
# whose dropout is independent of all, the held-out AUC was .54 at 300 clients, and .50 at 1,000 and more.
FEW_RECORDS = 1_000
MAX_TRIALS = 80  # of the search for the variances
# SD of the log of each: what acts through the alliance, what a feature does otherwise, the therapists' SD; assumed
LOG_SDS = np.array([0.35, 0.7, 0.7])
MAX_LOG = 4.0


class DropoutVariances(NamedTuple):
    """What the records support: the factor on what acts through the alliance, and two SDs in log-odds."""

    relevance: float
    own_sd: float
    therapist_sd: float

    @classmethod
    def from_published(cls) -> DropoutVariances:
        """Build those that a clinic starts from."""
        return cls(1.0, OWN_WEIGHT_SD, compute_therapist_sd())


class DropoutDataset(NamedTuple):
    """Episodes with known dropout: the records, their clients (n,), and their standardized features (n, p)."""

    records: DropoutRecords
    client: Indices
    standard: Floats


def fit_dropout(tables: Tables, evidence: WeightDistribution, features: Sequence[Feature], seed: int = 0) -> (
    DropoutModel | None
):  # fmt: skip
    """Fit the probability of dropout; None where fewer than 10 episodes ended in dropout, or fewer than 10 did not.

    Parameters
    ----------
    tables : Tables
    evidence : WeightDistribution
        Weights of alliance before the clinic's records (day 0), over ``features``: their prior means give those of
        dropout.
    features : sequence of Feature
    seed : int
        Of the folds.

    Notes
    -----
    An episode counts if its dropout is known, with a rating or without. The recalibration and the check are from
    clients who are held out.
    """
    data = build_dropout_dataset(tables, features)
    n, n_dropouts = len(data.client), int(data.records.y.sum())
    if min(n_dropouts, n - n_dropouts) < MIN_GROUP_SIZE:
        return None
    variances = estimate_dropout_variances(data.records, evidence, features, seed)
    ids = tables.therapists["therapist_id"].to_list()
    posterior = _fit(data.records, evidence, features, variances)
    model = build_dropout_model(posterior, variances, ids, data.records)
    folds = split_by_group(data.client, N_FOLDS, seed)
    if not folds:
        return model
    log_odds, client_log_odds = np.empty(n), np.empty(n)
    for fold in folds:
        held_in, of_all = data.records.take(fold.train), variances
        if n <= FEW_RECORDS:
            of_all = estimate_dropout_variances(held_in, evidence, features, seed)
        of_fold = build_dropout_model(_fit(held_in, evidence, features, of_all), of_all, ids, held_in)
        effects = of_fold.therapists.select_for_roster(ids)
        therapist = data.records.therapist[fold.test]
        found = of_fold.compute_from_features(data.standard[fold.test], features, effects, therapist)
        log_odds[fold.test] = _center(logit(found.probability))
        client_log_odds[fold.test] = _center(mask_pair_features(data.records.x[fold.test], features) @ of_fold.mean)
    log_odds += float(logit(data.records.y.mean()))
    intercept, slope = estimate_recalibration(data.records.y, log_odds)
    check = measure_dropout_check(data.records.y, log_odds, client_log_odds)
    return replace(model, intercept=intercept, slope=slope, check=check)


def _center(log_odds: Floats) -> Floats:
    """Return the predictions of a fold less their mean: a fold with many dropouts is predicted few by the others."""
    return np.asarray(log_odds - log_odds.mean())


def build_dropout_dataset(tables: Tables, features: Sequence[Feature]) -> DropoutDataset:
    """Build the records of the episodes with known dropout.

    An episode whose client answered the intake after it began is left out: see :func:`is_intake_after_rating`.
    """
    known = compute_known_dropout(add_row_labels(tables, tables.outcomes))
    known = known[~is_intake_after_rating(tables.clients, known)]
    client, therapist = (known[name].to_numpy(np.intp) for name in ("client_row", "therapist_row"))
    standard = PairFrame.from_pairs(Pairs.from_rows(Sides(tables), client, therapist), features).standardize()
    x = build_design_matrix(standard, features)
    records = DropoutRecords(x, known["y"].to_numpy(float), therapist, len(tables.therapists))
    return DropoutDataset(records, client, standard)


def estimate_dropout_variances(
    records: DropoutRecords, evidence: WeightDistribution, features: Sequence[Feature], seed: int = 0
) -> DropoutVariances:
    """Estimate how much acts through the alliance, otherwise, and between therapists: the marginal posterior mode.

    Type II maximum likelihood with log-normal priors about :meth:`DropoutVariances.from_published`; the marginal
    likelihood is Laplace's. A clinic whose dropout has nothing to do with its alliance gets a small factor.
    """
    if len(records.y) > MAX_RECORDS:
        rows = np.sort(np.random.default_rng(seed).choice(len(records.y), MAX_RECORDS, replace=False))
        records = records.take(rows)
    start: DropoutPosterior | None = None

    def compute_loss(z: Floats) -> float:
        nonlocal start
        start = _fit(records, evidence, features, _scale_variances(z), start)
        return float(z @ (z / LOG_SDS**2)) / 2 - start.log_marginal

    from scipy.optimize import minimize  # heavy, and no ranking needs it

    optimum = minimize(
        compute_loss,
        np.zeros(3),
        method="Nelder-Mead",
        bounds=[(-MAX_LOG, MAX_LOG)] * 3,
        options={"maxfev": MAX_TRIALS, "xatol": 0.02, "fatol": 0.005,
                 "initial_simplex": np.vstack([np.zeros(3), -np.diag(LOG_SDS)])},
    )  # fmt: skip
    return _scale_variances(optimum.x)


def _scale_variances(z: Floats) -> DropoutVariances:
    return DropoutVariances(*(float(one) for one in np.exp(z) * np.array(DropoutVariances.from_published())))


def _fit(
    records: DropoutRecords, evidence: WeightDistribution, features: Sequence[Feature], variances: DropoutVariances,
    start: DropoutPosterior | None = None,
) -> DropoutPosterior:  # fmt: skip
    mean, cov = build_dropout_prior(evidence, features, variances.relevance, variances.own_sd)
    tau2 = variances.therapist_sd**2
    return fit_dropout_posterior(records, mean, cov, tau2, list_dropout_walls(features), start)


def build_dropout_model(
    posterior: DropoutPosterior, variances: DropoutVariances, therapist_ids: Sequence[str], records: DropoutRecords
) -> DropoutModel:
    """Build the model of a posterior, without recalibration. Only therapists with a record have an effect."""
    rows = np.unique(records.therapist)
    effects = TherapistEffects(
        tuple(str(therapist_ids[int(row)]) for row in rows),
        posterior.effect[rows],
        posterior.lean[rows],
        posterior.own[rows],
        variances.therapist_sd**2,
    )
    n_dropouts = int(records.y.sum())
    return DropoutModel(posterior.mean, posterior.cov, effects, n_records=len(records.y), n_dropouts=n_dropouts)
