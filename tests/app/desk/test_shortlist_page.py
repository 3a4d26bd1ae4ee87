"""The shortlist: the same list as the command and Python, what is logged, its states, and changes that are applied."""

import html
import json
import re

from starlette.testclient import TestClient

from attune_fit.workspace import Workspace
from tests.app.desk.page_parts import find_form, list_hidden, read_text

MANY, WITHOUT_WISHES, EMPTY = (
    "c0073",
    "c0070",
    "c0063",
)  # clients of the sample: nine candidates, no wishes, no candidate


def open_shortlist(desk: TestClient, client_id: str, query: str = "") -> str:
    answer = desk.get(f"/clients/{client_id}/shortlist{query}")
    assert answer.status_code == 200, answer.text
    return answer.text


def list_rows(page: str) -> list[str]:
    return re.findall(r'<tr class="cand".*?</tr>', page, re.DOTALL)


def read_row(row: str) -> tuple[str, str, str, str, list[tuple[str, str]]]:
    """Return id, estimate, interval bounds, and the wishes with their answers, of one row."""
    (therapist,) = re.findall(r'<tr class="cand" id="([^"]*)"', row)
    ((score, low, high),) = re.findall(r'class="est">([^<]*)</span> <span class="ci-text">(\S+) to ([^<]+)</span>', row)
    wishes = re.findall(r'class="wish wish-(\w+)".*?</span>(.*?)</span></li>', row, re.DOTALL)
    return therapist, score, low, high, [(answer, html.unescape(text)) for answer, text in wishes]


def test_rows_have_the_order_estimates_and_wishes_of_the_ranking(
    reading_desk: TestClient, read_only_clinic: Workspace
) -> None:
    page = open_shortlist(reading_desk, MANY, "?all=1")
    shown = [read_row(row) for row in list_rows(page)]
    candidates = read_only_clinic.rank(MANY).to_dict()["candidates"]
    assert [row[0] for row in shown] == [one["therapist_id"] for one in candidates]
    assert [row[1:4] for row in shown] == [
        (f"{one['score']:.2f}", f"{one['low']:.1f}", f"{one['high']:.1f}") for one in candidates
    ]
    assert [[answer for answer, _ in row[4]] for row in shown] == [
        [wish["answer"] for wish in one["wishes"]] for one in candidates
    ]


def test_bands_are_groups_with_their_number_of_therapists(
    reading_desk: TestClient, read_only_clinic: Workspace
) -> None:
    page = open_shortlist(reading_desk, MANY, "?all=1")
    bands = [one["band"] for one in read_only_clinic.rank(MANY).to_dict()["candidates"]]
    groups = re.findall(
        r'class="band">.*?Band (\d+) <span>· (\d+) therapist.*?(?=class="band"|</table>)', page, re.DOTALL
    )
    assert [(int(number), int(size)) for number, size in groups] == [
        (band, bands.count(band)) for band in dict.fromkeys(bands)
    ]


def test_counts_equal_rows(reading_desk: TestClient) -> None:
    first, whole = open_shortlist(reading_desk, MANY), open_shortlist(reading_desk, MANY, "?all=1")
    assert (len(list_rows(first)), len(list_rows(whole))) == (6, 9)
    assert "6 of 9 shown" in read_text(first)
    assert "9 of 9 shown" in read_text(whole)
    ruled_out = whole[whole.index('id="out"') :]
    assert re.search(r"Ruled out: (\d+)", ruled_out)[1] == "7"  # type: ignore[index]
    for count, cell in re.findall(r'<td class="r">(\d+)</td><td>(.*?)</td>', ruled_out):
        assert len(set(re.findall(r"\bt\d\d\b", cell))) == int(count)


def test_log_holds_the_places_that_were_shown(desk: TestClient, workspace: Workspace) -> None:
    open_shortlist(desk, MANY)
    open_shortlist(desk, MANY, "?all=1")
    first, whole = workspace.log(client_id=MANY).result
    ids = workspace.rank(MANY).result.arrays.therapist_ids
    assert list(first.therapist_ids) == ids[:6]
    assert list(whole.therapist_ids) == ids


def test_reasons_name_the_fields_of_both_sides(reading_desk: TestClient, read_only_clinic: Workspace) -> None:
    page = open_shortlist(reading_desk, MANY, "?all=1")
    rows = re.findall(r"<li><b>For</b><span>.*?</li>", page)
    reasons = [one for row in read_only_clinic.rank(MANY).to_dict()["candidates"] for one in row["reasons"]]
    assert len(rows) == len(reasons)
    for row, reason in zip(rows, reasons, strict=True):
        for side in ("client", "therapist"):
            assert row.count("<i>") >= (reason[f"{side}_field"] is not None)
    both = next(row for row, one in zip(rows, reasons, strict=True) if one["client_field"] and one["therapist_field"])
    assert both.count("<i>") == 2


def test_interval_bar_has_the_scale_of_the_instrument(reading_desk: TestClient, read_only_clinic: Workspace) -> None:
    row = list_rows(open_shortlist(reading_desk, MANY))[0]
    first = read_only_clinic.rank(MANY).result.candidates[0]
    ((x, width),) = re.findall(r'<rect class="ci-range" x="([\d.]+)" y="5.5" width="([\d.]+)"', row)
    assert abs(float(x) - (4 + (first.low - 1) * 38)) < 0.06  # WAI-SR: 1 to 5
    assert abs(float(x) + float(width) - (4 + (first.high - 1) * 38)) < 0.11


def test_answer_names_the_first_place_and_what_to_check(reading_desk: TestClient, read_only_clinic: Workspace) -> None:
    text = read_text(open_shortlist(reading_desk, WITHOUT_WISHES))
    first = read_only_clinic.rank(WITHOUT_WISHES).result.arrays.therapist_ids[0]
    assert f"Offer {first} first. The client has stated no wishes." in text
    assert "Check before you offer" in text
    assert read_only_clinic.model.verdict.plain_sentence in text


def test_client_without_candidates_gets_the_reasons_and_what_would_help(reading_desk: TestClient) -> None:
    text = read_text(open_shortlist(reading_desk, EMPTY))
    assert f"No therapist is available for {EMPTY} today. All 16 therapists are ruled out." in text
    assert "Most frequent reasons" in text
    assert "agreed" in text


def test_what_would_help_is_looked_for_when_asked(reading_desk: TestClient) -> None:
    assert "Ask first." not in open_shortlist(reading_desk, MANY)
    assert "Ask first." in open_shortlist(reading_desk, MANY, "?help=1")


def test_one_click_applies_a_change_and_ranks_again(desk: TestClient, workspace: Workspace) -> None:
    page = open_shortlist(desk, EMPTY)
    events = list_hidden(find_form(page, f"/clients/{EMPTY}/apply"), "events")[0]
    (option, *_) = (one for one in workspace.relax(EMPTY).result.ways if one.events is not None)
    assert json.loads(events) == list(option.events)
    again = desk.post(f"/clients/{EMPTY}/apply", data={"events": events, "seen": "0"})
    assert again.status_code == 200
    assert option.gain.therapist_id in [read_row(row)[0] for row in list_rows(again.text)]
    assert "Recorded:" in read_text(again.text)
    desk.post(
        "/undo",
        data={
            "events": list_hidden(again.text, "events")[0],
            "seen": list_hidden(again.text, "seen")[0],
            "back": "/today",
        },
    )
    assert not workspace.rank(EMPTY).result.candidates


def test_only_changes_of_a_proposal_can_be_applied(desk: TestClient, workspace: Workspace) -> None:
    for events in ("", "[]", "{}", "x", '[{"event": "conflict_set"}]', '[{"event": "wish_set", "actor": "x"}]'):
        assert desk.post(f"/clients/{EMPTY}/apply", data={"events": events, "seen": "0"}).status_code == 422
    assert workspace.count_events() == 0


def test_each_state_of_a_client_has_its_next_action(desk: TestClient, workspace: Workspace) -> None:
    therapist = workspace.rank(MANY).result.arrays.therapist_ids[0]
    workspace.record("offered", client=MANY, therapist=therapist, until="2026-01-12")
    offered = open_shortlist(desk, MANY)
    assert f"{therapist} is offered to {MANY} until 12 January 2026." in read_text(offered)
    assert "Record the answer" in offered
    workspace.record("accepted", client=MANY, therapist=therapist)
    assert f"{MANY} has accepted {therapist}." in read_text(open_shortlist(desk, MANY))
    workspace.record("started", client=MANY, therapist=therapist)
    assert f'href="/clients/{MANY}/rematch"' in open_shortlist(desk, MANY)
    workspace.record("ended", client=MANY, therapist=therapist, reason="client-request")
    assert f"{MANY} has met {therapist}. The therapy has ended." in read_text(open_shortlist(desk, MANY))


def test_client_who_no_longer_wants_therapy(desk: TestClient, workspace: Workspace) -> None:
    therapist = workspace.rank(MANY).result.arrays.therapist_ids[0]
    workspace.record("declined", client=MANY, therapist=therapist, by="client", reason="no-longer-seeks-therapy")
    assert "no longer wants therapy here" in read_text(open_shortlist(desk, MANY))


def test_client_set_aside_is_shown_with_what_to_correct(desk: TestClient, workspace: Workspace) -> None:
    with (workspace.folder / "preferences.csv").open("a") as file:
        file.write(f"{MANY},gender,woman,shall\n")
    text = read_text(open_shortlist(desk, MANY))
    assert f"{MANY} is set aside." in text
    assert "shall" not in text
    assert "Offer" not in text


def test_half_an_intake_names_what_was_not_checked_once(desk: TestClient, workspace: Workspace) -> None:
    workspace.record("client_added", client="n0001", cells={"age": 34, "region": "north"})
    page = open_shortlist(desk, "n0001")
    assert list_rows(page)
    text = read_text(page)
    assert text.count("whether the client's payer is accepted") == 1 + page.count('<b class="against">Not known</b>')
    assert 'href="/clients/n0001">Complete the client</a>' in page


def test_a_cell_without_which_no_therapist_can_be_checked_is_the_next_action(
    desk: TestClient, workspace: Workspace
) -> None:
    workspace.record("client_added", client="n0002", cells={"age": 34})
    page = open_shortlist(desk, "n0002")
    assert "The region of the client is not known. Without it, 16 therapists cannot be checked." in read_text(page)
    assert 'btn-main" href="/clients/n0002#f-region">' in page
    assert 'id="f-region"' in desk.get("/clients/n0002").text


def test_unknown_client_is_an_error_page(reading_desk: TestClient) -> None:
    assert reading_desk.get("/clients/c9999/shortlist").status_code in (404, 422)


def test_a_weighed_order_is_said_below_the_list(desk: TestClient, workspace: Workspace) -> None:
    assert "The order also weighs" not in open_shortlist(desk, MANY)
    settings = workspace.clinic.folder / "clinic.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + "\n[settings]\ndropout_weight = 2\n", encoding="utf-8")
    assert workspace.rank(MANY).to_dict()["order_weights"] in read_text(open_shortlist(desk, MANY))
