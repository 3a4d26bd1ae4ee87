"""Therapist features: qualities a therapist brings to every client (main effects of the therapist).

They move every client's ranking the same way, so the same few therapists fill up first. Clients' ratings of
therapists and therapists' own attachment are never read.
"""

from __future__ import annotations

from functools import partial

from attune_fit.data.arrays import Floats
from attune_fit.features.attachment_features import COLUMN_NORMS
from attune_fit.features.feature import Feature
from attune_fit.features.pairs import Pairs


def take_therapist_column(pairs: Pairs, column: str) -> Floats:
    """Return the therapist's number in the column's unit; NaN where unknown."""
    return pairs.take_therapist_numbers(column)


ROWS: tuple[Feature, ...] = (
    Feature(
        "interpersonal_skill",
        "therapist",
        "therapist",
        (),
        ("interpersonal_skill",),
        partial(take_therapist_column, column="interpersonal_skill"),
        "+",
        *COLUMN_NORMS["interpersonal_skill"],
        text_above="is rated by observers as more skilled with people than a typical therapist",
        text_below="is rated by observers as less skilled with people than a typical therapist",
    ),
    Feature(
        "years_experience",
        "therapist",
        "therapist",
        (),
        ("years_experience",),
        partial(take_therapist_column, column="years_experience"),
        "free",
        center=12.0,  # years; assumed
        scale=8.5,
        text_above="has more years in practice than a typical therapist",
        text_below="has fewer years in practice than a typical therapist",
    ),
    Feature(
        "therapist_warmth",
        "therapist",
        "therapist",
        (),
        ("warm_support_style",),
        partial(take_therapist_column, column="warm_support_style"),
        "free",
        *COLUMN_NORMS["warm_support_style"],
        text_above="describes a warmer style than a typical therapist",
        text_below="describes a more challenging style than a typical therapist",
    ),
)
