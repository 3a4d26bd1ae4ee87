"""The command `attune rematch`."""

from __future__ import annotations

from attune_fit.app.terminal.arguments import AsJson, ClientId, ClinicFolder, Seed, Shortlist, Why
from attune_fit.app.terminal.errors import handle_errors


@handle_errors
def rematch(
    clinic: ClinicFolder,
    client: ClientId,
    shortlist: Shortlist = None,
    why: Why = False,
    seed: Seed = None,
    json: AsJson = False,
) -> None:
    """Rank again for a client who has met a therapist: without that therapist, and with the client's own ratings.

    Also shows the expected alliance after a change and without one, and what changes brought in your records.
    """
    from attune_fit.app.terminal.console import print_result, show_progress
    from attune_fit.app.views.rematch import show_rematch
    from attune_fit.workspace import open_clinic

    with show_progress("reading the tables"):
        workspace = open_clinic(clinic)
        result = workspace.rematch(client, seed=seed, log=True, shortlist=shortlist)
    rematched, outcomes = result.result
    return print_result(result, lambda: show_rematch(rematched, outcomes, workspace, shortlist, why=why), json)
