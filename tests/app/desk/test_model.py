"""The model page: the verdict first, charts from the card, since when and why it is live; plain without a training."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from attune_fit.simulation import simulate
from attune_fit.workspace import Workspace, open_clinic
from tests.app.desk.conftest import visit_as

REASON = "our supervisors decided <b>"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A clinic with one training that is live, promoted by hand."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("attune_fit.training.train.open_run_store", lambda *_: "")
        patch.setattr("attune_fit.training.promotion.run_recorder.log_training", lambda *_: "untracked")
        folder = tmp_path_factory.mktemp("model") / "clinic"
        workspace = simulate(150, 8, seed=2).workspace(folder)
        done = workspace.train().result
        if done.promoted:
            workspace.rollback()
        workspace.promote(done.bundle, REASON, by="dr-a")
        yield workspace


def text_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_the_verdict_is_the_first_sentence_of_the_page(trained: Workspace) -> None:
    page, card = visit_as(trained).get("/model").text, trained.model_card().result.facts
    assert re.findall(r'<p class="lead"><strong>(.*?)</strong>', unescape(page)) == [card["verdict_plain"]]
    assert page.index('class="lead"') < page.index("<h2")


def test_the_page_has_the_charts_of_the_card(trained: Workspace) -> None:
    page, card = visit_as(trained).get("/model").text, trained.model_card().result.facts
    assert page.count('class="dot"') == len(card["calibration"]) > 1
    within = [one for one in card["compared"] if one["within"]]
    n_rows = len(within) + (card["learned"] is not None)
    assert page.count('class="ci-point') == n_rows
    assert "style=" not in page
    for table in ("clients", "therapists"):
        assert card["unread"][table][0].replace("_", " ") in text_of(page)


def test_the_page_says_since_when_by_whom_and_why_the_model_is_live(trained: Workspace) -> None:
    page = visit_as(trained).get("/model").text
    models = trained.models().result
    assert models.find_activation().by == "dr-a"
    assert f"Model {models.active}" in text_of(page)
    assert "By dr-a" in text_of(page)
    assert "our supervisors decided &lt;b&gt;" in page
    assert f"{len(models.ledger.entries)} of {len(models.ledger.entries)} shown" in page


def test_a_clinic_without_training_has_the_starting_model_and_the_page_says_so(reading_desk: TestClient) -> None:
    text = text_of(reading_desk.get("/model").text)
    assert "This is the starting model" in text
    assert "has not learned from any outcome records of this clinic" in text
    assert "Do estimates come true?" not in text
    assert "Model day0" in text
    assert reading_desk.get("/model/card").status_code == 200


def test_page_command_and_python_have_the_same_decisions_and_card(trained: Workspace) -> None:
    desk = visit_as(trained)
    assert desk.get("/model?format=json").json() == trained.models().to_dict()
    assert desk.get("/model/card?format=json").json() == json.loads(json.dumps(trained.model_card().to_dict()))
    assert len(desk.get("/model?format=csv").text.splitlines()) == len(trained.models().to_frame()) + 1


def test_the_whole_card_is_a_page_and_a_file(trained: Workspace, tmp_path: Path) -> None:
    desk, card = visit_as(trained), trained.model_card().result
    page = desk.get("/model/card").text
    for section in card.build_sections():
        assert f'href="#{section.anchor}"' in page
        assert f'id="{section.anchor}"' in page
    download = desk.get("/model/card?format=html")
    assert "attachment" in download.headers["content-disposition"]
    assert download.text == card.to_html()


def test_an_unknown_bundle_is_a_page_that_names_what_to_do(reading_desk: TestClient) -> None:
    answer = reading_desk.get("/model/card?bundle=absent")
    assert answer.status_code in (404, 422)
    assert "there is no bundle" in text_of(answer.text).lower()


def test_a_changed_ledger_is_a_warning_on_the_page(trained: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(trained.folder, folder)
    ledger = folder / "artifacts" / "ledger.jsonl"
    ledger.write_text(ledger.read_text().replace("dr-a", "dr-b"))
    assert "The ledger of decisions was changed" in text_of(visit_as(open_clinic(folder)).get("/model").text)
