"""The tasks of the day: each kind on the day it is due, once, in order, and counts that equal rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from attune_fit.matching.day_lists.day_list import DUE_ORDER, TASK_KINDS, DayList
from attune_fit.matching.day_lists.day_tasks import TASK_FINDERS
from attune_fit.workspace import Workspace
from tests.matching.day_lists.day_clinic import copy_clinic

Task = tuple[str, str, str | None, str | None]  # due, kind, client, therapist

TASKS: set[Task] = {  # of the busy day, as a person would write them down
    ("overdue", "offer-expired", "c0062", "t06"),
    ("overdue", "start-missing", "c0066", "t11"),
    ("this week", "roster-row-old", None, "t12"),
    ("this week", "roster-row-old", None, "t02"),
    ("overdue", "check-due", "c0061", "t03"),
    ("today", "weak-alliance", "c0070", "t16"),  # the therapy of c0031 with t02 was weak, and has ended
    ("today", "rematch-due", "c0072", "t10"),
    ("today", "left-early", "c0044", "t13"),
    ("today", "offer-ends", "c0075", "t08"),
    ("today", "client-declined", "c0064", "t15"),
    ("today", "client-declined", "c0031", "t09"),
    ("today", "opening-freed", None, "t06"),  # an offer expired on 2026-01-02
    ("today", "opening-freed", None, "t15"),  # the client declined
    ("today", "opening-freed", None, "t09"),  # full in the export, and 2 openings now
    ("this week", "offer-ends", "c0077", "t07"),
    ("this week", "check-due", "c0078", "t16"),
    ("this week", "still-wanted", "c0068", None),
    ("this week", "still-wanted", "c0076", None),
}


def list_day(clinic: Workspace) -> DayList:
    day: DayList = clinic.today().result
    return day


def list_tasks(day: DayList) -> list[Task]:
    return [(task.due, task.kind, task.client_id, task.therapist_id) for task in day.tasks]


def list_open(clinic: Workspace, kind: str) -> list[tuple[str | None, str | None]]:
    """Return client and therapist of the tasks of one kind."""
    return [(task.client_id, task.therapist_id) for task in list_day(clinic).tasks if task.kind == kind]


def test_the_busy_day_has_the_tasks_that_a_person_would_write_down(busy_clinic: Workspace) -> None:
    tasks = list_tasks(list_day(busy_clinic))
    assert set(tasks) == TASKS
    assert len(tasks) == len(TASKS)


def test_tasks_come_overdue_first_then_by_kind_then_the_oldest_first(busy_clinic: Workspace) -> None:
    kinds = [kind.name for kind in TASK_KINDS]
    places = [(DUE_ORDER.index(task.due), kinds.index(task.kind)) for task in list_day(busy_clinic).tasks]
    assert places == sorted(places)
    old = [task.since for task in list_day(busy_clinic).tasks if task.kind == "roster-row-old"]
    assert old == sorted(filter(None, old))


def test_each_kind_of_task_is_found_by_one_function_and_occurs_on_the_busy_day(busy_clinic: Workspace) -> None:
    assert list(TASK_FINDERS) == [kind.name for kind in TASK_KINDS]
    assert {task.kind for task in list_day(busy_clinic).tasks} == set(TASK_FINDERS)


def test_counts_equal_rows(busy_clinic: Workspace) -> None:
    day = list_day(busy_clinic)
    kinds = [task.kind for task in day.tasks]
    assert day.counts == {
        "waiting": len(busy_clinic.waiting_list().result.clients),
        "offers_ending": kinds.count("offer-ends"),
        "checks_overdue": [(task.kind, task.due) for task in day.tasks].count(("check-due", "overdue")),
        "weak_alliances": kinds.count("weak-alliance"),
        "openings": sum(row.openings for row in busy_clinic.roster(state="open").result.therapists),
        "open_therapists": len(busy_clinic.roster(state="open").result.therapists),
        "stale_rows": len(busy_clinic.roster(state="stale").result.therapists),
    }
    assert day.counts["stale_rows"] == kinds.count("roster-row-old")
    flags = [flag for pair in busy_clinic.follow_up().result.pairs for flag in pair.flags]
    assert (day.counts["weak_alliances"], day.counts["checks_overdue"]) == (flags.count("weak"), flags.count("missing"))


def test_the_day_shows_the_first_clients_of_the_waiting_list(busy_clinic: Workspace) -> None:
    assert list_day(busy_clinic).waiting == busy_clinic.waiting_list(most=10).result.clients


def test_the_next_in_line_is_the_first_of_the_ranking_after_the_decline(busy_clinic: Workspace) -> None:
    tasks = [task for task in list_day(busy_clinic).tasks if task.kind in ("client-declined", "offer-expired")]
    for task in tasks:
        candidates = busy_clinic.rank(str(task.client_id)).result.candidates
        first = candidates[0].therapist_id if candidates else None
        assert task.next_therapist_id == first
        assert (first or "No therapist is available") in task.action
        assert task.kind == "offer-expired" or task.therapist_id not in [one.therapist_id for one in candidates]


def test_a_freed_opening_counts_the_clients_who_have_the_therapist_on_their_list(busy_clinic: Workspace) -> None:
    waiting = [one for one in busy_clinic.waiting_list().result.clients if not one.offers and one.state != "set aside"]
    lists = [{one.therapist_id for one in busy_clinic.rank(client.client_id).result.candidates} for client in waiting]
    tasks = [task for task in list_day(busy_clinic).tasks if task.kind == "opening-freed"]
    for task in tasks:
        assert task.n_clients == sum(task.therapist_id in some for some in lists)
        assert task.n_clients == busy_clinic.who_fits(str(task.therapist_id)).result.matching


def test_an_opening_counts_as_free_for_a_week_and_only_while_it_is_open(busy_clinic: Workspace, tmp_path: Path) -> None:
    later = copy_clinic(busy_clinic, tmp_path / "later", "2026-01-12")
    freed = [therapist for _, therapist in list_open(later, "opening-freed")]
    assert "t09" not in freed  # set 7 days ago
    assert "t07" in freed  # its offer expired after 2026-01-09
    other = copy_clinic(busy_clinic, tmp_path / "other")
    other.record("opening_set", therapist="t09", openings=0)
    assert "t09" not in [therapist for _, therapist in list_open(other, "opening-freed")]


@pytest.mark.parametrize(("openings", "is_freed"), [(3, False), (4, False), (5, True)])
def test_a_check_frees_an_opening_only_where_it_counts_more_than_before(
    own_clinic: Workspace, openings: int, is_freed: bool
) -> None:
    own_clinic.record("roster_checked", therapist="t01", openings=openings)  # 4 in the export
    assert ("t01" in [therapist for _, therapist in list_open(own_clinic, "opening-freed")]) is is_freed


def test_a_start_before_a_check_is_in_its_number(own_clinic: Workspace) -> None:
    own_clinic.record("started", client="c0068", therapist="t01", on="2026-01-04")
    own_clinic.record("opening_set", therapist="t01", openings=4)  # 3 were left
    assert "t01" in [therapist for _, therapist in list_open(own_clinic, "opening-freed")]


def test_a_task_ends_once_it_is_done(own_clinic: Workspace) -> None:
    own_clinic.record("declined", client="c0062", therapist="t06", by="client", reason="no-answer")
    own_clinic.record("accepted", client="c0077", therapist="t07")
    own_clinic.record("started", client="c0066", therapist="t11")
    own_clinic.record("score_recorded", client="c0061", therapist="t03", session=3, score=4.0)
    own_clinic.record("roster_checked", therapist="t12", openings=1)
    own_clinic.record("client_changed", client="c0068", cells={"age": 44})
    done = {("offer-expired", "c0062"), ("offer-ends", "c0077"), ("start-missing", "c0066"), ("check-due", "c0061"),
            ("roster-row-old", "t12"), ("still-wanted", "c0068")}  # fmt: skip
    before = {(kind, client or therapist) for _, kind, client, therapist in TASKS}
    after = {(kind, client or therapist) for _, kind, client, therapist in list_tasks(list_day(own_clinic))}
    assert done <= before
    assert not done & after
    assert ("client-declined", "c0062") in after


def test_a_rematch_is_due_until_there_is_an_offer_and_only_after_an_end_for_another_therapist(
    own_clinic: Workspace,
) -> None:
    own_clinic.record("ended", client="c0061", therapist="t03", reason="completed")
    own_clinic.record("ended", client="c0078", therapist="t16", reason="therapist-left")
    assert list_open(own_clinic, "rematch-due") == [("c0072", "t10"), ("c0078", "t16")]
    own_clinic.record("offered", client="c0078", therapist="t05")
    own_clinic.record("started", client="c0072", therapist="t06")
    assert list_open(own_clinic, "rematch-due") == []
    assert "c0078" in [one.client_id for one in own_clinic.waiting_list(state="offered").result.clients]


def test_an_undone_event_brings_the_day_before_back(own_clinic: Workspace) -> None:
    before = own_clinic.today().to_dict()
    own_clinic.record("opening_set", therapist="t01", openings=9)
    assert own_clinic.today().to_dict() != before
    own_clinic.record("undone", number=len(own_clinic.journal_events), because="wrong-entry")
    assert own_clinic.today().to_dict() == before


def test_where_the_age_of_rows_does_not_count_no_row_is_old(busy_clinic: Workspace, tmp_path: Path) -> None:
    own = copy_clinic(busy_clinic, tmp_path / "rules")
    with (own.folder / "clinic.toml").open("a", encoding="utf-8") as file:
        file.write("\n[rules.roster_age]\non = false\n")
    assert not list_open(own, "roster-row-old")
    assert own.roster().result.states["stale"] == list_day(own).counts["stale_rows"] == 0


def test_a_clinic_without_a_journal_has_a_day_too(clinic: Path) -> None:
    day = list_day(Workspace(clinic))
    assert {task.kind for task in day.tasks} == {"roster-row-old", "weak-alliance", "left-early"}
    assert day.counts["waiting"] == 20


@pytest.mark.parametrize(("reason", "is_left"), [("dropped-out", True), ("therapist-left", False)])
def test_an_end_closes_the_tasks_about_the_alliance_of_the_pair(
    reason: str, is_left: bool, own_clinic: Workspace
) -> None:
    pair = ("c0070", "t16")
    assert pair in list_open(own_clinic, "weak-alliance")
    own_clinic.record("ended", client="c0070", therapist="t16", reason=reason)
    assert pair not in list_open(own_clinic, "weak-alliance")
    assert (pair in list_open(own_clinic, "left-early")) is is_left
    day, pairs = list_day(own_clinic), own_clinic.follow_up().result.pairs
    assert day.counts["weak_alliances"] == sum("weak" in one.flags for one in pairs)


def test_a_client_who_left_came_back_and_ended_for_another_reason_did_not_leave_early(own_clinic: Workspace) -> None:
    assert ("c0044", "t13") in list_open(own_clinic, "left-early")
    own_clinic.record("opening_set", therapist="t13", openings=2)
    own_clinic.record("started", client="c0044", therapist="t13")
    own_clinic.record("ended", client="c0044", therapist="t13", reason="therapist-left")
    assert ("c0044", "t13") not in list_open(own_clinic, "left-early")
