"""A coordinator's day in a browser, step by step: a new client to a rematch, a placement, and back.

Each step is one row: its name, the name of its picture, and what is done. The test of the day checks each page after
its step; ``docs.desk_pictures`` takes the pictures of the documentation with the same steps.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from playwright.sync_api import Page, expect

CLIENT = "n0001"


@dataclass
class Walk:
    """A page in a browser that is signed in, and what the day has found so far."""

    page: Page
    address: str
    found: dict[str, str] = field(default_factory=dict)

    def go(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}")

    def press(self, name: str | re.Pattern[str], role: str = "button") -> None:
        """Press the first button (or link) of the main part of the page with this name."""
        self.page.locator("main").get_by_role(role, name=name).first.click()  # type: ignore[arg-type]

    def choose(self, words: str) -> None:
        """Choose the radio button with these words."""
        self.page.get_by_label(words).first.check()

    @property
    def first(self) -> str:
        """The therapist who comes first on the shortlist that is open."""
        return self.page.locator(".cand .tid").first.inner_text().strip()


class Step(NamedTuple):
    """One step of the day.

    Attributes
    ----------
    name : str
        What the coordinator does; also the name of its picture in the documentation.
    act : callable
        Does it; the page that it leads to is then checked.
    """

    name: str
    act: Callable[[Walk], None]


def look_at_the_day(walk: Walk) -> None:
    walk.go("/today")
    expect(walk.page.get_by_role("heading", level=1)).to_be_visible()


def add_a_client(walk: Walk) -> None:
    """Half an intake: an id, an age, a region, one wish."""
    walk.press("New client", "link")
    page = walk.page
    page.get_by_label("Client id").fill(CLIENT)
    page.get_by_label("Age", exact=True).fill("34")
    page.get_by_label("Priority").select_option("urgent")
    page.get_by_label("Region").select_option("north")
    page.locator('select[name="wish-1-attribute"]').select_option("gender")
    page.locator('[name="wish-1-value"]').fill("woman")
    page.locator('[name="wish-1-strength"][value="prefer"]').check()
    walk.press("Save and rank")


def read_the_shortlist(walk: Walk) -> None:
    expect(walk.page).to_have_url(re.compile(f"/clients/{CLIENT}/shortlist"))
    walk.found["first"] = walk.first
    walk.found["second"] = walk.page.locator(".cand .tid").nth(1).inner_text().strip()


def compare_three(walk: Walk) -> None:
    walk.press("Compare selected")
    expect(walk.page.get_by_role("heading", level=1)).to_contain_text("Compare 3")


def choose_the_second(walk: Walk) -> None:
    """Another than the first place: the page names what differs, and asks for one reason."""
    walk.press(re.compile(f"Offer {walk.found['second']}"), "link")
    walk.choose("The client asked for this therapist.")


def offer(walk: Walk) -> None:
    walk.press(re.compile("Record offer"))
    expect(walk.page.locator(".undo")).to_be_visible()


def decline(walk: Walk) -> None:
    walk.go(f"/clients/{CLIENT}/decide?t={walk.found['second']}")
    walk.choose("Times, place or format do not work.")
    walk.press("Record: client declined")


def offer_the_next(walk: Walk) -> None:
    walk.go(f"/clients/{CLIENT}/shortlist")
    walk.found["next"] = walk.first
    assert walk.found["next"] != walk.found["second"]
    walk.press(re.compile(f"Offer {walk.found['next']}"), "link")
    walk.press(re.compile("Record offer"))


def accept(walk: Walk) -> None:
    walk.go(f"/clients/{CLIENT}/decide?t={walk.found['next']}")
    walk.press("Accepted")


def start(walk: Walk) -> None:
    walk.go(f"/clients/{CLIENT}/decide?t={walk.found['next']}")
    walk.press(re.compile("Record (the )?start|Started"))


def enter_the_score(walk: Walk) -> None:
    walk.go("/follow-up")
    walk.page.get_by_label("Client id").fill(CLIENT)
    walk.page.get_by_label(re.compile("WAI-SR")).fill("2.4")
    walk.press("Record score")
    expect(walk.page.locator("main")).to_contain_text(CLIENT)


def look_at_a_rematch(walk: Walk) -> None:
    walk.go(f"/clients/{CLIENT}/rematch")
    expect(walk.page.get_by_role("heading", level=1)).to_contain_text("Rematch")


def place_the_waiting_list(walk: Walk) -> None:
    walk.go("/placement")
    walk.press("Pin", "link")
    expect(walk.page).to_have_url(re.compile("pin="))


def commit_the_placement(walk: Walk) -> None:
    walk.press(re.compile("Commit"))
    expect(walk.page.locator(".undo")).to_be_visible()


def undo_the_placement(walk: Walk) -> None:
    walk.page.locator(".undo button").first.click()
    expect(walk.page.locator("main")).to_contain_text("undone")


STEPS = (
    Step("today", look_at_the_day),
    Step("client", add_a_client),
    Step("shortlist", read_the_shortlist),
    Step("compare", compare_three),
    Step("decide", choose_the_second),
    Step("offered", offer),
    Step("declined", decline),
    Step("next", offer_the_next),
    Step("accepted", accept),
    Step("started", start),
    Step("follow-up", enter_the_score),
    Step("rematch", look_at_a_rematch),
    Step("placement", place_the_waiting_list),
    Step("committed", commit_the_placement),
    Step("undone", undo_the_placement),
)
