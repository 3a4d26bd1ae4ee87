"""Build the list of a coordinator's day: all tasks in order, their counts, and the first clients who wait."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from attune_fit.matching.day_lists.day_list import DUE_ORDER, TASK_KINDS, DayList, DayTask
from attune_fit.matching.day_lists.day_tasks import ClinicDay, list_tasks
from attune_fit.matching.day_lists.priority_list_builder import build_waiting_clients, sort_clients

N_WAITING = 10  # clients of the waiting list that the day shows


def build_day_list(day: ClinicDay) -> DayList:
    """Build the list of the day of a clinic; only for clients who are listed, the roster is ranked."""
    tasks = sorted(list_tasks(day), key=_compute_sort_key)
    kinds = Counter(task.kind for task in tasks)
    overdue = Counter(task.kind for task in tasks if task.due == "overdue")
    counts = {
        "waiting": len(day.statuses),
        "offers_ending": kinds["offer-ends"],
        "checks_overdue": overdue["check-due"],
        "weak_alliances": kinds["weak-alliance"],
        "openings": day.roster.openings,
        "open_therapists": day.roster.states["open"],
        "stale_rows": day.roster.states["stale"],
    }
    first = sort_clients(day.scorer, day.statuses)[:N_WAITING]
    return DayList(day.today, counts, tuple(tasks), build_waiting_clients(day.scorer, first))


def _compute_sort_key(task: DayTask) -> tuple[int, int, dt.date, str, str]:
    """Return the place of a task: by when it is due, by kind, by the day since when, then by ids; unknown days last."""
    kinds = [kind.name for kind in TASK_KINDS]
    since = task.since or dt.date.max
    place = DUE_ORDER.index(task.due), kinds.index(task.kind)
    return (*place, since, task.client_id or "", task.therapist_id or "")
