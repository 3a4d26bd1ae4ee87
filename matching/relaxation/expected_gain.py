"""Expected gain of a change: the highest expected alliance it adds, compared with the best current candidate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Bools, Indices
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.matching.ranking.near_ties import TIE_DECIMALS, rank_with_near_ties
from attune_fit.matching.ranking.ranking_result import POINT_DECIMALS, WishResult, round_points
from attune_fit.matching.ranking.wish_results import ClientWishes, check_wishes
from attune_fit.matching.relaxation.blockers import select_client
from attune_fit.models.alliance_model import ScoreParts

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.matching.ranking.scored_roster import RosterScorer
    from attune_fit.matching.relaxation.minimal_sets import MinimalChangeSet


@dataclass(frozen=True)
class ExpectedGain:
    """The best therapist whom a change adds, estimated as if the change had been made.

    Attributes
    ----------
    therapist_id : str
        The therapist with the highest expected alliance among those whom no smaller set of changes adds.
    score : float
        Expected alliance, in points of the instrument.
    band : int
        Band of this therapist among all candidates after the change; 1 is the best.
    against : str
        The current candidate with the highest expected alliance; empty without a current candidate.
    points : float or None
        Expected alliance of ``therapist_id`` minus that of ``against``, in points; None without a current candidate.
    better : float or None
        Probability that ``therapist_id`` is better for the client than ``against``; None without a current candidate.
    costs : tuple of WishResult
        Wishes, as the client stated them, that ``against`` honours and ``therapist_id`` is not known to honour. Without
        a current candidate: all wishes that ``therapist_id`` is not known to honour. An unknown answer is no cost where
        the changes ask for it, or give up the wish.
    """

    therapist_id: str
    score: float
    band: int
    against: str = ""
    points: float | None = None
    better: float | None = None
    costs: tuple[WishResult, ...] = ()


def compute_gains(
    scorer: RosterScorer, client_row: int, change_sets: Sequence[MinimalChangeSet], is_candidate: Bools
) -> list[ExpectedGain]:
    """Compare the best therapist of each change set with the best current candidate, both on the changed tables.

    All change sets are scored in one pass: each is one client with its own copy of the roster.

    Parameters
    ----------
    scorer : RosterScorer
    client_row : int
    change_sets : sequence of MinimalChangeSet
        Each adds at least one therapist.
    is_candidate : array of bool, shape (therapists,)
        The current candidates.

    Returns
    -------
    list of ExpectedGain
        One for each change set.
    """
    if not change_sets:
        return []
    rosters = [np.flatnonzero((is_candidate & ~one.is_removed) | one.is_added) for one in change_sets]
    changed = [
        _apply_change_set(scorer.tables, client_row, change_set, roster, number)
        for number, (change_set, roster) in enumerate(zip(change_sets, rosters, strict=True))
    ]
    client = select_client(scorer.tables, client_row)
    stated = [_rename_client(client, number).preferences for number in range(len(change_sets))]
    sides = Sides(_stack_tables(changed))
    stated_wishes = Sides(replace(sides.tables, preferences=pd.concat(stated, ignore_index=True))).build_wish_table()
    sizes = [len(roster) for roster in rosters]
    clients = np.repeat(np.arange(len(change_sets)), sizes)
    pairs = Pairs.from_rows(sides, clients, np.arange(len(clients)))
    parts = scorer.weigh_outcomes(scorer.model.compute_parts(pairs), pairs)
    blocks = np.split(np.arange(len(clients)), np.cumsum(sizes)[:-1])
    return [
        _compute_gain(
            scorer,
            parts.take(block),
            change_set,
            change_set.is_added_only_by_all[roster],
            is_candidate[roster],
            block,
            stated_wishes.list_client_wishes(number),
            sides.tables,
        )
        for number, (change_set, roster, block) in enumerate(zip(change_sets, rosters, blocks, strict=True))
    ]


def _compute_gain(
    scorer: RosterScorer,
    parts: ScoreParts,
    change_set: MinimalChangeSet,
    is_added: Bools,
    is_candidate: Bools,
    rows: Indices,
    wishes: ClientWishes,
    tables: Tables,
) -> ExpectedGain:
    """Compare the added therapists with the current candidates; ``rows`` are the table rows of both."""
    ids = tables.therapists["therapist_id"].to_numpy(object)[rows]
    best, against = _find_highest(parts, is_added), _find_highest(parts, is_candidate)
    costs = [wish for wish in check_wishes(wishes, rows[best]) if wish.answer != "met"]
    costs = [wish for wish in costs if not _is_settled(wish, change_set)]
    score = scorer.clip_to_range(parts.score)
    gain = ExpectedGain(
        str(ids[best]), round_points(scorer.instrument.to_points(float(score[best]))), _find_band(scorer, parts, best)
    )
    if not is_candidate.any():
        return replace(gain, costs=tuple(costs))
    honoured = {wish for wish in check_wishes(wishes, rows[against]) if wish.answer == "met"}
    return replace(
        gain,
        against=str(ids[against]),
        points=round_points(float(score[best] - score[against]) * scorer.points_per_pomp),
        better=round(
            1 - float(parts.compute_probability_better(np.array([against]), np.array([best]))[0]), POINT_DECIMALS
        ),
        costs=tuple(wish for wish in costs if replace(wish, answer="met") in honoured),
    )


def _is_settled(wish: WishResult, change_set: MinimalChangeSet) -> bool:
    """Return whether a wish with an unknown answer is given up or asked about by the changes: then it is no cost."""
    return wish.answer == "unknown" and any(
        change.rule == wish.strength
        and (not change.is_certain or (change.attribute, change.code) == (wish.attribute, wish.value))
        for change in change_set.changes
    )


def _find_highest(parts: ScoreParts, is_included: Bools) -> int:
    """Return the column of the highest score; the first one in a tie."""
    return int(np.where(is_included, np.round(parts.score, TIE_DECIMALS), -np.inf).argmax())


def _find_band(scorer: RosterScorer, parts: ScoreParts, column: int) -> int:
    """Return the band of one therapist when all of these therapists are candidates; 1 is the best."""
    score, level = parts.order_score, scorer.clinic.config.settings.band
    client, tie_break_keys = np.zeros((2, len(score)), dtype=np.intp)
    positions = rank_with_near_ties(
        client, score, 0 * score, tie_break_keys.astype(np.uint64), partial(parts.is_better, level=level)
    )
    return int(positions.band[column])


def _apply_change_set(
    tables: Tables, client_row: int, change_set: MinimalChangeSet, roster: Indices, number: int
) -> Tables:
    """Return one client and part of the roster after the changes; therapists' changes apply to the added ones only."""
    tables = select_client(tables, client_row)
    tables = replace(tables, therapists=tables.therapists.iloc[roster].reset_index(drop=True))
    added = tables.therapists.loc[change_set.is_added[roster], "therapist_id"].to_list()
    for change in change_set.changes:
        tables = change.apply(tables, str(tables.clients["client_id"][0]), added)
    return _rename_client(tables, number)


def _rename_client(tables: Tables, number: int) -> Tables:
    """Return the tables with a number as client id, so that one table can hold several copies of one client."""
    clients, preferences = (frame.assign(client_id=str(number)) for frame in (tables.clients, tables.preferences))
    return replace(tables, clients=clients, preferences=preferences)


def _stack_tables(copies: Sequence[Tables]) -> Tables:
    """Concatenate the rows of several tables, so that one scoring pass is enough."""
    names = ("clients", "therapists", "preferences")
    frames = {name: pd.concat([getattr(copy, name) for copy in copies], ignore_index=True) for name in names}
    return replace(copies[0], **frames)
