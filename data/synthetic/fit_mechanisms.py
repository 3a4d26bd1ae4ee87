"""What makes a client and a therapist suit each other, in the simulator's own terms.

Nothing here is shared with `features/`: the engine must find this truth through what the tables show.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attune_fit.data.published_statistics import figures
from attune_fit.data.synthetic.code_frequencies import names, number
from attune_fit.data.synthetic.people import Floats, People, Rows, shared
from attune_fit.data.synthetic.therapists import STYLES
from attune_fit.data.synthetic.wishes import meets, weights

COMFORT = 1.2  # half-width of the zone of comfortable styles, in SD of clients' preferences: assumed
COMMON = ("white", "none")  # a background that is found everywhere; to share it means less


def style(clients: People, therapists: People, c: Rows, t: Rows) -> Floats:
    """A bell-shaped zone of comfort on each scale; the scales one feels strongly about count more. 0 to 1."""
    comfort = total = np.zeros(1)
    for scale, name in enumerate(STYLES):
        column = f"{name}_preference"
        weight = 0.25 + np.minimum(np.abs(clients[column]) / number(column).scale, 2.0)[c]
        gap = clients.standard(column)[c] - therapists["true_style"][:, scale][t]
        comfort = comfort + weight * np.exp(-0.5 * (gap / COMFORT) ** 2)
        total = total + weight
    return np.asarray(comfort / total)


def wishes(clients: People, therapists: People, c: Rows, t: Rows) -> Floats:
    """Each wish that comes true adds less than the one before; what is not wanted takes away likewise. -1 to 1."""
    has = meets(therapists)
    good = shared(weights(clients, good=True), has, c, t)
    bad = shared(weights(clients, good=False), has, c, t)
    return np.asarray(np.exp(-bad) - np.exp(-good))


def problems(clients: People, therapists: People, c: Rows, t: Rows) -> Floats:
    """Skill in the client's problems, the main one twice; little is gained before about half is covered. 0 to 1."""
    weight = clients["presenting_problems"].astype(float)
    weight[np.arange(len(clients)), clients["main"]] = 2.0
    covered = shared(weight / weight.sum(axis=1, keepdims=True), therapists["true_specialties"], c, t)
    return np.asarray(1.0 / (1.0 + np.exp(-7.0 * (covered - 0.5))))


def attachment(clients: People, therapists: People, c: Rows, t: Rows) -> Floats:
    """A different response repairs: warmth for the avoidant, structure for the anxious. Levels off at both ends."""
    avoidance, anxiety = (np.tanh(clients.standard(f"attachment_{kind}")) for kind in ("avoidance", "anxiety"))
    structure, warmth = np.tanh(therapists["true_style"][:, [0, 3]]).T
    return np.asarray(avoidance[c] * warmth[t] + 0.7 * anxiety[c] * structure[t])


def culture(clients: People, therapists: People, c: Rows, t: Rows) -> Floats:
    """A shared background, which means more to those who seldom find it, and affirming practice. 0 and more."""
    both = np.zeros(1)
    for column in ("race_ethnicity", "religion"):
        worth = np.where(np.isin(names(column), COMMON), 0.3, 1.0)
        both = both + shared(clients[column] * worth, therapists[column], c, t)
    return np.asarray(both + 1.5 * (clients["lgbtq"][:, 0][c] & therapists["lgbtq_affirming"][:, 0][t]))


def weaker(clients: People, therapists: People, c: Rows, t: Rows) -> Floats:
    """A chain as strong as its weaker link: the lower of style and problems. 0 to 1."""
    return np.minimum(style(clients, therapists, c, t), problems(clients, therapists, c, t))


def complement(clients: People, therapists: People, c: Rows, t: Rows) -> Floats:
    """Opposites suit each other: best where the two styles cancel on directiveness and intensity. -2 to 0."""
    apart = np.zeros(1)
    for scale, name in enumerate(STYLES[:2]):
        both = clients.standard(f"{name}_preference")[c] + therapists["true_style"][:, scale][t]
        apart = apart - np.tanh((both / COMFORT) ** 2)
    return np.asarray(apart)


def threshold(clients: People, therapists: People, c: Rows, t: Rows) -> Floats:
    """All or nothing: skill in the main problem, and no style on the wrong side of a strong preference. 0 or 1."""
    suits = therapists["true_specialties"][t, clients["main"][c]]
    for scale, name in enumerate(STYLES):
        wanted = clients[f"{name}_preference"]
        low, high = (figures()[f"cnip_{name}_{end}"].value for end in ("to", "from"))
        strong = np.where(wanted >= high, 1, np.where(wanted <= low, -1, 0))
        suits = suits & (strong[c] * therapists["true_style"][:, scale][t] > -0.5)
    return np.asarray(suits, dtype=float)


CARRIERS: dict[str, Callable[[People, People, Rows, Rows], Floats]] = {
    each.__name__: each for each in (style, wishes, problems, attachment, culture, weaker, complement, threshold)
}
