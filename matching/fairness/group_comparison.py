"""Lists and outcomes compared between groups: every figure with its interval, small groups not told."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from attune_fit.data.small_cells import SMALL, hidden
from attune_fit.matching.fairness.group_intervals import Difference, Estimate, Sample, difference, estimate
from attune_fit.matching.fairness.group_metrics import FIGURES, Figure, Seen
from attune_fit.matching.fairness.groups import Grouping

Bools = npt.NDArray[np.bool_]

STANDS_OUT = 0.05  # expected share of differences told as such that are none


@dataclass(frozen=True)
class Cell:
    """One figure of one group.

    Attributes
    ----------
    figure : str
        Name of a row of :data:`attune_fit.matching.fairness.group_metrics.FIGURES`.
    column, group : str
        Both empty for everybody.
    people : int or None
        How many are in it and have the figure; None where that is not told, because they are fewer than
        :data:`attune_fit.data.small_cells.SMALL` or would tell of so few. Nothing else is told then.
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
    here: Estimate | None = None
    apart: Difference | None = None
    adjusted: float | None = None
    again: bool = False

    @property
    def beyond(self) -> bool:
        """Whether the difference's own interval leaves out zero."""
        return self.apart is not None and self.apart.p is not None and self.apart.p < STANDS_OUT

    @property
    def stands_out(self) -> bool:
        """Whether the difference does so with all others looked at taken into account."""
        return self.adjusted is not None and self.adjusted <= STANDS_OUT


@dataclass(frozen=True)
class Compared:
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

    cells: tuple[Cell, ...]
    looked: int
    beyond: int

    @property
    def by_chance(self) -> float:
        """How many differences would lie beyond their own interval if there were none."""
        return STANDS_OUT * self.looked

    def of(self, figure: str, column: str | None = None) -> tuple[Cell, ...]:
        """Cells of one figure, of all columns or of one."""
        return tuple(one for one in self.cells if one.figure == figure and column in (None, one.column))


def compare(seen: Seen, clients: Sequence[Grouping], therapists: Sequence[Grouping]) -> Compared:
    """Compute every figure for every group, and adjust for how many were looked at.

    Parameters
    ----------
    seen : Seen
    clients, therapists : sequences of Grouping
        From :func:`attune_fit.matching.fairness.groups.groupings`.
    """
    of = {"client": clients, "therapist": therapists}
    found = [pair for figure in FIGURES for pair in _cells(figure, figure.function(seen), of[figure.side])]
    p = {key: cell.apart.p for cell, key in found if cell.apart is not None and cell.apart.p is not None}
    adjusted, seen_before, cells = _adjusted(p), set[str](), []
    for cell, key in found:
        cells.append(replace(cell, adjusted=adjusted.get(key), again=key in seen_before))
        seen_before |= {key} if key in p else set()
    return Compared(tuple(cells), len(p), sum(cell.beyond and not cell.again for cell in cells))


def _cells(figure: Figure, sample: Sample, groupings: Sequence[Grouping]) -> Iterator[tuple[Cell, str]]:
    """Cells of a figure, each with a key that is the same for two groups that are each other's rest."""
    everybody = np.ones(len(sample.row), dtype=bool)
    whole = _cell(figure, "", "", sample, everybody, told=sample.people(everybody) >= SMALL)
    yield replace(whole, here=Estimate(whole.here.value, None, None)) if figure.fixed and whole.here else whole, ""
    for grouping in groupings:
        inside = {group: held[sample.row] for group, held in grouping.groups.items()}
        people = {group: sample.people(held) for group, held in inside.items()}
        secret = hidden(people, {group: sample.people(~held) for group, held in inside.items()})
        for group, held in inside.items():
            cell = _cell(figure, grouping.column, group, sample, held, told=group not in secret)
            split = hashlib.sha256(min(held.tobytes(), (~held).tobytes())).hexdigest()
            yield cell, f"{figure.name}/{grouping.column}/{split}"


def _cell(figure: Figure, column: str, group: str, sample: Sample, where: Bools, *, told: bool) -> Cell:
    if not where.any():
        return Cell(figure.name, column, group, 0)
    if not told:
        return Cell(figure.name, column, group, None)
    apart = None if where.all() else difference(figure.kind, sample, where)
    return Cell(figure.name, column, group, sample.people(where), estimate(figure.kind, sample, where), apart)


def _adjusted(p: Mapping[str, float]) -> dict[str, float]:
    """The p of each difference looked at, adjusted for all of them."""
    from statsmodels.stats.multitest import multipletests  # type: ignore[import-untyped]

    return dict(zip(p, multipletests(list(p.values()), method="fdr_bh")[1].tolist(), strict=True)) if p else {}
