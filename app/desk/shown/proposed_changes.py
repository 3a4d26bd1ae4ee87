"""Changes that would add therapists for a client, as a page offers them: a request, who joins, a yes by one click."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from attune_fit.app.desk.forms.posted_form import parse_json
from attune_fit.app.desk.wording.code_words import (
    format_code,
    format_first_capital,
    format_slots,
    format_wish,
    join_words,
)
from attune_fit.data.faults import DataFault, Fault

if TYPE_CHECKING:
    from attune_fit.matching.relaxation.relax import MissingField, RelaxationOption
    from attune_fit.workspace import Workspace

Draft = Mapping[str, Any]

MOST_NAMED = 8  # therapists named for one change; the others are counted
MOST_ANSWERS = 3  # therapists, or codes, with a button of their own for one change
INTAKE = "intake"  # the change that asks the client for a cell; its codes are columns
APPLICABLE = frozenset({"client_changed", "wish_set", "wish_withdrawn", "opening_set", "roster_checked"})


@dataclass(frozen=True)
class ProposalAnswer:
    """A yes that can be recorded with one click.

    Attributes
    ----------
    label : str
        Who agreed to what, such as ``t03 agreed``.
    events : str
        The events as JSON, for a hidden field of the form.
    """

    label: str
    events: str


@dataclass(frozen=True)
class Proposal:
    """One change, or several together, that would add therapists.

    Attributes
    ----------
    request : str
        What to ask, of whom; a sentence without a full stop.
    added : str
        Who joins the list.
    gain : str
        The estimate with the best of them, compared with the highest now.
    costs : tuple of str
        Wishes that this therapist does not meet and the first candidate meets.
    answers : tuple of ProposalAnswer
        Empty where more has to be known first: then the roster row is where it is entered.
    fields : tuple of str
        Columns of the client that the client has to be asked for.
    roster_rows : tuple of str
        Ids of the therapists whose roster row has to be completed, where there is no answer to click.
    """

    request: str
    added: str
    gain: str
    costs: tuple[str, ...]
    answers: tuple[ProposalAnswer, ...]
    fields: tuple[str, ...]
    roster_rows: tuple[str, ...]


@dataclass(frozen=True)
class Proposals:
    """The changes that would help a client.

    Attributes
    ----------
    rows : tuple of Proposal
        Least effort first.
    found : int
        Number of possible changes; a row can be several of them.
    unreached : int
        Therapists whom no change adds.
    held : tuple of str
        Therapists who are full only because of an offer, each with the offer.
    together : int
        Largest number of changes that were tried together.
    missing : tuple of MissingField
        Cells of the client without which therapists cannot be checked, the one with most therapists first.
    """

    rows: tuple[Proposal, ...]
    found: int
    unreached: int
    held: tuple[str, ...]
    together: int
    missing: tuple[MissingField, ...]


def list_proposals(workspace: Workspace, client_id: str) -> Proposals:
    """List the changes that would add therapists for a client; raises as ``Workspace.relax``."""
    one = workspace.relax(client_id).result
    rows = tuple(_describe_option(option) for option in one.ways)
    return Proposals(rows, one.found, one.unreached, tuple(one.held_openings), one.together, tuple(one.missing_fields))


def parse_drafts(text: str) -> list[Draft]:
    """Return the drafts of events that a form sends back.

    Raises
    ------
    DataFault
        If the text is not a list of events that a proposed change can have.
    """
    drafts = parse_json(text)
    if not isinstance(drafts, list) or not drafts or not all(_is_applicable(draft) for draft in drafts):
        message, fix = "the form does not name a change that can be applied", "Open the shortlist again, and choose."
        raise DataFault([Fault.error("proposal-unreadable", "journal", "", message, fix=fix)])
    return drafts


def _is_applicable(draft: object) -> bool:
    names_of_form = {"actor", "expected"}
    if not isinstance(draft, dict) or not isinstance(draft.get("event"), str):
        return False
    return draft["event"] in APPLICABLE and not names_of_form & set(draft)


def _describe_option(option: RelaxationOption) -> Proposal:
    answers = tuple(_list_answers(option))
    is_asked = any(step.side == "therapist" for step in option.steps)
    return Proposal(
        _join_requests([step.request for step in option.steps]),
        _describe_added(option),
        _describe_gain(option),
        tuple(format_wish(one.attribute, one.value, one.strength) for one in option.gain.costs),
        answers,
        tuple(column for step in option.steps if step.relaxation == INTAKE for column in step.codes),
        option.only_together[:MOST_ANSWERS] if is_asked and not answers else (),
    )


def _list_answers(option: RelaxationOption) -> Iterator[ProposalAnswer]:
    """Yield a yes for each therapist and each code that could be the answer, the first of them before the others."""
    best, steps = option.gain.therapist_id, option.steps
    if option.events is None:
        return
    sides = [step.side for step in steps]
    who = [best] if "therapist" in sides else []
    who += ["the client"] if "client" in sides else []
    chosen = [step.codes[0] for step in steps if len(step.codes) > 1]
    yield _build_answer(join_words(who), option.events, chosen)
    if len(steps) > 1:
        return
    others = [one for one in option.only_together if one != best and one in steps[0].events]
    for therapist in others[: MOST_ANSWERS - 1]:
        yield _build_answer(therapist, [steps[0].events[therapist]], chosen)
    for code in steps[0].codes[1:MOST_ANSWERS] if not others else ():
        if event := _replace_code(option.events[0], steps[0].codes[0], code):
            yield _build_answer(join_words(who), [event], [code])


def _build_answer(who: str, events: Sequence[Draft], codes: Sequence[str]) -> ProposalAnswer:
    """Build the answer of a button; the codes are named where another one is possible."""
    named = f": {', '.join(format_code(code) for code in codes)}" if codes else ""
    return ProposalAnswer(
        f"{format_first_capital(who) if who == 'the client' else who} agreed{named}", json.dumps(list(events))
    )


def _replace_code(event: Draft, first: str, code: str) -> Draft | None:
    """Return an event with another code in place of the last one of a cell; None where no cell ends with it."""
    cells = {name: cell for name, cell in event.get("cells", {}).items() if str(cell).split("|")[-1] == first}
    if len(cells) != 1:
        return None
    ((name, cell),) = cells.items()
    return {**event, "cells": {**event["cells"], name: "|".join([*cell.split("|")[:-1], code])}}


def _join_requests(requests: list[str]) -> str:
    first, *others = requests
    return format_slots(" and ".join([first, *(one[:1].lower() + one[1:] for one in others)]))


def _describe_added(option: RelaxationOption) -> str:
    if option.each and len(option.only_together) > 1:
        return "each yes adds one therapist"
    named = option.only_together[:MOST_NAMED]
    more = len(option.only_together) - len(named)
    names = f"{', '.join(named)} and {more:,} more" if more else join_words(named)
    is_intake = any(step.relaxation == INTAKE for step in option.steps)  # the question is not one of yes or no
    condition = ", if the answer allows it" if is_intake else ", if the answer is yes"
    return f"adds {names}{'' if option.certain else condition}"


def _describe_gain(option: RelaxationOption) -> str:
    gain = option.gain
    if gain.points is None:
        return f"Estimate of {gain.therapist_id}: {gain.score:.2f}."
    size, direction = f"{abs(gain.points):.2f}", "higher" if gain.points > 0 else "lower"
    change = f"about the same as {gain.against}" if size == "0.00" else f"{size} {direction} than {gain.against}"
    return f"Estimate of {gain.therapist_id}: {gain.score:.2f}, {change}."
