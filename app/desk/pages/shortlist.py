"""The page shortlist: whom to offer first, why, what to check, who is ruled out, and what would add therapists."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query
from starlette.responses import Response

from attune_fit.app.desk.exports import ExportFormat, export
from attune_fit.app.desk.forms.posted_form import PostedForm, parse_seen, read_field
from attune_fit.app.desk.recording import redirect
from attune_fit.app.desk.rendering import render
from attune_fit.app.desk.shown.client_summary import summarize_client
from attune_fit.app.desk.shown.proposed_changes import parse_drafts
from attune_fit.app.desk.shown.shortlist_view import build_shortlist_view, count_places
from attune_fit.app.desk.visit import CurrentVisit, Visit
from attune_fit.data.faults import DataFault

router = APIRouter()


@router.get("/clients/{client_id:id}/shortlist")
def show_shortlist(
    visit: CurrentVisit,
    client_id: str,
    all_: Annotated[bool, Query(alias="all")] = False,
    help_: Annotated[bool, Query(alias="help")] = False,
    format: ExportFormat | None = None,
) -> Response:
    """Show the ranking of a client, and log what was shown."""
    try:
        result = visit.workspace.rank(client_id, log=True, shortlist=count_places(is_whole=all_))
    except DataFault as fault:
        return _show_set_aside(visit, client_id, fault)
    if exported := export(result, format):
        return exported
    client = summarize_client(visit.workspace, client_id)
    values = build_shortlist_view(visit.workspace, client, result, is_whole=all_, with_help=help_)
    return render(visit, "shortlist.html", **values)


@router.post("/clients/{client_id:id}/apply")
def apply_proposal(visit: CurrentVisit, client_id: str, form: PostedForm) -> Response:
    """Record the events of one proposed change, all or none, and rank again."""
    drafts = parse_drafts(read_field(form, "events"))
    recorded = visit.workspace.record_all(drafts, expected=parse_seen(form), actor=visit.account.name)
    numbers = [one.row.event.number for one in recorded.result]
    return redirect(f"/clients/{quote(client_id, safe='')}/shortlist", *numbers)


def _show_set_aside(visit: Visit, client_id: str, fault: DataFault) -> Response:
    """Show why a client is set aside; other faults have a page of their own."""
    faults = [one for one in fault.faults if client_id in one.sets_aside and one.side == "clients"]
    if not faults:
        raise fault
    return render(visit, "shortlist_set_aside.html", client=summarize_client(visit.workspace, client_id), faults=faults)
