"""The waiting list: its filters and order are in the address, and every count equals the rows that are shown."""

import pytest
from starlette.testclient import TestClient

from attune_fit.matching.day_lists.client_states import WAITING_STATES
from attune_fit.workspace import Workspace
from tests.app.desk.conftest import visit_as
from tests.app.desk.page_parts import count_rows, list_row_ids, read_text


@pytest.fixture(scope="module")
def busy_clinic(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Clients with an open, an accepted and a declined offer, and three priorities."""
    import shutil

    from attune_fit.workspace import open_clinic
    from tests.conftest import SAMPLE

    folder = tmp_path_factory.mktemp("busy") / "clinic"
    shutil.copytree(SAMPLE, folder)
    clinic = open_clinic(folder)
    pairs = [(one.client_id, one.therapist_id) for one in clinic.preview_placement().result.placed]
    for client, therapist in pairs[:3]:
        clinic.record("offered", client=client, therapist=therapist)
    clinic.record("accepted", client=pairs[1][0], therapist=pairs[1][1])
    clinic.record("declined", client=pairs[2][0], therapist=pairs[2][1], by="client", reason="not-stated")
    for (client, _), priority in zip(pairs[5:8], ("urgent", "soon", "routine"), strict=True):
        clinic.record("client_changed", client=client, cells={"priority": priority})
    return clinic


@pytest.fixture(scope="module")
def busy_desk(busy_clinic: Workspace) -> TestClient:
    return visit_as(busy_clinic)


@pytest.mark.parametrize("state", WAITING_STATES)
def test_counts_of_states_equal_rows(state: str, busy_desk: TestClient, busy_clinic: Workspace) -> None:
    page = busy_desk.get("/waiting-list", params={"state": state}).text
    expected = busy_clinic.waiting_list(state=state).result
    assert count_rows(page) == expected.matching == expected.states[state]
    assert f"{expected.matching} of {expected.total} shown" in read_text(page)


@pytest.mark.parametrize(("chosen", "priority"), [("urgent", "urgent"), ("none", ""), ("", None)])
def test_priorities_filter(chosen: str, priority: str | None, busy_desk: TestClient, busy_clinic: Workspace) -> None:
    page = busy_desk.get("/waiting-list", params={"priority": chosen, "rows": "all"}).text
    expected = busy_clinic.waiting_list(priority=priority).result.clients
    assert list_row_ids(page) == [one.client_id for one in expected]


def test_the_order_is_in_the_address_and_marked(busy_desk: TestClient, busy_clinic: Workspace) -> None:
    page = busy_desk.get("/waiting-list?sort=client_id&state=waiting").text
    ids = list_row_ids(page)
    assert ids == sorted(ids)
    assert 'aria-sort="ascending">Client' in page
    assert 'href="/waiting-list?state=waiting&amp;sort=wait"' in page


def test_pages_show_each_client_once(
    busy_desk: TestClient, busy_clinic: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from attune_fit.app.desk.pages import waiting_list

    monkeypatch.setattr(waiting_list, "ROWS_SHOWN", 8)
    ids = [one for start in (0, 8, 16) for one in list_row_ids(busy_desk.get(f"/waiting-list?start={start}").text)]
    assert ids == [one.client_id for one in busy_clinic.waiting_list().result.clients]
    assert 'href="/waiting-list?start=8"' in busy_desk.get("/waiting-list").text


def test_an_export_has_all_rows_of_the_filter(busy_desk: TestClient, busy_clinic: Workspace) -> None:
    lines = busy_desk.get("/waiting-list?state=waiting&format=csv").text.splitlines()
    assert len(lines) == 1 + busy_clinic.waiting_list(state="waiting").result.matching


def test_an_unknown_state_is_an_error_page(busy_desk: TestClient) -> None:
    assert busy_desk.get("/waiting-list?state=nowhere").status_code == 422
