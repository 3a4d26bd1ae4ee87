"""The account that is signed in: its password and its sessions."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from attune_fit.app.desk.fault_pages import is_unavailable
from attune_fit.app.desk.forms.posted_form import PostedForm, build_form_errors, read_field
from attune_fit.app.desk.rendering import render
from attune_fit.app.desk.security.desk_accounts import DeskAccounts
from attune_fit.app.desk.security.session_cookie import (
    read_client_address,
    read_secret,
    read_session_key,
    set_session_cookie,
)
from attune_fit.app.desk.visit import CurrentVisit, Visit
from attune_fit.data.faults import DataFault

router = APIRouter()
FIELDS = {name: name for name in ("present", "password", "repeated")}


@router.get("/account")
def show_account(visit: CurrentVisit, changed: bool = False) -> Response:
    """Show the account."""
    return _render_account(visit, is_changed=changed)


@router.post("/account/password")
def change_password(visit: CurrentVisit, form: PostedForm) -> Response:
    """Set another password; all other sessions of the account end."""
    accounts: DeskAccounts = visit.request.app.state.accounts
    present, password, repeated = (read_secret(form, name) for name in FIELDS)
    try:
        address = read_client_address(visit.request)
        key = accounts.change_password(visit.account.name, present, password, repeated, address)
    except DataFault as fault:
        return _render_account(visit, fault)
    response = RedirectResponse("/account?changed=true", status_code=303)
    set_session_cookie(visit.request, response, key)
    return response


@router.post("/account/sessions")
def finish_session(visit: CurrentVisit, form: PostedForm) -> Response:
    """End one session of the account, such as that of a computer in another room."""
    visit.workspace.revoke_sessions(visit.account.name, session=read_field(form, "session"))
    return RedirectResponse("/account", status_code=303)


def _render_account(visit: Visit, fault: DataFault | None = None, *, is_changed: bool = False) -> Response:
    accounts: DeskAccounts = visit.request.app.state.accounts
    is_down = fault is not None and is_unavailable(fault)
    status = 503 if is_down else 422 if fault else 200
    sessions = () if is_down else visit.workspace.sessions(visit.account.name).result
    key = read_session_key(visit.request)
    return render(
        visit, "account.html", status=status, sessions=sessions, present=accounts.format_session_name(key),
        errors=build_form_errors(fault.faults, FIELDS) if fault else [], is_changed=is_changed,
    )  # fmt: skip
