"""The waiting list: clients without a therapist, by priority, then by wait, with filters in the address."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.responses import Response

from attune_fit.app.desk.exports import ExportFormat, export
from attune_fit.app.desk.rendering import render
from attune_fit.app.desk.visit import CurrentVisit
from attune_fit.data.clinic.columns import PRIORITIES
from attune_fit.matching.day_lists.client_states import WAITING_STATES

router = APIRouter()
ROWS_SHOWN = 25
NO_PRIORITY = "none"  # in the address; an empty text there means all clients


@router.get("/waiting-list")
def show_waiting_list(
    visit: CurrentVisit,
    state: str = "",
    priority: str = "",
    sort: str = "priority",
    start: Annotated[int, Query(ge=0)] = 0,
    rows: Literal["some", "all"] = "some",
    format: ExportFormat | None = None,
) -> Response:
    """Show the clients without a therapist; an export has all rows of the filter."""
    is_whole = rows == "all" or format is not None
    result = visit.workspace.waiting_list(
        state=state or None, priority={"": None, NO_PRIORITY: ""}.get(priority, priority), sort=sort,
        start=0 if is_whole else start, most=None if is_whole else ROWS_SHOWN,
    )  # fmt: skip

    def format_address(**changes: Any) -> str:
        given = {"state": state, "priority": priority, "sort": "" if sort == "priority" else sort, **changes}
        query = urlencode({name: value for name, value in given.items() if value})
        return f"/waiting-list?{query}" if query else "/waiting-list"

    return export(result, format) or render(
        visit, "waiting_list.html", waiting=result.result, set_aside=result.set_aside, state=state, priority=priority,
        sort=sort, states=WAITING_STATES, priorities=PRIORITIES, address_of=format_address, page_size=ROWS_SHOWN,
    )  # fmt: skip
