"""Print a power plan: the answer, the power of each size and effect, and the therapists that each effect needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from attune_fit.app.terminal.console import build_table, format_count, print_text

if TYPE_CHECKING:
    from attune_fit.training.planning.power_plan import PowerPlan
    from attune_fit.training.planning.simulated_power import PowerCell

NOTHING = "-"
HEADERS = ("therapists", "outcomes", "effect", "power", "±", "limit", "S", "M", "failed")
KEY = (
    "±: Monte Carlo standard error, in percentage points. limit: power with very many clients of the same therapists. "
    "S: significant results with the wrong sign (type S error). M: how many times too large a significant estimate is "
    "(type M error). failed: tests without a result, which count as not found."
)


def show_power(plan: PowerPlan, out: Path | None = None) -> None:
    """Print the plan; ``out`` is the file that it was written to."""
    from attune_fit.training.planning.power_sentences import describe_answer, list_assumptions, list_sentences

    print_text(Text(describe_answer(plan), style="bold"))
    for sentence in list_sentences(plan):
        print_text(Text(sentence))
    _show_cells(plan)
    print_text(Text(f"People: {plan.population}.", style="dim"))
    assumed = "; ".join(f"{name}: {value}" for name, value in list_assumptions(plan.assumed))
    print_text(Text(f"Assumed: {assumed}. Seed {plan.seed}.", style="dim"))
    if out is not None:
        print_text(Text.assemble(f"{format_count(len(plan.cells), 'row')} in ", (str(out), "bold")))


def _show_cells(plan: PowerPlan) -> None:
    title = f"Power ({plan.runs:,} simulated studies)"
    n_columns = len(HEADERS) if plan.failed else len(HEADERS) - 1  # the last one counts failures
    grid = build_table(title, *(f">{header}" for header in HEADERS[:n_columns]))
    for cell, ceiling in zip(plan.cells, plan.ceilings, strict=True):
        grid.add_row(*format_cell(cell, ceiling)[:n_columns])
    print_text(grid)
    print_text(Text(KEY, style="dim"))


def format_cell(cell: PowerCell, ceiling: float | None) -> tuple[str, ...]:
    """Return the cells of a row: size, effect, power, its error and limit, errors of significant results, failures.

    The limit of a rate of false alarms, and of a term without one, is a hyphen.
    """
    from attune_fit.training.planning.power_sentences import format_effect

    study = cell.study
    return (
        f"{study.therapists:,}",
        f"{study.outcomes:,}",
        format_effect(study.effect),
        format_share(cell.power),
        f"{100 * cell.standard_error:.1f}",
        NOTHING if ceiling is None or not study.effect else format_share(ceiling),
        NOTHING if cell.sign_error is None else format_share(cell.sign_error),
        NOTHING if cell.exaggeration is None else f"{cell.exaggeration:.1f}",
        f"{cell.failed:,}",
    )


def format_share(share: float) -> str:
    """Return a share for a cell of a table.

    >>> format_share(0.154), format_share(0.001)
    ('15%', '<1%')
    """
    from attune_fit.training.planning.power_sentences import format_percent

    return format_percent(share).replace("under ", "<").replace("over ", ">")
