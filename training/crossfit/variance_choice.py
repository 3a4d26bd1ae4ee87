"""Choose by marginal likelihood: the client's share of the residual variance, and whether the weights drift."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from attune_fit.data.arrays import Indices
from attune_fit.models.client_update import VarianceShares
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import Recipe

CLIENT_SHARES = tuple(round(0.05 * step, 2) for step in range(15))  # 0 to .70 of the residual variance
CLIENT_SHARE_SD = 0.15  # of the prior about the published share; assumed
# Gain in log likelihood that drift needs: above 1 is positive evidence (Kass & Raftery 1995, JASA 90:773).
MIN_DRIFT_GAIN = 1.0


def choose_variances(records: TrainingDataset, rows: Indices, recipe: Recipe) -> Recipe:
    """Return the recipe with the client's share and the drift that the records in ``rows`` support.

    Both choices compare marginal likelihoods, at the variances and the relevance of families that fit all of these
    records. Clients with one rating each say nothing about their own level, so their share is then 0. A stable clinic
    has no drift, and then all records count alike.
    """
    if not len(rows):
        return recipe
    recipe = replace(recipe, client_share=_choose_client_share(records, rows, recipe))
    return replace(recipe, has_drift=_has_drift(records, rows, recipe))


def _choose_client_share(records: TrainingDataset, rows: Indices, recipe: Recipe) -> float:
    """Return the posterior mode of the client's share, under a normal prior about the published share."""
    if len(np.unique(records.client[rows])) == len(rows):
        return 0.0
    published = VarianceShares.from_published().client
    evidence = replace(recipe, client_share=published).fit_evidence(records, rows)

    def compute_log_posterior(share: float) -> float:
        sums = replace(recipe, client_share=share).sum_records(records, rows)
        log_prior = -0.5 * ((share - published) / CLIENT_SHARE_SD) ** 2
        return recipe.compute_log_marginal(records, sums, evidence) + log_prior

    return max(CLIENT_SHARES, key=compute_log_posterior)


def _has_drift(records: TrainingDataset, rows: Indices, recipe: Recipe) -> bool:
    """Return whether weights that change with time explain these records better, beyond doubt."""
    drifting = replace(recipe, has_drift=True)
    if not recipe.has_linear_layer or not drifting.describe_drift(records).names or not records.latest_day:
        return False
    evidence = recipe.fit_evidence(records, rows)
    stable, changing = (
        one.compute_log_marginal(records, one.sum_records(records, rows), evidence) for one in (recipe, drifting)
    )
    return changing - stable > MIN_DRIFT_GAIN
