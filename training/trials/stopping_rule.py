"""Stopping rules of a trial: O'Brien-Fleming alpha spending at planned looks, or one look at the end.

Boundaries are two-sided. The error rate that each look spends follows the spending function of Lan and DeMets [1]_, so
a look can come at other numbers of outcomes than planned. Boundaries follow from the joint distribution of the
statistics by recursive integration [2]_.

References
----------
.. [1] Lan & DeMets (1983), Biometrika 70, 659-663, doi:10.1093/biomet/70.3.659.
.. [2] Armitage, McPherson & Rowe (1969), J. R. Stat. Soc. A 132, 235-244, doi:10.2307/2343787.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from attune_fit.data.arrays import Floats

N_GRID = 801  # odd, for Simpson's rule; boundaries change by less than 1e-5 with twice as many
MAX_BOUNDARY = 8.0  # in SD; a look that would need more spends nothing that can be measured


def compute_spent_alpha(fraction: float, alpha: float) -> float:
    r"""Return the two-sided error rate that is spent at an information fraction, of O'Brien-Fleming's kind.

    On each side it is :math:`2 - 2\Phi(z / \sqrt{t})` with :math:`z` the upper :math:`\alpha / 4` quantile.

    Parameters
    ----------
    fraction : float > 0
        Outcomes at the look, divided by those of the last look; 1 and above spend all of ``alpha``.
    alpha : float in (0, 1)

    >>> round(compute_spent_alpha(0.5, 0.05), 5), compute_spent_alpha(1.0, 0.05)
    (0.00305, 0.05)
    """
    if fraction >= 1:
        return alpha
    return float(4 * ndtr(ndtri(alpha / 4) / np.sqrt(fraction)))


@lru_cache(maxsize=10_000)
def compute_boundaries(fractions: tuple[float, ...], alpha: float, *, ends: bool = False) -> tuple[float, ...]:
    """Return the boundary of each look: the least absolute z statistic that stops the trial, in SD.

    Parameters
    ----------
    fractions : tuple of float, rising
        Outcomes at each look that was taken, divided by those of the last planned look. A look at 1 or above is the
        last one.
    alpha : float in (0, 1)
        Error rate of the whole trial, two-sided.
    ends : bool
        Whether the last of these looks ends the trial, whatever its fraction: then it spends all that is left.

    Raises
    ------
    ValueError
        If the fractions do not rise, or one is not above 0.

    Examples
    --------
    >>> [round(one, 3) for one in compute_boundaries((0.5, 1.0), 0.05)]
    [2.963, 1.969]
    """
    if not fractions or any(low >= high for low, high in zip((0.0, *fractions), fractions, strict=False)):
        raise ValueError("the fractions of the looks must rise, from above 0")
    boundaries: list[float] = []
    density: Floats | None = None  # of the score (z times the root of its fraction), where the trial goes on
    grid = np.empty(0)
    before, spent = 0.0, 0.0
    for number, fraction in enumerate(fractions, start=1):
        all_spent = compute_spent_alpha(1.0 if ends and number == len(fractions) else fraction, alpha)
        step = np.sqrt(fraction - before)
        boundary = _find_boundary(grid, density, step, np.sqrt(fraction), all_spent - spent)
        boundaries.append(boundary)
        limit = boundary * np.sqrt(fraction)
        new_grid = np.linspace(-limit, limit, N_GRID)
        density = _move_density(grid, density, new_grid, step)
        grid, before, spent = new_grid, fraction, all_spent
    return tuple(boundaries)


def list_planned_looks(looks: Sequence[int], n_outcomes: int) -> tuple[float, ...]:
    """Return the information fraction of each planned look: its number of outcomes divided by the last one's."""
    return tuple(look / n_outcomes for look in looks)


def _find_boundary(grid: Floats, density: Floats | None, step: float, root: float, available: float) -> float:
    """Return the boundary at which the probability of a stop at this look is what is available."""

    def compute_excess(boundary: float) -> float:
        return _compute_exit(grid, density, step, boundary * root) - available

    if compute_excess(MAX_BOUNDARY) >= 0:
        return MAX_BOUNDARY
    return float(brentq(compute_excess, 0.0, MAX_BOUNDARY, xtol=1e-8))


def _compute_exit(grid: Floats, density: Floats | None, step: float, limit: float) -> float:
    """Return the probability to go on before this look, and to be beyond ``limit`` of the score at it."""
    if density is None:
        return float(2 * ndtr(-limit / step))
    beyond = ndtr((-limit - grid) / step) + ndtr((grid - limit) / step)
    return _integrate(grid, density * beyond)


def _move_density(grid: Floats, density: Floats | None, new_grid: Floats, step: float) -> Floats:
    """Return the density of the score at this look, on its grid between the boundaries."""
    if density is None:
        return _compute_normal_density(new_grid / step) / step
    kernel = _compute_normal_density((new_grid[:, None] - grid) / step) / step
    return np.asarray(kernel @ (density * _list_weights(grid)), dtype=float)


def _integrate(grid: Floats, values: Floats) -> float:
    return float(values @ _list_weights(grid))


def _list_weights(grid: Floats) -> Floats:
    """Return the weights of Simpson's rule."""
    weights = np.ones(len(grid))
    weights[1:-1:2], weights[2:-1:2] = 4, 2
    return np.asarray(weights * (grid[1] - grid[0]) / 3, dtype=float)


def _compute_normal_density(z: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi), dtype=float)
