"""The command about learning: train."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from rich.markup import escape

from attune_fit.app.terminal.console import counted, out, print_json, said, table, working
from attune_fit.models.pair_effect_verdict import Verdict, format_correlation_interval


def trained(folder: Path, trials: int, minutes: float, seed: int | None, *, as_json: bool) -> None:
    """Train, print what was measured, and say whether the clinic's records help to choose."""
    from attune_fit.data.clinic.waiting_clients import find_waiting_clients
    from attune_fit.training.train import train
    from attune_fit.workspace import read_clinic

    with working("reading the tables") as step:
        clinic, tables = read_clinic(folder)
        seed = clinic.config.settings.seed if seed is None else seed
        result = train(clinic, tables, seed=seed, trials=trials, minutes=minutes, say=step)
    if as_json:
        verdict = {
            **asdict(result.verdict),
            "sentence": result.verdict.sentence,
            "reach": result.verdict.power_sentence,
        }
        names = ("bundle", "metrics", "n_outcomes", "run", "promoted", "because", "notes")
        plain = {name: getattr(result, name) for name in names}
        return print_json({**plain, "folder": str(result.folder), "verdict": verdict})
    if result.metrics:
        _show_metrics(result.metrics, result.n_outcomes)
    for note in result.notes:
        said(f"[yellow]Look into:[/yellow] {escape(note)}")
    show_verdict(result.verdict)
    state = "is live" if result.promoted else "is not used"
    said(f"[bold]Bundle {result.bundle} {state}.[/bold] {escape(result.because)}")
    said(f"Its card: [bold]attune models card {escape(str(folder))} {result.bundle}[/bold]")
    whom = "--waiting" if len(find_waiting_clients(clinic, tables)) else "--all --out ranking.csv"
    return said(f"Next: [bold]attune rank {escape(str(folder))} {whom}[/bold]")


def _show_metrics(metrics: dict[str, float], n_outcomes: int) -> None:
    """Print what was measured on records that were held back."""
    import math

    from attune_fit.training.evaluation.metrics import METRICS

    title = f"Measured on records held back, of {counted(n_outcomes, 'early alliance record')}"
    shown = table(title, "", ">value", "what it means")
    for metric in METRICS:
        value = metrics.get(metric.name, math.nan)
        shown.add_row(metric.name, "not measured" if math.isnan(value) else f"{value:.3f}", metric.description)
    out().print(shown)


def show_verdict(verdict: Verdict) -> None:
    """Print the verdict, what the model and simpler ways know of the same records, and what these could show at all."""
    if verdict.compared:
        title = "Who knows more of the choice, on the same records"
        shown = table(title, "", ">who suits whom", ">and who is rated highly")
        for row in verdict.compared:
            shown.add_row(
                row.name,
                *(
                    "not told apart" if span is None else format_correlation_interval(span)
                    for span in (row.within, row.over)
                ),
            )
        out().print(shown)
    said(f"[bold]Verdict:[/bold] {verdict.sentence}")
    if verdict.power_sentence:
        said(f"{verdict.power_sentence} That is for a model that knew it; one that learns finds less.")
