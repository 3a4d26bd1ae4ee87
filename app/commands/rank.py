"""The command `attune rank`."""

from __future__ import annotations

from typing import Annotated

import typer

from attune_fit.app.terminal.arguments import (
    TABLE_SUFFIXES,
    AsJson,
    AsOfEvent,
    ClinicFolder,
    Cluster,
    Jobs,
    Raw,
    Seed,
    Shortlist,
    Why,
)
from attune_fit.app.terminal.errors import handle_errors


@handle_errors
def rank(
    clinic: ClinicFolder,
    client: Annotated[str | None, typer.Option(metavar="ID", help="One client: a shortlist with reasons.")] = None,
    waiting: Annotated[
        bool, typer.Option("--waiting", help="All clients who wait: a worklist, one line for each client.")
    ] = False,
    everyone: Annotated[bool, typer.Option("--all", help="All clients, as a worklist.")] = False,
    full: Annotated[
        bool, typer.Option("--full", help="With --waiting or --all: each client's shortlist, not the worklist.")
    ] = False,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help=f"Write one row per client × therapist, {TABLE_SUFFIXES}. A name that ends in / is a folder of "
            "Parquet files.",
        ),
    ] = None,
    raw: Raw = False,
    top: Annotated[
        int | None, typer.Option(min=1, help="With --out: only the first candidates of each client. Default: all.")
    ] = None,
    excluded: Annotated[
        bool | None,
        typer.Option(
            "--excluded/--no-excluded",
            help="With --out: also write the therapists that a rule excludes. Default: yes, but not with --top.",
        ),
    ] = None,
    jobs: Jobs = None,
    cluster: Cluster = None,
    shortlist: Shortlist = None,
    why: Why = False,
    facts: Annotated[
        bool,
        typer.Option(
            "--facts",
            help="Also print what to check: the two fields behind each reason, times in common, styles, openings.",
        ),
    ] = False,
    seed: Seed = None,
    as_of: AsOfEvent = None,
    json: AsJson = False,
) -> None:
    """Rank the available therapists for a client, with reasons; count why the others are ruled out.

    The sentence under the client's name is the verdict: whether the model,
    tested on your records, helps to choose between therapists.

    The worklist shows who is first for each client, how long the client waits,
    and what is missing. Clients without a candidate come first, then those with
    1 to 3, then the others; in each group the longest wait comes first.
    """
    from attune_fit.app.terminal.console import print_result, show_progress
    from attune_fit.workspace import open_clinic

    if sum((client is not None, waiting, everyone)) != 1:
        raise typer.BadParameter("name the clients: --client ID, --waiting or --all (exactly one of them).")
    if out is None and (top, excluded, jobs, cluster) != (None,) * 4:
        raise typer.BadParameter("--top, --excluded, --jobs and --cluster need --out FILE.")
    with show_progress("reading the tables") as report_progress:
        workspace = open_clinic(clinic, as_of, report_progress=report_progress)
        if out is not None:
            result = workspace.write_rankings(
                out, client, everyone=everyone, seed=seed, raw=raw, top=top, excluded=excluded, jobs=jobs,
                cluster=cluster,
            )  # fmt: skip
        elif client is not None:
            result = workspace.rank(client, seed=seed, log=True, shortlist=shortlist)
        elif full or why or facts or json:
            result = workspace.rank_waiting(everyone=everyone, seed=seed, log=True, shortlist=shortlist)
        else:
            result = workspace.worklist(everyone=everyone, seed=seed, log=True)
    if as_of is not None and not json:
        from attune_fit.app.views.journal import show_past_state

        show_past_state(workspace)
    # the log was written before: the reader of the output can end half-way (a closed pipe)
    from attune_fit.app.views.ranking import show_next_step, show_rankings, show_written_rankings

    if out is not None:
        return print_result(result, lambda: show_written_rankings(result.result, workspace, why=why), json)
    if client is not None or full or why or facts or json:
        print_result(result, lambda: show_rankings(result.result, workspace, shortlist, why=why, facts=facts), json)
        return None if client is None or json else show_next_step(result.result, str(clinic))
    from attune_fit.app.views.worklist import show_worklist

    return print_result(result, lambda: show_worklist(result.result, workspace, only_waiting=waiting), json)
