"""Load LightGBM when trees are first used: the only module that imports it."""

from __future__ import annotations

import sys
from typing import Any

_without_scikit_learn = False


def suppress_scikit_learn() -> None:
    """Keep scikit-learn out of the later import of LightGBM, for the rest of this process.

    LightGBM imports scikit-learn wherever it is installed. A command that ranks does not use it, and starts about one
    second earlier without it. Only the command line calls this function: in such a process LightGBM's own estimators
    (``LGBMRegressor``) raise an error. Other imports of scikit-learn still work.
    """
    global _without_scikit_learn
    _without_scikit_learn = True


def load_lightgbm() -> Any:
    """Import LightGBM; without scikit-learn if :func:`suppress_scikit_learn` was called and neither is loaded yet."""
    if _without_scikit_learn and not {"sklearn", "lightgbm"} & set(sys.modules):
        sys.modules["sklearn"] = None  # type: ignore[assignment] # Python's own way to make an import fail
        try:
            import lightgbm
        finally:
            del sys.modules["sklearn"]
    else:
        import lightgbm
    return lightgbm
