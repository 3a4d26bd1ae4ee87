"""Pages of errors: what happened, where, and what to do. A fault never shows a cell of a table."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from pathlib import Path
from traceback import extract_tb

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response

from attune_fit.app.desk.forms.conflicts import CONFLICT, render_event_conflict
from attune_fit.app.desk.forms.posted_form import is_local_address, list_form_pairs
from attune_fit.app.desk.rendering import render
from attune_fit.app.desk.visit import Visit, find_visit
from attune_fit.app.desk.wording.fault_texts import format_fault
from attune_fit.data.accounts.account_faults import UNAVAILABLE
from attune_fit.data.faults import DataFault

NOT_FOUND = "id-not-found"
MOST_FAULTS = 20  # on one page
# faults of the place where the journal is kept: the same request can succeed later
TITLES: Mapping[int, str] = {
    400: "The request could not be read",
    401: "Sign in first",
    403: "Your account cannot open this page",
    404: "This page does not exist",
    405: "This address takes no such request",
    429: "Too many tries",
}
REMEDIES: Mapping[int, str] = {
    401: "Use Back to see what you typed; it is still in the form.",
    403: "If you need it, ask an administrator of the clinic for another role.",
    404: "Check the address or the id, or search again.",
    429: "Wait a few minutes, then try again.",
}
OTHER_REMEDY = "Go back and try again."

logger = logging.getLogger("attune.desk")


def add_fault_pages(application: FastAPI) -> None:
    """Give the application a page for each kind of error."""
    application.add_exception_handler(DataFault, show_data_fault)  # type: ignore[arg-type]
    application.add_exception_handler(HTTPException, show_http_error)  # type: ignore[arg-type]
    application.add_exception_handler(RequestValidationError, show_unreadable_request)  # type: ignore[arg-type]
    application.add_exception_handler(Exception, show_unexpected_error)


async def show_data_fault(request: Request, fault: DataFault) -> Response:
    """Return the page of faults in the clinic's data, or in what was to be recorded; what was typed is in it again."""
    form = await request.form() if request.method == "POST" else FormData()
    return await run_in_threadpool(build_fault_page, find_safe_visit(request), fault, form)


def build_fault_page(visit: Visit, fault: DataFault, form: FormData) -> Response:
    """Return the page for a fault, by its id.

    Parameters
    ----------
    visit : Visit
    fault : DataFault
    form : FormData
        What was posted; empty for a page that was only opened.
    """
    ids = {one.id for one in fault.faults}
    if CONFLICT in ids and form:
        return render_event_conflict(visit, fault, form)
    if NOT_FOUND in ids and not form:
        return render_not_found(visit, format_fault(fault.faults[0]))
    is_place = bool(ids & UNAVAILABLE)
    status = 503 if is_place else 409 if CONFLICT in ids else 422
    return render(
        visit, "fault.html", status=status, faults=fault.faults[:MOST_FAULTS], n_more=len(fault.faults[MOST_FAULTS:]),
        is_place=is_place, is_posted=bool(form), kept=list_form_pairs(form), return_to=find_return_address(visit),
    )  # fmt: skip


def render_not_found(visit: Visit, message: str) -> Response:
    """Return the page of an id that no one has."""
    return render(visit, "http_error.html", status=404, title=TITLES[404], detail=message, remedy=REMEDIES[404])


def is_unavailable(fault: DataFault) -> bool:
    """Return whether a fault is about a database that might answer again later, not about what was entered."""
    return any(one.id in UNAVAILABLE for one in fault.faults)


def show_http_error(request: Request, error: HTTPException) -> Response:
    """Return the page of a wrong address, or of a page that the account cannot see."""
    status = error.status_code
    is_own = error.detail and error.detail.endswith(".")  # a sentence of ours, not the name of a status
    return render(
        find_safe_visit(request), "http_error.html", status=status, title=TITLES.get(status, "This did not work"),
        detail=error.detail if is_own else "", remedy=REMEDIES.get(status, OTHER_REMEDY),
    )  # fmt: skip


def show_unreadable_request(request: Request, error: RequestValidationError) -> Response:
    """Return the page of an address or a form that cannot be read; it names the parts, not what they hold."""
    parts = ", ".join(sorted({str(one["loc"][-1]) for one in error.errors()}))
    detail = f"Attune cannot read this part of the request: {parts}."
    return render(find_safe_visit(request), "http_error.html", status=422, title=TITLES[400], detail=detail,
                  remedy=OTHER_REMEDY)  # fmt: skip


async def show_error(request: Request, error: Exception) -> Response:
    """Return the page of any error; a plain one where that page has an error too."""
    try:
        if isinstance(error, DataFault):
            return await show_data_fault(request, error)
        return await run_in_threadpool(show_unexpected_error, request, error)
    except Exception as second:
        message = f"Attune made an error. Give your administrator this number: {log_error(second)}."
        return PlainTextResponse(message, status_code=500)


def log_error(error: Exception) -> str:
    """Write where an error happened to the log; return the number under which it is there."""
    number = secrets.token_hex(4)
    logger.error("error %s: %s", number, format_error_place(error))
    return number


def show_unexpected_error(request: Request, error: Exception) -> Response:
    """Return the page of an error of Attune itself, with the number under which the server's log has it."""
    number = log_error(error)
    return render(
        find_safe_visit(request), "http_error.html", status=500, title="Attune made an error",
        detail="What you entered was perhaps not saved. Open the client again to see what is recorded.",
        remedy=f"If it happens again, give your administrator this number: {number}.",
    )  # fmt: skip


def format_error_place(error: BaseException) -> str:
    """Return the type of an error and the lines of code that led to it; its text could hold an id or a cell.

    >>> format_error_place(KeyError("c7"))
    'KeyError'
    """
    lines = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in extract_tb(error.__traceback__)]
    return " < ".join([type(error).__name__, *reversed(lines)])


def find_safe_visit(request: Request) -> Visit:
    """Return the visit of a request, also where the journal cannot be read or no account was found."""
    try:
        return find_visit(request)
    except DataFault:
        return Visit(request, request.app.state.workspace, request.state.account, 0)
    except AttributeError:  # an error before the account was looked for
        return Visit(request, request.app.state.workspace, None, 0)  # type: ignore[arg-type]


def find_return_address(visit: Visit) -> str:
    """Return the page from which a form was sent, where it is one of the desk; else Today."""
    from urllib.parse import urlsplit

    parts = urlsplit(visit.request.headers.get("referer", ""))
    address = f"{parts.path}?{parts.query}" if parts.query else parts.path
    is_own = parts.netloc == visit.request.url.netloc and is_local_address(address)
    return address if is_own else "/today"
