"""The model page: what the live model can do and since when it is live; and its whole card."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from starlette.responses import Response

from attune_fit.app.desk.exports import ExportFormat, export
from attune_fit.app.desk.rendering import render
from attune_fit.app.desk.visit import CurrentVisit

router = APIRouter()
N_DECISIONS = 10  # of the ledger, the latest first
CardFormat = Literal["json", "csv", "html"]


@router.get("/model")
def show_model(
    visit: CurrentVisit, rows: Literal["some", "all"] = "some", format: ExportFormat | None = None
) -> Response:
    """Show the verdict on the live model, its charts, and the decisions of the ledger; an export has the decisions."""
    models = visit.workspace.models()
    if exported := export(models, format):
        return exported
    card, listed = visit.workspace.model_card().result, models.result
    decisions = listed.ledger.entries[::-1]
    return render(
        visit, "model.html", models=listed, card=card.facts, answer=card.build_answer(), charts=card.draw_charts(),
        since=listed.find_activation(), n_decisions=len(decisions),
        decisions=decisions if rows == "all" else decisions[:N_DECISIONS],
    )  # fmt: skip


@router.get("/model/card")
def show_card(visit: CurrentVisit, bundle: str | None = None, format: CardFormat | None = None) -> Response:
    """Show the whole card of a bundle; ``html`` downloads it as one file."""
    result = visit.workspace.model_card(bundle)
    card = result.result
    if format == "html":
        disposition = f'attachment; filename="model-card-{card.bundle}.html"'
        return Response(card.to_html(), media_type="text/html", headers={"content-disposition": disposition})
    return export(result, format) or render(
        visit, "model_card.html", card=card.facts, answer=card.build_answer(), sections=card.build_sections()
    )
