"""Format the parts of a fairness page: one section for each metric, exposure by fifths, exposure of newcomers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from attune_fit.app.terminal.console import format_count
from attune_fit.app.terminal.visible_text import show_hidden
from attune_fit.app.views.fairness_text import format_amount, format_difference, format_number
from attune_fit.data.report_pages.html_parts import (
    CHART_HEAD,
    NOTHING,
    Band,
    Html,
    Row,
    TableColumn,
    format_details,
    format_link,
    format_paragraph,
    format_table,
    format_tag,
    join_parts,
)
from attune_fit.data.report_pages.interval_bars import Scale, draw_axis, draw_bar, draw_interval
from attune_fit.data.report_pages.report_page import Section
from attune_fit.data.small_cells import MIN_GROUP_SIZE
from attune_fit.matching.fairness.group_metrics import GROUP_METRICS, GroupMetric

if TYPE_CHECKING:
    from attune_fit.matching.fairness.audit import ExposureSpread, FairnessAudit, NewcomerExposure
    from attune_fit.matching.fairness.group_comparison import GroupResult

HIDDEN_TEXT = f"hidden: fewer than {MIN_GROUP_SIZE} people, or needed to hide such a group"
EMPTY_TEXT = "no people"
INTERVAL, DIFFERENCE = TableColumn("95% interval", is_short=True), TableColumn("minus all others", is_short=True)
AXIS_NAMES = {"percent": "share", "therapists": "therapists", "points": "points of the questionnaire", "days": "days",
              "times": "times the exposure of a random order", "clients": "clients"}  # fmt: skip
METRICS = {row.name: row for row in GROUP_METRICS}


def format_overview(audit: FairnessAudit) -> Html:
    """Return one row for each metric: all people, and how many groups are compared, hidden and significant."""
    counts = [TableColumn(name, is_number=True) for name in ("groups compared", "hidden", "significant")]
    columns = [TableColumn("figure"), TableColumn("all people", is_number=True), INTERVAL, *counts]
    return format_table(columns, [_format_overview_row(audit, row) for row in GROUP_METRICS], "All figures")


def list_significant(audit: FairnessAudit) -> list[GroupResult]:
    """Return the significant differences, each once, in the order of the metrics."""
    return [cell for cell in audit.compared.cells if cell.stands_out and not cell.again]


def format_significant(audit: FairnessAudit) -> Html:
    """Return the significant differences as a table; a sentence where there is none."""
    cells = list_significant(audit)
    if not cells:
        return format_paragraph("No group differs significantly from all others.")
    columns = ("figure and group", TableColumn("figure", is_number=True), INTERVAL, DIFFERENCE,
               TableColumn("adjusted p", is_number=True), TableColumn("people", is_number=True))  # fmt: skip
    rows: list[Row] = []
    for name, group in groupby(cells, lambda cell: cell.figure):
        rows += [Band(METRICS[name].title), *(_format_difference_row(METRICS[name], cell) for cell in group)]
    return format_table(columns, rows, "Significant differences")


def build_metric_sections(audit: FairnessAudit, side: str) -> Iterator[Section]:
    """Yield a section for each metric of one side: what it measures, all people, then every group."""
    for metric in GROUP_METRICS:
        if metric.side == side:
            whole, *cells = audit.compared.list_cells(metric.name)
            n_found = sum(cell.stands_out for cell in cells)
            note = f"{n_found} significant" if n_found else ""
            yield Section(_anchor(metric), metric.title, _format_metric(metric, whole, cells), note, 3)


def format_fifths(spread: ExposureSpread | None) -> Html:
    """Return the share of all exposure that each fifth of the roster gets; nothing where it is hidden."""
    if spread is None:
        return NOTHING
    n, largest = len(spread.fifths), max(spread.fifths)
    names = ["fifth with the least", *(f"fifth {place}" for place in range(2, n)), "fifth with the most"]
    rows = [(name, draw_bar(share / largest), f"{share:.0%}") for name, share in zip(names, spread.fifths, strict=True)]
    table = format_table(
        ("of the roster", CHART_HEAD, TableColumn("share of exposure", is_number=True)), rows, "Exposure by fifth"
    )
    return join_parts([table, format_paragraph(f"A random order would give each fifth {1 / n:.0%}.", "hint")])


def format_newcomers(exposure: NewcomerExposure | None) -> Html:
    """Return the exposure of newcomers by their weight in the tie-break; nothing where it is hidden."""
    if exposure is None:
        return NOTHING
    largest = max(times for _, times in exposure.reach)
    rows = []
    for weight, times in exposure.reach:
        is_here = weight == exposure.newcomer_weight
        name = "first in every band" if weight is None else f"{weight:g}"
        mark = f"{name} {format_tag('this clinic')}" if is_here else name
        rows.append((Html(mark), draw_bar(times / largest, "" if is_here else "is-quiet"), f"{times:.2f}×"))
    columns = ("weight of a newcomer", CHART_HEAD, TableColumn("exposure", is_number=True))
    table = format_table(columns, rows, "Exposure of newcomers")
    return join_parts([table, format_paragraph("1× is the exposure of a random order.", "hint")])


def _format_metric(metric: GroupMetric, whole: GroupResult, cells: Sequence[GroupResult]) -> Html:
    """Return the content of a metric's section: the groups that differ, and every group behind one line."""
    parts = [format_paragraph(metric.description), format_paragraph(_format_whole(metric, whole))]
    if found := [cell for cell in cells if cell.stands_out]:
        parts.append(_format_groups(metric, whole, cells, found))
    if cells:
        n_hidden = sum(cell.people is None for cell in cells)
        hidden = f", {n_hidden} of them hidden" if n_hidden else ""
        groups = f"All {format_count(len(cells), 'group')}{hidden}"
        parts.append(format_details(groups, _format_groups(metric, whole, cells, cells)))
    return join_parts([*parts, format_paragraph(metric.caution, "hint")])


def _format_whole(metric: GroupMetric, whole: GroupResult) -> str:
    """Return the metric of all people, or why there is none."""
    if whole.here is None:
        return f"Hidden: under {MIN_GROUP_SIZE} people." if whole.people is None else "Not measured."
    value, ends = format_amount(metric, whole)
    return f"All people: {value} ({ends})." if ends else f"All people: {value}."


def _format_groups(
    metric: GroupMetric, whole: GroupResult, cells: Sequence[GroupResult], listed: Sequence[GroupResult]
) -> Html:
    """Return some groups of a metric as rows, each with its interval on the axis that all groups share."""
    known = [one.here for one in (whole, *cells) if one.here is not None]
    scale = Scale.from_values(end for here in known for end in (here.value, here.low, here.high))
    axis = draw_axis(scale, lambda tick: format_number(metric.unit, tick), f"Chart: {AXIS_NAMES[metric.unit]}")
    columns = ("group", TableColumn(axis), TableColumn("figure", is_number=True), INTERVAL, DIFFERENCE,
               TableColumn("people", is_number=True))  # fmt: skip
    rows: list[Row] = []
    for column, group in groupby(listed, lambda cell: cell.column):
        rows += [Band(_show(column.replace("_", " "))), *(_format_group(metric, scale, whole, cell) for cell in group)]
    return format_table(columns, rows, f"{metric.title} by group", "plain bars")


def _format_group(metric: GroupMetric, scale: Scale, whole: GroupResult, cell: GroupResult) -> tuple[str, ...]:
    if cell.here is None:
        text = format_paragraph(HIDDEN_TEXT if cell.people is None else EMPTY_TEXT, "hint")
        return _show(cell.group), text, "–", "", "", "" if cell.people is None else "0"
    band = reference = None
    if whole.here is not None:
        reference = whole.here.value
        if whole.here.low is not None and whole.here.high is not None:
            band = whole.here.low, whole.here.high
    here, css_class = cell.here, "is-out" if cell.stands_out else ""
    chart = draw_interval(scale, here.value, here.low, here.high, css_class=css_class, reference=reference, band=band)
    mark = format_tag("significant", is_strong=True) if cell.stands_out else ""
    name = join_parts([_show(cell.group), mark])
    return name, chart, *format_amount(metric, cell), format_difference(metric, cell), f"{cell.people:,}"


def _format_difference_row(metric: GroupMetric, cell: GroupResult) -> tuple[str, ...]:
    adjusted = "" if cell.adjusted is None else "<.001" if cell.adjusted < 0.001 else f"{cell.adjusted:.3f}"[1:]
    name = _show(f"{cell.column.replace('_', ' ')}: {cell.group}")
    return name, *format_amount(metric, cell), format_difference(metric, cell), adjusted, f"{cell.people:,}"


def _format_overview_row(audit: FairnessAudit, metric: GroupMetric) -> tuple[str, ...]:
    whole, *cells = audit.compared.list_cells(metric.name)
    n_compared, n_hidden = sum(cell.here is not None for cell in cells), sum(cell.people is None for cell in cells)
    n_significant = sum(cell.stands_out and not cell.again for cell in cells)
    title = format_link(metric.title, f"#{_anchor(metric)}")
    return title, *format_amount(metric, whole), f"{n_compared:,}", f"{n_hidden:,}", f"{n_significant:,}"


def _anchor(metric: GroupMetric) -> str:
    return f"figure-{metric.name.replace('_', '-')}"


def _show(name: str) -> str:
    """Return a name from a table on one line, with hidden characters visible."""
    return " ".join(show_hidden(name).split())
