"""What the client asked for, by strength and by kind.

A must and a never are rules of :mod:`rules`; they stand here too because pairs that met before a rule was
kept, and therapists who may or may not meet it, carry it. Where a client states no wish nothing is unmet: a share then
has its typical value and a count is 0, so that not asking says nothing about any therapist.

Background, faith, gender, age and affirming practice count here and nowhere else: what a client does not bring up
sorts nobody (:mod:`excluded_inputs`).
"""

from __future__ import annotations

from functools import partial

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.features.feature import ANY_COLUMN, PREFERENCES_TABLE, Feature
from attune_fit.features.pairs import Pairs

MET_SHARE_NORM = (
    0.5,
    0.4,
)  # share: a wish for one of two or three codes is met about every second time, two or three at once


def compute_share_met(pairs: Pairs) -> Floats:
    """Share of the answerable ``prefer`` wishes that the therapist meets, 0-1.

    The typical share where the client has no such wish; NaN where no answer is known.
    """
    met, unmet, unknown = _count_answers(pairs, "prefer")
    known = met + unmet
    share = np.where(known > 0, met / np.maximum(known, 1), np.nan)
    return np.where(known + unknown == 0, MET_SHARE_NORM[0], share)


def count_unmet(pairs: Pairs) -> Floats:
    """How many ``prefer`` wishes the therapist is known not to meet; NaN where no answer is known."""
    met, unmet, unknown = _count_answers(pairs, "prefer")
    return _mask_unanswered(unmet, met + unmet, unknown)


def count_avoided(pairs: Pairs) -> Floats:
    """How many things the client wants to avoid the therapist is known to have; NaN where no answer is known."""
    met, unmet, unknown = _count_answers(pairs, "avoid")
    return _mask_unanswered(met, met + unmet, unknown)


def count_broken_musts(pairs: Pairs) -> Floats:
    """How many ``must`` and ``never`` wishes are known to be broken; NaN where no answer is known."""
    met, unmet, unknown = _count_answers(pairs, "must")
    hit, missed, unclear = _count_answers(pairs, "never")
    return _mask_unanswered(unmet + hit, met + unmet + hit + missed, unknown + unclear)


def count_unanswered_musts(pairs: Pairs) -> Floats:
    """How many ``must`` and ``never`` wishes the therapist's row does not answer; always known."""
    return pairs.count_wishes("must", "unknown") + pairs.count_wishes("never", "unknown")


def compute_wish_balance(pairs: Pairs, attribute: str) -> Floats:
    """Wishes of one kind met less those unmet, over those answered: -1 to 1.

    Counts ``prefer`` and, turned round, ``avoid``. 0 where the client has no such wish; NaN where no answer is known.
    """
    met, unmet, unknown = _count_answers(pairs, "prefer", attribute)
    hit, missed, unclear = _count_answers(pairs, "avoid", attribute)
    known = met + unmet + hit + missed
    share = (met + missed - unmet - hit) / np.maximum(known, 1)
    return _mask_unanswered(share, known, unknown + unclear)


def _count_answers(pairs: Pairs, strength: str, attribute: str | None = None) -> tuple[Floats, Floats, Floats]:
    """How many wishes are met, unmet, unknown."""
    return (
        pairs.count_wishes(strength, "met", attribute),
        pairs.count_wishes(strength, "unmet", attribute),
        pairs.count_wishes(strength, "unknown", attribute),
    )


def _mask_unanswered(value: Floats, known: Floats, unknown: Floats) -> Floats:
    """NaN where there are wishes and none can be answered."""
    return np.where((known == 0) & (unknown > 0), np.nan, value)


def _kind_row(name: str, attribute: str, what: str) -> Feature:
    """The row of the wishes for one column of the therapists."""
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
        text_above=f"meets the client's wish for {what}",
        text_below=f"does not meet the client's wish for {what}",
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
        text_above="meets most of what the client prefers",
        text_below="meets less than half of what the client prefers",
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
        text_below="leaves no preference unmet, as far as is known",
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
        text_below="has nothing the client prefers to avoid, as far as is known",
    ),
    Feature(
        "musts_broken",
        "wishes",
        "pair",
        (PREFERENCES_TABLE,),
        (ANY_COLUMN,),
        count_broken_musts,
        "-",
        center=0.1,  # few clients have one, and the rules keep most broken ones apart
        scale=0.3,
        text_above="breaks something the client requires or rules out",
        text_below="breaks nothing the client requires or rules out, as far as is known",
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
        text_above="may or may not have what the client requires or rules out: the roster does not say",
    ),
    _kind_row("gender_wish", "gender", "the therapist's gender"),
    _kind_row("background_wish", "race_ethnicity", "the therapist's background"),
    _kind_row("faith_wish", "religion", "the therapist's faith"),
    _kind_row("age_wish", "age", "the therapist's age"),
    _kind_row("affirming_wish", "lgbtq_affirming", "affirming practice"),
    _kind_row("approach_wish", "orientations", "an approach"),
)
