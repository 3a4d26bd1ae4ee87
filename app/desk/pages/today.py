"""Today: what to do first, and who waits; also as one printed page."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from starlette.responses import Response

from attune_fit.app.desk.exports import ExportFormat, export
from attune_fit.app.desk.rendering import render
from attune_fit.app.desk.visit import CurrentVisit
from attune_fit.app.desk.wording.task_words import TASK_WORDS, count_kinds, list_task_rows

router = APIRouter()
TASKS_SHOWN = 12
PRINTED_LINES = 25  # tasks and clients together, so that the list is one A4 page
PRINTED_CLIENTS = 10


@router.get("/today")
def show_today(
    visit: CurrentVisit,
    kind: str = "",
    due: str = "",
    rows: Literal["first", "all"] = "first",
    format: ExportFormat | None = None,
) -> Response:
    """Show the day: six counts, what to do first, and the first clients of the waiting list."""
    result = visit.workspace.today()
    tasks = [task for task in result.result.tasks if kind in ("", task.kind) and due in ("", task.due)]
    shown = tasks if rows == "all" or kind or due else tasks[:TASKS_SHOWN]
    return export(result, format) or render(
        visit, "today.html", day=result.result, rows=list_task_rows(shown), n_tasks=len(tasks), kind=kind, due=due,
        kind_name=TASK_WORDS[kind].plural if kind in TASK_WORDS else "", kinds=count_kinds(result.result.tasks),
        set_aside=result.set_aside,
    )  # fmt: skip


@router.get("/today/print")
def print_today(visit: CurrentVisit) -> Response:
    """Show the day as a list for one A4 page."""
    day = visit.workspace.today().result
    clients = day.waiting[:PRINTED_CLIENTS]
    tasks = day.tasks[: PRINTED_LINES - len(clients)]
    return render(visit, "today_print.html", day=day, rows=list_task_rows(tasks), clients=clients)
