"""The commands `attune models list`, `promote`, `rollback` and `card`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from attune_fit.app.terminal.arguments import AsJson, BundleName, ClinicFolder, DecidedBy
from attune_fit.app.terminal.errors import handle_errors


class ClinicFirstGroup(TyperGroup):
    """Commands that can follow their clinic: ``models CLINIC card`` is ``models card CLINIC``; alone, it lists."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the name of the command first."""
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            names_command = len(args) > 1 and args[1] in self.commands
            args = [args[1], args[0], *args[2:]] if names_command else ["list", *args]
        return super().parse_args(ctx, args)


models = typer.Typer(
    name="models",
    cls=ClinicFirstGroup,
    no_args_is_help=True,
    help="""List a clinic's models, show which one is live and why, and change it.

    Every decision is a line of CLINIC/artifacts/ledger.jsonl.""",
)


@models.command("list")
@handle_errors
def list_models(clinic: ClinicFolder, json: AsJson = False) -> None:
    """List the bundles, the decisions about them, and which one is live."""
    from dataclasses import asdict

    from attune_fit.app.terminal.console import print_json
    from attune_fit.app.views.models import find_ledger_faults, show_models
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.models.active_model import STARTING_MODEL_NAME, list_bundle_names, read_active_name
    from attune_fit.training.promotion.ledger import LEDGER_FILE, read_ledger

    source = Clinic.open(clinic)
    path = source.artifacts / LEDGER_FILE
    ledger, active, bundles = read_ledger(path), read_active_name(source), list_bundle_names(source)
    if not json:
        return show_models(bundles, active, ledger, path)
    return print_json(
        {
            "live": active,
            "bundles": [STARTING_MODEL_NAME, *bundles],
            "ledger": [asdict(entry) for entry in ledger.entries],
            "faults": find_ledger_faults(ledger, active),
        }
    )


@models.command()
@handle_errors
def promote(
    clinic: ClinicFolder,
    bundle: BundleName,
    because: Annotated[
        str, typer.Option(metavar="TEXT", help="The reason; the ledger keeps it. Write no names of clients.")
    ],
    by: DecidedBy = "",
    json: AsJson = False,
) -> None:
    """Rank with this bundle from now on, also where its training refused it."""
    from attune_fit.app.terminal.console import print_json
    from attune_fit.app.views.models import show_promotion
    from attune_fit.training.promotion.activate import promote_bundle
    from attune_fit.workspace import read_clinic

    overrides = promote_bundle(*read_clinic(clinic), bundle, because, by)
    if json:
        return print_json({"live": bundle, "because": because, "overrides": overrides})
    return show_promotion(bundle, overrides)


@models.command()
@handle_errors
def rollback(
    clinic: ClinicFolder,
    because: Annotated[str, typer.Option(metavar="TEXT", help="The reason; the ledger keeps it.")] = "",
    by: DecidedBy = "",
    json: AsJson = False,
) -> None:
    """Rank again with the bundle that was live before; with the starting model if there was none."""
    from attune_fit.app.terminal.console import print_json
    from attune_fit.app.views.models import show_rollback
    from attune_fit.training.promotion.activate import roll_back
    from attune_fit.workspace import read_clinic

    active, replaced = roll_back(*read_clinic(clinic), because, by)
    return print_json({"live": active, "replaced": replaced}) if json else show_rollback(active, replaced)


@models.command()
@handle_errors
def card(
    clinic: ClinicFolder,
    bundle: Annotated[
        str | None,
        typer.Argument(metavar="[BUNDLE]", help="A name that `attune models list` shows. Default: the live bundle."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write the card to this file: JSON if the name ends in .json, else Markdown."
        ),
    ] = None,
    json: AsJson = False,
) -> None:
    """Show a bundle's model card: its purpose, its data, what was measured and what was not."""
    from rich.markdown import Markdown
    from rich.markup import escape

    from attune_fit.app.terminal.console import print_json, print_text
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.writing.atomic_write import write_atomically
    from attune_fit.models.active_model import read_active_name
    from attune_fit.training.reporting.model_card_page import format_model_card
    from attune_fit.workspace import check_output_path, read_model_card

    source = Clinic.open(clinic)
    facts = read_model_card(source, read_active_name(source) if bundle is None else bundle)
    if out is not None:
        check_output_path(source, out)
        as_json = json or out.suffix == ".json"
        write_atomically(out, _format_json(facts) if as_json else format_model_card(facts))
        return print_text(f"Written to [bold]{escape(str(out))}[/bold].")
    return print_json(facts) if json else print_text(Markdown(format_model_card(facts)))


def _format_json(facts: dict[str, Any]) -> str:
    import json

    return json.dumps(facts, indent=1) + "\n"
