"""The row that defines one feature of a pair."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from attune_fit.data.arrays import Floats
from attune_fit.features.pairs import Pairs

Direction = Literal["+", "-", "free"]
FeatureSide = Literal["client", "pair", "therapist"]
FAMILIES = ("intake", "style", "wishes", "problems", "attachment", "practical", "therapist", "declared")

PREFERENCES_TABLE = "preferences"  # what a wish feature reads in place of a column of the clients
ANY_COLUMN = "*"  # any column of the therapists that a wish can name


@dataclass(frozen=True)
class Feature:
    """One column of the pair frame.

    Attributes
    ----------
    name, family : str
        Family is one of :data:`FAMILIES`.
    side : {"client", "pair", "therapist"}
        Whether it differs between the therapists of one client (``pair``, ``therapist``) or not (``client``). A feature
        of the client goes into the baseline and can never move a ranking.
    client, therapist : tuple of str
        The columns it reads, and no others. A wish feature reads :data:`PREFERENCES_TABLE` and the therapist's
        columns, or :data:`ANY_COLUMN`.
    function : callable
        Takes :class:`Pairs`, returns an array that broadcasts to their shape; NaN where unknown.
    direction : {"+", "-", "free"}
        Whether early alliance is expected to rise or to fall when the feature rises. It is the sign of the prior mean;
        a clinic's records can turn it round, unless ``keeps_direction``.
    center, scale : float
        Neutral value and spread. The score uses ``(value - center) / scale``. NaN: the clinic's own pairs decide.
    text_above, text_below : str
        What a coordinator reads where the value is above ``center``, and where it is below. Each is the end of a
        sentence about the therapist ("shares the client's faith"), or about the client for a feature of the client.
    weight, spread : float
        Published effect of one ``scale``, in standard deviations of early alliance, and the SD of that effect.
    source : str
        Keys of :func:`read_published_statistics`, separated by a comma, or ``assumed``.
    compare : str
        How a clinic's custom feature compares the two cells, with the numbers stated for it. A weight learned for one
        comparison is not valid for another. Empty for Attune's own features.
    keeps_direction : bool
        Whether the direction is a promise: the weight never crosses zero, and trees stay monotone in the feature.
    typical : float
        Mean over the clinic's own possible pairs. An unknown value counts as this one, and adds uncertainty. NaN: not
        estimated, and ``center`` takes its place.
    """

    name: str
    family: str
    side: FeatureSide
    client: tuple[str, ...]
    therapist: tuple[str, ...]
    function: Callable[[Pairs], Floats]
    direction: Direction
    center: float
    scale: float
    text_above: str
    text_below: str = ""
    weight: float = 0.0
    spread: float = 0.05
    source: str = "assumed"
    compare: str = ""
    keeps_direction: bool = False
    typical: float = math.nan

    @property
    def standard_typical(self) -> float:
        """The typical value in units of ``scale`` from ``center``; 0 where it is not estimated."""
        return 0.0 if math.isnan(self.typical) else (self.typical - self.center) / self.scale

    @property
    def wall(self) -> Direction:
        """The direction where it is a promise, else ``free``: the sign constraint of weights and trees."""
        return self.direction if self.keeps_direction else "free"

    def describe_value(self, value: float) -> str:
        """Return the text for a value in the feature's own unit; empty for an unknown or typical value.

        The value decides, not the sign of its contribution: training can change the sign of a weight, but not the
        facts about the pair.
        """
        if value > self.center:
            return self.text_above
        return self.text_below if value < self.center else ""
