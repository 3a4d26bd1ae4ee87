"""Published statistics with their citations, and the prior weights of features that follow from them."""

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
    """One published statistic that Attune uses.

    Attributes
    ----------
    key : str
        Its name in the data file.
    value : float
        In ``unit``. With the unit ``sign`` only the direction is known: 1 higher, 0 no difference, -1 lower.
    unit, cite, says : str
        The unit; the citation; the meaning, with the arithmetic of a derived value.
    mark : {"read", "secondary", "measured", "derived", "assumed"}
        Quality of the evidence. An ``assumed`` value is never cited as a fact.
    low, high : float or None
        95% interval, or the range over studies where ``says`` states this. None if there is neither.
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
    """Prior of the weight of one feature, before a clinic has outcomes.

    Attributes
    ----------
    feature : str
        Name of the feature.
    weight, spread : float
        Prior mean and prior standard deviation, in SD of early alliance for one ``scale`` of the feature.
    because : str
        How the weight follows from the statistics.
    figures : tuple of str
        Keys of :func:`read_published_statistics`; empty means that the weight is assumed.
    """

    feature: str
    weight: float
    spread: float
    because: str
    figures: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """The keys of the statistics, separated by commas, or ``assumed``."""
        return ", ".join(self.figures) or "assumed"


@cache
def read_published_statistics() -> Mapping[str, PublishedStatistic]:
    """Return every published statistic by its key.

    >>> read_published_statistics()["preference_alliance_d"].value
    0.48
    """
    return MappingProxyType({row["key"]: PublishedStatistic(**row) for row in _read_data_file()["figures"]})


@cache
def read_prior_weights() -> Mapping[str, PriorWeight]:
    """Return the prior weight of each feature that has one, by the name of the feature."""
    rows = _read_data_file().get("weights", [])
    return MappingProxyType({row["feature"]: PriorWeight(**{**row, "figures": tuple(row["figures"])}) for row in rows})


@cache
def _read_data_file() -> dict[str, Any]:
    """Return the content of the data file."""
    return tomllib.loads(files("attune_fit.data").joinpath("published_statistics.toml").read_text(encoding="utf-8"))
