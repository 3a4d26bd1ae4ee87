"""The calibration of a synthetic clinic as one page with its pictures in it: nothing is loaded from elsewhere."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from itertools import groupby
from pathlib import Path

from attune_fit.data.synthetic.calibration import calibration_charts
from attune_fit.data.synthetic.calibration.compare import VERDICT_MARKS, StatisticComparison, summarize_verdicts
from attune_fit.data.synthetic.calibration.observed_clinic import ObservedClinic
from attune_fit.data.synthetic.world import World
from attune_fit.data.writing.atomic_write import write_atomically

TABLE_HEADERS = ("statistic", "published", "simulated", "clinics", "", "source, and what to know")
PAGE_CSS = """body { font: 15px/1.5 sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; width: 100%; font-size: 13px } td, th { text-align: left; padding: .2rem .6rem }
td { border-top: 1px solid #ddd; vertical-align: top } th { background: #f3f3f3 }
.miss td:nth-child(5) { color: #b8432f }
h2 { margin-top: 2.5rem; font-size: 1.1rem } img { max-width: 100% } td:nth-child(-n+4) { white-space: nowrap }"""


def write_calibration_page(
    compared: Sequence[StatisticComparison], world: World, clients: int, therapists: int, seed: int, path: Path
) -> None:
    """Write the page, whole or not at all.

    Parameters
    ----------
    compared : sequence of Compared
    world, clients, therapists, seed
        Of the clinic that the second picture shows.
    path : Path
    """
    number = len(compared[0].values)
    seen = ObservedClinic.from_world(world, clients, therapists, seed)
    parts = [
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>Synthetic clinic beside what is published</title>",
        f"<style>{PAGE_CSS}</style><h1>Synthetic clinic beside what is published</h1>",
        f"<p>{summarize_verdicts(compared)}</p>",
        f"<p><b>simulated</b>: mean over {number} clinics of {clients:,} clients and {therapists:,} therapists, with "
        "its 95% interval. <b>clinics</b>: the lowest and the highest. ✓ the mean lies within what is published and "
        "its interval is no wider; ✗ the whole interval lies outside; ~ cannot be told. ᵢ put into the simulator; "
        "ₒ speaks of other people, not judged. A world that differs on purpose misses on purpose.</p>",
        _format_picture(calibration_charts.draw_forest_plot(compared), "every statistic beside what is published"),
        _format_picture(calibration_charts.draw_clinic_charts(seen), "what this clinic looks like"),
        *(
            _format_section(family, list(rows))
            for family, rows in groupby(compared, key=lambda row: row.statistic.family)
        ),
        "</html>",
    ]
    write_atomically(path, "\n".join(parts))


def format_cells(row: StatisticComparison) -> tuple[str, ...]:
    """A row as people read it, under :data:`TABLE_HEADERS`."""
    name = row.statistic.name + {"check": "", "input": " ᵢ", "orientation": " ₒ"}[row.statistic.kind]
    return name, row.published_text, row.simulated_text, row.range_text, VERDICT_MARKS[row.verdict], row.source_note


def _format_section(family: str, rows: Sequence[StatisticComparison]) -> str:
    heads = "".join(f"<th>{head}</th>" for head in TABLE_HEADERS)
    body = "".join(_format_row(row) for row in rows)
    return f"<h2>{escape(family)}</h2><table><tr>{heads}</tr>{body}</table>"


def _format_row(row: StatisticComparison) -> str:
    missed = " class=miss" if row.verdict == "misses" else ""
    return f"<tr{missed}>{''.join(f'<td>{escape(cell)}</td>' for cell in format_cells(row))}</tr>"


def _format_picture(png: bytes, says: str) -> str:
    return f"<p><img alt='{says}' src='data:image/png;base64,{b64encode(png).decode()}'></p>"
