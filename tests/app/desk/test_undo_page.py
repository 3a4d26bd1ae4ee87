"""Undo, and the bar above the next page."""

import pytest
from starlette.testclient import TestClient

from attune_fit.workspace import Workspace
from tests.app.desk.page_parts import list_hidden, read_text

CLIENT = "c0022"


def change_age(workspace: Workspace, age: int) -> None:
    workspace.record("client_changed", client=CLIENT, cells={"age": age}, actor="intake-01")


def test_the_bar_names_what_was_recorded_and_undoes_it(desk: TestClient, workspace: Workspace) -> None:
    change_age(workspace, 33)
    page = desk.get("/keys?a=b&done=1").text
    assert f"Recorded: client changed, {CLIENT}." in read_text(page)
    assert list_hidden(page, "back") == ["/keys?a=b"]
    form = {name: list_hidden(page, name)[0] for name in ("events", "seen", "back")}
    shown = desk.post("/undo", data=form)
    assert str(shown.url).endswith("/keys?a=b&undone=1")
    assert f"1 event undone: client changed, {CLIENT}." in read_text(shown.text)
    last = workspace.journal().result.rows[-1].event
    assert (last.type, last.fields["because"], last.actor) == ("undone", "wrong-entry", "test-coordinator")


def test_the_bar_counts_all_events_and_names_the_first(desk: TestClient, workspace: Workspace) -> None:
    for age in range(33, 38):
        change_age(workspace, age)
    assert "Recorded 5 events: client changed" in read_text(desk.get("/keys?done=1-5").text)
    shown = desk.post("/undo", data={"events": "1-5", "seen": "5", "back": "/keys"})
    assert "5 events undone: client changed" in read_text(shown.text)


def test_the_bar_shows_a_number_that_was_typed(desk: TestClient, workspace: Workspace) -> None:
    therapist = workspace.roster().result.therapists[0].therapist_id
    workspace.record("opening_set", therapist=therapist, openings=3)
    assert f"openings set, {therapist}, openings 3." in read_text(desk.get("/keys?done=1").text)


def test_a_decision_that_is_undone_was_changed(desk: TestClient, workspace: Workspace) -> None:
    therapist = workspace.rank(CLIENT).result.candidates[0].therapist_id
    workspace.record("offered", client=CLIENT, therapist=therapist)
    desk.post("/undo", data={"events": "1", "seen": "1", "back": "/keys"})
    assert workspace.journal().result.rows[-1].event.fields["because"] == "decision-changed"


def test_several_events_are_undone_all_or_none(desk: TestClient, workspace: Workspace) -> None:
    change_age(workspace, 33)
    change_age(workspace, 34)
    desk.post("/undo", data={"events": "1-2", "seen": "2", "back": "/keys"})
    assert [row.undone_by for row in workspace.journal().result.rows[:2]] == [4, 3]
    refused = desk.post("/undo", data={"events": "1-3", "seen": "4", "back": "/keys"})
    assert refused.status_code == 422
    assert workspace.count_events() == 4


def test_a_refused_undo_names_the_reason(desk: TestClient, workspace: Workspace) -> None:
    change_age(workspace, 33)
    desk.post("/undo", data={"events": "1", "seen": "1", "back": "/keys"})
    again = desk.post("/undo", data={"events": "1", "seen": "2", "back": "/keys"})
    assert again.status_code == 422
    assert "Event 1 was taken back already." in read_text(again.text)
    assert 'href="/keys"' in again.text


def test_an_event_that_was_undone_has_no_bar(desk: TestClient, workspace: Workspace) -> None:
    change_age(workspace, 33)
    workspace.record("undone", number=1, because="wrong-entry")
    assert "Recorded" not in read_text(desk.get("/keys?done=1").text)
    assert "Recorded" not in read_text(desk.get("/keys?done=2").text)


@pytest.mark.parametrize("back", ["https://else.example/", "//else.example", "/\\else.example", "today", ""])
def test_undo_leads_to_no_other_site(back: str, desk: TestClient, workspace: Workspace) -> None:
    change_age(workspace, 33)
    answer = desk.post("/undo", data={"events": "1", "seen": "1", "back": back}, follow_redirects=False)
    assert answer.headers["location"] == "/today?undone=1"


@pytest.mark.parametrize("events", ["", "x", "0", "9-2", "1-99999"])
def test_a_form_without_a_number_undoes_nothing(events: str, reading_desk: TestClient) -> None:
    assert reading_desk.post("/undo", data={"events": events, "seen": "0", "back": "/keys"}).status_code == 422


def test_an_undone_client_leads_to_today(desk: TestClient, workspace: Workspace) -> None:
    workspace.record("client_added", client="n1")
    answer = desk.post("/undo", data={"events": "1", "seen": "1", "back": "/clients/n1"}, follow_redirects=False)
    assert answer.headers["location"] == "/today?undone=1"
