"""Print a clinic's bundles, the decisions about them, and which one is active."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.markdown import Markdown
from rich.markup import escape
from rich.text import Text

from attune_fit.app.terminal.console import build_table, print_note, print_text
from attune_fit.app.views.log import format_cell
from attune_fit.models.active_pointer import STARTING_MODEL_NAME

if TYPE_CHECKING:
    from attune_fit.model_records import ModelCard, ModelList
    from attune_fit.training.promotion.ledger import Ledger, LedgerEntry


def show_models(models: ModelList) -> None:
    """Print every bundle with its last verdict, the active one marked; then the decisions, the last one first."""
    grid = build_table("", "", "bundle", ">records", "verdict")
    for name in models.bundles:
        mark = "●" if name == models.active else ""
        grid.add_row(*map(Text, (mark, name, *_format_bundle(name, models.find_last_entry(name)))))
    print_text(grid)
    if models.ledger.entries:
        _show_decisions(models.ledger)
    print_text(f"● marks the live model. Ledger: {escape(str(models.path))}")
    for fault in models.faults:
        print_note(Text.assemble(("Warning: the ledger was changed or is incomplete:", "yellow"), f" {fault}."))


def show_model_catalogue() -> None:
    """Print the models that a clinic can train, and the methods that serve comparison alone."""
    from attune_fit.training.methods.model_catalogue import MODELS

    grid = build_table("Models for attune train CLINIC --model NAME", "name", "to train", "what it is")
    for row in MODELS.values():
        grid.add_row(row.name, "yes" if row.is_trainable else "comparison only", row.description)
    print_text(grid)


def show_card(card: ModelCard) -> None:
    """Print a model card."""
    print_text(Markdown(card.to_markdown()))


def show_written_card(target: Path) -> None:
    """Print where a model card was written."""
    print_text(f"Written to [bold]{escape(str(target))}[/bold].")


def show_promotion(name: str, overrides: str) -> None:
    """Print that a bundle is active, and which decision of its training this overrides."""
    from attune_fit.training.promotion.promotion_decision import format_bundle_name

    print_text(f"[bold]{format_bundle_name(name).capitalize()} is live.[/bold] {escape(overrides)}")


def show_rollback(active: str, replaced: str, folder: Path) -> None:
    """Print which bundle is active again, which one it replaces, and the command that returns to that one."""
    from attune_fit.training.promotion.promotion_decision import format_bundle_name

    was = f", in place of {format_bundle_name(replaced)}" if replaced else ""
    print_text(f"[bold]{format_bundle_name(active).capitalize()} is live again[/bold]{was}.")
    if replaced:
        command = f'attune models promote {folder} {replaced} --because "..."'
        print_text(f"To return: [bold]{escape(command)}[/bold]")


def _show_decisions(ledger: Ledger) -> None:
    grid = build_table("Decisions, latest first", "when, UTC", "what", "bundle", "in place of", "why")
    for entry in reversed(ledger.entries):
        when = entry.when[:16].replace("T", " ")
        replaced = entry.replaced if entry.what not in ("refused", "kept") else ""
        cells = (when, entry.what, entry.bundle, replaced, entry.why)
        grid.add_row(*(Text(format_cell(cell)) for cell in cells))
    print_text(grid)


def _format_bundle(name: str, last: LedgerEntry | None) -> tuple[str, str]:
    """Return the number of records of a bundle, and the verdict on them."""
    if name == STARTING_MODEL_NAME:
        return "", "Published evidence, pooled with synthetic clinics."
    return ("", "Not in the ledger.") if last is None else (f"{last.n_outcomes:,}", format_cell(last.verdict))
