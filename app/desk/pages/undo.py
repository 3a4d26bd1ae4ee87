"""Undo: one event, or several at once, are taken back."""

from __future__ import annotations

from urllib.parse import unquote

from fastapi import APIRouter
from starlette.responses import Response

from attune_fit.app.desk.forms.posted_form import PostedForm, is_local_address, parse_seen, read_field
from attune_fit.app.desk.recording import redirect
from attune_fit.app.desk.rendering import render
from attune_fit.app.desk.shown.done_events import parse_event_numbers
from attune_fit.app.desk.visit import CurrentVisit, Visit
from attune_fit.data.faults import DataFault

router = APIRouter()
DECISIONS = ("offered", "accepted", "declined", "started", "ended")  # what is undone because people changed their minds


@router.post("/undo")
def take_events_back(visit: CurrentVisit, form: PostedForm) -> Response:
    """Take back the events that a form names, the last one first, all or none; then show its page again."""
    events, back = read_field(form, "events"), read_field(form, "back")
    numbers = parse_event_numbers(events)
    reason = read_field(form, "because") or find_usual_reason(visit, numbers)
    back = back if is_local_address(back) else "/today"
    drafts = [{"event": "undone", "number": number, "because": reason} for number in reversed(numbers)]
    if not drafts:
        return render(visit, "undo_refused.html", status=422, faults=(), events=events, back=back)
    try:
        visit.workspace.record_all(drafts, expected=parse_seen(form), actor=visit.account.name)
    except DataFault as fault:
        if not any(one.id.startswith(("event-", "undo-", "no-event-")) for one in fault.faults):
            raise  # a conflict, or a journal that cannot be used, has a page of its own
        return render(visit, "undo_refused.html", status=422, faults=fault.faults, events=events, back=back)
    return redirect(find_next_page(visit, back), undone=events)


def find_usual_reason(visit: Visit, numbers: list[int]) -> str:
    """Return the code of the usual reason to take these events back: a decision changes, any other entry was wrong."""
    first = min(numbers, default=visit.seen + 1)
    rows = visit.workspace.journal(last=max(1, visit.seen - first + 1)).result.rows
    types = {row.event.type for row in rows if row.event.number in numbers}
    return "decision-changed" if types & set(DECISIONS) else "wrong-entry"


def find_next_page(visit: Visit, back: str) -> str:
    """Return the page to show again; Today where it is about a client whose addition was taken back."""
    _, _, path = back.partition("/clients/")
    client_id = unquote(path.partition("?")[0].partition("/")[0])
    if not back.startswith("/clients/") or client_id == "new":
        return back
    return back if visit.workspace.find_clients(client_id, most=1).result.exact == client_id else "/today"
