"""Format the calibration of a synthetic clinic as one HTML page with embedded pictures, without external files."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from itertools import groupby

from attune_fit.data.synthetic.calibration import calibration_charts
from attune_fit.data.synthetic.calibration.calibration_comparison import (
    VERDICT_MARKS,
    StatisticComparison,
    summarize_verdicts,
)
from attune_fit.data.synthetic.calibration.observed_clinic import ObservedClinic
from attune_fit.data.synthetic.world import World

TABLE_HEADERS = ("statistic", "published", "simulated", "clinics", "", "source, and what to know")
PAGE_TITLE = "Calibration: synthetic clinic and published statistics"
PAGE_CSS = """body { font: 15px/1.5 sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; width: 100%; font-size: 13px } td, th { text-align: left; padding: .2rem .6rem }
td { border-top: 1px solid #ddd; vertical-align: top } th { background: #f3f3f3 }
.miss td:nth-child(5) { color: #b8432f }
h2 { margin-top: 2.5rem; font-size: 1.1rem } img { max-width: 100% } td:nth-child(-n+4) { white-space: nowrap }"""


def format_calibration_page(
    comparisons: Sequence[StatisticComparison], world: World, clients: int, therapists: int, seed: int
) -> str:
    """Return the calibration page as HTML.

    Parameters
    ----------
    comparisons : sequence of StatisticComparison
        At least one row.
    world, clients, therapists, seed
        Parameters of the clinic in the second picture.
    """
    number = len(comparisons[0].values)
    observations = ObservedClinic.from_world(world, clients, therapists, seed)
    parts = [
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{PAGE_TITLE}</title>",
        f"<style>{PAGE_CSS}</style><h1>{PAGE_TITLE}</h1>",
        f"<p>{summarize_verdicts(comparisons)}</p>",
        f"<p><b>simulated</b>: mean over {number} clinics of {clients:,} clients and {therapists:,} therapists, with "
        "its 95% interval. <b>clinics</b>: the lowest and the highest clinic. ✓ match: the mean lies within the "
        "published interval, and its own interval is not wider. ✗ miss: the whole interval lies outside. ~ undecided. "
        "ᵢ built into the simulator. ₒ from another population, not judged. A world with other numbers misses on "
        "purpose.</p>",
        _format_picture(calibration_charts.draw_forest_plot(comparisons), "forest plot of every statistic"),
        _format_picture(calibration_charts.draw_clinic_charts(observations), "charts of this clinic"),
        *(
            _format_section(family, list(rows))
            for family, rows in groupby(comparisons, key=lambda row: row.statistic.family)
        ),
        "</html>",
    ]
    return "\n".join(parts)


def format_cells(row: StatisticComparison) -> tuple[str, ...]:
    """Format a comparison as the cells of one table row, in the order of :data:`TABLE_HEADERS`."""
    name = row.statistic.name + {"check": "", "input": " ᵢ", "orientation": " ₒ"}[row.statistic.kind]
    return name, row.published_text, row.simulated_text, row.range_text, VERDICT_MARKS[row.verdict], row.source_note


def _format_section(family: str, rows: Sequence[StatisticComparison]) -> str:
    headers = "".join(f"<th>{header}</th>" for header in TABLE_HEADERS)
    body = "".join(_format_row(row) for row in rows)
    return f"<h2>{escape(family)}</h2><table><tr>{headers}</tr>{body}</table>"


def _format_row(row: StatisticComparison) -> str:
    css_class = " class=miss" if row.verdict == "misses" else ""
    return f"<tr{css_class}>{''.join(f'<td>{escape(cell)}</td>' for cell in format_cells(row))}</tr>"


def _format_picture(png: bytes, description: str) -> str:
    return f"<p><img alt='{description}' src='data:image/png;base64,{b64encode(png).decode()}'></p>"
