"""The command `attune client`."""

from __future__ import annotations

from attune_fit.app.terminal.arguments import AsJson, ClientId, ClinicFolder
from attune_fit.app.terminal.errors import handle_errors


@handle_errors
def client(clinic: ClinicFolder, client: ClientId, json: AsJson = False) -> None:
    """Show one client: state, offers, wishes, cells, and every event about the client.

    The cells and wishes are those of the last export with the events applied.
    The JSON has `version`: give it to `attune record --expect`, so that nothing
    is recorded over a change that you have not seen.
    """
    from attune_fit.app.terminal.console import print_result, show_progress
    from attune_fit.app.views.client import show_client
    from attune_fit.workspace import open_clinic

    with show_progress("reading the tables"):
        result = open_clinic(clinic).client(client)
    return print_result(result, lambda: show_client(result.result, clinic), json)
