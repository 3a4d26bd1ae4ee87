"""A weak score that was just recorded, of a pair that the follow-up does not list: why it is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attune_fit.app.desk.security.own_clients import list_own_clients
from attune_fit.app.desk.shown.done_events import parse_event_numbers
from attune_fit.app.desk.visit import Visit

if TYPE_CHECKING:
    from attune_fit.matching.follow_up.follow_up import FollowUpPair, FollowUpReport


def explain_unlisted_score(visit: Visit, report: FollowUpReport) -> str:
    """Return why the pair of the score that the address names is on no list; empty where it is listed or not weak.

    A clinician learns it of own clients only.
    """
    row = _find_score(visit)
    own = list_own_clients(visit)
    if row is None or (own is not None and row["client_id"] not in own):
        return ""
    listed = {(pair.client_id, pair.therapist_id) for pair in report.pairs}
    pairs = visit.workspace.follow_up(client=row["client_id"]).result.pairs
    weak = [pair for pair in pairs if pair.therapist_id == row["therapist_id"] and "weak" in pair.flags]
    recent = visit.workspace.clinic.config.follow_up.recent
    return "".join(
        _explain_pair(pair, report, recent) for pair in weak if (pair.client_id, pair.therapist_id) not in listed
    )


def _find_score(visit: Visit) -> dict[str, Any] | None:
    """Return the recorded score that the address names; None for another event, and for a score that was undone."""
    numbers = parse_event_numbers(visit.request.query_params.get("done", ""))
    if len(numbers) != 1:
        return None
    rows = visit.workspace.journal(last=max(1, visit.seen - numbers[0] + 1)).to_dict()["events"]
    found = (row for row in rows if row["number"] == numbers[0] and row["type"] == "score_recorded")
    return next((row for row in found if not row["undone_by"]), None)


def _explain_pair(pair: FollowUpPair, report: FollowUpReport, recent: int) -> str:
    cutoff = next((rule.points for rule in report.rules if rule.instrument == pair.instrument), None)
    limit = "" if cutoff is None else f" ({cutoff:.2f} or lower)"
    is_old = pair.days is not None and pair.days > recent
    why = f"it started {pair.days} days ago" if is_old else "the client met another therapist later"
    only = f" The list has pairs of the last {recent} days." if is_old else ""
    return (
        f"{pair.client_id} with {pair.therapist_id}: the early score of {pair.score:.2f} is weak{limit}. "
        f"The pair is not on this list, because {why}.{only}"
    )
