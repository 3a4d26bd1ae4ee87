"""Compare two therapists for one client: the difference of their scores, by family and by term."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.features.pairs import Pairs
from attune_fit.matching.explaining.score_breakdown import ScoreTerm, compute_score_terms, sum_by_family
from attune_fit.matching.ranking.ranking_result import WishResult
from attune_fit.matching.ranking.wish_results import check_wishes

if TYPE_CHECKING:
    from attune_fit.matching.ranking.scored_roster import RosterScorer, ScoredRoster


@dataclass(frozen=True)
class TermDifference:
    """What one feature, or the therapist effect, adds to the difference between two scores.

    Attributes
    ----------
    name, family : str
    points : float
        The other therapist's term minus this therapist's, in points; above 0 it favours the other.
    here, there : str
        What is true of this therapist and of the other; empty where unknown or typical.
    """

    name: str
    family: str
    points: float
    here: str
    there: str


@dataclass(frozen=True)
class TherapistComparison:
    """One therapist compared with another, for one client.

    Attributes
    ----------
    therapist_id : str
        The other therapist.
    position, band : int
        Rank and band of the other therapist; 0 where excluded.
    score, other_score, points : float
        Expected alliance with this therapist, with the other, and the other minus this one; in points.
    better : float
        Probability that the other therapist is better for the client.
    same_band : bool
        Whether both are candidates in the same band (near ties).
    families : dict of str to float
        ``points`` by family, the largest first. They sum to ``points``.
    terms : tuple of TermDifference
        ``points`` by feature, the largest first. They sum to ``points``.
    wishes, other_wishes : tuple of WishResult
        The client's wishes, answered for this therapist and for the other.
    decided_by : {"rules", "bands", "wishes", "turn"}
        What decides which of the two comes first; "turn" is the random tie-break.
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


def compare_therapists(scorer: RosterScorer, roster: ScoredRoster, row: int, other: int) -> TherapistComparison:
    """Compare one therapist with another for a client, in points of the instrument.

    Parameters
    ----------
    scorer : RosterScorer
    roster : ScoredRoster
        Of one client.
    row, other : int
        Two different rows of the roster.

    Returns
    -------
    TherapistComparison
        ``families`` and ``terms`` each sum to ``points`` within 1e-9.
    """
    client = int(roster.client_rows[0])
    pairs = Pairs.from_rows(scorer.sides, [client, client], [row, other])
    parts = scorer.score_pairs(pairs)
    score, other_score = scorer.clip_to_range(parts.score)
    differences = _compute_term_differences(*compute_score_terms(scorer, pairs, parts))
    found = [roster.find_pair(0, one) for one in (row, other)]
    bands = [0 if position is None else int(roster.band[position]) for position in found]
    client_wishes = scorer.sides.build_wish_table().list_client_wishes(client)
    wishes, other_wishes = check_wishes(client_wishes, row), check_wishes(client_wishes, other)
    return TherapistComparison(
        therapist_id=str(scorer.tables.therapists["therapist_id"].iloc[other]),
        position=0 if found[1] is None else int(roster.rank[found[1]]),
        band=bands[1],
        score=float(scorer.instrument.to_points(float(score))),
        other_score=float(scorer.instrument.to_points(float(other_score))),
        points=float(other_score - score) * scorer.points_per_pomp,
        better=float(parts.compute_probability_better(np.array([1]), np.array([0]))[0]),
        same_band=bands[0] == bands[1] > 0,
        families=_sort_by_size(
            sum_by_family([ScoreTerm(term.name, term.family, term.points, "", known=True) for term in differences])
        ),
        terms=differences,
        wishes=wishes,
        other_wishes=other_wishes,
        decided_by=_find_deciding_criterion(bands, wishes, other_wishes),
    )


def _compute_term_differences(
    terms: tuple[ScoreTerm, ...], other_terms: tuple[ScoreTerm, ...]
) -> tuple[TermDifference, ...]:
    """Subtract the terms one by one, without those that are equal for both; the largest first."""
    by_name, other_by_name = ({term.name: term for term in side} for side in (terms, other_terms))
    absent = ScoreTerm("", "", 0.0, "", known=True)
    differences = []
    for name in dict.fromkeys([*by_name, *other_by_name]):
        here, there = by_name.get(name, absent), other_by_name.get(name, absent)
        points = there.points - here.points
        differences.append(TermDifference(name, here.family or there.family, points, here.says, there.says))
    return tuple(sorted((one for one in differences if one.points), key=lambda one: -abs(one.points)))


def _sort_by_size(sums: dict[str, float]) -> dict[str, float]:
    return dict(sorted(sums.items(), key=lambda item: -abs(item[1])))


def _find_deciding_criterion(
    bands: list[int], wishes: tuple[WishResult, ...], other_wishes: tuple[WishResult, ...]
) -> str:
    """Find what decides the order of two therapists: rules, then bands, then wishes met, then the tie-break."""
    if 0 in bands:
        return "rules"
    if bands[0] != bands[1]:
        return "bands"
    n_met, other_n_met = (sum(wish.answer == "met" for wish in results) for results in (wishes, other_wishes))
    return "turn" if n_met == other_n_met else "wishes"
