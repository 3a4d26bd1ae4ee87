"""Wish features: what the client asked for, by strength and by column of the therapist.

``must`` and ``never`` wishes are eligibility rules (:mod:`rules`). They are features too, for two kinds of pairs:
those that met before the clinic applied the rule, and those whose answer is unknown. A client without a wish has no
unmet wish: a share then has its typical value and a count is 0, so no therapist gains or loses.

Wishes are the only features with a wall (``keeps_direction``): an honoured wish never counts against a therapist.

Background, faith, gender, age and affirming practice count here only, as wishes. Without a wish they move no ranking
(:mod:`excluded_inputs`).
"""

from __future__ import annotations

from functools import partial

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.features.feature import ANY_COLUMN, PREFERENCES_TABLE, Feature
from attune_fit.features.pairs import Pairs
from attune_fit.features.wish_answers import AnswerCounts

# Share. A wish for one of two or three codes is met about every second time; a client has two or three wishes.
MET_SHARE_NORM = (0.5, 0.4)


def compute_share_met(pairs: Pairs) -> Floats:
    """Return the share of the ``prefer`` wishes with a known answer that the therapist meets, 0-1.

    The typical share where the client has no such wish; NaN where every answer is unknown.
    """
    met, unmet, unknown = pairs.count_answers("prefer")
    known = met + unmet
    share = np.where(known > 0, met / np.maximum(known, 1), np.nan)
    return np.where(known + unknown == 0, MET_SHARE_NORM[0], share)


def count_unmet(pairs: Pairs) -> Floats:
    """Count the ``prefer`` wishes that the therapist does not meet; NaN where every answer is unknown."""
    met, unmet, unknown = pairs.count_answers("prefer")
    return _mask_unanswered(unmet, met + unmet, unknown)


def count_avoided(pairs: Pairs) -> Floats:
    """Count the ``avoid`` wishes for which the therapist has what is avoided; NaN where every answer is unknown."""
    met, unmet, unknown = pairs.count_answers("avoid")
    return _mask_unanswered(met, met + unmet, unknown)


def count_broken_musts(pairs: Pairs) -> Floats:
    """Count the ``must`` and ``never`` wishes that the therapist breaks; NaN where every answer is unknown."""
    met, unmet, unknown = pairs.count_answers("must")
    present, absent, unclear = pairs.count_answers("never")
    return _mask_unanswered(unmet + present, met + unmet + present + absent, unknown + unclear)


def count_unanswered_musts(pairs: Pairs) -> Floats:
    """Count the ``must`` and ``never`` wishes with an unknown answer; never NaN."""
    n_unknown: Floats = (pairs.count_answers("must")[2] + pairs.count_answers("never")[2]).astype(np.float64)
    return n_unknown


def compute_wish_balance(pairs: Pairs, attribute: str) -> Floats:
    """Return (met - unmet) / known answers, over the wishes about one column of the therapists: -1 to 1.

    Counts ``prefer`` wishes, and ``avoid`` wishes with the sign reversed. 0 where the client has no such wish; NaN
    where every answer is unknown.
    """
    met, unmet, unknown = pairs.count_answers("prefer", attribute)
    present, absent, unclear = pairs.count_answers("avoid", attribute)
    known = met + unmet + present + absent
    balance = (met + absent - unmet - present) / np.maximum(known, 1)
    return _mask_unanswered(balance, known, unknown + unclear)


def _mask_unanswered(value: Floats | AnswerCounts, known: AnswerCounts, unknown: AnswerCounts) -> Floats:
    """Return the value, NaN where there are wishes and every answer is unknown."""
    return np.where((known == 0) & (unknown > 0), np.nan, value)


def _attribute_row(name: str, attribute: str, topic: str) -> Feature:
    """Build the row of the wishes about one column of the therapists."""
    return Feature(
        name,
        "wishes",
        "pair",
        (PREFERENCES_TABLE,),
        (attribute,),
        partial(compute_wish_balance, attribute=attribute),
        "+",
        center=0.0,
        scale=0.5,  # about a quarter of the clients have such a wish, each met or unmet
        text_above=f"meets the client's wish about {topic}",
        text_below=f"does not meet the client's wish about {topic}",
        keeps_direction=True,
    )


ROWS: tuple[Feature, ...] = (
    Feature(
        "wishes_met",
        "wishes",
        "pair",
        (PREFERENCES_TABLE,),
        (ANY_COLUMN,),
        compute_share_met,
        "+",
        *MET_SHARE_NORM,
        text_above="meets more than half of the client's preferences",
        text_below="meets fewer than half of the client's preferences",
        keeps_direction=True,
    ),
    Feature(
        "wishes_unmet",
        "wishes",
        "pair",
        (PREFERENCES_TABLE,),
        (ANY_COLUMN,),
        count_unmet,
        "-",
        center=0.6,  # about one wish a client, half of them unmet
        scale=0.8,
        text_above="leaves at least one preference unmet",
        text_below="meets every preference of the client, as far as the data shows",
        keeps_direction=True,
    ),
    Feature(
        "avoided_met",
        "wishes",
        "pair",
        (PREFERENCES_TABLE,),
        (ANY_COLUMN,),
        count_avoided,
        "-",
        center=0.1,  # few clients name something to avoid
        scale=0.3,
        text_above="has something the client prefers to avoid",
        text_below="has nothing the client prefers to avoid, as far as the data shows",
        keeps_direction=True,
    ),
    Feature(
        "musts_broken",
        "wishes",
        "pair",
        (PREFERENCES_TABLE,),
        (ANY_COLUMN,),
        count_broken_musts,
        "-",
        center=0.1,  # few clients have one, and the rules exclude most pairs that break one
        scale=0.3,
        text_above="breaks a requirement of the client",
        text_below="keeps every requirement of the client, as far as the data shows",
        keeps_direction=True,
    ),
    Feature(
        "musts_open",
        "wishes",
        "pair",
        (PREFERENCES_TABLE,),
        (ANY_COLUMN,),
        count_unanswered_musts,
        "-",
        center=0.1,
        scale=0.3,
        text_above="might break a requirement of the client: the roster has no answer",
        keeps_direction=True,
    ),
    _attribute_row("gender_wish", "gender", "the therapist's gender"),
    _attribute_row("background_wish", "race_ethnicity", "the therapist's background"),
    _attribute_row("faith_wish", "religion", "the therapist's faith"),
    _attribute_row("age_wish", "age", "the therapist's age"),
    _attribute_row("affirming_wish", "lgbtq_affirming", "affirming practice"),
    _attribute_row("approach_wish", "orientations", "the therapist's approach"),
)
