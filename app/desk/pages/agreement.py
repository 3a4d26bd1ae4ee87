"""Agreement: how often the first place of a list was offered, and the coded reasons where another place was."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from attune_fit.app.desk.exports import ExportFormat, export
from attune_fit.app.desk.rendering import render
from attune_fit.app.desk.shown.share_bars import HIDDEN_BELOW, format_shares
from attune_fit.app.desk.visit import CurrentVisit
from attune_fit.offer_agreement import NamedShare

router = APIRouter()


@router.get("/agreement")
def show_agreement(
    visit: CurrentVisit, since: str = "", until: str = "", format: ExportFormat | None = None
) -> Response:
    """Show the shares of first places and of reasons, with intervals."""
    result = visit.workspace.agreement(since=since or None, until=until or None)
    report = result.result
    places = [NamedShare("First place of the list", report.first_place), NamedShare("First band", report.first_band)]
    return export(result, format) or render(
        visit, "agreement.html", current="/log", report=report, since=since, until=until,
        smallest=HIDDEN_BELOW, places=format_shares(places, "What was offered"),
        reasons=format_shares(report.reasons, "Reason"), months=format_shares(report.months, "Month"),
    )  # fmt: skip
