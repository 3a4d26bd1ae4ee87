"""Sign in, sign out, and set a password with a one-time link: the only pages that need no account."""

from __future__ import annotations

import math

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from attune_fit.app.desk.fault_pages import find_safe_visit, is_unavailable
from attune_fit.app.desk.forms.posted_form import PostedForm, build_form_errors, is_local_address, read_field
from attune_fit.app.desk.rendering import render
from attune_fit.app.desk.security.desk_accounts import SIGN_IN_PAGE, DeskAccounts
from attune_fit.app.desk.security.session_cookie import (
    read_client_address,
    read_secret,
    read_session_key,
    remove_session_cookie,
    set_session_cookie,
)
from attune_fit.data.faults import DataFault

router = APIRouter()
WRONG = "The name or the password is wrong."
FIELDS = {name: name for name in ("name", "password", "repeated")}


@router.get("/sign-in")
def show_sign_in(request: Request, next: str = "/") -> Response:
    """Show the form."""
    return _render_sign_in(request, next)


@router.post("/sign-in")
def sign_in(request: Request, form: PostedForm) -> Response:
    """Begin a session, and lead to the page that was wanted."""
    accounts: DeskAccounts = request.app.state.accounts
    name, wanted = read_field(form, "name"), read_field(form, "next")
    try:
        done = accounts.sign_in(
            name, read_secret(form, "password"), read_client_address(request), read_session_key(request)
        )
    except DataFault as fault:
        if not is_unavailable(fault):
            raise
        return _render_sign_in(request, wanted, name, "Attune cannot reach its accounts now. Try again.", 503)
    if done.key is not None:
        return _lead_inside(request, done.key, wanted)
    if done.wait_seconds:
        minutes = math.ceil(done.wait_seconds / 60)
        message = f"Too many attempts. Try again in {minutes} minute{'' if minutes == 1 else 's'}."
        return _render_sign_in(request, wanted, name, message, 429)
    return _render_sign_in(request, wanted, name, WRONG, 422)


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    """End the session for good; a copy of the cookie opens nothing afterwards."""
    accounts: DeskAccounts = request.app.state.accounts
    accounts.sign_out(read_session_key(request))
    response = RedirectResponse(SIGN_IN_PAGE, status_code=303)
    remove_session_cookie(request, response)
    return response


@router.get("/set-up")
def show_set_up(request: Request, link: str = "") -> Response:
    """Show the form of a one-time link; opening it does not use the link up."""
    return _render_set_up(request, link)


@router.post("/set-up")
def set_up(request: Request, form: PostedForm) -> Response:
    """Set the password, and begin a session."""
    accounts: DeskAccounts = request.app.state.accounts
    link, name = read_field(form, "link"), read_field(form, "name")
    try:
        key = accounts.set_up(
            link, name, read_secret(form, "password"), read_secret(form, "repeated"), read_client_address(request),
            read_session_key(request),
        )  # fmt: skip
    except DataFault as fault:
        return _render_set_up(request, link, name, fault, 503 if is_unavailable(fault) else 422)
    return _lead_inside(request, key, "/")


def _lead_inside(request: Request, key: str, wanted: str) -> Response:
    """Lead to a page of the desk, never to another site."""
    response = RedirectResponse(wanted if is_local_address(wanted) else "/", status_code=303)
    set_session_cookie(request, response, key)
    return response


def _render_sign_in(request: Request, wanted: str, name: str = "", error: str = "", status: int = 200) -> Response:
    return render(find_safe_visit(request), "sign_in.html", status=status, wanted=wanted, name=name, error=error)


def _render_set_up(
    request: Request, link: str, name: str = "", fault: DataFault | None = None, status: int = 200
) -> Response:
    """Show the form of a link, or that the link ended; passwords are never sent back."""
    accounts: DeskAccounts = request.app.state.accounts
    is_down = fault is not None and is_unavailable(fault)
    found = None if is_down else accounts.accounts.find_link(link, accounts.clock.read())
    errors = build_form_errors(fault.faults, FIELDS) if fault else []
    status = 410 if found is None and not is_down else status
    return render(
        find_safe_visit(request), "set_up.html", status=status, link=link, name=name, errors=errors, is_down=is_down,
        is_first=found == "first", owner="" if found is None or isinstance(found, str) else found.name,
        is_open=found is not None,
    )  # fmt: skip
