"""Compare confidence intervals of r with few therapists, by simulation: coverage and median width."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.stats import norm, t

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.evaluation.cluster_robust import (
    ClusterIndex,
    compute_clustered_correlation,
    count_effective_clusters,
)
from docs.tables import format_table

IntervalMethod = Callable[[Floats, Floats, Indices, np.random.Generator], tuple[float, float]]

CLINICS = ((2, 200), (3, 200), (5, 200), (10, 300), (20, 300), (40, 1_000))  # therapists, records
TRIALS = 1_000
RESAMPLES = 500
R, R_SD, LOG_SCALE_SD = 0.15, 0.10, 0.3  # mean effect, its SD between therapists, SD of their log scales


def draw_records(therapists: int, n: int, rng: np.random.Generator) -> tuple[Floats, Floats, Indices]:
    """Draw pair parts, residuals and therapists; therapists differ in caseload, scale and pair effect."""
    weight = np.exp(rng.normal(0, 0.6, therapists))
    therapist = rng.choice(therapists, n, p=weight / weight.sum())
    pair_part, noise = rng.normal(size=(2, n)) * np.exp(rng.normal(0, LOG_SCALE_SD, (2, therapists)))[:, therapist]
    slope = R / np.sqrt(1 - R**2) + R_SD * rng.normal(size=therapists)
    groups = ClusterIndex.from_labels(therapist)
    return groups.center(pair_part), groups.center(slope[therapist] * pair_part + noise), therapist


def _compute_r(sums: Floats) -> Floats:
    return np.asarray(sums[..., 0] / np.sqrt(np.maximum(sums[..., 1] * sums[..., 2], 1e-12)))


def _sum_by_therapist(pair_part: Floats, residual: Floats, therapist: Indices) -> Floats:
    return ClusterIndex.from_labels(therapist).sum_values(
        np.stack([pair_part * residual, pair_part**2, residual**2], axis=1)
    )


def compute_fisher_interval(
    pair_part: Floats, residual: Floats, therapist: Indices, _: np.random.Generator
) -> tuple[float, float]:
    """Return Fisher's interval, as if records were independent."""
    r = float(_compute_r(_sum_by_therapist(pair_part, residual, therapist).sum(axis=0)))
    half_width = 1.96 / np.sqrt(len(pair_part) - len(np.unique(therapist)) - 2)
    return float(np.tanh(np.arctanh(r) - half_width)), float(np.tanh(np.arctanh(r) + half_width))


def compute_percentile_interval(
    pair_part: Floats, residual: Floats, therapist: Indices, rng: np.random.Generator
) -> tuple[float, float]:
    """Return the percentile interval of the cluster bootstrap over therapists."""
    low, high = np.quantile(_bootstrap_r(_sum_by_therapist(pair_part, residual, therapist), rng), [0.025, 0.975])
    return float(low), float(high)


def compute_bca_interval(
    pair_part: Floats, residual: Floats, therapist: Indices, rng: np.random.Generator
) -> tuple[float, float]:
    """Return the bias-corrected and accelerated interval (BCa; Efron 1987) of the same bootstrap."""
    sums = _sum_by_therapist(pair_part, residual, therapist)
    draws, r, leave_one_out = _bootstrap_r(sums, rng), _compute_r(sums.sum(axis=0)), _compute_r(sums.sum(axis=0) - sums)
    bias = norm.ppf(np.clip(np.mean(draws < r), 1 / RESAMPLES, 1 - 1 / RESAMPLES))
    deviations = leave_one_out.mean() - leave_one_out
    acceleration = (deviations**3).sum() / (6 * max((deviations**2).sum(), 1e-12) ** 1.5)
    z = bias + norm.ppf([0.025, 0.975])
    low, high = np.quantile(draws, norm.cdf(bias + z / (1 - acceleration * z)))
    return float(low), float(high)


def compute_cr1_interval(
    pair_part: Floats, residual: Floats, therapist: Indices, _: np.random.Generator
) -> tuple[float, float]:
    """Return the interval by cluster-robust variance (CR1); degrees of freedom by effective therapists."""
    sums = _sum_by_therapist(pair_part, residual, therapist)
    product, pair_square, residual_square = sums.sum(axis=0)
    r = float(product / np.sqrt(pair_square * residual_square))
    influence = sums[:, 0] / np.sqrt(pair_square * residual_square)
    influence = influence - r / 2 * (sums[:, 1] / pair_square + sums[:, 2] / residual_square)
    variance = len(sums) / (len(sums) - 1) * (influence**2).sum()
    return _build_interval(r, float(variance), count_effective_clusters(sums[:, 1]) - 1)


def compute_plain_jackknife_interval(
    pair_part: Floats, residual: Floats, therapist: Indices, _: np.random.Generator
) -> tuple[float, float]:
    """Return the jackknife interval over therapists; degrees of freedom by their number."""
    sums = _sum_by_therapist(pair_part, residual, therapist)
    r, leave_one_out = _compute_r(sums.sum(axis=0)), _compute_r(sums.sum(axis=0) - sums)
    variance = (len(sums) - 1) / len(sums) * ((leave_one_out - r) ** 2).sum()
    return _build_interval(float(r), float(variance), len(sums) - 1)


def compute_attune_interval(
    pair_part: Floats, residual: Floats, therapist: Indices, _: np.random.Generator
) -> tuple[float, float]:
    """Return the interval that Attune uses: jackknife, degrees of freedom by effective therapists."""
    result = compute_clustered_correlation(pair_part, residual[:, None], (therapist,))
    return float(result.low[0]), float(result.high[0])


INTERVAL_METHODS: dict[str, IntervalMethod] = {
    "as if independent": compute_fisher_interval,
    "percentile bootstrap": compute_percentile_interval,
    "BCa bootstrap": compute_bca_interval,
    "CR1, effective df": compute_cr1_interval,
    "jackknife, G - 1 df": compute_plain_jackknife_interval,
    "**jackknife, effective df**": compute_attune_interval,
}


def format_coverage_table() -> str:
    """Format the coverage and the median width of every method, by number of therapists."""
    rng = np.random.default_rng(0)
    truth = float(_compute_r(_sum_by_therapist(*draw_records(20_000, 1_000_000, rng)).sum(axis=0)))
    rows = []
    for therapists, n in CLINICS:
        intervals: dict[str, list[tuple[float, float]]] = {name: [] for name in INTERVAL_METHODS}
        for _ in range(TRIALS):
            pair_part, residual, therapist = draw_records(therapists, n, rng)
            if len(np.unique(therapist)) > 1:
                for name, method in INTERVAL_METHODS.items():
                    intervals[name].append(method(pair_part, residual, therapist, rng))
        cells = [np.array(intervals[name]).T for name in INTERVAL_METHODS]
        rows.append((f"{therapists}, {n:,}", *(f"{np.mean((low <= truth) & (truth <= high)):.0%}, "
                     f"{np.median(high - low):.2f}" for low, high in cells)))  # fmt: skip
        print(rows[-1], flush=True)
    return format_table(("therapists, records", *INTERVAL_METHODS), rows)


def _bootstrap_r(sums: Floats, rng: np.random.Generator) -> Floats:
    return _compute_r(rng.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=RESAMPLES) @ sums)


def _build_interval(r: float, variance: float, degrees_of_freedom: float) -> tuple[float, float]:
    half_width = t.ppf(0.975, max(degrees_of_freedom, 1.0)) * np.sqrt(variance) / (1 - r**2)
    return float(np.tanh(np.arctanh(r) - half_width)), float(np.tanh(np.arctanh(r) + half_width))
