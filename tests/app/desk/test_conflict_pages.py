"""Two edits of the same people: both are shown, only the field in conflict has no default, and nothing is lost."""

import re

import pytest
from starlette.testclient import TestClient

from attune_fit.workspace import Workspace
from tests.app.desk.form_parts import list_errors, read_form
from tests.app.desk.page_parts import list_hidden, read_text

CLIENT = "c0022"
PAGE = f"/clients/{CLIENT}"


@pytest.fixture
def conflict(desk: TestClient, workspace: Workspace) -> str:
    """The page after both changed the age, you the payer, and someone else the GAD-7."""
    fields = read_form(desk.get(PAGE).text, PAGE)
    workspace.record("client_changed", client=CLIENT, cells={"age": 33, "gad7": 20}, actor="intake-01")
    answer = desk.post(PAGE, data={**fields, "age": "44", "payer": "plan a"})
    assert answer.status_code == 409
    return answer.text


def test_a_field_that_both_changed_shows_all_three_values(conflict: str, workspace: Workspace) -> None:
    row = re.search(r'<tr class="changed">.*?</tr>', conflict, re.DOTALL).group()  # type: ignore[union-attr]
    assert re.findall(r"\d\d", read_text(f"<main{row}")) == ["40", "33", "44"]
    assert " checked" not in row
    assert "Account intake-01 saved 1 event" in read_text(conflict)
    assert workspace.count_events() == 1


def test_other_changes_of_both_are_the_defaults(conflict: str) -> None:
    fields = read_form(conflict, PAGE)
    assert (fields["gad7"], fields["payer"]) == (["20"], ["plan a"])
    assert "age" not in fields


@pytest.mark.parametrize(("chosen", "cells"), [("44", {"age": 44, "payer": "plan a"}), ("33", {"payer": "plan a"})])
def test_the_choice_is_recorded(
    chosen: str, cells: dict[str, object], conflict: str, desk: TestClient, workspace: Workspace
) -> None:
    answer = desk.post(PAGE, data={**read_form(conflict, PAGE), "age": chosen})
    assert answer.status_code == 200
    assert workspace.journal().result.rows[-1].event.fields["cells"] == cells
    assert workspace.client(CLIENT).result.cells["gad7"] == 20


def test_without_a_choice_nothing_is_recorded_and_nothing_lost(
    conflict: str, desk: TestClient, workspace: Workspace
) -> None:
    again = desk.post(PAGE, data=read_form(conflict, PAGE))
    assert again.status_code == 409
    assert [place for place, _ in list_errors(again.text)] == ["age-saved"]
    assert 'value="44"' in again.text
    assert workspace.count_events() == 1
    desk.post(PAGE, data={**read_form(again.text, PAGE), "age": "44"})
    assert workspace.client(CLIENT).result.cells["age"] == 44


def test_edits_of_other_fields_by_both_are_both_kept(desk: TestClient, workspace: Workspace) -> None:
    fields = read_form(desk.get(PAGE).text, PAGE)
    workspace.record("client_changed", client=CLIENT, cells={"gad7": 20}, actor="intake-01")
    page = desk.post(PAGE, data={**fields, "age": "44"}).text
    assert "No field was changed by both of you" in read_text(page)
    desk.post(PAGE, data=read_form(page, PAGE))
    cells = workspace.client(CLIENT).result.cells
    assert (cells["age"], cells["gad7"]) == (44, 20)


def test_the_same_change_by_both_is_no_conflict(desk: TestClient, workspace: Workspace) -> None:
    fields = read_form(desk.get(PAGE).text, PAGE)
    workspace.record("client_changed", client=CLIENT, cells={"age": 44}, actor="intake-01")
    assert "Nothing was changed" in read_text(desk.post(PAGE, data={**fields, "age": "44"}).text)
    assert workspace.count_events() == 1


def test_a_wish_after_another_event_shows_it_and_can_be_recorded_nevertheless(
    desk: TestClient, workspace: Workspace
) -> None:
    address = f"{PAGE}/wishes"
    fields = read_form(desk.get(PAGE).text, address)
    workspace.record("client_changed", client=CLIENT, cells={"age": 44}, actor="intake-01")
    typed = {"attribute": ["gender"], "value": ["woman"], "strength": ["must"]}
    answer = desk.post(address, data={**fields, **typed})
    assert answer.status_code == 409
    assert "Client changed: age: 44" in read_text(answer.text)
    assert "intake-01" in read_text(answer.text)
    assert list_hidden(answer.text, "seen") == ["1"]
    assert workspace.count_events() == 1
    desk.post(address, data=read_form(answer.text, address))
    assert ("gender", "woman") in {(one.attribute, one.value) for one in workspace.client(CLIENT).result.wishes}


def test_an_entry_that_is_not_possible_any_more_is_not_offered_again(desk: TestClient, workspace: Workspace) -> None:
    address = f"{PAGE}/wishes"
    fields = read_form(desk.get(PAGE).text, address)
    wish = {"attribute": "gender", "value": "woman", "strength": "must"}
    workspace.record_all([{"event": "wish_set", "client": CLIENT, **wish}], actor="intake-01")
    answer = desk.post(address, data={**fields, **{name: [text] for name, text in wish.items()}})
    assert answer.status_code == 409
    assert "Your entry is not possible any more" in read_text(answer.text)
    assert "Record my entry now" not in answer.text


def test_a_new_export_while_a_form_is_open_is_a_conflict_too(desk: TestClient, workspace: Workspace) -> None:
    fields = read_form(desk.get(PAGE).text, PAGE)
    table = workspace.folder / "clients.csv"
    table.write_text(table.read_text().replace(f"{CLIENT},40.0,", f"{CLIENT},35.0,"))
    answer = desk.post(PAGE, data={**fields, "age": "44"})
    assert answer.status_code == 409
    assert f"What is saved about {CLIENT} changed after you opened it." in read_text(answer.text)
    assert workspace.count_events() == 0
    desk.post(PAGE, data={**read_form(answer.text, PAGE), "age": "44"})
    assert workspace.client(CLIENT).result.cells["age"] == 44


@pytest.mark.parametrize("seen", [{}, {"seen": ""}, {"seen": "x"}, {"seen": "9" * 20}, {"seen": "40"}])
def test_a_form_that_names_no_event_of_this_journal_has_seen_none(
    seen: dict[str, str], desk: TestClient, workspace: Workspace
) -> None:
    """It was opened before the journal was put back from a backup, or no page made it: no change is overwritten."""
    client = workspace.waiting_list().result.clients[0].client_id
    workspace.record("client_changed", client=client, cells={"age": 44})
    wish = {"attribute": "gender", "value": "woman", "strength": "must"}
    assert desk.post(f"/clients/{client}/wishes", data={**wish, **seen}).status_code == 409
    assert workspace.count_events() == 1
    assert desk.post(f"/clients/{client}/wishes", data={**wish, "seen": "1"}).status_code == 200
