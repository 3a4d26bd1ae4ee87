"""Two or three therapists side by side: the same rows as the verb, and what happens with fewer or more."""

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from attune_fit.workspace import Workspace
from tests.app.desk.page_parts import list_links, read_text

CLIENT = "c0077"  # of the sample: nine candidates, two wishes


@pytest.fixture(scope="module")
def ids(read_only_clinic: Workspace) -> list[str]:
    return list(read_only_clinic.rank(CLIENT).result.arrays.therapist_ids[:3])


def open_compare(desk: TestClient, ids: list[str], status: int = 200) -> str:
    answer = desk.get(f"/clients/{CLIENT}/compare", params={"t": ids})
    assert answer.status_code == status, answer.text
    return answer.text


def test_rows_and_answers_are_those_of_the_comparison(
    reading_desk: TestClient, read_only_clinic: Workspace, ids: list[str]
) -> None:
    page = open_compare(reading_desk, ids)
    comparison: dict[str, Any] = read_only_clinic.compare(CLIENT, ids).to_dict()
    assert re.findall(r'class="tid id">([^<]+)<', page) == ids
    wishes = [row for row in comparison["rows"] if row["section"] == "wishes"]
    shown = re.findall(r'class="wish wish-(\w+)"', page)
    assert shown == [cell["answer"] for row in wishes for cell in row["cells"]]
    assert len(shown) == 2 * 3
    estimates = re.findall(r'class="est">([^<]+)<', page)
    assert estimates == [f"{one['score']:.2f}" for one in comparison["therapists"]]
    assert page.count('<th scope="row"') == len(comparison["rows"]) + 4  # estimate, band, reasons, buttons


def test_facts_without_a_code_in_common_say_none(reading_desk: TestClient, read_only_clinic: Workspace) -> None:
    roster = sorted(read_only_clinic.tables.therapists["therapist_id"])
    facts = {one: read_only_clinic.compare(CLIENT, [one, "t01" if one != "t01" else "t02"]).to_dict() for one in roster}
    without = next(
        one for one, content in facts.items() if content["therapists"][0]["facts"]["problems_in_common"] == []
    )
    assert "none in common" in open_compare(reading_desk, [without, next(one for one in roster if one != without)])


def test_each_therapist_has_a_button_and_the_handout_has_all(reading_desk: TestClient, ids: list[str]) -> None:
    page = open_compare(reading_desk, ids)
    offers = list_links(page, f"/clients/{CLIENT}/decide?t=")
    assert offers == [f"/clients/{CLIENT}/decide?t={one}" for one in ids]
    assert list_links(page, f"/clients/{CLIENT}/handout") == [f"/clients/{CLIENT}/handout?t={'&t='.join(ids)}"]


def test_a_therapist_who_is_ruled_out_is_named_as_such(
    reading_desk: TestClient, read_only_clinic: Workspace, ids: list[str]
) -> None:
    excluded = read_only_clinic.rank(CLIENT).result.excluded[0].therapist_id
    text = read_text(open_compare(reading_desk, [ids[0], excluded]))
    assert f"{excluded} is ruled out" in text


@pytest.mark.parametrize("number", [0, 1, 4])
def test_fewer_than_two_or_more_than_three_is_a_clear_page(
    reading_desk: TestClient, read_only_clinic: Workspace, number: int
) -> None:
    chosen = list(read_only_clinic.rank(CLIENT).result.arrays.therapist_ids[:number])
    page = open_compare(reading_desk, chosen, status=422)
    assert "Choose two or three therapists" in page
    assert f'href="/clients/{CLIENT}/shortlist"' in page


def test_a_therapist_chosen_twice_counts_once(reading_desk: TestClient, ids: list[str]) -> None:
    page = open_compare(reading_desk, [ids[0], ids[1], ids[0]])
    assert re.findall(r'class="tid id">([^<]+)<', page) == ids[:2]
