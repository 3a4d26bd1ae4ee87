"""Take the pictures of docs/desk.md: ``python -m docs.desk_pictures``.

The demo clinic is made and served, and the steps of ``tests/browser/day_walk.py`` are done in Chromium, as the test of
the day does them.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from attune_fit.demo_clinic import build_demo
from tests.browser.conftest import find_chromium, open_window, serve, set_up
from tests.browser.day_walk import STEPS, Walk

PICTURES = Path(__file__).resolve().parent / "pictures"
TAKEN = ("today", "shortlist", "compare", "decide", "follow-up", "placement")  # steps of the day
NARROW = 768  # pixels
N_COLORS = 96
LISTED = "/clients/c0542/shortlist"


def main() -> None:
    """Walk through the day, and keep the picture of each step of :data:`TAKEN`."""
    path = find_chromium()
    if path is None:
        raise SystemExit("no Chromium on this machine (Debian: apt-get install chromium)")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "demo"
        build_demo(folder)
        with sync_playwright() as playwright, serve(folder, Path(temporary) / "desk.log") as desk:
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            page = open_window(browser).new_page()
            set_up(page, desk)
            walk = Walk(page, desk.address)
            for step in STEPS:
                step.act(walk)
                if step.name in TAKEN:
                    take_picture(page, step.name)
            for name, width, scheme in (("narrow", NARROW, "light"), ("dark", 1366, "dark")):
                window = open_window(browser, width, color_scheme=scheme)
                window.add_cookies(page.context.cookies())  # type: ignore[arg-type]
                other = window.new_page()
                other.goto(f"{desk.address}{LISTED}")
                take_picture(other, name)
            browser.close()


def take_picture(page: Page, name: str) -> None:
    """Keep what the window shows, from the top of the page; in few colors, so that the file is small."""
    page.evaluate("scrollTo(0, 0)")
    taken = Image.open(io.BytesIO(page.screenshot()))
    taken.convert("RGB").quantize(N_COLORS, dither=Image.Dither.NONE).save(PICTURES / f"desk-{name}.png", optimize=True)
    print(f"docs/pictures/desk-{name}.png")


if __name__ == "__main__":
    main()
