"""The command line `attune`: every command, in the panels and the order that ``attune --help`` shows.

Importing this module loads no heavy library, so that ``attune --help`` answers at once. Each command imports what it
needs when it runs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from attune_fit.app.commands.assign import assign
from attune_fit.app.commands.capacity import capacity
from attune_fit.app.commands.check import check
from attune_fit.app.commands.convert import convert
from attune_fit.app.commands.demo import demo
from attune_fit.app.commands.doctor import doctor
from attune_fit.app.commands.explain import explain
from attune_fit.app.commands.fairness import fairness
from attune_fit.app.commands.follow_up import follow_up
from attune_fit.app.commands.journal import journal
from attune_fit.app.commands.log import log
from attune_fit.app.commands.models import models
from attune_fit.app.commands.rank import rank
from attune_fit.app.commands.record import record
from attune_fit.app.commands.relax import relax
from attune_fit.app.commands.rematch import rematch
from attune_fit.app.commands.replay import replay
from attune_fit.app.commands.simulate import simulate
from attune_fit.app.commands.train import train
from attune_fit.app.commands.why_not import why_not
from attune_fit.app.terminal.usage_errors import VisibleUsageGroup
from attune_fit.app.terminal.visible_text import prepare_stream

PANELS: dict[str, tuple[Callable[..., None] | typer.Typer, ...]] = {
    "Commands": (demo, doctor),
    "Clients": (rank, rematch, follow_up, explain, relax, capacity, why_not, assign, fairness),
    "Journal": (record, journal),
    "Log": (log, replay),
    "Models": (train, models),
    "Tables": (simulate, check, convert),
}

app = typer.Typer(
    name="attune",
    cls=VisibleUsageGroup,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="""Rank the available therapists for a client by expected early working alliance, with reasons and intervals.

    CLINIC is a folder with the clinic's tables: clients and therapists, and optionally preferences, outcomes and
    conflicts. A file clinic.toml describes how to read them. Attune writes only to CLINIC/artifacts, and to the
    database of the journal if clinic.toml names one.""",
    epilog="""New here? [bold]attune demo[/bold] makes a synthetic clinic and ranks the therapists for one client.
    Exit codes: 0 done, 1 errors in the data (all are listed), 2 wrong usage.""",
)


@app.callback(invoke_without_command=True)
def show_version(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.", is_eager=True)] = False,
) -> None:
    """Hold the options that belong to no command."""
    if version:
        from importlib import metadata

        typer.echo(f"attune {metadata.version('attune-fit')}")
        raise typer.Exit


def _add_panel(title: str, commands: tuple[Callable[..., None] | typer.Typer, ...]) -> None:
    """Add the commands of one panel, in the order given."""
    panel = typer.Typer()
    for command in commands:
        if isinstance(command, typer.Typer):
            panel.add_typer(command, rich_help_panel=title)
        else:
            panel.command(rich_help_panel=title)(command)
    app.add_typer(panel)


for _title, _commands in PANELS.items():
    _add_panel(_title, _commands)


def main() -> None:
    """Run the command line, on any encoding of the terminal.

    No command needs LightGBM's own estimators, so it starts without scikit-learn.
    """
    for stream in (sys.stdout, sys.stderr):
        prepare_stream(stream)
    from attune_fit.models.lightgbm_loading import suppress_scikit_learn

    suppress_scikit_learn()
    app()
