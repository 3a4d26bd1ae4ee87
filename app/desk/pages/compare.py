"""The page compare: two or three therapists side by side, each row starting with what the client wants."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from attune_fit.app.desk.exports import ExportFormat, export
from attune_fit.app.desk.rendering import render
from attune_fit.app.desk.shown.client_summary import summarize_client
from attune_fit.app.desk.visit import CurrentVisit
from attune_fit.app.desk.wording.code_words import STYLE_ENDS

FEWEST, MOST = 2, 3

router = APIRouter()


@router.get("/clients/{client_id:id}/compare")
def show_compare(
    visit: CurrentVisit,
    client_id: str,
    t: Annotated[tuple[str, ...], Query()] = (),
    format: ExportFormat | None = None,
) -> Response:
    """Show the comparison of the therapists ``t``; with fewer or more than fit, how to choose them."""
    therapist_ids = list(dict.fromkeys(t))
    if not FEWEST <= len(therapist_ids) <= MOST:
        client = summarize_client(visit.workspace, client_id)
        return render(visit, "compare_choice.html", status=422, client=client, chosen=therapist_ids)
    result = visit.workspace.compare(client_id, therapist_ids)
    if exported := export(result, format):
        return exported
    client = summarize_client(visit.workspace, client_id)
    return render(visit, "compare.html", client=client, comparison=result.result, styles=STYLE_ENDS)
