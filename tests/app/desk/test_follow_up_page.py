"""Follow-up and rematch: the score of a session in one line, own clients only, and talk before any change."""

import pytest
from starlette.testclient import TestClient

from attune_fit.workspace import Workspace
from tests.app.desk.conftest import visit_as
from tests.app.desk.page_parts import list_hidden, list_links, list_row_ids, read_text

PAIR = {"client": "c0044", "therapist": "t13"}  # without a score of session 5


@pytest.mark.parametrize(("show", "flags"), [("all", None), ("weak", {"weak"}), ("left", {"dropped_out"}),
                                             ("due", {"missing", "due"})])  # fmt: skip
def test_counts_equal_rows_in_the_order_of_urgency(
    show: str, flags: set[str] | None, reading_desk: TestClient, read_only_clinic: Workspace
) -> None:
    page = reading_desk.get(f"/follow-up?show={show}").text
    pairs = [one for one in read_only_clinic.follow_up().result.pairs if flags is None or flags & set(one.flags)]
    assert list_row_ids(page) == [one.client_id for one in pairs]
    assert f"Pairs: {len(pairs)} of {len(pairs)}" in read_text(page)


def test_a_score_is_recorded_in_one_line(desk: TestClient, workspace: Workspace) -> None:
    fields = {**PAIR, "session": "5", "score": "3,25", "goal": "", "task": "3", "bond": ""}
    shown = desk.post("/follow-up/score", data={**fields, "seen": "0"})
    (row,) = workspace.journal().result.rows
    assert (row.event.type, row.event.fields["score"], row.event.fields["task"]) == ("score_recorded", 3.25, 3.0)
    assert "bond" not in row.event.fields
    assert list_hidden(shown.text, "events") == ["1"]


def test_the_only_therapist_need_not_be_typed(desk: TestClient, workspace: Workspace) -> None:
    desk.post("/follow-up/score", data={"client": "c0044", "session": "5", "score": "3", "seen": "0"})
    assert [row.event.therapist_id for row in workspace.journal().result.rows] == ["t13"]


def test_refused_scores_keep_what_was_typed_with_a_message_at_each_field(
    desk: TestClient, workspace: Workspace
) -> None:
    shown = desk.post("/follow-up/score", data={**PAIR, "session": "x", "score": "9", "seen": "0"})
    assert shown.status_code == 422
    assert 'value="c0044"' in shown.text
    assert 'value="9"' in shown.text
    assert set(list_links(shown.text, "#")) >= {"#score", "#session"}
    assert 'id="score-e"' in shown.text
    assert workspace.count_events() == 0


@pytest.mark.parametrize("client", ["c9999", "c0031"])
def test_a_refused_client_is_no_crash(client: str, desk: TestClient) -> None:
    shown = desk.post("/follow-up/score", data={"client": client, "session": "3", "score": "3", "seen": "0"})
    assert shown.status_code == 422
    assert f'value="{client}"' in shown.text


def test_a_score_after_an_event_that_was_not_seen_is_shown_as_a_conflict(
    desk: TestClient, workspace: Workspace
) -> None:
    workspace.record("client_changed", client="c0044", cells={"age": 77})
    shown = desk.post("/follow-up/score", data={**PAIR, "session": "5", "score": "3", "seen": "0"})
    assert shown.status_code == 409
    assert workspace.count_events() == 1
    assert list_hidden(shown.text, "score") == ["3"]  # sent again with one button


def test_a_clinician_sees_own_pairs_only(read_only_clinic: Workspace) -> None:
    page = visit_as(read_only_clinic, "clinician", "t13").get("/follow-up").text
    assert list_row_ids(page) == ["c0044"]
    assert "c0031" not in page
    assert "/rematch" not in page


def test_an_export_of_a_clinician_has_own_pairs_only(read_only_clinic: Workspace) -> None:
    given = visit_as(read_only_clinic, "clinician", "t13").get("/follow-up?format=json").json()
    assert given == read_only_clinic.follow_up(therapist="t13").to_dict()
    assert {one["therapist_id"] for one in given["pairs"]} == {"t13"}


@pytest.mark.parametrize("therapist", ["", "t02"])
def test_a_clinician_records_for_own_clients_only(therapist: str, workspace: Workspace) -> None:
    browser = visit_as(workspace, "clinician", "t13")
    fields = {"client": "c0031", "therapist": therapist, "session": "6", "score": "3", "seen": "0"}
    shown = browser.post("/follow-up/score", data=fields)
    assert shown.status_code == 422
    assert "has not started with you" in shown.text
    assert "t02" not in shown.text.replace('value="t02"', "")
    assert workspace.count_events() == 0


def test_a_clinician_without_a_therapist_sees_no_pair(read_only_clinic: Workspace) -> None:
    shown = visit_as(read_only_clinic, "clinician", None).get("/follow-up")
    assert shown.status_code == 403
    assert "c0031" not in shown.text
    assert "c0044" not in shown.text


def test_rematch_asks_to_talk_first_and_shows_the_figures_of_the_verb(
    reading_desk: TestClient, read_only_clinic: Workspace
) -> None:
    page = reading_desk.get("/clients/c0031/rematch?rows=all").text
    result, _ = read_only_clinic.rematch("c0031").result
    text = read_text(page)
    assert text.index("Talk first") < text.index("If they change")
    assert list_row_ids(page) == [one.therapist_id for one in result.changes]
    first = result.changes[0]
    assert f"{first.low:+.2f} to {first.high:+.2f}".replace("-", "−") in text
    assert f"/clients/c0031/decide?t={first.therapist_id}" in list_links(page, "/clients/c0031/decide")


def test_a_weak_score_of_a_pair_that_is_on_no_list_is_explained_until_it_is_undone(
    desk: TestClient, workspace: Workspace
) -> None:
    fields = {"client": "c0060", "therapist": "t08", "session": "4", "score": "1.5", "seen": "0"}  # since May 2025
    shown = desk.post("/follow-up/score", data=fields)
    assert "c0060" not in list_row_ids(shown.text)
    (pair,) = workspace.follow_up(client="c0060").result.pairs
    text = read_text(shown.text)
    assert f"c0060 with t08: the early score of {pair.score:.2f} is weak (" in text
    assert f"The pair is not on this list, because it started {pair.days} days ago. The list has pairs of the" in text
    assert "not on this list" not in read_text(visit_as(workspace, "clinician", "t13").get("/follow-up?done=1").text)
    workspace.record("undone", number=1, because="did-not-happen")
    assert "not on this list" not in read_text(desk.get("/follow-up?done=1").text)


def test_a_weak_score_on_the_list_and_a_good_score_need_no_word(desk: TestClient) -> None:
    for fields in ({**PAIR, "score": "1"}, {"client": "c0051", "therapist": "t07", "score": "5"}):
        shown = desk.post("/follow-up/score", data={**fields, "session": "4", "seen": "9"})
        assert shown.status_code == 200
        assert "not on this list" not in read_text(shown.text)
