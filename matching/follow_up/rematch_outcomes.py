"""Rematch outcomes: change in alliance with a second therapist, in a clinic's own records, and without a change."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.display_instrument import find_main_instrument
from attune_fit.data.outcomes.early_alliance import EPISODE_KEYS, compute_later_alliance
from attune_fit.data.outcomes.episodes import build_episodes
from attune_fit.data.small_cells import MIN_GROUP_SIZE
from attune_fit.matching.follow_up.weak_alliance import build_weak_rules, is_weak
from attune_fit.matching.ranking.ranking_result import POINT_DECIMALS

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables


@dataclass(frozen=True)
class MeanChange:
    """Mean change in points with its 95% interval; all None for fewer than :data:`MIN_GROUP_SIZE` clients."""

    clients: int
    mean: float | None = None
    low: float | None = None
    high: float | None = None

    @classmethod
    def from_values(cls, values: Floats) -> MeanChange:
        """Return the mean and its t interval from one value for each client."""
        n = len(values)
        if n < MIN_GROUP_SIZE:
            return cls(n)
        mean, half_width = float(values.mean()), float(stdtrit(n - 1, 0.975) * values.std(ddof=1) / np.sqrt(n))
        return cls(n, *(round(value, POINT_DECIMALS) for value in (mean, mean - half_width, mean + half_width)))


@dataclass(frozen=True)
class RematchOutcomes:
    """Clients whose first early alliance was weak and who have a second score.

    Attributes
    ----------
    moved : MeanChange
        Early alliance with the second therapist minus early alliance with the first.
    stayed : MeanChange
        Later alliance with the same therapist minus early alliance: regression to the mean and natural recovery. The
        difference between both groups is the effect of the change only if the clients were allocated at random.
    """

    moved: MeanChange
    stayed: MeanChange

    def to_dict(self) -> dict[str, Any]:
        """Return both means in the plain types of JSON."""
        return asdict(self)


def compute_rematch_outcomes(clinic: Clinic, tables: Tables) -> RematchOutcomes:
    """Compute the mean change after a weak first early alliance, with and without a change of therapist.

    Parameters
    ----------
    clinic : Clinic
    tables : Tables

    Returns
    -------
    RematchOutcomes
        In points of the main instrument.
    """
    main = find_main_instrument(tables, clinic)
    points_per_pomp = (clinic.instruments[main].high - clinic.instruments[main].low) / 100
    as_rated = build_episodes(tables, clinic.instruments)  # a cut-off is of one instrument, a change can be of two
    is_first_weak = is_weak(as_rated, build_weak_rules(clinic, as_rated), clinic)
    episodes = build_episodes(tables, clinic.instruments, main).assign(weak=is_first_weak)
    first, second = (episodes[episodes["turn"] == turn].set_index("client_row") for turn in (0, 1))
    weak = first[first["weak"]]
    moved = (second["pomp"].reindex(weak.index) - weak["pomp"]).dropna()
    later = compute_later_alliance(tables, clinic.instruments, main).set_index(EPISODE_KEYS)["pomp"]
    same_pair = pd.MultiIndex.from_arrays([weak.index, weak["therapist_row"]])
    stayed = (pd.Series(later.reindex(same_pair).to_numpy(), index=weak.index) - weak["pomp"]).dropna()
    stayed = stayed[~stayed.index.isin(moved.index)]
    return RematchOutcomes(
        *(MeanChange.from_values(points_per_pomp * change.to_numpy(float)) for change in (moved, stayed))
    )
