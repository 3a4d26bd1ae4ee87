"""Functional forms of fit in the second simulator; no other module uses these forms.

They read only what the roster and the intake contain. A method has to find functional forms that differ from its own,
with missing values in the tables.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.stats import rankdata

from attune_fit.data.arrays import Floats
from attune_fit.data.synthetic.code_frequencies import find_numeric_column
from attune_fit.data.synthetic.people import People, build_cross_rows, compute_overlap
from attune_fit.data.synthetic.therapists import STYLES
from attune_fit.data.synthetic.wishes import has_wished_attributes

STRENGTH_LEVELS = ((1, 4), (3,), (2,))  # must and never, then avoid, then prefer: see attune_fit.data.synthetic.wishes
UNWANTED_STRENGTHS = (3, 4)
SATURATION_DISTANCE = 2.0  # SD of clients' preferences
N_HIDDEN_UNITS = 4  # hidden units of the smooth function
NEED_SCORE = 0.5  # SD from the typical answer beyond which a client has a need


def compute_style_form(clients: People, therapists: People, rng: np.random.Generator) -> Floats:
    """Return closeness in style: distance on each scale, capped at two SD; scale weights differ by clinic."""
    scale_weights = rng.dirichlet(np.full(len(STYLES), 3.0))
    closeness = np.zeros((len(clients), len(therapists)))
    for weight, name in zip(scale_weights, STYLES, strict=True):
        wanted, offered = clients[f"{name}_preference"][:, None], therapists[f"{name}_style"]
        closeness -= weight * np.minimum(
            np.abs(wanted - offered) / find_numeric_column(f"{name}_preference").scale, SATURATION_DISTANCE
        )
    return closeness


def compute_wish_form(clients: People, therapists: People, _: np.random.Generator) -> Floats:
    """Return wishes honoured in lexicographic order: a stronger wish outweighs all weaker wishes."""
    has_attribute, c_t = has_wished_attributes(therapists), build_cross_rows(clients, therapists)
    honoured = np.zeros((len(clients), len(therapists)))
    for depth, strengths in enumerate(STRENGTH_LEVELS):
        stated = np.isin(clients["wishes"], strengths)
        wanted = stated & ~np.isin(clients["wishes"], UNWANTED_STRENGTHS)
        n_honoured = compute_overlap(wanted, has_attribute, *c_t) + compute_overlap(
            stated & ~wanted, ~has_attribute, *c_t
        )
        n_stated = stated.sum(axis=1, keepdims=True)
        honoured += 3.0**-depth * np.where(n_stated > 0, n_honoured / np.maximum(n_stated, 1), 1.0)
    return honoured


def compute_problem_form(clients: People, therapists: People, _: np.random.Generator) -> Floats:
    """Return the square root of the share of problems covered; the main problem counts three times."""
    weight = clients["presenting_problems"].astype(float)
    weight[np.arange(len(clients)), clients["main"]] = 3.0
    weight /= weight.sum(axis=1, keepdims=True)
    return np.sqrt(compute_overlap(weight, therapists["specialties"], *build_cross_rows(clients, therapists)))


def compute_attachment_form(clients: People, therapists: People, rng: np.random.Generator) -> Floats:
    """Return interactions of attachment: avoidance × warmth, anxiety × warmth, anxiety × directiveness (negative)."""
    avoidance, anxiety = (clients.standardize(f"attachment_{kind}")[:, None] for kind in ("avoidance", "anxiety"))
    warmth, directive = (_standardize(therapists[f"{name}_style"]) for name in ("warm_support", "directiveness"))
    of_avoidance, of_anxiety, of_directiveness = rng.uniform(0.5, 1.5, 3)
    return np.asarray(
        of_avoidance * avoidance * warmth + anxiety * (0.5 * of_anxiety * warmth - of_directiveness * directive)
    )


def compute_age_form(clients: People, therapists: People, _: np.random.Generator) -> Floats:
    """Return the age gap: a therapist 8 years older is best, and the loss per decade is constant."""
    return np.asarray(-np.abs(therapists["age"] - clients["age"][:, None] - 8.0) / 10.0)


def compute_lower_form(clients: People, therapists: People, rng: np.random.Generator) -> Floats:
    """Return the lower of the style form and the problem form, each as a standard score."""
    forms = [_standardize(form(clients, therapists, rng)) for form in (compute_style_form, compute_problem_form)]
    return np.minimum(*forms)


def compute_smooth_form(clients: People, therapists: People, rng: np.random.Generator) -> Floats:
    """Return a random smooth function of both sides' numbers, different in each clinic: fit without any theory."""
    client_columns = (
        "attachment_avoidance",
        "attachment_anxiety",
        "interpersonal_problems",
        "outcome_expectancy",
        "phq9",
    )
    client_values = np.stack([clients.standardize(name) for name in client_columns], axis=1)
    therapist_values = [
        _standardize(therapists[name]) for name in (*(f"{name}_style" for name in STYLES), "years_experience")
    ]
    client_part = (
        client_values @ rng.standard_normal((len(client_columns), N_HIDDEN_UNITS)) / np.sqrt(len(client_columns))
    )
    therapist_part = (
        np.stack(therapist_values, axis=1)
        @ rng.standard_normal((len(therapist_values), N_HIDDEN_UNITS))
        / np.sqrt(len(therapist_values))
    )
    units = np.tanh(1.5 * (client_part[:, None] + therapist_part + rng.standard_normal(N_HIDDEN_UNITS)))
    return np.asarray(units @ rng.standard_normal(N_HIDDEN_UNITS))


def compute_complementarity_form(clients: People, therapists: People, rng: np.random.Generator) -> Floats:
    """Return complementarity: distance of percentile ranks in style; opposites suit, scale weights differ by clinic."""
    scale_weights = rng.dirichlet(np.full(len(STYLES), 3.0))
    distance = np.zeros((len(clients), len(therapists)))
    for weight, name in zip(scale_weights, STYLES, strict=True):
        wanted, offered = _rank_as_share(clients[f"{name}_preference"]), _rank_as_share(therapists[f"{name}_style"])
        distance += weight * np.abs(wanted[:, None] - offered)
    return distance


def compute_threshold_form(clients: People, therapists: People, _: np.random.Generator) -> Floats:
    """Return 1 if the therapist meets every need of the client, else 0; a part of the needs has no effect.

    Severe depression (PHQ-9 of 15 or more) needs 10 years of experience. High attachment anxiety needs a warm
    therapist. Three or more problems need a specialist in half of them. A client who does not want to be directed
    needs a therapist who directs less than the median therapist.
    """
    covered = compute_overlap(
        clients["presenting_problems"].astype(float), therapists["specialties"], *build_cross_rows(clients, therapists)
    )
    n_problems = clients["presenting_problems"].sum(axis=1)[:, None]
    warmth, directive = therapists["warm_support_style"], therapists["directiveness_style"]
    needs_and_answers = (
        (clients["phq9"][:, None] >= 15, therapists["years_experience"] >= 10),
        (clients.standardize("attachment_anxiety")[:, None] > NEED_SCORE, warmth > np.median(warmth)),
        (n_problems >= 3, 2 * covered >= n_problems),
        (clients.standardize("directiveness_preference")[:, None] < -NEED_SCORE, directive <= np.median(directive)),
    )
    is_met = np.all([np.where(needs, answers, True) for needs, answers in needs_and_answers], axis=0)
    return np.asarray(is_met, dtype=float)


FORMS: dict[str, Callable[[People, People, np.random.Generator], Floats]] = {
    "style": compute_style_form,
    "wishes": compute_wish_form,
    "problems": compute_problem_form,
    "attachment": compute_attachment_form,
    "age": compute_age_form,
    "worse": compute_lower_form,
    "smooth": compute_smooth_form,
    "complementarity": compute_complementarity_form,
    "threshold": compute_threshold_form,
}


def _rank_as_share(values: Floats) -> Floats:
    """Return percentile ranks, 0-1; equal values share their mean rank."""
    return np.asarray(rankdata(values) / len(values))


def _standardize(values: Floats) -> Floats:
    return np.asarray((values - values.mean()) / values.std())
