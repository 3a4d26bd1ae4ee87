"""Put the estimates of goal, task and bond into words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from attune_fit.matching.ranking.scale_scores import ScaleScore
    from attune_fit.models.alliance_model import AllianceModel


def list_scale_lines(scales: Sequence[ScaleScore], model: AllianceModel | None, *, why: bool) -> Iterator[Text]:
    """Yield goal, task and bond of a pair, one line each, and their source.

    Without estimates, ``why`` adds what an estimate needs.
    """
    for one in scales:
        text = f"expected {one.score:.2f}; one early rating: {one.low:.2f} to {one.high:.2f}"
        yield Text.assemble((f"{one.scale.capitalize()}: ", "bold"), text)
    if scales and model is not None and model.scales is not None:
        yield Text(f"Goal, task and bond are from {model.scales.n_records:,} records here with all three.", style="dim")
    elif why:
        yield Text(
            "Goal, task and bond: no estimate. It needs an instrument with these scales, and 30 records that hold all "
            "three.", style="dim"
        )  # fmt: skip


def format_scales(scales: Sequence[ScaleScore]) -> str:
    """Return goal, task and bond on one line.

    >>> from attune_fit.matching.ranking.scale_scores import ScaleScore
    >>> format_scales([ScaleScore("goal", 4.0, 3.0, 4.8), ScaleScore("bond", 4.25, 3.1, 5.0)])
    'goal 4.00 (3.0 to 4.8), bond 4.25 (3.1 to 5.0)'
    """
    return ", ".join(f"{one.scale} {one.score:.2f} ({one.low:.1f} to {one.high:.1f})" for one in scales)
