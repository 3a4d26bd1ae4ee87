"""Lists and outcomes compared between groups: every figure with its interval, small groups not told."""

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

SIGNIFICANCE_LEVEL = 0.05  # expected share of differences told as such that are none


@dataclass(frozen=True)
class GroupResult:
    """One figure of one group.

    Attributes
    ----------
    figure : str
        Name of a row of :data:`GROUP_METRICS`.
    column, group : str
        Both empty for everybody.
    people : int or None
        How many are in it and have the figure; None where that is not told, because they are fewer than
        :data:`MIN_GROUP_SIZE` or would tell of so few. Nothing else is told then.
    here : Estimate or None
        None where not told, and where there is nobody.
    apart : Difference or None
        From those not in the group; None likewise, and where everybody is in it.
    adjusted : float or None
        The difference's p, adjusted for all differences looked at [1]_.
    again : bool
        Whether an earlier group is everybody else: the same difference with the other sign, looked at once.

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
        """Whether the difference's own interval leaves out zero."""
        return self.apart is not None and self.apart.p is not None and self.apart.p < SIGNIFICANCE_LEVEL

    @property
    def stands_out(self) -> bool:
        """Whether the difference does so with all others looked at taken into account."""
        return self.adjusted is not None and self.adjusted <= SIGNIFICANCE_LEVEL


@dataclass(frozen=True)
class GroupComparison:
    """All figures of all groups.

    Attributes
    ----------
    cells : tuple of Cell
        By figure, everybody first, then by column and group.
    looked : int
        Differences looked at; of two groups that are each other's rest, one.
    beyond : int
        Of them, those whose own interval leaves out zero.
    """

    cells: tuple[GroupResult, ...]
    looked: int
    beyond: int

    @property
    def by_chance(self) -> float:
        """How many differences would lie beyond their own interval if there were none."""
        return SIGNIFICANCE_LEVEL * self.looked

    def list_cells(self, figure: str, column: str | None = None) -> tuple[GroupResult, ...]:
        """Cells of one figure, of all columns or of one."""
        return tuple(one for one in self.cells if one.figure == figure and column in (None, one.column))


def compare_groups(seen: AuditInputs, clients: Sequence[Grouping], therapists: Sequence[Grouping]) -> GroupComparison:
    """Compute every figure for every group, and adjust for how many were looked at.

    Parameters
    ----------
    seen : Seen
    clients, therapists : sequences of Grouping
        From :func:`build_groupings`.
    """
    of = {"client": clients, "therapist": therapists}
    found = [pair for figure in GROUP_METRICS for pair in _build_cells(figure, figure.function(seen), of[figure.side])]
    p = {key: cell.apart.p for cell, key in found if cell.apart is not None and cell.apart.p is not None}
    adjusted, seen_before, cells = _adjust_p_values(p), set[str](), []
    for cell, key in found:
        cells.append(replace(cell, adjusted=adjusted.get(key), again=key in seen_before))
        seen_before |= {key} if key in p else set()
    return GroupComparison(
        tuple(cells), len(p), sum(cell.is_significant_unadjusted and not cell.again for cell in cells)
    )


def _build_cells(
    figure: GroupMetric, sample: MetricSample, groupings: Sequence[Grouping]
) -> Iterator[tuple[GroupResult, str]]:
    """Cells of a figure, each with a key that is the same for two groups that are each other's rest."""
    everybody = np.ones(len(sample.row), dtype=bool)
    whole = _build_cell(figure, "", "", sample, everybody, told=sample.count_people(everybody) >= MIN_GROUP_SIZE)
    yield (
        replace(whole, here=GroupEstimate(whole.here.value, None, None)) if figure.is_fixed and whole.here else whole,
        "",
    )
    for grouping in groupings:
        inside = {group: held[sample.row] for group, held in grouping.groups.items()}
        people = {group: sample.count_people(held) for group, held in inside.items()}
        secret = find_suppressed_groups(people, {group: sample.count_people(~held) for group, held in inside.items()})
        for group, held in inside.items():
            cell = _build_cell(figure, grouping.column, group, sample, held, told=group not in secret)
            split = hashlib.sha256(min(held.tobytes(), (~held).tobytes())).hexdigest()
            yield cell, f"{figure.name}/{grouping.column}/{split}"


def _build_cell(
    figure: GroupMetric, column: str, group: str, sample: MetricSample, where: Bools, *, told: bool
) -> GroupResult:
    if not where.any():
        return GroupResult(figure.name, column, group, 0)
    if not told:
        return GroupResult(figure.name, column, group, None)
    apart = None if where.all() else estimate_difference(figure.kind, sample, where)
    return GroupResult(
        figure.name, column, group, sample.count_people(where), estimate_group(figure.kind, sample, where), apart
    )


def _adjust_p_values(p: Mapping[str, float]) -> dict[str, float]:
    """The p of each difference looked at, adjusted for all of them."""
    from statsmodels.stats.multitest import multipletests  # type: ignore[import-untyped]

    return dict(zip(p, multipletests(list(p.values()), method="fdr_bh")[1].tolist(), strict=True)) if p else {}
