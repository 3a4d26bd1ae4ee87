"""A therapist leaves: where each client can go, as a preview; then all moves are recorded at once, with a report."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query
from starlette.responses import Response

from attune_fit.app.desk.exports import ExportFormat, export
from attune_fit.app.desk.forms.posted_form import PostedForm, list_texts, parse_seen, read_field
from attune_fit.app.desk.recording import redirect
from attune_fit.app.desk.rendering import render
from attune_fit.app.desk.shown.done_events import parse_event_numbers
from attune_fit.app.desk.visit import CurrentVisit, Visit
from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.journal.database.journal_conflict import JournalConflict

router = APIRouter()


@router.get("/roster/{therapist_id:id}/leaving")
def show_leaving(
    visit: CurrentVisit,
    therapist_id: str,
    also: Annotated[list[str], Query()] = [],  # noqa: B006  (FastAPI only reads it)
    done: str = "",
    format: ExportFormat | None = None,
) -> Response:
    """Show where each client of the therapist can go; after the moves, the report of what was recorded."""
    result = visit.workspace.plan_leave(therapist_id, also=also)
    return export(result, format) or _render(visit, result.result, also, report=_list_recorded(visit, done))


@router.post("/roster/{therapist_id:id}/leaving")
def record_leaving(visit: CurrentVisit, therapist_id: str, form: PostedForm) -> Response:
    """Record all events of the plan that the coordinator saw, or none: the plan must still be the same."""
    also = list_texts(form, "also")
    plan = visit.workspace.plan_leave(therapist_id, also=also).result
    if compute_plan_digest(plan.events) != read_field(form, "plan"):
        return _render(visit, plan, also, is_changed=True, status=409)
    try:
        recorded = visit.workspace.record_all(plan.events, expected=parse_seen(form), actor=visit.account.name)
    except JournalConflict:
        plan = visit.workspace.plan_leave(therapist_id, also=also).result
        return _render(visit, plan, also, is_changed=True, status=409)
    except DataFault as fault:
        return _render(visit, plan, also, faults=fault.faults, status=422)
    numbers = [one.row.event.number for one in recorded.result]
    return redirect(f"/roster/{quote(therapist_id, safe='')}/leaving", *numbers)


def compute_plan_digest(events: Any) -> str:
    """Return a digest of the drafts of a plan: the same for the same events in the same order."""
    return hashlib.sha256(json.dumps([dict(one) for one in events], sort_keys=True).encode()).hexdigest()[:16]


def _list_recorded(visit: Visit, done: str) -> list[Any]:
    """Return the events that were just recorded, without those undone since."""
    numbers = parse_event_numbers(done)
    if not numbers or numbers[0] > visit.seen:
        return []
    rows = visit.workspace.journal(last=visit.seen - numbers[0] + 1).result.rows
    return [row for row in rows if row.event.number in numbers and row.undone_by is None]


def _render(
    visit: Visit,
    plan: Any,
    also: list[str],
    *,
    report: list[Any] | None = None,
    faults: tuple[Fault, ...] = (),
    is_changed: bool = False,
    status: int = 200,
) -> Response:
    return render(
        visit, "leaving.html", status=status, plan=plan, also=also, report=report or [], faults=faults,
        is_changed=is_changed, digest=compute_plan_digest(plan.events),
        n_placed=sum(move.therapist_id is not None for move in plan.moves),
        query=urlencode([("also", one) for one in also]),
    )  # fmt: skip
