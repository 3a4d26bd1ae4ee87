"""Mixed models by restricted likelihood give the numbers of lme4 and lmerTest."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from attune_fit.data.arrays import Floats
from attune_fit.training.multilevel.random_term import RandomTerm, join_labels
from attune_fit.training.multilevel.restricted_likelihood import MixedFit, fit_reml
from tests.training.multilevel.golden_numbers import read_golden, read_synthetic_records


def fit_golden(name: str) -> MixedFit:
    rows = read_synthetic_records()
    client, therapist = rows["client"].to_numpy(), rows["therapist"].to_numpy()
    avoidance, warmth = rows["avoidance"].to_numpy(), rows["warmth"].to_numpy()
    terms = {
        "slope": [RandomTerm.slope(therapist, avoidance)],
        "maximum_likelihood": [RandomTerm.slope(therapist, avoidance)],
        "crossed": [RandomTerm.intercept(client), RandomTerm.intercept(therapist)],
        "apart": [RandomTerm.intercept(therapist), RandomTerm(therapist, avoidance[:, None])],
    }[name]
    X = np.column_stack([np.ones(len(rows)), avoidance, warmth, avoidance * warmth])
    return fit_reml(rows["y"].to_numpy(), X, terms, reml=name != "maximum_likelihood")


@pytest.mark.parametrize("name", ["slope", "crossed", "apart", "maximum_likelihood"])
def test_a_fit_equals_that_of_lme4(name: str) -> None:
    golden, fit = read_golden()[name], fit_golden(name)
    assert fit.converged
    assert not fit.is_singular
    assert fit.deviance == pytest.approx(golden["criterion"], abs=1e-5)
    assert fit.coefficients == pytest.approx(golden["coefficients"], abs=1e-4)
    assert fit.standard_errors == pytest.approx(golden["standard_errors"], rel=1e-3)
    assert fit.theta == pytest.approx(golden["theta"], abs=1e-3)
    assert np.sqrt(fit.residual_variance) == pytest.approx(golden["sigma"], rel=1e-4)


@pytest.mark.parametrize("name", ["slope", "crossed", "apart"])
def test_degrees_of_freedom_equal_those_of_lmertest(name: str) -> None:
    fit = fit_golden(name)
    df = [fit.satterthwaite_df(contrast) for contrast in np.eye(4)]
    assert df == pytest.approx(read_golden()[name]["df"], rel=0.005)


def test_degrees_of_freedom_are_close_to_those_of_kenward_and_roger() -> None:
    fit = fit_golden("slope")
    df = [fit.satterthwaite_df(contrast) for contrast in np.eye(4)]
    assert df == pytest.approx(read_golden()["slope_kenward_roger_df"], rel=0.02)


def test_a_therapist_variance_of_zero_is_exactly_zero_and_leaves_the_degrees_of_freedom_of_least_squares() -> None:
    golden = read_golden()["singular"]
    y, x = np.array(golden["y"]), np.array(golden["x"])
    fit = fit_reml(y, np.column_stack([np.ones(30), x]), [RandomTerm.intercept(np.array(golden["therapist"]))])
    assert fit.converged
    assert fit.is_singular
    assert fit.theta[0] == 0
    assert fit.coefficients == pytest.approx(golden["coefficients"], abs=1e-6)
    assert fit.satterthwaite_df(np.array([0.0, 1.0])) == pytest.approx(28, abs=1e-3)


def test_the_order_of_terms_and_records_does_not_matter() -> None:
    rows = read_synthetic_records().sample(frac=1, random_state=0)
    X = np.column_stack([np.ones(len(rows)), rows["avoidance"], rows["warmth"], rows["avoidance"] * rows["warmth"]])
    terms = [RandomTerm.intercept(rows["therapist"].to_numpy()), RandomTerm.intercept(rows["client"].to_numpy() * -7)]
    fit, first = fit_reml(rows["y"].to_numpy(), X, terms), fit_golden("crossed")
    assert fit.coefficients == pytest.approx(first.coefficients, rel=1e-5)
    assert fit.variances[[1, 0, 2]] == pytest.approx(first.variances, rel=1e-3)


def test_a_balanced_design_gives_the_mean_squares() -> None:
    rng = np.random.default_rng(3)
    group = np.repeat(np.arange(8), 10)
    y = rng.normal(size=8)[group] * 2 + rng.normal(size=80)
    fit = fit_reml(y, np.ones((80, 1)), [RandomTerm.intercept(group)])
    cells = y.reshape(8, 10)
    within = float(cells.var(axis=1, ddof=1).mean())
    between = float(cells.mean(axis=1).var(ddof=1)) - within / 10
    assert fit.variances == pytest.approx([between, within], rel=1e-4)
    assert fit.satterthwaite_df(np.ones(1)) == pytest.approx(7, rel=1e-3)  # an intercept has groups minus 1


def spoil_y(y: Floats, X: Floats) -> tuple[Floats, Floats]:
    return np.where(np.arange(len(y)) == 3, np.nan, y), X


def double_a_column(y: Floats, X: Floats) -> tuple[Floats, Floats]:
    return y, np.column_stack([X, 2 * X[:, -1]])


def keep_two(y: Floats, X: Floats) -> tuple[Floats, Floats]:
    return y[:2], X[:2]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [(spoil_y, "complete records"), (double_a_column, "depend on each other"), (keep_two, "2 records are too few")],
)
def test_what_determines_no_model_is_refused(
    spoil: Callable[[Floats, Floats], tuple[Floats, Floats]], message: str
) -> None:
    rng = np.random.default_rng(0)
    y, X = spoil(rng.normal(size=30), np.column_stack([np.ones(30), rng.normal(size=30)]))
    with pytest.raises(ValueError, match=message):
        fit_reml(y, X, [RandomTerm.intercept(np.arange(len(y)) // 5)])


def test_a_residual_of_zero_is_no_fit() -> None:
    group = np.repeat(np.arange(5), 4)
    with pytest.raises(ValueError, match="do not determine the model"):
        fit_reml(np.zeros(20), np.ones((20, 1)), [RandomTerm.intercept(group)])


def test_combinations_of_labels_have_one_number_each() -> None:
    assert join_labels(np.array([2, 1, 2]), np.array([1, 1, 1])).tolist() == [1, 0, 1]
