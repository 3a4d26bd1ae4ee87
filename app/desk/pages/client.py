"""The page of a client: a new one, the cells, changes, wishes, and the history with its undo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from fastapi import APIRouter, HTTPException
from starlette.datastructures import FormData
from starlette.responses import Response

from attune_fit.app.desk.exports import ExportFormat, export
from attune_fit.app.desk.forms.client_fields import (
    WishRow,
    build_sections,
    fill_wishes,
    list_excluding,
    list_form_errors,
    list_missing,
    read_wishes,
)
from attune_fit.app.desk.forms.conflicts import (
    CONFLICT,
    FieldVersions,
    compare_versions,
    format_opened,
    has_foreign_change,
    parse_opened,
    read_unchosen,
    render_conflict,
)
from attune_fit.app.desk.forms.form_cells import OTHER_CODE, format_cell, format_label, read_cells
from attune_fit.app.desk.forms.posted_form import FormError, PostedForm, parse_seen, read_field
from attune_fit.app.desk.recording import record, redirect
from attune_fit.app.desk.rendering import render
from attune_fit.app.desk.security.own_clients import check_own_client
from attune_fit.app.desk.shown.client_summary import summarize_record
from attune_fit.app.desk.shown.done_events import add_moments
from attune_fit.app.desk.visit import CurrentVisit, Visit
from attune_fit.app.desk.wording.event_words import list_undo_reasons
from attune_fit.app.desk.wording.fault_texts import PAGE_FIXES
from attune_fit.data.faults import DataFault

router = APIRouter()
NEW_CODE = "event-cell-with-new-code"


@router.get("/clients/new")
def show_new_client(visit: CurrentVisit, id: str = "") -> Response:
    """Show the form of a new client, with the next free id."""
    check_staff(visit)
    form = visit.workspace.client_form().result
    values = {"referred_on": visit.workspace.tables.as_of.isoformat()}
    return render_new_client(visit, id.strip() or form.next_id, values, fill_wishes([]))


@router.post("/clients/new")
def add_client(visit: CurrentVisit, form: PostedForm) -> Response:
    """Record a new client with the wishes; or show the form with one row of wishes more or fewer."""
    check_staff(visit)
    fields = visit.workspace.client_form().result.fields
    client_id, cells, rows = read_field(form, "client_id"), read_cells(form, fields, {}), read_wishes(form)
    if "add" in form:
        return render_new_client(visit, client_id, cells, fill_wishes(rows, len(rows) + 1), form=form)
    if dropped := read_field(form, "drop"):
        kept = [row for row in rows if str(row.place) != dropped]
        return render_new_client(visit, client_id, cells, fill_wishes(kept), form=form)
    stated = [row for row in rows if not row.is_empty]
    new_codes = has_new_codes(form)
    known = {name: text for name, text in cells.items() if text}
    added = {
        "event": "client_added",
        "client": client_id,
        "new_codes": new_codes,
        **({"cells": known} if known else {}),
    }
    drafts = [added, *(row.build_draft(client_id, new_codes=new_codes) for row in stated)]
    try:
        done = visit.workspace.record_all(drafts, expected=parse_seen(form), actor=visit.account.name).result
    except DataFault as fault:
        if is_conflict(fault):
            raise
        places = [0, *(row.place for row in stated)]
        summary, errors, by_row = list_form_errors(fault.faults, fields, places, stated)
        rows = [WishRow(row.place, row.attribute, row.value, row.strength, by_row.get(row.place)) for row in rows]
        return render_new_client(visit, client_id, cells, rows, form=form, summary=summary, errors=errors)
    numbers = [one.row.event.number for one in done]
    address = build_client_address(done[0].row.event.client_id)  # the id as it is kept, such as without double spaces
    return redirect(address if "later" in form else f"{address}/shortlist", *numbers)


def render_new_client(
    visit: Visit,
    client_id: str,
    cells: dict[str, str],
    rows: list[WishRow],
    *,
    form: FormData | None = None,
    summary: Sequence[FormError] = (),
    errors: Mapping[str, str] | None = None,
) -> Response:
    """Return the form of a new client with what was typed."""
    asked = visit.workspace.client_form().result
    sections = build_sections(asked.fields, cells, errors)
    return render(
        visit, "client_new.html", status=422 if summary else 200, client_id=client_id, sections=sections, wishes=rows,
        asked=asked, summary=summary, errors=errors or {}, missing=list_missing(sections), current="/waiting-list",
        excluding=list_excluding(sections),
        format_label=format_label,
        accepts_new=form is not None and has_new_codes(form), asks_new=has_refused_code(summary),
    )  # fmt: skip


@router.get("/clients/{client_id:id}")
def show_client(visit: CurrentVisit, client_id: str, format: ExportFormat | None = None) -> Response:
    """Show the cells of a client, the next action, the wishes, and the history."""
    check_own_client(visit, client_id)
    return export(visit.workspace.client(client_id), format) or render_client(visit, client_id)


@router.post("/clients/{client_id:id}")
def update_client(visit: CurrentVisit, client_id: str, form: PostedForm) -> Response:
    """Record the cells that were changed; or show both versions where someone else changed the client meanwhile."""
    check_staff(visit)
    record_now = visit.workspace.client(client_id).result
    fields = visit.workspace.client_form().result.fields
    saved = {field.name: format_cell(record_now.cells.get(field.name)) for field in fields}
    opened = {**saved, **(parse_opened(form) or {})}
    yours = {**opened, **read_cells(form, fields, opened)}
    labels = {field.name: format_label(field.name) for field in fields}
    versions = compare_versions(opened, saved, yours, labels)
    if read_unchosen(form) or has_foreign_change(versions):
        return render_client_conflict(visit, client_id, versions, form)
    next_page = f"{build_client_address(client_id)}{'/shortlist' if 'rank' in form else ''}"
    changed = {name: text for name, text in yours.items() if name in saved and text != saved[name]}
    if not changed:
        return redirect(next_page) if "rank" in form else redirect(next_page, unchanged=1)
    try:
        number = record(visit, "client_changed", client=client_id, cells=changed, seen=parse_seen(form),
                        new_codes=has_new_codes(form))  # fmt: skip
    except DataFault as fault:
        if is_conflict(fault):
            return render_client_conflict(visit, client_id, versions, form)
        summary, errors, _ = list_form_errors(fault.faults, fields, [0])
        return render_client(visit, client_id, values=yours, opened=opened, form=form, summary=summary, errors=errors)
    return redirect(next_page, number)


def render_client_conflict(visit: Visit, client_id: str, versions: list[FieldVersions], form: FormData) -> Response:
    """Return the page of two edits of one client."""
    address = build_client_address(client_id)
    hidden = [("seen", read_field(form, "seen"))]
    return render_conflict(visit, versions, about=client_id, action=address, keep=address, client=client_id,
                           hidden=hidden, unchosen=read_unchosen(form))  # fmt: skip


@router.post("/clients/{client_id:id}/wishes")
def update_wishes(visit: CurrentVisit, client_id: str, form: PostedForm) -> Response:
    """Record a wish, or withdraw one."""
    check_staff(visit)
    seen, row = parse_seen(form), WishRow.read(form, 1)
    if "withdraw" in form:
        attribute, value = (*read_field(form, "withdraw").split("=", 1), "")[:2]
        number = record(visit, "wish_withdrawn", client=client_id, attribute=attribute, value=value or None, seen=seen)
        return redirect(f"{build_client_address(client_id)}", number)
    try:
        draft = row.build_draft(client_id, new_codes=has_new_codes(form))
        number = record(visit, draft.pop("event"), seen=seen, **draft)
    except DataFault as fault:
        if is_conflict(fault):
            raise
        summary, _, by_row = list_form_errors(fault.faults, (), [1], [row])
        row = WishRow(1, row.attribute, row.value, row.strength, by_row.get(1))
        return render_client(visit, client_id, form=form, summary=summary, wish=row)
    return redirect(build_client_address(client_id), number)


def render_client(
    visit: Visit,
    client_id: str,
    *,
    values: dict[str, str] | None = None,
    opened: dict[str, str] | None = None,
    form: FormData | None = None,
    summary: Sequence[FormError] = (),
    errors: Mapping[str, str] | None = None,
    wish: WishRow | None = None,
) -> Response:
    """Return the page of a client, with what was typed where a form was refused."""
    found = visit.workspace.client(client_id)
    one = found.result
    asked = visit.workspace.client_form().result
    saved = {field.name: format_cell(one.cells.get(field.name)) for field in asked.fields}
    history = [{**row.to_dict(), "details": row.details} for row in reversed(one.events)]
    sections = build_sections(asked.fields, values or saved, errors, one.unreadable)
    return render(
        visit, "client.html", status=422 if summary else 200, client=summarize_record(one),
        record=one, heading=client_id, sections=sections, asked=asked, summary=summary, missing=list_missing(sections),
        excluding=list_excluding(sections),
        opened=format_opened(opened or saved), wish_row=wish or WishRow(1),
        history=add_moments(visit, history), undo_reasons=list_undo_reasons(), set_aside=found.set_aside,
        can_edit=visit.account.role != "clinician", current="/waiting-list", format_label=format_label,
        accepts_new=form is not None and has_new_codes(form), asks_new=has_refused_code(summary),
        is_unchanged="unchanged" in visit.request.query_params,
    )  # fmt: skip


def check_staff(visit: Visit) -> None:
    """Check that the account can record.

    Raises
    ------
    HTTPException
        With status 403 for a clinician.
    """
    if visit.account.role == "clinician":
        raise HTTPException(403, "A clinician can read the page of an own client, and cannot change it.")


def has_new_codes(form: FormData) -> bool:
    """Return whether codes that no one has yet are meant: one was typed as such, or the box is ticked."""
    return "new_codes" in form or bool(read_field(form, OTHER_CODE))


def has_refused_code(summary: Sequence[FormError]) -> bool:
    """Return whether a code was refused only because no one has it yet."""
    return any(PAGE_FIXES[NEW_CODE] in error.message for error in summary)


def is_conflict(fault: DataFault) -> bool:
    """Return whether a later event of someone else is why nothing was recorded."""
    return any(one.id == CONFLICT for one in fault.faults)


def build_client_address(client_id: str) -> str:
    """Return the address of the page of a client."""
    return f"/clients/{quote(client_id, safe='')}"
