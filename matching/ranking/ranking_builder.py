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

    desk: RosterScorer
    board: ScoredRoster
    reasons: RelativeContributions

    @classmethod
    def of(cls, desk: RosterScorer, board: ScoredRoster) -> RankingBuilder:
        """Work out the reasons of the whole block at once."""
        return cls(
            desk,
            board,
            RelativeContributions.of(desk.model, board.pairs, board.parts, board.judged.eligible, desk.step),
        )

    def ranking(self, client: int) -> Ranking:
        """The ranking of one client of the block."""
        desk, judged = self.desk, self.board.judged
        row = int(self.board.pairs.client_rows[client, 0])
        wished = self._wished(client)
        order = [(client, int(therapist)) for therapist in self.board.places.order[client]]
        left_out = sorted((cell for cell in order if not judged.eligible[cell]), key=self._id)
        settings = desk.clinic.config.settings
        return Ranking(
            client_id=str(desk.tables.clients["client_id"][row]),
            verdict=desk.model.verdict.sentence,
            candidates=tuple(self._candidate(cell, wished) for cell in order if judged.eligible[cell]),
            excluded=tuple(self.exclusion(cell) for cell in left_out),
            unchecked=tuple(rule.name for rule in judged.not_checked_for(client)),
            instrument=desk.instrument.name,
            interval=settings.interval,
            shortlist=settings.shortlist,
            seed=desk.seed,
            as_of=desk.tables.as_of.isoformat(),
            data=desk.data,
            bundle=desk.bundle,
            policy=desk.policy,
        )

    def _candidate(self, cell: PairIndex, wished: ClientWishes) -> Candidate:
        board = self.board
        return Candidate(
            position=int(board.places.rank[cell]),
            therapist_id=self._id(cell),
            band=int(board.places.band[cell]),
            score=self._points(board.score[cell]),
            low=self._points(board.low[cell]),
            high=self._points(board.high[cell]),
            wishes=check_wishes(wished, cell[1]),
            reasons=self.reasons.told(cell),
            caution=self._unsure(cell) or self.reasons.caution(cell),
        )

    def _unsure(self, cell: PairIndex) -> Caution | None:
        """The first rule that could not be checked for a candidate: it may turn out to forbid the pair."""
        judged = self.board.judged
        for rule, unknown in zip(judged.rules, judged.unknown, strict=True):
            if unknown[cell]:
                return Caution(rule.name, format_sentence(rule.unknown_says))
        return None

    def exclusion(self, cell: PairIndex) -> Exclusion:
        """Every rule that leaves the therapist out."""
        judged, wished = self.board.judged, self._wished(cell[0])
        broken = (
            self._broken(rule, bool(unknown[cell]), check_wishes(wished, cell[1]))
            for rule, out, unknown in zip(judged.rules, judged.excluded, judged.unknown, strict=True)
            if out[cell]
        )
        return Exclusion(self._id(cell), tuple(broken))

    def _broken(self, rule: Rule, unknown: bool, held: tuple[WishResult, ...]) -> ExclusionReason:
        """Why a rule leaves a therapist out; a rule of wishes names those in question."""
        failed = [one for one in held if (one.strength, one.answer) == (rule.name, "unknown" if unknown else "unmet")]
        named = ", ".join(f"{one.attribute} {one.value}" for one in failed)
        says = (rule.unknown_says if unknown else rule.says) + (f" ({named})" if named else "")
        empty = [f"`therapists.{one.attribute}`" for one in failed] or [f"`{place}`" for place in rule.reads]
        lifts = f"{' or '.join(dict.fromkeys(empty))} filled in" if unknown else rule.lifts
        return ExclusionReason(rule.name, says, lifts, unknown)

    def _wished(self, client: int) -> ClientWishes:
        return self.desk.sides.wishlist().of_client(int(self.board.pairs.client_rows[client, 0]))

    def _id(self, cell: PairIndex) -> str:
        return str(self.desk.tables.therapists["therapist_id"][cell[1]])

    def _points(self, pomp: float) -> float:
        return round(self.desk.instrument.points(float(pomp)), POINT_DECIMALS)
