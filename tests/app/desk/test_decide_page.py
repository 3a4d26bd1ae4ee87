"""Offer, accept, decline, start, end: each is one event with what was seen, and each can be undone."""

import html
import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from attune_fit.workspace import Workspace
from tests.app.desk.page_parts import find_form, list_hidden, read_text

CLIENT = "c0077"  # of the sample: nine candidates, two wishes


@pytest.fixture
def ids(workspace: Workspace) -> list[str]:
    return list(workspace.rank(CLIENT).result.arrays.therapist_ids)


def open_decide(desk: TestClient, therapist: str) -> str:
    answer = desk.get(f"/clients/{CLIENT}/decide", params={"t": therapist})
    assert answer.status_code == 200, answer.text
    return answer.text


def send(desk: TestClient, page: str, step: str, **values: str) -> Any:
    """Send a form of the page with its hidden values, as a browser does."""
    form = find_form(page, f"/clients/{CLIENT}/{step}")
    names = re.findall(r'<input type="hidden" name="([^"]*)"', form)
    hidden = {name: list_hidden(form, name)[0] for name in names}
    dates = dict(re.findall(r'name="(\w+)" type="date" value="([^"]*)"', form))
    return desk.post(f"/clients/{CLIENT}/{step}", data={**hidden, **dates, **values})


def list_events(workspace: Workspace) -> list[dict[str, Any]]:
    return list(workspace.journal().to_dict()["events"])


def test_offer_of_the_first_place_keeps_place_line_and_last_day(
    desk: TestClient, workspace: Workspace, ids: list[str]
) -> None:
    desk.get(f"/clients/{CLIENT}/shortlist")
    page = open_decide(desk, ids[0])
    assert "Why this therapist?" not in page
    answer = send(desk, page, "offer")
    assert answer.status_code == 200
    (event,) = list_events(workspace)
    assert (event["type"], event["client_id"], event["therapist_id"]) == ("offered", CLIENT, ids[0])
    line = workspace.log(client_id=CLIENT).result[-1].line
    assert event["fields"] == {"until": "2026-01-12", "rank": 1, "band": 1, "line": int(line)}
    assert event["actor"] == "test-coordinator"
    assert f"{ids[0]} is offered to {CLIENT} until 12 January 2026." in read_text(answer.text)


def test_another_choice_names_what_differs_and_takes_one_reason(
    desk: TestClient, workspace: Workspace, ids: list[str]
) -> None:
    page = open_decide(desk, ids[3])
    text = read_text(page)
    first, chosen = (workspace.rank(CLIENT).result.candidates[place] for place in (0, 3))
    assert f"Attune lists {ids[0]} first. You chose {ids[3]}, place 4." in text
    assert f"({chosen.score:.2f} instead of {first.score:.2f})" in text
    codes = re.findall(r'name="override" id="o\d+" value="([^"]+)"', page)
    assert len(codes) > 3
    send(desk, page, "offer", override=codes[0])
    place = {"rank": 4, "band": chosen.band, "override": codes[0]}
    assert list_events(workspace)[0]["fields"] | {"until": ""} == {"until": "", **place}


def test_a_reason_never_blocks(desk: TestClient, workspace: Workspace, ids: list[str]) -> None:
    assert send(desk, open_decide(desk, ids[2]), "offer").status_code == 200
    assert list_events(workspace)[0]["fields"]["rank"] == 3
    assert "override" not in list_events(workspace)[0]["fields"]


def test_a_decline_leads_to_the_next_therapist(desk: TestClient, workspace: Workspace, ids: list[str]) -> None:
    send(desk, open_decide(desk, ids[0]), "offer")
    page = open_decide(desk, ids[0])
    assert {"client", "therapist"} == set(list_hidden(page, "by"))
    declined = send(desk, page, "decline", reason="prefers-alternative")
    assert declined.url.path == f"/clients/{CLIENT}/shortlist"
    text = read_text(declined.text)
    assert f"Offer {ids[1]} first." in text
    assert "Recorded:" in text
    assert list_events(workspace)[-1]["fields"] == {"by": "client", "reason": "prefers-alternative"}


def test_reasons_of_a_decline_are_those_of_the_side(desk: TestClient, ids: list[str]) -> None:
    send(desk, open_decide(desk, ids[0]), "offer")
    forms = re.findall(r"<form.*?</form>", open_decide(desk, ids[0]), re.DOTALL)
    by_side = {side: re.findall(r'name="reason" id="\w+" value="([^"]+)"', form)
               for form in forms for side in list_hidden(form, "by")}  # fmt: skip
    assert "caseload" in by_side["therapist"]
    assert "caseload" not in by_side["client"]


def test_a_decline_without_a_reason_shows_the_form_again(
    desk: TestClient, workspace: Workspace, ids: list[str]
) -> None:
    send(desk, open_decide(desk, ids[0]), "offer")
    refused = send(desk, open_decide(desk, ids[0]), "decline")
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert 'href="#reason"' in refused.text
    assert len(list_events(workspace)) == 1


def test_accept_start_and_end_follow_each_other(desk: TestClient, workspace: Workspace, ids: list[str]) -> None:
    send(desk, open_decide(desk, ids[0]), "offer")
    accepted = send(desk, open_decide(desk, ids[0]), "accept")
    assert f"{CLIENT} has accepted {ids[0]}" in read_text(accepted.text)
    started = send(desk, accepted.text, "start")
    assert f"{CLIENT} is in therapy with {ids[0]}" in read_text(started.text)
    ended = send(desk, started.text, "end", reason="client-request")
    assert ended.url.path == f"/clients/{CLIENT}/rematch"
    assert [one["type"] for one in list_events(workspace)] == ["offered", "accepted", "started", "ended"]


def test_each_step_can_be_undone(desk: TestClient, workspace: Workspace, ids: list[str]) -> None:
    shown = send(desk, open_decide(desk, ids[0]), "offer").text
    form = find_form(shown, "/undo")
    undone = desk.post("/undo", data={name: list_hidden(form, name)[0] for name in ("events", "seen", "back")})
    assert undone.status_code == 200
    assert workspace.client(CLIENT).result.offers == ()


def test_a_refused_date_is_kept_with_its_error(desk: TestClient, workspace: Workspace, ids: list[str]) -> None:
    refused = send(desk, open_decide(desk, ids[1]), "offer", until="2025-01-01", override="prefers-alternative")
    assert refused.status_code == 422
    assert 'value="2025-01-01"' in refused.text
    assert 'value="prefers-alternative" checked' in refused.text
    assert workspace.count_events() == 0


def test_another_event_about_the_client_is_a_conflict(desk: TestClient, workspace: Workspace, ids: list[str]) -> None:
    page = open_decide(desk, ids[0])
    workspace.record("client_changed", client=CLIENT, cells={"age": 41})
    assert send(desk, page, "offer").status_code == 409
    assert len(list_events(workspace)) == 1


def test_a_therapist_who_is_ruled_out_is_shown_with_the_rule(desk: TestClient, workspace: Workspace) -> None:
    excluded = workspace.rank(CLIENT).result.excluded[0]
    text = read_text(open_decide(desk, excluded.therapist_id))
    assert f"{excluded.therapist_id} is ruled out for {CLIENT}." in text
    assert excluded.rules[0].says[1:].replace("`", "") in text


def test_without_a_therapist_the_open_one_is_taken(desk: TestClient, ids: list[str]) -> None:
    assert desk.get(f"/clients/{CLIENT}/decide").url.path == f"/clients/{CLIENT}/shortlist"
    send(desk, open_decide(desk, ids[1]), "offer")
    assert html.unescape(str(desk.get(f"/clients/{CLIENT}/decide").url)).endswith(f"decide?t={ids[1]}")


def test_a_therapist_who_is_not_on_the_roster_is_not_offered(desk: TestClient) -> None:
    page = open_decide(desk, "t999")
    assert "t999 is not on the roster." in read_text(page)
    assert "/offer" not in page


def test_an_answer_of_a_client_set_aside_can_be_recorded(
    desk: TestClient, workspace: Workspace, ids: list[str]
) -> None:
    send(desk, open_decide(desk, ids[0]), "offer")
    with (workspace.folder / "preferences.csv").open("a") as file:
        file.write(f"{CLIENT},gender,woman,shall\n")
    declined = send(desk, open_decide(desk, ids[0]), "decline", reason="no-answer")
    assert f"{CLIENT} is set aside." in read_text(declined.text)
    assert list_events(workspace)[-1]["type"] == "declined"
