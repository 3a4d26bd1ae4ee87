"""Format a power plan as one self-contained HTML page with its power curves, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from attune_fit.app.views.power import HEADERS, format_cell
from attune_fit.data.report_pages.html_parts import (
    TableColumn,
    format_facts,
    format_list,
    format_paragraph,
    format_table,
    join_parts,
)
from attune_fit.data.report_pages.line_plot import PlotLine, draw_line_plot
from attune_fit.data.report_pages.point_plot import PlotPoint
from attune_fit.data.report_pages.report_formats import choose_report_format
from attune_fit.data.report_pages.report_page import Answer, Section, format_report_page
from attune_fit.data.storage.atomic_write import write_atomically

if TYPE_CHECKING:
    from attune_fit.data.report_pages.html_parts import Html
    from attune_fit.training.planning.power_plan import PowerPlan, StudySize

READING_GUIDE = (
    "Power is the share of simulated studies in which the test is significant. A test without a result counts as not "
    "found.",
    "The shaded area is the 95% interval of the simulation, and “±” its standard error in percentage points. More "
    "simulated studies would make both smaller.",
    "“limit” is the power with very many clients of the same therapists. A hyphen: there is no limit.",
    "“S” (type S error) is the share of significant results with the wrong sign. “M” (type M error) is how many "
    "times too large their estimates are, on average. Both are large where power is low.",
    "An effect that was estimated from the same data gives no power: it only repeats the p value.",
)
NOT_SHOWN = (
    "The plan assumes the effect. It does not show that there is one.",
    "Ceilings of a scale and clients with two therapists are not simulated.",
)


def choose_power_format(target: Path) -> Callable[[PowerPlan], str]:
    """Return the function that formats a plan for a file of this name; raises as :func:`choose_report_format`."""
    return choose_report_format(target, POWER_FORMATS)


def write_plan(target: Path, text: str) -> None:
    """Write a formatted plan, whole or not at all."""
    write_atomically(target, text)


def format_power_json(plan: PowerPlan) -> str:
    """Return the plan as JSON text."""
    return json.dumps(plan.to_dict(), indent=1, allow_nan=False) + "\n"


def format_power_page(plan: PowerPlan) -> str:
    """Return the page: one HTML file, which needs no other file."""
    from attune_fit.training.planning.power_sentences import KIND_NAMES, describe_answer, list_sentences

    facts = (("Term", KIND_NAMES[plan.assumed.kind]), ("Simulated studies", f"{plan.runs:,}"), ("Seed", str(plan.seed)))
    more = join_parts([format_list(list_sentences(plan))])
    answer = Answer(describe_answer(plan), more, "What it does not show", format_list(NOT_SHOWN))
    return format_report_page("Power before data", facts, answer, _build_sections(plan), ("Attune", "Simulated"))


def _build_sections(plan: PowerPlan) -> list[Section]:
    from attune_fit.training.planning.power_sentences import list_assumptions

    cells = zip(plan.cells, plan.ceilings, strict=True)
    columns = [TableColumn(title, is_number=place > 0) for place, title in enumerate(HEADERS)]
    assumed = (*list_assumptions(plan.assumed), ("people", plan.population))
    table = format_table(columns, [format_cell(cell, ceiling) for cell, ceiling in cells], "Power of every study")
    return [
        Section("curve", "Power curve", join_parts(list(_draw_curves(plan)))),
        Section("figures", "All figures", table),
        Section("reading", "How to read it", format_list(READING_GUIDE)),
        Section("assumptions", "Assumptions", format_facts(assumed)),
    ]


def _draw_curves(plan: PowerPlan) -> Iterator[Html]:
    """Yield the power by therapists; where they have several numbers of outcomes, that by outcomes for each of them."""
    sizes = plan.list_sizes()
    numbers = list(dict.fromkeys(size.therapists for size in sizes))
    if len(numbers) == len(sizes):
        yield _draw_curve(plan, sizes, "therapists")
        return
    for number in numbers:
        yield format_paragraph(f"{number:,} therapists")
        yield _draw_curve(plan, [size for size in sizes if size.therapists == number], "outcomes")


def _draw_curve(plan: PowerPlan, sizes: list[StudySize], axis: str) -> Html:
    from attune_fit.training.planning.power_sentences import format_effect

    lines = []
    for effect in plan.list_effects():
        points = []
        for size in sizes:
            cell = plan.get_cell(size, effect)
            points.append(PlotPoint(size._asdict()[axis], cell.power, *cell.interval))
        lines.append(PlotLine(f"effect {format_effect(effect)}", points, has_dots=True))
    description = f"Power by number of {axis}, for each effect."
    return draw_line_plot(
        lines, description=description, x_name=axis, y_name="power", including=(0, 1),
        format_x=lambda value: f"{value:,.0f}", format_y=lambda value: f"{value:.0%}", level=plan.target,
    )  # fmt: skip


POWER_FORMATS: dict[str, Callable[[PowerPlan], str]] = {".html": format_power_page, ".json": format_power_json}
