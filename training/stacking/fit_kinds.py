"""Draw the fit of a synthetic clinic: mixes, warped carriers, thresholds, and products of columns."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attune_fit.data.arrays import Bools, Floats
from attune_fit.training.stacking.pair_terms import (
    CLIENT_NUMBERS,
    CLIENT_SETS,
    PAIR_FEATURES,
    THERAPIST_NUMBERS,
    THERAPIST_SETS,
    PairTerms,
    rescale_interaction,
)

# All numbers and weights of this module are assumed: they set how diverse the clinics are.
CARRIERS = ("style", "wishes", "problems", "attachment", "culture", "weaker")  # of an additive mix
KIND_WEIGHTS = {"additive": 9, "opposites": 2, "warped": 3, "threshold": 4, "interactions": 4}  # chances, of 22
MAX_DRAWS = 20  # attempts to draw a fit that varies; then an additive mix takes its place
MIN_CONDITION_SHARE = 0.03  # a condition that fewer pairs meet, or fail, is drawn again
MAX_STANDARD_SCORE = 4.0  # ends of the standard scores that shapes receive


def draw_pair_fit(rng: np.random.Generator, kind: str, terms: PairTerms) -> Floats:
    """Draw the fit of all pairs of a population.

    Parameters
    ----------
    rng : numpy Generator
    kind : str
        A key of :data:`KIND_WEIGHTS`.
    terms : PairTerms

    Returns
    -------
    array of shape (clients, therapists)
        Interaction with mean 0 for each client and each therapist, and SD 1 over all pairs.
    """
    for _ in range(MAX_DRAWS):
        fit = rescale_interaction(DRAW_FUNCTIONS[kind](rng, terms))
        if fit.any():
            return fit
    return rescale_interaction(draw_additive_mix(rng, terms))


def draw_additive_mix(rng: np.random.Generator, terms: PairTerms) -> Floats:
    """Draw a sum of carriers, each with a positive effect; their shares of variance are Dirichlet distributed."""
    return _sum_terms([terms.take_carrier(name) for name in CARRIERS], _draw_shares(rng, len(CARRIERS)))


def draw_opposites(rng: np.random.Generator, terms: PairTerms) -> Floats:
    """Draw a mix where some carriers lower alliance, or where opposite styles raise it."""
    if rng.random() < 0.4:
        return _mix_with_additive(rng, terms, terms.take_carrier("complement"), rng.uniform(0.0, 0.5))
    signs = np.where(rng.random(len(CARRIERS)) < 0.5, -1.0, 1.0)
    shares = _draw_shares(rng, len(CARRIERS))
    signs[shares.argmax()] = -1.0  # at least the largest effect is reversed
    return _sum_terms([terms.take_carrier(name) for name in CARRIERS], shares, signs)


def draw_warped(rng: np.random.Generator, terms: PairTerms) -> Floats:
    """Draw a sum of 1 to 4 carriers or pair features, each passed through a random shape."""
    count = int(rng.integers(1, 5))
    values = [_draw_shape(rng)(rng, _draw_pair_score(rng, terms)) for _ in range(count)]
    return _sum_terms(values, _draw_shares(rng, count), np.where(rng.random(count) < 0.15, -1.0, 1.0))


def draw_threshold(rng: np.random.Generator, terms: PairTerms) -> Floats:
    """Draw conditions of which all or any must be met; half the time an additive mix has a share of .3 to .8."""
    is_met = terms.take_carrier("threshold") if rng.random() < 0.15 else _draw_rule(rng, terms).astype(float)
    return is_met if rng.random() < 0.5 else _mix_with_additive(rng, terms, is_met, rng.uniform(0.3, 0.8))


def draw_interactions(rng: np.random.Generator, terms: PairTerms) -> Floats:
    """Draw 1 to 4 products of a client column and a therapist column; an additive mix has a share of .2 to .7."""
    count = int(rng.integers(1, 5))
    values = [
        _bend_column(rng, _draw_client_column(rng, terms)) * _bend_column(rng, _draw_therapist_column(rng, terms))
        for _ in range(count)
    ]
    signs = np.where(rng.random(count) < 0.5, -1.0, 1.0)
    special = _sum_terms(values, _draw_shares(rng, count, 2.0), signs)
    return _mix_with_additive(rng, terms, special, rng.uniform(0.2, 0.7))


DRAW_FUNCTIONS: dict[str, Callable[[np.random.Generator, PairTerms], Floats]] = {
    "additive": draw_additive_mix,
    "opposites": draw_opposites,
    "warped": draw_warped,
    "threshold": draw_threshold,
    "interactions": draw_interactions,
}


def _draw_shares(rng: np.random.Generator, count: int, concentration: float = 0.6) -> Floats:
    return np.asarray(rng.dirichlet(np.full(count, concentration)))


def _sum_terms(values: list[Floats], shares: Floats, signs: Floats | None = None) -> Floats:
    """Sum the interactions of some terms, weighted by the root of their shares of variance."""
    effects = np.sqrt(shares) * (1.0 if signs is None else signs)
    return np.asarray(sum(effect * rescale_interaction(value) for effect, value in zip(effects, values, strict=True)))


def _mix_with_additive(rng: np.random.Generator, terms: PairTerms, special: Floats, share: float) -> Floats:
    """Mix a term with an additive mix, which has this share of the variance; all 0 where the term does not vary."""
    interaction = rescale_interaction(special)
    if not interaction.any():
        return interaction
    additive = rescale_interaction(draw_additive_mix(rng, terms))
    return np.asarray(np.sqrt(1 - share) * interaction + np.sqrt(share) * additive)


def _draw_pair_score(rng: np.random.Generator, terms: PairTerms) -> Floats:
    """Draw a carrier or a pair feature in standard scores; mostly so that more of it is expected to help."""
    if rng.random() < 0.5:
        return terms.take_carrier(str(rng.choice(CARRIERS)))
    feature = PAIR_FEATURES[rng.integers(len(PAIR_FEATURES))]
    expected = {"+": 1.0, "-": -1.0, "free": rng.choice([-1.0, 1.0])}[feature.direction]
    return np.asarray(terms.take_feature(feature) * (expected if rng.random() < 0.85 else -expected))


def _draw_client_column(rng: np.random.Generator, terms: PairTerms) -> Floats:
    return terms.take_client_column(str(rng.choice((*CLIENT_NUMBERS, *CLIENT_SETS))))


def _draw_therapist_column(rng: np.random.Generator, terms: PairTerms) -> Floats:
    return terms.take_therapist_column(str(rng.choice((*THERAPIST_NUMBERS, *THERAPIST_SETS))))


def _draw_rule(rng: np.random.Generator, terms: PairTerms) -> Bools:
    """Draw 2 to 4 conditions and whether all must be met, any, or all needs; shape (clients, therapists).

    Each condition is met by such a share of the pairs that the rule would be met by 20 to 60%, if the conditions were
    independent and without ties.
    """
    rule, count, share = str(rng.choice(("all", "any", "needs"))), int(rng.integers(2, 5)), rng.uniform(0.2, 0.6)
    quantile = (1 - share) ** (1 / count) if rule == "any" else 1 - share ** (1 / count)
    is_met = np.full((len(terms.clients), len(terms.therapists)), rule != "any")
    for _ in range(count):
        is_need = rule == "needs" or rng.random() < 1 / 3
        condition = _draw_need(rng, terms, rule) if is_need else _draw_condition(rng, terms, quantile)
        is_met = is_met | condition if rule == "any" else is_met & condition
    varies = MIN_CONDITION_SHARE < is_met.mean() < 1 - MIN_CONDITION_SHARE
    return is_met if varies else np.zeros_like(is_met)


def _draw_condition(rng: np.random.Generator, terms: PairTerms, quantile: float) -> Bools:
    """Draw whether a carrier or pair feature is above a quantile near this one, for all pairs."""
    score = _draw_pair_score(rng, terms)
    return np.asarray(score > np.quantile(score, np.clip(quantile + rng.uniform(-0.15, 0.15), 0.05, 0.95)))


def _draw_need(rng: np.random.Generator, terms: PairTerms, rule: str) -> Bools:
    """Draw whether the therapist answers a client's need; without the need, "any" is not met and "all" is met."""
    has_need = _is_beyond(rng, _draw_client_column(rng, terms), rng.uniform(0.4, 0.75))
    has_answer = _is_beyond(rng, _draw_therapist_column(rng, terms), rng.uniform(0.3, 0.7))
    return has_need & has_answer if rule == "any" else ~has_need | has_answer


def _is_beyond(rng: np.random.Generator, scores: Floats, quantile: float) -> Bools:
    """Return whether each score is beyond a quantile, above or below at random."""
    turned = scores * rng.choice([-1.0, 1.0])
    return np.asarray(turned > np.quantile(turned, quantile))


def _bend_column(rng: np.random.Generator, scores: Floats) -> Floats:
    """Return the scores as they are, saturating at both ends, or as a step at a random quantile."""
    bend = rng.integers(3)
    if bend == 0:
        return np.clip(scores, -MAX_STANDARD_SCORE, MAX_STANDARD_SCORE)
    if bend == 1:
        return np.asarray(np.tanh(rng.uniform(0.7, 2.0) * scores))
    return _is_beyond(rng, scores, rng.uniform(0.2, 0.8)).astype(float)


def _draw_shape(rng: np.random.Generator) -> Callable[[np.random.Generator, Floats], Floats]:
    return (_saturate_scores, _curve_scores, _steepen_scores, _step_scores)[rng.integers(4)]


def _saturate_scores(rng: np.random.Generator, scores: Floats) -> Floats:
    """Rise fast at low scores, and hardly at high ones."""
    return np.asarray(-np.exp(-rng.uniform(0.6, 1.5) * np.maximum(scores, -2.5)))


def _curve_scores(rng: np.random.Generator, scores: Floats) -> Floats:
    """Return a U or an inverted U around a random centre."""
    distance = np.abs(np.clip(scores, -MAX_STANDARD_SCORE, MAX_STANDARD_SCORE) - rng.normal(0.0, 0.6))
    return np.asarray(rng.choice([-1.0, 1.0]) * distance ** rng.uniform(1.0, 2.0))


def _steepen_scores(rng: np.random.Generator, scores: Floats) -> Floats:
    """Return a steep logistic curve around a random centre."""
    return np.asarray(0.5 + 0.5 * np.tanh(rng.uniform(1.5, 4.0) * (scores - rng.normal(0.0, 0.7))))


def _step_scores(rng: np.random.Generator, scores: Floats) -> Floats:
    """Return a step at a random quantile."""
    return np.asarray(scores > np.quantile(scores, rng.uniform(0.2, 0.8)), dtype=float)
