"""The roster: openings, freshness and limits by id; one therapist with cells, offers and who fits. No scores."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query
from starlette.datastructures import FormData
from starlette.responses import Response

from attune_fit.app.desk.exports import ExportFormat, export
from attune_fit.app.desk.forms.conflicts import (
    CONFLICT,
    FieldVersions,
    format_opened,
    has_foreign_change,
    read_unchosen,
    render_conflict,
)
from attune_fit.app.desk.forms.posted_form import PostedForm, parse_seen, read_field
from attune_fit.app.desk.forms.roster_form import OPENINGS, RosterForm, read_roster_form
from attune_fit.app.desk.recording import record, redirect
from attune_fit.app.desk.rendering import render
from attune_fit.app.desk.shown.done_events import add_moments
from attune_fit.app.desk.visit import CurrentVisit, Visit
from attune_fit.data.faults import DataFault
from attune_fit.matching.day_lists.roster_list import ROSTER_STATES

router = APIRouter()
ROWS_SHOWN = 50
CLIENTS_SHOWN = 8
EVENTS_SHOWN = 10


@router.get("/roster")
def show_roster(
    visit: CurrentVisit,
    state: str = "",
    edit: str = "",
    rows: Literal["first", "all"] = "first",
    format: ExportFormat | None = None,
) -> Response:
    """Show the therapists by id, one row of them open for editing."""
    result = visit.workspace.roster(state=state or None)
    return export(result, format) or _render_roster(visit, result.result, state, edit, is_whole=rows == "all")


def _render_roster(
    visit: Visit, roster: Any, state: str, edit: str, *, is_whole: bool, typed: RosterForm | None = None
) -> Response:
    form = typed or (RosterForm.from_record(visit.workspace.therapist(edit).result) if edit else None)
    shown = roster.therapists if is_whole or edit else roster.therapists[:ROWS_SHOWN]
    query = urlencode({"state": state}) if state else ""
    return render(
        visit, "roster.html", status=422 if form and form.errors else 200, roster=roster, shown=shown, state=state,
        edit=edit, form=form, states=ROSTER_STATES, query=query, opened=format_opened(form.opened) if form else "",
    )  # fmt: skip


@router.post("/roster/{therapist_id:id}")
def record_check(visit: CurrentVisit, therapist_id: str, form: PostedForm) -> Response:
    """Record that a row was checked today, with its openings and the cells that were changed."""
    saved = RosterForm.from_record(visit.workspace.therapist(therapist_id).result)
    fields = visit.workspace.form_fields("therapists").result if read_field(form, "whole") else ()
    typed = read_roster_form(form, saved, fields)
    if read_unchosen(form) or has_foreign_change(typed.versions):
        return _render_conflict(visit, therapist_id, typed.versions, form)
    if saved.values[OPENINGS] and not typed.values[OPENINGS]:
        return _render_refused(visit, therapist_id, typed.with_missing_openings(), form)
    try:
        number = record(visit, "roster_checked", therapist=therapist_id, seen=parse_seen(form),
                        new_codes="new_codes" in form, **typed.build_values(saved))  # fmt: skip
    except DataFault as fault:
        if any(one.id == CONFLICT for one in fault.faults):
            return _render_conflict(visit, therapist_id, typed.versions, form)
        return _render_refused(visit, therapist_id, typed.with_faults(fault.faults), form)
    return redirect(_find_next_page(form, therapist_id), number)


def _render_refused(visit: Visit, therapist_id: str, refused: RosterForm, form: FormData) -> Response:
    """Return the page on which the form was, with what was typed."""
    if read_field(form, "whole"):
        return _render_therapist(visit, therapist_id, refused)
    state = read_field(form, "state")
    roster = visit.workspace.roster(state=state or None).result
    return _render_roster(visit, roster, state, therapist_id, is_whole=True, typed=refused)


def _find_next_page(form: FormData, therapist_id: str) -> str:
    """Return the roster where the row was open in it, else the therapist's own page."""
    if read_field(form, "whole"):
        return f"/roster/{quote(therapist_id, safe='')}"
    state = read_field(form, "state")
    return f"/roster?{urlencode({'state': state})}" if state else "/roster"


def _render_conflict(visit: Visit, therapist_id: str, versions: list[FieldVersions], form: FormData) -> Response:
    """Return the page of two edits of one row."""
    address = f"/roster/{quote(therapist_id, safe='')}"
    hidden = [(name, read_field(form, name)) for name in ("seen", "whole", "state")]
    return render_conflict(visit, versions, about=therapist_id, action=address, keep=address, therapist=therapist_id,
                           hidden=hidden, unchosen=read_unchosen(form))  # fmt: skip


@router.get("/roster/{therapist_id:id}")
def show_therapist(visit: CurrentVisit, therapist_id: str, format: ExportFormat | None = None) -> Response:
    """Show one therapist: openings, offers, who fits, and the row as a form."""
    result = visit.workspace.therapist(therapist_id)
    return export(result, format) or _render_therapist(visit, therapist_id)


def _render_therapist(visit: Visit, therapist_id: str, typed: RosterForm | None = None) -> Response:
    one = visit.workspace.therapist(therapist_id).result
    form = typed or RosterForm.from_record(one)
    return render(
        visit, "therapist.html", status=422 if form.errors else 200, one=one, row=one.row, form=form,
        sections=form.build_sections(visit.workspace.form_fields("therapists").result),
        fitting=visit.workspace.who_fits(therapist_id, most=CLIENTS_SHOWN).result, openings=OPENINGS,
        history=_list_history(visit, therapist_id),
        opened=format_opened(form.opened),
    )  # fmt: skip


def _list_history(visit: Visit, therapist_id: str) -> list[dict[str, Any]]:
    """Return the last events about a therapist, the latest first, each with its fields in words and its time."""
    rows = visit.workspace.journal(therapist=therapist_id, last=EVENTS_SHOWN).result.rows
    return add_moments(visit, [{**row.to_dict(), "details": row.details} for row in reversed(rows)])


@router.get("/roster/{therapist_id:id}/who-fits")
def show_who_fits(
    visit: CurrentVisit,
    therapist_id: str,
    most: Annotated[int, Query(ge=1, le=1000)] = 20,
    format: ExportFormat | None = None,
) -> Response:
    """Show the waiting clients who have the therapist on their list, by priority, then by wait."""
    result = visit.workspace.who_fits(therapist_id, most=most)
    return export(result, format) or render(visit, "who_fits.html", fitting=result.result, therapist_id=therapist_id)


@router.get("/roster/{therapist_id:id}/print")
def show_therapist_list(visit: CurrentVisit, therapist_id: str) -> Response:
    """Show the list of one therapist to print: offers, clients, and what to do for them."""
    one = visit.workspace.therapist(therapist_id).result
    report = visit.workspace.follow_up(therapist=therapist_id).result
    flags = {pair.client_id: pair for pair in report.pairs}
    return render(visit, "therapist_list.html", one=one, row=one.row, flags=flags, as_of=report.as_of)
