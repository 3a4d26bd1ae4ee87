"""Section of a page about a response surface: contour map, lines, checklist of a match, parameters, simpler shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attune_fit.data.report_pages.html_parts import (
    NOTHING,
    Html,
    TableColumn,
    format_details,
    format_element,
    format_paragraph,
    format_table,
    format_tag,
    join_parts,
)
from attune_fit.training.hypotheses.hypothesis_charts import format_ends, format_probability, format_sd
from attune_fit.training.hypotheses.surface_plots import draw_contour_plot, draw_surface_lines

CONTOUR_CAPTION = (
    "Lines: equal outcome, in {unit}. Blue: a higher outcome, brown: a lower one. Dashed: equal numbers. Solid: first "
    "principal axis, which is the ridge where a match is best. About 95% of the records are inside the dotted line."
)
LINES_CAPTION = "The outcome where both numbers are equal, and where one is the other's negative, with intervals."
WEAK_CHECKS = "A wide interval meets “is 0” easily: with few therapists, these conditions are weak."
MEANINGS = {
    "a1": "slope along equal numbers",
    "a2": "curve along equal numbers",
    "a3": "slope along opposite numbers",
    "a4": "curve along opposite numbers",
    "a5": "rotation of the ridge",
    "b1": "client",
    "b2": "therapist",
    "b3": "client squared",
    "b4": "client × therapist",
    "b5": "therapist squared",
    "p10": "ridge: intercept (equal numbers: 0)",
    "p11": "ridge: slope (equal numbers: 1)",
}


def format_surface_section(content: Mapping[str, Any]) -> Html:
    """Format the surface of a test; nothing for a test without one."""
    surface = content["surface"]
    if not surface:
        return NOTHING
    parts = [format_paragraph(surface["sentence"]), format_paragraph(surface["scale"], "hint")]
    if surface["plot"] is None:
        return join_parts(parts)
    unit = content["outcome_unit"]
    figures = (
        (draw_contour_plot(surface, unit), CONTOUR_CAPTION.format(unit=unit)),
        (draw_surface_lines(surface, unit), LINES_CAPTION),
    )
    charts = "".join(f"<figure>{plot}{format_element('figcaption', text, 'hint')}</figure>" for plot, text in figures)
    return join_parts([
        *parts,
        Html(f'<div class="charts">{charts}</div>'),
        format_element("h4", "Checklist of a match"),
        _format_checks(surface["checks"]),
        format_paragraph(WEAK_CHECKS, "hint"),
        format_paragraph(_describe_sides(surface["sides"]), "hint"),
        format_details("Parameters", _format_estimates([
            *surface["parameters"], *surface["coefficients"], *surface["axis"],
        ])),
        format_details("Simpler shapes", _format_shapes(surface["shapes"])),
    ])  # fmt: skip


def _format_checks(checks: Sequence[Mapping[str, Any]]) -> Html:
    rows = [
        (one["text"], format_tag(one["state"], is_strong=one["state"] != "met"), format_sd(one["value"]),
         format_ends(one["low"], one["high"]), "strict only" if one["is_strict"] else "any match")
        for one in checks
    ]  # fmt: skip
    columns = ("condition", TableColumn("state", is_short=True), TableColumn("value", is_number=True),
               TableColumn("interval", is_short=True), TableColumn("needed for", is_short=True))  # fmt: skip
    return format_table(columns, rows, "Checklist of a match")


def _format_estimates(estimates: Sequence[Mapping[str, Any]]) -> Html:
    rows = [
        (one["name"], MEANINGS[one["name"]], format_sd(one["value"]), format_ends(one["low"], one["high"]),
         format_probability(one["p"]))
        for one in estimates
    ]  # fmt: skip
    columns = ("parameter", "meaning", TableColumn("SD", is_number=True), TableColumn("interval", is_short=True),
               TableColumn("p", is_number=True))  # fmt: skip
    return format_table(columns, rows, "Parameters of the surface")


def _format_shapes(shapes: Sequence[Mapping[str, Any]]) -> Html:
    rows = [
        (one["name"], str(one["n_free"]), f"{one['aicc']:.1f}", f"{one['weight']:.2f}", format_probability(one["p"]))
        for one in shapes
    ]
    columns = ("shape", TableColumn("free parts", is_number=True), TableColumn("AICc", is_number=True),
               TableColumn("weight", is_number=True), TableColumn("p against it", is_number=True))  # fmt: skip
    return format_table(columns, rows, "Simpler shapes")


def _describe_sides(sides: Mapping[str, int | str]) -> str:
    listed = ", ".join(f"{name} {count}" for name, count in sides.items())
    return f"Records by side: {listed} (within half a unit)."
