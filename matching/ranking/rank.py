"""Rank the whole roster for a client: candidates in order, and why each other therapist is excluded."""

from __future__ import annotations

import difflib
import re
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
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.matching.ranking.ranking_result import Ranking


MAX_PAIRS_PER_BLOCK = 50_000  # a few dozen megabytes


def rank(scorer: RosterScorer, client_id: str) -> Ranking:
    """Rank the roster for one client.

    Parameters
    ----------
    scorer : RosterScorer
        The model, the clinic with its rules and settings, the tables, and the seed of the order inside bands (the
        tie-break).
    client_id : str

    Returns
    -------
    Ranking
        Candidates and excluded therapists together are always the whole roster.

    Raises
    ------
    DataFault
        If no client has this id, or if ``clinic.toml`` names an unknown rule or instrument.
    """
    return next(rank_each(scorer, [client_id]))


def rank_each(scorer: RosterScorer, client_ids: Sequence[str]) -> Iterator[Ranking]:
    """Rank the roster for several clients, in the given order; much faster than :func:`rank` for each client."""
    found = scorer.rows_of_clients
    client_rows = np.array(
        [found[one] if one in found else find_row(scorer.tables, "clients", one) for one in client_ids], dtype=np.intp
    )
    for scored_roster in scorer.score_blocks(client_rows, MAX_PAIRS_PER_BLOCK):
        roster = scored_roster.drop_workings()  # rankings keep their block
        for client in range(len(roster.client_rows)):
            yield RankingBuilder(scorer, roster, client).build_ranking()


def rank_to_frames(scorer: RosterScorer, client_rows: Indices) -> Iterator[pd.DataFrame]:
    """Rank the roster for many clients, in blocks of rows without reasons.

    Parameters
    ----------
    client_rows : array of int
        Rows of ``tables.clients``, in any order.

    Yields
    ------
    DataFrame
        One row for each pair: client_id, therapist_id, status (``ranked`` or ``excluded``), rule (every rule that
        excludes, joined by ``|``), rank, band (1 is the highest), score, low, high (points of the instrument). The last
        five are missing for excluded pairs. Sorted by client_id, then rank; excluded pairs by therapist_id.
    """
    client_rows = np.asarray(client_rows, dtype=np.intp)
    ids = scorer.tables.clients["client_id"].to_numpy(object)[client_rows]
    for roster in scorer.score_blocks(client_rows[np.argsort(ids, kind="stable")], MAX_PAIRS_PER_BLOCK):
        yield build_ranking_frame(scorer, roster)


def find_row(tables: Tables, table: str, wanted_id: str) -> int:
    """Find the row of a client (table ``clients``) or therapist (table ``therapists``) by id.

    Raises
    ------
    DataFault
        If no row has this id. The error names the closest ids.
    """
    column = f"{table.removesuffix('s')}_id"
    ids = getattr(tables, table)[column]
    try:
        rows = np.flatnonzero(ids == wanted_id)
    except UnicodeEncodeError:  # typed in bytes that are no UTF-8: no table has such an id
        rows = np.empty(0, dtype=np.intp)
    if len(rows):
        return int(rows[0])
    same = [other for other in ids if _drop_zeros(other) == _drop_zeros(wanted_id)]
    close = dict.fromkeys([*same, *difflib.get_close_matches(wanted_id, ids.tolist(), n=3)])
    closest = ", ".join(f"`{other}`" for other in list(close)[:3])
    fix = f"Closest: {closest}." if closest else "Look it up in that table."
    raise DataFault.error("id-not-found", table, column, f"no row has the id `{wanted_id}`", fix=fix)


def _drop_zeros(one_id: str) -> str:
    """Return an id without leading zeros of its numbers, in small letters: ``T3`` and ``t03`` are alike."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", one_id.casefold())
