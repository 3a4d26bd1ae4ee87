"""The sum behind one pair's score, part by part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from attune_fit.features.pairs import PairFrame
from attune_fit.matching.ranking.rank import find_row
from attune_fit.matching.ranking.ranking_builder import RankingBuilder
from attune_fit.matching.ranking.ranking_result import ExclusionReason
from attune_fit.matching.ranking.reasons import THERAPIST_EFFECT, PairIndex
from attune_fit.matching.ranking.scored_roster import RosterScorer, ScoredRoster

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.models.alliance_model import AllianceModel

SCORE_PARTS = ("baseline", "evidence", "learned", "therapist")
SCALE_LIMIT = "limit"
TYPICAL_PAIR = "typical_pair"  # where the sum begins: the level of a pair of which everything is typical
LEADING_FAMILIES = ("level", "intake")  # families that are the same for every therapist


@dataclass(frozen=True)
class ScoreTerm:
    """One term of the sum.

    Attributes
    ----------
    name, family : str
        A feature and its family; or ``typical_pair``, ``therapist_effect``.
    points : float
        What it adds, in the instrument's points.
    says : str
        What is true of the pair; empty where unknown, where nothing is worth saying, and where it adds nothing: a
        factor without weight is never named.
    known : bool
        False where the feature is unknown and counts as typical.
    """

    name: str
    family: str
    points: float
    says: str
    known: bool


@dataclass(frozen=True)
class ScoreBreakdown:
    """Why a pair has its score.

    Attributes
    ----------
    client_id, therapist_id, verdict, instrument : str
    score, low, high : float
        The instrument's points; the interval is for one early rating.
    parts : dict of str to float
        ``baseline``, ``evidence``, ``learned``, ``therapist``, and ``limit`` where the form ends before their sum does:
        they sum to the score.
    addends : tuple of Addend
        Every term, the level first, then by size: they sum to the score as well.
    families : dict of str to float
        The addends summed by family: the level, the client's intake, then the largest; they sum to the score too.
    rules : tuple of Broken
        Rules that leave the therapist out; empty for a candidate.
    """

    client_id: str
    therapist_id: str
    verdict: str
    instrument: str
    score: float
    low: float
    high: float
    parts: dict[str, float]
    addends: tuple[ScoreTerm, ...]
    families: dict[str, float]
    rules: tuple[ExclusionReason, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain types only, as JSON has them."""
        said = asdict(self)
        return {**said, "addends": list(said["addends"]), "rules": list(said["rules"])}


def explain_score(
    model: AllianceModel, clinic: Clinic, tables: Tables, client_id: str, therapist_id: str
) -> ScoreBreakdown:
    """Take the score of one pair apart, whether the therapist may be offered or not.

    Returns
    -------
    Explanation
        ``parts`` and ``addends`` each sum to ``score`` within 1e-9.

    Raises
    ------
    DataFault
        If there is no such client or therapist.
    """
    desk = RosterScorer.from_clinic(model, clinic, tables)
    board = desk.score_clients(np.array([find_row(tables, "clients", client_id)], dtype=np.intp))
    cell = (0, find_row(tables, "therapists", therapist_id))
    told = RankingBuilder.from_scored_roster(desk, board)
    exclusion = None if board.eligibility.is_eligible[cell] else told.build_exclusion(cell)
    found = compute_score_terms(desk, board, cell)
    return ScoreBreakdown(
        client_id=client_id,
        therapist_id=therapist_id,
        verdict=desk.model.verdict.sentence,
        instrument=desk.instrument.name,
        score=float(desk.instrument.to_points(float(board.score[cell]))),
        low=float(desk.instrument.to_points(float(board.low[cell]))),
        high=float(desk.instrument.to_points(float(board.high[cell]))),
        parts=_parts(desk, board, cell),
        addends=found,
        families=sum_by_family(found),
        rules=() if exclusion is None else exclusion.rules,
    )


def _parts(desk: RosterScorer, board: ScoredRoster, cell: PairIndex) -> dict[str, float]:
    """The four parts in points; the baseline carries the instrument's lowest point."""
    parts = {name: float(getattr(board.parts, name)[cell]) * desk.points_per_pomp for name in SCORE_PARTS}
    parts["baseline"] += desk.instrument.low
    beyond = _compute_scale_limit(desk, board, cell)
    return {**parts, SCALE_LIMIT: beyond} if beyond else parts


def _compute_scale_limit(desk: RosterScorer, board: ScoredRoster, cell: PairIndex) -> float:
    """What the ends of the form take back from a sum that lies beyond them, in points; mostly 0."""
    return float(board.score[cell] - board.parts.score[cell]) * desk.points_per_pomp


def compute_score_terms(desk: RosterScorer, board: ScoredRoster, cell: PairIndex) -> tuple[ScoreTerm, ...]:
    """Level, features and the therapist's own effect, in points; the level first, then the largest."""
    features = desk.model.features
    sizes = desk.model.compute_contributions(board.pairs)[cell] * desk.points_per_pomp
    values = PairFrame.from_pairs(board.pairs, features).values[cell]
    own = float(board.parts.therapist[cell]) * desk.points_per_pomp
    terms = [
        ScoreTerm(
            row.name, row.family, float(size), row.describe_value(float(value)) if size else "", not np.isnan(value)
        )
        for row, size, value in zip(features, sizes, values, strict=True)
    ]
    start = desk.instrument.low + desk.model.intercept * desk.points_per_pomp
    level = ScoreTerm(TYPICAL_PAIR, "level", start, "where the sum begins: everything typical", known=True)
    therapist = ScoreTerm(
        THERAPIST_EFFECT, "therapist", own, "what others' ratings say beyond the rest of the sum", known=True
    )
    beyond = _compute_scale_limit(desk, board, cell)
    limit = (
        [ScoreTerm(SCALE_LIMIT, SCALE_LIMIT, beyond, "no rating lies beyond the ends of the form", known=True)]
        if beyond
        else []
    )
    return (level, *sorted([*terms, therapist, *limit], key=lambda one: -abs(one.points)))


def sum_by_family(terms: Sequence[ScoreTerm]) -> dict[str, float]:
    """What the terms of each family add up to."""
    names = dict.fromkeys(one.family for one in terms)
    sums = {name: sum(one.points for one in terms if one.family == name) for name in names}
    largest = sorted(names, key=lambda name: -abs(sums[name]))
    return {name: sums[name] for name in (*LEADING_FAMILIES, *largest) if name in sums}
