"""The command `attune mlflow`."""

from __future__ import annotations

from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import ClinicFolder
from attune_fit.app.terminal.errors import handle_errors


@handle_errors
def mlflow(
    clinic: ClinicFolder,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes any that is free.")] = 5000,
) -> None:
    """Show MLflow's pages about the clinic's trainings, in a browser of this computer.

    The pages need the extra `mlflow`; an error shows the command that installs
    it. Stop them with Ctrl-C.
    """
    from attune_fit.app.terminal.console import print_note
    from attune_fit.app.terminal.mlflow_server import run_mlflow_pages
    from attune_fit.app.views.mlflow_pages import show_pages_end, show_pages_start

    run_mlflow_pages(clinic, port, show_pages_start, print_note)
    show_pages_end()
