"""Intervals of r with few therapists, tried where the truth is known: the one in use and those that lost."""

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
from docs.tables import markdown

Way = Callable[[Floats, Floats, Indices, np.random.Generator], tuple[float, float]]

CLINICS = ((2, 200), (3, 200), (5, 200), (10, 300), (20, 300), (40, 1_000))  # therapists, records
TRIALS = 1_000
RESAMPLES = 500
R, UNEVEN, SPREAD = 0.15, 0.10, 0.3  # mean effect, its SD between therapists, SD of the log of their spreads


def drawn(therapists: int, n: int, rng: np.random.Generator) -> tuple[Floats, Floats, Indices]:
    """What is said, what is left, who was met: therapists differ in caseload, spread, and how much suiting matters."""
    weight = np.exp(rng.normal(0, 0.6, therapists))
    met = rng.choice(therapists, n, p=weight / weight.sum())
    said, noise = rng.normal(size=(2, n)) * np.exp(rng.normal(0, SPREAD, (2, therapists)))[:, met]
    slope = R / np.sqrt(1 - R**2) + UNEVEN * rng.normal(size=therapists)
    groups = ClusterIndex.from_labels(met)
    return groups.center(said), groups.center(slope[met] * said + noise), met


def _r(sums: Floats) -> Floats:
    return np.asarray(sums[..., 0] / np.sqrt(np.maximum(sums[..., 1] * sums[..., 2], 1e-12)))


def _sums(said: Floats, left: Floats, met: Indices) -> Floats:
    return ClusterIndex.from_labels(met).sum_values(np.stack([said * left, said**2, left**2], axis=1))


def fisher(said: Floats, left: Floats, met: Indices, rng: np.random.Generator) -> tuple[float, float]:  # noqa: ARG001
    """As if records were independent."""
    r = float(_r(_sums(said, left, met).sum(axis=0)))
    reach = 1.96 / np.sqrt(len(said) - len(np.unique(met)) - 2)
    return float(np.tanh(np.arctanh(r) - reach)), float(np.tanh(np.arctanh(r) + reach))


def percentile(said: Floats, left: Floats, met: Indices, rng: np.random.Generator) -> tuple[float, float]:
    """Whole therapists drawn again, and the quantiles of what comes out."""
    low, high = np.quantile(_drawn_again(_sums(said, left, met), rng), [0.025, 0.975])
    return float(low), float(high)


def accelerated(said: Floats, left: Floats, met: Indices, rng: np.random.Generator) -> tuple[float, float]:
    """The same draws, bias-corrected and accelerated (Efron 1987)."""
    sums = _sums(said, left, met)
    draws, whole, without = _drawn_again(sums, rng), _r(sums.sum(axis=0)), _r(sums.sum(axis=0) - sums)
    bias = norm.ppf(np.clip(np.mean(draws < whole), 1 / RESAMPLES, 1 - 1 / RESAMPLES))
    apart = without.mean() - without
    pull = (apart**3).sum() / (6 * max((apart**2).sum(), 1e-12) ** 1.5)
    z = bias + norm.ppf([0.025, 0.975])
    low, high = np.quantile(draws, norm.cdf(bias + z / (1 - pull * z)))
    return float(low), float(high)


def sandwich(said: Floats, left: Floats, met: Indices, rng: np.random.Generator) -> tuple[float, float]:  # noqa: ARG001
    """Cluster-robust variance (CR1), degrees of freedom by effective therapists."""
    sums = _sums(said, left, met)
    both, ours, theirs = sums.sum(axis=0)
    r = float(both / np.sqrt(ours * theirs))
    pull = sums[:, 0] / np.sqrt(ours * theirs) - r / 2 * (sums[:, 1] / ours + sums[:, 2] / theirs)
    variance = len(sums) / (len(sums) - 1) * (pull**2).sum()
    return _around(r, float(variance), count_effective_clusters(sums[:, 1]) - 1)


def counted(said: Floats, left: Floats, met: Indices, rng: np.random.Generator) -> tuple[float, float]:  # noqa: ARG001
    """Jackknife over therapists, degrees of freedom by their number."""
    sums = _sums(said, left, met)
    r, without = _r(sums.sum(axis=0)), _r(sums.sum(axis=0) - sums)
    variance = (len(sums) - 1) / len(sums) * ((without - r) ** 2).sum()
    return _around(float(r), float(variance), len(sums) - 1)


def in_use(said: Floats, left: Floats, met: Indices, rng: np.random.Generator) -> tuple[float, float]:  # noqa: ARG001
    """Jackknife over therapists, degrees of freedom by effective therapists."""
    found = compute_clustered_correlation(said, left[:, None], (met,))
    return float(found.low[0]), float(found.high[0])


WAYS: dict[str, Way] = {
    "as if independent": fisher,
    "percentile bootstrap": percentile,
    "BCa bootstrap": accelerated,
    "CR1, effective df": sandwich,
    "jackknife, G - 1 df": counted,
    "**jackknife, effective df**": in_use,
}


def covered() -> str:
    """How many intervals hold the truth, and their median width, by therapists and way."""
    rng = np.random.default_rng(0)
    truth = float(_r(_sums(*drawn(20_000, 1_000_000, rng)).sum(axis=0)))
    rows = []
    for therapists, n in CLINICS:
        ends: dict[str, list[tuple[float, float]]] = {name: [] for name in WAYS}
        for _ in range(TRIALS):
            said, left, met = drawn(therapists, n, rng)
            if len(np.unique(met)) > 1:
                for name, way in WAYS.items():
                    ends[name].append(way(said, left, met, rng))
        cells = [np.array(ends[name]).T for name in WAYS]
        rows.append((f"{therapists}, {n:,}", *(f"{np.mean((low <= truth) & (truth <= high)):.0%}, "
                     f"{np.median(high - low):.2f}" for low, high in cells)))  # fmt: skip
        print(rows[-1], flush=True)
    return markdown(("therapists, records", *WAYS), rows)


def _drawn_again(sums: Floats, rng: np.random.Generator) -> Floats:
    return _r(rng.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=RESAMPLES) @ sums)


def _around(r: float, variance: float, freedom: float) -> tuple[float, float]:
    reach = t.ppf(0.975, max(freedom, 1.0)) * np.sqrt(variance) / (1 - r**2)
    return float(np.tanh(np.arctanh(r) - reach)), float(np.tanh(np.arctanh(r) + reach))
