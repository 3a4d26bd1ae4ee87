"""The command about learning: train."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from app.show import out, print_json, said, table, working


def trained(folder: Path, trials: int, seed: int | None, *, as_json: bool) -> None:
    """Train, print what was measured, and say whether the clinic's records help to choose."""
    from data.clinic import Clinic
    from data.reading import read
    from training.train import train

    with working("reading the tables") as step:
        clinic = Clinic.open(folder)
        tables = read(clinic)
        seed = clinic.config.settings.seed if seed is None else seed
        result = train(clinic, tables, seed=seed, trials=trials, say=step)
    if as_json:
        verdict = {**asdict(result.verdict), "sentence": result.verdict.sentence}
        plain = {name: getattr(result, name) for name in ("bundle", "metrics", "n_outcomes", "run")}
        return print_json({**plain, "folder": str(result.folder), "verdict": verdict})
    _show_metrics(result.metrics, result.n_outcomes)
    said(f"[bold]Verdict:[/bold] {result.verdict.sentence}")
    said(f"Bundle {result.bundle} is live in {result.folder}.")
    return said(f"Next: [bold]attune rank {folder} --waiting[/bold]")


def _show_metrics(metrics: dict[str, float], n_outcomes: int) -> None:
    """Print what was measured on clients the model had not seen."""
    import math

    from training.metrics import METRICS

    shown = table(f"measured on held-out clients ({n_outcomes:,} outcome records)", ">value", "what it means")
    for metric in METRICS:
        value = metrics.get(metric.name, math.nan)
        shown.add_row(metric.name, "not measured" if math.isnan(value) else f"{value:.3f}", metric.says)
    out().print(shown)
