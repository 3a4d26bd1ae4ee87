"""The commands `attune trial plan`, `allocate`, `status` and `analyse`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson, ClientId, ClinicFolder
from attune_fit.app.terminal.errors import handle_errors

TrialName = Annotated[str, typer.Argument(metavar="NAME", help="Name of a planned trial.", show_default=False)]

trial = typer.Typer(
    name="trial",
    no_args_is_help=True,
    help="""Plan a randomised comparison of two orders of a client's list, allocate clients, and analyse it.

    Plans, allocations and looks are lines of CLINIC/artifacts/trials.jsonl. No line is changed later.""",
)


@trial.command()
@handle_errors
def plan(
    clinic: ClinicFolder,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The plan, a TOML file.", show_default=False)],
    preview: Annotated[
        bool, typer.Option("--preview", help="Show power and looks, and seal nothing: to compare plans.")
    ] = False,
    runs: Annotated[
        int | None,
        typer.Option(metavar="N", min=100, max=100_000, help="Simulated trials. Default: 4,000.", show_default=False),
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the analysis plan, as Markdown.")] = None,
    json: AsJson = False,
) -> None:
    """Compute the power of a trial by simulation, write its analysis plan, and seal both."""
    from attune_fit.app.terminal.console import print_result, show_progress
    from attune_fit.app.views.trial import show_plan
    from attune_fit.workspace import Workspace

    with show_progress("reading the tables") as report_progress:
        result = Workspace(clinic, report_progress).plan_trial(file, preview=preview, runs=runs, out=out)
    return print_result(result, lambda: show_plan(result.result, clinic, out), json)


@trial.command()
@handle_errors
def allocate(clinic: ClinicFolder, name: TrialName, client: ClientId, json: AsJson = False) -> None:
    """Allocate a waiting client to an arm, and show the client's list in the order of the arm.

    The allocation is sealed before the list is shown. A client who was
    allocated before keeps the arm. The arm is not shown.
    """
    from attune_fit.app.terminal.console import print_result, show_progress
    from attune_fit.app.views.trial import show_allocated_list
    from attune_fit.workspace import Workspace

    with show_progress("reading the tables") as report_progress:
        result = Workspace(clinic, report_progress).allocate_client(name, client)
    return print_result(result, lambda: show_allocated_list(result.result, clinic), json)


@trial.command()
@handle_errors
def status(clinic: ClinicFolder, name: TrialName, json: AsJson = False) -> None:
    """Show how far a trial is: clients allocated, offered, started and with an outcome. Arms are not compared."""
    from attune_fit.app.terminal.console import print_result, show_progress
    from attune_fit.app.views.trial import show_status
    from attune_fit.workspace import Workspace

    with show_progress("reading the tables") as report_progress:
        result = Workspace(clinic, report_progress).trial_status(name)
    return print_result(result, lambda: show_status(result.result, clinic), json)


@trial.command()
@handle_errors
def analyse(
    clinic: ClinicFolder,
    name: TrialName,
    unplanned: Annotated[
        str,
        typer.Option(
            metavar="TEXT",
            help="Reason for a look that was not planned. It is sealed and marked, and decides nothing.",
            show_default=False,
        ),
    ] = "",
    end: Annotated[
        str,
        typer.Option(
            metavar="TEXT",
            help="Why no more outcomes will come in, such as the end of recruitment. This look is then the last.",
            show_default=False,
        ),
    ] = "",
    json: AsJson = False,
) -> None:
    """Analyse a trial at a planned look, by intention to treat, and seal the look."""
    from attune_fit.app.terminal.console import print_result, show_progress
    from attune_fit.app.views.trial import show_analysis
    from attune_fit.workspace import Workspace

    with show_progress("reading the tables") as report_progress:
        result = Workspace(clinic, report_progress).analyse_trial(name, unplanned=unplanned, end=end)
    return print_result(result, lambda: show_analysis(result.result, clinic), json)
