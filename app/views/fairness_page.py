"""Format a fairness audit as one self-contained HTML page: text, charts, and every number in tables."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from attune_fit import DataFault
from attune_fit.app.views.fairness_text import (
    format_amount,
    format_difference,
    summarize_chance,
    summarize_exposure,
    summarize_newcomers,
    summarize_suppression,
)
from attune_fit.matching.fairness.group_metrics import GROUP_METRICS, GroupMetric

if TYPE_CHECKING:
    from attune_fit.matching.fairness.audit import FairnessAudit
    from attune_fit.matching.fairness.group_comparison import GroupResult

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #222; max-width: 52rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem } h2 { margin-top: 2.5rem; border-bottom: 1px solid #ccc } h3 { margin: 2rem 0 .2rem }
img { max-width: 100%; height: auto } .aside { color: #666; font-size: .9rem } .out { color: #b8432f; font-weight: 600 }
table { border-collapse: collapse; font-size: .85rem; margin: .5rem 0 } summary { cursor: pointer; color: #1f5f8b }
th, td { text-align: left; padding: .15rem .9rem .15rem 0; border-bottom: 1px solid #eee; vertical-align: top }
td:nth-child(n+3) { font-variant-numeric: tabular-nums }
"""
HEADERS = ("", "group", "people", "figure", "95% interval", "minus all others", "adjusted p")
READING_GUIDE = (
    "A dot is the figure of a group, the line its 95% interval. About 19 of 20 such intervals contain the true value "
    "for people like these. The grey line is the figure of all people.",
    "Red is significant: the difference from all others is too large for chance, corrected for all tests on this page. "
    "About one in twenty of the red ones might still be chance.",
    "A wide interval means that little is known. It does not mean that there is no difference.",
    "A difference does not show why there is one. Payer, language, wishes and hours go together. Groups of one column "
    "are compared without adjustment for other columns.",
    "Equal figures do not prove that a clinic is fair. Unequal figures do not prove that it is unfair.",
)


def choose_report_format(target: Path) -> Callable[[FairnessAudit], str]:
    """Return the function that formats a report for a file of this name.

    Raises
    ------
    DataFault
        If the name ends in another way than :data:`REPORT_FORMATS`.
    """
    if target.suffix.lower() not in REPORT_FORMATS:
        fix = f"End the name in {' or '.join(REPORT_FORMATS)}."
        message = "this report cannot be written to a file of this kind"
        raise DataFault.error("unknown-report-type", target.name, "", message, fix=fix)
    return REPORT_FORMATS[target.suffix.lower()]


def format_fairness_json(audit: FairnessAudit) -> str:
    """Return the audit as JSON text."""
    return json.dumps(audit.to_dict(), indent=1, allow_nan=False) + "\n"


def format_fairness_page(audit: FairnessAudit) -> str:
    """Return the page: one HTML file with its charts inside."""
    name = f": {audit.clinic}" if audit.clinic else ""
    title = escape(f"Lists and outcomes by group{name}")
    parts = [
        f"<!doctype html>\n<html lang=en><head><meta charset=utf-8><title>{title}</title><style>{STYLE}</style></head>",
        f"<body><h1>{title}</h1>",
        _format_paragraph(
            f"Lists of {audit.clients:,} {audit.whose}, {audit.rated:,} rated pairs, {audit.therapists:,} therapists. "
            f"Tables as of {audit.as_of}; alliance in points of {audit.instrument}; shortlists of {audit.shortlist}."
        ),
        _format_paragraph(audit.verdict),
        "<h2>Significant differences</h2>",
        _format_paragraph(summarize_chance(audit)),
        _format_significant(audit),
        "<h2>How to read it</h2>",
        _format_list(READING_GUIDE),
        "<h2>By group of clients</h2>",
        *_format_metrics(audit, "client"),
        "<h2>By group of therapists</h2>",
        _format_paragraph("Groups only: no therapist is compared with another, and none is named."),
        *_format_metrics(audit, "therapist"),
        "<h3>Spread of exposure</h3>",
        _format_paragraph(summarize_exposure(audit)),
        *_format_exposure(audit),
        "<h3>Newcomers</h3>",
        _format_paragraph(summarize_newcomers(audit)),
        *_format_newcomers(audit),
        "<h2>What is hidden or missing</h2>",
        _format_paragraph(summarize_suppression(audit)),
        _format_paragraph(
            "No table contains clients who left before they were on a list, or clients who were never referred."
        ),
        "<h2>How it was made</h2>",
        _format_list(f"{what}: {value}" for what, value in _list_provenance(audit)),
        "</body></html>\n",
    ]
    return "\n".join(part for part in parts if part)


def _format_metrics(audit: FairnessAudit, side: str) -> Iterator[str]:
    """Yield the metrics of one side: what each measures, its chart, its numbers."""
    from attune_fit.app.views.fairness_charts import draw_groups

    for metric in GROUP_METRICS:
        if metric.side == side:
            whole, *cells = audit.compared.list_cells(metric.name)
            yield f"<h3>{escape(metric.title)}</h3>"
            yield _format_paragraph(f"{metric.description} {_format_whole(metric, whole)}")
            yield _format_paragraph(metric.caution, "aside")
            if any(cell.here for cell in cells):
                yield _format_image(draw_groups(metric, whole, cells), f"{metric.title} by group, with intervals")
            if cells:
                yield f"<details><summary>Numbers</summary>{_format_numbers(metric, cells)}</details>"


def _format_whole(metric: GroupMetric, whole: GroupResult) -> str:
    """Return the metric of all people, or why there is none."""
    if whole.here is None:
        return "Hidden: under 10 people." if whole.people is None else "Not measured."
    value, ends = format_amount(metric, whole)
    return f"All people: {value} ({ends})." if ends else f"All people: {value}."


def _format_significant(audit: FairnessAudit) -> str:
    rows = {row.name: row for row in GROUP_METRICS}
    cells = [cell for cell in audit.compared.cells if cell.stands_out and not cell.again]
    lines = [_format_row(rows[cell.figure], cell, first=rows[cell.figure].title, column=True) for cell in cells]
    return _format_table(("figure", *HEADERS[1:]), lines) if lines else ""


def _format_numbers(metric: GroupMetric, cells: Sequence[GroupResult]) -> str:
    columns = [cell.column for cell in cells]
    is_first = [at == 0 or columns[at - 1] != column for at, column in enumerate(columns)]
    return _format_table(HEADERS, [_format_row(metric, cell, first=cell.column if first else "") for cell, first in
                          zip(cells, is_first, strict=True)])  # fmt: skip


def _format_row(metric: GroupMetric, cell: GroupResult, first: str, *, column: bool = False) -> tuple[str, ...]:
    people = "" if cell.people is None else f"{cell.people:,}"
    adjusted = "" if cell.adjusted is None else "<.001" if cell.adjusted < 0.001 else f"{cell.adjusted:.3f}"[1:]
    group = f"{cell.column}: {cell.group}" if column else cell.group
    return (
        first.replace("_", " "),
        group,
        people,
        *format_amount(metric, cell),
        format_difference(metric, cell),
        adjusted,
    )


def _format_exposure(audit: FairnessAudit) -> Iterator[str]:
    from attune_fit.app.views.fairness_charts import draw_fifths

    if audit.spread is not None:
        yield _format_image(draw_fifths(audit.spread), "share of exposure by fifth of the roster")


def _format_newcomers(audit: FairnessAudit) -> Iterator[str]:
    from attune_fit.app.views.fairness_charts import draw_newcomer_exposure

    if audit.newcomers is not None:
        yield _format_image(draw_newcomer_exposure(audit.newcomers), "exposure of newcomers by weight in the tie-break")


def _list_provenance(audit: FairnessAudit) -> tuple[tuple[str, object], ...]:
    return (
        ("command", f"attune fairness CLINIC{'' if 'wait' in audit.whose else ' --all'} --out FILE.html"),
        ("seed of the random tie-break", audit.seed),
        ("tables, SHA-256", audit.data),
        ("bundle", audit.bundle),
        ("rules and settings, SHA-256", audit.policy),
    )


def _format_paragraph(text: str, kind: str = "") -> str:
    return f"<p{f' class={kind}' if kind else ''}>{escape(text)}</p>"


def _format_list(lines: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def _format_image(png: bytes, what: str) -> str:
    return f'<img alt="{escape(what)}" src="data:image/png;base64,{base64.b64encode(png).decode()}">'


def _format_table(headers: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(header)}</th>" for header in headers)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in line) + "</tr>" for line in lines)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


REPORT_FORMATS: dict[str, Callable[[FairnessAudit], str]] = {
    ".html": format_fairness_page,
    ".json": format_fairness_json,
}
