"""Find a client: an id leads to the client, a part of an id to a list."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter
from starlette.responses import Response

from attune_fit.app.desk.recording import redirect
from attune_fit.app.desk.rendering import render
from attune_fit.app.desk.security.own_clients import list_own_clients
from attune_fit.app.desk.visit import CurrentVisit

router = APIRouter()
MOST_FOUND = 20  # ids in the list; each state takes some milliseconds


@router.get("/find")
def find_client(visit: CurrentVisit, client: str = "") -> Response:
    """Lead to the client with this id, or list the ids that hold the text."""
    found = visit.workspace.find_clients(client, among=list_own_clients(visit), most=MOST_FOUND).result
    if found.exact is not None:
        return redirect(f"/clients/{quote(found.exact, safe='')}")
    return render(visit, "find.html", found=found, text=client.strip(), status=200 if found.rows else 404)
