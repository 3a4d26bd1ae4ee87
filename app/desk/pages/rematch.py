"""Rematch: another therapist after a weak start. Talk first; the list shows what a change is expected to bring."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from starlette.responses import Response

from attune_fit.app.desk.exports import ExportFormat, export
from attune_fit.app.desk.rendering import render
from attune_fit.app.desk.shown.shortlist_view import count_places
from attune_fit.app.desk.visit import CurrentVisit

router = APIRouter()


@router.get("/clients/{client_id:id}/rematch")
def show_rematch(
    visit: CurrentVisit, client_id: str, rows: Literal["first", "all"] = "first", format: ExportFormat | None = None
) -> Response:
    """Show what the client rated, what to do first, and the expected change; the list that was shown is logged."""
    n_rows = count_places(is_whole=rows == "all")
    result = visit.workspace.rematch(client_id, log=True, shortlist=n_rows)
    one, outcomes = result.result
    candidates = {candidate.therapist_id: candidate for candidate in one.ranking.candidates[:n_rows]}
    shown = [(change, candidates[change.therapist_id]) for change in one.changes[:n_rows]]
    return export(result, format) or render(
        visit, "rematch.html", client_id=client_id, rematch=one, ranking=one.ranking, last=one.met[-1], shown=shown,
        outcomes=outcomes, scale=visit.workspace.clinic.instruments[one.ranking.instrument], notes=result.notes,
    )  # fmt: skip
