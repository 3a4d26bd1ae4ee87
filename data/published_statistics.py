"""Published figures, each with its citation, and the feature weights that follow from them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

EVIDENCE_MARKS = ("read", "secondary", "measured", "derived", "assumed")


@dataclass(frozen=True)
class PublishedStatistic:
    """One figure the project uses.

    Attributes
    ----------
    key : str
        Its name here.
    value : float
        In ``unit``. With the unit ``sign`` only a direction was read: 1 higher, 0 no difference, -1 lower.
    unit, cite, says : str
        The unit; who published it; what it means, with the arithmetic where it is derived.
    mark : {"read", "secondary", "measured", "derived", "assumed"}
        How well it is known: ``assumed`` is never cited as a fact.
    low, high : float or None
        95% interval, or the range over studies where ``says`` tells so.
    """

    key: str
    value: float
    unit: str
    mark: Literal["read", "secondary", "measured", "derived", "assumed"]
    cite: str
    says: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class PriorWeight:
    """What is believed of one feature before a clinic has outcomes.

    Attributes
    ----------
    feature : str
        Name of the feature.
    weight, spread : float
        Standard deviations of early alliance for one ``scale`` of the feature, and how sure it is (SD).
    because : str
        How the figures lead to the weight.
    figures : tuple of str
        Keys of :func:`read_published_statistics`; empty means assumed.
    """

    feature: str
    weight: float
    spread: float
    because: str
    figures: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """The keys separated by a comma, or ``assumed``."""
        return ", ".join(self.figures) or "assumed"


@cache
def read_published_statistics() -> Mapping[str, PublishedStatistic]:
    """Every published figure by its key.

    >>> read_published_statistics()["preference_alliance_d"].value
    0.48
    """
    return MappingProxyType({row["key"]: PublishedStatistic(**row) for row in _read_data_file()["figures"]})


@cache
def read_prior_weights() -> Mapping[str, PriorWeight]:
    """The weight of every feature that has one, by the feature's name."""
    rows = _read_data_file().get("weights", [])
    return MappingProxyType({row["feature"]: PriorWeight(**{**row, "figures": tuple(row["figures"])}) for row in rows})


@cache
def _read_data_file() -> dict[str, Any]:
    """The data file as it stands."""
    return tomllib.loads(files("attune_fit.data").joinpath("published_statistics.toml").read_text(encoding="utf-8"))
