"""The row that states one feature of a pair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from attune_fit.data.arrays import Floats

if TYPE_CHECKING:
    from attune_fit.features.pairs import Pairs

Direction = Literal["+", "-", "free"]
FeatureSide = Literal["client", "pair", "therapist"]
FAMILIES = ("intake", "style", "wishes", "problems", "attachment", "practical", "therapist", "declared")

PREFERENCES_TABLE = "preferences"  # what a wish reads instead of a column of the clients
ANY_COLUMN = "*"  # any column of the therapists that a wish can name


@dataclass(frozen=True)
class Feature:
    """One column of the pair frame.

    Attributes
    ----------
    name, family : str
        Family is one of :data:`FAMILIES`.
    side : {"client", "pair", "therapist"}
        Whether it differs between the therapists of one client (``pair``, ``therapist``) or not (``client``: it goes
        into the baseline and can never move a ranking).
    client, therapist : tuple of str
        The columns it reads, and no others; a wish reads :data:`PREFERENCES_TABLE` and the therapist's columns, or :data:`ANY_COLUMN`.
    function : callable
        Takes :class:`Pairs`, returns an array that broadcasts to their shape; NaN where unknown.
    direction : {"+", "-", "free"}
        Which way early alliance may go when it rises; LightGBM is held to it.
    center, scale : float
        Typical value and spread: ``(value - center) / scale`` enters the sum, and unknown enters as the typical value
        with its uncertainty. NaN means: taken from the clinic's own pairs when training.
    text_above, text_below : str
        What a coordinator reads, as the end of a sentence about the therapist (for a feature of the client, about the
        client), where the value is above ``center`` ("shares the client's faith") and where it is below.
    weight, spread : float
        Published effect in standard deviations of early alliance for one ``scale``, and how sure it is (SD).
    source : str
        Keys of :func:`read_published_statistics`, separated by a comma, or ``assumed``.
    compare : str
        How a feature of the clinic's own compares the two cells, with the numbers stated for it: a weight learnt for
        one comparison means nothing for another. Empty for Attune's own.
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
        """What is true of a pair with this value; empty where it is unknown, typical, or nothing is worth saying.

        Chosen by the value, never by whether it counts for or against: a weight may change sign, the facts do not.
        """
        if value > self.center:
            return self.text_above
        return self.text_below if value < self.center else ""
