"""Print how offers compare with the lists they came from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import build_table, print_text
from attune_fit.data.small_cells import HIDDEN_COUNT_TEXT, MIN_GROUP_SIZE

if TYPE_CHECKING:
    from attune_fit.offer_agreement import AgreementReport, NamedShare, OfferShare


def show_agreement(report: AgreementReport, written_to: Path | None = None) -> None:
    """Print how often the first place was offered, the reasons for another one, and each month."""
    if not report.n_offers:
        _show_none(report)
    else:
        _show_shares(report)
    if written_to is not None:
        print_text(f"Written to [bold]{escape(str(written_to))}[/bold].")


def _show_none(report: AgreementReport) -> None:
    print_text("No offer has a place on a list, so there is nothing to compare.")
    if report.n_without_place:
        print_text(
            f"Offers without a place: {report.n_without_place}. `attune record ... offered --rank 1` records it."
        )


def _show_shares(report: AgreementReport) -> None:
    print_text(f"{report.summary}.")
    main = build_table(f"Offers with a place: {report.n_offers}", "what was offered", *SHARE_HEADERS)
    main.add_row("the first place", *_format_share(report.first_place))
    main.add_row("a place in the first band", *_format_share(report.first_band))
    print_text(main)
    if report.reasons:
        _show_named("Reasons for another place", "reason", report.reasons)
        for one in report.reasons:
            print_text(Text(f"{one.name}: {one.meaning}", style="dim"))
    _show_named("First place, by month", "month", report.months)
    if report.n_without_place:
        print_text(f"Offers without a place: {report.n_without_place}. They count nowhere here.")
    if report.has_hidden:
        print_text(f"Groups under {MIN_GROUP_SIZE} offers are hidden, and those from which they could be computed.")


SHARE_HEADERS = (">offers", ">of", ">share", "95% interval")


def _show_named(title: str, name: str, shares: Sequence[NamedShare]) -> None:
    grid = build_table(title, name, *SHARE_HEADERS)
    for one in shares:
        grid.add_row(Text(one.name), *_format_share(one.share))
    print_text(grid)


def _format_share(share: OfferShare | None) -> tuple[str, str, str, str]:
    if share is None:
        return HIDDEN_COUNT_TEXT, "", "", ""
    return f"{share.count:,}", f"{share.of:,}", f"{share.rate:.0%}", f"{share.low:.0%} to {share.high:.0%}"
