"""Pictures of a training for MLflow: from records held back, in groups of ten or more, without ids."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.data.writing.atomic_write import write_atomically
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.weight_posterior import build_prior
from attune_fit.training.crossfit.out_of_fold import OutOfFoldPredictions

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


MIN_GROUP_SIZE = 10  # records in a group that is shown
MAX_BINS = 10
MAX_WEIGHTS = 30  # weights, those that moved furthest
MAIN_COLOUR, REFERENCE_COLOUR = "#1f5f8b", "#9a9a9a"


@dataclass(frozen=True)
class CalibrationBin:
    """Records whose expected alliance is alike: its mean, and what they came to.

    Attributes
    ----------
    n : int
    expected, observed : float
        Means, POMP.
    standard_error : float
        Standard error of the observed mean.
    residual_quantiles : tuple of three float
        The tenth, the middle and the nine-tenth of rating less expectation, POMP.
    """

    n: int
    expected: float
    observed: float
    standard_error: float
    residual_quantiles: tuple[float, float, float]


def draw_plots(folder: Path, model: AllianceModel, held_back: OutOfFoldPredictions) -> list[Path]:
    """Draw every picture that the records allow, as PNG; with fewer than twenty of them the weights alone."""
    pictures = {"weights": draw_weights(model)}
    if len(build_calibration_bins(held_back)) > 1:
        pictures |= {"calibration": draw_calibration(held_back), "residuals": draw_residuals(held_back)}
    for name, content in pictures.items():
        write_atomically(folder / f"{name}.png", content)
    return [folder / f"{name}.png" for name in pictures]


def build_calibration_bins(p: OutOfFoldPredictions) -> list[CalibrationBin]:
    """Records by expected alliance, at most :data:`MAX_BINS` groups of one size, none below :data:`MIN_GROUP_SIZE`."""
    order = np.argsort(p.score, kind="stable")
    parts = np.array_split(order, min(MAX_BINS, max(len(order) // MIN_GROUP_SIZE, 1)))
    return [_build_bin(p.score[rows], p.y[rows]) for rows in parts if len(rows) >= MIN_GROUP_SIZE]


def draw_calibration(p: OutOfFoldPredictions) -> bytes:
    """Ratings as they came against what was expected; on the line, expectation is right."""
    figure, axis = _figure((5.2, 4.8))
    found = build_calibration_bins(p)
    at = [one.expected for one in found]
    ends = [min(at), max(at)]
    axis.plot(ends, ends, color=REFERENCE_COLOUR, linewidth=1, label="as expected")
    axis.errorbar(at, [one.observed for one in found], yerr=[1.96 * one.standard_error for one in found], fmt="o", color=MAIN_COLOUR,
                  capsize=2, label="mean rating, 95% interval")  # fmt: skip
    _label(axis, f"{len(p.y):,} ratings held back, in groups of {min(one.n for one in found)} or more",
           "expected early alliance, POMP", "rated, POMP")  # fmt: skip
    axis.legend(fontsize=7, frameon=False)
    return _png(figure)


def draw_residuals(p: OutOfFoldPredictions) -> bytes:
    """How far ratings fell from what was expected, by what was expected: level and width should not change."""
    figure, axis = _figure((5.2, 4.8))
    found = build_calibration_bins(p)
    at = [one.expected for one in found]
    low, middle, high = np.array([one.residual_quantiles for one in found]).T
    axis.axhline(0, color=REFERENCE_COLOUR, linewidth=1)
    axis.fill_between(at, low, high, color=MAIN_COLOUR, alpha=0.15, label="eight in ten ratings")
    axis.plot(at, middle, "o-", color=MAIN_COLOUR, markersize=4, label="middle rating")
    _label(axis, f"{len(p.y):,} ratings held back", "expected early alliance, POMP", "rated less expected, POMP")
    axis.legend(fontsize=7, frameon=False)
    return _png(figure)


def draw_weights(model: AllianceModel) -> bytes:
    """The weights before and after the clinic's outcomes, with two standard deviations; those that moved most."""
    rows = list(list_weight_changes(model))[:MAX_WEIGHTS]
    figure, axis = _figure((7.0, 1.2 + 0.24 * len(rows)))
    for place, (_, *both) in enumerate(rows):
        for (mean, sd), colour, off in zip(both, (REFERENCE_COLOUR, MAIN_COLOUR), (0.15, -0.15), strict=True):
            axis.errorbar(mean, place - off, xerr=2 * sd, fmt="o", color=colour, markersize=3, linewidth=1)
    axis.axvline(0, color="black", linewidth=0.5)
    axis.set_yticks(range(len(rows)), [name for name, *_ in rows], fontsize=7)
    axis.set_ylim(len(rows) - 0.4, -0.6)
    title = f"weights as published (grey) and after {model.n_outcomes:,} records (blue), ±2 SD"
    _label(axis, title, "POMP points for one SD of the feature", "")
    return _png(figure)


def list_weight_changes(model: AllianceModel) -> Iterator[tuple[str, tuple[float, float], tuple[float, float]]]:
    """Each feature with mean and SD of its weight, as published and now; the one that moved furthest first."""
    before, now = build_prior(model.features, model.evidence.unit), model.evidence
    sds = [np.sqrt(np.diag(one.cov))[1:] for one in (before, now)]
    for column in np.argsort(-np.abs(now.mean[1:] - before.mean[1:]), kind="stable"):
        both = [(float(one.mean[1 + column]), float(sd[column])) for one, sd in zip((before, now), sds, strict=True)]
        yield model.feature_names[column], both[0], both[1]


def _build_bin(score: Floats, y: Floats) -> CalibrationBin:
    missed = np.quantile(y - score, [0.1, 0.5, 0.9])
    spread = float(y.std(ddof=1) / np.sqrt(len(y)))
    low, middle, high = (float(one) for one in missed)
    return CalibrationBin(len(y), float(score.mean()), float(y.mean()), spread, (low, middle, high))


def _label(axis: Axes, title: str, x: str, y: str) -> None:
    axis.set_title(title, fontsize=9, loc="left")
    axis.set_xlabel(x, fontsize=8)
    axis.set_ylabel(y, fontsize=8)
    axis.tick_params(labelsize=7)


def _figure(size: tuple[float, float]) -> tuple[Figure, Axes]:
    """A figure of its own, outside the library's global state."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    axis = figure.subplots()
    axis.spines[["top", "right"]].set_visible(False)
    return figure, axis


def _png(figure: Figure) -> bytes:
    kept = io.BytesIO()
    figure.savefig(kept, format="png", dpi=110, metadata={"Software": None})
    return kept.getvalue()
