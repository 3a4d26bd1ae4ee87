"""An audit of a clinic's lists: who was looked at, what was compared, and how attention is spread over the roster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from attune_fit.data.arrays import Bools
from attune_fit.data.clinic.waiting_clients import find_waiting_clients
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.data.small_cells import MIN_GROUP_SIZE
from attune_fit.matching.fairness.exposure import compute_gini, compute_lorenz
from attune_fit.matching.fairness.group_comparison import GroupComparison, compare_groups
from attune_fit.matching.fairness.group_metrics import AuditInputs, HeldOutResiduals
from attune_fit.matching.fairness.groups import build_groupings
from attune_fit.matching.fairness.list_metrics import ListMetrics, compute_list_metrics
from attune_fit.matching.ranking.scored_roster import RosterScorer

N_QUINTILES = 5
MIN_NEWCOMERS = (
    3  # newcomers of whom it is told what they get: lists name everybody at every place, but one alone is no group
)


@dataclass(frozen=True)
class ExposureSpread:
    """How exposure is spread over those who may be offered to anybody, beside what a draw by lot would give.

    Attributes
    ----------
    therapists : int
        How many they are.
    gini : float
        0 as by lot, towards 1 all to one; see :func:`compute_gini`.
    fifths : tuple of float
        What each fifth gets of all exposure, from those who get least of what a lot would give them; each would get .2.
    """

    therapists: int
    gini: float
    fifths: tuple[float, ...]

    @classmethod
    def from_lists(cls, lists: ListMetrics, own: float) -> ExposureSpread | None:
        """None with fewer than :data:`MIN_GROUP_SIZE` therapists."""
        there = lists.random_exposure > 0
        if there.sum() < MIN_GROUP_SIZE:
            return None
        got, due = lists.exposure_by_weight[own][there], lists.random_exposure[there]
        held = np.interp(np.linspace(0, 1, N_QUINTILES + 1), *compute_lorenz(got, due))
        return cls(int(there.sum()), compute_gini(got, due), tuple(np.diff(held).tolist()))


@dataclass(frozen=True)
class NewcomerExposure:
    """What therapists without records in the model get, and what more lots in the draw inside bands would give them.

    Attributes
    ----------
    therapists : int
    lots : float
        The clinic's setting `newcomer_turns`.
    reach : tuple of (float or None, float)
        Lots, and exposure as a multiple of a draw by lot; None is first in every band among those who honour as many
        wishes: no more can be had without setting estimates aside that can be told apart.
    """

    therapists: int
    lots: float
    reach: tuple[tuple[float | None, float], ...]

    @classmethod
    def from_lists(cls, lists: ListMetrics, newcomers: Bools, own: float) -> NewcomerExposure | None:
        """None where they, or the others who may be offered, are fewer than :data:`MIN_NEWCOMERS`."""
        there = newcomers & (lists.random_exposure > 0)
        if min(there.sum(), ((lists.random_exposure > 0) & ~newcomers).sum()) < MIN_NEWCOMERS:
            return None
        due = lists.random_exposure[there].sum()
        reach = ((lots, float(got[there].sum() / due)) for lots, got in lists.exposure_by_weight.items())
        return cls(int(there.sum()), own, tuple((None if np.isinf(lots) else lots, times) for lots, times in reach))


@dataclass(frozen=True)
class FairnessAudit:
    """What ``attune fairness`` found.

    Attributes
    ----------
    clinic : str
        Its name.
    whose : {"clients who wait", "clients"}
        Whose lists were made.
    clients, rated, therapists : int
        Lists made, rated pairs in the outcomes, rows of the roster.
    verdict, instrument, as_of : str
        As in a ranking.
    seed, shortlist : int
    data, bundle, policy : str
        Digests of what it was made from.
    compared : Compared
    spread : Spread or None
    newcomers : Newcomers or None
    alike : tuple of str
        Columns asked for that tell nobody apart here, as ``table.column``.
    """

    clinic: str
    whose: str
    clients: int
    rated: int
    therapists: int
    verdict: str
    instrument: str
    as_of: str
    seed: int
    shortlist: int
    data: str
    bundle: str
    policy: str
    compared: GroupComparison
    spread: ExposureSpread | None
    newcomers: NewcomerExposure | None
    alike: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain types only, as JSON has them."""
        plain = asdict(self)
        cells = [{**asdict(cell), "stands_out": cell.stands_out} for cell in self.compared.cells]
        return {**plain, "compared": {**plain["compared"], "by_chance": self.compared.by_chance, "cells": cells}}


def audit(
    desk: RosterScorer,
    everyone: bool = False,
    held_back: HeldOutResiduals | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> FairnessAudit:
    """Make the lists and compare groups.

    Parameters
    ----------
    desk : Desk
    everyone : bool
        Make lists for every client, as if each came today; else for those who wait.
    held_back : HeldBack, optional
        What the live model, made without them, expected of records; "rated less expected" is not measured without.
    say : callable
        Told how far the ranking has come.
    """
    tables, config = desk.tables, desk.clinic.config
    settings = config.settings
    waits = find_waiting_clients(desk.clinic, tables)
    rows = np.arange(len(tables.clients), dtype=np.intp) if everyone else waits
    lists, early = compute_list_metrics(desk, rows, say), compute_early_alliance(tables, desk.clinic.instruments)
    clients, same = build_groupings(desk.sides, "client", config.fairness.groups)
    therapists, alike = build_groupings(desk.sides, "therapist", config.fairness.therapist_groups)
    return FairnessAudit(
        clinic=config.clinic.name,
        whose="clients" if everyone else "clients who wait",
        clients=len(rows),
        rated=len(early),
        therapists=len(tables.therapists),
        verdict=desk.model.verdict.sentence,
        instrument=desk.instrument.name,
        as_of=tables.as_of.isoformat(),
        seed=desk.seed,
        shortlist=settings.shortlist,
        data=desk.data_digest,
        bundle=desk.bundle_name,
        policy=desk.policy_digest,
        compared=compare_groups(AuditInputs(desk, lists, waits, early, held_back), clients, therapists),
        spread=ExposureSpread.from_lists(lists, settings.newcomer_turns),
        newcomers=NewcomerExposure.from_lists(lists, desk.is_newcomer, settings.newcomer_turns),
        alike=(*(f"clients.{column}" for column in same), *(f"therapists.{column}" for column in alike)),
    )
