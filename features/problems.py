"""What the client comes with against what the therapist has as a focus.

The one large randomised trial of matching by problem improved symptoms and left alliance where it was (Constantino
2021): these rows are hypotheses as far as early alliance goes. A client's problems are in order, the main one first.
"""

from __future__ import annotations

import numpy as np

from attune_fit.features.feature import Feature, Floats
from attune_fit.features.pairs import Pairs
from attune_fit.features.style import PREFERENCES, STYLES, distance

CLIENT, THERAPIST = ("presenting_problems",), ("specialties",)
COVERED = (0.45, 0.35)  # share: two or three problems against four to seven of about fourteen specialties
APART = (1.33, 0.48)  # the root of style distance: for four independent scales chi of four over the root of two
WORSE = (-0.56, 0.83)  # mean and SD of the smaller of two independent standard numbers: -1/sqrt(pi), sqrt(1 - 1/pi)


def covered(pairs: Pairs) -> Floats:
    """Share of the client's problems that are among the therapist's specialties, 0-1; NaN where either is unknown."""
    return pairs.shared(*CLIENT, *THERAPIST) / pairs.count("client", *CLIENT)


def main_covered(pairs: Pairs) -> Floats:
    """1 where the first of the client's problems is a specialty, else 0; NaN where either is unknown."""
    return pairs.shared(*CLIENT, *THERAPIST, main=True)


def focus(pairs: Pairs) -> Floats:
    """Share of the therapist's specialties that the client comes with, 0-1; NaN where either is unknown.

    High for a specialist whose few specialties are the client's, low for a therapist who lists everything.
    """
    return pairs.shared(*CLIENT, *THERAPIST) / pairs.count("therapist", *THERAPIST)


def worse_of_style_and_problems(pairs: Pairs) -> Floats:
    """The smaller of closeness in style and problems covered, each as a standard number; NaN where either is unknown.

    The hypothesis: one does not make up for the other. The root keeps one extreme self-rating from deciding alone.
    """
    close = (APART[0] - np.sqrt(distance(pairs))) / APART[1]
    return np.minimum(close, (covered(pairs) - COVERED[0]) / COVERED[1])


ROWS: tuple[Feature, ...] = (
    Feature(
        "problems_covered",
        "problems",
        "pair",
        CLIENT,
        THERAPIST,
        covered,
        "+",
        *COVERED,
        says="has about half or more of the client's problems as a focus",
        says_below="has less than half of the client's problems as a focus",
    ),
    Feature(
        "main_problem_covered",
        "problems",
        "pair",
        CLIENT,
        THERAPIST,
        main_covered,
        "+",
        center=0.5,
        scale=0.5,  # of a yes or no
        says="has the client's main problem as a focus",
        says_below="does not list the client's main problem as a focus",
    ),
    Feature(
        "specialist_focus",
        "problems",
        "pair",
        CLIENT,
        THERAPIST,
        focus,
        "free",
        center=0.25,  # about one of four or five specialties
        scale=0.22,
        says="has more of the focus on the client's problems than is typical",
        says_below="has less of the focus on the client's problems than is typical",
    ),
    Feature(
        "style_and_problems",
        "problems",
        "pair",
        (*PREFERENCES, *CLIENT),
        (*STYLES, *THERAPIST),
        worse_of_style_and_problems,
        "+",
        *WORSE,
        says="is not far off in either style or problems",
        says_below="is off in style, in problems, or in both",
    ),
)
