"""The command line `attune`: every command, in the panels and the order that ``attune --help`` shows.

Importing this module loads no heavy library, so that ``attune --help`` answers at once. Each command imports what it
needs when it runs. A command that is named is built alone, because the options of all of them take longer than those
of one.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Collection, Sequence
from functools import cache
from importlib import import_module
from typing import Annotated, Any

import typer

from attune_fit.app.terminal.usage_errors import VisibleUsageGroup
from attune_fit.app.terminal.visible_text import prepare_stream

PANELS: dict[str, tuple[str, ...]] = {  # each command is a function, or a group, in the module of its name
    "Commands": ("demo", "doctor"),
    "Desk": ("serve", "accounts"),
    "Clients": (
        *("rank", "rematch", "follow-up", "explain", "compare", "relax"),
        *("capacity", "why-not", "assign", "fairness"),
    ),
    "Lists": ("today", "waiting", "roster", "who-fits", "leaving"),
    "Journal": ("record", "journal", "client", "agreement"),
    "Log": ("log", "replay"),
    "Models": ("train", "models", "mlflow"),
    "Research": ("hypothesis", "power", "variance", "trial", "policy-value"),
    "Tables": ("init", "simulate", "check", "convert"),
}
HELP = """Rank the available therapists for a client by expected early working alliance, with reasons and intervals.

    CLINIC is a folder with the clinic's tables: clients and therapists, and optionally preferences, outcomes and
    conflicts. A file clinic.toml describes how to read them. Attune writes only to CLINIC/artifacts, and to the
    database of the journal if clinic.toml names one. `attune init` writes a first clinic.toml."""
EPILOG = """New here? [bold]attune demo[/bold] makes a synthetic clinic and ranks the therapists for one client.
    Exit codes: 0 done, 1 errors in the data (all are listed), 2 wrong usage."""
COMMANDS = frozenset(name for names in PANELS.values() for name in names)


@cache
def build_app(names: Collection[str] = COMMANDS) -> typer.Typer:
    """Build the command line with these commands, each of :data:`COMMANDS`.

    >>> [one.typer_instance.registered_commands[0].callback.__name__ for one in build_app(("rank",)).registered_groups]
    ['rank']
    """
    built = typer.Typer(
        name="attune",
        cls=VisibleUsageGroup,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        help=HELP,
        epilog=EPILOG,
    )
    built.callback(invoke_without_command=True)(show_version)
    for title, listed in PANELS.items():
        panel = typer.Typer()
        for name in (name for name in listed if name in names):
            module = name.replace("-", "_")
            command = getattr(import_module(f"attune_fit.app.commands.{module}"), module)
            if isinstance(command, typer.Typer):
                panel.add_typer(command, rich_help_panel=title)
            else:
                panel.command(rich_help_panel=title)(command)
        if panel.registered_commands or panel.registered_groups:
            built.add_typer(panel)
    return built


def build_named_command(words: Sequence[str]) -> typer.Typer:
    """Build the command that these words after ``attune`` name first, or else every command.

    >>> build_named_command(["rank", "--help"]) is build_app(("rank",))
    True
    >>> build_named_command(["--help"]) is build_app(COMMANDS)
    True
    """
    named = tuple(words[:1])
    return build_app(named if named and COMMANDS.issuperset(named) else COMMANDS)


def show_version(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.", is_eager=True)] = False,
) -> None:
    """Hold the options that belong to no command."""
    if version:
        from importlib import metadata

        typer.echo(f"attune {metadata.version('attune-fit')}")
        raise typer.Exit


def __getattr__(name: str) -> Any:
    """Return ``app``, the command line with all commands: it is built when it is first needed."""
    if name == "app":
        return build_app()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def main() -> None:
    """Run the command line, on any encoding of the terminal.

    No command needs LightGBM's own estimators, so it starts without scikit-learn. It needs no plugin of pydantic: the
    search for them reads every installed distribution. At its end Python would search all objects for cycles several
    times, which takes a tenth of a second; the memory is freed anyway.
    """
    atexit.register(gc.freeze)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    for stream in (sys.stdout, sys.stderr):
        prepare_stream(stream)
    from attune_fit.models.lightgbm_loading import suppress_scikit_learn

    suppress_scikit_learn()
    build_named_command(sys.argv[1:])()
