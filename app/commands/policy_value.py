"""The command `attune policy-value`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import TABLE_SUFFIXES, AsJson, ClinicFolder
from attune_fit.app.terminal.errors import handle_errors


@handle_errors
def policy_value(
    clinic: ClinicFolder,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the folds. Default: `seed` in clinic.toml.")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help=f"Write one row per figure, {TABLE_SUFFIXES}.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Estimate what the first places of the lists would have given, against what was done.

    It joins the log of rankings with the journal and the outcomes. The
    estimate is doubly robust and has a 95% interval. With an effective sample
    size below 50, or where therapists at the first place were never chosen
    for such clients, the answer is: these records cannot say.
    """
    from attune_fit.app.terminal.console import print_result
    from attune_fit.app.views.policy_value import show_policy_value
    from attune_fit.workspace import Workspace

    result = Workspace(clinic).policy_value(seed=seed, out=out)
    return print_result(result, lambda: show_policy_value(result.result, out), json)
