"""Tasks of a day in the words of the page: what it is, and the one next action with its address."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

if TYPE_CHECKING:
    from attune_fit.matching.day_lists.day_list import DayTask


class TaskWords(NamedTuple):
    """One kind of task.

    Attributes
    ----------
    title : str
        What the row of the task shows.
    plural : str
        Name of the filter.
    button : str
    address : str
        Of the page of the next action; ``{client}``, ``{therapist}`` and ``{next}`` are ids.
    """

    title: str
    plural: str
    button: str
    address: str


TASK_WORDS: Mapping[str, TaskWords] = {
    "weak-alliance": TaskWords("Early alliance is weak", "Weak alliances", "Follow up",
                               "/clients/{client}/rematch"),
    "left-early": TaskWords("Client left early", "Left early", "Follow up", "/clients/{client}"),
    "rematch-due": TaskWords("Needs another therapist", "Rematches", "Open rematch", "/clients/{client}/rematch"),
    "offer-ends": TaskWords("Offer ends, no answer yet", "Offers that end", "Record answer",
                            "/clients/{client}/decide?t={therapist}"),
    "offer-expired": TaskWords("Offer ended without an answer", "Expired offers", "Open shortlist",
                               "/clients/{client}/shortlist"),
    "client-declined": TaskWords("Declined, next in line", "Declined", "Open shortlist", "/clients/{client}/shortlist"),
    "start-missing": TaskWords("Accepted, not started yet", "Starts", "Record start",
                               "/clients/{client}/decide?t={therapist}"),
    "opening-freed": TaskWords("Opening became free", "Free openings", "Who fits", "/roster/{therapist}/who-fits"),
    "check-due": TaskWords("Alliance form is missing", "Checks", "Enter score", "/follow-up?show=due"),
    "roster-row-old": TaskWords("Roster row is too old", "Old roster rows", "Check row", "/roster/{therapist}"),
    "still-wanted": TaskWords("Still wanted? Long wait without news", "Still wanted?", "Open client",
                              "/clients/{client}"),
}  # fmt: skip


class TaskRow(NamedTuple):
    """One row of the list.

    Attributes
    ----------
    task : DayTask
    title, button, address : str
    due : str
        Such as "Overdue", "Today" or "9 January".
    is_pressing : bool
        Whether it is overdue, or an offer ends today.
    """

    task: DayTask
    title: str
    button: str
    address: str
    due: str
    is_pressing: bool


def list_task_rows(tasks: Iterable[DayTask]) -> list[TaskRow]:
    """Return the rows of tasks, in their order."""
    return [_build_row(task) for task in tasks]


def _build_row(task: DayTask) -> TaskRow:
    words = TASK_WORDS[task.kind]
    title, button, address = words.title, words.button, words.address
    if task.kind == "client-declined" and task.next_therapist_id:
        button, address = f"Offer {task.next_therapist_id}", "/clients/{client}/decide?t={next}"
    if task.kind == "opening-freed" and task.n_clients is not None:
        title = f"{title}: {task.n_clients} {'client fits' if task.n_clients == 1 else 'clients fit'}"
    ids = {"client": task.client_id, "therapist": task.therapist_id, "next": task.next_therapist_id}
    filled = address.format(**{name: quote(one or "", safe="") for name, one in ids.items()})
    is_pressing = task.due == "overdue" or (task.due == "today" and task.kind == "offer-ends")
    return TaskRow(task, title, button, filled, format_due(task.due, task.due_on), is_pressing)


def format_due(due: str, due_on: dt.date | None) -> str:
    """Return when a task is due.

    >>> format_due("overdue", None), format_due("this week", dt.date(2026, 1, 9)), format_due("this week", None)
    ('Overdue', '9 January', 'This week')
    """
    if due == "this week" and due_on is not None:
        return f"{due_on.day} {due_on:%B}"
    return f"{due[:1].upper()}{due[1:]}"


def count_kinds(tasks: Iterable[DayTask]) -> list[tuple[str, str, int]]:
    """Return kind, name and number of the tasks of each kind that occurs, in the order of the kinds."""
    counts = Counter(task.kind for task in tasks)
    return [(kind, words.plural, counts[kind]) for kind, words in TASK_WORDS.items() if counts[kind]]
