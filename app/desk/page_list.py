"""The pages of the main menu: one row for each, with who can see it."""

from __future__ import annotations

from importlib import import_module
from typing import NamedTuple

from fastapi import APIRouter

from attune_fit.app.desk.visit import Role

STAFF: tuple[Role, ...] = ("coordinator", "admin")
EVERY_ROLE: tuple[Role, ...] = ("coordinator", "clinician", "admin")


class MenuPage(NamedTuple):
    """One page of the main menu.

    Attributes
    ----------
    title : str
    address : str
        Path; addresses below it belong to the page too, so the menu marks it as the current one.
    roles : tuple of str
        Who has it in the menu.
    """

    title: str
    address: str
    roles: tuple[Role, ...] = STAFF


MENU: tuple[MenuPage, ...] = (
    MenuPage("Today", "/today"),
    MenuPage("Waiting list", "/waiting-list"),
    MenuPage("Follow-up", "/follow-up", EVERY_ROLE),
    MenuPage("Roster", "/roster"),
    MenuPage("Model", "/model"),
    MenuPage("Log", "/log"),
)

# modules of `pages` with the roles that can open their addresses; a page that is on no list can be opened by no role
ROUTERS: dict[str, tuple[Role, ...]] = {
    "home": EVERY_ROLE,
    "today": STAFF,
    "find": EVERY_ROLE,  # leads to the page of the client, which checks who can see it; lists only for staff
    "keys": EVERY_ROLE,
    "undo": STAFF,
    "client": EVERY_ROLE,  # a clinician sees own clients only: the page checks it
    "shortlist": STAFF,
    "compare": STAFF,
    "decide": STAFF,
    "handout": STAFF,
    "follow_up": EVERY_ROLE,  # own clients only
    "rematch": STAFF,
    "waiting_list": STAFF,
    "placement": STAFF,
    "roster": STAFF,
    "leaving": STAFF,
    "model": STAFF,
    "log": STAFF,
    "agreement": STAFF,
    "account": EVERY_ROLE,
    "accounts": ("admin",),
}
PUBLIC = ("sign_in",)  # modules whose addresses need no account


def list_pages_of(role: Role) -> list[MenuPage]:
    """Return the pages that a role has in the menu."""
    return [page for page in MENU if role in page.roles]


def load_routers() -> list[tuple[APIRouter, tuple[Role, ...] | None]]:
    """Import the pages; return the router of each, and who can open it: None where no account is needed."""
    rows: dict[str, tuple[Role, ...] | None] = {**ROUTERS, **dict.fromkeys(PUBLIC)}
    return [(import_module(f"attune_fit.app.desk.pages.{name}").router, roles) for name, roles in rows.items()]
