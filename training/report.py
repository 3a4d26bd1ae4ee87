"""What a training measured, as a page to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from models.alliance import AllianceModel
from training.metrics import METRICS
from training.splits import SPLITS

if TYPE_CHECKING:
    from data.tables import Tables


def report(model: AllianceModel, metrics: Mapping[str, float], tables: Tables) -> str:
    """Markdown: the verdict, the figures, what the parts are; figures and counts only, no cell of a table."""
    claims = {row.name: row.says for row in SPLITS}
    lines = [
        "# What this model knows",
        "",
        model.verdict.sentence,
        "",
        f"{model.n_outcomes:,} early alliance records, {len(tables.clients):,} clients, "
        f"{len(tables.therapists):,} therapists; tables of {tables.as_of.isoformat()}.",
        "",
        "| figure | value | measured on | meaning |",
        "|---|---|---|---|",
    ]
    for row in METRICS:
        value = f"{metrics[row.name]:.3f}" if row.name in metrics else "not measured"
        lines.append(f"| {row.name} | {value} | {claims[row.split]} | {row.says} |")
    evidence = model.evidence
    share = 0.0 if model.learned is None else model.learned.share
    lines += [
        "",
        f"One standard deviation of early alliance is {evidence.unit:.1f} POMP points here; therapists differ by "
        f"{evidence.tau:.1f} beyond the features, {evidence.sigma:.1f} nobody explains. "
        f"Trees have a share of {share:.2f}.",
        "",
    ]
    return "\n".join(lines)
