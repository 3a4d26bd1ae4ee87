"""Fairness audit of a clinic's lists: comparisons between groups, and the exposure of therapists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from attune_fit.data.arrays import Bools
from attune_fit.data.clinic.display_instrument import find_main_instrument
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
MIN_NEWCOMERS = 3  # fewer are no group; no larger minimum is needed, because lists already show each therapist's rank


@dataclass(frozen=True)
class ExposureSpread:
    """How exposure is spread over the therapists who are a candidate of any client, relative to random order.

    Attributes
    ----------
    therapists : int
        How many therapists these are.
    gini : float
        0 as in random order, close to 1 if one therapist gets all; see :func:`compute_gini`.
    fifths : tuple of float
        Share of all exposure that each fifth gets, from 0 to 1. The first fifth gets least relative to random order,
        which would give each fifth .2.
    """

    therapists: int
    gini: float
    fifths: tuple[float, ...]

    @classmethod
    def from_lists(cls, lists: ListMetrics, newcomer_weight: float) -> ExposureSpread | None:
        """Measure the spread; None with fewer than :data:`MIN_GROUP_SIZE` therapists."""
        is_candidate = lists.random_exposure > 0
        if is_candidate.sum() < MIN_GROUP_SIZE:
            return None
        exposure = lists.exposure_by_weight[newcomer_weight][is_candidate]
        expected = lists.random_exposure[is_candidate]
        cumulative = np.interp(np.linspace(0, 1, N_QUINTILES + 1), *compute_lorenz(exposure, expected))
        return cls(int(is_candidate.sum()), compute_gini(exposure, expected), tuple(np.diff(cumulative).tolist()))


@dataclass(frozen=True)
class NewcomerExposure:
    """Exposure of newcomers (therapists without records in the model), by their weight in the tie-break.

    Attributes
    ----------
    therapists : int
        How many newcomers are a candidate of any client.
    newcomer_weight : float
        The clinic's weight for newcomers: the setting `newcomer_weight`.
    reach : tuple of (float or None, float)
        A weight, and the exposure with it as a multiple of random order. None means that newcomers always win the
        tie-break: the most exposure they can get without a change of bands.
    """

    therapists: int
    newcomer_weight: float
    reach: tuple[tuple[float | None, float], ...]

    @classmethod
    def from_lists(cls, lists: ListMetrics, is_newcomer: Bools, newcomer_weight: float) -> NewcomerExposure | None:
        """Measure their exposure; None with fewer than :data:`MIN_NEWCOMERS` newcomers or other candidates."""
        is_candidate = lists.random_exposure > 0
        newcomers, others = is_candidate & is_newcomer, is_candidate & ~is_newcomer
        if min(newcomers.sum(), others.sum()) < MIN_NEWCOMERS:
            return None
        expected = lists.random_exposure[newcomers].sum()
        reach = tuple(
            (None if np.isinf(weight) else weight, float(exposure[newcomers].sum() / expected))
            for weight, exposure in lists.exposure_by_weight.items()
        )
        return cls(int(newcomers.sum()), newcomer_weight, reach)


@dataclass(frozen=True)
class FairnessAudit:
    """The result of ``attune fairness``.

    Attributes
    ----------
    clinic : str
        Name of the clinic.
    whose : {"clients who wait", "clients"}
        Which clients were ranked: the waiting clients, or all.
    clients, rated, therapists : int
        Number of ranked clients, of rated pairs in the outcomes, and of therapists on the roster.
    verdict, instrument, as_of : str
        As in a ranking.
    seed, shortlist : int
    data, bundle, policy : str
        Digests of the tables, the model, and the rules and settings.
    compared : GroupComparison
    spread : ExposureSpread or None
        None if there are too few therapists.
    newcomers : NewcomerExposure or None
        None if there are too few newcomers or other therapists.
    alike : tuple of str
        Requested columns with fewer than two groups at this clinic, as ``table.column``.
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
        """Return the audit as plain types, as in JSON."""
        plain = asdict(self)
        cells = [{**asdict(cell), "stands_out": cell.stands_out} for cell in self.compared.cells]
        return {**plain, "compared": {**plain["compared"], "by_chance": self.compared.by_chance, "cells": cells}}


def audit(
    scorer: RosterScorer,
    everyone: bool = False,
    held_out: HeldOutResiduals | None = None,
    report_progress: Callable[[str], None] = lambda _: None,
) -> FairnessAudit:
    """Rank the clients, compare groups, and measure exposure.

    Parameters
    ----------
    scorer : RosterScorer
    everyone : bool
        Rank every client, as if each came today; otherwise only the waiting clients.
    held_out : HeldOutResiduals, optional
        Residuals of the active model on held-out records. Without them the metric "missed" has no values.
    report_progress : callable
        Receives progress messages.
    """
    tables, config = scorer.tables, scorer.clinic.config
    settings = config.settings
    waiting_rows = find_waiting_clients(scorer.clinic, tables)
    rows = np.arange(len(tables.clients), dtype=np.intp) if everyone else waiting_rows
    lists = compute_list_metrics(scorer, rows, report_progress)
    early_alliance = compute_early_alliance(
        tables, scorer.clinic.instruments, find_main_instrument(tables, scorer.clinic)
    )
    inputs = AuditInputs(scorer, lists, waiting_rows, early_alliance, held_out)
    clients, clients_alike = build_groupings(scorer.sides, "client", config.fairness.groups)
    therapists, therapists_alike = build_groupings(scorer.sides, "therapist", config.fairness.therapist_groups)
    return FairnessAudit(
        clinic=config.clinic.name,
        whose="clients" if everyone else "clients who wait",
        clients=len(rows),
        rated=len(early_alliance),
        therapists=len(tables.therapists),
        verdict=scorer.model.verdict.sentence,
        instrument=scorer.instrument.name,
        as_of=tables.as_of.isoformat(),
        seed=scorer.seed,
        shortlist=settings.shortlist,
        data=scorer.data_digest,
        bundle=scorer.bundle_name,
        policy=scorer.policy_digest,
        compared=compare_groups(inputs, clients, therapists),
        spread=ExposureSpread.from_lists(lists, settings.newcomer_weight),
        newcomers=NewcomerExposure.from_lists(lists, scorer.is_newcomer, settings.newcomer_weight),
        alike=(
            *(f"clients.{column}" for column in clients_alike),
            *(f"therapists.{column}" for column in therapists_alike),
        ),
    )
