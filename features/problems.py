"""What the client comes with against what the therapist has as a focus.

The one large randomised trial of matching by problem improved symptoms and left alliance where it was (Constantino
2021): these rows are hypotheses as far as early alliance goes. A client's problems are in order, the main one first.
"""

from __future__ import annotations

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.features.feature import Feature
from attune_fit.features.pairs import Pairs
from attune_fit.features.style import PREFERENCE_COLUMNS, STYLE_COLUMNS, compute_style_distance

PROBLEM_COLUMNS, SPECIALTY_COLUMNS = ("presenting_problems",), ("specialties",)
COVERAGE_NORM = (0.45, 0.35)  # share: two or three problems against four to seven of about fourteen specialties
ROOT_DISTANCE_NORM = (
    1.33,
    0.48,
)  # the root of style distance: for four independent scales chi of four over the root of two
MINIMUM_NORM = (
    -0.56,
    0.83,
)  # mean and SD of the smaller of two independent standard numbers: -1/sqrt(pi), sqrt(1 - 1/pi)


def compute_problem_coverage(pairs: Pairs) -> Floats:
    """Share of the client's problems that are among the therapist's specialties, 0-1; NaN where either is unknown."""
    return pairs.count_shared_codes(*PROBLEM_COLUMNS, *SPECIALTY_COLUMNS) / pairs.count_codes(
        "client", *PROBLEM_COLUMNS
    )


def is_main_problem_covered(pairs: Pairs) -> Floats:
    """1 where the first of the client's problems is a specialty, else 0; NaN where either is unknown."""
    return pairs.count_shared_codes(*PROBLEM_COLUMNS, *SPECIALTY_COLUMNS, main=True)


def compute_specialist_focus(pairs: Pairs) -> Floats:
    """Share of the therapist's specialties that the client comes with, 0-1; NaN where either is unknown.

    High for a specialist whose few specialties are the client's, low for a therapist who lists everything.
    """
    return pairs.count_shared_codes(*PROBLEM_COLUMNS, *SPECIALTY_COLUMNS) / pairs.count_codes(
        "therapist", *SPECIALTY_COLUMNS
    )


def compute_style_problem_minimum(pairs: Pairs) -> Floats:
    """The smaller of closeness in style and problems covered, each as a standard number; NaN where either is unknown.

    The hypothesis: one does not make up for the other. The root keeps one extreme self-rating from deciding alone.
    """
    close = (ROOT_DISTANCE_NORM[0] - np.sqrt(compute_style_distance(pairs))) / ROOT_DISTANCE_NORM[1]
    return np.minimum(close, (compute_problem_coverage(pairs) - COVERAGE_NORM[0]) / COVERAGE_NORM[1])


ROWS: tuple[Feature, ...] = (
    Feature(
        "problems_covered",
        "problems",
        "pair",
        PROBLEM_COLUMNS,
        SPECIALTY_COLUMNS,
        compute_problem_coverage,
        "+",
        *COVERAGE_NORM,
        text_above="has about half or more of the client's problems as a focus",
        text_below="has less than half of the client's problems as a focus",
    ),
    Feature(
        "main_problem_covered",
        "problems",
        "pair",
        PROBLEM_COLUMNS,
        SPECIALTY_COLUMNS,
        is_main_problem_covered,
        "+",
        center=0.5,
        scale=0.5,  # of a yes or no
        text_above="has the client's main problem as a focus",
        text_below="does not list the client's main problem as a focus",
    ),
    Feature(
        "specialist_focus",
        "problems",
        "pair",
        PROBLEM_COLUMNS,
        SPECIALTY_COLUMNS,
        compute_specialist_focus,
        "free",
        center=0.25,  # about one of four or five specialties
        scale=0.22,
        text_above="has more of the focus on the client's problems than is typical",
        text_below="has less of the focus on the client's problems than is typical",
    ),
    Feature(
        "style_and_problems",
        "problems",
        "pair",
        (*PREFERENCE_COLUMNS, *PROBLEM_COLUMNS),
        (*STYLE_COLUMNS, *SPECIALTY_COLUMNS),
        compute_style_problem_minimum,
        "+",
        *MINIMUM_NORM,
        text_above="is not far off in either style or problems",
        text_below="is off in style, in problems, or in both",
    ),
)
