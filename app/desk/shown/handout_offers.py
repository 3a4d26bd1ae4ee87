"""What a client reads about each therapist on the handout: wishes and facts, no estimate and no place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attune_fit.app.desk.wording.code_words import format_code, format_codes
from attune_fit.person_cells import read_person_cells

if TYPE_CHECKING:
    from attune_fit.matching.ranking.ranking_result import Candidate, WishResult
    from attune_fit.workspace import Workspace

MOST_TIMES = 5  # weekly times that are named
MOST_AREAS = 5  # focus areas that are named


@dataclass(frozen=True)
class HandoutOffer:
    """One therapist on the handout.

    Attributes
    ----------
    therapist_id : str
    wishes : tuple of WishResult
    facts : tuple of (str, str)
        Label and text; what is not known is left out.
    """

    therapist_id: str
    wishes: tuple[WishResult, ...]
    facts: tuple[tuple[str, str], ...]


def describe_offers(workspace: Workspace, candidates: Sequence[Candidate]) -> list[HandoutOffer]:
    """Describe therapists for a client, in the order given."""
    return [_describe_offer(workspace, one) for one in candidates]


def _describe_offer(workspace: Workspace, candidate: Candidate) -> HandoutOffer:
    facts = candidate.facts
    cells = read_person_cells(workspace.clinic, workspace.tables, "therapists", candidate.therapist_id)
    years, languages = cells.get("years_experience"), facts.languages_in_common or ()
    texts = (
        ("Times you share", format_codes(facts.slots_in_common, most=MOST_TIMES, whole=True)),
        ("Sessions", format_codes(facts.formats_in_common, last="or")),
        ("Works with", format_codes(cells.get("specialties"), most=MOST_AREAS)),
        ("Languages", format_codes(languages if len(languages) > 1 else None, last="and")),
        ("In practice", "not known" if years is None else f"{years:g} {'year' if years == 1 else 'years'}"),
    )
    return HandoutOffer(
        candidate.therapist_id, candidate.wishes, tuple(text for text in texts if text[1] != "not known")
    )


def find_shared_reasons(candidates: Sequence[Candidate], payer: str) -> list[str]:
    """Return what is true of every therapist on the sheet, as clauses; a rule that was not checked is no reason.

    Parameters
    ----------
    candidates : sequence of Candidate
    payer : str
        Code of the client's payer; empty where unknown.
    """
    unchecked = {rule.rule for one in candidates for rule in one.facts.unchecked_rules}
    reasons = []
    if candidates and all(one.facts.openings for one in candidates):
        reasons.append("can take new clients")
    if candidates and all(one.facts.slots_in_common for one in candidates):
        reasons.append("can meet you at a time that suits you")
    if payer and "payer" not in unchecked:
        reasons.append(f"can work with your payer ({format_code(payer)})")
    return reasons
