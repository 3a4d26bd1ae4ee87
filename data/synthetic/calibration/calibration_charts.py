"""Pictures of a calibration, for people who would rather look than read; matplotlib is used here alone."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.data.synthetic.calibration.compare import StatisticComparison
from attune_fit.data.synthetic.calibration.observed_clinic import ObservedClinic
from attune_fit.data.synthetic.code_frequencies import list_codes
from attune_fit.data.synthetic.sessions import ITEM_COLUMNS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIMULATED_COLOUR, PUBLISHED_COLOUR = "#1f5f8b", "#c9c9c9"
VERDICT_COLOURS = {"holds": SIMULATED_COLOUR, "misses": "#b8432f", "cannot tell": "#c98a1b", "not judged": "#777777"}
MAX_HALF_WIDTHS = 4.0  # half-widths of what is published that the picture shows


def draw_forest_plot(compared: Sequence[StatisticComparison]) -> bytes:
    """Every row on a scale of its own: what is published from -1 to 1, the simulated mean with its interval. PNG.

    Blue holds, red misses, ochre cannot be told, grey is not judged; an arrow lies beyond the picture.
    """
    figure, axes = _create_figure(2, (13.0, 0.5 + 0.135 * len(compared)))
    half = (len(compared) + 1) // 2
    for axis, rows in zip(axes, (compared[:half], compared[half:]), strict=True):
        _draw_forest_panel(axis, rows)
    return _render_png(figure)


def draw_clinic_charts(seen: ObservedClinic) -> bytes:
    """What one clinic looks like: ratings, items, sessions, raters, who comes, what they come with. PNG."""
    figure, axes = _create_figure(6, (13.0, 7.5), columns=3)
    for axis, draw in zip(
        axes,
        (_draw_scores, _draw_options, _draw_persistence, _draw_raters, _draw_ages, _draw_problem_correlations),
        strict=True,
    ):
        draw(axis, seen)
    return _render_png(figure)


def _draw_forest_panel(axis: Axes, rows: Sequence[StatisticComparison]) -> None:
    for place, row in enumerate(rows):
        low, high = row.statistic.bounds
        middle, half = _compute_scale(row)
        least, most = (_clip_to_plot((end - middle) / half) for end in (low, high))
        axis.barh(place, most - least, left=least, height=0.7, color=PUBLISHED_COLOUR)
        ends = [_clip_to_plot((end - middle) / half) for end in row.compute_interval()]
        colour, at = VERDICT_COLOURS[row.verdict], (row.mean - middle) / half
        axis.plot(ends, [place, place], color=colour, linewidth=2)
        far = ">" if at > MAX_HALF_WIDTHS else "<" if at < -MAX_HALF_WIDTHS else "o"  # beyond the picture
        axis.plot(_clip_to_plot(at), place, far, color=colour, markersize=4 if far == "o" else 7)
    axis.set_yticks(range(len(rows)), [row.statistic.name for row in rows], fontsize=7)
    axis.set_ylim(len(rows) - 0.4, -0.6)
    axis.set_xlim(-MAX_HALF_WIDTHS - 0.2, MAX_HALF_WIDTHS + 0.2)
    axis.set_xticks([-1, 0, 1], ["lowest\npublished", "", "highest\npublished"], fontsize=7)


def _compute_scale(row: StatisticComparison) -> tuple[float, float]:
    """Middle and half-width of what is published; of what is simulated where only a sign or one number was read."""
    low, high = row.statistic.bounds
    if np.isfinite([low, high]).all() and high > low:
        return (low + high) / 2, (high - low) / 2
    value = row.statistic.source.value if np.isfinite([low, high]).all() else 0.0
    return value, max(abs(row.mean - value) / 2, 1e-9)


def _clip_to_plot(value: float) -> float:
    return float(np.clip(value, -MAX_HALF_WIDTHS, MAX_HALF_WIDTHS))


def _draw_scores(axis: Axes, seen: ObservedClinic) -> None:
    scores = seen.early_forms["score"]
    axis.hist(scores, bins=[0.96 + step / 12 for step in range(50)], color=SIMULATED_COLOUR)
    mean, sd = (read_published_statistics()[f"early_alliance_{key}"].value for key in ("mean", "sd"))
    axis.axvspan(mean - sd, min(mean + sd, 5), color=PUBLISHED_COLOUR, alpha=0.45, zorder=0)
    axis.axvline(mean, color="black", linewidth=1)
    _label_axes(axis, "client's forms, sessions 1-3", "WAI-SR points; published mean and SD behind", "forms")


def _draw_options(axis: Axes, seen: ObservedClinic) -> None:
    answers = seen.early_forms[list(ITEM_COLUMNS)].to_numpy()
    left = np.zeros(len(ITEM_COLUMNS))
    for option in range(1, 6):
        share = (answers == option).mean(axis=0)
        axis.barh(range(1, 13), share, left=left, color=(0.12, 0.37, 0.55, option / 5), label=str(option))
        left += share
    axis.set_yticks(range(1, 13))
    axis.invert_yaxis()
    axis.legend(ncols=5, fontsize=7, loc="upper center", bbox_to_anchor=(0.5, -0.08), frameon=False)
    _label_axes(axis, "answers to each item, share of forms", "", "item")


def _draw_persistence(axis: Axes, seen: ObservedClinic) -> None:
    later = seen.scores_by_session.iloc[:, 5:15].mean(axis=1)
    axis.plot(
        range(1, 6),
        [seen.scores_by_session.iloc[:, k].corr(later) for k in range(5)],
        "o-",
        color=SIMULATED_COLOUR,
        label="simulated",
    )
    for key, at in (("diary_first_r", [1, 1]), ("diary_next_r", [2, 5])):
        row = read_published_statistics()[key]
        axis.fill_between([at[0] - 0.2, at[1] + 0.2], row.low or 0, row.high or 0, color=PUBLISHED_COLOUR, alpha=0.6)
        axis.plot([at[0] - 0.2, at[1] + 0.2], [row.value] * 2, color="black", linewidth=1)
    axis.set_ylim(0, 1)
    _label_axes(
        axis, "an occasion with the mean of occasions 6-15", "occasion; real ratings of 57 patients behind", "r"
    )


def _draw_raters(axis: Axes, seen: ObservedClinic) -> None:
    axis.hexbin(seen.paired_scores["client"], seen.paired_scores["therapist"], gridsize=22, cmap="Blues", mincnt=1)
    axis.plot([1, 5], [1, 5], color="black", linewidth=0.7)
    r, gap = (read_published_statistics()[f"client_therapist_{key}"].value for key in ("r", "gap"))
    _label_axes(axis, "two raters of one session", f"client (published: r = {r:g}, d = {gap:g} higher)", "therapist")


def _draw_ages(axis: Axes, seen: ObservedClinic) -> None:
    truth = seen.clinic.truth
    bins = list(range(18, 95, 4))
    axis.hist(truth.clients["age"], bins=bins, density=True, color=SIMULATED_COLOUR, label="clients")
    axis.hist(truth.therapists["age"], bins=bins, density=True, histtype="step", color="black", label="therapists")
    axis.legend(fontsize=7, frameon=False)
    _label_axes(axis, "ages", "years", "density")


def _draw_problem_correlations(axis: Axes, seen: ObservedClinic) -> None:
    """How often two problems come together beyond chance."""
    has = seen.clinic.truth.clients["presenting_problems"].astype(float)
    with np.errstate(invalid="ignore"):  # a problem nobody has goes with nothing: it stays white
        between = np.corrcoef(has.T)
    np.fill_diagonal(between, np.nan)
    shown = axis.imshow(between, cmap="RdBu_r", vmin=-0.4, vmax=0.4)
    axis.set_xticks(range(len(between)), list_codes("problem"), rotation=90, fontsize=6)
    axis.set_yticks(range(len(between)), list_codes("problem"), fontsize=6)
    axis.figure.colorbar(shown, ax=axis, shrink=0.8)
    _label_axes(axis, "problems that come together (φ)", "", "")


def _label_axes(axis: Axes, title: str, x: str, y: str) -> None:
    axis.set_title(title, fontsize=9, loc="left")
    axis.set_xlabel(x, fontsize=8)
    axis.set_ylabel(y, fontsize=8)
    axis.tick_params(labelsize=7)


def _create_figure(panels: int, size: tuple[float, float], columns: int = 0) -> tuple[Figure, Sequence[Axes]]:
    """A figure of its own, outside the library's global state."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    columns = columns or panels
    grid: Any = figure.subplots(-(-panels // columns), columns)
    flat: list[Axes] = list(np.ravel(grid))
    for axis in flat:
        axis.spines[["top", "right"]].set_visible(False)
    return figure, flat


def _render_png(figure: Figure) -> bytes:
    kept = io.BytesIO()
    figure.savefig(kept, format="png", dpi=110, metadata={"Software": None})
    return kept.getvalue()
