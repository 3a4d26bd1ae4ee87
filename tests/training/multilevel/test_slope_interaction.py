"""An interaction is tested on slopes within therapists, each with its own weight."""

from __future__ import annotations

import numpy as np
import pytest

from attune_fit.data.arrays import Floats
from attune_fit.training.multilevel.slope_interaction import (
    compute_therapist_slopes,
    estimate_slope_interaction,
    split_own_covariates,
)
from attune_fit.training.multilevel.therapist_groups import TherapistGroups
from benchmarks.null_studies import Study, StudyDesign


def draw(effect: float = 0.0, slope_sd: float = 0.25, therapists: int = 12, seed: int = 0) -> Study:
    return StudyDesign("interaction", slope_sd, therapists, "uneven").draw(np.random.default_rng(seed), effect)


def fit_plainly(study: Study, columns: Floats) -> Floats:
    """Slope of the first column in each therapist, by least squares on these columns."""
    slopes = []
    for code in np.unique(study.therapist):
        is_own = study.therapist == code
        design = np.column_stack([np.ones(is_own.sum()), columns[is_own]])
        slopes.append(np.linalg.lstsq(design, study.y[is_own], rcond=None)[0][1])
    return np.array(slopes)


def test_slopes_are_those_of_a_regression_in_each_therapist() -> None:
    study = draw()
    groups = TherapistGroups.from_labels(study.therapist)
    slopes = compute_therapist_slopes(groups, study.y, study.client, np.empty((len(study.y), 0)))
    assert slopes.slope == pytest.approx(fit_plainly(study, study.client[:, None]))


def test_a_shared_covariate_has_one_coefficient() -> None:
    study = draw()
    covariate = study.client + np.random.default_rng(3).normal(size=len(study.y))
    groups = TherapistGroups.from_labels(study.therapist)
    dummies = np.eye(12)[study.therapist]
    design = np.column_stack([dummies * study.client[:, None], dummies, covariate])
    joint = np.linalg.lstsq(design, study.y, rcond=None)[0][:12]
    slopes = compute_therapist_slopes(groups, study.y, study.client, covariate[:, None])
    assert slopes.slope == pytest.approx(joint)


def test_a_variable_and_its_product_with_the_trait_get_a_coefficient_of_each_therapist() -> None:
    study = draw()
    square = study.client**2
    covariates = np.column_stack([study.client, study.client * study.trait])
    groups = TherapistGroups.from_labels(study.therapist)
    own, common = split_own_covariates(groups, covariates)
    assert (own.shape[1], common.shape[1]) == (1, 0)
    slopes = compute_therapist_slopes(groups, study.y, square, covariates)
    assert slopes.slope == pytest.approx(fit_plainly(study, np.column_stack([square, study.client])))


def test_covariates_of_their_own_stay_shared() -> None:
    study, rng = draw(), np.random.default_rng(4)
    covariates = rng.normal(size=(len(study.y), 3))
    own, common = split_own_covariates(TherapistGroups.from_labels(study.therapist), covariates)
    assert own.shape[1] == 0
    assert (common == covariates).all()


def test_a_level_of_the_outcome_or_of_the_client_variable_changes_nothing() -> None:
    study, rng = draw(effect=0.2), np.random.default_rng(5)
    shifts = rng.normal(size=(2, 12))[:, study.therapist]
    before = estimate_slope_interaction(study.y, study.therapist, study.client, study.trait)
    after = estimate_slope_interaction(study.y + shifts[0], study.therapist, study.client + shifts[1], study.trait)
    assert (after.estimate, after.p) == pytest.approx((before.estimate, before.p))


def test_an_interval_moves_with_a_planted_interaction() -> None:
    study = draw()
    before = estimate_slope_interaction(study.y, study.therapist, study.client, study.trait)
    after = estimate_slope_interaction(study.y + 0.4 * study.value, study.therapist, study.client, study.trait)
    assert (after.low, after.high) == pytest.approx((before.low + 0.4, before.high + 0.4))


def test_a_therapist_whose_clients_are_all_alike_has_no_slope_and_is_not_counted() -> None:
    study = draw()
    client = np.where(study.therapist == 3, 1.7, study.client)
    without = study.therapist != 3
    test = estimate_slope_interaction(study.y, study.therapist, client, study.trait)
    alone = estimate_slope_interaction(*(column[without] for column in (study.y, study.therapist, client, study.trait)))
    assert (test.n_clusters, test.n) == (11, without.sum())
    assert test.estimate == pytest.approx(alone.estimate, abs=0.01)  # the residual variance has a few records more


def test_a_covariate_of_therapists_is_controlled_on_the_slopes() -> None:
    study = draw(slope_sd=0.0)
    years = study.trait + np.random.default_rng(6).normal(size=12)[study.therapist]
    confounded = study.y + 0.5 * years * study.client
    plain = estimate_slope_interaction(confounded, study.therapist, study.client, study.trait)
    test = estimate_slope_interaction(confounded, study.therapist, study.client, study.trait, years[:, None])
    assert plain.is_significant("+")
    assert abs(test.estimate) < 0.15 < plain.estimate
    assert test.df == plain.df - 1


def test_records_without_a_test_are_no_result() -> None:
    few, study = draw(therapists=2), draw()
    assert estimate_slope_interaction(few.y, few.therapist, few.client, few.trait).problem == "few-therapists"
    constant = np.ones_like(study.y)
    assert not estimate_slope_interaction(study.y, study.therapist, constant, study.trait).is_estimable
    assert estimate_slope_interaction(study.y, study.therapist, study.client, constant).problem == "no-variation"
    assert estimate_slope_interaction(constant, study.therapist, study.client, study.trait).problem == "no-variation"
