"""Pair weights in synthetic clinics: least squares on the true alliance of each clinic's pairs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Floats
from attune_fit.data.synthetic.simulate import simulate
from attune_fit.data.synthetic.world import MIXES, World
from attune_fit.features.feature import Feature
from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.models.sufficient_statistics import RecordPrecision, SufficientStatistics
from attune_fit.models.weight_posterior import build_design_matrix, build_prior
from attune_fit.training.crossfit.double_centering import double_center

N_SYNTHETIC_CLINICS, CLIENTS_PER_CLINIC, THERAPISTS_PER_CLINIC = 120, 300, 40
# Below 1: a few factors carry most of the fit of a clinic.
DIRICHLET_CONCENTRATION = 0.6
EFFECTIVE_PAIRS = 4_000  # effective sample size of one clinic's pairs, because many share a client or a therapist


def fit_synthetic_weights(
    features: Sequence[Feature], n_clinics: int, seed: int
) -> tuple[npt.NDArray[np.intp], Floats]:
    """Return the weights of the pair features in synthetic clinics, POMP; different factors carry fit in each clinic.

    Parameters
    ----------
    features : sequence of Feature
    n_clinics : int
        Number of clinics, at least 2.
    seed : int

    Returns
    -------
    array of shape (k,), array of shape (n_clinics, k)
        Positions of the pair features, and their weights in each clinic: POMP for one ``scale`` of the feature.
    """
    rng = np.random.default_rng(seed)
    rows = np.flatnonzero([feature.side == "pair" for feature in features])
    carriers = sorted(MIXES["balanced"])
    shares = rng.dirichlet(np.full(len(carriers), DIRICHLET_CONCENTRATION), size=n_clinics)
    worlds = [
        World(carriers=tuple(zip(carriers, map(float, clinic_shares), strict=True)), effect_spread=0.0)
        for clinic_shares in shares
    ]
    seeds = rng.integers(0, 2**31, n_clinics)
    pairs = [features[int(row)] for row in rows]
    return rows, np.array(
        [_fit_weights(pairs, world, int(world_seed)) for world, world_seed in zip(worlds, seeds, strict=True)]
    )


def _fit_weights(features: Sequence[Feature], world: World, seed: int) -> Floats:
    """Fit the weights of one clinic by least squares, with the published prior to separate correlated features."""
    clinic = simulate(CLIENTS_PER_CLINIC, THERAPISTS_PER_CLINIC, seed, world, waiting=CLIENTS_PER_CLINIC)
    pairs = Pairs.cross(Sides(clinic.tables))
    x = double_center(np.nan_to_num(PairFrame.from_pairs(pairs, features).standardize()))
    y = double_center(
        clinic.truth.compute_expected_alliance(pairs.client_rows, pairs.therapist_rows, chemistry=False)[..., None]
    )
    flat, alliance = build_design_matrix(x.reshape(-1, x.shape[-1]), features), y.ravel()
    relative_variance = len(alliance) / EFFECTIVE_PAIRS
    statistics = SufficientStatistics.from_records(
        flat,
        alliance,
        np.zeros(len(alliance), dtype=np.intp),
        1,
        RecordPrecision.from_noise(np.full(len(alliance), relative_variance)),
    )
    prior = build_prior(features)
    variance = float(alliance @ alliance) / len(alliance)
    return statistics.combine_with_prior(np.zeros(len(prior.mean)), prior.cov).solve(variance, 1e-6).mean[1:]
