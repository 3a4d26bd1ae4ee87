"""A client becomes a ranking of the whole roster: candidates in order, and why the others are not among them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Indices
from attune_fit.data.faults import DataFault
from attune_fit.matching.ranking.ranking_builder import RankingBuilder
from attune_fit.matching.ranking.ranking_frame import build_ranking_frame
from attune_fit.matching.ranking.scored_roster import RosterScorer

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.matching.ranking.ranking_result import Ranking
    from attune_fit.models.alliance_model import AllianceModel


MAX_PAIRS_PER_BLOCK = 50_000  # ranked at once: a few dozen megabytes
MAX_PAIRS_WITH_REASONS = 5_000  # with reasons, each pair is scored about twenty times


def rank(model: AllianceModel, clinic: Clinic, tables: Tables, client_id: str, seed: int | None = None) -> Ranking:
    """Rank the roster for one client.

    Parameters
    ----------
    model : AllianceModel
    clinic : Clinic
        Its rules and settings.
    tables : Tables
        As read.
    client_id : str
    seed : int, optional
        Decides the order inside bands; the clinic's setting when None.

    Returns
    -------
    Ranking
        Candidates and excluded together are always the whole roster.

    Raises
    ------
    DataFault
        If no client has this id, or ``clinic.toml`` names an unknown rule or instrument.
    """
    return next(rank_each(model, clinic, tables, [client_id], seed))


def rank_each(
    model: AllianceModel, clinic: Clinic, tables: Tables, client_ids: Sequence[str], seed: int | None = None
) -> Iterator[Ranking]:
    """:func:`rank` for several clients in the order given, much faster than one by one."""
    desk = RosterScorer.from_clinic(model, clinic, tables, seed)
    client_rows = np.array([find_row(tables, "clients", client_id) for client_id in client_ids], dtype=np.intp)
    for board in desk.score_blocks(client_rows, MAX_PAIRS_WITH_REASONS):
        telling = RankingBuilder.from_scored_roster(desk, board)
        for client in range(len(board.pairs.client_rows)):
            yield telling.build_ranking(client)


def rank_to_frames(
    model: AllianceModel, clinic: Clinic, tables: Tables, client_rows: Indices, seed: int | None = None
) -> Iterator[pd.DataFrame]:
    """Rank the roster for many clients, by arrays, in blocks.

    Parameters
    ----------
    client_rows : array of int
        Row labels in ``tables.clients``, any order.

    Yields
    ------
    DataFrame
        One row for each pair: client_id, therapist_id, status (``ranked`` or ``excluded``), rule (every rule that
        excludes, joined by ``|``), rank, band (1 is the highest), score, low, high (the instrument's points); the last
        five are unknown where excluded. Sorted by client_id, then rank, then therapist_id of the excluded.
    """
    desk = RosterScorer.from_clinic(model, clinic, tables, seed)
    client_rows = np.asarray(client_rows, dtype=np.intp)
    ids = tables.clients["client_id"].to_numpy(object)[client_rows]
    for board in desk.score_blocks(client_rows[np.argsort(ids, kind="stable")], MAX_PAIRS_PER_BLOCK):
        yield build_ranking_frame(desk, board)


def find_row(tables: Tables, table: str, wanted: str) -> int:
    """The row of a client (``clients``) or therapist (``therapists``).

    Raises
    ------
    DataFault
        If no row has this id; the closest ids are named.
    """
    column = f"{table.removesuffix('s')}_id"
    ids = getattr(tables, table)[column]
    found = np.flatnonzero(ids == wanted)
    if len(found):
        return int(found[0])
    near = ", ".join(f"`{one}`" for one in difflib.get_close_matches(wanted, ids.tolist(), n=3))
    fix = f"Closest: {near}." if near else "Look it up in that table."
    raise DataFault.error(table, column, f"no row has the id `{wanted}`", fix=fix)
