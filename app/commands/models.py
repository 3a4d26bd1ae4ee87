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
    from attune_fit.app.terminal.console import print_result
    from attune_fit.app.views.models import show_models
    from attune_fit.workspace import Workspace

    result = Workspace(clinic).models()
    return print_result(result, lambda: show_models(result.result), json)


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
    from attune_fit.app.terminal.console import print_note, print_result
    from attune_fit.app.views.models import show_promotion
    from attune_fit.workspace import open_clinic

    result = open_clinic(clinic, report_progress=print_note).promote(bundle, because, by=by)
    return print_result(result, lambda: show_promotion(bundle, result.result["overrides"]), json)


@models.command()
@handle_errors
def rollback(
    clinic: ClinicFolder,
    because: Annotated[str, typer.Option(metavar="TEXT", help="The reason; the ledger keeps it.")] = "",
    by: DecidedBy = "",
    json: AsJson = False,
) -> None:
    """Rank again with the bundle that was live before; with the starting model if there was none."""
    from attune_fit.app.terminal.console import print_note, print_result
    from attune_fit.app.views.models import show_rollback
    from attune_fit.workspace import open_clinic

    result = open_clinic(clinic, report_progress=print_note).rollback(because, by=by)
    return print_result(result, lambda: show_rollback(result.result["live"], result.result["replaced"], clinic), json)


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
            metavar="FILE",
            help="Write the card to this file: .html with charts, .json, or any other name for Markdown.",
        ),
    ] = None,
    json: AsJson = False,
) -> None:
    """Show a bundle's model card: its purpose, its data, what was measured and what was not."""
    from attune_fit.app.terminal.console import print_result
    from attune_fit.app.views.models import show_card, show_written_card
    from attune_fit.workspace import Workspace

    result = Workspace(clinic).model_card(bundle, out=out, as_json=json or None)
    if out is not None:
        return show_written_card(out)
    return print_result(result, lambda: show_card(result.result), json)
