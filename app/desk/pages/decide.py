"""The page decide: offer, accept, decline, start and end; each is one event, and can be undone."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from attune_fit.app.desk.forms.posted_form import PostedForm, build_form_errors, parse_number, parse_seen, read_field
from attune_fit.app.desk.recording import record, redirect
from attune_fit.app.desk.rendering import render
from attune_fit.app.desk.shown.client_summary import summarize_client
from attune_fit.app.desk.shown.offer_choice import (
    REASON_LISTS,
    find_choice,
    find_logged_line,
    find_next_step,
    find_open_therapist,
)
from attune_fit.app.desk.visit import CurrentVisit, Visit
from attune_fit.data.faults import DataFault

router = APIRouter()

FIELDS = {name: name for name in ("until", "on", "reason", "by", "override")}  # a fault names the input by its field


@router.get("/clients/{client_id:id}/decide")
def show_decide(visit: CurrentVisit, client_id: str, t: str | None = None) -> Response:
    """Show the next step for a client and a therapist; without a therapist, the one about whom something is open."""
    if t is None:
        open_therapist = find_open_therapist(summarize_client(visit.workspace, client_id))
        target = f"decide?t={quote(open_therapist, safe='')}" if open_therapist else "shortlist"
        return RedirectResponse(f"/clients/{quote(client_id, safe='')}/{target}", status_code=303)
    return _show_pair(visit, client_id, t)


@router.post("/clients/{client_id:id}/offer")
def record_offer(visit: CurrentVisit, client_id: str, form: PostedForm) -> Response:
    """Record an offer with its last day, the place on the list, and why another than the first was chosen."""
    values: dict[str, Any] = {name: text for name in ("until", "override") if (text := read_field(form, name))}
    values |= {name: number for name in ("rank", "band", "line") if (number := parse_number(read_field(form, name)))}
    return _record(visit, client_id, form, "offered", "decide", **values)


@router.post("/clients/{client_id:id}/accept")
def record_acceptance(visit: CurrentVisit, client_id: str, form: PostedForm) -> Response:
    """Record that the client accepted."""
    return _record(visit, client_id, form, "accepted", "decide")


@router.post("/clients/{client_id:id}/decline")
def record_decline(visit: CurrentVisit, client_id: str, form: PostedForm) -> Response:
    """Record who declined, and why; then the shortlist has the next therapist."""
    return _record(visit, client_id, form, "declined", "shortlist", by=read_field(form, "by"),
                   reason=read_field(form, "reason"))  # fmt: skip


@router.post("/clients/{client_id:id}/start")
def record_start(visit: CurrentVisit, client_id: str, form: PostedForm) -> Response:
    """Record the first session."""
    return _record(visit, client_id, form, "started", "decide")


@router.post("/clients/{client_id:id}/end")
def record_end(visit: CurrentVisit, client_id: str, form: PostedForm) -> Response:
    """Record the end of a therapy, and why; then the client can be ranked again."""
    return _record(visit, client_id, form, "ended", "rematch", reason=read_field(form, "reason"))


def _record(visit: Visit, client_id: str, form: FormData, event: str, then: str, **values: Any) -> Response:
    """Record one event of the pair; show the form again where it cannot be recorded."""
    therapist_id = read_field(form, "t")
    if on := read_field(form, "on"):
        values["on"] = on
    try:
        number = record(visit, event, seen=parse_seen(form), client=client_id, therapist=therapist_id, **values)
    except DataFault as fault:
        if fault.faults[0].id == "changed-by-someone-else":
            raise
        return _show_pair(visit, client_id, therapist_id, form, fault)
    query = {"t": therapist_id} if then == "decide" else {}
    return redirect(f"/clients/{quote(client_id, safe='')}/{then}", number, **query)


def _show_pair(
    visit: Visit, client_id: str, therapist_id: str, form: FormData | None = None, fault: DataFault | None = None
) -> Response:
    """Show the next step of a pair, with the errors of the form that was refused."""
    workspace = visit.workspace
    client = summarize_client(workspace, client_id)
    step = find_next_step(client, therapist_id)
    ranking = _rank(visit, client_id, is_needed=step == "offer")
    today = workspace.tables.as_of
    last_day = today + dt.timedelta(days=workspace.clinic.config.journal.offer_days)
    kept = {name: read_field(form, name) for name in FIELDS} if form is not None else {}
    return render(
        visit, "decide.html", status=200 if fault is None else 422, client=client, therapist_id=therapist_id,
        step=step, choice=find_choice(ranking, client, therapist_id), today=today.isoformat(),
        last_day=last_day.isoformat(), kept=kept,
        line=find_logged_line(workspace, client_id) if step == "offer" else None,
        expired=[one for one in client.expired if one.therapist_id == therapist_id],
        errors=build_form_errors(fault.faults, FIELDS) if fault is not None else [],
        reasons=REASON_LISTS,
        events=workspace.journal(client=client_id, last=8).to_dict()["events"],
    )  # fmt: skip


def _rank(visit: Visit, client_id: str, *, is_needed: bool) -> Any:
    """Rank for a client. Where no place is needed, an answer can be recorded without a ranking, which gives None."""
    try:
        return visit.workspace.rank(client_id).result
    except DataFault:
        if is_needed:
            raise
        return None
