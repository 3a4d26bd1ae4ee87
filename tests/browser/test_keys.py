"""Keys, and where the focus is after a form was sent, in a real Chromium; the day list is one sheet."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from attune_fit.data import report_pages
from attune_fit.workspace import open_clinic
from tests.app.desk.conftest import visit_as
from tests.browser.conftest import open_window, serve, set_up
from tests.conftest import SAMPLE

pytestmark = pytest.mark.slow
CLIENT = "c0022"


@pytest.fixture(scope="module")
def page(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A window that is signed in to a desk of the sample clinic."""
    folder = tmp_path_factory.mktemp("keys") / "clinic"
    shutil.copytree(SAMPLE, folder)
    with serve(folder, folder.parent / "desk.log") as desk:
        window = open_window(chromium, base_url=desk.address)
        shown = window.new_page()
        set_up(shown, desk)
        shown.wait_for_url(re.compile(".*/today.*|.*/$"))
        yield shown
        window.close()


def press(page: Page, key: str) -> None:
    """Press a key that opens another page, and wait for that page."""
    with page.expect_navigation():
        page.keyboard.press(key)


def read_focused_row(page: Page) -> int:
    """Return the place of the row in which the focus is, among all rows of the page; -1 outside of them."""
    script = "[...document.querySelectorAll('main tbody tr')].indexOf(document.activeElement.closest('tr'))"
    return int(page.evaluate(script))


def test_j_and_k_move_through_the_rows_and_o_opens_the_action(page: Page) -> None:
    page.goto("/waiting-list")
    for key, row in (("j", 0), ("j", 1), ("j", 2), ("k", 1), ("k", 0), ("k", 0)):
        page.keyboard.press(key)
        assert read_focused_row(page) == row
    press(page, "o")
    assert re.search(r"/clients/[^/]+/(shortlist|decide)", page.url)


def test_slash_finds_a_client_and_letters_there_are_text(page: Page) -> None:
    page.goto("/today")
    page.keyboard.press("/")
    page.keyboard.type("jkoxu?")
    assert page.input_value("#find") == "jkoxu?"
    page.fill("#find", CLIENT)
    press(page, "Enter")
    assert page.url.endswith(f"/clients/{CLIENT}")


def test_the_focus_is_kept_and_u_undoes(page: Page) -> None:
    page.goto(f"/clients/{CLIENT}")
    page.fill("#f-age", "52")
    page.focus("text=Save changes")
    press(page, "Enter")
    assert page.evaluate("document.activeElement.textContent") == "Save changes"
    assert page.locator(".undo").is_visible()
    press(page, "u")
    assert page.input_value("#f-age") == "40"


def test_a_field_that_a_link_names_has_the_focus(page: Page) -> None:
    page.goto(f"/clients/{CLIENT}#f-region")
    assert page.evaluate("document.activeElement.id") == "f-region"


def test_the_focus_is_never_on_another_button_of_a_list_of_changes(page: Page) -> None:
    """After a change was applied, another change is in its position: the Enter key must not apply that one too."""
    page.goto(f"/clients/{CLIENT}/shortlist?help=1#help")
    page.locator("form[action$='/apply'] button").first.focus()
    press(page, "Enter")
    assert page.evaluate("document.activeElement === document.body && scrollY === 0")
    press(page, "u")


def test_a_refused_form_has_the_focus_on_its_errors(page: Page) -> None:
    page.goto("/clients/new")
    page.fill("#f-phq9", "99")
    page.focus("#f-phq9")
    press(page, "Enter")
    assert page.evaluate("document.activeElement.id") == "errors"
    page.click("#errors a")
    assert page.evaluate("document.activeElement.id") == "f-phq9"


def test_the_values_of_a_wish_are_those_of_its_column(page: Page) -> None:
    page.goto("/clients/new")
    page.select_option("#wish-1-attribute", "gender")
    assert page.get_attribute("#wish-1-value", "list") == "codes-gender"


def test_single_keys_can_be_switched_off(page: Page) -> None:
    page.goto("/keys")
    page.click("#keys-switch")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") != "find"
    page.click("#keys-switch")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"


def test_the_day_list_is_one_sheet(chromium: Browser, clinic: Path) -> None:
    workspace = open_clinic(clinic)
    for client in workspace.list_client_ids(waiting_only=True):
        for one in workspace.rank(client).to_dict()["candidates"][:1]:
            workspace.record("offered", client=client, therapist=one["therapist_id"], until=workspace.tables.as_of)
    shown = visit_as(workspace).get("/today/print").text
    assert shown.count('<th scope="row"') > 15
    style = (Path(report_pages.__file__).parent / "look" / "desk.css").read_text()
    page = open_window(chromium).new_page()
    page.set_content(shown.replace("</head>", f"<style>{style}</style></head>"))
    pdf = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
