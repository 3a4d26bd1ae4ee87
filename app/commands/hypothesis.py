"""The commands `attune hypothesis register`, `test`, `list` and `library`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson, ClinicFolder, DecidedBy
from attune_fit.app.terminal.errors import handle_errors

HypothesisFile = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", help="A hypothesis file, or a name that `attune hypothesis library` lists.", show_default=False
    ),
]
hypothesis = typer.Typer(
    name="hypothesis",
    no_args_is_help=True,
    help="""Register a claim about fit before its outcomes are there, and test it.

    A hypothesis is a file. `attune hypothesis library NAME` prints one to start from.""",
)


@hypothesis.command()
@handle_errors
def register(clinic: ClinicFolder, file: HypothesisFile, by: DecidedBy = "", json: AsJson = False) -> None:
    """Freeze a hypothesis in CLINIC/artifacts/hypotheses.jsonl, before its outcomes are looked at."""
    from attune_fit.app.terminal.console import print_result
    from attune_fit.app.views.registered_hypotheses import show_registration
    from attune_fit.workspace import open_clinic

    result = open_clinic(clinic).register_hypothesis(file, by=by)
    return print_result(result, lambda: show_registration(result.result, clinic, file), json)


@hypothesis.command("test")
@handle_errors
def run_tests(
    clinic: ClinicFolder,
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="Hypothesis files, or names of the library. Several are a family.",
            show_default=False,
        ),
    ],
    correction: Annotated[
        str, typer.Option(metavar="NAME", help="Of a family: `holm`, or `bh` (Benjamini-Hochberg).")
    ] = "holm",
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write a report to this file: .html with charts, or .json."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Test hypotheses: supported, not supported, or these data cannot tell.

    The test follows from the kind of term. Its unit is the therapist, because the
    records of one therapist are alike. All analyses that a file declares count.
    """
    from attune_fit.app.terminal.console import print_result, show_progress
    from attune_fit.app.views.hypothesis import show_hypothesis_tests
    from attune_fit.workspace import open_clinic

    with show_progress("reading the tables") as report_progress:
        workspace = open_clinic(clinic, report_progress=report_progress)
        result = workspace.test_hypothesis(files, correction=correction, out=out)
    return print_result(result, lambda: show_hypothesis_tests(result.result, out), json)


@hypothesis.command("list")
@handle_errors
def list_hypotheses(clinic: ClinicFolder, json: AsJson = False) -> None:
    """List the registered hypotheses, with the outcomes that were in the tables then."""
    from attune_fit.app.terminal.console import print_result
    from attune_fit.app.views.registered_hypotheses import show_registry
    from attune_fit.workspace import Workspace

    result = Workspace(clinic).hypotheses()
    return print_result(result, lambda: show_registry(result.result, clinic), json)


@hypothesis.command()
@handle_errors
def library(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Print this file. Default: list all.", show_default=False)
    ] = None,
) -> None:
    """List the published hypotheses that Attune ships, or print one as a file."""
    from attune_fit.app.views.registered_hypotheses import show_library, show_library_file

    return show_library() if name is None else show_library_file(name)
