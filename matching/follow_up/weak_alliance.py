"""Weak early alliance: the cut-off of each instrument, and its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attune_fit.data.clinic.instruments import normalize_instrument_name
from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import DataFault, Fault

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic


MIN_SCORES = 10  # scores that a quantile needs as a cut-off


@dataclass(frozen=True)
class WeakAllianceRule:
    """The cut-off of one instrument.

    Attributes
    ----------
    instrument : str
    points : float or None
        Early alliance at or below these points is weak; None while there are too few scores for a cut-off.
    because : str
        The source of the cut-off.
    """

    instrument: str
    points: float | None
    because: str


def build_weak_rules(clinic: Clinic, episodes: pd.DataFrame) -> tuple[WeakAllianceRule, ...]:
    """Return the cut-off of each instrument in use.

    The source is ``[follow_up.weak]``, else the instrument itself, else the lowest scores at the clinic.

    Parameters
    ----------
    clinic : Clinic
    episodes : DataFrame
        From :func:`build_episodes`.

    Raises
    ------
    DataFault
        If a key of ``[follow_up.weak]`` is no instrument, or its points are outside the instrument's range.
    """
    cutoffs = read_weak_cutoffs(clinic)
    scored = episodes[episodes["pomp"].notna()]
    return tuple(
        _build_rule(clinic, name, scored.loc[scored["instrument"] == name, "pomp"].to_numpy(float), cutoffs)
        for name in sorted(scored["instrument"].unique())
    )


def read_weak_cutoffs(clinic: Clinic) -> dict[str, float]:
    """Return the cut-offs in ``[follow_up.weak]``, in points, by the instrument's own name.

    Raises
    ------
    DataFault
        If a key of ``[follow_up.weak]`` is no instrument, or its points are outside the instrument's range.
    """
    names = {normalize_instrument_name(name): name for name in clinic.instruments}
    cutoffs, faults = {}, []
    for key, points in clinic.config.follow_up.weak.items():
        place = f"follow_up.weak.{key}"
        instrument = clinic.instruments.get(names.get(normalize_instrument_name(key), ""))
        if instrument is None:
            message, fix = "no instrument has this name", suggest_name(key, clinic.instruments)
            faults.append(Fault.error("unknown-instrument", "clinic.toml", place, message, fix=fix))
        elif not instrument.low <= points < instrument.high:
            message = f"is outside the range of {instrument.name}"
            fix = f"Write points from {instrument.low:g} to below {instrument.high:g}."
            faults.append(Fault.error("cutoff-out-of-range", "clinic.toml", place, message, fix=fix))
        else:
            cutoffs[instrument.name] = points
    if faults:
        raise DataFault(faults)
    return cutoffs


def is_weak(episodes: pd.DataFrame, rules: tuple[WeakAllianceRule, ...], clinic: Clinic) -> pd.Series:
    """Return whether each episode's early alliance is weak; False without a score or a cut-off."""
    cutoffs = {
        rule.instrument: clinic.instruments[rule.instrument].pomp(rule.points)
        for rule in rules
        if rule.points is not None
    }
    cutoff = episodes["instrument"].map(cutoffs).astype(float)
    return episodes["pomp"] <= cutoff + 1e-9  # POMP; tolerance for rounding


def _build_rule(
    clinic: Clinic, name: str, pomp: np.ndarray[tuple[int], np.dtype[np.float64]], cutoffs: dict[str, float]
) -> WeakAllianceRule:
    instrument, lowest = clinic.instruments[name], clinic.config.follow_up.lowest
    if name in cutoffs:
        return WeakAllianceRule(name, cutoffs[name], "set in clinic.toml")
    if instrument.weak is not None:
        return WeakAllianceRule(name, instrument.weak, instrument.weak_source or "set with the instrument")
    if len(pomp) < MIN_SCORES:
        because = f"there is no validated cut-off, and the clinic has fewer than {MIN_SCORES} scores to compare with"
        return WeakAllianceRule(name, None, because)
    points = float(instrument.to_points(float(np.quantile(pomp, lowest))))
    because = f"the lowest {100 * lowest:g}% of the clinic's own {len(pomp):,} early scores; no cut-off is validated"
    return WeakAllianceRule(name, points, because)
