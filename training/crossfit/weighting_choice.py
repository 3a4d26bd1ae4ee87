"""Choose how the records count: the client's share of the residual variance, and the half-life of a record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.models.client_update import VarianceShares
from attune_fit.models.sufficient_statistics import SufficientStatistics
from attune_fit.models.weight_posterior import WeightDistribution
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import Recipe
from attune_fit.training.crossfit.record_weighting import RecordWeighting

CLIENT_SHARES = tuple(round(0.05 * step, 2) for step in range(15))  # 0 to .70 of the residual variance
CLIENT_SHARE_SD = 0.15  # of the prior about the published share; assumed
HALF_LIVES = (90.0, 180.0, 365.0, 730.0)  # days
# Gain in log likelihood that a half-life needs: 3 is strong evidence (Kass & Raftery 1995, JASA 90:773).
MIN_LOG_GAIN = 3.0
MAX_BLOCKS, MIN_BLOCKS, MIN_BLOCK_RECORDS = 12, 4, 25


def choose_weighting(records: TrainingDataset, rows: Indices, recipe: Recipe) -> Recipe:
    """Return the recipe with the weighting that the records in ``rows`` support.

    Both choices compare marginal likelihoods, at variances and relevance that fit all of these records. Clients with
    one rating each say nothing about their own level, so the share is then 0. A clinic that does not change gets no
    half-life.
    """
    if not len(rows):
        return recipe
    recipe = replace(recipe, weighting=RecordWeighting(client_share=_choose_client_share(records, rows, recipe)))
    half_life = _choose_half_life(records, rows, recipe)
    return replace(recipe, weighting=replace(recipe.weighting, half_life=half_life))


def _choose_client_share(records: TrainingDataset, rows: Indices, recipe: Recipe) -> float:
    """Return the posterior mode of the client's share, under a normal prior about the published share."""
    if len(np.unique(records.client[rows])) == len(rows):
        return 0.0
    published = VarianceShares.from_published().client
    evidence = _fit_evidence(records, rows, replace(recipe, weighting=RecordWeighting(client_share=published)))

    def compute_log_posterior(share: float) -> float:
        sums = records.compute_sufficient_statistics(rows, RecordWeighting(client_share=share))
        log_prior = -0.5 * ((share - published) / CLIENT_SHARE_SD) ** 2
        return recipe.compute_log_marginal(records, sums, evidence) + log_prior

    return max(CLIENT_SHARES, key=compute_log_posterior)


def _choose_half_life(records: TrainingDataset, rows: Indices, recipe: Recipe) -> float | None:
    """Return the half-life with which earlier records predict later ones best; None if equal weights do as well.

    The log likelihood is prequential: that of each block of records given the earlier ones, whose weight falls with
    their age (power discounting: Smith 1979, JRSS B 41:375; West & Harrison 1997, Bayesian Forecasting, chapter 2).
    """
    blocks = _build_blocks(records, rows, recipe)
    if len(blocks) < MIN_BLOCKS:
        return None
    evidence = _fit_evidence(records, rows, recipe)
    equal = _compute_prequential_likelihood(records, blocks, recipe, evidence, None)
    gains = {
        half_life: _compute_prequential_likelihood(records, blocks, recipe, evidence, half_life) - equal
        for half_life in HALF_LIVES
    }
    best = max(gains, key=lambda half_life: gains[half_life])
    return best if gains[best] > MIN_LOG_GAIN else None


@dataclass(frozen=True)
class RecordBlock:
    """Records of one stretch of time: their mean day, in days since 1970, and their sums."""

    day: float
    sums: SufficientStatistics


def _build_blocks(records: TrainingDataset, rows: Indices, recipe: Recipe) -> list[RecordBlock]:
    """Return the dated records in blocks of equal size by time; a client belongs to the block of the first record."""
    rows = rows[~np.isnat(records.measured_on[rows])]
    n_blocks = min(MAX_BLOCKS, len(rows) // MIN_BLOCK_RECORDS)
    if n_blocks < MIN_BLOCKS:
        return []
    days = records.measured_on[rows].astype("datetime64[D]").astype(float)
    _, client = np.unique(records.client[rows], return_inverse=True)
    first_day = np.full(client.max() + 1, np.inf)
    np.minimum.at(first_day, client, days)
    edges = np.quantile(first_day[client], np.linspace(0, 1, n_blocks + 1)[1:-1])
    block: Floats = np.searchsorted(edges, first_day[client], side="right")
    return [
        RecordBlock(float(days[block == number].mean()), _sum_records(records, rows[block == number], recipe))
        for number in np.unique(block)
    ]


def _sum_records(records: TrainingDataset, rows: Indices, recipe: Recipe) -> SufficientStatistics:
    return records.compute_sufficient_statistics(rows, replace(recipe.weighting, half_life=None))


def _compute_prequential_likelihood(
    records: TrainingDataset,
    blocks: list[RecordBlock],
    recipe: Recipe,
    evidence: WeightDistribution,
    half_life: float | None,
) -> float:
    """Compute the sum of the log likelihoods of each block given the earlier ones."""
    total = 0.0
    for number in range(1, len(blocks)):
        new = blocks[number]
        ages = [new.day - block.day for block in blocks[:number]]
        factors = [1.0 if half_life is None else 0.5 ** (age / half_life) for age in ages]
        past = reduce(
            SufficientStatistics.add,
            (block.sums.scale(factor) for block, factor in zip(blocks[:number], factors, strict=True)),
        )
        total += recipe.compute_log_marginal(records, past.add(new.sums), evidence)
        total -= recipe.compute_log_marginal(records, past, evidence)
    return total


def _fit_evidence(records: TrainingDataset, rows: Indices, recipe: Recipe) -> WeightDistribution:
    """Return the linear layer fitted to all of these records: source of unit, variances and relevance."""
    return recipe.fit_linear_layer(records, records.compute_sufficient_statistics(rows, recipe.weighting))[0]
