"""A block of clients told one by one: candidates with reasons and a caution, and why the others are left out."""

from __future__ import annotations

from dataclasses import dataclass

from attune_fit.matching.eligibility.rules import Rule
from attune_fit.matching.ranking.ranking_result import (
    POINT_DECIMALS,
    Candidate,
    Caution,
    Exclusion,
    ExclusionReason,
    Ranking,
    WishResult,
)
from attune_fit.matching.ranking.reasons import PairIndex, RelativeContributions, format_sentence
from attune_fit.matching.ranking.scored_roster import RosterScorer, ScoredRoster
from attune_fit.matching.ranking.wish_results import ClientWishes, check_wishes


@dataclass(frozen=True)
class RankingBuilder:
    """Says in words and plain numbers what a board holds."""

    scorer: RosterScorer
    scored_roster: ScoredRoster
    contributions: RelativeContributions

    @classmethod
    def from_scored_roster(cls, desk: RosterScorer, board: ScoredRoster) -> RankingBuilder:
        """Work out the reasons of the whole block at once."""
        return cls(
            desk,
            board,
            RelativeContributions.from_scores(
                desk.model, board.pairs, board.parts, board.eligibility.is_eligible, desk.points_per_pomp
            ),
        )

    def build_ranking(self, client: int) -> Ranking:
        """The ranking of one client of the block."""
        desk, judged = self.scorer, self.scored_roster.eligibility
        row = int(self.scored_roster.pairs.client_rows[client, 0])
        wished = self._list_wishes(client)
        order = [(client, int(therapist)) for therapist in self.scored_roster.positions.order[client]]
        left_out = sorted((cell for cell in order if not judged.is_eligible[cell]), key=self._therapist_id)
        settings = desk.clinic.config.settings
        return Ranking(
            client_id=str(desk.tables.clients["client_id"][row]),
            verdict=desk.model.verdict.sentence,
            candidates=tuple(self._build_candidate(cell, wished) for cell in order if judged.is_eligible[cell]),
            excluded=tuple(self.build_exclusion(cell) for cell in left_out),
            unchecked=tuple(rule.name for rule in judged.list_unchecked_rules(client)),
            instrument=desk.instrument.name,
            interval=settings.interval,
            shortlist=settings.shortlist,
            seed=desk.seed,
            as_of=desk.tables.as_of.isoformat(),
            data=desk.data_digest,
            bundle=desk.bundle_name,
            policy=desk.policy_digest,
        )

    def _build_candidate(self, cell: PairIndex, wished: ClientWishes) -> Candidate:
        board = self.scored_roster
        return Candidate(
            position=int(board.positions.rank[cell]),
            therapist_id=self._therapist_id(cell),
            band=int(board.positions.band[cell]),
            score=self._points(board.score[cell]),
            low=self._points(board.low[cell]),
            high=self._points(board.high[cell]),
            wishes=check_wishes(wished, cell[1]),
            reasons=self.contributions.select_reasons(cell),
            caution=self._find_unknown_rule(cell) or self.contributions.find_caution(cell),
        )

    def _find_unknown_rule(self, cell: PairIndex) -> Caution | None:
        """The first rule that could not be checked for a candidate: it may turn out to forbid the pair."""
        judged = self.scored_roster.eligibility
        for rule, unknown in zip(judged.rules, judged.is_unknown, strict=True):
            if unknown[cell]:
                return Caution(rule.name, format_sentence(rule.unknown_text))
        return None

    def build_exclusion(self, cell: PairIndex) -> Exclusion:
        """Every rule that leaves the therapist out."""
        judged, wished = self.scored_roster.eligibility, self._list_wishes(cell[0])
        broken = (
            self._build_exclusion_reason(rule, bool(unknown[cell]), check_wishes(wished, cell[1]))
            for rule, out, unknown in zip(judged.rules, judged.is_excluded, judged.is_unknown, strict=True)
            if out[cell]
        )
        return Exclusion(self._therapist_id(cell), tuple(broken))

    def _build_exclusion_reason(self, rule: Rule, unknown: bool, held: tuple[WishResult, ...]) -> ExclusionReason:
        """Why a rule leaves a therapist out; a rule of wishes names those in question."""
        failed = [one for one in held if (one.strength, one.answer) == (rule.name, "unknown" if unknown else "unmet")]
        named = ", ".join(f"{one.attribute} {one.value}" for one in failed)
        says = (rule.unknown_text if unknown else rule.violation_text) + (f" ({named})" if named else "")
        empty = [f"`therapists.{one.attribute}`" for one in failed] or [f"`{place}`" for place in rule.input_columns]
        lifts = f"{' or '.join(dict.fromkeys(empty))} filled in" if unknown else rule.remedy_text
        return ExclusionReason(rule.name, says, lifts, unknown)

    def _list_wishes(self, client: int) -> ClientWishes:
        return self.scorer.sides.build_wish_table().list_client_wishes(
            int(self.scored_roster.pairs.client_rows[client, 0])
        )

    def _therapist_id(self, cell: PairIndex) -> str:
        return str(self.scorer.tables.therapists["therapist_id"][cell[1]])

    def _points(self, pomp: float) -> float:
        return round(self.scorer.instrument.to_points(float(pomp)), POINT_DECIMALS)
