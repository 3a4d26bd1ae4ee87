"""The agreement page: shares with intervals, hidden groups in words, and the sentence that it is no score."""

from __future__ import annotations

import re
import shutil
from html import unescape

import pytest
from starlette.testclient import TestClient

from attune_fit.app.desk.shown.share_bars import HIDDEN_TEXT
from attune_fit.offer_agreement import CAUTION
from attune_fit.workspace import Workspace, open_clinic
from tests.app.desk.conftest import visit_as
from tests.conftest import SAMPLE

NOT_A_SCORE = "An override rate is no score: nothing here is counted by person."


def text_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.fixture(scope="module")
def offered(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A clinic with offers to waiting clients, declined at once, so openings are left; most are of the first place."""
    folder = tmp_path_factory.mktemp("agreement") / "clinic"
    shutil.copytree(SAMPLE, folder)
    workspace, drafts = open_clinic(folder), list[dict[str, object]]()
    for place, ranking in enumerate(workspace.rank_waiting().result):
        if ranking.candidates and len(drafts) < 26:
            people = {"client": ranking.client_id, "therapist": ranking.candidates[0].therapist_id}
            given = {"rank": 1} if place % 5 else {"rank": 2, "override": "prefers-alternative"}
            drafts += [{"event": "offered", **people, **given},
                       {"event": "declined", **people, "by": "client", "reason": "not-stated"}]  # fmt: skip
    assert len(drafts) >= 24
    workspace.record_all(drafts)
    return workspace


def test_without_offers_the_page_says_so_and_shows_no_share(reading_desk: TestClient) -> None:
    text = text_of(reading_desk.get("/agreement").text)
    assert "There are too few offers for a report yet." in text
    assert CAUTION in text
    assert NOT_A_SCORE in text
    assert "ci-point" not in reading_desk.get("/agreement").text


def test_shares_have_an_interval_as_a_bar_and_small_groups_say_that_they_are_hidden(
    offered: Workspace,
) -> None:
    report, page = offered.agreement().result, visit_as(offered).get("/agreement").text
    offers = offered.count_events() // 2
    assert report.first_place is not None
    shares = [report.first_place, report.first_band, *(one.share for one in (*report.reasons, *report.months))]
    assert page.count("ci-point") == page.count("ci-range") == sum(share is not None for share in shares)
    assert page.count(HIDDEN_TEXT) == sum(share is None for share in shares) >= 1
    text = text_of(page)
    assert f"{report.first_place.count} of {offers}" in text
    assert f"offered in {report.first_place.rate:.0%} of {offers} offers" in text
    assert "The client asked for this therapist." in text
    assert NOT_A_SCORE in text


def test_no_person_is_named_on_the_page(offered: Workspace) -> None:
    text = text_of(visit_as(offered).get("/agreement").text)
    people = [*offered.tables.clients["client_id"], *offered.tables.therapists["therapist_id"]]
    actors = {event.actor for event in offered.journal_events}
    words = set(re.findall(r"[\w-]+", text))
    assert not words & {*people, *actors}


def test_page_command_and_python_have_the_same_numbers(offered: Workspace) -> None:
    desk = visit_as(offered)
    assert desk.get("/agreement?format=json").json() == offered.agreement().to_dict()
    assert desk.get("/agreement?until=2001-01-01&format=json").json()["n_offers"] == 0
    assert 'value="2001-01-01"' in desk.get("/agreement?until=2001-01-01").text
    assert desk.get("/agreement?since=then").status_code == 422
