"""A coordinator's whole day in a real Chromium, with the real server: every step, and every page that it leads to."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from attune_fit.workspace import open_clinic
from tests.browser.conftest import Served, open_window, serve, set_up
from tests.browser.day_walk import CLIENT, STEPS, Walk
from tests.conftest import SAMPLE

pytestmark = pytest.mark.slow
SERIOUS = ("serious", "critical")
PAGES = ("/today", "/waiting-list", "/clients/new", "/follow-up", "/roster", "/model", "/log", "/agreement",
         "/account", "/accounts", "/keys")  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A desk of the sample clinic."""
    folder = tmp_path_factory.mktemp("day") / "clinic"
    shutil.copytree(SAMPLE, folder)
    with serve(folder, folder.parent / "desk.log") as desk:
        yield desk


class Window(NamedTuple):
    """A window that is signed in.

    Attributes
    ----------
    page : Page
    troubles : list of str
        Errors of scripts and of the console, and requests that left the desk.
    """

    page: Page
    troubles: list[str]


@pytest.fixture(scope="module")
def window(chromium: Browser, served: Served) -> Iterator[Window]:
    """The window in which the day is done."""
    context = open_window(chromium)
    page, troubles = context.new_page(), list[str]()
    page.set_default_timeout(20_000)

    def watch_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            troubles.append(message.text)

    def watch_request(request: Request) -> None:
        if not request.url.startswith(served.address):
            troubles.append(request.url)

    page.on("console", watch_console)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", watch_request)
    set_up(page, served)
    yield Window(page, troubles)
    context.close()


@pytest.fixture(scope="module")
def day(window: Window) -> Page:
    """The page in which the day is done."""
    return window.page


def list_findings(page: Page) -> list[str]:
    """Return what axe finds serious or critical, each with where it is."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['target']}" for one in found if one["impact"] in SERIOUS]


def is_wider_than_the_window(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def test_the_whole_day(window: Window, served: Served) -> None:
    day, walk = window.page, Walk(window.page, served.address)
    for step in STEPS:
        step.act(walk)
        assert not list_findings(day), step.name
        assert not is_wider_than_the_window(day), step.name
    assert not window.troubles


def test_the_day_is_in_the_journal(day: Page, served: Served) -> None:
    events = [event["type"] for event in open_clinic(served.folder).journal(client=CLIENT).to_dict()["events"]]
    assert events == [
        "client_added",
        "wish_set",
        "offered",
        "declined",
        "offered",
        "accepted",
        "started",
        "score_recorded",
    ]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_narrow_zoomed_and_dark_windows(path: str, day: Page, served: Served, chromium: Browser) -> None:
    """768 px, and 683 px: 1366 px at a zoom of 200%."""
    cookies = day.context.cookies()
    for width, scheme in ((768, "light"), (683, "dark")):
        other = open_window(chromium, width, color_scheme=scheme)
        other.add_cookies(cookies)  # type: ignore[arg-type]
        page = other.new_page()
        answer = page.goto(f"{served.address}{path}")
        assert answer is not None
        assert answer.status == 200, path
        assert not is_wider_than_the_window(page), width
        assert not list_findings(page), scheme
        other.close()


def test_a_client_is_offered_a_therapist_with_the_keyboard_alone(day: Page, served: Served) -> None:
    """From Today: slash, an id, Enter; then `o` for the offer, and Tab to its button."""
    waiting = find_waiting(day, served)
    day.goto(f"{served.address}/today")
    day.keyboard.press("/")
    day.keyboard.type(waiting)
    day.keyboard.press("Enter")
    day.wait_for_url("**/clients/*")
    reach(day, "Shortlist")
    day.keyboard.press("Enter")
    day.wait_for_url("**/shortlist*")
    day.keyboard.press("o")
    day.wait_for_url("**/decide*")
    reach(day, "Record offer")
    day.keyboard.press("Enter")
    day.wait_for_url("**done=*")
    assert day.locator(".undo").is_visible()


def find_waiting(page: Page, desk: Served) -> str:
    """Return a client who waits, and for whom a therapist is available."""
    clients = page.request.get(f"{desk.address}/waiting-list?format=json").json()["clients"]
    return next(str(one["client_id"]) for one in clients if one["state"] == "waiting" and one["candidates"])


def reach(page: Page, words: str, most: int = 80) -> None:
    """Press Tab until the focus is on a button or link with these words; each stop has to be visible."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if words in str(page.evaluate("document.activeElement.innerText || ''")):
            return
    raise AssertionError(f"{words} cannot be reached with Tab")


def test_the_day_works_without_script(served: Served, day: Page, chromium: Browser) -> None:
    window = open_window(chromium, java_script_enabled=False)
    window.add_cookies(day.context.cookies())  # type: ignore[arg-type]
    page = window.new_page()
    page.goto(f"{served.address}/waiting-list")
    page.locator(f'main a[href="/clients/{find_waiting(day, served)}/shortlist"]').first.click()
    page.get_by_role("link", name="Offer").first.click()
    page.get_by_role("button", name="Record offer").first.click()
    page.locator(".undo button").first.click()
    assert "undone" in page.locator("main").inner_text()
    window.close()
