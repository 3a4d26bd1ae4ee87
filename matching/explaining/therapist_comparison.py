"""Two therapists for one client: the difference of their scores part by part, and whether it says anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.matching.explaining.score_breakdown import ScoreTerm, compute_score_terms, sum_by_family
from attune_fit.matching.ranking.ranking_result import WishResult
from attune_fit.matching.ranking.wish_results import check_wishes

if TYPE_CHECKING:
    from attune_fit.matching.ranking.scored_roster import RosterScorer, ScoredRoster


@dataclass(frozen=True)
class TermDifference:
    """What one feature, or the therapist's own effect, adds to the difference.

    Attributes
    ----------
    name, family : str
    points : float
        The other's term less this therapist's; above 0 it speaks for the other.
    here, there : str
        What is true of this therapist and of the other; empty where unknown or nothing is worth saying.
    """

    name: str
    family: str
    points: float
    here: str
    there: str


@dataclass(frozen=True)
class TherapistComparison:
    """A therapist held against another.

    Attributes
    ----------
    therapist_id : str
        The other.
    position, band : int
        Of the other; 0 where left out.
    score, other_score, points : float
        Expected alliance of this therapist and of the other, and by how much the other's is higher.
    better : float
        Probability that the other is better for the client.
    same_band : bool
        Whether both can be offered and the estimates cannot be told apart.
    families : dict of str to float
        ``points`` split by family, the largest first: they sum to it.
    terms : tuple of Term
        ``points`` split by feature, the largest first: they sum to it too.
    wishes, other_wishes : tuple of Wish
        The client's wishes held against each.
    decided_by : {"rules", "bands", "wishes", "turn"}
        Why one stands before the other.
    """

    therapist_id: str
    position: int
    band: int
    score: float
    other_score: float
    points: float
    better: float
    same_band: bool
    families: dict[str, float]
    terms: tuple[TermDifference, ...]
    wishes: tuple[WishResult, ...]
    other_wishes: tuple[WishResult, ...]
    decided_by: str


def compare_therapists(desk: RosterScorer, board: ScoredRoster, column: int, other: int) -> TherapistComparison:
    """Hold one therapist against another.

    Parameters
    ----------
    desk : Desk
    board : Board
        Of the one client.
    column, other : int
        Rows of the roster, not the same.

    Returns
    -------
    Versus
        ``families`` and ``terms`` each sum to ``points`` within 1e-9.
    """
    points = desk.instrument.to_points
    here, there = (compute_score_terms(desk, board, (0, one)) for one in (column, other))
    terms = _compute_term_differences(here, there)
    bands = [int(board.positions.band[0, one]) for one in (column, other)]
    held = desk.sides.build_wish_table().list_client_wishes(int(board.pairs.client_rows[0, 0]))
    mine, theirs = check_wishes(held, column), check_wishes(held, other)
    return TherapistComparison(
        therapist_id=str(desk.tables.therapists["therapist_id"].iloc[other]),
        position=int(board.positions.rank[0, other]),
        band=bands[1],
        score=float(points(float(board.score[0, column]))),
        other_score=float(points(float(board.score[0, other]))),
        points=float(board.score[0, other] - board.score[0, column]) * desk.points_per_pomp,
        better=float(board.parts.compute_probability_better(np.array([other]))[0, column]),
        same_band=bands[0] == bands[1] > 0,
        families=_sort_by_size(
            sum_by_family([ScoreTerm(one.name, one.family, one.points, "", known=True) for one in terms])
        ),
        terms=terms,
        wishes=mine,
        other_wishes=theirs,
        decided_by=_find_deciding_criterion(bands, mine, theirs),
    )


def _compute_term_differences(here: tuple[ScoreTerm, ...], there: tuple[ScoreTerm, ...]) -> tuple[TermDifference, ...]:
    """What each term adds to the difference; those that are the same for both are left out."""
    mine, theirs = ({one.name: one for one in side} for side in (here, there))
    none = ScoreTerm("", "", 0.0, "", known=True)
    found = []
    for name in dict.fromkeys([*mine, *theirs]):
        one, two = mine.get(name, none), theirs.get(name, none)
        found.append(TermDifference(name, one.family or two.family, two.points - one.points, one.says, two.says))
    return tuple(sorted((term for term in found if term.points), key=lambda term: -abs(term.points)))


def _sort_by_size(sums: dict[str, float]) -> dict[str, float]:
    return dict(sorted(sums.items(), key=lambda one: -abs(one[1])))


def _find_deciding_criterion(bands: list[int], mine: tuple[WishResult, ...], theirs: tuple[WishResult, ...]) -> str:
    """What puts one before the other: only candidates are in order, and only bands before wishes before turns."""
    if 0 in bands:
        return "rules"
    if bands[0] != bands[1]:
        return "bands"
    honoured = [sum(wish.answer == "met" for wish in some) for some in (mine, theirs)]
    return "turn" if honoured[0] == honoured[1] else "wishes"
