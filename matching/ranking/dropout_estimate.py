"""The estimated probability of dropout of a pair, as a record of a result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from attune_fit.features.pair_frame import PairFrame
    from attune_fit.features.pairs import Pairs
    from attune_fit.models.dropout_model import DropoutModel

PROBABILITY_DECIMALS = 6  # smaller differences are rounding, and can vary between machines


@dataclass(frozen=True)
class DropoutEstimate:
    """The probability that the client leaves therapy with this therapist early, from 0 to 1.

    Attributes
    ----------
    probability, low, high : float
        The estimate and its interval, of the probability of the clinic's other intervals.
    typical : float
        The probability of the same client with a typical therapist.
    """

    probability: float
    low: float
    high: float
    typical: float


def build_dropout_estimates(
    dropout: DropoutModel | None, pairs: Pairs, frame: PairFrame, level: float
) -> Sequence[DropoutEstimate | None]:
    """Build the estimate of each pair of a list; None without a model of dropout."""
    if dropout is None:
        return [None] * len(frame.values)
    found = dropout.compute_probabilities(pairs, frame, level)
    columns = np.stack([found.probability, found.low, found.high, found.of_client], axis=-1)
    return [DropoutEstimate(*row) for row in columns.round(PROBABILITY_DECIMALS).tolist()]
