"""Break the score of one pair into its additive terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from attune_fit.features.pair_frame import PairFrame
from attune_fit.matching.ranking.contribution_texts import describe_contribution
from attune_fit.matching.ranking.rank import find_row
from attune_fit.matching.ranking.ranking_builder import RankingBuilder
from attune_fit.matching.ranking.ranking_result import ExclusionReason
from attune_fit.matching.ranking.reasons import THERAPIST_EFFECT, PairIndex
from attune_fit.matching.ranking.scored_roster import RosterScorer, ScoredRoster

if TYPE_CHECKING:
    pass

SCORE_PARTS = ("baseline", "evidence", "learned", "therapist")
SCALE_LIMIT = "limit"  # what clipping to the range of the instrument removes
TYPICAL_PAIR = "typical_pair"  # the intercept: the level of a pair in which every feature is typical
LEADING_FAMILIES = ("level", "intake")  # families that are the same for every therapist


@dataclass(frozen=True)
class ScoreTerm:
    """One additive term of a score.

    Attributes
    ----------
    name, family : str
        A feature and its family; or ``typical_pair``, ``therapist_effect``, ``limit``.
    points : float
        What the term adds, in points of the instrument.
    says : str
        What is true of the pair. Empty where the feature is unknown or typical, and where the term adds nothing: a
        feature without weight has no text.
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
    """The score of a pair, as sums of parts, of terms and of families.

    Attributes
    ----------
    client_id, therapist_id, verdict, instrument : str
    score, low, high : float
        In points of the instrument; the interval is a prediction interval for one early rating.
    parts : dict of str to float
        ``baseline``, ``evidence``, ``learned``, ``therapist``, and ``limit`` where their sum is outside the range of
        the instrument. They sum to the score.
    addends : tuple of ScoreTerm
        Every term: the level first, then by size. They sum to the score.
    families : dict of str to float
        The terms summed by family: the level, the client's intake, then by size. They sum to the score.
    rules : tuple of ExclusionReason
        Rules that exclude the therapist; empty for a candidate.
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
        """Return the breakdown as plain types, as in JSON."""
        plain = asdict(self)
        return {**plain, "addends": list(plain["addends"]), "rules": list(plain["rules"])}


def explain_score(scorer: RosterScorer, client_id: str, therapist_id: str) -> ScoreBreakdown:
    """Break down the score of one pair, in points of the instrument; the therapist can be excluded.

    Returns
    -------
    ScoreBreakdown
        ``parts`` and ``addends`` each sum to ``score`` within 1e-9.

    Raises
    ------
    DataFault
        If no client or therapist has the id.
    """
    roster = scorer.score_clients(np.array([find_row(scorer.tables, "clients", client_id)], dtype=np.intp))
    pair = (0, find_row(scorer.tables, "therapists", therapist_id))
    builder = RankingBuilder.from_scored_roster(scorer, roster)
    exclusion = None if roster.eligibility.is_eligible[pair] else builder.build_exclusion(pair)
    terms = compute_score_terms(scorer, roster, pair)
    return ScoreBreakdown(
        client_id=client_id,
        therapist_id=therapist_id,
        verdict=scorer.model.verdict.sentence,
        instrument=scorer.instrument.name,
        score=float(scorer.instrument.to_points(float(roster.score[pair]))),
        low=float(scorer.instrument.to_points(float(roster.low[pair]))),
        high=float(scorer.instrument.to_points(float(roster.high[pair]))),
        parts=_compute_parts(scorer, roster, pair),
        addends=terms,
        families=sum_by_family(terms),
        rules=() if exclusion is None else exclusion.rules,
    )


def _compute_parts(scorer: RosterScorer, roster: ScoredRoster, pair: PairIndex) -> dict[str, float]:
    """Return the parts of the score in points; the baseline includes the lowest point of the instrument."""
    parts = {name: float(getattr(roster.parts, name)[pair]) * scorer.points_per_pomp for name in SCORE_PARTS}
    parts["baseline"] += scorer.instrument.low
    limit = _compute_scale_limit(scorer, roster, pair)
    return {**parts, SCALE_LIMIT: limit} if limit else parts


def _compute_scale_limit(scorer: RosterScorer, roster: ScoredRoster, pair: PairIndex) -> float:
    """Return the change by clipping the score to the range of the instrument, in points; usually 0."""
    return float(roster.score[pair] - roster.parts.score[pair]) * scorer.points_per_pomp


def compute_score_terms(scorer: RosterScorer, roster: ScoredRoster, pair: PairIndex) -> tuple[ScoreTerm, ...]:
    """Return the level, every feature and the therapist effect as terms, in points: the level first, then by size."""
    features = scorer.model.features
    contributions = scorer.model.compute_contributions(roster.pairs)[pair] * scorer.points_per_pomp
    values = PairFrame.from_pairs(roster.pairs, features).values[pair]
    therapist_effect = float(roster.parts.therapist[pair]) * scorer.points_per_pomp
    terms = [
        ScoreTerm(
            feature.name,
            feature.family,
            float(points),
            describe_contribution(feature, float(value), float(points), is_turned=bool(is_turned)) if points else "",
            not np.isnan(value),
        )
        for feature, points, value, is_turned in zip(
            features, contributions, values, scorer.turned_weights, strict=True
        )
    ]
    typical = float(np.broadcast_to(scorer.model.compute_level(roster.pairs), roster.pairs.shape)[pair])
    points = scorer.instrument.low + typical * scorer.points_per_pomp
    level = ScoreTerm(TYPICAL_PAIR, "level", points, "the starting point: a typical pair", known=True)
    therapist = ScoreTerm(
        THERAPIST_EFFECT,
        "therapist",
        therapist_effect,
        _describe_therapist_effect(therapist_effect),
        known=True,
    )
    limit = _compute_scale_limit(scorer, roster, pair)
    terms.append(therapist)
    if limit:
        text = "no score can be outside the range of the instrument"
        terms.append(ScoreTerm(SCALE_LIMIT, SCALE_LIMIT, limit, text, known=True))
    return (level, *sorted(terms, key=lambda term: -abs(term.points)))


def _describe_therapist_effect(points: float) -> str:
    """Return the therapist effect in words; empty without an effect."""
    if not points:
        return ""
    return f"rated {'higher' if points > 0 else 'lower'} by clients here than the model expects"


def sum_by_family(terms: Sequence[ScoreTerm]) -> dict[str, float]:
    """Sum the points of the terms by family: level and intake first, then by size."""
    names = dict.fromkeys(term.family for term in terms)
    sums = {name: sum(term.points for term in terms if term.family == name) for name in names}
    largest = sorted(names, key=lambda name: -abs(sums[name]))
    return {name: sums[name] for name in (*LEADING_FAMILIES, *largest) if name in sums}
