"""Put the estimated probability of dropout into words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.text import Text

from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.data.small_cells import MIN_GROUP_SIZE

if TYPE_CHECKING:
    from attune_fit.matching.ranking.dropout_estimate import DropoutEstimate
    from attune_fit.models.dropout_model import DropoutModel


def list_dropout_lines(
    estimate: DropoutEstimate | None, dropout: DropoutModel | None, interval: float, order_weights: str, *, why: bool
) -> Iterator[Text]:
    """Yield the dropout of a pair in sentences: the estimate, then what it does to the order.

    Without an estimate, ``why`` adds the published average.
    """
    if estimate is not None and dropout is not None:
        yield Text.assemble(("Dropout: ", "bold"), f"{format_dropout(estimate, f'{interval:.0%} interval ')}.")
        yield Text(
            f"{_describe_source(dropout)} {'' if order_weights else 'It does not change the order.'}", style="dim"
        )
    elif why:
        share = read_published_statistics()["dropout_share"].value
        yield Text(
            f"Dropout: {share:.0%} of clients leave early in published studies. An estimate for this clinic needs "
            f"{MIN_GROUP_SIZE} clients who dropped out and {MIN_GROUP_SIZE} who did not.", style="dim"
        )  # fmt: skip
    if order_weights:
        yield Text(order_weights, style="yellow")


def format_dropout(estimate: DropoutEstimate, label: str = "") -> str:
    """Return a probability of dropout with its interval, and that of the same client with a typical therapist.

    ``label`` comes before the interval.

    >>> from attune_fit.matching.ranking.dropout_estimate import DropoutEstimate
    >>> format_dropout(DropoutEstimate(0.176, 0.121, 0.249, 0.201))
    '18% (12% to 25%); with a typical therapist 20%'
    """
    interval = f"{label}{estimate.low:.0%} to {estimate.high:.0%}"
    return f"{estimate.probability:.0%} ({interval}); with a typical therapist {estimate.typical:.0%}"


def _describe_source(dropout: DropoutModel) -> str:
    """Return the number of episodes, and whether held-out dropout was predicted better than chance."""
    text = f"From {dropout.n_records:,} episodes here with known dropout."
    if dropout.check is None or dropout.check.auc_low > 0.5:
        return text
    return f"{text} These episodes do not yet show who drops out."
