"""Bayes factor of an effect: how much better the data fit with a normal prior than with no effect."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from attune_fit.data.arrays import Floats

NODES = 2001  # of the integral over the prior; the error is far below the third digit that is printed
PRIOR_REACH = 8.0  # SDs of the prior that the integral covers
LARGEST_LOG_RATIO = 600.0  # beyond it, the factor has no number any more
LIKELIHOOD_REACH = 40.0  # standard errors that have dense nodes


@dataclass(frozen=True)
class BayesFactor:
    """The Bayes factor for an effect against none.

    Attributes
    ----------
    bf10 : float > 0
        How many times better the estimate is predicted with the prior than without an effect; 1/bf10 speaks for none.
    prior : str
        The prior of the effect, in words.
    prior_sd : float
        SD of the outcome per SD of the term.
    sentence : str
    """

    bf10: float
    prior: str
    prior_sd: float
    sentence: str


def compute_bayes_factor(
    estimate: float, se: float, df: float, prior_sd: float = 0.10, direction: str = "both"
) -> BayesFactor:
    r"""Return the Bayes factor of an effect with a normal prior around zero, from its estimate.

    The likelihood is Student's t around the estimate with ``df`` degrees of freedom; :math:`BF_{10} = \int
    t_{df}((\hat b - b) / se)\, N(b; 0, prior\_sd) db / t_{df}(\hat b / se)`. [1]_ With a direction the prior is the
    half of the normal on that side.

    Parameters
    ----------
    estimate, se : float
        SD of the outcome per SD of the term; ``se`` > 0.
    df : float
        > 0.
    prior_sd : float, default 0.10
        > 0, in the same unit.
    direction : {"+", "-", "both"}

    References
    ----------
    .. [1] Dienes (2014), Front. Psychol. 5, 781, doi:10.3389/fpsyg.2014.00781.

    Examples
    --------
    >>> round(compute_bayes_factor(0.30, 0.05, 38, prior_sd=0.2).bf10) > 100
    True
    >>> compute_bayes_factor(0.0, 0.02, 38, prior_sd=0.2).bf10 < 1 / 3
    True
    """
    if not math.isfinite(estimate):
        return BayesFactor(math.nan, "", prior_sd, "No Bayes factor: the test could not be computed.")
    half = PRIOR_REACH * prior_sd
    low, high = {"+": (0.0, half), "-": (-half, 0.0)}.get(direction, (-half, half))
    around = (np.linspace(-LIKELIHOOD_REACH * se, LIKELIHOOD_REACH * se, NODES) + middle for middle in (estimate, 0.0))
    nodes = [np.linspace(low, high, NODES), *(np.clip(one, low, high) for one in around)]
    effects = np.unique(np.concatenate(nodes))  # dense where the likelihood changes, and at the limit of a direction
    prior = np.exp(-0.5 * (effects / prior_sd) ** 2) / (prior_sd * math.sqrt(2 * math.pi))
    prior *= 1.0 if direction == "both" else 2.0
    log_ratio = _compute_log_kernel((estimate - effects) / se, df) - _compute_log_kernel(np.array(estimate / se), df)
    likelihood = np.exp(np.minimum(log_ratio, LARGEST_LOG_RATIO))
    bf10 = max(float(np.trapezoid(likelihood * prior, effects)), math.ulp(0.0))
    shape = {"+": "positive half of a normal", "-": "negative half of a normal"}.get(direction, "normal")
    words = f"{shape} distribution around 0 with SD {prior_sd:g} (SD of the outcome per SD of the term)"
    return BayesFactor(bf10, words, prior_sd, _describe(bf10, words))


def _compute_log_kernel(t: Floats, df: float) -> Floats:
    """Return the logarithm of the density of Student's t, up to a constant."""
    return np.asarray(-(df + 1) / 2 * np.log1p(t**2 / df))


def _describe(bf10: float, prior: str) -> str:
    """Return the factor in words, with the limits of Jeffreys: 3 and 10."""
    factor = bf10 if bf10 >= 1 else 1 / bf10
    strength = "little evidence" if factor < 3 else "moderate evidence" if factor < 10 else "strong evidence"
    side = "for an effect" if bf10 >= 1 else "for no effect"
    shown = f"{factor:.1f}" if factor < 100 else f"{factor:.0f}" if factor < 1e6 else "over a million"
    return f"Bayes factor {shown} {side} ({strength}). Prior of the effect: {prior}."
