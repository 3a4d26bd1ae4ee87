"""Print what a training measured, its verdict, and which model is active after it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.markup import escape

from attune_fit.app.terminal.console import build_table, format_count, print_text
from attune_fit.models.pair_effect_verdict import format_correlation_interval

if TYPE_CHECKING:
    from attune_fit.models.pair_effect_verdict import Verdict
    from attune_fit.training.train import TrainingResult
    from attune_fit.workspace import Workspace


def show_training(result: TrainingResult, workspace: Workspace) -> None:
    """Print the metrics, the cautions, the verdict, what was decided, and the next command."""
    name = escape(str(workspace.folder))
    if result.metrics:
        _show_metrics(result)
    for note in result.notes:
        print_text(f"[yellow]Caution:[/yellow] {escape(note)}")
    if result.run_note:
        print_text(f"[yellow]This run is not in MLflow:[/yellow] {escape(result.run_note)}")
    if result.tuning:
        print_text(result.tuning.sentence)
    show_verdict(result.verdict)
    state = "is live" if result.promoted else "is not live"
    print_text(f"[bold]Bundle {result.bundle} {state}.[/bold] {escape(result.because)}")
    if result.promoted:
        print_text(f"Lists now come from this bundle. To return: [bold]attune models rollback {name}[/bold]")
    print_text(f"Model card: [bold]attune models card {name} {result.bundle}[/bold]")
    whom = "--waiting" if workspace.list_client_ids(waiting_only=True) else "--all --out ranking.csv"
    print_text(f"Next: [bold]attune rank {name} {whom}[/bold]")


def _show_metrics(result: TrainingResult) -> None:
    """Print each metric on held-out records, with its spread over repeated splits and its meaning."""
    from attune_fit.training.evaluation.metrics import METRICS

    title = f"Measured on held-out records, of {format_count(result.n_outcomes, 'early alliance record')}"
    grid = build_table(title, "", ">mean ± SD over splits", "what it means")
    for metric in METRICS:
        value, splits = result.metrics.get(metric.name, math.nan), result.n_splits.get(metric.split, 1)
        spread = f" ± {result.metrics_spread[metric.name]:.3f}" if splits > 1 and not math.isnan(value) else ""
        cell = "not measured" if math.isnan(value) else f"{value:.3f}{spread}"
        grid.add_row(metric.name, cell, metric.description)
    print_text(grid)


def show_verdict(verdict: Verdict) -> None:
    """Print the comparison with simpler methods, the verdict, and the smallest effect these records could show."""
    if verdict.compared:
        title = "Comparison with simpler methods, on the same held-out records"
        grid = build_table(title, "", ">who suits whom", ">and who is rated high")
        for row in verdict.compared:
            intervals = (row.within, row.over)
            cells = ("the same for all" if r is None else format_correlation_interval(r) for r in intervals)
            grid.add_row(row.name, *cells)
        print_text(grid)
    print_text(f"[bold]Verdict:[/bold] {verdict.sentence}")
    if verdict.power_sentence:
        print_text(f"{verdict.power_sentence} This is an upper limit: it assumes the true effect is known.")
