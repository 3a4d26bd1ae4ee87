"""The page of a client: half an intake is fine, a refused form loses nothing, wishes, the history and its undo."""

import re

import pytest
from starlette.testclient import TestClient

from attune_fit.workspace import Workspace
from tests.app.desk.conftest import visit_as
from tests.app.desk.form_parts import list_errors, read_form
from tests.app.desk.page_parts import list_links, read_text

CLIENT = "c0022"
PAGE = f"/clients/{CLIENT}"


def add(desk: TestClient, **typed: str | list[str]) -> tuple[int, str]:
    """Send the form of a new client, with what was typed; return the status and the page."""
    fields = read_form(desk.get("/clients/new").text, "/clients/new")
    answer = desk.post("/clients/new", data={**fields, "later": "1", **typed})
    return answer.status_code, answer.text


def test_an_id_alone_makes_a_client(desk: TestClient, workspace: Workspace) -> None:
    status, page = add(desk, client_id="n1", referred_on="")
    assert status == 200
    assert "Recorded: client added, n1." in read_text(page)
    one = workspace.client("n1").result
    assert not [cell for cell in one.cells.values() if cell is not None]


def test_the_next_free_id_is_suggested(reading_desk: TestClient, read_only_clinic: Workspace) -> None:
    suggested = read_form(reading_desk.get("/clients/new").text, "/clients/new")["client_id"]
    assert suggested == ["c0081"]
    assert "c0081" not in set(read_only_clinic.tables.clients["client_id"])


def test_cells_and_wishes_of_a_new_client_are_recorded_at_once(desk: TestClient, workspace: Workspace) -> None:
    typed: dict[str, str | list[str]] = {
        "client_id": "n1", "age": "31", "formats": ["video", "in person"], "presenting_problems": ["anxiety", "grief"],
        "presenting_problems:first": "grief", "wish-1-attribute": "gender", "wish-1-value": "woman",
        "wish-1-strength": "must",
    }  # fmt: skip
    add(desk, **typed)
    one = workspace.client("n1").result
    assert one.cells["age"] == 31
    assert one.cells["presenting_problems"] == ("grief", "anxiety")
    assert [(wish.attribute, wish.value, wish.strength) for wish in one.wishes] == [("gender", "woman", "must")]
    assert [row.event.type for row in one.events] == ["client_added", "wish_set"]


def test_a_refused_form_names_each_input_and_keeps_what_was_typed(desk: TestClient, workspace: Workspace) -> None:
    status, page = add(desk, client_id="n1", phq9="99", gad7="7", formats=["video"], **{
        "wish-1-attribute": "religion", "wish-1-value": "christian"})  # fmt: skip
    assert status == 422
    assert [place for place, _ in list_errors(page)] == ["f-phq9", "wish-1-strength"]
    for place, _ in list_errors(page):
        assert f'id="{place}"' in page
    kept = read_form(page, "/clients/new")
    assert (kept["phq9"], kept["gad7"], kept["formats"]) == (["99"], ["7"], ["video"])
    assert (kept["wish-1-attribute"], kept["wish-1-value"]) == (["religion"], ["christian"])
    assert workspace.count_events() == 0


def test_a_known_id_is_refused_in_words_of_the_page(desk: TestClient) -> None:
    _, page = add(desk, client_id=CLIENT)
    assert list_errors(page) == [("client_id", f"There is a client {CLIENT} already. Find that client above, or give "
                                  "the new client another id.")]  # fmt: skip


def test_a_row_of_wishes_is_added_and_removed_without_script(desk: TestClient, workspace: Workspace) -> None:
    fields = {**read_form(desk.get("/clients/new").text, "/clients/new"), "wish-2-value": "typed"}
    more = read_form(desk.post("/clients/new", data={**fields, "add": "wish"}).text, "/clients/new")
    assert "wish-3-attribute" in more
    fewer = read_form(desk.post("/clients/new", data={**more, "drop": "1"}).text, "/clients/new")
    assert fewer["wish-1-value"] == ["typed"]
    assert "wish-3-attribute" not in fewer
    assert workspace.count_events() == 0


def test_a_code_that_no_one_has_is_new_only_when_it_is_meant(desk: TestClient, workspace: Workspace) -> None:
    fields = read_form(desk.get(PAGE).text, PAGE)
    refused = desk.post(PAGE, data={**fields, "languages": ["english", "tigrinya"]})
    assert refused.status_code == 422
    assert 'name="new_codes"' in refused.text
    desk.post(PAGE, data={**fields, "other_column": "languages", "other_code": "tigrinya"})
    assert workspace.client(CLIENT).result.cells["languages"] == ("english", "tigrinya")


def test_a_wrong_value_of_a_wish_is_an_error_of_the_wish(desk: TestClient) -> None:
    """A column of therapists can have the name of a column of clients: the error must not be at the client's."""
    fields = read_form(desk.get("/clients/new").text, "/clients/new")
    wish = {"wish-1-attribute": "gender", "wish-1-value": "a woman", "wish-1-strength": "prefer"}
    refused = desk.post("/clients/new", data={**fields, **wish, "now": "1"})
    assert refused.status_code == 422
    assert 'href="#wish-1-value"' in refused.text
    assert 'href="#f-gender"' not in refused.text
    assert "woman" in read_text(refused.text).split("1 error to fix")[1].split("Nothing that you typed")[0]
    assert 'name="new_codes"' in refused.text


def test_only_what_was_changed_is_recorded(desk: TestClient, workspace: Workspace) -> None:
    before = workspace.client(CLIENT).result.cells
    fields = read_form(desk.get(PAGE).text, PAGE)
    assert "Nothing was changed" in read_text(desk.post(PAGE, data=fields).text)
    assert workspace.count_events() == 0
    desk.post(PAGE, data={**fields, "gad7": "", "payer": "plan a"})
    (event,) = workspace.journal().result.rows
    assert event.event.fields["cells"] == {"gad7": None, "payer": "plan a"}
    assert event.event.actor == "test-coordinator"
    after = workspace.client(CLIENT).result.cells
    assert {name for name in after if after[name] != before[name]} == {"gad7", "payer"}


def test_a_change_can_be_saved_and_ranked_at_once(desk: TestClient) -> None:
    fields = read_form(desk.get(PAGE).text, PAGE)
    saved = desk.post(PAGE, data={**fields, "gad7": "", "rank": "1"})
    assert saved.url.path == f"{PAGE}/shortlist"
    assert saved.url.query == b"done=1"


def test_the_main_problem_can_be_changed_alone(desk: TestClient, workspace: Workspace) -> None:
    page = "/clients/c0040"
    fields = read_form(desk.get(page).text, page)
    assert fields["presenting_problems:first"] == ["stress"]
    desk.post(page, data={**fields, "presenting_problems:first": "anxiety"})
    assert workspace.client("c0040").result.cells["presenting_problems"][0] == "anxiety"


def test_a_wish_is_set_and_withdrawn(desk: TestClient, workspace: Workspace) -> None:
    fields = read_form(desk.get(PAGE).text, f"{PAGE}/wishes")
    wish = {"attribute": ["gender"], "value": ["woman"], "strength": ["prefer"]}
    page = desk.post(f"{PAGE}/wishes", data={**fields, **wish}).text
    assert ("gender", "woman") in {(one.attribute, one.value) for one in workspace.client(CLIENT).result.wishes}
    fields = read_form(page, f"{PAGE}/wishes")
    desk.post(f"{PAGE}/wishes", data={**fields, "withdraw": "gender=woman"})
    assert ("gender", "woman") not in {(one.attribute, one.value) for one in workspace.client(CLIENT).result.wishes}


def test_a_wish_without_strength_is_refused_where_it_is_typed(desk: TestClient) -> None:
    fields = read_form(desk.get(PAGE).text, f"{PAGE}/wishes")
    answer = desk.post(f"{PAGE}/wishes", data={**fields, "attribute": "age", "value": "40-60"})
    assert answer.status_code == 422
    assert list_errors(answer.text) == [("wish-1-strength", "Wish 1: Choose how strong the wish is.")]
    assert 'id="wish-1-strength"' in answer.text
    assert 'value="40-60"' in answer.text


@pytest.mark.parametrize(("page", "action"), [("/clients/new", "/clients/new"), (PAGE, f"{PAGE}/wishes")])
def test_the_enter_key_withdraws_and_removes_no_wish(page: str, action: str, reading_desk: TestClient) -> None:
    forms = re.findall(r"<form.*?</form>", reading_desk.get(page).text, re.DOTALL)
    form = next(form for form in forms if f'action="{action}"' in form)
    first = re.search(r"<button[^>]*>", form)
    assert first is not None  # a browser presses the first button of the form
    assert 'name="withdraw"' not in first.group()
    assert 'name="drop"' not in first.group()


def test_each_event_of_the_history_can_be_undone(desk: TestClient, workspace: Workspace) -> None:
    before = workspace.client(CLIENT).result.cells
    fields = read_form(desk.get(PAGE).text, PAGE)
    page = desk.post(PAGE, data={**fields, "age": "52"}).text
    forms = [form for form in re.findall(r"<form.*?</form>", page, re.DOTALL) if 'id="because"' in form]
    assert re.findall(r'name="events" value="(\d+)"', forms[0]) == ["1"]
    form = {**read_form(forms[0], "/undo"), "events": "1", "because": "wrong-entry"}
    shown = desk.post("/undo", data=form)
    assert shown.url.path == PAGE
    assert f"1 event undone: client changed, {CLIENT}." in read_text(shown.text)
    assert workspace.client(CLIENT).result.cells == before
    assert workspace.journal().result.rows[-1].event.fields["because"] == "wrong-entry"


def test_the_next_action_follows_the_state(desk: TestClient, workspace: Workspace) -> None:
    client = workspace.list_client_ids(waiting_only=True)[0]
    therapist = workspace.rank(client).to_dict()["candidates"][0]["therapist_id"]
    assert f"/clients/{client}/shortlist" in list_links(desk.get(f"/clients/{client}").text, "/clients/")
    workspace.record("offered", client=client, therapist=therapist)
    page = desk.get(f"/clients/{client}").text
    assert f"/clients/{client}/decide?t={therapist}" in list_links(page, "/clients/")
    assert "Record the answer" in page


def test_an_id_that_no_client_has_is_not_found(reading_desk: TestClient) -> None:
    answer = reading_desk.get("/clients/zz")
    assert answer.status_code == 404
    assert "zz" in read_text(answer.text)


def test_text_of_a_cell_is_escaped(desk: TestClient) -> None:
    _, page = add(desk, client_id='"><script>', phq9='"><b>')
    assert "<script>" not in page.split("<main")[1]
    assert '"><b>' not in page


@pytest.mark.parametrize("address", ["/clients/new", PAGE, f"{PAGE}/wishes"])
def test_a_clinician_changes_no_client(address: str, workspace: Workspace) -> None:
    answer = visit_as(workspace, "clinician", "t05").post(address, data={"client_id": "n1", "seen": "0", "age": "52"})
    assert answer.status_code == 403
    assert workspace.count_events() == 0


def test_a_therapy_whose_last_record_is_old_is_stated_as_not_known(desk: TestClient, workspace: Workspace) -> None:
    (therapy,) = workspace.client("c0060").result.therapies
    day = f"{therapy.last_on.day} {therapy.last_on:%B %Y}"
    text = read_text(desk.get("/clients/c0060").text)
    assert f"Last record with t08 on {day}; not known whether still in therapy." in text
    assert "In therapy with" not in text
    shortlist = read_text(desk.get("/clients/c0060/shortlist").text)
    assert "c0060 has met t08; it is not known whether the therapy goes on." in shortlist
    workspace.record("started", client="c0061", therapist="t03")
    assert "In therapy with t03" in read_text(desk.get("/clients/c0061").text)
