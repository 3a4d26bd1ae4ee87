"""Design of the level terms: which instrument, site and period each record belongs to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune_fit.data.arrays import Floats, Indices
from attune_fit.models.level_terms import hash_sites

MONTHS_PER_PERIOD = 6  # half years: short enough for a drift of the level, long enough for records in each


@dataclass(frozen=True)
class LevelDesign:
    """Indicators of the level terms, see :class:`LevelTerms`.

    Attributes
    ----------
    names : tuple of str, length k
    indicators : array of shape (n, k)
        1 where the record belongs to the level, else 0; all 0 for the reference.
    site_column : str
        Column of ``clients`` with the site; empty without sites.
    """

    names: tuple[str, ...]
    indicators: Floats
    site_column: str = ""


def build_level_design(
    instrument: pd.Series, site: pd.Series | None, measured_on: npt.NDArray[np.datetime64], main: str = ""
) -> LevelDesign:
    """Build the indicators of instrument, site and period.

    Parameters
    ----------
    instrument : Series of n names
    site : Series of n codes, or None
        The site of each record's client, named after its column; None without sites.
    measured_on : array of datetime64, shape (n,)
        NaT where unknown: such a record belongs to the latest period.
    main : str
        The reference instrument; the most frequent one if it has no record.
    """
    labels = instrument.astype("str").to_numpy(object)
    blocks = [_build_indicators("instrument", labels, main if main in set(labels) else _find_most_frequent(labels))]
    if site is not None:
        digests = np.array(hash_sites(site), dtype=object)
        blocks.append(_build_indicators("site", digests, _find_most_frequent(digests)))
    periods = _label_periods(measured_on)
    blocks.append(_build_indicators("period", periods, max(periods, default="")))
    return LevelDesign(
        tuple(name for names, _ in blocks for name in names),
        np.concatenate([indicators for _, indicators in blocks], axis=1),
        "" if site is None else str(site.name),
    )


def _build_indicators(kind: str, labels: npt.NDArray[np.object_], reference: str) -> tuple[list[str], Floats]:
    """Return name and indicator of each level but the reference."""
    levels = sorted(set(labels) - {reference})
    indicators = np.zeros((len(labels), len(levels)))
    for column, level in enumerate(levels):
        indicators[:, column] = labels == level
    return [f"{kind} {level}" for level in levels], indicators


def _find_most_frequent(labels: npt.NDArray[np.object_]) -> str:
    """Return the most frequent label, the first by name in a tie; empty without labels."""
    names, counts = np.unique(labels.astype(str), return_counts=True)
    return str(names[counts.argmax()]) if len(names) else ""


def _label_periods(measured_on: npt.NDArray[np.datetime64]) -> npt.NDArray[np.object_]:
    """Return the first month of each record's period as text; an undated record has the latest."""
    known = ~np.isnat(measured_on)
    months: Indices = measured_on.astype("datetime64[M]").astype(np.int64) // MONTHS_PER_PERIOD * MONTHS_PER_PERIOD
    latest = months[known].max() if known.any() else 0
    starts = np.where(known, months, latest).astype("datetime64[M]")
    return starts.astype(str).astype(object)
