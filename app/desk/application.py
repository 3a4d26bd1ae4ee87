"""The application: pages, static files, and the layers that each request passes before a page sees it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request
from fastapi.staticfiles import StaticFiles
from starlette.responses import RedirectResponse, Response

from attune_fit.app.desk.fault_pages import add_fault_pages
from attune_fit.app.desk.page_list import load_routers
from attune_fit.app.desk.rendering import FOLDER
from attune_fit.app.desk.visit import Account
from attune_fit.workspace import Workspace

FindAccount = Callable[[Request], Account | None]


def build_application(workspace: Workspace, find_account: FindAccount) -> FastAPI:
    """Build the application of one clinic.

    Parameters
    ----------
    workspace : Workspace
        The open clinic; all requests share it.
    find_account : callable
        Returns the account that is signed in, or None: then every page but sign-in leads to sign-in.
    """
    application = FastAPI(title="Attune", docs_url=None, redoc_url=None, openapi_url=None)
    application.state.workspace = workspace
    look = [("attune_fit.data.report_pages", "look")]  # the stylesheet is also that of the pages which commands write
    application.mount("/static", StaticFiles(directory=FOLDER / "static", packages=look), name="static")
    for router, _roles in load_routers():
        application.include_router(router)
    application.get("/", include_in_schema=False)(lambda: RedirectResponse("/today"))
    add_fault_pages(application)

    @application.middleware("http")
    async def find_visitor(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        request.state.account = find_account(request)
        return await call_next(request)

    return application
