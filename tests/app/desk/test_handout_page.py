"""The sheet for the client: wishes and facts, no estimate, no place on the list, and available therapists only."""

import re

from starlette.testclient import TestClient

from attune_fit.workspace import Workspace
from tests.app.desk.page_parts import read_text

CLIENT, EMPTY = "c0077", "c0063"  # of the sample: nine candidates and two wishes; no candidate


def test_first_three_candidates_with_their_wishes(reading_desk: TestClient, read_only_clinic: Workspace) -> None:
    page = reading_desk.get(f"/clients/{CLIENT}/handout").text
    candidates = read_only_clinic.rank(CLIENT).to_dict()["candidates"][:3]
    offers = re.findall(r'<section class="offer">\s*<h2>([^<]+)</h2>', page)
    assert offers[:3] == [one["therapist_id"] for one in candidates]
    assert re.findall(r'class="wish wish-(\w+)"', page) == [
        wish["answer"] for one in candidates for wish in one["wishes"]
    ]


def test_no_estimate_no_band_no_reason(reading_desk: TestClient, read_only_clinic: Workspace) -> None:
    page = reading_desk.get(f"/clients/{CLIENT}/handout").text
    for candidate in read_only_clinic.rank(CLIENT).to_dict()["candidates"][:3]:
        assert f"{candidate['score']:.2f}" not in page
        for reason in candidate["reasons"]:
            assert reason["says"] not in page
    words = read_text(page).lower()
    assert not any(word in words for word in ("estimate", "band", "interval", "wai-sr", "rank"))


def test_times_are_written_out(reading_desk: TestClient, read_only_clinic: Workspace) -> None:
    facts = read_only_clinic.rank(CLIENT).result.candidates[0].facts
    days = {"mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday"}
    times = {"am": "morning", "pm": "afternoon", "eve": "evening"}
    day, time = facts.slots_in_common[0].split("-")
    written = f"{days[day]} {times[time]}"
    assert written in reading_desk.get(f"/clients/{CLIENT}/handout").text


def test_chosen_therapists_only_and_never_one_who_is_ruled_out(
    reading_desk: TestClient, read_only_clinic: Workspace
) -> None:
    ranking = read_only_clinic.rank(CLIENT).result
    chosen, excluded = ranking.arrays.therapist_ids[4], ranking.excluded[0].therapist_id
    page = reading_desk.get(f"/clients/{CLIENT}/handout", params={"t": [chosen, excluded]}).text
    assert re.findall(r'<section class="offer">\s*<h2>(t\d+)</h2>', page) == [chosen]
    assert f"Not on the sheet, because they are not available or three are there: {excluded}." in read_text(page)


def test_without_a_therapist_the_sheet_says_so(reading_desk: TestClient) -> None:
    text = read_text(reading_desk.get(f"/clients/{EMPTY}/handout").text)
    assert "At the moment we have no therapist to offer you." in text
    assert "How we made this list" not in text
