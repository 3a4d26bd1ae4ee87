"""What a change is worth: the highest estimate it brings, held against the highest there is now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Bools, Indices
from attune_fit.features.pairs import Pairs, Sides
from attune_fit.matching.ranking.near_ties import TIE_DECIMALS, rank_with_near_ties
from attune_fit.matching.ranking.ranking_result import POINT_DECIMALS, WishResult
from attune_fit.matching.ranking.wish_results import ClientWishes, check_wishes
from attune_fit.matching.relaxation.blockers import select_client
from attune_fit.models.alliance_model import ScoreParts

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.matching.ranking.scored_roster import RosterScorer
    from attune_fit.matching.relaxation.minimal_sets import MinimalChangeSet


@dataclass(frozen=True)
class ExpectedGain:
    """The therapist with the highest estimate whom a change brings, as estimated after it is made.

    Attributes
    ----------
    therapist_id : str
        Highest expected alliance of those whom no smaller way brings.
    score : float
        In the instrument's points.
    band : int
        Where this therapist stands among all who could then be offered.
    against : str
        The candidate with the highest expected alliance among those there are now; empty where there is nobody.
    points : float or None
        How much more is expected of the first, in points; None where there is nobody to compare with.
    better : float or None
        Probability that the first is better for the client.
    costs : tuple of Wish
        Wishes, as the client stated them, that ``against`` honours and this therapist does not, or of whom it is not
        known; where there is nobody now, all that this therapist is not known to honour.
    """

    therapist_id: str
    score: float
    band: int
    against: str = ""
    points: float | None = None
    better: float | None = None
    costs: tuple[WishResult, ...] = ()


def compute_gains(
    desk: RosterScorer, client_row: int, ways: Sequence[MinimalChangeSet], now: Bools
) -> list[ExpectedGain]:
    """Compare the highest estimate each way brings with the highest there is now, both on the changed tables.

    Parameters
    ----------
    desk : Desk
    client_row : int
    ways : sequence of Found
        Each brings somebody.
    now : array of bool, shape (therapists,)
        The candidates.
    """
    if not ways:
        return []
    rows = [np.flatnonzero((now & ~one.is_removed) | one.is_added) for one in ways]
    both = enumerate(zip(ways, rows, strict=True))
    changed = [_apply_change_set(desk.tables, client_row, one, some, number) for number, (one, some) in both]
    stated = [_rename_client(select_client(desk.tables, client_row), number).preferences for number in range(len(ways))]
    sides = Sides(_stack_tables(changed))
    asked = Sides(replace(sides.tables, preferences=pd.concat(stated, ignore_index=True))).build_wish_table()
    clients = np.repeat(np.arange(len(ways)), [len(some) for some in rows])
    parts = desk.model.compute_parts(Pairs.from_rows(sides, clients, np.arange(len(clients))))
    cuts = np.split(np.arange(len(clients)), np.cumsum([len(some) for some in rows])[:-1])
    return [
        _compute_gain(
            desk,
            _select_pairs(parts, cut),
            one.is_added_only_by_all[some],
            now[some],
            cut,
            asked.list_client_wishes(number),
            sides.tables,
        )
        for number, (one, some, cut) in enumerate(zip(ways, rows, cuts, strict=True))
    ]


def _compute_gain(
    desk: RosterScorer,
    parts: ScoreParts,
    brought: Bools,
    there: Bools,
    rows: Indices,
    wished: ClientWishes,
    tables: Tables,
) -> ExpectedGain:
    """Compare those whom a way alone brings with those who were there; ``rows`` are those of everybody after it."""
    ids = tables.therapists["therapist_id"].to_numpy(object)[rows]
    best, against = _find_highest(parts, brought), _find_highest(parts, there)
    costs = [wish for wish in check_wishes(wished, rows[best]) if wish.answer != "met"]
    score = np.clip(parts.score[0], 0, 100)
    gain = ExpectedGain(
        str(ids[best]), _points(desk.instrument.to_points(float(score[best]))), _find_band(desk, parts, best)
    )
    if not there.any():
        return replace(gain, costs=tuple(costs))
    kept = {wish for wish in check_wishes(wished, rows[against]) if wish.answer == "met"}
    return replace(
        gain,
        against=str(ids[against]),
        points=_points(float(score[best] - score[against]) * desk.points_per_pomp),
        better=_points(1 - float(parts.compute_probability_better(np.array([against]))[0, best])),
        costs=tuple(wish for wish in costs if replace(wish, answer="met") in kept),
    )


def _find_highest(parts: ScoreParts, among: Bools) -> int:
    """The column of the highest score; of equals the first."""
    return int(np.where(among, np.round(parts.score[0], TIE_DECIMALS), -np.inf).argmax())


def _find_band(desk: RosterScorer, parts: ScoreParts, column: int) -> int:
    """In which band a therapist stands when all of these can be offered."""
    everybody, level = np.ones(parts.score.shape, dtype=bool), desk.clinic.config.settings.band
    turns = np.zeros(parts.score.shape, dtype=np.uint64)
    return int(
        rank_with_near_ties(
            parts.score, everybody, 0 * parts.score, turns, parts.compute_probability_better, level
        ).band[0, column]
    )


def _points(number: float) -> float:
    return round(number, POINT_DECIMALS)


def _select_pairs(parts: ScoreParts, rows: Indices) -> ScoreParts:
    """Some pairs that met, as one client's row of a cross."""
    return ScoreParts(**{one.name: getattr(parts, one.name)[rows][None] for one in fields(ScoreParts)})


def _apply_change_set(tables: Tables, client_row: int, way: MinimalChangeSet, rows: Indices, number: int) -> Tables:
    """One client and some therapists after the changes; a therapist's own are made for those who come on the list."""
    mine = select_client(tables, client_row)
    mine = replace(mine, therapists=mine.therapists.iloc[rows].reset_index(drop=True))
    added = mine.therapists.loc[way.is_added[rows], "therapist_id"].to_list()
    for change in way.changes:
        mine = change.apply(mine, str(mine.clients["client_id"][0]), added)
    return _rename_client(mine, number)


def _rename_client(tables: Tables, number: int) -> Tables:
    """The client under another id, so that several changes of one client can stand in one table."""
    clients, preferences = (one.assign(client_id=str(number)) for one in (tables.clients, tables.preferences))
    return replace(tables, clients=clients, preferences=preferences)


def _stack_tables(some: Sequence[Tables]) -> Tables:
    """The rows of several tables below each other: what follows makes one pass, not one for each."""
    names = ("clients", "therapists", "preferences")
    frames = {name: pd.concat([getattr(one, name) for one in some], ignore_index=True) for name in names}
    return replace(some[0], **frames)
