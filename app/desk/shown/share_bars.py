"""Shares with their intervals as bars on one axis; a hidden share is named as hidden."""

from __future__ import annotations

from collections.abc import Iterable

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

HIDDEN_BELOW = MIN_GROUP_SIZE
SCALE = Scale(0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0))
HIDDEN_TEXT = f"hidden: fewer than {MIN_GROUP_SIZE} offers, or needed to hide such a group"


def format_shares(shares: Iterable[NamedShare], title: str) -> Html:
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
