"""Correction of p values for a family of hypotheses that are tested together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

Correction = Literal["holm", "bh"]
CORRECTIONS: dict[Correction, str] = {
    "holm": "Holm: the chance of any false alarm in the family stays below alpha",
    "bh": "Benjamini-Hochberg: the expected share of false alarms among the supported stays below alpha",
}


def compute_adjusted_p_values(p: Sequence[float], correction: Correction = "holm") -> list[float]:
    """Return the adjusted p values of a family, in the same order; each can be compared with alpha.

    Parameters
    ----------
    p : sequence of float in [0, 1]
        One for each hypothesis. A NaN, of a test that could not be computed, counts as 1: it stays in the family.
    correction : {"holm", "bh"}, default "holm"
        Holm [1]_, or Benjamini and Hochberg [2]_.

    References
    ----------
    .. [1] Holm (1979), Scand. J. Stat. 6, 65-70.
    .. [2] Benjamini & Hochberg (1995), J. R. Stat. Soc. B 57, 289-300.

    Examples
    --------
    >>> compute_adjusted_p_values([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    >>> compute_adjusted_p_values([0.01, 0.04, 0.03], "bh")
    [0.03, 0.04, 0.04]
    """
    if correction not in CORRECTIONS:
        raise ValueError(f"correction is {correction!r}; it must be one of {', '.join(CORRECTIONS)}.")
    values = np.nan_to_num(np.asarray(p, dtype=float), nan=1.0)
    n, order = len(values), np.argsort(values, kind="stable")
    if correction == "holm":
        steps = np.maximum.accumulate(values[order] * np.arange(n, 0, -1))
    else:
        steps = np.minimum.accumulate((values[order] * n / np.arange(1, n + 1))[::-1])[::-1]
    adjusted = np.empty(n)
    adjusted[order] = np.minimum(steps, 1.0)
    return [float(one) for one in adjusted]
