"""Goal, task and bond are the total plus deviations that add up to 0."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.feature_migration import migrate_model
from attune_fit.models.prediction_interval import PredictionInterval
from attune_fit.models.scale_models import (
    CONTRASTS,
    compute_contrasts,
    compute_scale_deviations,
    compute_scale_shares,
)
from tests.models.builders import GAP, NEED, SKILL, THREE, build_scales, gap, town

PAIRS = Pairs.from_rows(Sides(town(30, 6)), np.arange(30)[:, None], np.arange(6)[None, :])
TOTAL = AllianceModel.from_published(THREE)


def test_the_contrasts_are_orthonormal_and_hold_every_deviation() -> None:
    assert pytest.approx(np.eye(2)) == CONTRASTS @ CONTRASTS.T
    scales = np.random.default_rng(0).normal(size=(3, 50))
    assert compute_scale_deviations(compute_contrasts(scales)) == pytest.approx(scales - scales.mean(axis=0))


def test_deviations_add_up_to_nothing_and_follow_their_weights() -> None:
    deviations = build_scales(bond=4.0).compute_deviations(PAIRS)
    assert deviations.shape == (3, 30, 6)
    assert deviations.sum(axis=0) == pytest.approx(0)
    slope = np.polyfit(gap(PAIRS).ravel(), (deviations[2] - _client_part()).ravel(), 1)[0]
    assert slope == pytest.approx(4.0 * 2 / np.sqrt(6), abs=0.3)  # the therapists' effects are not in the slope


def _client_part() -> np.ndarray:
    """What both contrasts of the builder make of the client, in the deviation of bond: its second weight is 0."""
    need = PAIRS.broadcast(PAIRS.take_client_numbers("need"))
    return np.asarray((1.0 + 2.0 * need) * 2 / np.sqrt(6))


def test_the_part_for_the_order_holds_nothing_that_all_therapists_share() -> None:
    scales = build_scales()
    difference = scales.compute_deviations(PAIRS) - scales.compute_pair_deviations(PAIRS)
    assert difference == pytest.approx(np.broadcast_to(difference[..., :1], difference.shape))
    assert np.ptp(difference[2]) > 1


def test_an_estimate_is_the_total_plus_offset_and_deviation() -> None:
    scales, parts = build_scales(), TOTAL.compute_parts(PAIRS)
    found = scales.estimate_scales(TOTAL, parts, PAIRS)
    expected = np.clip(parts.score + 0.5 + scales.compute_deviations(PAIRS), 0, 100)
    assert found.estimate == pytest.approx(expected)
    assert np.all(found.low <= found.estimate)
    assert np.all(found.estimate <= found.high)


def test_an_interval_is_wider_than_that_of_the_total_and_has_its_level() -> None:
    scales, parts = build_scales(), TOTAL.compute_parts(PAIRS)
    total_sd = np.sqrt(parts.sd**2 + TOTAL.evidence.sigma**2)
    variances = np.stack([one.compute_parts(PAIRS).sd ** 2 for one in scales.contrasts])
    assert np.all(scales.compute_rating_sd(total_sd, variances) > total_sd)
    narrow = replace(TOTAL, width=PredictionInterval(0.5))
    low, high = (scales.estimate_scales(model, parts, PAIRS).low for model in (TOTAL, narrow))
    assert np.all(low <= high)
    assert np.any(low < high)


@pytest.mark.parametrize(
    ("weights", "shares"),
    [({}, [1 / 3] * 3), ({"bond": 2.0}, [0.25, 0.25, 0.5]), ({"goal": 0.0, "task": 0.0}, [0.0, 0.0, 1.0])],
)
def test_a_scale_without_a_weight_has_weight_1(weights: dict[str, float], shares: list[float]) -> None:
    assert compute_scale_shares(weights).tolist() == pytest.approx(shares)


def test_a_model_moved_to_other_features_keeps_its_scales_and_gives_new_features_none() -> None:
    model = replace(TOTAL, scales=build_scales())
    new = replace(GAP, name="new", weight=0.3)
    moved = migrate_model(model, (NEED, new, SKILL, GAP)).scales
    assert moved is not None
    assert moved.contrasts[0].evidence.mean.tolist() == [1.0, 2.0, 0.0, 0.0, 4.0]
    assert np.linalg.eigvalsh(moved.contrasts[0].evidence.cov).min() > 0
    fewer = migrate_model(model, (NEED, SKILL)).scales
    assert fewer is not None
    assert fewer.contrasts[0].therapists.lean.shape == (2, 3)
