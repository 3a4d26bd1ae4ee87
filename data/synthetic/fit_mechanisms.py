"""Mechanisms (carriers) of client-therapist fit in the simulator.

This code shares nothing with `features/`: the engine must find these effects from the tables alone.

Each function returns the fit of pairs in its own unit. ``c`` and ``t`` are rows of clients and therapists: ``(n, 1)``
and ``(1, m)`` for all pairs, or both ``(k,)`` for listed pairs.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.data.synthetic.code_frequencies import find_numeric_column, list_codes
from attune_fit.data.synthetic.people import People, compute_overlap
from attune_fit.data.synthetic.therapists import STYLES
from attune_fit.data.synthetic.wishes import compute_wish_weights, has_wished_attributes

COMFORT_HALF_WIDTH = 1.2  # SD of the bell curve of comfortable styles, in SD of clients' preferences: assumed
COMMON_BACKGROUNDS = ("white", "none")  # common in most clinics; sharing such a background adds less fit


def compute_style_fit(clients: People, therapists: People, c: Indices, t: Indices) -> Floats:
    """Return style fit, 0 to 1: a bell curve around the preferred style, with more weight on strong preferences."""
    comfort = total = np.zeros(1)
    for scale, name in enumerate(STYLES):
        column = f"{name}_preference"
        weight = 0.25 + np.minimum(np.abs(clients[column]) / find_numeric_column(column).scale, 2.0)[c]
        gap = clients.standardize(column)[c] - therapists["true_style"][:, scale][t]
        comfort = comfort + weight * np.exp(-0.5 * (gap / COMFORT_HALF_WIDTH) ** 2)
        total = total + weight
    return np.asarray(comfort / total)


def compute_wish_fit(clients: People, therapists: People, c: Indices, t: Indices) -> Floats:
    """Return wish fit, -1 to 1: honoured wishes add and broken wishes subtract, each less than the one before."""
    has = has_wished_attributes(therapists)
    good = compute_overlap(compute_wish_weights(clients, good=True), has, c, t)
    bad = compute_overlap(compute_wish_weights(clients, good=False), has, c, t)
    return np.asarray(np.exp(-bad) - np.exp(-good))


def compute_problem_fit(clients: People, therapists: People, c: Indices, t: Indices) -> Floats:
    """Return problem fit, 0 to 1: skill in the client's problems, the main one twice; it rises most around half."""
    weight = clients["presenting_problems"].astype(float)
    weight[np.arange(len(clients)), clients["main"]] = 2.0
    covered = compute_overlap(weight / weight.sum(axis=1, keepdims=True), therapists["true_specialties"], c, t)
    return np.asarray(1.0 / (1.0 + np.exp(-7.0 * (covered - 0.5))))


def compute_attachment_fit(clients: People, therapists: People, c: Indices, t: Indices) -> Floats:
    """Return attachment fit, -1.7 to 1.7: warmth helps avoidant clients, and structure helps anxious clients."""
    avoidance, anxiety = (np.tanh(clients.standardize(f"attachment_{kind}")) for kind in ("avoidance", "anxiety"))
    structure, warmth = np.tanh(therapists["true_style"][:, [0, 3]]).T
    return np.asarray(avoidance[c] * warmth[t] + 0.7 * anxiety[c] * structure[t])


def compute_culture_fit(clients: People, therapists: People, c: Indices, t: Indices) -> Floats:
    """Return culture fit, 0 or more: shared backgrounds, rare ones weighted more, and LGBTQ-affirming practice."""
    shared = np.zeros(1)
    for column in ("race_ethnicity", "religion"):
        weight = np.where(np.isin(list_codes(column), COMMON_BACKGROUNDS), 0.3, 1.0)
        shared = shared + compute_overlap(clients[column] * weight, therapists[column], c, t)
    return np.asarray(shared + 1.5 * (clients["lgbtq"][:, 0][c] & therapists["lgbtq_affirming"][:, 0][t]))


def compute_weaker_link_fit(clients: People, therapists: People, c: Indices, t: Indices) -> Floats:
    """Return weaker-link fit, 0 to 1: the lower one of style fit and problem fit."""
    return np.minimum(compute_style_fit(clients, therapists, c, t), compute_problem_fit(clients, therapists, c, t))


def compute_complement_fit(clients: People, therapists: People, c: Indices, t: Indices) -> Floats:
    """Return complementarity fit, -2 to 0: highest for opposite styles on directiveness and intensity."""
    fit = np.zeros(1)
    for scale, name in enumerate(STYLES[:2]):
        distance = clients.standardize(f"{name}_preference")[c] + therapists["true_style"][:, scale][t]
        fit = fit - np.tanh((distance / COMFORT_HALF_WIDTH) ** 2)
    return np.asarray(fit)


def compute_threshold_fit(clients: People, therapists: People, c: Indices, t: Indices) -> Floats:
    """Return threshold fit, 0 or 1: skill in the main problem, and no style opposite to a strong preference."""
    has_fit = therapists["true_specialties"][t, clients["main"][c]]
    for scale, name in enumerate(STYLES):
        preference = clients[f"{name}_preference"]
        low, high = (read_published_statistics()[f"cnip_{name}_{end}"].value for end in ("to", "from"))
        strong = np.where(preference >= high, 1, np.where(preference <= low, -1, 0))
        has_fit = has_fit & (strong[c] * therapists["true_style"][:, scale][t] > -0.5)
    return np.asarray(has_fit, dtype=float)


FIT_MECHANISMS: dict[str, Callable[[People, People, Indices, Indices], Floats]] = {
    "style": compute_style_fit,
    "wishes": compute_wish_fit,
    "problems": compute_problem_fit,
    "attachment": compute_attachment_fit,
    "culture": compute_culture_fit,
    "weaker": compute_weaker_link_fit,
    "complement": compute_complement_fit,
    "threshold": compute_threshold_fit,
}
