"""Pair weights of synthetic clinics: fitted by least squares, different from clinic to clinic."""

from __future__ import annotations

import numpy as np
import pytest

import attune_fit.training.fitting.synthetic_weights
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.training.fitting.synthetic_weights import fit_synthetic_weights


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attune_fit.training.fitting.synthetic_weights, "CLIENTS_PER_CLINIC", 60)


def test_there_is_a_weight_for_each_feature_of_a_pair_and_clinic(small: None) -> None:
    rows, weights = fit_synthetic_weights(FEATURES, n_clinics=3, seed=1)
    assert [FEATURES[int(row)].side for row in rows] == ["pair"] * len(rows)
    assert weights.shape == (3, sum(feature.side == "pair" for feature in FEATURES))
    assert np.abs(weights[0] - weights[1]).max() > 0.1  # POMP
    np.testing.assert_array_equal(fit_synthetic_weights(FEATURES, n_clinics=3, seed=1)[1], weights)


def test_honoured_wishes_and_covered_problems_help_in_nearly_every_clinic(small: None) -> None:
    rows, weights = fit_synthetic_weights(FEATURES, n_clinics=6, seed=2)
    weights_of = {FEATURES[int(row)].name: weights[:, column] for column, row in enumerate(rows)}
    assert weights_of["wishes_met"].mean() > 0.1
    assert weights_of["wishes_unmet"].mean() < -0.1
    assert weights_of["main_problem_covered"].mean() > 0.3
    assert abs(weights_of["slots_shared"].mean()) < 0.15
