"""Turn a block of scored clients into rankings: candidates with reasons and a caution, the others with their rules.

A ranking is arrays at first. Records with words are built when someone looks at them: mostly the first places only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial

import numpy as np

from attune_fit.data.arrays import Indices
from attune_fit.features.pairs import Pairs
from attune_fit.matching.eligibility.eligibility_rule import Rule
from attune_fit.matching.ranking.candidate_facts import CandidateFacts, read_facts
from attune_fit.matching.ranking.compared_fields import read_rule_fields
from attune_fit.matching.ranking.dropout_estimate import DropoutEstimate, build_dropout_estimates
from attune_fit.matching.ranking.exclusion_groups import ExcludedTherapists, find_distinct_results
from attune_fit.matching.ranking.lazy_rows import LazyRows
from attune_fit.matching.ranking.list_draw import ListDraw, build_list_draw
from attune_fit.matching.ranking.order_adjustment import describe_order_weights
from attune_fit.matching.ranking.ranking_result import (
    POINT_DECIMALS,
    Candidate,
    Caution,
    Exclusion,
    ExclusionReason,
    Ranking,
    RankingArrays,
    WishResult,
)
from attune_fit.matching.ranking.reasons import RelativeContributions, format_sentence
from attune_fit.matching.ranking.scale_scores import ScaleScore, build_scale_scores
from attune_fit.matching.ranking.scored_roster import RosterScorer, ScoredRoster, count_honoured_wishes
from attune_fit.matching.ranking.wish_results import ClientWishes, check_wishes


@dataclass(frozen=True)
class RankingBuilder:
    """Builds the records of one client of a scored block.

    Attributes
    ----------
    scorer : RosterScorer
    scored_roster : ScoredRoster
    client : int
        Which client of the block.
    """

    scorer: RosterScorer
    scored_roster: ScoredRoster
    client: int = 0

    def build_ranking(self) -> Ranking:
        """Build the ranking, with records that are built when they are looked at."""
        scorer = self.scorer
        settings, client_id = scorer.clinic.config.settings, scorer.sides.list_ids("client")[self._row]
        return Ranking(
            client_id=client_id,
            verdict=scorer.model.verdict.sentence,
            candidates=LazyRows(len(self._ordered), self._build_candidates),
            excluded=LazyRows(len(self._excluded_rows), self._build_exclusions),
            unchecked=tuple(rule.name for rule in self.scored_roster.eligibility.list_unchecked_rules(self.client)),
            instrument=scorer.instrument.name,
            interval=settings.interval,
            shortlist=settings.shortlist,
            seed=scorer.seed,
            as_of=scorer.tables.as_of.isoformat(),
            data=scorer.data_digest,
            bundle=scorer.bundle_name,
            policy=scorer.policy_digest,
            met_therapists=scorer.met_therapists.get(client_id, ()),
            arrays=self._arrays,
            order_weights=describe_order_weights(settings, scorer.model),
        )

    @cached_property
    def _row(self) -> int:
        return int(self.scored_roster.client_rows[self.client])

    @cached_property
    def _client_wishes(self) -> ClientWishes:
        return self.scorer.sides.build_wish_table().list_client_wishes(self._row)

    @cached_property
    def _ordered(self) -> Indices:
        """Positions of the candidates in the list of scored pairs, the first place first."""
        return self.scored_roster.list_candidates(self.client)

    @cached_property
    def _arrays(self) -> RankingArrays:
        roster, order, to_points = self.scored_roster, self._ordered, self.scorer.instrument.to_points
        pomp = np.stack([roster.score[order], roster.low[order], roster.high[order]], axis=-1)
        return RankingArrays(
            self.scorer.therapist_ids[roster.pairs.therapist_rows[order]].tolist(),
            roster.band[order],
            np.round(to_points(pomp), POINT_DECIMALS),
            self._excluded,
            self.build_draw,
        )

    def build_draw(self, n_shown: int) -> ListDraw:
        """Build how the order of the first places was drawn."""
        scorer, rows = self.scorer, self.scored_roster.pairs.therapist_rows[self._ordered]
        pairs = Pairs.from_rows(scorer.sides, np.full(len(rows), self._row), rows)
        weight = scorer.clinic.config.settings.newcomer_weight
        band = self.scored_roster.band[self._ordered]
        return build_list_draw(band, count_honoured_wishes(pairs), scorer.is_newcomer[rows], weight, n_shown)

    def _build_candidates(self, places: Sequence[int]) -> list[Candidate]:
        """Build the records of some candidates, with their reasons, by place from 0."""
        contributions = self._compute_contributions(self._ordered[list(places)])
        arrays, uses = self._arrays, self.scorer.opening_uses
        dropout, scales = self._estimate_outcomes(self._ordered[list(places)])
        records = []
        for number, place in enumerate(places):
            therapist_id, row = arrays.therapist_ids[place], int(contributions.pairs.therapist_rows[number])
            score, low, high = arrays.points[place].tolist()
            records.append(
                Candidate(
                    position=place + 1,
                    therapist_id=therapist_id,
                    band=int(arrays.band[place]),
                    score=score,
                    low=low,
                    high=high,
                    wishes=check_wishes(self._client_wishes, row),
                    reasons=contributions.select_reasons(number),
                    caution=self._find_unknown_rule(row) or contributions.find_caution(number),
                    openings=uses.get(therapist_id),
                    dropout=dropout[number],
                    scales=scales[number],
                ).attach(partial(self.read_facts, row))
            )
        return records

    def _estimate_outcomes(
        self, positions: Indices
    ) -> tuple[Sequence[DropoutEstimate | None], Sequence[tuple[ScaleScore, ...]]]:
        """Estimate the dropout and the scales of some candidates, by their positions in the scored block."""
        pairs, level = self.scored_roster.pairs, self.scorer.clinic.config.settings.interval
        taken = Pairs.from_rows(pairs.sides, pairs.client_rows[positions], pairs.therapist_rows[positions])
        frame, dropout = self.scored_roster.frame.take(positions), self.scorer.model.dropout
        return build_dropout_estimates(dropout, taken, frame, level), build_scale_scores(self.scorer, taken, frame)

    def read_facts(self, therapist_row: int) -> CandidateFacts:
        """Read what can be checked in the rows of the client and a therapist, who can be excluded."""
        eligibility = self.scored_roster.eligibility
        excluded, unknown, empty = (
            int(bits[self.client, therapist_row])
            for bits in (eligibility.excluded_bits, eligibility.unknown_bits, eligibility.unchecked_bits)
        )
        return read_facts(
            self.scorer.sides,
            self._row,
            therapist_row,
            self.scorer.clinic.config.settings.roster_stale_days,
            eligibility.list_rules(unknown & ~excluded),
            eligibility.list_rules(empty),
        )

    def _compute_contributions(self, positions: Indices) -> RelativeContributions:
        """Compute what the reasons of some candidates are selected from, by their positions in the scored block."""
        candidates, pairs = np.sort(self._ordered), self.scored_roster.pairs
        return RelativeContributions.from_candidates(
            self.scorer.reason_criteria,
            Pairs.from_rows(pairs.sides, pairs.client_rows[candidates], pairs.therapist_rows[candidates]),
            self.scored_roster.frame.take(candidates),
            self.scorer.roster_effects,
            np.searchsorted(candidates, positions),
        )

    def _find_unknown_rule(self, therapist_row: int) -> Caution | None:
        """Return a caution about the first rule with an unknown result: the rule might exclude the candidate."""
        eligibility = self.scored_roster.eligibility
        for rule in eligibility.list_rules(eligibility.unknown_bits[self.client, therapist_row]):
            caution = Caution(rule.name, format_sentence(rule.unknown_text))
            return caution.attach(partial(read_rule_fields, self.scorer.sides, rule, self._row, therapist_row))
        return None

    @cached_property
    def _excluded_rows(self) -> Indices:
        """Rows of the excluded therapists, sorted by their ids."""
        by_id = self.scorer.rows_by_id
        is_excluded = self.scored_roster.eligibility.excluded_bits[self.client, by_id] != 0
        return np.asarray(by_id[is_excluded])

    @cached_property
    def _excluded(self) -> ExcludedTherapists:
        """Why the other therapists are excluded: the reasons of each distinct result are put into words once."""
        rows, eligibility = self._excluded_rows, self.scored_roster.eligibility
        bit_of = {rule.name: 1 << number for number, rule in enumerate(eligibility.rules)}
        wishes = [
            (bit_of[strength], answers[rows]) for strength, *_, answers in self._client_wishes if strength in bit_of
        ]
        first, kind = find_distinct_results(
            eligibility.excluded_bits[self.client, rows], eligibility.unknown_bits[self.client, rows], wishes
        )
        reasons = tuple(self.explain_exclusion(int(row)) for row in rows[first])
        return ExcludedTherapists(self.scorer.therapist_ids[rows], kind, reasons)

    def _build_exclusions(self, numbers: Sequence[int]) -> list[Exclusion]:
        """Build the records of some excluded therapists, in the order of their ids."""
        excluded, uses = self._excluded, self.scorer.opening_uses
        return [
            Exclusion(str(therapist_id), excluded.reasons[kind], uses.get(str(therapist_id)))
            for therapist_id, kind in zip(
                excluded.therapist_ids[list(numbers)], excluded.kind[list(numbers)].tolist(), strict=True
            )
        ]

    def explain_exclusion(self, therapist_row: int) -> tuple[ExclusionReason, ...]:
        """List every rule that excludes a therapist for the client; none for a candidate."""
        eligibility = self.scored_roster.eligibility
        excluded, unknown_rules = (
            eligibility.list_rules(bits[self.client, therapist_row])
            for bits in (eligibility.excluded_bits, eligibility.unknown_bits)
        )
        return tuple(
            _build_exclusion_reason(rule, unknown, self._list_failed_wishes(rule.name, unknown, therapist_row))
            for rule, unknown in ((rule, rule in unknown_rules) for rule in excluded)
        )

    def _list_failed_wishes(self, strength: str, unknown: bool, therapist_row: int) -> tuple[WishResult, ...]:
        """List the wishes of one strength that the therapist does not meet, or whose answer is unknown."""
        behind = [wish for wish in self._client_wishes if wish[0] == strength]
        if not behind:
            return ()
        answer = "unknown" if unknown else "unmet"
        return tuple(wish for wish in check_wishes(behind, therapist_row) if wish.answer == answer)


@lru_cache(maxsize=1_000)  # few distinct ones: clients of a clinic meet the same rules
def _build_exclusion_reason(rule: Rule, unknown: bool, failed: tuple[WishResult, ...]) -> ExclusionReason:
    """Explain why a rule excludes a therapist; a rule about wishes names the wishes behind it."""
    names = ", ".join(f"{wish.attribute} {wish.value}" for wish in failed)
    text = (rule.unknown_text if unknown else rule.violation_text) + (f" ({names})" if names else "")
    empty = [f"`therapists.{wish.attribute}`" for wish in failed] or [f"`{place}`" for place in rule.input_columns]
    lifts = f"{' or '.join(dict.fromkeys(empty))} filled in" if unknown else rule.remedy_text
    return ExclusionReason(rule.name, text, lifts, unknown)
