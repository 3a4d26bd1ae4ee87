"""The command line: one verb a command, one place where what went wrong becomes an exit code.

Nothing heavy is imported here, so that ``attune --help`` answers at once; each command imports what it runs.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from app.failing import tells_faults

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


class ClinicFirst(TyperGroup):
    """Commands that may also follow their clinic: ``models CLINIC card`` as ``models card CLINIC``; alone, it lists."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Bring the command to the front."""
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            named = len(args) > 1 and args[1] in self.commands
            args = [args[1], args[0], *args[2:]] if named else ["list", *args]
        return super().parse_args(ctx, args)


class Mix(StrEnum):
    """What carries fit in a synthetic clinic."""

    balanced = "balanced"
    wishes = "wishes"
    style = "style"
    attachment = "attachment"
    problems = "problems"
    complementarity = "complementarity"
    threshold = "threshold"
    null = "null"


ClinicFolder = Annotated[
    Path, typer.Argument(metavar="CLINIC", help="Folder with clinic.toml and the tables.", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON for another program.")]
Seed = Annotated[
    int | None, typer.Option(min=0, help="Makes the run repeatable; without it the clinic's setting `seed`.")
]
ClientId = Annotated[
    str, typer.Option("--client", metavar="ID", help="A client_id of this clinic.", show_default=False)
]


def _list_worlds(asked: bool) -> None:
    """Print the named worlds and stop."""
    if asked:
        from app.simulating import list_worlds

        list_worlds()
        raise typer.Exit


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
    from app.demo import run

    run(clinic, seed)


@app.command()
@tells_faults
def simulate(
    clinic: Annotated[Path, typer.Argument(metavar="CLINIC", help="Folder to make; must be empty or new.")],
    world: Annotated[
        str,
        typer.Option(metavar="NAME|FILE", help="What is true: a named world (--worlds lists them), or a world.toml."),
    ] = "published",
    clients: Annotated[
        int | None, typer.Option(min=1, help="How many, a tenth of them waiting; the world's own size when left out.")
    ] = None,
    therapists: Annotated[int | None, typer.Option(min=1, help="How many; likewise.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same clinic.")] = 0,
    fit_share: Annotated[
        float | None,
        typer.Option(min=0.0, max=0.5, help="Share of variance that intake tells of the pair; makes room for itself."),
    ] = None,
    therapist_share: Annotated[
        float | None, typer.Option(min=0.0, max=0.5, help="Share of alliance variance that the therapist carries.")
    ] = None,
    mix: Annotated[Mix | None, typer.Option(help="What carries fit; null: nothing does.")] = None,
    items: Annotated[
        bool, typer.Option("--items", help="Keep the twelve answers of each form, not only scores.")
    ] = False,
    report: Annotated[
        bool,
        typer.Option(
            "--report", help="Compare clinics of this world and size with what is published: a table, and pictures."
        ),
    ] = False,
    _worlds: Annotated[
        bool, typer.Option("--worlds", help="List the named worlds and stop.", is_eager=True, callback=_list_worlds)
    ] = False,
    json: AsJson = False,
) -> None:
    """Make a synthetic clinic: tables as a clinic has them, and beside them the truth, which training never reads."""
    from app.simulating import simulated

    changes = {"fit": fit_share, "therapist": therapist_share, "mix": mix.value if mix else None}
    said = {name: value for name, value in changes.items() if value is not None}
    simulated(clinic, world, said, clients, therapists, seed, items=items, report=report, as_json=json)


@app.command()
@tells_faults
def check(
    clinic: ClinicFolder,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 on notes too.")] = False,
    json: AsJson = False,
) -> None:
    """List every fault of the clinic's tables at once: what stops, and what is only noted."""
    from app.making import checked

    checked(clinic, strict=strict, as_json=json)


@app.command()
@tells_faults
def convert(
    clinic: ClinicFolder,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the canonical tables.", show_default=False)],
    json: AsJson = False,
) -> None:
    """Write the clinic's tables in canonical form, as CSV."""
    from app.making import converted

    converted(clinic, out, as_json=json)


@app.command()
@tells_faults
def train(
    clinic: ClinicFolder,
    trials: Annotated[int, typer.Option(min=0, help="Settings of LightGBM to try with Optuna; 0 tries none.")] = 0,
    seed: Seed = None,
    json: AsJson = False,
) -> None:
    """Learn from the clinic's outcomes, measure what was learned, and say whether it helps to choose."""
    from app.learning import trained

    trained(clinic, trials, seed, as_json=json)


@app.command()
@tells_faults
def rank(
    clinic: ClinicFolder,
    client: Annotated[str | None, typer.Option(metavar="ID", help="One client: a shortlist with reasons.")] = None,
    waiting: Annotated[bool, typer.Option("--waiting", help="Every client who waits.")] = False,
    everyone: Annotated[bool, typer.Option("--all", help="Every client.")] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write one row per client × therapist, .csv or .parquet.")
    ] = None,
    shortlist: Annotated[int | None, typer.Option(min=1, help="How many to print; else the clinic's setting.")] = None,
    seed: Seed = None,
    json: AsJson = False,
) -> None:
    """Rank the therapists who can be offered, with reasons; and say why the others are not on the list."""
    from app.ranking import ranked

    ranked(clinic, client, waiting, everyone, out, shortlist, seed, as_json=json)


@app.command()
@tells_faults
def explain(
    clinic: ClinicFolder,
    client: ClientId,
    therapist: Annotated[
        str, typer.Option("--therapist", metavar="ID", help="A therapist_id of this clinic.", show_default=False)
    ],
    json: AsJson = False,
) -> None:
    """Show the sum behind one pair's score, part by part."""
    from app.ranking import explained

    explained(clinic, client, therapist, as_json=json)


models = typer.Typer(
    cls=ClinicFirst,
    no_args_is_help=True,
    help="""Which models a clinic has, which one is live, who made it so and why.

    Every decision is a line of CLINIC/artifacts/ledger.jsonl.""",
)
app.add_typer(models, name="models")
Bundle = Annotated[str, typer.Argument(metavar="BUNDLE", help="As `list` names it; `day0` is the one all start from.")]
By = Annotated[str, typer.Option(metavar="TEXT", help="Who decided, as far as it should be noted.")]


@models.command("list")
@tells_faults
def list_models(clinic: ClinicFolder, json: AsJson = False) -> None:
    """List the bundles, the decisions about them, and which one is live."""
    from app.promoting import listed

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
    from app.promoting import promoted

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
    from app.promoting import rolled_back

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
    from app.promoting import carded

    carded(clinic, bundle, out, as_json=json)


@app.command()
@tells_faults
def doctor(
    clinic: Annotated[Path | None, typer.Argument(metavar="[CLINIC]", help="Look at this clinic folder too.")] = None,
    json: AsJson = False,
) -> None:
    """Look for what could go wrong here: versions, clashing packages, write access."""
    from app.doctor import examined

    examined(clinic, as_json=json)


def main() -> None:
    """Run the command line."""
    app()
