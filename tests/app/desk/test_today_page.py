"""Today: each count is a link to as many rows, tasks have one next action, and the day list fits one page."""

import datetime as dt
import html
import re

import pytest
from starlette.testclient import TestClient

from attune_fit.app.desk.pages.today import PRINTED_LINES
from attune_fit.app.desk.wording.task_words import TASK_WORDS, list_task_rows
from attune_fit.matching.day_lists.day_list import TASK_KINDS, DayTask
from attune_fit.workspace import Workspace
from tests.app.desk.page_parts import count_rows, list_links, list_row_ids, read_text


@pytest.fixture(scope="module")
def today(reading_desk: TestClient) -> str:
    return reading_desk.get("/today").text


def list_counts(page: str) -> dict[str, int]:
    """Return the address of each count above the page, and its number."""
    figures = page[page.index('class="figures"') : page.index("</ul>", page.index('class="figures"'))]
    found = re.findall(r'<a href="([^"]*)"><b>([\d,]+)</b>', figures)
    return {html.unescape(address): int(number.replace(",", "")) for address, number in found}


def test_a_day_that_is_fixed_is_marked_as_such(today: str, desk: TestClient, workspace: Workspace) -> None:
    assert "5 January 2026 The setting as_of in clinic.toml fixes this day" in read_text(today)
    settings = workspace.clinic.folder / "clinic.toml"
    settings.write_text(re.sub(r"(?m)^as_of = .*$", "", settings.read_text(encoding="utf-8")), encoding="utf-8")
    assert "The setting as_of" not in read_text(desk.get("/today").text)


def test_six_counts_are_those_of_the_verb(today: str, read_only_clinic: Workspace) -> None:
    names = ("waiting", "offers_ending", "checks_overdue", "weak_alliances", "openings", "stale_rows")
    counts = read_only_clinic.today().result.counts
    assert list(list_counts(today).values()) == [counts[name] for name in names]


def test_each_count_equals_the_rows_to_which_it_leads(today: str, reading_desk: TestClient) -> None:
    for address, number in list_counts(today).items():
        page = reading_desk.get(address).text
        if address.startswith("/today"):
            page = page[: page.index('id="wl"')]  # without the waiting list below
        if address.startswith("/waiting-list"):
            page = reading_desk.get(f"{address}?rows=all").text
        if "state=open" in address:  # openings; the rows are their therapists
            number = int(re.search(r"openings?, (\d+) therapists?", read_text(today)).group(1))  # type: ignore[union-attr]
        assert count_rows(page) == number, address


def test_the_first_clients_wait_as_in_the_list(today: str, read_only_clinic: Workspace) -> None:
    expected = [one.client_id for one in read_only_clinic.today().result.waiting]
    assert list_row_ids(today)[-len(expected) :] == expected
    assert f"Waiting list: {len(expected)} of " in read_text(today)


def test_a_kind_shows_its_tasks_only(reading_desk: TestClient, read_only_clinic: Workspace) -> None:
    tasks = read_only_clinic.today().result.tasks
    kind = tasks[0].kind
    page = reading_desk.get("/today", params={"kind": kind}).text
    expected = [task for task in tasks if task.kind == kind]
    assert f"{TASK_WORDS[kind].plural}: {len(expected)}" in read_text(page)
    assert "Nothing of this kind is due" in read_text(reading_desk.get("/today?kind=client-declined").text)


def test_every_kind_of_task_has_its_words() -> None:
    assert set(TASK_WORDS) == {kind.name for kind in TASK_KINDS}


def test_each_task_leads_to_one_page_of_the_desk(reading_desk: TestClient, read_only_clinic: Workspace) -> None:
    waiting = read_only_clinic.list_client_ids(waiting_only=True)[0]
    met = read_only_clinic.follow_up().result.pairs[0].client_id
    for kind in TASK_WORDS:
        client = (
            met if kind in ("rematch-due", "weak-alliance") else waiting
        )  # a rematch is for a client who has met a therapist
        task = DayTask("today", dt.date(2026, 1, 5), kind, client, "t05", None, "Do it.", "t05", 3)
        (row,) = list_task_rows([task])
        assert reading_desk.get(row.address).status_code == 200, row.address


@pytest.mark.parametrize(("kind", "page"), [("weak-alliance", "/clients/{}/rematch"), ("left-early", "/clients/{}")])
def test_a_client_to_talk_to_has_a_link_to_the_own_page(
    kind: str, page: str, reading_desk: TestClient, read_only_clinic: Workspace
) -> None:
    clients = [task.client_id for task in read_only_clinic.today().result.tasks if task.kind == kind]
    links = re.findall(r'data-key="o" href="([^"]*)">Follow up', reading_desk.get(f"/today?kind={kind}").text)
    assert clients
    assert links == [page.format(one) for one in clients]


def test_a_declined_offer_leads_to_the_next_in_line(desk: TestClient, workspace: Workspace) -> None:
    client = next(one for one in workspace.list_client_ids(waiting_only=True)
                  if len(workspace.rank(one).to_dict()["candidates"]) > 1)  # fmt: skip
    first = workspace.rank(client).to_dict()["candidates"][0]["therapist_id"]
    workspace.record("offered", client=client, therapist=first)
    workspace.record("declined", client=client, therapist=first, by="client", reason="prefers-alternative")
    task = next(one for one in workspace.today().result.tasks if one.kind == "client-declined")
    assert task.next_therapist_id != first
    links = list_links(desk.get("/today?kind=client-declined").text, f"/clients/{client}/decide")
    assert links == [f"/clients/{client}/decide?t={task.next_therapist_id}"]


def test_the_printed_list_has_so_many_lines_at_most(reading_desk: TestClient) -> None:
    page = reading_desk.get("/today/print").text
    assert 0 < count_rows(page) <= PRINTED_LINES
    assert "Waiting list" in read_text(page)
