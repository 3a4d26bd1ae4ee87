"""The answer of a shortlist: whom to offer first, and why, in two or three sentences; and what each band means."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from attune_fit.matching.ranking.ranking_result import Candidate, Ranking, WishResult


class BandGroup(NamedTuple):
    """Candidates of one band that are shown together.

    Attributes
    ----------
    number : int
        From 1; band 1 has the highest estimates.
    meaning : str
        How many therapists the band has, how many are shown, and what it means.
    candidates : tuple of Candidate
        Those that are shown, in their order.
    """

    number: int
    meaning: str
    candidates: tuple[Candidate, ...]


def list_band_groups(ranking: Ranking, shown: Sequence[Candidate]) -> list[BandGroup]:
    """List the candidates that are shown in groups, one for each band.

    Parameters
    ----------
    ranking : Ranking
    shown : sequence of Candidate
        The first places of the ranking, in their order.
    """
    return [
        BandGroup(band, describe_band(ranking, band, len(rows)), rows)
        for band, group in groupby(shown, key=lambda one: one.band)
        for rows in [tuple(group)]
    ]


def describe_band(ranking: Ranking, band: int, n_shown: int) -> str:
    """Return the size of a band, how many of it are shown, and what the band means, in a few words."""
    bands = np.asarray(ranking.arrays.band)
    size, is_last = int((bands == band).sum()), bool(band == bands.max())
    count = "1 therapist" if size == 1 else f"{size:,} therapists"
    shown = "" if n_shown == size else f"; {n_shown} shown"
    if size > 1:
        return f"{count}{shown}; their estimates are too close to separate"
    return count if is_last else f"{count}; the estimate is higher than in the bands below"


def describe_first(ranking: Ranking) -> str:
    """Return why the first candidate comes first: wishes met, then what the band means. Needs a candidate."""
    return f"{describe_wishes(ranking.candidates[0].wishes)} {describe_first_band(ranking)}"


def describe_wishes(wishes: Sequence[WishResult]) -> str:
    """Return how many of the wishes a therapist meets, as a sentence.

    >>> describe_wishes([])
    'The client has stated no wishes.'
    """
    met, stated = count_met(wishes), len(wishes)
    if not stated:
        return "The client has stated no wishes."
    if stated == 1:
        return f"This therapist {'meets' if met else 'does not meet'} the one wish."
    if met in (0, stated):
        return f"This therapist meets {'all' if met else 'none'} of the {stated} wishes."
    return f"This therapist meets {met} of {stated} wishes."


def count_met(wishes: Sequence[WishResult]) -> int:
    """Return how many wishes are met; a wish whose answer is not known is not counted."""
    return sum(wish.answer == "met" for wish in wishes)


def describe_first_band(ranking: Ranking) -> str:
    """Return what the first band means for the choice, as a sentence."""
    bands = np.asarray(ranking.arrays.band)
    n_all, n_first = len(bands), int((bands == bands[0]).sum())
    if n_all == 1:
        return "No other therapist is available."
    if n_first == 1:
        return f"The estimate is higher than for the {'other' if n_all == 2 else f'other {n_all - 1}'}."
    who = "both" if n_first == n_all == 2 else f"the first {n_first:,}" if n_first < n_all else f"all {n_all:,}"
    return f"The estimates of {who} are too close to separate: met wishes decide the order, then chance."
