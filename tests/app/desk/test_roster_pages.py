"""The roster and one therapist of it: edits are recorded, refused ones keep what was typed, conflicts lose nothing."""

import pytest
from starlette.testclient import TestClient

from attune_fit.matching.day_lists.roster_list import ROSTER_STATES
from attune_fit.workspace import Workspace
from tests.app.desk.form_parts import read_form
from tests.app.desk.page_parts import count_rows, find_form, list_hidden, list_row_ids, read_text


@pytest.mark.parametrize("state", ["", *ROSTER_STATES])
def test_counts_equal_rows_and_rows_are_by_id(
    state: str, reading_desk: TestClient, read_only_clinic: Workspace
) -> None:
    page = reading_desk.get("/roster", params={"state": state}).text
    expected = read_only_clinic.roster(state=state or None).result
    assert list_row_ids(page) == sorted(one.therapist_id for one in expected.therapists)
    assert f"{len(expected.therapists)} of {expected.total} shown" in read_text(page)


def test_no_score_is_on_the_roster(reading_desk: TestClient) -> None:
    page = read_text(reading_desk.get("/roster").text).lower()
    assert not [word for word in ("score", "estimate", "rank ", "alliance") if word in page]


def test_openings_of_a_row_are_recorded_as_a_check(desk: TestClient, workspace: Workspace) -> None:
    fields = read_form(desk.get("/roster?edit=t14").text, "/roster/t14")
    shown = desk.post("/roster/t14", data={**fields, "openings": "4"})
    row = workspace.therapist("t14").result.row
    assert (row.openings, row.checked_on) == (4, workspace.tables.as_of)
    assert shown.url.path == "/roster"
    assert list_hidden(shown.text, "events") == ["1"]


@pytest.mark.parametrize("page", ["/roster?edit=t14", "/roster/t14"])
@pytest.mark.parametrize("typed", ["many", "-1", ""])
def test_a_refused_number_keeps_what_was_typed(typed: str, page: str, desk: TestClient, workspace: Workspace) -> None:
    fields = read_form(desk.get(page).text, "/roster/t14")
    shown = desk.post("/roster/t14", data={**fields, "openings": typed})
    assert shown.status_code == 422
    assert f'value="{typed}"' in find_form(shown.text, "/roster/t14")
    assert "Error: " in shown.text
    assert 'href="#openings"' in shown.text
    assert workspace.count_events() == 0


def test_the_whole_row_unchanged_changes_no_cell(desk: TestClient, workspace: Workspace) -> None:
    before = workspace.therapist("t14").result.cells
    desk.post("/roster/t14", data=read_form(desk.get("/roster/t14").text, "/roster/t14"))
    (event,) = workspace.journal(therapist="t14").result.rows
    assert "cells" not in event.event.fields
    assert workspace.therapist("t14").result.cells == before


def test_cells_of_the_row_are_recorded(desk: TestClient, workspace: Workspace) -> None:
    fields = read_form(desk.get("/roster/t14").text, "/roster/t14")
    shown = desk.post("/roster/t14", data={**fields, "formats": ["video"], "years_experience": ""})
    cells = workspace.therapist("t14").result.cells
    assert (cells["formats"], cells["years_experience"]) == (("video",), None)
    assert shown.url.path == "/roster/t14"


def test_a_conflict_of_the_same_field_shows_both_values(desk: TestClient, workspace: Workspace) -> None:
    fields = read_form(desk.get("/roster?edit=t14").text, "/roster/t14")
    workspace.record("opening_set", therapist="t14", openings=7)
    shown = desk.post("/roster/t14", data={**fields, "openings": "4"})
    assert shown.status_code == 409
    assert 'value="7"' in shown.text
    assert 'value="4"' in shown.text
    assert workspace.count_events() == 1
    settled = read_form(shown.text, "/roster/t14")
    desk.post("/roster/t14", data={**settled, "openings": "4"})
    assert workspace.therapist("t14").result.row.openings == 4


def test_who_fits_lists_the_clients_of_the_verb_with_an_offer_each(
    reading_desk: TestClient, read_only_clinic: Workspace
) -> None:
    page = reading_desk.get("/roster/t06/who-fits").text
    expected = read_only_clinic.who_fits("t06").result
    assert list_row_ids(page) == [one.client_id for one in expected.clients]
    assert page.count("/decide?t=t06") == len(expected.clients) > 0
    assert f"Clients: {len(expected.clients)} of {expected.matching}" in read_text(page)


def test_a_full_therapist_fits_no_client_and_the_page_names_the_rules(
    reading_desk: TestClient, read_only_clinic: Workspace
) -> None:
    full = read_only_clinic.roster(state="full").result.therapists[0].therapist_id
    page = read_text(reading_desk.get(f"/roster/{full}/who-fits").text)
    assert f"No waiting client can be offered {full}" in page
    assert "full: " in page


def test_the_printed_list_has_the_clients_of_the_therapist_only(
    reading_desk: TestClient, read_only_clinic: Workspace
) -> None:
    page = reading_desk.get("/roster/t02/print").text
    one = read_only_clinic.therapist("t02").result
    assert set(list_row_ids(page)) == {*one.clients, *(offer.client_id for offer in one.row.offers)}
    assert count_rows(page) == len(one.clients) > 0


@pytest.mark.parametrize("page", ["/roster/nowhere", "/roster/nowhere/who-fits", "/roster/nowhere/leaving"])
def test_an_unknown_therapist_is_not_found(page: str, reading_desk: TestClient) -> None:
    assert reading_desk.get(page).status_code == 404
