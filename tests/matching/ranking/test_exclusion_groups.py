"""Groups and counts of excluded therapists, from arrays, are those of a loop over the records."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from attune_fit.data.clinic.tables import Tables
from attune_fit.matching.eligibility.rules import find_short_text
from attune_fit.matching.ranking.rank import rank_each
from attune_fit.matching.ranking.ranking_builder import RankingBuilder
from attune_fit.matching.ranking.ranking_result import ExclusionGroup, Ranking
from attune_fit.matching.ranking.scored_roster import RosterScorer
from tests.matching.builders import busy, opened, published
from tests.strategies import clinics


def group_plainly(ranking: Ranking) -> tuple[ExclusionGroup, ...]:
    """The groups, one record and one reason at a time."""
    therapists: dict[tuple[str, str], list[str]] = {}
    for exclusion in ranking.excluded:
        for reason in exclusion.rules:
            therapists.setdefault((reason.rule, reason.says), []).append(exclusion.therapist_id)
    groups = [ExclusionGroup(rule, says, tuple(ids)) for (rule, says), ids in therapists.items()]
    return tuple(sorted(groups, key=lambda group: (-len(group.therapists), group.rule, group.says)))


def count_plainly(ranking: Ranking) -> tuple[tuple[str, int], ...]:
    """The counts, one record and one reason at a time."""
    counts: dict[str, int] = {}
    for exclusion in ranking.excluded:
        for reason in exclusion.rules:
            text = find_short_text(reason.rule, is_unknown=reason.unknown)
            counts[text] = counts.get(text, 0) + 1
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def check_exclusions(tables: Tables, toml: str = "") -> int:
    """Compare both ways, and the reasons of each therapist with those found for this therapist alone."""
    scorer, n_excluded = RosterScorer.from_clinic(published(), opened(toml), tables), 0
    row_of = {therapist_id: row for row, therapist_id in enumerate(scorer.therapist_ids)}
    for client, ranking in enumerate(rank_each(scorer, list(tables.clients["client_id"]))):
        builder = RankingBuilder(scorer, scorer.score_clients(np.array([client])))
        for one in ranking.excluded:
            assert one.rules == builder.explain_exclusion(row_of[one.therapist_id])
        assert ranking.group_exclusions() == group_plainly(ranking)
        assert ranking.count_exclusions() == count_plainly(ranking)
        n_excluded += len(ranking.excluded)
    return n_excluded


@settings(max_examples=40, deadline=None)
@given(clinics(conflicts=3, states=3, wishes=8))
def test_groups_and_counts_agree_with_a_loop_over_the_records(tables: Tables) -> None:
    check_exclusions(tables)


def test_a_clinic_with_many_wishes_has_each_kind_of_reason() -> None:
    assert check_exclusions(busy(), '[rules.payer]\nunknown = "exclude"\n') > 200
