"""The command `attune simulate`."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from attune_fit.app.terminal.arguments import AsJson
from attune_fit.app.terminal.errors import handle_errors

if TYPE_CHECKING:
    from attune_fit.data.synthetic.calibration.calibration_comparison import StatisticComparison
    from attune_fit.data.synthetic.world import World

MIN_REPORT_CLIENTS, MIN_REPORT_THERAPISTS = 30, 3  # below, the statistics of a report cannot be computed
REPORT_CLINICS = 10  # clinics of the same world and size from which the report's intervals are computed


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


def _list_worlds(flag: bool) -> None:
    """Print the named worlds and stop."""
    if flag:
        from attune_fit.app.views.calibration import show_worlds

        show_worlds()
        raise typer.Exit


@handle_errors
def simulate(
    clinic: Annotated[Path, typer.Argument(metavar="CLINIC", help="Folder to make; it must be new or empty.")],
    world: Annotated[
        str,
        typer.Option(
            metavar="NAME|FILE", help="The true effects: a named world (--worlds lists them), or a world.toml."
        ),
    ] = "published",
    clients: Annotated[
        int | None, typer.Option(min=1, help="Number of clients; a tenth of them wait. Default: the size of the world.")
    ] = None,
    therapists: Annotated[
        int | None, typer.Option(min=1, help="Number of therapists. Default: the size of the world.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same clinic.")] = 0,
    fit_share: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            max=0.5,
            help="Share of alliance variance from fit, which intake predicts. The pair's share grows with it.",
        ),
    ] = None,
    therapist_share: Annotated[
        float | None, typer.Option(min=0.0, max=0.5, help="Share of alliance variance from the therapist.")
    ] = None,
    mix: Annotated[Mix | None, typer.Option(help="Which features carry fit; null: none.")] = None,
    items: Annotated[
        bool, typer.Option("--items", help="Write the twelve answers of each form, not only scores.")
    ] = False,
    report: Annotated[
        bool,
        typer.Option(
            "--report", help="Compare clinics of this world and size with published statistics: a table and charts."
        ),
    ] = False,
    _worlds: Annotated[
        bool, typer.Option("--worlds", help="List the named worlds and stop.", is_eager=True, callback=_list_worlds)
    ] = False,
    json: AsJson = False,
) -> None:
    """Make a synthetic clinic: its tables, and in a folder of its own the truth, which training never reads."""
    from attune_fit.app.terminal.console import format_count, print_json, show_progress
    from attune_fit.app.views.calibration import show_simulation
    from attune_fit.data.faults import DataFault
    from attune_fit.data.synthetic import simulate as synthetic
    from attune_fit.data.synthetic.named_worlds import WORLDS
    from attune_fit.data.synthetic.world_file import find_world

    if clinic.exists() and (not clinic.is_dir() or any(clinic.iterdir())):
        fix = "Name a new or an empty folder; nothing was changed."
        raise DataFault.error("folder-not-empty", str(clinic), "", "the folder is not empty", fix=fix)
    size = WORLDS.get(world, WORLDS["published"])
    clients, therapists = clients or size.clients, therapists or size.therapists
    truth = _change_world(find_world(world), fit_share, therapist_share, mix)
    if report and (clients < MIN_REPORT_CLIENTS or therapists < MIN_REPORT_THERAPISTS):
        raise typer.BadParameter(
            f"--report needs at least {MIN_REPORT_CLIENTS} clients and {MIN_REPORT_THERAPISTS} therapists"
        )
    with show_progress(
        f"making {format_count(clients, 'client')} and {format_count(therapists, 'therapist')}"
    ) as report_progress:
        try:
            made = synthetic.simulate(clients, therapists, seed, truth, items=items)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None
        synthetic.write_clinic(made, clinic)
        comparisons = (
            _compare_with_published(clinic, truth, clients, therapists, seed, report_progress) if report else []
        )
    n_outcomes = len(made.tables.outcomes)
    if not json:
        return show_simulation(clinic, clients, therapists, n_outcomes, comparisons, REPORT_CLINICS)
    result: dict[str, Any] = {
        "clinic": str(clinic),
        "world": world,
        "clients": len(made.tables.clients),
        "therapists": len(made.tables.therapists),
        "outcomes": n_outcomes,
        "seed": seed,
        "truth": str(clinic / "truth"),
    }
    if report:
        result["calibration"] = [comparison.to_dict() for comparison in comparisons]
    return print_json(result)


def _change_world(world: World, fit_share: float | None, therapist_share: float | None, mix: Mix | None) -> World:
    """Return the world with the options typed; where fit is larger than the pair's share, the share grows with it."""
    from attune_fit.data.synthetic.world import MIXES

    options = {"fit": fit_share, "therapist": therapist_share, "mix": mix.value if mix else None}
    changes: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    if "mix" in changes:
        changes["carriers"] = ()
    carriers = MIXES[changes["mix"]] if "mix" in changes else world.carrier_shares
    if changes.get("fit") and not carriers:
        raise typer.BadParameter(
            "no feature carries fit in this world: name the features with --mix, or leave out --fit-share"
        )
    if changes.get("mix") == "null":
        changes["fit"] = 0.0
    if changes.get("fit", 0.0) > world.dyad:
        changes["dyad"] = changes["fit"]
    try:
        return world.replace(**changes) if changes else world
    except ValueError as error:
        messages = [str(each["msg"]).removeprefix("Value error, ") for each in error.errors()]  # type: ignore[attr-defined]
        raise typer.BadParameter("; ".join(messages)) from None


def _compare_with_published(
    folder: Path, world: World, clients: int, therapists: int, seed: int, report_progress: Callable[[str], None]
) -> list[StatisticComparison]:
    """Compare clinics of this world and size with published statistics; write the page with charts."""
    from attune_fit.data.synthetic.calibration.calibration_comparison import run_calibration
    from attune_fit.data.synthetic.calibration.calibration_page import write_calibration_page

    comparisons = run_calibration(world, clients, therapists, range(seed, seed + REPORT_CLINICS), report_progress)
    report_progress("drawing charts")
    write_calibration_page(comparisons, world, clients, therapists, seed, folder / "truth" / "calibration.html")
    return comparisons
