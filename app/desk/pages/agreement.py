"""Agreement: how often the first place of a list was offered, and the coded reasons where another place was."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter
from starlette.responses import Response

from attune_fit.app.desk.exports import ExportFormat, export
from attune_fit.app.desk.rendering import render
from attune_fit.app.desk.visit import CurrentVisit
from attune_fit.data.report_pages.html_parts import (
    Html,
    TableColumn,
    format_element,
    format_paragraph,
    format_table,
    join_parts,
)
from attune_fit.data.report_pages.interval_bars import Scale, draw_axis, draw_interval
from attune_fit.data.small_cells import MIN_GROUP_SIZE
from attune_fit.offer_agreement import NamedShare, OfferShare

router = APIRouter()
SCALE = Scale(0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0))
HIDDEN_TEXT = f"hidden: fewer than {MIN_GROUP_SIZE} offers, or needed to hide such a group"


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
        smallest=MIN_GROUP_SIZE, places=_format_shares(places, "What was offered"),
        reasons=_format_shares(report.reasons, "Reason"), months=_format_shares(report.months, "Month"),
    )  # fmt: skip


def _format_shares(shares: Iterable[NamedShare], title: str) -> Html:
    """Return one row for each share, all on one axis from 0% to 100%; a hidden one is named as hidden."""
    axis = draw_axis(SCALE, lambda tick: f"{tick:.0%}", "Chart from 0% to 100%")
    columns = (title, TableColumn(axis), TableColumn("share", is_number=True),
               TableColumn("95% interval", is_short=True), TableColumn("offers", is_short=True))  # fmt: skip
    return format_table(
        columns, [_format_share(one.name, one.meaning, one.share) for one in shares], title, "plain bars"
    )


def _format_share(name: str, meaning: str, share: OfferShare | None) -> tuple[str, ...]:
    label = join_parts([meaning, format_element("span", name, "small quiet meaning")]) if meaning else name
    if share is None:
        return label, format_paragraph(HIDDEN_TEXT, "hint"), "–", "", "hidden"
    chart = draw_interval(SCALE, share.rate, share.low, share.high)
    counts = f"{share.count:,} of {share.of:,}"
    return label, chart, f"{share.rate:.0%}", f"{share.low:.0%} to {share.high:.0%}", counts
