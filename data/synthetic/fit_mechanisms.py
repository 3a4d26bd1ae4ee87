"""What makes a client and a therapist suit each other, in the simulator's own terms.

Nothing here is shared with `features/`: the engine must find this truth through what the tables show.
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

COMFORT_HALF_WIDTH = 1.2  # half-width of the zone of comfortable styles, in SD of clients' preferences: assumed
COMMON_BACKGROUNDS = ("white", "none")  # a background that is found everywhere; to share it means less


def compute_style_fit(clients: People, therapists: People, c: Indices, t: Indices) -> Floats:
    """A bell-shaped zone of comfort on each scale; the scales one feels strongly about count more. 0 to 1."""
    comfort = total = np.zeros(1)
    for scale, name in enumerate(STYLES):
        column = f"{name}_preference"
        weight = 0.25 + np.minimum(np.abs(clients[column]) / find_numeric_column(column).scale, 2.0)[c]
        gap = clients.standardize(column)[c] - therapists["true_style"][:, scale][t]
        comfort = comfort + weight * np.exp(-0.5 * (gap / COMFORT_HALF_WIDTH) ** 2)
        total = total + weight
    return np.asarray(comfort / total)


def compute_wish_fit(clients: People, therapists: People, c: Indices, t: Indices) -> Floats:
    """Each wish that comes true adds less than the one before; what is not wanted takes away likewise. -1 to 1."""
    has = has_wished_attributes(therapists)
    good = compute_overlap(compute_wish_weights(clients, good=True), has, c, t)
    bad = compute_overlap(compute_wish_weights(clients, good=False), has, c, t)
    return np.asarray(np.exp(-bad) - np.exp(-good))


def compute_problem_fit(clients: People, therapists: People, c: Indices, t: Indices) -> Floats:
    """Skill in the client's problems, the main one twice; little is gained before about half is covered. 0 to 1."""
    weight = clients["presenting_problems"].astype(float)
    weight[np.arange(len(clients)), clients["main"]] = 2.0
    covered = compute_overlap(weight / weight.sum(axis=1, keepdims=True), therapists["true_specialties"], c, t)
    return np.asarray(1.0 / (1.0 + np.exp(-7.0 * (covered - 0.5))))


def compute_attachment_fit(clients: People, therapists: People, c: Indices, t: Indices) -> Floats:
    """A different response repairs: warmth for the avoidant, structure for the anxious. Levels off at both ends."""
    avoidance, anxiety = (np.tanh(clients.standardize(f"attachment_{kind}")) for kind in ("avoidance", "anxiety"))
    structure, warmth = np.tanh(therapists["true_style"][:, [0, 3]]).T
    return np.asarray(avoidance[c] * warmth[t] + 0.7 * anxiety[c] * structure[t])


def compute_culture_fit(clients: People, therapists: People, c: Indices, t: Indices) -> Floats:
    """A shared background, which means more to those who seldom find it, and affirming practice. 0 and more."""
    both = np.zeros(1)
    for column in ("race_ethnicity", "religion"):
        worth = np.where(np.isin(list_codes(column), COMMON_BACKGROUNDS), 0.3, 1.0)
        both = both + compute_overlap(clients[column] * worth, therapists[column], c, t)
    return np.asarray(both + 1.5 * (clients["lgbtq"][:, 0][c] & therapists["lgbtq_affirming"][:, 0][t]))


def compute_weaker_link_fit(clients: People, therapists: People, c: Indices, t: Indices) -> Floats:
    """A chain as strong as its weaker link: the lower of style and problems. 0 to 1."""
    return np.minimum(compute_style_fit(clients, therapists, c, t), compute_problem_fit(clients, therapists, c, t))


def compute_complement_fit(clients: People, therapists: People, c: Indices, t: Indices) -> Floats:
    """Opposites suit each other: best where the two styles cancel on directiveness and intensity. -2 to 0."""
    apart = np.zeros(1)
    for scale, name in enumerate(STYLES[:2]):
        both = clients.standardize(f"{name}_preference")[c] + therapists["true_style"][:, scale][t]
        apart = apart - np.tanh((both / COMFORT_HALF_WIDTH) ** 2)
    return np.asarray(apart)


def compute_threshold_fit(clients: People, therapists: People, c: Indices, t: Indices) -> Floats:
    """All or nothing: skill in the main problem, and no style on the wrong side of a strong preference. 0 or 1."""
    suits = therapists["true_specialties"][t, clients["main"][c]]
    for scale, name in enumerate(STYLES):
        wanted = clients[f"{name}_preference"]
        low, high = (read_published_statistics()[f"cnip_{name}_{end}"].value for end in ("to", "from"))
        strong = np.where(wanted >= high, 1, np.where(wanted <= low, -1, 0))
        suits = suits & (strong[c] * therapists["true_style"][:, scale][t] > -0.5)
    return np.asarray(suits, dtype=float)


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
