"""Find a client by the id, or by a part of it."""

from starlette.testclient import TestClient

from attune_fit.workspace import Workspace
from tests.app.desk.conftest import visit_as
from tests.app.desk.page_parts import list_row_ids, read_text


def test_an_id_leads_to_its_page(reading_desk: TestClient) -> None:
    for typed in ("c0022", " C0022 "):
        assert reading_desk.get("/find", params={"client": typed}).url.path == "/clients/c0022"


def test_a_part_of_an_id_lists_all_that_hold_it(reading_desk: TestClient, read_only_clinic: Workspace) -> None:
    page = reading_desk.get("/find?client=c002").text
    expected = [one for one in read_only_clinic.list_client_ids(waiting_only=False) if "c002" in one]
    waiting = set(read_only_clinic.list_client_ids(waiting_only=True))
    assert list_row_ids(page) == sorted(expected, key=lambda one: (one not in waiting, one))
    states = {one: read_only_clinic.client(one).result.state.capitalize() for one in waiting & set(expected)}
    assert all(f"{one} {state}" in " ".join(read_text(page).split()) for one, state in states.items())
    assert f"{len(expected)} clients with c002 in the id" in read_text(page)


def test_no_match_offers_a_new_client(reading_desk: TestClient) -> None:
    answer = reading_desk.get("/find?client=zz 9")
    assert answer.status_code == 404
    assert 'href="/clients/new?id=zz%209"' in answer.text
    assert 'value="zz 9"' in reading_desk.get("/clients/new?id=zz%209").text


def test_a_clinician_gets_no_list_of_ids(read_only_clinic: Workspace) -> None:
    page = visit_as(read_only_clinic, "clinician", "t05").get("/find?client=c002").text
    assert not set(list_row_ids(page)) - set(read_only_clinic.own_clients("t05").result)
