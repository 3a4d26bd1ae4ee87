"""The command `attune journal`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import TABLE_SUFFIXES, AsJson, ClinicFolder, Raw
from attune_fit.app.terminal.errors import DATA_AT_FAULT, handle_errors


@handle_errors
def journal(
    clinic: ClinicFolder,
    since: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="Only what happened from this day.")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="DAY", help="Only what happened up to this day.")] = None,
    client: Annotated[str | None, typer.Option(metavar="ID", help="Only events about this client.")] = None,
    therapist: Annotated[str | None, typer.Option(metavar="ID", help="Only events about this therapist.")] = None,
    last: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="How many events to show. Default: 20; with --json or --out all.",
            show_default=False,
        ),
    ] = None,
    settled: Annotated[
        bool,
        typer.Option("--settled", help="List the events that differ from a later export, and which Attune takes."),
    ] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help=f"Write one row per event, {TABLE_SUFFIXES}.")
    ] = None,
    raw: Raw = False,
    verify: Annotated[
        bool,
        typer.Option("--verify", help="Check that no event was changed, inserted or removed since it was recorded."),
    ] = False,
    backup: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Copy the journal into this file, whatever database holds it.")
    ] = None,
    restore: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Take a backup as the journal. It must hold every event that is there now."),
    ] = None,
    forget_client: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="Delete this client's id from the journal for good, once the export no longer has it. The events "
            "stay.",
        ),
    ] = None,
    forget_therapist: Annotated[
        str | None,
        typer.Option(metavar="ID", help="The same for a therapist's id."),
    ] = None,
    upgrade: Annotated[
        bool, typer.Option("--upgrade", help="Adapt a journal that an earlier version of Attune made.")
    ] = False,
    start_anew: Annotated[
        bool, typer.Option("--start-anew", help="Begin an empty journal where the earlier one is lost for good.")
    ] = False,
    json: AsJson = False,
) -> None:
    """List what happened after the export, the latest event last, and the offers that are open.

    `attune record` adds events. With --verify: exit code 0 if no event was
    changed, else 1. DAY is a day such as 2026-11-29.
    """
    from attune_fit.app.terminal.console import print_result
    from attune_fit.app.views import journal as view
    from attune_fit.workspace import Workspace

    actions = {
        "--verify": verify,
        "--settled": settled,
        "--backup": backup,
        "--restore": restore,
        "--start-anew": start_anew,
        "--upgrade": upgrade,
        "--forget-client": forget_client,
        "--forget-therapist": forget_therapist,
    }
    chosen = [name for name, value in actions.items() if value not in (None, False)]
    if len(chosen) > 1:
        raise typer.BadParameter(f"{' and '.join(chosen)} do different things: choose one.")
    if out is not None and chosen not in ([], ["--settled"]):
        raise typer.BadParameter(f"--out writes a list of events, and {chosen[0]} makes none.")
    workspace = Workspace(clinic)
    if verify:
        result = workspace.verify_journal()
        print_result(result, lambda: view.show_journal_check(result.result), json)
        if not all(check.is_whole for check in result.result.values()):
            raise typer.Exit(DATA_AT_FAULT)
        return None
    if backup is not None:
        result = workspace.back_up_journal(backup)
        return print_result(result, lambda: view.show_backup(result.result, clinic), json)
    if restore is not None:
        result = workspace.restore_journal(restore)
        return print_result(result, lambda: view.show_restored(result.result, clinic), json)
    if forget_client is not None:
        result = workspace.forget("client", forget_client)
        return print_result(result, lambda: view.show_forgotten(result.result), json)
    if forget_therapist is not None:
        result = workspace.forget("therapist", forget_therapist)
        return print_result(result, lambda: view.show_forgotten(result.result), json)
    if start_anew:
        result = workspace.start_journal_anew()
        return print_result(result, lambda: view.show_new_journal(clinic), json)
    if upgrade:
        result = workspace.upgrade_journal()
        return print_result(result, lambda: view.show_upgraded(result.result), json)
    result = workspace.journal(since=since, until=until, client=client, therapist=therapist, last=last,
                               settled=settled, out=out, raw=raw)  # fmt: skip
    if out is not None:
        return print_result(result, lambda: view.show_written_events(len(result.to_frame()), out), json)
    if settled:
        return print_result(result, lambda: view.show_settled_events(result.result, clinic), json)
    return print_result(result, lambda: view.show_events(result.result, clinic, last), json)
