"""What synthetic clinics need: the weights that describe each of many best, from the truth of their pairs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Floats
from attune_fit.data.synthetic.simulate import simulate
from attune_fit.data.synthetic.world import MIXES, World
from attune_fit.features.feature import Feature
from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs, Sides
from attune_fit.models.sufficient_statistics import SufficientStatistics
from attune_fit.models.weight_posterior import build_design_matrix, build_prior

N_SYNTHETIC_CLINICS, CLIENTS_PER_CLINIC, THERAPISTS_PER_CLINIC = 120, 300, 40
DIRICHLET_CONCENTRATION = (
    0.6  # of a Dirichlet distribution: below 1, so that a few things carry most of the fit of a clinic, others less
)
EFFECTIVE_PAIRS = 4_000  # independent pairs that those of one clinic are worth; many share a client or a therapist


def fit_synthetic_weights(features: Sequence[Feature], worlds: int, seed: int) -> tuple[npt.NDArray[np.intp], Floats]:
    """Weights of the pair features in clinics where this and that carries fit.

    Parameters
    ----------
    features : sequence of Feature
    worlds : int
        How many clinics, at least 2.
    seed : int

    Returns
    -------
    array of shape (k,), array of shape (worlds, k)
        Which of the features are of pairs, and their weights in each clinic, POMP for one ``scale``.
    """
    rng = np.random.default_rng(seed)
    rows = np.flatnonzero([feature.side == "pair" for feature in features])
    carriers = sorted(MIXES["balanced"])
    shares = rng.dirichlet(np.full(len(carriers), DIRICHLET_CONCENTRATION), size=worlds)
    made = [World(carriers=tuple(zip(carriers, map(float, each), strict=True)), effect_spread=0.0) for each in shares]
    seeds = rng.integers(0, 2**31, worlds)
    pairs = [features[int(row)] for row in rows]
    return rows, np.array([_fit_weights(pairs, world, int(each)) for world, each in zip(made, seeds, strict=True)])


def _fit_weights(features: Sequence[Feature], world: World, seed: int) -> Floats:
    """Least squares, held by the published belief where the pairs of one clinic do not tell features apart."""
    clinic = simulate(CLIENTS_PER_CLINIC, THERAPISTS_PER_CLINIC, seed, world, waiting=CLIENTS_PER_CLINIC)
    pairs = Pairs.cross(Sides(clinic.tables))
    x = _double_center(np.nan_to_num(PairFrame.from_pairs(pairs, features).standardize()))
    y = _double_center(
        clinic.truth.compute_expected_alliance(pairs.client_rows, pairs.therapist_rows, chemistry=False)[..., None]
    )
    flat, alliance = build_design_matrix(x.reshape(-1, x.shape[-1])), y.ravel()
    many = len(alliance) / EFFECTIVE_PAIRS
    sums = SufficientStatistics.from_records(
        flat, alliance, np.zeros(len(alliance), dtype=np.intp), 1, np.full(len(alliance), many)
    )
    belief = build_prior(features)
    left = float(alliance @ alliance) / len(alliance)
    return sums.combine_with_prior(np.zeros(len(belief.mean)), belief.cov).solve(left, 1e-6).mean[1:]


def _double_center(values: Floats) -> Floats:
    """What is left of everyone with everyone after the means of both sides; shape (n, m, k)."""
    left = values - values.mean(axis=1, keepdims=True)
    return np.asarray(left - left.mean(axis=0))
