"""A response surface finds the planted surface, and its intervals come from whole therapists."""

import numpy as np
import pytest

from attune_fit.data.arrays import Floats, Indices
from attune_fit.training.multilevel.constrained_surfaces import (
    SHAPES,
    assess_constraints,
    compare_constrained_surfaces,
)
from attune_fit.training.multilevel.random_term import RandomTerm
from attune_fit.training.multilevel.response_surface import (
    COMBINATIONS,
    PARAMETERS,
    build_surface_terms,
    estimate_variance_ratio,
    fit_response_surface,
    remove_therapist_share,
)
from attune_fit.training.multilevel.restricted_likelihood import fit_reml
from tests.training.multilevel.surface_designs import BROAD, FLAT, SHIFTED, STRICT, draw_surface_records


def solve_by_matrices(y: Floats, therapist: Indices, design: Floats, ratio: float) -> Floats:
    """Generalized least squares with the whole covariance matrix of the records."""
    covariance = np.eye(len(y)) + ratio * (therapist[:, None] == therapist)
    weighted = np.linalg.solve(covariance, design)
    return np.asarray(np.linalg.solve(design.T @ weighted, weighted.T @ y), dtype=float)


def test_planted_coefficients_are_found() -> None:
    surface = fit_response_surface(*draw_surface_records(BROAD, 200, 40, noise=0.3), draws=9)
    assert surface.b == pytest.approx(BROAD, abs=0.06)
    assert [one.name for one in surface.parameters] == list(PARAMETERS)
    planted = COMBINATIONS @ np.array(BROAD[1:])
    assert [one.value for one in surface.parameters] == pytest.approx(planted, abs=0.06)
    assert [one.value for one in surface.axis] == pytest.approx([-0.0, 1.0], abs=0.4)


def test_the_fit_is_that_of_whole_matrices() -> None:
    records = draw_surface_records(BROAD, 12, 10, share=0.4)
    surface = fit_response_surface(*records, draws=9)
    assert surface.ratio > 0
    design = build_surface_terms(records.x, records.z)
    assert surface.b == pytest.approx(solve_by_matrices(records.y, records.therapist, design, surface.ratio), abs=1e-6)


def test_the_variance_ratio_is_that_of_the_mixed_model() -> None:
    records = draw_surface_records(BROAD, 15, 12, share=0.3)
    design = build_surface_terms(records.x, records.z)
    _, codes, sizes = np.unique(records.therapist, return_inverse=True, return_counts=True)
    ratio = estimate_variance_ratio(records.y, design, codes, sizes)
    fit = fit_reml(records.y, design, [RandomTerm.intercept(records.therapist)], reml=False)
    assert ratio == pytest.approx(float(np.ravel(fit.theta)[0]) ** 2, rel=0.01)


def test_the_covariance_is_that_of_leaving_out_each_therapist() -> None:
    records = draw_surface_records(BROAD, 10, 8)
    surface = fit_response_surface(*records, draws=9)
    design, n = build_surface_terms(records.x, records.z), 10
    changes = []
    for one in range(n):
        kept = records.therapist != one
        refitted = solve_by_matrices(records.y[kept], records.therapist[kept], design[kept], surface.ratio)
        changes.append(refitted - surface.b)
    expected = (n - 1) / n * np.array(changes).T @ np.array(changes)
    assert surface.covariance == pytest.approx(expected, rel=1e-3, abs=1e-9)


def test_labels_and_order_do_not_matter() -> None:
    records = draw_surface_records(BROAD, 10, 8)
    order = np.random.default_rng(1).permutation(len(records.y))
    other = fit_response_surface(
        records.y[order], 900 - 7 * records.therapist[order], records.x[order], records.z[order], draws=9
    )
    one = fit_response_surface(*records, draws=9)
    assert other.b == pytest.approx(one.b, abs=1e-4)
    assert other.covariance == pytest.approx(one.covariance, rel=1e-2, abs=1e-6)


def test_covariates_take_what_is_theirs() -> None:
    records = draw_surface_records(FLAT, 30, 20)
    covariate = records.x + np.random.default_rng(2).normal(size=len(records.y))
    y = records.y + 0.5 * covariate
    plain = fit_response_surface(y, *records[1:], draws=9)
    adjusted = fit_response_surface(y, *records[1:], covariate[:, None], draws=9)
    assert plain.coefficients[0].value > 0.3 > 0.15 > abs(adjusted.coefficients[0].value)


def test_removing_the_share_of_a_therapist_removes_all_of_it_where_therapists_are_all() -> None:
    codes, sizes = np.array([0, 0, 1]), np.array([2, 1])
    values = np.array([1.0, 3.0, 5.0])
    assert remove_therapist_share(values, codes, sizes, 0.0) == pytest.approx(values)
    assert remove_therapist_share(values, codes, sizes, 1e12) == pytest.approx([-1.0, 1.0, 0.0], abs=1e-4)


def test_few_therapists_have_no_surface() -> None:
    with pytest.raises(ValueError, match="needs 6 therapists or more; here are 5"):
        fit_response_surface(*draw_surface_records(FLAT, 5, 30))


def test_the_planted_shape_is_chosen_and_not_contradicted() -> None:
    for planted, name, refuted in (
        (STRICT, "squared difference", "product"),
        (BROAD, "squared difference with a level", "squared difference"),
        (SHIFTED, "shifted squared difference", "squared difference with a level"),
    ):
        records = draw_surface_records(planted, 40, 30, slope_sd=0.0)
        surface = fit_response_surface(*records, draws=9)
        shapes = {one.name: one for one in compare_constrained_surfaces(surface, *records)}
        assert max(shapes.values(), key=lambda one: one.weight).name == name
        assert shapes[name].p > 0.01 > shapes[refuted].p
        assert sum(one.weight for one in shapes.values()) == pytest.approx(1)
        assert np.isnan(shapes["full surface"].p)


@pytest.mark.slow
def test_intervals_cover_and_constraints_hold_at_their_rate() -> None:
    hits, rejected, runs = np.zeros(5), 0, 200
    planted = COMBINATIONS @ np.array(BROAD[1:])
    for seed in range(runs):
        surface = fit_response_surface(*draw_surface_records(BROAD, 12, 20, slope_sd=0.25, seed=seed), draws=9)
        hits += [one.low <= truth <= one.high for one, truth in zip(surface.parameters, planted, strict=True)]
        rejected += assess_constraints(surface, SHAPES["squared difference with a level"]) < 0.05
    assert ((hits / runs > 0.915) & (hits / runs <= 1)).all()  # 0.95 less two standard errors
    assert rejected / runs < 0.09
