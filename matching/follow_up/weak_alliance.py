"""What counts as a weak early alliance here, instrument by instrument, and who says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import DataFault, Fault

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic


MIN_SCORES = 10  # scores before a share of them is called the lowest


@dataclass(frozen=True)
class WeakAllianceRule:
    """One instrument's rule.

    Attributes
    ----------
    instrument : str
    points : float or None
        Early alliance at or below it is weak; None where nothing can be said yet.
    because : str
        Who says so.
    """

    instrument: str
    points: float | None
    because: str


def build_weak_rules(clinic: Clinic, met: pd.DataFrame) -> tuple[WeakAllianceRule, ...]:
    """The rule of each instrument in use: the clinic's, else the instrument's, else its own lowest scores.

    Parameters
    ----------
    clinic : Clinic
    met : DataFrame
        From :func:`build_episodes`.

    Raises
    ------
    DataFault
        If ``[follow_up.weak]`` names no instrument, or points beyond its range.
    """
    named = read_weak_cutoffs(clinic)
    scored = met[met["pomp"].notna()]
    return tuple(
        _build_rule(clinic, name, scored.loc[scored["instrument"] == name, "pomp"].to_numpy(float), named)
        for name in sorted(scored["instrument"].unique())
    )


def read_weak_cutoffs(clinic: Clinic) -> dict[str, float]:
    """What ``[follow_up.weak]`` says, under the instruments' own names. Raises as :func:`build_weak_rules`."""
    names = {name.casefold(): name for name in clinic.instruments}
    found, faults = {}, []
    for said, points in clinic.config.follow_up.weak.items():
        place = f"follow_up.weak.{said}"
        row = clinic.instruments.get(names.get(said.casefold(), ""))
        if row is None:
            known = suggest_name(said, clinic.instruments)
            faults.append(Fault.error("clinic.toml", place, "no instrument has this name", fix=known))
        elif not row.low <= points < row.high:
            fix = f"Write points from {row.low:g} to below {row.high:g}."
            faults.append(Fault.error("clinic.toml", place, f"is outside the range of {row.name}", fix=fix))
        else:
            found[row.name] = points
    if faults:
        raise DataFault(faults)
    return found


def is_weak(met: pd.DataFrame, rules: tuple[WeakAllianceRule, ...], clinic: Clinic) -> pd.Series:
    """Whether each episode's early alliance is weak; False without a score or a rule."""
    limits = {
        rule.instrument: clinic.instruments[rule.instrument].pomp(rule.points)
        for rule in rules
        if rule.points is not None
    }
    limit = met["instrument"].map(limits).astype(float)
    return met["pomp"] <= limit + 1e-9


def _build_rule(
    clinic: Clinic, name: str, pomp: np.ndarray[tuple[int], np.dtype[np.float64]], said: dict[str, float]
) -> WeakAllianceRule:
    row, lowest = clinic.instruments[name], clinic.config.follow_up.lowest
    if name in said:
        return WeakAllianceRule(name, said[name], "clinic.toml says so")
    if row.weak is not None:
        return WeakAllianceRule(name, row.weak, row.weak_source or "the instrument says so")
    if len(pomp) < MIN_SCORES:
        return WeakAllianceRule(
            name, None, f"no cut-off is validated, and fewer than {MIN_SCORES} scores are here to compare with"
        )
    points = float(row.to_points(float(np.quantile(pomp, lowest))))
    share = f"the lowest {100 * lowest:g}% of the clinic's own {len(pomp):,} early scores; no cut-off is validated"
    return WeakAllianceRule(name, points, share)
