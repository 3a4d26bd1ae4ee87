"""Break the score of one pair into its additive terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs
from attune_fit.matching.ranking.contribution_texts import describe_contribution
from attune_fit.matching.ranking.dropout_estimate import DropoutEstimate, build_dropout_estimates
from attune_fit.matching.ranking.order_adjustment import describe_order_weights
from attune_fit.matching.ranking.rank import find_row
from attune_fit.matching.ranking.ranking_builder import RankingBuilder
from attune_fit.matching.ranking.ranking_result import ExclusionReason
from attune_fit.matching.ranking.reasons import THERAPIST_EFFECT
from attune_fit.matching.ranking.scale_scores import ScaleScore, build_scale_scores
from attune_fit.matching.ranking.scored_roster import RosterScorer

if TYPE_CHECKING:
    from attune_fit.data.arrays import Floats
    from attune_fit.models.alliance_model import ScoreParts

SCORE_PARTS = ("baseline", "evidence", "learned", "therapist")
SCALE_LIMIT = "limit"  # what clipping to the range of the instrument removes
TYPICAL_PAIR = "typical_pair"  # the intercept: the level of a pair in which every feature is typical
OPTIONAL_KEYS = ("dropout", "order_weights", "scales")
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
    dropout : DropoutEstimate, optional
        None where the model knows too few episodes with known dropout.
    order_weights : str
        What else the order of a list weighs, as a sentence; empty where it is the order of the expected alliance.
    scales : tuple of ScaleScore
        Goal, task and bond, in points; empty where they cannot be estimated.
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
    dropout: DropoutEstimate | None = None
    order_weights: str = ""
    scales: tuple[ScaleScore, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the breakdown as plain types, as in JSON, without the optional keys that are empty."""
        plain = {name: value for name, value in asdict(self).items() if name not in OPTIONAL_KEYS or value}
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
    client, therapist = (
        find_row(scorer.tables, "clients", client_id),
        find_row(scorer.tables, "therapists", therapist_id),
    )
    pairs, settings = Pairs.from_rows(scorer.sides, [client], [therapist]), scorer.clinic.config.settings
    parts, to_points = scorer.score_pairs(pairs), scorer.instrument.to_points
    frame = PairFrame.from_pairs(pairs, scorer.model.features)
    low, high = map(scorer.clip_to_range, scorer.model.compute_interval(parts))
    terms = compute_score_terms(scorer, pairs, parts)[0]
    return ScoreBreakdown(
        client_id=client_id,
        therapist_id=therapist_id,
        verdict=scorer.model.verdict.sentence,
        instrument=scorer.instrument.name,
        score=float(to_points(float(scorer.clip_to_range(parts.score)[0]))),
        low=float(to_points(float(low[0]))),
        high=float(to_points(float(high[0]))),
        parts=_compute_parts(scorer, parts),
        addends=terms,
        families=sum_by_family(terms),
        rules=RankingBuilder(scorer, scorer.score_clients(np.array([client]))).explain_exclusion(therapist),
        dropout=build_dropout_estimates(scorer.model.dropout, pairs, frame, settings.interval)[0],
        order_weights=describe_order_weights(settings, scorer.model),
        scales=build_scale_scores(scorer, pairs, frame)[0],
    )


def _compute_parts(scorer: RosterScorer, parts: ScoreParts) -> dict[str, float]:
    """Return the parts of one pair's score in points; the baseline includes the lowest point of the instrument."""
    points = {name: float(getattr(parts, name)[0]) * scorer.points_per_pomp for name in SCORE_PARTS}
    points["baseline"] += scorer.instrument.low
    limit = float(_compute_scale_limits(scorer, parts)[0])
    return {**points, SCALE_LIMIT: limit} if limit else points


def _compute_scale_limits(scorer: RosterScorer, parts: ScoreParts) -> Floats:
    """Return the change by clipping each score to the range of the instrument, in points; usually 0."""
    return (scorer.clip_to_range(parts.score) - parts.score) * scorer.points_per_pomp


def compute_score_terms(scorer: RosterScorer, pairs: Pairs, parts: ScoreParts) -> list[tuple[ScoreTerm, ...]]:
    """Return the level, every feature and the therapist effect of each pair as terms, in points.

    The level is the first term of a pair, the others follow by size.

    Parameters
    ----------
    scorer : RosterScorer
    pairs : Pairs
        A list of pairs.
    parts : ScoreParts
        Their scores.
    """
    frame, per_pomp = PairFrame.from_pairs(pairs, scorer.model.features), scorer.points_per_pomp
    contributions = scorer.model.compute_contributions(pairs, frame) * per_pomp
    levels = np.broadcast_to(scorer.model.compute_level(pairs), pairs.shape) * per_pomp + scorer.instrument.low
    limits = _compute_scale_limits(scorer, parts)
    return [
        _list_terms(
            scorer, contributions[row], frame.values[row], float(levels[row]), float(effect), float(limits[row])
        )
        for row, effect in enumerate(parts.therapist * per_pomp)
    ]


def _list_terms(
    scorer: RosterScorer, contributions: Floats, values: Floats, level: float, therapist_effect: float, limit: float
) -> tuple[ScoreTerm, ...]:
    """Return the terms of one pair; all but ``values`` are in points."""
    terms = [
        ScoreTerm(
            feature.name,
            feature.family,
            float(points),
            describe_contribution(feature, float(value), float(points), is_turned=bool(is_turned)) if points else "",
            not np.isnan(value),
        )
        for feature, points, value, is_turned in zip(
            scorer.model.features, contributions, values, scorer.turned_weights, strict=True
        )
    ]
    text = _describe_therapist_effect(therapist_effect)
    terms.append(ScoreTerm(THERAPIST_EFFECT, "therapist", therapist_effect, text, known=True))
    if limit:
        text = "no score can be outside the range of the instrument"
        terms.append(ScoreTerm(SCALE_LIMIT, SCALE_LIMIT, limit, text, known=True))
    start = ScoreTerm(TYPICAL_PAIR, "level", level, "the starting point: a typical pair", known=True)
    return (start, *sorted(terms, key=lambda term: -abs(term.points)))


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
