"""The row that defines one feature of a pair."""

from __future__ import annotations

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
        Sign constraint: whether early alliance may rise, fall, or do either, when the feature rises. It bounds the
        weight, and it is LightGBM's monotone constraint.
    center, scale : float
        Typical value and spread. The score uses ``(value - center) / scale``; an unknown value counts as the typical
        value and adds uncertainty. NaN: training estimates the number from the clinic's own pairs.
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

    def describe_value(self, value: float) -> str:
        """Return the text for a value in the feature's own unit; empty for an unknown or typical value.

        The value decides, not the sign of its contribution: training can change the sign of a weight, but not the
        facts about the pair.
        """
        if value > self.center:
            return self.text_above
        return self.text_below if value < self.center else ""
