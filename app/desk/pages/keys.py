"""The list of keys."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from attune_fit.app.desk.rendering import render
from attune_fit.app.desk.visit import CurrentVisit

router = APIRouter()
KEYS: tuple[tuple[str, str], ...] = (
    ("/", "Find a client"),
    ("j", "Next row of the list"),
    ("k", "Previous row of the list"),
    ("o", "Open the action of this row, such as Offer or Shortlist"),
    ("x", "Select this row, for a comparison"),
    ("u", "Undo what was just recorded"),
    ("?", "Show this page"),
)


@router.get("/keys")
def show_keys(visit: CurrentVisit) -> Response:
    """Show the list of keys, with a switch for all of them."""
    return render(visit, "keys.html", keys=KEYS)
