"""The command `attune rank`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from attune_fit.app.terminal.arguments import AsJson, ClinicFolder, Seed, Shortlist, Why
from attune_fit.app.terminal.errors import handle_errors
from attune_fit.data.formats.table_formats import format_suffixes

if TYPE_CHECKING:
    from attune_fit.matching.ranking.ranking_result import Ranking
    from attune_fit.workspace import Workspace


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
        Path | None, typer.Option(metavar="FILE", help=f"Write one row per client × therapist, {format_suffixes()}.")
    ] = None,
    shortlist: Shortlist = None,
    why: Why = False,
    seed: Seed = None,
    json: AsJson = False,
) -> None:
    """Rank the available therapists for a client, with reasons; count why the others are ruled out.

    The sentence under the client's name is the verdict: whether your records
    help to choose between therapists.

    The worklist shows who is first for each client, how long the client waits,
    and what is missing. Clients without a candidate come first, then those with
    1 to 3, then the others; in each group the longest wait comes first.
    """
    from attune_fit.app.terminal.console import print_text, show_progress
    from attune_fit.app.views.ranking import explain_empty_waiting_list
    from attune_fit.workspace import list_client_ids, open_clinic

    if sum((client is not None, waiting, everyone)) != 1:
        raise typer.BadParameter("name the clients: --client ID, --waiting or --all (exactly one of them).")
    with show_progress("reading the tables"):
        workspace = open_clinic(clinic)
        seed = workspace.clinic.config.settings.seed if seed is None else seed
        ids = (
            [client]
            if client is not None
            else list_client_ids(workspace.clinic, workspace.tables, waiting_only=not everyone)
        )
    _note_unused_outcomes(workspace)
    if out is not None:
        return _write_rankings(workspace, ids, out, seed, why=why, as_json=json)
    if not ids and not json:
        return print_text(explain_empty_waiting_list(workspace.clinic))
    if client is None and not (full or why or json):
        return _print_worklist(workspace, ids, shortlist, seed, clinic, only_waiting=waiting)
    return _print_rankings(workspace, ids, shortlist, seed, one_client=client is not None, why=why, as_json=json)


def _note_unused_outcomes(workspace: Workspace) -> None:
    """Print a note where the clinic has outcomes and no model fitted to them is active."""
    from attune_fit.app.terminal.console import format_count, print_note
    from attune_fit.models.active_model import is_trained, list_bundle_names

    clinic, n_outcomes = workspace.clinic, len(workspace.tables.outcomes)
    if not n_outcomes or is_trained(clinic):
        return
    records = f"Note: this clinic has {format_count(n_outcomes, 'outcome record')}"
    if list_bundle_names(clinic):
        print_note(f"{records}, but no model trained on them is live. See: attune models list {clinic.folder}")
    else:
        print_note(f"{records}, but no model was trained on them yet. Next: attune train {clinic.folder}")


def _print_rankings(
    workspace: Workspace,
    ids: list[str],
    shortlist: int | None,
    seed: int,
    *,
    one_client: bool,
    why: bool,
    as_json: bool,
) -> None:
    """Log the rankings, then print a shortlist for each client; the JSON of ``one_client`` is not a list."""
    from attune_fit.app.terminal.console import print_json
    from attune_fit.app.views.ranking import show_ranking

    rankings = _rank_and_log(workspace, ids, shortlist, seed)
    if as_json:
        plain = [ranking.to_dict() for ranking in rankings]
        return print_json(plain[0] if one_client else plain)
    for ranking in rankings:
        instrument = workspace.clinic.instruments[ranking.instrument]
        show_ranking(ranking, instrument, workspace.model.verdict.plain_sentence, shortlist, why=why)
    return None


def _print_worklist(
    workspace: Workspace, ids: list[str], shortlist: int | None, seed: int, folder: Path, *, only_waiting: bool
) -> None:
    """Log the rankings, then print one line for each client."""
    from attune_fit.app.views.worklist import show_worklist
    from attune_fit.matching.ranking.scored_roster import RosterScorer
    from attune_fit.matching.ranking.worklist import build_worklist

    rankings = _rank_and_log(workspace, ids, shortlist, seed)
    scorer = RosterScorer.from_clinic(workspace.model, workspace.clinic, workspace.tables, seed)
    verdict = workspace.model.verdict.plain_sentence
    show_worklist(build_worklist(rankings, scorer), verdict, str(folder), only_waiting=only_waiting)


def _rank_and_log(workspace: Workspace, ids: list[str], shortlist: int | None, seed: int) -> list[Ranking]:
    """Rank for each client, and log the rankings before any of them is printed.

    The reader of the output can end half-way (a closed pipe): every ranking that was shown is in the log even then.
    """
    from attune_fit.app.terminal.console import format_count, print_note, show_progress
    from attune_fit.matching.ranking.rank import rank_each
    from attune_fit.matching.ranking_log import log_rankings

    clinic = workspace.clinic
    with show_progress(f"ranking for {format_count(len(ids), 'client')}"):
        rankings = list(rank_each(workspace.model, clinic, workspace.tables, ids, seed))
    note = log_rankings(clinic, rankings, shortlist)
    if note:
        print_note(note)
    return rankings


def _write_rankings(workspace: Workspace, ids: list[str], target: Path, seed: int, *, why: bool, as_json: bool) -> None:
    """Write one row per client × therapist, with progress, and log that the file was written."""
    import numpy as np
    import pandas as pd

    from attune_fit.app.terminal.console import format_count, print_json, print_note, show_progress
    from attune_fit.app.views.ranking import show_written_rankings
    from attune_fit.data.writing.table_writer import write_frame_blocks
    from attune_fit.matching.ranking.rank import rank_to_frames
    from attune_fit.matching.ranking.scored_roster import RosterScorer
    from attune_fit.matching.ranking_log import log_ranking_file
    from attune_fit.workspace import check_output_path

    clinic, tables, model = workspace.clinic, workspace.tables, workspace.model
    check_output_path(clinic, target)
    rows = pd.Index(tables.clients["client_id"]).get_indexer(ids)
    with show_progress(f"ranking {format_count(len(ids), 'client')}") as report_progress:
        frames = rank_to_frames(model, clinic, tables, np.asarray(rows), seed)
        n_rows = write_frame_blocks(frames, target, report_progress)
    note = log_ranking_file(RosterScorer.from_clinic(model, clinic, tables, seed), target, n_rows)
    if note:
        print_note(note)
    n_therapists = len(tables.therapists)
    if as_json:
        return print_json({"out": str(target), "clients": len(ids), "therapists": n_therapists, "rows": n_rows})
    verdict = model.verdict.sentence if why else model.verdict.plain_sentence
    return show_written_rankings(verdict, len(ids), n_therapists, n_rows, target)
