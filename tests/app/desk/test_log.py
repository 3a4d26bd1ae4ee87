"""The log page: events and lists that were shown, the filter in the address, the check, and a line computed again."""

from __future__ import annotations

import re
from html import unescape

import pytest
from starlette.testclient import TestClient

from attune_fit.workspace import Workspace


def text_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def count_rows(page: str) -> int:
    return page.count('<th scope="row"')


@pytest.fixture
def pair(workspace: Workspace) -> tuple[str, str]:
    """A waiting client and the first therapist of the list, which is in the log; the offer is in the journal."""
    client = workspace.list_client_ids(waiting_only=True)[0]
    therapist = workspace.rank(client, log=True).result.candidates[0].therapist_id
    workspace.record("offered", client=client, therapist=therapist)
    return client, therapist


def test_an_empty_log_says_what_will_be_there(desk: TestClient) -> None:
    assert "No event yet" in desk.get("/log").text
    assert "No list yet" in desk.get("/log?show=lists").text


def test_events_and_lists_are_rows_with_links(desk: TestClient, pair: tuple[str, str]) -> None:
    client, therapist = pair
    events, lists = desk.get("/log").text, desk.get("/log?show=lists").text
    assert count_rows(events) == count_rows(lists) == 1
    assert f'href="/clients/{client}"' in events
    assert f'href="/roster/{therapist}"' in events
    assert 'href="/log/1"' in lists
    assert "Events (1)" in text_of(events)
    assert "Lists shown (1)" in text_of(events)


def test_the_filter_is_in_the_address_and_counts_equal_rows(
    desk: TestClient, workspace: Workspace, pair: tuple[str, str]
) -> None:
    other = workspace.list_client_ids(waiting_only=True)[-1]
    workspace.rank(other, log=True)
    assert count_rows(desk.get(f"/log?show=lists&client={other}").text) == 1
    assert f'value="{other}"' in desk.get(f"/log?show=lists&client={other}").text
    assert count_rows(desk.get(f"/log?therapist={pair[1]}").text) == 1
    assert "No row fits this filter" in desk.get("/log?client=absent").text
    assert "No row fits this filter" in desk.get("/log?show=lists&until=2001-01-01").text
    assert count_rows(desk.get("/log?show=lists&since=2001-01-01").text) == 2
    assert desk.get("/log?since=then").status_code == 422


def test_an_event_that_was_undone_says_by_which(desk: TestClient, workspace: Workspace, pair: tuple[str, str]) -> None:
    workspace.record("undone", number=1, because="wrong-entry")
    page = desk.get("/log").text
    assert "undone by 2" in page
    assert count_rows(page) == 2


def test_page_command_and_python_have_the_same_rows(
    desk: TestClient, workspace: Workspace, pair: tuple[str, str]
) -> None:
    assert desk.get("/log?format=json").json() == workspace.journal().to_dict()
    assert desk.get("/log?show=lists&format=json").json() == workspace.log().to_dict()
    assert len(desk.get("/log?show=lists&format=csv").text.splitlines()) == len(workspace.log().to_frame()) + 1


def test_the_check_says_that_no_line_was_changed_or_which_one(
    desk: TestClient, workspace: Workspace, pair: tuple[str, str]
) -> None:
    assert "No line was changed since it was written. Checked now: rankings (1), events (1)." in text_of(
        desk.get("/log").text
    )
    path = workspace.clinic.artifacts / "rankings.jsonl"
    path.write_text(path.read_text().replace(pair[0], "another"))
    page = desk.get("/log").text
    assert "The log was changed" in page
    assert "rankings.jsonl: " in page


def test_a_long_log_is_checked_when_wanted(
    desk: TestClient, pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attune_fit.app.desk.pages.log.MAX_CHECKED", 1)
    assert "No line was changed" not in desk.get("/log").text
    assert 'href="/log?check=true"' in desk.get("/log").text
    assert "No line was changed" in desk.get("/log?check=true").text


def test_a_line_is_shown_and_computed_again(desk: TestClient, workspace: Workspace, pair: tuple[str, str]) -> None:
    page = desk.get("/log/1").text
    shown = workspace.log().result[0].therapist_ids
    assert re.findall(r'<li class="id"><a href="/roster/([^"]+)"', page) == list(shown)
    assert "byte for byte" not in page
    assert "The same, byte for byte." in desk.get("/log/1?again=true").text
    assert desk.get("/log/99").status_code == 404
    (workspace.folder / "clinic.toml").write_text(
        (workspace.folder / "clinic.toml").read_text() + "\n[ranking]\nseed = 7\n"
    )
    assert desk.get("/log/1?again=true").status_code in (409, 422)


def test_many_rows_are_on_pages(desk: TestClient, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attune_fit.app.desk.pages.log.ROWS_SHOWN", 2)
    for client in workspace.list_client_ids(waiting_only=True)[:3]:
        workspace.rank(client, log=True)
    first, second = desk.get("/log?show=lists").text, desk.get("/log?show=lists&start=2").text
    assert (count_rows(first), count_rows(second)) == (2, 1)
    assert "1 to 2 of 3" in text_of(first)
    assert "3 to 3 of 3" in text_of(second)
    assert "start=2" in first
