"""Draw the pictures of a calibration with matplotlib."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from attune_fit.data.plain_charts import draw_plain_text
from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.data.synthetic.calibration.calibration_comparison import StatisticComparison
from attune_fit.data.synthetic.calibration.observed_clinic import ObservedClinic
from attune_fit.data.synthetic.code_frequencies import list_codes
from attune_fit.data.synthetic.sessions import ITEM_COLUMNS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIMULATED_COLOUR, PUBLISHED_COLOUR = "#1f5f8b", "#c9c9c9"
VERDICT_COLOURS = {"holds": SIMULATED_COLOUR, "misses": "#b8432f", "cannot tell": "#c98a1b", "not judged": "#777777"}
MAX_HALF_WIDTHS = 4.0  # x limit of the forest plot, in half-widths of the published interval


@draw_plain_text()
def draw_forest_plot(comparisons: Sequence[StatisticComparison]) -> bytes:
    """Draw the forest plot of all statistics, and return it as PNG.

    Each row has its own scale: the published interval goes from -1 to 1, and the simulated mean has its interval. Blue
    matches, red misses, ochre is undecided, grey is not judged. An arrow marks a mean beyond the limits of the plot.
    """
    figure, axes = _create_figure(2, (13.0, 0.5 + 0.135 * len(comparisons)))
    half = (len(comparisons) + 1) // 2
    for axis, rows in zip(axes, (comparisons[:half], comparisons[half:]), strict=True):
        _draw_forest_panel(axis, rows)
    return _render_png(figure)


@draw_plain_text()
def draw_clinic_charts(observations: ObservedClinic) -> bytes:
    """Draw six charts of one clinic (scores, items, sessions, raters, ages, problems), and return them as PNG."""
    figure, axes = _create_figure(6, (13.0, 7.5), columns=3)
    for axis, draw in zip(axes, CLINIC_CHARTS.values(), strict=True):
        draw(axis, observations)
    return _render_png(figure)


@draw_plain_text()
def draw_single_charts(observations: ObservedClinic) -> dict[str, bytes]:
    """Draw the six charts of :func:`draw_clinic_charts` as one PNG each, by what they show."""
    charts = {}
    for name, draw in CLINIC_CHARTS.items():
        figure, (axis,) = _create_figure(1, (5.2, 3.9))
        draw(axis, observations)
        charts[name] = _render_png(figure)
    return charts


def _draw_forest_panel(axis: Axes, rows: Sequence[StatisticComparison]) -> None:
    for place, row in enumerate(rows):
        low, high = row.statistic.bounds
        middle, half = compute_published_scale(row)
        least, most = (_clip_to_plot((end - middle) / half) for end in (low, high))
        axis.barh(place, most - least, left=least, height=0.7, color=PUBLISHED_COLOUR)
        ends = [_clip_to_plot((end - middle) / half) for end in row.compute_interval()]
        colour, position = VERDICT_COLOURS[row.verdict], (row.mean - middle) / half
        axis.plot(ends, [place, place], color=colour, linewidth=2)
        marker = (
            ">" if position > MAX_HALF_WIDTHS else "<" if position < -MAX_HALF_WIDTHS else "o"
        )  # beyond the limits of the plot
        axis.plot(_clip_to_plot(position), place, marker, color=colour, markersize=4 if marker == "o" else 7)
    axis.set_yticks(range(len(rows)), [row.statistic.name for row in rows], fontsize=7)
    axis.set_ylim(len(rows) - 0.4, -0.6)
    axis.set_xlim(-MAX_HALF_WIDTHS - 0.2, MAX_HALF_WIDTHS + 0.2)
    axis.set_xticks([-1, 0, 1], ["lowest\npublished", "", "highest\npublished"], fontsize=7)


def compute_published_scale(row: StatisticComparison) -> tuple[float, float]:
    """Return middle and half-width of the published interval; without an interval, of the simulated mean around it."""
    low, high = row.statistic.bounds
    if np.isfinite([low, high]).all() and high > low:
        return (low + high) / 2, (high - low) / 2
    value = row.statistic.source.value if np.isfinite([low, high]).all() else 0.0
    return value, max(abs(row.mean - value) / 2, 1e-9)


def _clip_to_plot(value: float) -> float:
    return float(np.clip(value, -MAX_HALF_WIDTHS, MAX_HALF_WIDTHS))


def _draw_scores(axis: Axes, observations: ObservedClinic) -> None:
    scores = observations.early_forms["score"]
    axis.hist(scores, bins=[0.96 + step / 12 for step in range(50)], color=SIMULATED_COLOUR)
    mean, sd = (read_published_statistics()[f"early_alliance_{key}"].value for key in ("mean", "sd"))
    axis.axvspan(mean - sd, min(mean + sd, 5), color=PUBLISHED_COLOUR, alpha=0.45, zorder=0)
    axis.axvline(mean, color="black", linewidth=1)
    _label_axes(axis, "client forms, sessions 1-3", "WAI-SR points; published mean and SD in grey", "forms")


def _draw_options(axis: Axes, observations: ObservedClinic) -> None:
    answers = observations.early_forms[list(ITEM_COLUMNS)].to_numpy()
    left = np.zeros(len(ITEM_COLUMNS))
    for option in range(1, 6):
        share = (answers == option).mean(axis=0)
        axis.barh(range(1, 13), share, left=left, color=(0.12, 0.37, 0.55, option / 5), label=str(option))
        left += share
    axis.set_yticks(range(1, 13))
    axis.invert_yaxis()
    axis.legend(ncols=5, fontsize=7, loc="upper center", bbox_to_anchor=(0.5, -0.08), frameon=False)
    _label_axes(axis, "answers to each item, share of forms", "", "item")


def _draw_persistence(axis: Axes, observations: ObservedClinic) -> None:
    later = observations.scores_by_session.iloc[:, 5:15].mean(axis=1)
    axis.plot(
        range(1, 6),
        [observations.scores_by_session.iloc[:, k].corr(later) for k in range(5)],
        "o-",
        color=SIMULATED_COLOUR,
        label="simulated",
    )
    for key, (first, last) in (("diary_first_r", (1, 1)), ("diary_next_r", (2, 5))):
        row = read_published_statistics()[key]
        axis.fill_between([first - 0.2, last + 0.2], row.low or 0, row.high or 0, color=PUBLISHED_COLOUR, alpha=0.6)
        axis.plot([first - 0.2, last + 0.2], [row.value] * 2, color="black", linewidth=1)
    axis.set_ylim(0, 1)
    _label_axes(
        axis, "correlation with the mean of occasions 6-15", "occasion; real ratings of 57 patients in grey", "r"
    )


def _draw_raters(axis: Axes, observations: ObservedClinic) -> None:
    axis.hexbin(
        observations.paired_scores["client"],
        observations.paired_scores["therapist"],
        gridsize=22,
        cmap="Blues",
        mincnt=1,
    )
    axis.plot([1, 5], [1, 5], color="black", linewidth=0.7)
    r, gap = (read_published_statistics()[f"client_therapist_{key}"].value for key in ("r", "gap"))
    _label_axes(axis, "two raters of one session", f"client (published: r = {r:g}, d = {gap:g} higher)", "therapist")


def _draw_ages(axis: Axes, observations: ObservedClinic) -> None:
    truth = observations.clinic.truth
    bins = list(range(18, 95, 4))
    axis.hist(truth.clients["age"], bins=bins, density=True, color=SIMULATED_COLOUR, label="clients")
    axis.hist(truth.therapists["age"], bins=bins, density=True, histtype="step", color="black", label="therapists")
    axis.legend(fontsize=7, frameon=False)
    _label_axes(axis, "ages", "years", "density")


def _draw_problem_correlations(axis: Axes, observations: ObservedClinic) -> None:
    """Draw the phi correlations of the problems (comorbidity beyond chance)."""
    has_problem = observations.clinic.truth.clients["presenting_problems"].astype(float)
    with np.errstate(invalid="ignore"):  # a problem without clients has no correlation: it stays white
        correlations = np.corrcoef(has_problem.T)
    np.fill_diagonal(correlations, np.nan)
    image = axis.imshow(correlations, cmap="RdBu_r", vmin=-0.4, vmax=0.4)
    axis.set_xticks(range(len(correlations)), list_codes("problem"), rotation=90, fontsize=6)
    axis.set_yticks(range(len(correlations)), list_codes("problem"), fontsize=6)
    axis.figure.colorbar(image, ax=axis, shrink=0.8)
    _label_axes(axis, "correlation of problems (φ)", "", "")


CLINIC_CHARTS: dict[str, Callable[[Axes, ObservedClinic], None]] = {
    "Scores of the clients' forms of sessions 1 to 3; published mean and SD in grey.": _draw_scores,
    "Answers to each of the twelve items, as a share of the forms.": _draw_options,
    "Correlation of each early occasion with the mean of occasions 6 to 15; published in grey.": _draw_persistence,
    "Client and therapist about the same session; darker where more forms are.": _draw_raters,
    "Ages of clients and therapists.": _draw_ages,
    "Correlation of the clients' problems beyond chance.": _draw_problem_correlations,
}


def _label_axes(axis: Axes, title: str, x: str, y: str) -> None:
    axis.set_title(title, fontsize=9, loc="left")
    axis.set_xlabel(x, fontsize=8)
    axis.set_ylabel(y, fontsize=8)
    axis.tick_params(labelsize=7)


def _create_figure(panels: int, size: tuple[float, float], columns: int = 0) -> tuple[Figure, Sequence[Axes]]:
    """Create a figure without the global state of matplotlib."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    columns = columns or panels
    grid: Any = figure.subplots(-(-panels // columns), columns)
    flat: list[Axes] = list(np.ravel(grid))
    for axis in flat:
        axis.spines[["top", "right"]].set_visible(False)
    return figure, flat


def _render_png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110, metadata={"Software": None})
    return buffer.getvalue()
