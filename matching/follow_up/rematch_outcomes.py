"""What happened after a change of therapist, in a clinic's own records, beside those who stayed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from attune_fit.data.arrays import Floats
from attune_fit.data.outcomes.early_alliance import EPISODE_KEYS, compute_later_alliance
from attune_fit.data.outcomes.episodes import build_episodes
from attune_fit.matching.follow_up.weak_alliance import build_weak_rules, is_weak
from attune_fit.matching.ranking.ranking_result import POINT_DECIMALS

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables


MIN_GROUP_SIZE = 10  # below, a mean says more of persons than of a change


@dataclass(frozen=True)
class MeanChange:
    """A mean change in points with its 95% interval; all None below :data:`MIN_GROUP_SIZE` clients."""

    clients: int
    mean: float | None = None
    low: float | None = None
    high: float | None = None

    @classmethod
    def from_values(cls, values: Floats) -> MeanChange:
        """Mean and t interval of one value a client."""
        n = len(values)
        if n < MIN_GROUP_SIZE:
            return cls(n)
        mean, reach = float(values.mean()), float(stdtrit(n - 1, 0.975) * values.std(ddof=1) / np.sqrt(n))
        return cls(n, *(round(one, POINT_DECIMALS) for one in (mean, mean - reach, mean + reach)))


@dataclass(frozen=True)
class RematchOutcomes:
    """Clients whose first pair was weak, as far as there is a second score.

    Attributes
    ----------
    moved : Mean
        Early alliance with the second therapist less that with the first.
    stayed : Mean
        Later alliance with the same therapist less the early one: what comes back by itself, chance included. Only
        those who changed and those who stayed *apart from who chose which* would differ by the change alone.
    """

    moved: MeanChange
    stayed: MeanChange

    def to_dict(self) -> dict[str, Any]:
        """Plain types only, as JSON has them."""
        return asdict(self)


def compute_rematch_outcomes(clinic: Clinic, tables: Tables, step: float) -> RematchOutcomes:
    """Look for second scores of clients whose first early alliance was weak.

    Parameters
    ----------
    clinic, tables
    step : float
        Points of the instrument shown for one POMP; see :attr:`RosterScorer.step`.
    """
    met = build_episodes(tables, clinic.instruments)
    met = met.assign(weak=is_weak(met, build_weak_rules(clinic, met), clinic))
    first, second = (met[met["turn"] == turn].set_index("client_row") for turn in (0, 1))
    weak = first[first["weak"]]
    moved = (second["pomp"].reindex(weak.index) - weak["pomp"]).dropna()
    later = compute_later_alliance(tables, clinic.instruments).set_index(EPISODE_KEYS)["pomp"]
    same = pd.MultiIndex.from_arrays([weak.index, weak["therapist_row"]])
    stayed = (pd.Series(later.reindex(same).to_numpy(), index=weak.index) - weak["pomp"]).dropna()
    stayed = stayed[~stayed.index.isin(moved.index)]
    return RematchOutcomes(*(MeanChange.from_values(step * each.to_numpy(float)) for each in (moved, stayed)))
