"""Compare lists and outcomes between groups: every metric with its interval, without groups under 10 people."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from attune_fit.data.arrays import Bools
from attune_fit.data.small_cells import MIN_GROUP_SIZE, find_suppressed_groups
from attune_fit.matching.fairness.group_intervals import (
    GroupDifference,
    GroupEstimate,
    MetricSample,
    estimate_difference,
    estimate_group,
)
from attune_fit.matching.fairness.group_metrics import GROUP_METRICS, AuditInputs, GroupMetric
from attune_fit.matching.fairness.groups import Grouping

SIGNIFICANCE_LEVEL = 0.05  # accepted share of false discoveries


@dataclass(frozen=True)
class GroupResult:
    """One metric of one group.

    Attributes
    ----------
    figure : str
        Name of a row of :data:`GROUP_METRICS`.
    column, group : str
        Both empty for all people together.
    people : int or None
        How many people of the group have a value. None where the result is suppressed: they are fewer than
        :data:`MIN_GROUP_SIZE`, or such a number could be computed from this one (complementary suppression). All
        other values are then None too.
    here : GroupEstimate or None
        The metric of the group; None where suppressed or without people.
    apart : GroupDifference or None
        The difference from all people outside the group; None where ``here`` is, and where all people are in it.
    adjusted : float or None
        The p-value of the difference, adjusted for all tested differences [1]_.
    again : bool
        Whether an earlier group is exactly all the others: the same difference with the opposite sign, tested once.

    References
    ----------
    .. [1] Benjamini & Hochberg (1995), J. R. Stat. Soc. B 57, 289-300, doi:10.1111/j.2517-6161.1995.tb02031.x.
    """

    figure: str
    column: str
    group: str
    people: int | None
    here: GroupEstimate | None = None
    apart: GroupDifference | None = None
    adjusted: float | None = None
    again: bool = False

    @property
    def is_significant_unadjusted(self) -> bool:
        """Whether the difference's own 95% interval excludes zero, without adjustment for other tests."""
        return self.apart is not None and self.apart.p is not None and self.apart.p < SIGNIFICANCE_LEVEL

    @property
    def stands_out(self) -> bool:
        """Whether the difference is significant after adjustment for all tested differences."""
        return self.adjusted is not None and self.adjusted <= SIGNIFICANCE_LEVEL


@dataclass(frozen=True)
class GroupComparison:
    """All metrics of all groups.

    Attributes
    ----------
    cells : tuple of GroupResult
        By metric: all people first, then by column and group.
    looked : int
        Number of tested differences. Two groups that are each the complement of the other count once.
    beyond : int
        How many of them have an interval that excludes zero, without adjustment.
    """

    cells: tuple[GroupResult, ...]
    looked: int
    beyond: int

    @property
    def by_chance(self) -> float:
        """Expected number of intervals that exclude zero by chance, if no group differs."""
        return SIGNIFICANCE_LEVEL * self.looked

    def list_cells(self, figure: str, column: str | None = None) -> tuple[GroupResult, ...]:
        """List the results of one metric, for all columns or for one."""
        return tuple(cell for cell in self.cells if cell.figure == figure and column in (None, cell.column))


def compare_groups(inputs: AuditInputs, clients: Sequence[Grouping], therapists: Sequence[Grouping]) -> GroupComparison:
    """Compute every metric for every group, and adjust the p-values for multiple testing.

    Parameters
    ----------
    inputs : AuditInputs
    clients, therapists : sequences of Grouping
        From :func:`build_groupings`.
    """
    groupings = {"client": clients, "therapist": therapists}
    keyed_cells = [
        keyed_cell
        for metric in GROUP_METRICS
        for keyed_cell in _build_cells(metric, metric.function(inputs), groupings[metric.side])
    ]
    p = {key: cell.apart.p for cell, key in keyed_cells if cell.apart is not None and cell.apart.p is not None}
    adjusted, tested, cells = _adjust_p_values(p), set[str](), []
    for cell, key in keyed_cells:
        cells.append(replace(cell, adjusted=adjusted.get(key), again=key in tested))
        tested |= {key} if key in p else set()
    return GroupComparison(
        tuple(cells), len(p), sum(cell.is_significant_unadjusted and not cell.again for cell in cells)
    )


def _build_cells(
    metric: GroupMetric, sample: MetricSample, groupings: Sequence[Grouping]
) -> Iterator[tuple[GroupResult, str]]:
    """Build the results of one metric, each with a key that a group shares with its complement."""
    all_people = np.ones(len(sample.row), dtype=bool)
    is_large = sample.count_people(all_people) >= MIN_GROUP_SIZE
    total = _build_cell(metric, "", "", sample, all_people, is_suppressed=not is_large)
    if metric.is_fixed and total.here:
        total = replace(total, here=GroupEstimate(total.here.value, None, None))
    yield total, ""
    for grouping in groupings:
        members = {group: rows[sample.row] for group, rows in grouping.groups.items()}
        people = {group: sample.count_people(where) for group, where in members.items()}
        others = {group: sample.count_people(~where) for group, where in members.items()}
        suppressed = find_suppressed_groups(people, others)
        for group, where in members.items():
            cell = _build_cell(metric, grouping.column, group, sample, where, is_suppressed=group in suppressed)
            split = hashlib.sha256(min(where.tobytes(), (~where).tobytes())).hexdigest()
            yield cell, f"{metric.name}/{grouping.column}/{split}"


def _build_cell(
    metric: GroupMetric, column: str, group: str, sample: MetricSample, where: Bools, *, is_suppressed: bool
) -> GroupResult:
    if not where.any():
        return GroupResult(metric.name, column, group, 0)
    if is_suppressed:
        return GroupResult(metric.name, column, group, None)
    estimate = estimate_group(metric.kind, sample, where)
    difference = None if where.all() else estimate_difference(metric.kind, sample, where)
    return GroupResult(metric.name, column, group, sample.count_people(where), estimate, difference)


def _adjust_p_values(p: Mapping[str, float]) -> dict[str, float]:
    """Adjust the p-values of all tested differences (Benjamini-Hochberg)."""
    from statsmodels.stats.multitest import multipletests  # type: ignore[import-untyped]

    return dict(zip(p, multipletests(list(p.values()), method="fdr_bh")[1].tolist(), strict=True)) if p else {}
