"""Plots of a training for MLflow: of held-out records in groups of ten or more, without ids."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.data.plain_charts import draw_plain_text
from attune_fit.data.storage.atomic_write import write_atomically
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.weight_posterior import build_prior
from attune_fit.training.crossfit.out_of_fold import OutOfFoldPredictions
from attune_fit.training.reporting.calibration_bins import build_calibration_bins

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MAX_WEIGHTS = 30  # weights shown, those that moved furthest
MAIN_COLOUR, REFERENCE_COLOUR = "#1f5f8b", "#9a9a9a"


def draw_plots(folder: Path, model: AllianceModel, held_out: OutOfFoldPredictions) -> list[Path]:
    """Draw every plot that the records allow, as PNG; with fewer than twenty records only the weights."""
    plots = {"weights": draw_weights(model)}
    if len(build_calibration_bins(held_out)) > 1:
        plots |= {"calibration": draw_calibration(held_out), "residuals": draw_residuals(held_out)}
    for name, content in plots.items():
        write_atomically(folder / f"{name}.png", content)
    return [folder / f"{name}.png" for name in plots]


@draw_plain_text()
def draw_calibration(p: OutOfFoldPredictions) -> bytes:
    """Draw the mean rating by expected alliance (calibration plot); on the line, the expectation is right."""
    figure, axis = _build_figure((5.2, 4.8))
    bins = build_calibration_bins(p)
    expected = [one.expected for one in bins]
    ends = [min(expected), max(expected)]
    axis.plot(ends, ends, color=REFERENCE_COLOUR, linewidth=1, label="as expected")
    axis.errorbar(expected, [one.observed for one in bins], yerr=[1.96 * one.standard_error for one in bins],
                  fmt="o", color=MAIN_COLOUR, capsize=2, label="mean rating, 95% interval")  # fmt: skip
    _label(axis, f"{len(p.y):,} held-out ratings, in groups of {min(one.n for one in bins)} or more",
           "expected early alliance, POMP", "rated, POMP")  # fmt: skip
    axis.legend(fontsize=7, frameon=False)
    return _format_png(figure)


@draw_plain_text()
def draw_residuals(p: OutOfFoldPredictions) -> bytes:
    """Draw the residuals by expected alliance: their level and width should be the same everywhere."""
    figure, axis = _build_figure((5.2, 4.8))
    bins = build_calibration_bins(p)
    expected = [one.expected for one in bins]
    low, median, high = np.array([one.residual_quantiles for one in bins]).T
    axis.axhline(0, color=REFERENCE_COLOUR, linewidth=1)
    axis.fill_between(expected, low, high, color=MAIN_COLOUR, alpha=0.15, label="eight in ten ratings")
    axis.plot(expected, median, "o-", color=MAIN_COLOUR, markersize=4, label="median rating")
    _label(axis, f"{len(p.y):,} held-out ratings", "expected early alliance, POMP", "rated minus expected, POMP")
    axis.legend(fontsize=7, frameon=False)
    return _format_png(figure)


@draw_plain_text()
def draw_weights(model: AllianceModel) -> bytes:
    """Draw the weights before and after the clinic's outcomes, with two standard deviations; those that moved most."""
    rows = list(list_weight_changes(model))[:MAX_WEIGHTS]
    figure, axis = _build_figure((7.0, 1.2 + 0.24 * len(rows)))
    places, weights = np.arange(len(rows)), np.array([both for _, *both in rows]).reshape(len(rows), 2, 2)
    for when, (colour, off) in enumerate(((REFERENCE_COLOUR, 0.15), (MAIN_COLOUR, -0.15))):
        mean, sd = weights[:, when].T
        axis.errorbar(mean, places - off, xerr=2 * sd, fmt="o", color=colour, markersize=3, linewidth=1, elinewidth=1)
    axis.axvline(0, color="black", linewidth=0.5)
    axis.set_yticks(range(len(rows)), [name for name, *_ in rows], fontsize=7)
    axis.set_ylim(len(rows) - 0.4, -0.6)
    title = f"weights as published (grey) and after {model.n_outcomes:,} records (blue), ±2 SD"
    _label(axis, title, "POMP points for one SD of the feature", "")
    return _format_png(figure)


def list_weight_changes(model: AllianceModel) -> Iterator[tuple[str, tuple[float, float], tuple[float, float]]]:
    """Yield each feature with mean and SD of its weight, as published and now; the one that moved furthest first."""
    published, now = build_prior(model.features, model.evidence.unit), model.evidence
    published_sd, now_sd = (np.sqrt(np.diag(weights.cov))[1:] for weights in (published, now))
    for column in np.argsort(-np.abs(now.mean[1:] - published.mean[1:]), kind="stable"):
        before = float(published.mean[1 + column]), float(published_sd[column])
        yield model.feature_names[column], before, (float(now.mean[1 + column]), float(now_sd[column]))


def _label(axis: Axes, title: str, x: str, y: str) -> None:
    axis.set_title(title, fontsize=9, loc="left")
    axis.set_xlabel(x, fontsize=8)
    axis.set_ylabel(y, fontsize=8)
    axis.tick_params(labelsize=7)


def _build_figure(size: tuple[float, float]) -> tuple[Figure, Axes]:
    """Build a figure outside the global state of matplotlib."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    axis = figure.subplots()
    axis.spines[["top", "right"]].set_visible(False)
    return figure, axis


def _format_png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110, metadata={"Software": None})
    return buffer.getvalue()
