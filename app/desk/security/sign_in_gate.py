"""The layer in front of the pages: it checks a request, finds who is signed in, and refuses what the role cannot open.

The databases are asked in the thread pool, so a slow one holds up no other request.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from attune_fit.app.desk.fault_pages import log_error, show_error, show_http_error
from attune_fit.app.desk.id_addresses import read_path
from attune_fit.app.desk.security.desk_accounts import SIGN_IN_PAGE
from attune_fit.app.desk.security.page_audit import KeepRow, answer_with_audit
from attune_fit.app.desk.security.page_rules import PageRule, PageRules, find_people
from attune_fit.app.desk.security.request_checks import SAFE_METHODS, refuse_request
from attune_fit.app.desk.security.response_headers import is_file
from attune_fit.app.desk.visit import Account
from attune_fit.data.accounts.audit_store import AuditRow

NO_SIGN_IN = "Sign in to open this page."
SIGNED_OUT = (
    "You are signed out, so nothing was saved. Sign in in another window, then come back here and send it again."
)
NOT_ALLOWED = "This page is for other roles."


class Visitor(NamedTuple):
    """Who sent a request, and where the audit of it goes.

    Attributes
    ----------
    account : Account
    keep_row : callable or None
        Writes the audit; None where no database keeps accounts.
    """

    account: Account
    keep_row: KeepRow | None = None


FindVisitor = Callable[[Request], Visitor | None]


class SignInGate:
    """The layer around the pages.

    Parameters
    ----------
    app : callable
        The next layer.
    rules : PageRules
    find_visitor : callable
        Returns who sent a request; None for a person who is not signed in.
    """

    def __init__(self, app: ASGIApp, rules: PageRules, find_visitor: FindVisitor) -> None:
        self.app, self.rules, self.find_visitor = app, rules, find_visitor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":  # there are no web sockets
                await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        request.state.account = None
        refusal = refuse_request(request, request.app.state.settings)
        if refusal is None:
            await self._answer(request, send)
        else:
            await refusal(scope, receive, send)

    async def _answer(self, request: Request, send: Send) -> None:
        """Answer a request of the desk's own name and pages; an error of any kind has a page."""
        has_begun = False

        async def send_and_note(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._pass(request, send_and_note)
        except ClientDisconnect:  # the browser left while it sent a form: there is no one to answer
            return
        except Exception as error:
            if has_begun:  # the server closes the connection; its own log would have the text of the error
                log_error(error)
            else:
                response = await show_error(request, error)
                await response(request.scope, request.receive, send)

    async def _pass(self, request: Request, send: Send) -> None:
        """Let a request pass to its page, or refuse it."""
        scope, receive = request.scope, request.receive
        rule = self.rules.find(scope)
        if is_file(scope) or (rule is not None and rule.roles is None):
            return await self.app(scope, receive, send)
        visitor = await run_in_threadpool(self.find_visitor, request)
        if visitor is None:
            return await redirect_to_sign_in(request)(scope, receive, send)
        request.state.account = visitor.account
        refusal = await run_in_threadpool(refuse_page, request, rule, visitor.account)
        app = self.app if refusal is None else refusal
        if visitor.keep_row is None:
            return await app(scope, receive, send)
        pattern = rule.pattern if rule else "(no such page)"
        people = find_people(read_path(scope), request.query_params.multi_items()) if rule else {}
        row = AuditRow(0.0, visitor.account.name, request.method, pattern, **people)
        fault = await answer_with_audit(app, scope, receive, send, row, visitor.keep_row)
        if fault is not None:
            raise fault
        return None


def refuse_page(request: Request, rule: PageRule | None, account: Account) -> Response | None:
    """Return the page for an address that is none, or that the role cannot open; None where it can."""
    if rule is None:
        return show_http_error(request, HTTPException(404))
    if rule.roles is not None and account.role not in rule.roles:
        return show_http_error(request, HTTPException(403, NOT_ALLOWED))
    return None


def redirect_to_sign_in(request: Request) -> Response:
    """Return the way to the page of sign-in, and from there back; a form that was posted stays in the browser."""
    if request.method not in SAFE_METHODS:
        return show_http_error(request, HTTPException(401, SIGNED_OUT))
    query = f"?{request.url.query}" if request.url.query else ""
    path = read_path(request.scope)
    next_page = "" if path == "/" else f"?next={quote(path + query, safe='/')}"
    return RedirectResponse(f"{SIGN_IN_PAGE}{next_page}", status_code=303)
