"""A larger tie-break weight moves newcomers up among near ties, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from attune_fit.matching.fairness.audit import audit
from attune_fit.matching.ranking.scored_roster import RosterScorer, count_honoured_wishes
from attune_fit.matching.ranking.tie_break import TieBreak, weight_tie_break_keys
from tests.matching.builders import busy, experienced, opened

ALL = np.arange(len(busy().clients))


def build_scorer(turns: float, band: float = 0.75) -> RosterScorer:
    return RosterScorer.from_clinic(
        experienced(), opened(f"[settings]\nnewcomer_weight = {turns}\nband = {band}"), busy()
    )


def test_scores_bands_and_wishes_come_before_the_tie_break() -> None:
    plain, other = build_scorer(1).score_clients(ALL), build_scorer(50).score_clients(ALL)
    assert (plain.score == other.score).all()
    assert (plain.band == other.band).all()
    assert (plain.rank != other.rank).any()
    wishes = count_honoured_wishes(other.pairs)
    for client in range(len(ALL)):
        keys = [(other.band[one], -wishes[one]) for one in other.list_candidates(client)]
        assert keys == sorted(keys)


def test_newcomers_move_up_and_the_others_keep_their_order() -> None:
    plain, other = build_scorer(1).score_clients(ALL), build_scorer(50).score_clients(ALL)
    new = build_scorer(1).is_newcomer
    assert 0 < new.sum() < len(new)
    is_new = new[plain.pairs.therapist_rows]
    assert (other.rank <= plain.rank)[is_new].mean() > 0.9
    assert other.rank[is_new].mean() < plain.rank[is_new].mean()
    for client in range(len(ALL)):
        before, after = (
            [one for one in scored.list_candidates(client) if not is_new[one]] for scored in (plain, other)
        )
        assert before == after


def test_where_every_therapist_is_a_newcomer_weights_change_no_order() -> None:
    no_records = replace(experienced().therapists, ids=())
    model = replace(experienced(), therapists=no_records)
    clinics = (opened(f"[settings]\nnewcomer_weight = {many}") for many in (1, 30))
    ranks = [RosterScorer.from_clinic(model, one, busy()).score_clients(ALL).rank for one in clinics]
    assert (ranks[0] == ranks[1]).all()


def test_newcomers_exposure_rises_with_their_weight_up_to_the_limit_of_bands() -> None:
    found = audit(build_scorer(3.0), everyone=True).newcomers
    assert found is not None
    weights = [many for many, _ in found.reach]
    times = [one for _, one in found.reach]
    assert weights == [1, 2, 3, 4, 8, None]
    assert times == sorted(times)
    assert (
        found.therapists
        == (build_scorer(1).is_newcomer & build_scorer(1).score_clients(ALL).eligibility.is_eligible.any(axis=0)).sum()
    )
    narrow = audit(build_scorer(3.0, band=0.51), everyone=True).newcomers
    assert narrow is not None
    assert narrow.reach[-1][1] - narrow.reach[0][1] < times[-1] - times[0]


@pytest.mark.parametrize("many", [1.0, 4.0])
def test_reported_exposure_is_the_mean_of_lists_over_many_seeds(many: float) -> None:
    """The expected exposure against the mean over 60 seeds."""
    scorer = build_scorer(many)
    roster, new, shown = scorer.score_clients(ALL), scorer.is_newcomer, scorer.clinic.config.settings.shortlist
    first = (
        roster.spread(roster.band, len(new) + 1),
        roster.spread(-count_honoured_wishes(roster.pairs)),
    )
    exposures = []
    for seed in range(60):
        drawn = TieBreak.from_tables(busy(), scorer.model.features, seed).draw_keys(ALL[:, None], np.arange(len(new)))
        keys = weight_tie_break_keys(drawn, np.where(new, many, 1.0))
        rank = np.argsort(np.lexsort((keys, first[1], first[0]), axis=1), axis=1) + 1
        exposure = np.where(roster.eligibility.is_eligible & (rank <= shown), 1 / np.log2(1 + rank), 0.0)
        exposures.append(exposure[:, new].sum())
    found = audit(scorer, everyone=True).newcomers
    assert found is not None
    assert dict(found.reach)[many] == pytest.approx(np.mean(exposures) / random_exposure(), rel=0.02)


def random_exposure() -> float:
    """Exposure of newcomers if candidates were in random order, summed by hand."""
    scorer = build_scorer(1.0)
    roster, shown = scorer.score_clients(ALL), scorer.clinic.config.settings.shortlist
    total = 0.0
    for offered in roster.eligibility.is_eligible:
        places = min(shown, offered.sum())
        exposure = sum(1 / np.log2(1 + place) for place in range(1, places + 1))
        total += exposure * (offered & scorer.is_newcomer).sum() / max(offered.sum(), 1)
    return total
