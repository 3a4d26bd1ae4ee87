"""Commands of a clinic that learns from its own records: train, and decide which model is live."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from attune_fit.app.terminal.arguments import AsJson, ClinicFolder, Seed
from attune_fit.app.terminal.errors import tells_faults

commands = typer.Typer()
PANEL = "Models"  # under which heading `--help` lists them


class ClinicFirst(TyperGroup):
    """Commands that may also follow their clinic: ``models CLINIC card`` as ``models card CLINIC``; alone, it lists."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Bring the command to the front."""
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            named = len(args) > 1 and args[1] in self.commands
            args = [args[1], args[0], *args[2:]] if named else ["list", *args]
        return super().parse_args(ctx, args)


@commands.command(rich_help_panel=PANEL)
@tells_faults
def train(
    clinic: ClinicFolder,
    trials: Annotated[int, typer.Option(min=0, help="Settings of LightGBM to try with Optuna; 0 tries none.")] = 0,
    minutes: Annotated[float, typer.Option(min=0.0, help="No trial is begun after so many.")] = 10.0,
    seed: Seed = None,
    json: AsJson = False,
) -> None:
    """Learn from the clinic's outcomes, measure what was learned, and say whether it helps to choose."""
    from attune_fit.app.learning import trained

    trained(clinic, trials, minutes, seed, as_json=json)


models = typer.Typer(
    cls=ClinicFirst,
    no_args_is_help=True,
    help="""Which models a clinic has, which one is live, who made it so and why.

    Every decision is a line of CLINIC/artifacts/ledger.jsonl.""",
)
commands.add_typer(models, name="models", rich_help_panel=PANEL)
Bundle = Annotated[str, typer.Argument(metavar="BUNDLE", help="As `list` names it; `day0` is the one all start from.")]
By = Annotated[str, typer.Option(metavar="TEXT", help="Who decided, as far as it should be noted.")]


@models.command("list")
@tells_faults
def list_models(clinic: ClinicFolder, json: AsJson = False) -> None:
    """List the bundles, the decisions about them, and which one is live."""
    from attune_fit.app.promoting import listed

    listed(clinic, as_json=json)


@models.command()
@tells_faults
def promote(
    clinic: ClinicFolder,
    bundle: Bundle,
    because: Annotated[str, typer.Option(metavar="TEXT", help="Why; it is kept in the ledger. No names of clients.")],
    by: By = "",
    json: AsJson = False,
) -> None:
    """Rank with a bundle from now on, whatever its training decided."""
    from attune_fit.app.promoting import promoted

    promoted(clinic, bundle, because, by, as_json=json)


@models.command()
@tells_faults
def rollback(
    clinic: ClinicFolder,
    because: Annotated[str, typer.Option(metavar="TEXT", help="Why; it is kept in the ledger.")] = "",
    by: By = "",
    json: AsJson = False,
) -> None:
    """Rank again with the bundle that was live before; with day 0 where there was none."""
    from attune_fit.app.promoting import rolled_back

    rolled_back(clinic, because, by, as_json=json)


@models.command()
@tells_faults
def card(
    clinic: ClinicFolder,
    bundle: Annotated[
        str | None, typer.Argument(metavar="[BUNDLE]", help="As `list` names it; the live one when left out.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it there: JSON where the name ends in .json.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Show a bundle's card: what it is for, what it was made from, what was measured and what was not."""
    from attune_fit.app.promoting import carded

    carded(clinic, bundle, out, as_json=json)
