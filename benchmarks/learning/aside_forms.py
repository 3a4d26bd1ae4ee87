"""Functional forms of the clinics that are kept aside: no method and no setting of Attune is tuned on them.

They were fixed before any result on them was known. Effects differ by clinic in size and in sign.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attune_fit.data.arrays import Bools, Floats
from attune_fit.data.synthetic.people import People, build_cross_rows, compute_overlap
from attune_fit.data.synthetic.therapists import STYLES
from attune_fit.data.synthetic.wishes import has_wished_attributes

FIT_SHARE = 0.08  # share of fit in the variance of one rating
PRODUCTS = (  # a column of the client, a column of the therapist
    ("attachment_avoidance", "warm_support_style"),
    ("attachment_anxiety", "warm_support_style"),
    ("attachment_anxiety", "directiveness_style"),
    ("interpersonal_problems", "interpersonal_skill"),
    ("phq9", "years_experience"),
    ("outcome_expectancy", "directiveness_style"),
    *((f"{name}_preference", f"{name}_style") for name in STYLES),
)
N_RULES, MAX_CONDITIONS = 6, 3
CUT_RANGE = (0.3, 0.7)  # quantiles at which a condition can begin


def compute_signed_form(clients: People, therapists: People, rng: np.random.Generator) -> Floats:
    """Return a sum of pair terms; each weight has a random size and sign, and honoured wishes never do harm."""
    terms = list_pair_terms(clients, therapists)
    weights = rng.uniform(0.5, 1.5, len(terms)) * rng.choice([-1.0, 1.0], len(terms))
    weights[0] = abs(weights[0])
    return np.asarray(sum(weight * _standardize(term) for weight, term in zip(weights, terms, strict=True)))


def compute_local_form(clients: People, therapists: People, rng: np.random.Generator) -> Floats:
    """Return a sum of rules; a rule is a step that needs two or three conditions on the pair or on one side."""
    shape = (len(clients), len(therapists))
    columns = [
        *list_pair_terms(clients, therapists),
        *(np.broadcast_to(clients.standardize(client)[:, None], shape) for client, _ in PRODUCTS),
        *(np.broadcast_to(therapists[therapist], shape) for _, therapist in PRODUCTS),
    ]
    fit = np.zeros(shape)
    for _ in range(N_RULES):
        is_met = np.ones(shape, dtype=bool)
        for column in rng.choice(len(columns), rng.integers(2, MAX_CONDITIONS + 1), replace=False):
            is_met &= _draw_condition(columns[column], rng)
        fit += rng.uniform(0.5, 1.5) * rng.choice([-1.0, 1.0]) * _standardize(is_met.astype(float))
    return fit


def list_pair_terms(clients: People, therapists: People) -> list[Floats]:
    """List the terms of all pairs, each of shape (clients, therapists); the first one counts honoured wishes."""
    c_t = build_cross_rows(clients, therapists)
    wishes, has_attribute = clients["wishes"], has_wished_attributes(therapists)
    honoured = compute_overlap(np.isin(wishes, (1, 2)), has_attribute, *c_t) + compute_overlap(
        np.isin(wishes, (3, 4)), ~has_attribute, *c_t
    )
    problems = clients["presenting_problems"].astype(float)
    covered = compute_overlap(problems / problems.sum(axis=1, keepdims=True), therapists["specialties"], *c_t)
    gaps = [
        np.abs(clients.standardize(f"{name}_preference")[:, None] - _standardize(therapists[f"{name}_style"]))
        for name in STYLES
    ]
    products = [
        clients.standardize(client)[:, None] * _standardize(therapists[therapist]) for client, therapist in PRODUCTS
    ]
    return [
        honoured,
        covered,
        np.asarray(therapists["specialties"].T[clients["main"]], dtype=float),
        np.abs(clients["age"][:, None] - therapists["age"]),
        compute_overlap(clients["gender"], therapists["gender"], *c_t),
        *gaps,
        *products,
    ]


def _draw_condition(values: Floats, rng: np.random.Generator) -> Bools:
    """Draw whether a column has to be above or below a random quantile."""
    cut = np.quantile(values, rng.uniform(*CUT_RANGE))
    return np.asarray(values > cut if rng.random() < 0.5 else values <= cut)


def _standardize(values: Floats) -> Floats:
    """Return standard scores; 0 if all values are equal."""
    return np.asarray((values - values.mean()) / (values.std() or 1.0))


ASIDE_FORMS: dict[str, Callable[[People, People, np.random.Generator], Floats]] = {
    "signed": compute_signed_form,
    "local": compute_local_form,
}
