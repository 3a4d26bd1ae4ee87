"""A therapist leaves: what the preview shows is recorded at once, and never a plan that no one has seen."""

from typing import Any

from starlette.testclient import TestClient

from attune_fit.workspace import Workspace
from tests.app.desk.page_parts import find_form, list_hidden, list_row_ids, read_text

LEAVES = "t02"


def post_plan(desk: TestClient, page: str) -> Any:
    """Send the form of the preview."""
    form = find_form(page, f"/roster/{LEAVES}/leaving")
    return desk.post(
        f"/roster/{LEAVES}/leaving", data={name: list_hidden(form, name) for name in ("seen", "plan", "also")}
    )


def test_the_preview_has_a_row_for_each_client(reading_desk: TestClient, read_only_clinic: Workspace) -> None:
    page = reading_desk.get(f"/roster/{LEAVES}/leaving").text
    plan = read_only_clinic.plan_leave(LEAVES).result
    assert list_row_ids(page) == [move.client_id for move in plan.moves]
    assert all(one in page for one in plan.unclear)


def test_a_client_with_old_records_moves_once_ticked(reading_desk: TestClient, read_only_clinic: Workspace) -> None:
    also = read_only_clinic.plan_leave(LEAVES).result.unclear[0]
    assert also in list_row_ids(reading_desk.get(f"/roster/{LEAVES}/leaving", params={"also": also}).text)


def test_all_moves_are_recorded_with_a_report(desk: TestClient, workspace: Workspace) -> None:
    plan = workspace.plan_leave(LEAVES).result
    shown = post_plan(desk, desk.get(f"/roster/{LEAVES}/leaving").text)
    rows = workspace.journal().result.rows
    assert [row.event.type for row in rows] == [draft["event"] for draft in plan.events]
    assert {row.event.actor for row in rows} == {"test-coordinator"}
    assert f"Report: {len(rows)} events recorded" in read_text(shown.text)
    assert list_hidden(shown.text, "events") == [f"1-{len(rows)}"]
    assert workspace.therapist(LEAVES).result.row.openings == 0


def test_a_plan_that_changed_records_nothing(desk: TestClient, workspace: Workspace) -> None:
    page = desk.get(f"/roster/{LEAVES}/leaving").text
    move = workspace.plan_leave(LEAVES).result.moves[0]
    workspace.record("opening_set", therapist=str(move.therapist_id), openings=0)
    shown = post_plan(desk, page)
    assert shown.status_code == 409
    assert workspace.count_events() == 1
    assert "Nothing was recorded: the plan changed." in read_text(shown.text)


def test_an_event_about_the_same_people_records_nothing(desk: TestClient, workspace: Workspace) -> None:
    page = desk.get(f"/roster/{LEAVES}/leaving").text
    move = workspace.plan_leave(LEAVES).result.moves[0]
    workspace.record("client_changed", client=move.client_id, cells={"gad7": 5})
    shown = post_plan(desk, page)
    assert shown.status_code == 409
    assert workspace.count_events() == 1
