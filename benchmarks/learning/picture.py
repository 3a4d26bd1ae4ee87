"""The picture: one line a method, for each maker and either way of choosing."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from benchmarks.learning import means
from benchmarks.learning.clinics import HEADLINE, MAKERS
from benchmarks.learning.methods import ATTUNE, METHODS
from benchmarks.learning.reach import NAME as REACH
from benchmarks.learning.tables import WHATS, lines, sizes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOOKS: dict[str, dict[str, Any]] = {
    ATTUNE: {"color": "#1f5f8b", "linewidth": 2.8, "marker": "o", "zorder": 5},
    "day 0": {"color": "#1f5f8b", "linestyle": ":"},
    "hand weights": {"color": "#555555", "linestyle": "--"},
    "preference count": {"color": "#999999", "linestyle": "--"},
    "therapist mean": {"color": "#999999", "linestyle": "-."},
    "ridge": {"color": "#7b4fa0", "marker": "s"},
    "mixed model": {"color": "#c17bd1", "marker": "s"},
    "LightGBM, pair features": {"color": "#2f8f4e", "marker": "^"},
    "LightGBM, raw columns": {"color": "#2f8f4e", "marker": "^", "linestyle": "--", "alpha": 0.6},
    "CatBoost, pair features": {"color": "#c98a1b", "marker": "v"},
    "CatBoost, raw columns": {"color": "#c98a1b", "marker": "v", "linestyle": "--", "alpha": 0.6},
    REACH: {"color": "black", "linewidth": 0.8, "linestyle": (0, (6, 3))},
}


def picture(results: pd.DataFrame) -> bytes:
    """Mean of the headline mixes by outcomes, with 95% intervals; PNG."""
    from matplotlib.figure import Figure

    whole = means.spread_out(results)
    makers = [maker for maker in MAKERS.values() if (whole["maker"] == maker.name).any()]
    figure = Figure(figsize=(12.0, 4.6 * len(makers) + 0.9), layout="constrained")
    axes = figure.subplots(len(makers), len(WHATS), squeeze=False, sharey=True)
    for row, maker in zip(axes, makers, strict=True):
        for axis, (what, says) in zip(row, WHATS.items(), strict=True):
            _draw(axis, whole[whole["maker"] == maker.name], what)
            axis.set_title(f"{maker.says}, {says}", fontsize=10, loc="left")
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=8, frameon=False)
    held = io.BytesIO()
    figure.savefig(held, format="png", dpi=110, metadata={"Software": None})
    return held.getvalue()


def _draw(axis: Axes, results: pd.DataFrame, what: str) -> None:
    at = np.arange(len(sizes(results)))
    found = dict(lines(results, what, HEADLINE))
    for name in (name for name in (*METHODS, REACH) if name in found and name in LOOKS):
        value, half = (np.array([getattr(mean, part) for mean in found[name]]) for part in ("value", "half"))
        axis.plot(at, value, label=name, markersize=4, **{"linewidth": 1.3, **LOOKS[name]})
        strong = name == ATTUNE
        axis.fill_between(
            at, value - half, value + half, color=LOOKS[name]["color"], alpha=0.18 if strong else 0.06, linewidth=0
        )
    axis.axhline(0, color="black", linewidth=0.6)
    axis.set_xticks(at, [f"{size:,}" for size in sizes(results)])
    axis.set_ylim(-0.1, 1.02)
    axis.set_xlabel("early alliance records", fontsize=8)
    axis.set_ylabel("share of the oracle's gain", fontsize=8)
    axis.tick_params(labelsize=8, labelleft=True)
    axis.spines[["top", "right"]].set_visible(False)
