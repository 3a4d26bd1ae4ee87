"""What makes two people suit each other in the other maker's clinics, in forms that nothing else here uses.

None of it reads what is hidden: a therapist is what the roster says. What these forms ask of a method is to find other
shapes than its own, through holes in the tables.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.data.synthetic.code_frequencies import find_numeric_column
from attune_fit.data.synthetic.people import People, build_cross_rows, compute_overlap
from attune_fit.data.synthetic.therapists import STYLES
from attune_fit.data.synthetic.wishes import has_wished_attributes

LEVELS = ((1, 4), (3,), (2,))  # must and never, then avoid, then prefer: see attune_fit.data.synthetic.wishes
UNWANTED = (3, 4)
SATURATED = 2.0  # SD of clients' preferences
HIDDEN = 4  # units of the smooth function


def style(clients: People, therapists: People, rng: np.random.Generator) -> Floats:
    """Distance on each scale up to two SD, beyond which it is all the same; scales count differently in each clinic."""
    counts = rng.dirichlet(np.full(len(STYLES), 3.0))
    near = np.zeros((len(clients), len(therapists)))
    for count, name in zip(counts, STYLES, strict=True):
        wanted, offered = clients[f"{name}_preference"][:, None], therapists[f"{name}_style"]
        near -= count * np.minimum(
            np.abs(wanted - offered) / find_numeric_column(f"{name}_preference").scale, SATURATED
        )
    return near


def wishes(clients: People, therapists: People, _: np.random.Generator) -> Floats:
    """The stronger wish always comes first: the share honoured at one strength outweighs all that is weaker."""
    has, c_t = has_wished_attributes(therapists), build_cross_rows(clients, therapists)
    honoured = np.zeros((len(clients), len(therapists)))
    for depth, strengths in enumerate(LEVELS):
        stated = np.isin(clients["wishes"], strengths)
        good = stated & ~np.isin(clients["wishes"], UNWANTED)
        kept = compute_overlap(good, has, *c_t) + compute_overlap(stated & ~good, ~has, *c_t)
        count = stated.sum(axis=1, keepdims=True)
        honoured += 3.0**-depth * np.where(count > 0, kept / np.maximum(count, 1), 1.0)
    return honoured


def problems(clients: People, therapists: People, _: np.random.Generator) -> Floats:
    """Root of the share of problems covered, the main one counting three times: the first step is the largest."""
    weight = clients["presenting_problems"].astype(float)
    weight[np.arange(len(clients)), clients["main"]] = 3.0
    weight /= weight.sum(axis=1, keepdims=True)
    return np.sqrt(compute_overlap(weight, therapists["specialties"], *build_cross_rows(clients, therapists)))


def attachment(clients: People, therapists: People, rng: np.random.Generator) -> Floats:
    """Products: avoidance with warmth, anxiety with warmth and against directiveness; strengths differ by clinic."""
    avoidance, anxiety = (clients.standardize(f"attachment_{kind}")[:, None] for kind in ("avoidance", "anxiety"))
    warmth, directive = (_standard(therapists[f"{name}_style"]) for name in ("warm_support", "directiveness"))
    of_avoidance, of_anxiety, against = rng.uniform(0.5, 1.5, 3)
    return np.asarray(of_avoidance * avoidance * warmth + anxiety * (0.5 * of_anxiety * warmth - against * directive))


def age(clients: People, therapists: People, _: np.random.Generator) -> Floats:
    """A therapist about eight years older is best, and every decade from there costs the same."""
    return np.asarray(-np.abs(therapists["age"] - clients["age"][:, None] - 8.0) / 10.0)


def worse(clients: People, therapists: People, rng: np.random.Generator) -> Floats:
    """The lower of style and problems, each as a standard score."""
    both = [_standard(each(clients, therapists, rng)) for each in (style, problems)]
    return np.minimum(*both)


def smooth(clients: People, therapists: People, rng: np.random.Generator) -> Floats:
    """A random smooth function of numbers of both sides, another in each clinic: what nobody has a theory of."""
    told = ("attachment_avoidance", "attachment_anxiety", "interpersonal_problems", "outcome_expectancy", "phq9")
    ours = np.stack([clients.standardize(name) for name in told], axis=1)
    theirs = [_standard(therapists[name]) for name in (*(f"{name}_style" for name in STYLES), "years_experience")]
    left = ours @ rng.standard_normal((len(told), HIDDEN)) / np.sqrt(len(told))
    right = np.stack(theirs, axis=1) @ rng.standard_normal((len(theirs), HIDDEN)) / np.sqrt(len(theirs))
    units = np.tanh(1.5 * (left[:, None] + right + rng.standard_normal(HIDDEN)))
    return np.asarray(units @ rng.standard_normal(HIDDEN))


FORMS: dict[str, Callable[[People, People, np.random.Generator], Floats]] = {
    each.__name__: each for each in (style, wishes, problems, attachment, age, worse, smooth)
}


def _standard(values: Floats) -> Floats:
    return np.asarray((values - values.mean()) / values.std())
