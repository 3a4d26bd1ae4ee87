"""The application: pages, static files, and the layers that each request passes before a page sees it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.staticfiles import StaticFiles

from attune_fit.app.desk.fault_pages import add_fault_pages
from attune_fit.app.desk.id_addresses import PathParts
from attune_fit.app.desk.page_list import load_routers
from attune_fit.app.desk.rendering import FOLDER
from attune_fit.app.desk.security.desk_accounts import DeskAccounts, open_desk_accounts
from attune_fit.app.desk.security.desk_settings import DeskSettings
from attune_fit.app.desk.security.page_rules import PageRules
from attune_fit.app.desk.security.response_headers import ResponseHeaders
from attune_fit.app.desk.security.session_cookie import read_session_key
from attune_fit.app.desk.security.sign_in_gate import FindVisitor, SignInGate, Visitor
from attune_fit.app.desk.visit import Account
from attune_fit.workspace import Workspace

if TYPE_CHECKING:
    from fastapi.telemetry import TelemetryConfig

FindAccount = Callable[[Request], Account | None]
NO_TELEMETRY: TelemetryConfig = {  # it would hold addresses of pages, and ids are in them
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


def build_application(
    workspace: Workspace, find_account: FindAccount | None = None, settings: DeskSettings | None = None
) -> FastAPI:
    """Build the application of one clinic.

    Parameters
    ----------
    workspace : Workspace
        The open clinic; all requests share it.
    find_account : callable, optional
        Returns the account that is signed in, or None: then every page but sign-in leads to sign-in. Default: the
        sessions of the clinic's accounts, with an audit of each page.
    settings : DeskSettings, optional
        Names of the desk, and whether it speaks TLS. Default: this computer only, without TLS.
    """
    application = FastAPI(
        title="Attune", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False, telemetry=NO_TELEMETRY,
    )  # fmt: skip
    accounts = open_desk_accounts(workspace.clinic)
    application.state.workspace = workspace
    application.state.accounts = accounts
    application.state.settings = settings or DeskSettings()
    look: list[str | tuple[str, str]] = [
        ("attune_fit.data.report_pages", "look")
    ]  # the stylesheet is also that of the pages which commands write
    application.mount("/static", StaticFiles(directory=FOLDER / "static", packages=look), name="static")
    routers = load_routers()
    for router, _roles in routers:
        application.include_router(router)
    add_fault_pages(application)
    find_visitor = build_session_finder(accounts) if find_account is None else build_account_finder(find_account)
    application.add_middleware(SignInGate, rules=PageRules(routers), find_visitor=find_visitor)
    application.add_middleware(ResponseHeaders)
    application.add_middleware(PathParts)  # added last: the outermost
    return application


def build_session_finder(accounts: DeskAccounts) -> FindVisitor:
    """Return the function that finds the visitor by the cookie of a session."""

    def find(request: Request) -> Visitor | None:
        session = accounts.find_session(read_session_key(request))
        if session is None:
            return None
        account = Account(session.account, session.role, session.therapist_id)
        return Visitor(account, partial(accounts.record_page, session.key_hash))

    return find


def build_account_finder(find_account: FindAccount) -> FindVisitor:
    """Return the function that takes the account which a caller finds; no audit is written."""

    def find(request: Request) -> Visitor | None:
        account = find_account(request)
        return None if account is None else Visitor(account)

    return find
