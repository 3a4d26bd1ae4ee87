"""The log: the events of the journal, and the rankings and placements that were shown, each with its seal."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.exceptions import HTTPException
from starlette.responses import Response

from attune_fit.app.desk.exports import ExportFormat, export
from attune_fit.app.desk.rendering import render
from attune_fit.app.desk.visit import CurrentVisit, Visit
from attune_fit.app.desk.wording.log_words import FILE_NAMES, FileChecks, list_breaks, list_origin
from attune_fit.results import Result

router = APIRouter()
ROWS_SHOWN = 50
MAX_CHECKED = 2_000  # lines that are checked at each look; a longer log is checked with a click
LogView = Literal["events", "lists"]


@router.get("/log")
def show_log(
    visit: CurrentVisit,
    show: LogView = "events",
    client: str = "",
    therapist: str = "",
    since: str = "",
    until: str = "",
    start: Annotated[int, Query(ge=0)] = 0,
    check: bool = False,
    format: ExportFormat | None = None,
) -> Response:
    """Show the events, or the lists that were shown, the latest first; an export has all rows of the filter."""
    client_id, therapist_id, first, last = (one.strip() or None for one in (client, therapist, since, until))
    events = visit.workspace.journal(client=client_id, therapist=therapist_id, since=first, until=last)
    lists = visit.workspace.log(client_id=client_id, therapist_id=therapist_id, since=first, until=last)
    if exported := export(events if show == "events" else lists, format):
        return exported
    given = {
        "show": "" if show == "events" else show,
        "client": client,
        "therapist": therapist,
        "since": since,
        "until": until,
    }

    def format_address(**changes: Any) -> str:
        query = urlencode({name: value for name, value in {**given, **changes}.items() if value})
        return f"/log?{query}" if query else "/log"

    found = events.result.rows if show == "events" else lists.result
    checks = _check_log(visit, len(lists.result), is_wanted=check)
    return render(
        visit, "log.html", show=show, given=given, rows=found[::-1][start : start + ROWS_SHOWN], start=start,
        n_events=len(events.result.rows), n_lists=len(lists.result), page_size=ROWS_SHOWN, notes=events.notes,
        address_of=format_address, checks=checks, breaks=list_breaks(checks),
        file_names=FILE_NAMES,
    )  # fmt: skip


@router.get("/log/{line}")
def show_line(visit: CurrentVisit, line: str, again: bool = False) -> Response:
    """Show one ranking or placement as it was shown; with ``again``, compute it again and compare."""
    row = next((row for row in visit.workspace.log().result if row.line == line), None)
    if row is None:
        raise HTTPException(404, f"The log has no line {line}.")
    replayed: Result | None = visit.workspace.replay(line) if again else None
    return render(visit, "log_line.html", current="/log", row=row, replayed=replayed, origin=list_origin(row))


def _check_log(visit: Visit, n_lines: int, *, is_wanted: bool) -> FileChecks | None:
    """Return the check of every sealed file; None for a long log where no check is wanted."""
    if not is_wanted and n_lines + visit.seen > MAX_CHECKED:
        return None
    checks: FileChecks = visit.workspace.verify_log().result
    return checks
