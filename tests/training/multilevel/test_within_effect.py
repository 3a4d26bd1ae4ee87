"""A pair feature is tested within therapists, with the errors of whole therapists."""

from __future__ import annotations

import numpy as np
import pytest

from attune_fit.data.arrays import Floats
from attune_fit.training.multilevel.effect_test import EffectTest
from attune_fit.training.multilevel.within_effect import estimate_within_effect
from benchmarks.null_studies import Study, StudyDesign


def draw(effect: float = 0.0, therapists: int = 8, seed: int = 0) -> Study:
    return StudyDesign("pair", 0.25, therapists, "uneven").draw(np.random.default_rng(seed), effect)


def estimate(study: Study, y: Floats | None = None, covariates: Floats | None = None) -> EffectTest:
    clients = np.arange(len(study.y))
    return estimate_within_effect(study.y if y is None else y, study.therapist, clients, study.value, covariates)


def compute_cr2_plainly(study: Study, covariates: Floats) -> tuple[float, float, float]:
    """Estimate, standard error and degrees of freedom by the matrices of Bell and McCaffrey, with dummies."""
    dummies = np.eye(study.therapist.max() + 1)[study.therapist]
    design = np.column_stack([study.value, covariates, dummies])
    bread = np.linalg.inv(design.T @ design)
    hat = design @ bread @ design.T
    residual = study.y - hat @ study.y
    rows = []
    for code in np.unique(study.therapist):
        own = np.flatnonzero(study.therapist == code)
        values, vectors = np.linalg.eigh(np.eye(len(own)) - hat[np.ix_(own, own)])
        root = np.where(values > 1e-9, 1 / np.sqrt(np.maximum(values, 1e-9)), 0.0)
        row = np.zeros(len(study.y))
        row[own] = (bread @ design[own].T)[0] @ (vectors * root) @ vectors.T
        rows.append(row)
    influence = np.array(rows)
    covariance = influence @ (np.eye(len(study.y)) - hat) @ influence.T
    df = np.trace(covariance) ** 2 / (covariance**2).sum()
    return float(bread[0] @ design.T @ study.y), float(np.sqrt(((influence @ residual) ** 2).sum())), float(df)


@pytest.mark.parametrize("n_covariates", [0, 1, 3])
def test_errors_and_degrees_of_freedom_equal_the_plain_matrices(n_covariates: int) -> None:
    study = draw()
    covariates = np.random.default_rng(1).normal(size=(len(study.y), n_covariates)) + study.value[:, None]
    test = estimate(study, covariates=covariates)
    assert (test.estimate, test.se, test.df) == pytest.approx(compute_cr2_plainly(study, covariates))


def test_what_is_constant_within_therapists_changes_nothing() -> None:
    study = draw()
    level = np.random.default_rng(2).normal(size=8)[study.therapist]
    before, after = estimate(study), estimate(study, study.y + level, level[:, None])
    assert (after.estimate, after.se, after.df) == pytest.approx((before.estimate, before.se, before.df))


def test_covariates_that_depend_on_each_other_count_once() -> None:
    study = draw()
    covariate = np.random.default_rng(3).normal(size=(len(study.y), 1))
    once, twice = estimate(study, covariates=covariate), estimate(study, covariates=np.hstack([covariate, covariate]))
    assert (twice.estimate, twice.se, twice.df) == pytest.approx((once.estimate, once.se, once.df))


def test_an_interval_moves_with_a_planted_effect() -> None:
    study = draw()
    before, after = estimate(study), estimate(study, study.y + 0.4 * study.value)
    assert (after.low, after.high) == pytest.approx((before.low + 0.4, before.high + 0.4))


def test_one_therapist_with_most_of_the_variation_leaves_few_degrees_of_freedom() -> None:
    study = draw()
    value = np.where(study.therapist == 0, 10 * study.value, study.value)
    clients = np.arange(len(study.y))
    assert estimate_within_effect(study.y, study.therapist, clients, value).df < 2 < estimate(study).df


def test_clients_who_met_two_therapists_widen_the_interval() -> None:
    rng = np.random.default_rng(4)
    client = np.repeat(np.arange(150), 2)
    therapist = rng.integers(0, 12, 300)
    value = np.repeat(rng.normal(size=150), 2) + 0.1 * rng.normal(size=300)
    y = np.repeat(rng.normal(size=150), 2) + 0.3 * rng.normal(size=300)
    two_way = estimate_within_effect(y, therapist, client, value)
    one_way = estimate_within_effect(y, therapist, np.arange(300), value)
    assert two_way.estimate == pytest.approx(one_way.estimate)
    assert two_way.se > one_way.se
    assert two_way.n_clusters == 12


def test_records_without_a_test_are_no_result() -> None:
    study, few = draw(), draw(therapists=2)
    assert estimate(few).problem == "few-therapists"
    clients, level = np.arange(len(study.y)), study.therapist.astype(float)
    assert estimate_within_effect(study.y, study.therapist, clients, level).problem == "no-variation"
    assert estimate(study, covariates=study.value[:, None]).problem == "no-variation"
