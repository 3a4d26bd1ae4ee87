"""A real server in its own process, and a real Chromium that signs in to it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
PASSWORD = "four quiet words here"  # noqa: S105
LINK = re.compile(r"(https?://\S+/set-up\S*)")


@dataclass(frozen=True)
class Served:
    """A desk that runs.

    Attributes
    ----------
    process : Popen
    address : str
        Without a slash at its end.
    folder : Path
        The clinic.
    link : str
        The one-time link with which the first account is made; empty where there is an account.
    """

    process: subprocess.Popen[str]
    address: str
    folder: Path
    link: str


def find_free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def serve(folder: Path, log: Path, port: int = 0) -> Iterator[Served]:
    """Run `attune serve`, wait until it answers, and end it; all that it prints is in ``log``."""
    port = port or find_free_port()
    address = f"http://127.0.0.1:{port}"
    words = [
        sys.executable,
        "-c",
        "from attune_fit.app.cli import main; main()",
        "serve",
        str(folder),
        "--port",
        str(port),
    ]
    with log.open("w", encoding="utf-8") as out:
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", "COLUMNS": "200", "NO_COLOR": "1"}
        process = subprocess.Popen(words, stdout=out, stderr=subprocess.STDOUT, text=True, env=environment)
    try:
        wait_until_it_answers(process, address, log)
        found = LINK.search(log.read_text(encoding="utf-8"))
        yield Served(process, address, folder, found.group(1) if found else "")
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_it_answers(process: subprocess.Popen[str], address: str, log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text(encoding="utf-8")
        try:
            urllib.request.urlopen(f"{address}/sign-in", timeout=5).read()  # noqa: S310 (always http://127.0.0.1)
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise AssertionError(log.read_text(encoding="utf-8"))


def find_chromium() -> str | None:
    """Return the path of a Chromium of the system; None without one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real Chromium, of the system: Debian's package `chromium`. Without one the tests of this folder are skipped."""
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium on this machine: no page is tested in a browser (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def open_window(chromium: Browser, width: int = 1366, **options: object) -> BrowserContext:
    """Return a window of its own: no cookie of another one. No request may leave the desk."""
    return chromium.new_context(viewport={"width": width, "height": 900}, **options)  # type: ignore[arg-type]


def set_up(page: Page, desk: Served, name: str = "intake-02") -> None:
    """Make the first account with the one-time link; afterwards it is signed in."""
    page.goto(desk.link)
    page.get_by_label("Name", exact=False).first.fill(name)
    for field in page.locator('input[type="password"]').all():
        field.fill(PASSWORD)
    page.locator("main form button").first.click()
