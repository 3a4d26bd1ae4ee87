"""Pages of errors: what happened, where, and what to do. A fault never shows a cell of a table."""

from __future__ import annotations

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from attune_fit.app.desk.rendering import render
from attune_fit.app.desk.visit import find_visit
from attune_fit.data.faults import DataFault

CONFLICT = "changed-by-someone-else"


def add_fault_pages(application: FastAPI) -> None:
    """Give the application a page for each kind of error."""
    application.add_exception_handler(DataFault, show_data_fault)  # type: ignore[arg-type]
    application.add_exception_handler(HTTPException, show_http_error)  # type: ignore[arg-type]


def show_data_fault(request: Request, fault: DataFault) -> Response:
    """Return the page of faults in the clinic's data, or in what was to be recorded."""
    status = 409 if any(one.id == CONFLICT for one in fault.faults) else 422
    return render(find_visit(request), "fault.html", status=status, faults=fault.faults)


def show_http_error(request: Request, error: HTTPException) -> Response:
    """Return the page of a wrong address, or of a page that the account cannot see."""
    return render(find_visit(request), "http_error.html", status=error.status_code, error=error)
