"""The placement page: its choices are in the address, it agrees with the verbs, and all offers are recorded or none."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient

from attune_fit.app.desk.forms.placement_choice import PlacementChoice, parse_pairs
from attune_fit.workspace import Workspace
from tests.app.desk.page_parts import find_form, list_hidden, list_links, read_text


@pytest.fixture(scope="module")
def first_pair(read_only_clinic: Workspace) -> tuple[str, str]:
    one = read_only_clinic.preview_placement().result.placed[0]
    return one.client_id, one.therapist_id


def post_offers(desk: TestClient, page: str, pairs: Iterable[str] | None = None) -> Any:
    """Send the form of the page as a browser does."""
    form = find_form(page, "/placement/offer")
    action = form.split('action="')[1].split('"')[0].replace("&amp;", "&")
    fields = {"seen": list_hidden(form, "seen"), "pair": list(pairs or list_hidden(form, "pair"))}
    return desk.post(action, data=fields)


def test_the_page_offers_the_pairs_of_the_verb(reading_desk: TestClient, read_only_clinic: Workspace) -> None:
    page = reading_desk.get("/placement?show=all").text
    placed = read_only_clinic.assign().result.placed
    assert sorted(parse_pairs(list_hidden(page, "pair"))) == sorted((one.client_id, one.therapist_id) for one in placed)
    assert f"Commit {len(placed)} offers" in page
    assert f"Placed: all {len(placed)}" in read_text(page)


def test_counts_equal_rows(reading_desk: TestClient) -> None:
    page = reading_desk.get("/placement").text
    placed = page[page.index('id="placed"') : page.index("Show all")]
    assert "Placed: 15 of" in read_text(page)
    assert placed.count('<th scope="row"') == 15


def test_a_refusal_is_one_click_and_shows_what_changes(
    reading_desk: TestClient, read_only_clinic: Workspace, first_pair: tuple[str, str]
) -> None:
    client, therapist = first_pair
    address = PlacementChoice().refuse(client, therapist).format_address()
    assert f"{address}#changes" in list_links(reading_desk.get("/placement").text, "/placement?refuse")
    page = reading_desk.get(address).text
    preview = read_only_clinic.preview_placement(refuse=[first_pair]).result
    assert first_pair not in parse_pairs(list_hidden(page, "pair"))
    assert f"What changes: {len(preview.changes)} client" in read_text(page)
    assert f"You refused {therapist}" in read_text(page)
    assert "/placement" in list_links(page, "/placement")  # takes the refusal back


def test_a_pin_is_in_the_address_and_is_kept(reading_desk: TestClient, first_pair: tuple[str, str]) -> None:
    page = reading_desk.get(PlacementChoice(policy="first-come").pin(*first_pair).format_address()).text
    assert first_pair in parse_pairs(list_hidden(page, "pair"))
    again = next(one for one in list_links(page, "/placement?policy=wishes-first"))
    assert parse_pairs(parse_qs(urlsplit(again).query)["pin"]) == (first_pair,)


def test_a_pair_that_is_not_shown_can_be_pinned(reading_desk: TestClient, first_pair: tuple[str, str]) -> None:
    client, therapist = first_pair
    page = reading_desk.get("/placement", params={"pin_client": f" {client} ", "pin_therapist": therapist}).text
    assert f"Pinned: {client} to {therapist}" in read_text(page)
    assert reading_desk.get("/placement", params={"pin_client": client, "pin_therapist": ""}).status_code == 422


def test_a_pin_that_is_not_possible_can_be_taken_back(reading_desk: TestClient) -> None:
    shown = reading_desk.get("/placement?pin=c0062:nowhere")
    assert shown.status_code == 422
    assert "no therapist has the id" in shown.text.lower()
    assert "Take back" in shown.text


def test_all_offers_are_recorded_and_one_bar_undoes_them(desk: TestClient, workspace: Workspace) -> None:
    page = desk.get("/placement").text
    pairs = parse_pairs(list_hidden(page, "pair"))
    shown = post_offers(desk, page)
    offers = {(one.client_id, one.therapist_id) for one in workspace.tables.pair_states.offers}
    assert offers == set(pairs)
    assert shown.url.path == "/waiting-list"
    assert list_hidden(shown.text, "events") == [f"1-{len(pairs)}"]


def test_a_conflict_records_nothing_and_names_what_came(
    desk: TestClient, workspace: Workspace, first_pair: tuple[str, str]
) -> None:
    page = desk.get("/placement").text
    workspace.record("client_changed", client=first_pair[0], cells={"age": 41})
    shown = post_offers(desk, page)
    assert shown.status_code == 409
    assert workspace.count_events() == 1
    assert "What came meanwhile: 1 event" in read_text(shown.text)
    assert first_pair[0] in shown.text


def test_an_event_about_others_is_no_conflict(
    desk: TestClient, workspace: Workspace, first_pair: tuple[str, str]
) -> None:
    page = desk.get("/placement").text
    others = [one for one in parse_pairs(list_hidden(page, "pair")) if one[0] != first_pair[0]]
    workspace.record("client_changed", client=first_pair[0], cells={"age": 41})
    shown = post_offers(desk, page, [f"{client}:{therapist}" for client, therapist in others])
    assert shown.status_code == 200
    assert workspace.count_events() == 1 + len(others)


def test_one_bad_pair_stops_all(desk: TestClient, workspace: Workspace) -> None:
    page = desk.get("/placement").text
    shown = post_offers(desk, page, [*list_hidden(page, "pair"), "c0001:nowhere"])
    assert shown.status_code == 422
    assert workspace.count_events() == 0


def test_a_preview_that_was_shown_is_logged_with_its_choices(
    desk: TestClient, workspace: Workspace, first_pair: tuple[str, str]
) -> None:
    desk.get(PlacementChoice().refuse(*first_pair).format_address())
    (line,) = workspace.log().result
    assert line.kind == "placement"
    assert line.fields["asked"]["refused"] == [list(first_pair)]
    preview = workspace.preview_placement(refuse=[first_pair]).result
    assert line.fields["placed"] == {pair.client_id: pair.therapist_id for pair in preview.placed}
