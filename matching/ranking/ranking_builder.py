"""Turn a block of scored clients into rankings: candidates with reasons and a caution, the others with their rules."""

from __future__ import annotations

from dataclasses import dataclass

from attune_fit.matching.eligibility.eligibility_rule import Rule
from attune_fit.matching.ranking.ranking_result import (
    Candidate,
    Caution,
    Exclusion,
    ExclusionReason,
    Ranking,
    WishResult,
    round_points,
)
from attune_fit.matching.ranking.reasons import PairIndex, RelativeContributions, format_sentence
from attune_fit.matching.ranking.scored_roster import RosterScorer, ScoredRoster
from attune_fit.matching.ranking.wish_results import ClientWishes, check_wishes


@dataclass(frozen=True)
class RankingBuilder:
    """Builds the result records of the clients of one scored block."""

    scorer: RosterScorer
    scored_roster: ScoredRoster
    contributions: RelativeContributions

    @classmethod
    def from_scored_roster(cls, scorer: RosterScorer, roster: ScoredRoster) -> RankingBuilder:
        """Compute the reasons of the whole block at once."""
        contributions = RelativeContributions.from_scores(
            scorer.model,
            roster.pairs,
            roster.parts,
            roster.eligibility.is_eligible,
            scorer.turned_weights,
            scorer.points_per_pomp,
        )
        return cls(scorer, roster, contributions)

    def build_ranking(self, client: int) -> Ranking:
        """Build the ranking of one client of the block."""
        scorer, eligibility = self.scorer, self.scored_roster.eligibility
        row = int(self.scored_roster.pairs.client_rows[client, 0])
        client_wishes = self._list_wishes(client)
        pairs = [(client, int(therapist)) for therapist in self.scored_roster.positions.order[client]]
        excluded = sorted((pair for pair in pairs if not eligibility.is_eligible[pair]), key=self._therapist_id)
        settings, client_id = scorer.clinic.config.settings, str(scorer.tables.clients["client_id"][row])
        return Ranking(
            client_id=client_id,
            verdict=scorer.model.verdict.sentence,
            candidates=tuple(
                self._build_candidate(pair, client_wishes) for pair in pairs if eligibility.is_eligible[pair]
            ),
            excluded=tuple(self.build_exclusion(pair) for pair in excluded),
            unchecked=tuple(rule.name for rule in eligibility.list_unchecked_rules(client)),
            instrument=scorer.instrument.name,
            interval=settings.interval,
            shortlist=settings.shortlist,
            seed=scorer.seed,
            as_of=scorer.tables.as_of.isoformat(),
            data=scorer.data_digest,
            bundle=scorer.bundle_name,
            policy=scorer.policy_digest,
            met_therapists=scorer.met_therapists.get(client_id, ()),
        )

    def _build_candidate(self, pair: PairIndex, client_wishes: ClientWishes) -> Candidate:
        roster, to_points = self.scored_roster, self.scorer.instrument.to_points
        return Candidate(
            position=int(roster.positions.rank[pair]),
            therapist_id=self._therapist_id(pair),
            band=int(roster.positions.band[pair]),
            score=round_points(to_points(float(roster.score[pair]))),
            low=round_points(to_points(float(roster.low[pair]))),
            high=round_points(to_points(float(roster.high[pair]))),
            wishes=check_wishes(client_wishes, pair[1]),
            reasons=self.contributions.select_reasons(pair),
            caution=self._find_unknown_rule(pair) or self.contributions.find_caution(pair),
            openings=self.scorer.opening_uses.get(self._therapist_id(pair)),
        )

    def _find_unknown_rule(self, pair: PairIndex) -> Caution | None:
        """Return a caution about the first rule with an unknown result: the rule might exclude the candidate."""
        eligibility = self.scored_roster.eligibility
        for rule, unknown in zip(eligibility.rules, eligibility.is_unknown, strict=True):
            if unknown[pair]:
                return Caution(rule.name, format_sentence(rule.unknown_text))
        return None

    def build_exclusion(self, pair: PairIndex) -> Exclusion:
        """List every rule that excludes the therapist for the client."""
        eligibility = self.scored_roster.eligibility
        wishes = check_wishes(self._list_wishes(pair[0]), pair[1])
        reasons = (
            self._build_exclusion_reason(rule, bool(unknown[pair]), wishes)
            for rule, excluded, unknown in zip(
                eligibility.rules, eligibility.is_excluded, eligibility.is_unknown, strict=True
            )
            if excluded[pair]
        )
        therapist_id = self._therapist_id(pair)
        return Exclusion(therapist_id, tuple(reasons), self.scorer.opening_uses.get(therapist_id))

    def _build_exclusion_reason(self, rule: Rule, unknown: bool, wishes: tuple[WishResult, ...]) -> ExclusionReason:
        """Explain why a rule excludes a therapist; a rule about wishes names the wishes behind it."""
        answer = "unknown" if unknown else "unmet"
        failed = [wish for wish in wishes if (wish.strength, wish.answer) == (rule.name, answer)]
        names = ", ".join(f"{wish.attribute} {wish.value}" for wish in failed)
        text = (rule.unknown_text if unknown else rule.violation_text) + (f" ({names})" if names else "")
        empty = [f"`therapists.{wish.attribute}`" for wish in failed] or [f"`{place}`" for place in rule.input_columns]
        lifts = f"{' or '.join(dict.fromkeys(empty))} filled in" if unknown else rule.remedy_text
        return ExclusionReason(rule.name, text, lifts, unknown)

    def _list_wishes(self, client: int) -> ClientWishes:
        return self.scorer.sides.build_wish_table().list_client_wishes(
            int(self.scored_roster.pairs.client_rows[client, 0])
        )

    def _therapist_id(self, pair: PairIndex) -> str:
        return str(self.scorer.tables.therapists["therapist_id"][pair[1]])
