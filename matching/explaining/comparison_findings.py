"""What differs between therapists that are compared, as sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attune_fit.matching.eligibility.rules import find_short_text

if TYPE_CHECKING:
    from attune_fit.matching.explaining.side_by_side import ComparedTherapist


def describe_findings(therapists: Sequence[ComparedTherapist], highest: ComparedTherapist) -> tuple[str, ...]:
    """Describe who meets most wishes, whose estimate is highest and by how much, and who is excluded.

    Parameters
    ----------
    therapists : sequence of ComparedTherapist
        Two or more.
    highest : ComparedTherapist
        The one with the highest estimate.
    """
    excluded = [one for one in therapists if one.rules]
    return (*_describe_wishes(therapists), _describe_estimates(therapists, highest), *map(_describe_rules, excluded))


def _describe_wishes(therapists: Sequence[ComparedTherapist]) -> tuple[str, ...]:
    """Return who meets most wishes; nothing where the client states none."""
    n_stated, most = therapists[0].wishes_stated, max(one.wishes_met for one in therapists)
    if not n_stated:
        return ()
    wishes = "the client's wish" if n_stated == 1 else f"{most} of the client's {n_stated} wishes"
    if not most:
        return (f"None of them is known to meet {'the' if n_stated == 1 else 'a'} wish of the client.",)
    first = [one.therapist_id for one in therapists if one.wishes_met == most]
    if len(first) == len(therapists):
        return (f"Each of them meets {wishes}.",)
    only = f"{' and '.join(first)} {'meets' if len(first) == 1 else 'meet'} {wishes}"
    others = "the other" if len(therapists) - len(first) == 1 else "the others"
    does = "does" if others == "the other" else "do"
    return (f"{only}, {f'and {others} {does} not' if n_stated == 1 else f'more than {others}'}.",)


def _describe_estimates(therapists: Sequence[ComparedTherapist], highest: ComparedTherapist) -> str:
    """Return whose estimate is highest, and how probable it is that this therapist is better than each other one."""
    others = [f"{one.therapist_id} with probability {one.better:.2f}" for one in therapists if one.better is not None]
    return f"{highest.therapist_id} has the highest estimate ({highest.score:.2f}): better than {' and '.join(others)}."


def _describe_rules(one: ComparedTherapist) -> str:
    """Return which rules exclude a therapist."""
    return f"{one.therapist_id} is ruled out: {', '.join(list_short_texts(one))}."


def list_short_texts(one: ComparedTherapist) -> tuple[str, ...]:
    """List the rules that exclude a therapist, each in two or three words."""
    return tuple(find_short_text(reason.rule, is_unknown=reason.unknown) for reason in one.rules)
