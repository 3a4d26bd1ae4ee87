"""Draw the learning curve: one line for each method, one panel for each maker and measure."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from benchmarks.learning import means
from benchmarks.learning.clinic_makers import CLINIC_MAKERS
from benchmarks.learning.feature_ceiling import CEILING_NAME
from benchmarks.learning.methods import ATTUNE, METHODS
from benchmarks.learning.tables import MEASURES, list_method_means, list_sizes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINE_STYLES: dict[str, dict[str, Any]] = {
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
    CEILING_NAME: {"color": "black", "linewidth": 0.8, "linestyle": (0, (6, 3))},
}


def draw_learning_curve(results: pd.DataFrame) -> bytes:
    """Draw the mean of the headline mixes by outcomes, with 95% intervals; return a PNG."""
    from matplotlib.figure import Figure

    all_results = means.repeat_fixed_methods(results)
    makers = [maker for maker in CLINIC_MAKERS.values() if (all_results["maker"] == maker.name).any()]
    figure = Figure(figsize=(12.0, 4.6 * len(makers) + 0.9), layout="constrained")
    axes = figure.subplots(len(makers), len(MEASURES), squeeze=False, sharey=True)
    for row, maker in zip(axes, makers, strict=True):
        for axis, (measure, description) in zip(row, MEASURES.items(), strict=True):
            _draw(axis, all_results[all_results["maker"] == maker.name], measure, maker.headline)
            axis.set_title(f"{maker.description}, {description}", fontsize=10, loc="left")
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=8, frameon=False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110, metadata={"Software": None})
    return buffer.getvalue()


def _draw(axis: Axes, results: pd.DataFrame, measure: str, mixes: Sequence[str]) -> None:
    positions = np.arange(len(list_sizes(results)))
    method_means = dict(list_method_means(results, measure, mixes))
    for name in (name for name in (*METHODS, CEILING_NAME) if name in method_means and name in LINE_STYLES):
        value, half = (np.array([getattr(mean, part) for mean in method_means[name]]) for part in ("value", "half"))
        axis.plot(positions, value, label=name, markersize=4, **{"linewidth": 1.3, **LINE_STYLES[name]})
        is_attune = name == ATTUNE
        axis.fill_between(
            positions,
            value - half,
            value + half,
            color=LINE_STYLES[name]["color"],
            alpha=0.18 if is_attune else 0.06,
            linewidth=0,
        )
    axis.axhline(0, color="black", linewidth=0.6)
    axis.set_xticks(positions, [f"{size:,}" for size in list_sizes(results)])
    axis.set_ylim(-0.1, 1.02)
    axis.set_xlabel("early alliance records", fontsize=8)
    axis.set_ylabel("share of the oracle's gain", fontsize=8)
    axis.tick_params(labelsize=8, labelleft=True)
    axis.spines[["top", "right"]].set_visible(False)
