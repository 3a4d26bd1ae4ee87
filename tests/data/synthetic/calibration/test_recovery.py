"""The mixed model of statsmodels recovers the simulated variance components (parameter recovery)."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf  # type: ignore[import-untyped]
from statsmodels.tools.sm_exceptions import ConvergenceWarning, SingularMatrixWarning  # type: ignore[import-untyped]

from attune_fit.data.clinic.instruments import WAI_SR
from attune_fit.data.synthetic.simulate import simulate
from attune_fit.data.synthetic.world import World

MAX_ERRORS = 3.0  # largest accepted distance of a mean over seeds from the truth, in standard errors
FAR_FROM_THE_ENDS: dict[str, Any] = {"level": 3.0, "spread": 0.5}  # the ends of the form are four SD away
NOTHING_ELSE: dict[str, Any] = {
    "straight_lining": 0.0,
    "dropout": 0.0,
    "unreturned": 0.0,
    "first": 0.0,
    "growth": 0.0,
    "therapist_forms": 0.0,
    "effect_spread": 0.0,
    "meetings": "random",
}
NESTED = World(**FAR_FROM_THE_ENDS, **NOTHING_ELSE, therapist=0.15)
CROSSED = NESTED.replace(therapists_each=3, sessions=2, dyad=0.3, fit=0.1)
ONLY_THE_CEILING = World(**NOTHING_ELSE)
DEFAULTS = World()
MANY, FEW, LARGE = (240, 48, 20), (60, 20, 20), (1_000, 100, 10)  # clients, therapists, seeds


def simulate_ratings(world: World, clients: int, therapists: int, seed: int) -> pd.DataFrame:
    """Simulate early client scores, one for each session: the only input of the mixed model."""
    rows = simulate(clients, therapists, seed, world, waiting=0).tables.outcomes
    rows = rows[(rows["rater"] == "client") & rows["score"].notna() & (rows["session"] <= 3)]
    pair = rows["client_id"] + " " + rows["therapist_id"]
    return rows[["client_id", "therapist_id", "score"]].assign(pair=pair, clinic="one")


def fit_mixed_model(ratings: pd.DataFrame, **model: Any) -> dict[str, float]:
    """Fit variance components by restricted maximum likelihood (statsmodels MixedLM), in squared points."""
    with warnings.catch_warnings():
        # In a small clinic a variance can be estimated as 0, the end of its range. That is a valid estimate, but it
        # raises these two warnings. The assertion below checks that one of the optimizers converged.
        for expected in (ConvergenceWarning, SingularMatrixWarning):
            warnings.simplefilter("ignore", expected)
        mixed = smf.mixedlm("score ~ 1", ratings, **model)
        result = mixed.fit(method=["lbfgs", "powell"])
    assert result.converged
    estimates = {name: float(each) for name, each in zip(mixed.exog_vc.names, result.vcomp, strict=True)}
    return estimates | {"occasion": float(result.scale)}


def fit_nested(ratings: pd.DataFrame) -> dict[str, float]:
    """Fit clients nested in therapists: this design cannot separate client and pair."""
    terms = {"therapist": "1", "client_and_dyad": "0 + C(client_id)"}
    return fit_mixed_model(ratings, groups="therapist_id", vc_formula=terms)


def fit_crossed(ratings: pd.DataFrame) -> dict[str, float]:
    """Fit clients crossed with therapists, all in one group."""
    terms = {"client": "client_id", "therapist": "therapist_id", "dyad": "pair"}
    return fit_mixed_model(ratings, groups="clinic", vc_formula={name: f"0 + C({of})" for name, of in terms.items()})


def compute_rounding_variance(world: World) -> float:
    """Return the variance that rounding to whole options adds to a mean score, in squares of ``spread``.

    Rounding adds 1/12 of a squared point to an item (Sheppard's correction). The chance of each item makes the twelve
    rounding errors independent. They are new in each form, so this variance belongs to the occasion.
    """
    return 1 / 12 / WAI_SR.items / world.spread**2


@cache
def recover_shares(world: World, clients: int, therapists: int, seeds: int) -> pd.DataFrame:
    """Return the variance estimates of the mixed model, one row for each seed, in squares of ``spread``.

    In this unit they estimate the shares of the world. A share of the estimated total would be biased, because its
    denominator also varies between clinics.
    """
    fit = fit_crossed if world.therapists_each > 1 else fit_nested
    return (
        pd.DataFrame([fit(simulate_ratings(world, clients, therapists, seed)) for seed in range(seeds)])
        / world.spread**2
    )


def compute_bias(world: World) -> pd.DataFrame:
    """Return the observed shares minus the shares of the world, one row for each seed."""
    estimates = recover_shares(world, *LARGE)
    return estimates.div(estimates.sum(axis=1), axis=0) - pd.Series(list_latent_shares(world))


def count_errors(estimates: pd.DataFrame, truth: dict[str, float]) -> pd.Series:
    """Return the distance of each mean over seeds from the truth, in standard errors over seeds."""
    difference: pd.Series = (estimates.mean() - pd.Series(truth)).abs()
    return difference / estimates.std() * float(np.sqrt(len(estimates)))


def list_latent_shares(world: World) -> dict[str, float]:
    """Return the shares of the world that a nested design can identify."""
    return {"therapist": world.therapist, "client_and_dyad": world.client + world.dyad, "occasion": world.occasion}


def test_a_nested_design_recovers_the_shares_with_client_and_dyad_together() -> None:
    """The only accepted bias is the rounding variance in the occasion.

    The restricted likelihood is unbiased as long as no variance is estimated as 0. The therapist share is .15 here,
    and with nearly fifty therapists that is over three standard errors above 0.
    """
    truth = list_latent_shares(NESTED) | {"occasion": NESTED.occasion + compute_rounding_variance(NESTED)}
    errors = count_errors(recover_shares(NESTED, *MANY), truth)
    assert (errors < MAX_ERRORS).all(), errors


def test_shares_of_another_world_are_rejected() -> None:
    """The tolerance can detect errors: the test finds a tenth of all variance in the wrong component."""
    other = list_latent_shares(NESTED.replace(therapist=0.05, occasion=0.13, dyad=0.5))
    errors = count_errors(recover_shares(NESTED, *MANY), other)
    assert (errors > MAX_ERRORS).all(), errors


@pytest.mark.slow
def test_a_crossed_design_separates_client_and_dyad() -> None:
    """As above; with twenty therapists a share of .15 is two standard errors above 0: a bias under .005."""
    truth = {
        "client": CROSSED.client,
        "therapist": CROSSED.therapist,
        "dyad": CROSSED.dyad,
        "occasion": CROSSED.occasion + compute_rounding_variance(CROSSED),
    }
    errors = count_errors(recover_shares(CROSSED, *FEW), truth)
    assert (errors < MAX_ERRORS).all(), errors


@pytest.mark.slow
def test_observed_shares_of_the_default_world_differ_from_the_latent_ones() -> None:
    """The occasion is .09 to .15 larger, client and dyad are .07 to .14 smaller, the therapist changes little.

    The world's shares are those of the latent alliance in all sessions but the first, before the ceiling of the form
    and before straight-lining. Observed and latent shares are different quantities.
    """
    errors = compute_bias(DEFAULTS)
    assert_between(errors["occasion"], 0.09, 0.15)
    assert_between(errors["client_and_dyad"], -0.14, -0.07)
    assert_between(errors["therapist"], -0.03, 0.01)


@pytest.mark.slow
def test_most_of_the_difference_comes_from_the_first_session() -> None:
    errors = compute_bias(DEFAULTS.replace(first=0.0))
    assert_between(errors["occasion"], 0.02, 0.06)
    assert_between(errors["client_and_dyad"], -0.06, 0.0)


@pytest.mark.slow
def test_the_ceiling_changes_the_shares_little_and_the_variance_much() -> None:
    """The ceiling removes a third of all variance, from stable and unstable components almost equally."""
    errors = compute_bias(ONLY_THE_CEILING)
    assert_between(errors["occasion"], 0.005, 0.03)
    assert_between(errors["client_and_dyad"], -0.04, 0.0)
    assert_between(errors["therapist"], -0.02, 0.02)
    assert_between(recover_shares(ONLY_THE_CEILING, *LARGE).sum(axis=1), 0.60, 0.75)


def assert_between(estimates: pd.Series, low: float, high: float) -> None:
    """Assert that the mean over seeds plus and minus two standard errors lies between the bounds."""
    error = 2 * estimates.std() / np.sqrt(len(estimates))
    assert low < estimates.mean() - error
    assert estimates.mean() + error < high
