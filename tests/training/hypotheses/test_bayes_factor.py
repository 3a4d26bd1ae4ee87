"""Bayes factor: equal to the integral by quadrature, in both directions, and in words that match."""

import math

import pytest
from scipy.integrate import quad
from scipy.stats import norm, t

from attune_fit.training.hypotheses.bayes_factor import compute_bayes_factor


@pytest.mark.parametrize(
    ("estimate", "se", "df"), [(0.1, 0.05, 18), (0.0, 0.02, 98), (0.6, 0.05, 8), (-0.2, 0.08, 38), (0.05, 0.001, 30)]
)
@pytest.mark.parametrize("direction", ["both", "+", "-"])
def test_the_factor_is_the_integral_over_the_prior(estimate: float, se: float, df: float, direction: str) -> None:
    low, high = {"+": (0.0, 1.2), "-": (-1.2, 0.0)}.get(direction, (-1.2, 1.2))
    weight = 1 if direction == "both" else 2

    def integrand(effect: float) -> float:
        return float(t.pdf((estimate - effect) / se, df) * norm.pdf(effect, scale=0.15) * weight)

    places = [max(low, min(high, estimate + step * se)) for step in (-8, -3, 0, 3, 8)]
    expected = quad(integrand, low, high, points=places, limit=500, epsabs=0)[0] / t.pdf(estimate / se, df)
    assert compute_bayes_factor(estimate, se, df, 0.15, direction).bf10 == pytest.approx(expected, rel=0.01)


def test_the_words_name_the_side_the_strength_and_the_prior() -> None:
    none = compute_bayes_factor(0.0, 0.02, 98, 0.15)
    assert none.sentence.startswith("Bayes factor 7.5 for no effect (moderate evidence).")
    assert "SD 0.15" in none.prior
    assert "strong evidence" in compute_bayes_factor(0.3, 0.05, 38, 0.15).sentence
    assert "positive half" in compute_bayes_factor(0.3, 0.05, 38, 0.15, "+").prior


def test_no_estimate_gives_no_factor() -> None:
    missing = compute_bayes_factor(math.nan, math.nan, math.nan)
    assert math.isnan(missing.bf10)
    assert missing.sentence == "No Bayes factor: the test could not be computed."


@pytest.mark.filterwarnings("error")
def test_an_overwhelming_effect_has_a_finite_factor() -> None:
    found = compute_bayes_factor(5.0, 0.001, 1_000.0, 0.5)
    assert math.isfinite(found.bf10)
    assert "over a million for an effect" in found.sentence
