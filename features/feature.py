"""The row that states one feature of a pair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from features.pairs import Pairs

Floats = npt.NDArray[np.float64]
Direction = Literal["+", "-", "free"]
Side = Literal["client", "pair", "therapist"]
FAMILIES = ("intake", "style", "wishes", "problems", "culture", "attachment", "practical", "therapist", "declared")


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
        The columns it reads; a wish reads ``preferences`` and lists the therapist's columns.
    function : callable
        Takes :class:`features.pairs.Pairs`, returns an array of the shape of the pairs; NaN where unknown.
    direction : {"+", "-", "free"}
        Which way early alliance may go when it rises; LightGBM is held to it.
    center, scale : float
        Typical value and spread: ``(value - center) / scale`` enters the sum, and unknown enters as the typical value
        with its uncertainty. NaN means: taken from the clinic's own pairs when training.
    says : str
        What a coordinator reads, as the end of a sentence about the therapist ("shares the client's faith").
    weight, spread : float
        Published effect in standard deviations of early alliance for one ``scale``, and how sure it is (SD).
    source : str
        Keys of :data:`data.published.FIGURES`, separated by a comma, or ``assumed``.
    """

    name: str
    family: str
    side: Side
    client: tuple[str, ...]
    therapist: tuple[str, ...]
    function: Callable[[Pairs], Floats]
    direction: Direction
    center: float
    scale: float
    says: str
    weight: float = 0.0
    spread: float = 0.05
    source: str = "assumed"
