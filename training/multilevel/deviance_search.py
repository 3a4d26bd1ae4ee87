"""Search for the smallest deviance over relative standard deviations, which are 0 or more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from attune_fit.data.arrays import Floats

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

DevianceWithGradient = Callable[[Floats], tuple[float, Floats]]

DEVIANCE_STEP = 1e-11  # relative: a smaller fall of the deviance ends a search
MAX_GRADIENT = 1e-4
MAX_ITERATIONS = 200


def find_smallest_deviance(
    deviance: DevianceWithGradient, starts: Sequence[Floats], lows: Floats, highs: Floats
) -> tuple[Floats, float]:
    """Return the parameters (k,) of the smallest deviance, and that deviance: the best end of all starts.

    ``lows`` and ``highs`` bound the parameters, each of shape (k,); infinite without a bound.
    At 0 the deviance is flat, so that no start should be there.
    """
    from scipy.optimize import minimize

    bounds = list(zip(lows.tolist(), highs.tolist(), strict=True))
    ends = [
        minimize(
            deviance,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"ftol": DEVIANCE_STEP, "gtol": MAX_GRADIENT, "maxiter": MAX_ITERATIONS},
        )
        for start in starts
    ]
    best = min(ends, key=lambda end: float(end.fun))
    return np.asarray(best.x, dtype=float), float(best.fun)


def set_one_thread() -> Any:
    """Return a context with one thread for linear algebra: these matrices are small, and threads would only wait."""
    return _get_threadpools().limit(limits=1)


@cache
def _get_threadpools() -> ThreadpoolController:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
