"""Intake features: what predicts a client's alliance with any therapist.

They form the baseline of the score (main effects of the client) and never move a ranking.
"""

from __future__ import annotations

from functools import partial

from attune_fit.data.arrays import Floats
from attune_fit.features.attachment_features import COLUMN_NORMS
from attune_fit.features.feature import PREFERENCES_TABLE, Direction, Feature
from attune_fit.features.pairs import Pairs


def take_client_column(pairs: Pairs, column: str) -> Floats:
    """Return the client's number in the column's unit; NaN where unknown."""
    return pairs.take_client_numbers(column)


def count_stated_wishes(pairs: Pairs) -> Floats:
    """Count the ``prefer`` and ``avoid`` wishes that the client states; 0 for none, never NaN.

    It separates a client with many wishes from a therapist who meets few of them.
    """
    return pairs.count_stated_wishes("prefer") + pairs.count_stated_wishes("avoid")


def _score_row(column: str, direction: Direction, norm: tuple[float, float], more: str, less: str) -> Feature:
    """Build the row of one intake questionnaire."""
    return Feature(
        column,
        "intake",
        "client",
        (column,),
        (),
        partial(take_client_column, column=column),
        direction,
        *norm,
        text_above=f"{more} than a typical client",
        text_below=f"{less} than a typical client",
    )


ROWS: tuple[Feature, ...] = (
    _score_row(
        "attachment_avoidance",
        "-",
        COLUMN_NORMS["attachment_avoidance"],
        "keeps more distance in relationships",
        "keeps less distance in relationships",
    ),
    _score_row(
        "attachment_anxiety",
        "-",
        COLUMN_NORMS["attachment_anxiety"],
        "is more anxious in relationships",
        "is less anxious in relationships",
    ),
    _score_row(
        "interpersonal_problems",
        "-",
        COLUMN_NORMS["interpersonal_problems"],
        "has more trouble with people",
        "has less trouble with people",
    ),
    _score_row(
        "outcome_expectancy",
        "+",
        (0.6, 0.2),  # assumed
        "expects more from therapy",
        "expects less from therapy",
    ),
    _score_row(
        "phq9",
        "free",
        (12.0, 6.0),  # points, typical of outpatients; assumed
        "has more symptoms of depression",
        "has fewer symptoms of depression",
    ),
    _score_row(
        "gad7",
        "free",
        (10.0, 5.5),  # points, typical of outpatients; assumed
        "has more symptoms of anxiety",
        "has fewer symptoms of anxiety",
    ),
    Feature(
        "client_age",
        "intake",
        "client",
        ("age",),
        (),
        partial(take_client_column, column="age"),
        "free",
        center=37.0,  # years; assumed
        scale=14.0,
        text_above="is older than a typical client",
        text_below="is younger than a typical client",
    ),
    Feature(
        "wishes_stated",
        "intake",
        "client",
        (PREFERENCES_TABLE,),
        (),
        count_stated_wishes,
        "free",
        center=1.2,
        scale=1.2,
        text_above="states more wishes than a typical client",
        text_below="states fewer wishes than a typical client",
    ),
)
