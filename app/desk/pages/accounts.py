"""The accounts of the desk, for administrators: add, disable, reset, end sessions, and see which pages were opened."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from attune_fit.app.desk.exports import ExportFormat, export
from attune_fit.app.desk.forms.posted_form import PostedForm, build_form_errors, parse_number, read_field
from attune_fit.app.desk.rendering import render
from attune_fit.app.desk.visit import CurrentVisit, Visit
from attune_fit.data.faults import DataFault

router = APIRouter()
FIELDS = {name: name for name in ("name", "role", "therapist")}
MOST_ROWS = 200  # of the audit on one page
OUTCOMES = {  # of a status of HTTP, and of none: the desk ended before it answered
    200: "shown", 303: "done", 403: "refused: role", 404: "no such page", 409: "changed by someone else",
    422: "not accepted", 500: "error of Attune", 503: "database not available", None: "not known",
}  # fmt: skip
Change = Literal["disable", "enable", "reset", "end-sessions"]


@router.get("/accounts")
def show_accounts(visit: CurrentVisit, format: ExportFormat | None = None) -> Response:
    """Show the accounts and a form for a new one."""
    listed = visit.workspace.accounts()
    return export(listed, format) or _render_accounts(visit)


@router.post("/accounts")
def add_account(visit: CurrentVisit, form: PostedForm) -> Response:
    """Add an account, and show its one-time link once."""
    typed = {name: read_field(form, name) for name in FIELDS}
    try:
        added = visit.workspace.add_account(typed["name"], typed["role"], typed["therapist"] or None)
    except DataFault as fault:
        return _render_accounts(visit, typed=typed, fault=fault, status=422)
    return _render_link(visit, added.result)


@router.post("/accounts/{name}/{change}")
def change_account(visit: CurrentVisit, name: str, change: Change, form: PostedForm) -> Response:
    """Disable, enable or reset an account, or end its sessions."""
    workspace = visit.workspace
    version = parse_number(read_field(form, "version"))
    try:
        if change == "reset":
            return _render_link(visit, workspace.reset_account(name, version=version).result)
        if change == "end-sessions":
            workspace.revoke_sessions(name)
        else:
            (workspace.disable_account if change == "disable" else workspace.enable_account)(name, version=version)
    except DataFault as fault:
        return _render_accounts(visit, fault=fault, status=409)
    return RedirectResponse("/accounts", status_code=303)


@router.get("/accounts/audit")
def show_audit(
    visit: CurrentVisit, account: str = "", client: str = "", format: ExportFormat | None = None
) -> Response:
    """Show which account opened or changed which page, the latest first."""
    rows = visit.workspace.page_audit(last=MOST_ROWS, name=account.strip() or None, client=client.strip() or None)
    shown = {"rows": rows.result, "name": account, "client": client, "most": MOST_ROWS, "outcomes": OUTCOMES}
    return export(rows, format) or render(visit, "page_audit.html", **shown)


def _render_accounts(
    visit: Visit, *, typed: dict[str, str] | None = None, fault: DataFault | None = None, status: int = 200
) -> Response:
    workspace = visit.workspace
    n_sessions: dict[str, int] = {}
    for one in workspace.sessions().result:
        n_sessions[one["account"]] = n_sessions.get(one["account"], 0) + 1
    return render(
        visit, "accounts.html", status=status, accounts=workspace.accounts().result, n_sessions=n_sessions,
        typed=typed or dict.fromkeys(FIELDS, ""), errors=build_form_errors(fault.faults, FIELDS) if fault else [],
    )  # fmt: skip


def _render_link(visit: Visit, made: dict[str, Any]) -> Response:
    """Show a one-time link; it is on no page afterwards, because only its hash is kept."""
    address = f"{str(visit.request.base_url).rstrip('/')}{made['link']}"
    return render(visit, "account_link.html", name=made["name"], link=address)
