"""What differs between the therapist who was chosen and the one who comes first, in a few sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attune_fit.app.desk.wording.code_words import format_signed, format_wish
from attune_fit.app.desk.wording.compared_words import format_column
from attune_fit.app.desk.wording.shortlist_answer import count_met

if TYPE_CHECKING:
    from attune_fit.matching.ranking.ranking_result import Candidate

LEAST_NEARER = 3.0  # points of a style scale by which one therapist is nearer to the client, from which it is named


def list_differences(chosen: Candidate, first: Candidate) -> list[str]:
    """List what differs: wishes met, the estimate, the style, and the times in common; each is a sentence."""
    return [
        *_compare_wishes(chosen, first),
        _compare_estimates(chosen, first),
        *_compare_styles(chosen, first),
        *_compare_times(chosen, first),
    ]


def _compare_wishes(chosen: Candidate, first: Candidate) -> Iterator[str]:
    stated, met, met_first = len(chosen.wishes), count_met(chosen.wishes), count_met(first.wishes)
    if not stated:
        return
    lost = _name_gains(first, chosen)
    won = _name_gains(chosen, first)
    if met == met_first and not lost and not won:
        yield f"The same wishes are met: {met} of {stated}."
        return
    yield (
        f"{met} of {stated} wishes met, instead of {met_first}."
        + (f" No longer met: {', '.join(lost)}." if lost else "")
        + (f" Met instead: {', '.join(won)}." if won else "")
    )


def _name_gains(one: Candidate, other: Candidate) -> list[str]:
    """Return the wishes that one therapist meets and the other does not."""
    return [
        format_wish(wish.attribute, wish.value, wish.strength)
        for wish, others in zip(one.wishes, other.wishes, strict=True)
        if wish.answer == "met" and others.answer != "met"
    ]


def _compare_estimates(chosen: Candidate, first: Candidate) -> str:
    numbers = f"({chosen.score:.2f} instead of {first.score:.2f})"
    if chosen.band == first.band:
        return f"The estimates are too close to separate {numbers}."
    points = abs(chosen.score - first.score)
    return f"The estimate is {'higher' if chosen.score > first.score else 'lower'} by {points:.2f} points {numbers}."


def _compare_styles(chosen: Candidate, first: Candidate) -> Iterator[str]:
    """Yield the style scale on which the distance to the client differs most."""
    nearer = [
        (abs(other.therapist - one.client) - abs(one.therapist - one.client), one, other)
        for one, other in zip(chosen.facts.styles, first.facts.styles, strict=True)
        if one.client is not None and one.therapist is not None and other.therapist is not None
    ]
    if not nearer:
        return
    gain, one, other = max(nearer, key=lambda row: abs(row[0]))
    if abs(gain) < LEAST_NEARER or one.client is None or one.therapist is None or other.therapist is None:
        return
    yield (
        f"{'Nearer to' if gain > 0 else 'Farther from'} the style that the client wants: {format_column(one.name)} "
        f"{format_signed(one.therapist)} instead of {format_signed(other.therapist)}, "
        f"client {format_signed(one.client)}."
    )


def _compare_times(chosen: Candidate, first: Candidate) -> Iterator[str]:
    times, times_first = chosen.facts.slots_in_common, first.facts.slots_in_common
    if times is not None and times_first is not None and len(times) != len(times_first):
        yield f"{len(times)} weekly {'time' if len(times) == 1 else 'times'} in common, instead of {len(times_first)}."
