"""The command line: one verb a command, one place where what went wrong becomes an exit code.

Nothing heavy is imported here, so that ``attune --help`` answers at once; each command imports what it runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from attune_fit.app.commands import learning, placing, tables
from attune_fit.app.terminal.arguments import AsJson
from attune_fit.app.terminal.errors import tells_faults

app = typer.Typer(
    name="attune",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="""Rank the therapists a clinic can offer a client by expected early working alliance; say why, and how sure.

    CLINIC is a folder with the clinic's tables (clients, therapists, and if there are any preferences, outcomes,
    conflicts) and a clinic.toml that says how to read them. Attune writes only under CLINIC/artifacts.""",
    epilog="""New here? [bold]attune demo[/bold] makes a synthetic clinic and ranks one client of it.
    Exit codes: 0 done, 1 the data is at fault (every fault is listed), 2 wrong usage.""",
)


@app.callback(invoke_without_command=True)
def attune(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.", is_eager=True)] = False,
) -> None:
    """Hold the options that belong to no command."""
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"attune {installed('attune-fit')}")
        raise typer.Exit


@app.command()
@tells_faults
def demo(
    clinic: Annotated[
        Path, typer.Argument(metavar="[CLINIC]", help="Folder to make; an earlier demo there is made anew.")
    ] = Path("demo"),
    seed: Annotated[int, typer.Option(min=0, help="Another seed is another clinic.")] = 0,
) -> None:
    """Make a synthetic clinic, train on it, and rank one waiting client: a minute's tour."""
    from attune_fit.app.demo import run

    run(clinic, seed)


for room in (placing, learning, tables):
    app.add_typer(room.commands)


@app.command()
@tells_faults
def doctor(
    clinic: Annotated[Path | None, typer.Argument(metavar="[CLINIC]", help="Look at this clinic folder too.")] = None,
    json: AsJson = False,
) -> None:
    """Look for what could go wrong here: versions, clashing packages, write access."""
    from attune_fit.app.doctor import examined

    examined(clinic, as_json=json)


def main() -> None:
    """Run the command line."""
    app()
