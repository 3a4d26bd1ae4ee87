"""Problem features: the client's presenting problems compared with the therapist's specialties.

The one large randomised trial of matching by problem improved symptoms but not alliance (Constantino 2021). For early
alliance these features are hypotheses. A client's problems are in order, the main one first.
"""

from __future__ import annotations

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.features.feature import Feature
from attune_fit.features.pairs import Pairs
from attune_fit.features.style_features import PREFERENCE_COLUMNS, STYLE_COLUMNS, compute_style_distance

PROBLEM_COLUMNS, SPECIALTY_COLUMNS = ("presenting_problems",), ("specialties",)
COVERAGE_NORM = (0.45, 0.35)  # share: two or three problems against four to seven of about fourteen specialties
# The root of style distance: for four independent scales a chi of four over the root of two.
ROOT_DISTANCE_NORM = (1.33, 0.48)
# Mean and SD of the smaller of two independent z-scores: -1/sqrt(pi), sqrt(1 - 1/pi).
MINIMUM_NORM = (-0.56, 0.83)


def compute_problem_coverage(pairs: Pairs) -> Floats:
    """Return the share of the client's problems among the therapist's specialties, 0-1; NaN where unknown."""
    return pairs.count_shared_codes(*PROBLEM_COLUMNS, *SPECIALTY_COLUMNS) / pairs.count_codes(
        "client", *PROBLEM_COLUMNS
    )


def is_main_problem_covered(pairs: Pairs) -> Floats:
    """Return 1 where the client's main problem is a specialty, else 0; NaN where either is unknown."""
    return pairs.count_shared_codes(*PROBLEM_COLUMNS, *SPECIALTY_COLUMNS, main=True)


def compute_specialist_focus(pairs: Pairs) -> Floats:
    """Return the share of the therapist's specialties that are problems of the client, 0-1; NaN where unknown.

    High for a specialist whose few specialties fit the client; low for a therapist who lists every problem.
    """
    return pairs.count_shared_codes(*PROBLEM_COLUMNS, *SPECIALTY_COLUMNS) / pairs.count_codes(
        "therapist", *SPECIALTY_COLUMNS
    )


def compute_style_problem_minimum(pairs: Pairs) -> Floats:
    """Return the smaller of style closeness and problem coverage, as z-scores; NaN where either is unknown.

    The hypothesis: one does not compensate for the other. The square root limits the effect of one extreme self-rating.
    """
    closeness = (ROOT_DISTANCE_NORM[0] - np.sqrt(compute_style_distance(pairs))) / ROOT_DISTANCE_NORM[1]
    return np.minimum(closeness, (compute_problem_coverage(pairs) - COVERAGE_NORM[0]) / COVERAGE_NORM[1])


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
        text_above="specialises in at least half of the client's problems",  # shares from .45 to .5 need 11 problems
        text_below="specialises in fewer than half of the client's problems",
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
        scale=0.5,  # of a yes/no variable
        text_above="specialises in the client's main problem",
        text_below="does not list the client's main problem as a specialty",
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
        text_above="focuses more on the client's problems than a typical therapist",
        text_below="focuses less on the client's problems than a typical therapist",
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
        text_above="reasonable match on both style and problems",
        text_below="weak match on style, on problems, or on both",
    ),
)
