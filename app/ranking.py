"""The commands a coordinator uses: rank and explain."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.text import Text

from attune_fit.app.terminal.console import aside, counted, out, print_json, said, working

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.models.alliance_model import AllianceModel


def ranked(
    folder: Path,
    client: str | None,
    waiting: bool,
    everyone: bool,
    target: Path | None,
    shortlist: int | None,
    seed: int | None,
    *,
    as_json: bool,
) -> None:
    """Rank for one client, those who wait, or everyone; print shortlists or write one row per pair."""
    from attune_fit.models.active_model import is_trained, list_bundle_names

    if sum((client is not None, waiting, everyone)) != 1:
        raise typer.BadParameter("say for whom: --client ID, --waiting, or --all (exactly one of them).")
    with working("reading the tables"):
        clinic, tables, model = opened(folder)
        seed = clinic.config.settings.seed if seed is None else seed
        ids = [client] if client is not None else _ids(clinic, tables, everyone)
    if len(tables.outcomes) and not is_trained(clinic):
        records = f"This clinic has {counted(len(tables.outcomes), 'outcome record')}"
        if list_bundle_names(clinic):
            aside(f"{records}, and no model made from them is live: attune models list {folder}")
        else:
            aside(f"{records} nothing was learned from yet: attune train {folder}")
    if target is not None:
        return _written(clinic, tables, model, ids, target, seed, as_json=as_json)
    return _printed(clinic, tables, model, ids, shortlist, seed, one=client is not None, as_json=as_json)


def explained(folder: Path, client: str, therapist: str, *, as_json: bool) -> None:
    """Show the sum behind one pair's score."""
    from attune_fit.app.views.score_breakdown import show_explanation
    from attune_fit.matching.explaining.score_breakdown import explain_score

    with working("reading the tables"):
        clinic, tables, model = opened(folder)
        explanation = explain_score(model, clinic, tables, client, therapist)
    if as_json:
        return print_json(explanation.to_dict())
    return show_explanation(explanation)


def opened(folder: Path) -> tuple[Clinic, Tables, AllianceModel]:
    """A clinic, its tables, and the model that is live for it."""
    from attune_fit.models.active_model import load_active_model
    from attune_fit.workspace import read_clinic

    clinic, tables = read_clinic(folder)
    return clinic, tables, load_active_model(clinic, tables)


def nobody_waits(clinic: Clinic) -> str:
    """Why the waiting list is empty."""
    where = clinic.config.waiting.where
    also = f", or `waiting.where` over `{where.column}` holds for none of the others" if where else ""
    return f"Nobody waits: every client in `clients` has met someone{also}."


def _ids(clinic: Clinic, tables: Tables, everyone: bool) -> list[str]:
    """Ids of those who wait, or of everyone, sorted."""
    from attune_fit.data.clinic.waiting_clients import find_waiting_clients

    rows = slice(None) if everyone else find_waiting_clients(clinic, tables)
    return sorted(tables.clients["client_id"].iloc[rows])


def _printed(
    clinic: Clinic,
    tables: Tables,
    model: AllianceModel,
    ids: list[str],
    shortlist: int | None,
    seed: int,
    *,
    one: bool,
    as_json: bool,
) -> None:
    """Print a shortlist for each client, and log what was shown; as JSON, ``one`` client is no list."""
    from attune_fit.app.views.ranking import show_ranking
    from attune_fit.matching.ranking.rank import rank_each
    from attune_fit.matching.ranking_log import log_rankings

    shown = []
    for ranking in rank_each(model, clinic, tables, ids, seed):
        shown.append(ranking)
        if not as_json:
            show_ranking(ranking, clinic.instruments[ranking.instrument], shortlist)
    if as_json:
        plain = [ranking.to_dict() for ranking in shown]
        print_json(plain[0] if one else plain)
    elif not ids:
        said(nobody_waits(clinic))
    note = log_rankings(clinic, shown, shortlist)
    if note:
        aside(note)


def _written(
    clinic: Clinic, tables: Tables, model: AllianceModel, ids: list[str], target: Path, seed: int, *, as_json: bool
) -> None:
    """Write one row per client × therapist, with progress."""
    import numpy as np
    import pandas as pd

    from attune_fit.data.writing.table_writer import write_frame_blocks
    from attune_fit.matching.ranking.rank import rank_to_frames
    from attune_fit.matching.ranking.scored_roster import RosterScorer
    from attune_fit.matching.ranking_log import log_ranking_file
    from attune_fit.workspace import check_output_path

    check_output_path(clinic, target)
    rows = pd.Index(tables.clients["client_id"]).get_indexer(ids)
    with working(f"ranking {counted(len(ids), 'client')}") as step:
        written = write_frame_blocks(rank_to_frames(model, clinic, tables, np.asarray(rows), seed), target, say=step)
    note = log_ranking_file(RosterScorer.from_clinic(model, clinic, tables, seed), target, written)
    if note:
        aside(note)
    roster = len(tables.therapists)
    if as_json:
        return print_json({"out": str(target), "clients": len(ids), "therapists": roster, "rows": written})
    out().print(Text(model.verdict.sentence, style="italic"))
    pairs = f"{counted(len(ids), 'client')} × {counted(roster, 'therapist')} = {counted(written, 'row')}"
    return out().print(Text.assemble(f"{pairs} in ", (str(target), "bold")))
