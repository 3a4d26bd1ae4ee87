"""An audit of lists as one page that needs nothing else: text, pictures, and every number in tables."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from attune_fit.app.views.fairness_text import amount, apart, chance, left_out, newcomers, spread
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
HEADS = ("", "group", "people", "figure", "95% interval", "less all others", "adjusted p")
READ = (
    "A dot is a group's figure, the line its 95% interval: intervals made so hold what is true of such people, of whom "
    "these are some, about 19 times in 20. The grey line is everybody.",
    "Red stands out: the difference from all others is too large for chance, all differences on this page being "
    "counted. Of those in red one in twenty may still be chance.",
    "An interval that reaches far says that little is known, not that there is no difference.",
    "A difference does not say why there is one. Payer, language, wishes and rota go together; groups of one column "
    "are compared without holding the others still.",
    "Equal figures do not show that a clinic is fair, and unequal ones do not show that it is not.",
)


def page(found: FairnessAudit) -> str:
    """Write the page: one HTML file with its pictures inside."""
    name = f": {found.clinic}" if found.clinic else ""
    title = escape(f"Lists and outcomes by group{name}")
    parts = [
        f"<!doctype html>\n<html lang=en><head><meta charset=utf-8><title>{title}</title><style>{STYLE}</style></head>",
        f"<body><h1>{title}</h1>",
        _p(
            f"Lists of {found.clients:,} {found.whose}, {found.rated:,} rated pairs, {found.therapists:,} therapists. "
            f"Tables as of {found.as_of}; alliance in points of {found.instrument}; shortlists of {found.shortlist}."
        ),
        _p(found.verdict),
        "<h2>What stands out</h2>",
        _p(chance(found)),
        _standing_out(found),
        "<h2>How to read it</h2>",
        _items(READ),
        "<h2>By group of clients</h2>",
        *_figures(found, "client"),
        "<h2>By group of therapists</h2>",
        _p("Groups only: no therapist is set beside another, and none is named."),
        *_figures(found, "therapist"),
        "<h3>How attention is spread</h3>",
        _p(spread(found)),
        *_spread(found),
        "<h3>Newcomers</h3>",
        _p(newcomers(found)),
        *_newcomers(found),
        "<h2>Who is left out</h2>",
        _p(left_out(found)),
        _p("Clients who left before they were on a list, and those who were never referred, are in no table."),
        "<h2>How it was made</h2>",
        _items(f"{what}: {value}" for what, value in _made(found)),
        "</body></html>\n",
    ]
    return "\n".join(part for part in parts if part)


def _figures(found: FairnessAudit, side: str) -> Iterator[str]:
    """Every figure of one side: what it is, its picture, its numbers."""
    from attune_fit.app.views.fairness_charts import groups

    for figure in GROUP_METRICS:
        if figure.side == side:
            whole, *cells = found.compared.list_cells(figure.name)
            yield f"<h3>{escape(figure.title)}</h3>"
            yield _p(f"{figure.description} {_everybody(figure, whole)}")
            yield _p(figure.caution, "aside")
            if any(cell.here for cell in cells):
                yield _picture(groups(figure, whole, cells), f"{figure.title} by group, with intervals")
            if cells:
                yield f"<details><summary>Numbers</summary>{_numbers(figure, cells)}</details>"


def _everybody(figure: GroupMetric, whole: GroupResult) -> str:
    """The figure of everybody, or why there is none."""
    if whole.here is None:
        return "Not told: fewer than ten." if whole.people is None else "Not measured."
    value, ends = amount(figure, whole)
    return f"Everybody: {value} ({ends})." if ends else f"Everybody: {value}."


def _standing_out(found: FairnessAudit) -> str:
    rows = {row.name: row for row in GROUP_METRICS}
    out = [one for one in found.compared.cells if one.stands_out and not one.again]
    lines = [_line(rows[one.figure], one, first=rows[one.figure].title, column=True) for one in out]
    return _table(("figure", *HEADS[1:]), lines) if lines else ""


def _numbers(figure: GroupMetric, cells: Sequence[GroupResult]) -> str:
    columns = [cell.column for cell in cells]
    new = [at == 0 or columns[at - 1] != column for at, column in enumerate(columns)]
    return _table(HEADS, [_line(figure, cell, first=cell.column if first else "") for cell, first in
                          zip(cells, new, strict=True)])  # fmt: skip


def _line(figure: GroupMetric, cell: GroupResult, first: str, *, column: bool = False) -> tuple[str, ...]:
    people = "" if cell.people is None else f"{cell.people:,}"
    adjusted = "" if cell.adjusted is None else "<.001" if cell.adjusted < 0.001 else f"{cell.adjusted:.3f}"[1:]
    group = f"{cell.column}: {cell.group}" if column else cell.group
    return first.replace("_", " "), group, people, *amount(figure, cell), apart(figure, cell), adjusted


def _spread(found: FairnessAudit) -> Iterator[str]:
    from attune_fit.app.views.fairness_charts import fifths

    if found.spread is not None:
        yield _picture(fifths(found.spread), "share of attention by fifth of the roster")


def _newcomers(found: FairnessAudit) -> Iterator[str]:
    from attune_fit.app.views.fairness_charts import reach

    if found.newcomers is not None:
        yield _picture(reach(found.newcomers), "exposure of newcomers by lots in the draw")


def _made(found: FairnessAudit) -> tuple[tuple[str, object], ...]:
    return (
        ("command", f"attune fairness CLINIC{'' if 'wait' in found.whose else ' --all'} --out FILE.html"),
        ("seed of turns inside bands", found.seed),
        ("tables, SHA-256", found.data),
        ("bundle", found.bundle),
        ("rules and settings, SHA-256", found.policy),
    )


def _p(text: str, kind: str = "") -> str:
    return f"<p{f' class={kind}' if kind else ''}>{escape(text)}</p>"


def _items(lines: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def _picture(png: bytes, what: str) -> str:
    return f'<img alt="{escape(what)}" src="data:image/png;base64,{base64.b64encode(png).decode()}">'


def _table(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(one)}</td>" for one in line) + "</tr>" for line in lines)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
