"""The pair of the page that decides: the place on the list, what differs from the first place, what is next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from attune_fit.app.desk.wording.candidate_checks import list_checks
from attune_fit.app.desk.wording.choice_differences import list_differences
from attune_fit.data.journal.events.reason_codes import (
    DECLINE_REASONS,
    END_REASONS,
    OVERRIDE_REASONS,
    SIDES,
    ReasonCode,
)

if TYPE_CHECKING:
    from attune_fit.app.desk.shown.client_summary import ClientSummary
    from attune_fit.matching.ranking.ranking_result import Candidate, ExclusionReason, Ranking
    from attune_fit.workspace import Workspace

NextStep = Literal["offer", "answer", "start", "end"]

REASON_LISTS: dict[
    str, tuple[ReasonCode, ...]
] = {  # of the forms: a choice other than the first place, a decline of each side, any decline, an end
    "override": OVERRIDE_REASONS,
    **{side: tuple(one for one in DECLINE_REASONS if side in one.sides) for side in SIDES},
    "decline": DECLINE_REASONS,
    "end": END_REASONS,
}


@dataclass(frozen=True)
class OfferChoice:
    """One therapist of the ranking of a client, as the coordinator chose.

    Attributes
    ----------
    therapist_id : str
    candidate : Candidate or None
        None where a rule excludes the therapist.
    first : Candidate or None
        The first place; None without a candidate.
    differences : tuple of str
        What differs from the first place; empty for the first place itself.
    checks : tuple of str
        What to check before the offer.
    broken : tuple of ExclusionReason
        Rules that exclude the therapist; empty for a candidate.
    is_on_roster : bool
    """

    therapist_id: str
    candidate: Candidate | None
    first: Candidate | None
    differences: tuple[str, ...]
    checks: tuple[str, ...]
    broken: tuple[ExclusionReason, ...]
    is_on_roster: bool

    @property
    def is_first(self) -> bool:
        """Whether the therapist is the first place."""
        return self.candidate is not None and self.candidate.position == 1


def find_choice(ranking: Ranking | None, client: ClientSummary, therapist_id: str) -> OfferChoice:
    """Find a therapist in a ranking. Only the records of this therapist and of the first place are built.

    Without a ranking, as for a client who is set aside, nothing is known of the place.
    """
    if ranking is None:
        return OfferChoice(therapist_id, None, None, (), (), (), is_on_roster=True)
    ids = ranking.arrays.therapist_ids
    first = ranking.candidates[0] if ids else None
    if therapist_id in ids and first is not None:
        candidate = ranking.candidates[ids.index(therapist_id)]
        differences = () if candidate.position == 1 else tuple(list_differences(candidate, first))
        checks = tuple(list_checks(candidate, client.formats))
        return OfferChoice(therapist_id, candidate, first, differences, checks, (), is_on_roster=True)
    excluded = next((one for one in ranking.excluded if one.therapist_id == therapist_id), None)
    broken = excluded.rules if excluded is not None else ()
    return OfferChoice(therapist_id, None, first, (), (), broken, is_on_roster=excluded is not None)


def find_next_step(client: ClientSummary, therapist_id: str) -> NextStep:
    """Return what comes next for a client and a therapist."""
    offer = client.find_offer(therapist_id)
    if offer is not None:
        return "start" if offer.state == "accepted" else "answer"
    return "end" if therapist_id in client.in_therapy_with else "offer"


def find_open_therapist(client: ClientSummary) -> str | None:
    """Return the therapist about whom something is open: an offer, or a therapy; None without one."""
    if client.offers:
        return client.offers[0].therapist_id
    return client.in_therapy_with[-1] if client.in_therapy_with else None


def find_logged_line(workspace: Workspace, client_id: str) -> int | None:
    """Return the line of the log with the last list that was shown for a client; None without one."""
    rows = workspace.log(client_id=client_id).result
    lines = [row.line for row in rows if row.kind == "ranking" and row.line.isdecimal()]
    return int(lines[-1]) if lines else None
