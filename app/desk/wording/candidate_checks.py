"""What to check before a therapist is offered: facts of the pair as short sentences, the most urgent first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from attune_fit.app.desk.wording.code_words import (
    STYLE_ENDS,
    format_code,
    format_codes,
    format_first_capital,
    format_signed,
    format_wish,
)

if TYPE_CHECKING:
    from attune_fit.matching.ranking.candidate_facts import CandidateFacts
    from attune_fit.matching.ranking.ranking_result import Candidate

MOST_TIMES = 4  # weekly times that a row names; the others are counted
LEAST_CONTRAST = 4.0  # C-NIP points of both style answers, of different sign, from which the page names them
OLD_SHARE = 0.5  # of the days after which a roster row is out of date, from which the page names its age


def list_checks(candidate: Candidate, client_formats: Sequence[str] = (), without: Collection[str] = ()) -> list[str]:
    """List what to check before this therapist is offered, without full stops.

    Parameters
    ----------
    candidate : Candidate
        Its facts are looked at, so ask only for candidates that are shown.
    client_formats : sequence of str
        Formats that the client accepts: where there are several, the only one in common is named.
    without : collection of str
        Texts of rules that are named elsewhere, because they are true of every candidate.

    Returns
    -------
    list of str
        A caution, what is not known, a contrast of styles, what both have in common, and a roster row that is old.
    """
    facts = candidate.facts
    listed = [
        *_list_caution(candidate),
        *_list_unknown_wishes(candidate),
        *(format_first_capital(text) for text in list_unchecked(facts)),
        *_list_style_contrasts(facts),
        *_list_common_ground(facts, client_formats),
        *_list_row_age(facts),
    ]
    left_out = {format_first_capital(text) for text in without}
    return [text for text in dict.fromkeys(listed) if text not in left_out]


def list_unchecked(facts: CandidateFacts) -> list[str]:
    """List the rules that could not be checked for this pair, without those of which a whole column is empty."""
    return [rule.text for rule in facts.unchecked_rules if not rule.is_column_empty]


def list_unchecked_of_all(candidates: Sequence[Candidate]) -> list[str]:
    """List the rules that could be checked for none of several candidates: a cell of the client is not known."""
    if len(candidates) < 2:
        return []
    texts = [list_unchecked(one.facts) for one in candidates]
    return [text for text in texts[0] if all(text in others for others in texts)]


def format_times(slots: Sequence[str]) -> str:
    """Return the weekly times in common, at most :data:`MOST_TIMES` by name.

    >>> format_times(["mon-am"]), format_times(["mon-am", "tue-pm"])
    ('only Mon am', 'Mon am, Tue pm')
    """
    times = format_codes(slots, most=MOST_TIMES)
    return f"only {times}" if len(slots) == 1 else times


def _list_caution(candidate: Candidate) -> Iterator[str]:
    """Yield the caution, without one about a wish: the badges show those."""
    if candidate.caution is not None and not any(one.client_field == "preferences" for one in candidate.caution.fields):
        yield str(asdict(candidate.caution)["says"]).removesuffix(".")


def _list_unknown_wishes(candidate: Candidate) -> Iterator[str]:
    """Yield the wishes that the therapist's row cannot answer, in one text."""
    unknown = [format_wish(one.attribute, one.value, one.strength) for one in candidate.wishes
               if one.answer == "unknown"]  # fmt: skip
    if unknown:
        yield f"Not known of this therapist: {', '.join(unknown)}"


def _list_style_contrasts(facts: CandidateFacts) -> Iterator[str]:
    """Yield the widest contrast between the style that the client wants and the one that the therapist describes."""
    contrasts = [
        (min(abs(one.client), abs(one.therapist)), one.name, one.client, one.therapist)
        for one in facts.styles
        if one.client is not None and one.therapist is not None and one.client * one.therapist < 0
    ]
    least, name, client, therapist = max(contrasts, default=(0.0, "", 0.0, 0.0))
    if least < LEAST_CONTRAST:
        return
    wanted, described = STYLE_ENDS.get(name, (format_code(name), f"less {format_code(name)}"))[
        :: 1 if client > 0 else -1
    ]
    yield (
        f"Style: client wants {wanted} ({format_signed(client)}), therapist describes {described} "
        f"({format_signed(therapist)})"
    )


def _list_common_ground(facts: CandidateFacts, client_formats: Sequence[str]) -> Iterator[str]:
    """Yield the only format in common, where the client accepts several, and the weekly times."""
    if facts.formats_in_common is not None and len(facts.formats_in_common) == 1 < len(client_formats):
        yield f"{format_first_capital(format_code(facts.formats_in_common[0]))} only"
    if facts.slots_in_common:
        yield f"Times in common: {format_times(facts.slots_in_common)}"


def _list_row_age(facts: CandidateFacts) -> Iterator[str]:
    """Yield the age of the roster row where it is old or not known."""
    if facts.age_days is None:
        yield "It is not known when the roster row was checked"
    elif facts.age_days > OLD_SHARE * facts.stale_after_days:
        yield f"The roster row was checked {facts.age_days} days ago"
