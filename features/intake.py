"""What the client's intake says about alliance with any therapist: the baseline, which never moves a ranking."""

from __future__ import annotations

from functools import partial

from attune_fit.data.arrays import Floats
from attune_fit.features.attachment import COLUMN_NORMS
from attune_fit.features.feature import PREFERENCES_TABLE, Direction, Feature
from attune_fit.features.pairs import Pairs


def take_client_column(pairs: Pairs, column: str) -> Floats:
    """The client's number in its own unit; NaN where unknown."""
    return pairs.take_client_numbers(column)


def count_stated_wishes(pairs: Pairs) -> Floats:
    """How many ``prefer`` and ``avoid`` wishes the client states; always known, 0 for none.

    It keeps a demanding client apart from a therapist who leaves wishes unmet.
    """
    return pairs.count_stated_wishes("prefer") + pairs.count_stated_wishes("avoid")


def _row(column: str, direction: Direction, typical: tuple[float, float], says: str, name: str = "") -> Feature:
    """The row of one intake number."""
    return Feature(
        name or column,
        "intake",
        "client",
        (column,),
        (),
        partial(take_client_column, column=column),
        direction,
        *typical,
        text_above=f"is above most clients in {says}",
        text_below=f"is below most clients in {says}",
    )


ROWS: tuple[Feature, ...] = (
    _row("attachment_avoidance", "-", COLUMN_NORMS["attachment_avoidance"], "attachment avoidance"),
    _row("attachment_anxiety", "-", COLUMN_NORMS["attachment_anxiety"], "attachment anxiety"),
    _row("interpersonal_problems", "-", COLUMN_NORMS["interpersonal_problems"], "interpersonal problems"),
    _row("outcome_expectancy", "+", (0.6, 0.2), "what is expected of therapy"),  # assumed
    _row("phq9", "free", (12.0, 6.0), "depression"),  # points, typical of outpatients; assumed
    _row("gad7", "free", (10.0, 5.5), "anxiety"),  # the same
    _row("age", "free", (37.0, 14.0), "age", name="client_age"),  # years; assumed
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
        text_above="states more wishes than most clients",
        text_below="states fewer wishes than most clients",
    ),
)
