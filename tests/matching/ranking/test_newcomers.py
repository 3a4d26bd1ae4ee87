"""More lots for newcomers bring them forward among those who cannot be told apart, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from attune_fit.matching.fairness.audit import audit
from attune_fit.matching.ranking.near_ties import draw_tie_break_keys, weight_tie_break_keys
from attune_fit.matching.ranking.scored_roster import RosterScorer, count_honoured_wishes
from tests.matching.builders import busy, experienced, opened

ALL = np.arange(len(busy().clients))


def desk(turns: float, band: float = 0.75) -> RosterScorer:
    return RosterScorer.from_clinic(
        experienced(), opened(f"[settings]\nnewcomer_turns = {turns}\nband = {band}"), busy()
    )


def test_scores_bands_and_wishes_come_before_any_lot() -> None:
    plain, other = desk(1).score_clients(ALL), desk(50).score_clients(ALL)
    assert (plain.score == other.score).all()
    assert (plain.positions.band == other.positions.band).all()
    assert (plain.positions.order != other.positions.order).any()
    wishes = count_honoured_wishes(other.pairs)
    for client in ALL:
        shown = [one for one in other.positions.order[client] if other.eligibility.is_eligible[client, one]]
        keys = [(other.positions.band[client, one], -wishes[client, one]) for one in shown]
        assert keys == sorted(keys)


def test_newcomers_come_forward_and_the_others_keep_their_order() -> None:
    plain, other = desk(1).score_clients(ALL), desk(50).score_clients(ALL)
    new = desk(1).is_newcomer
    assert 0 < new.sum() < len(new)
    offered = plain.eligibility.is_eligible
    assert (other.positions.rank[:, new] <= plain.positions.rank[:, new])[offered[:, new]].mean() > 0.9
    assert other.positions.rank[:, new][offered[:, new]].mean() < plain.positions.rank[:, new][offered[:, new]].mean()
    for client in ALL:
        before, after = ([one for one in made.positions.order[client] if not new[one]] for made in (plain, other))
        assert before == after


def test_where_nobody_has_records_lots_change_no_order() -> None:
    nobody = replace(experienced().therapists, ids=())
    model = replace(experienced(), therapists=nobody)
    orders = [RosterScorer.from_clinic(model, opened(f"[settings]\nnewcomer_turns = {many}"), busy()).score_clients(ALL).positions.order
              for many in (1, 30)]  # fmt: skip
    assert (orders[0] == orders[1]).all()


def test_what_newcomers_get_rises_with_their_lots_up_to_what_bands_permit() -> None:
    found = audit(desk(3.0), everyone=True).newcomers
    assert found is not None
    lots = [many for many, _ in found.reach]
    times = [one for _, one in found.reach]
    assert lots == [1, 2, 3, 4, 8, None]
    assert times == sorted(times)
    assert (
        found.therapists == (desk(1).is_newcomer & desk(1).score_clients(ALL).eligibility.is_eligible.any(axis=0)).sum()
    )
    narrow = audit(desk(3.0, band=0.51), everyone=True).newcomers
    assert narrow is not None
    assert narrow.reach[-1][1] - narrow.reach[0][1] < times[-1] - times[0]


@pytest.mark.parametrize("many", [1.0, 4.0])
def test_what_is_told_is_what_lists_show_over_many_seeds(many: float) -> None:
    """The expected exposure against the mean of sixty seeds."""
    one = desk(many)
    board, new, shown = one.score_clients(ALL), one.is_newcomer, one.clinic.config.settings.shortlist
    first = (
        np.where(board.eligibility.is_eligible, board.positions.band, len(new) + 1),
        -count_honoured_wishes(board.pairs),
    )
    got = []
    for seed in range(60):
        mine = weight_tie_break_keys(
            draw_tie_break_keys(busy(), one.model.features, ALL, seed), np.where(new, many, 1.0)
        )
        rank = np.argsort(np.lexsort((mine, first[1], first[0]), axis=1), axis=1) + 1
        worth = np.where(board.eligibility.is_eligible & (rank <= shown), 1 / np.log2(1 + rank), 0.0)
        got.append(worth[:, new].sum())
    found = audit(one, everyone=True).newcomers
    assert found is not None
    assert dict(found.reach)[many] == pytest.approx(np.mean(got) / got_by_lot(), rel=0.02)


def got_by_lot() -> float:
    """What a draw among all candidates would give newcomers, summed by hand."""
    one = desk(1.0)
    board, shown = one.score_clients(ALL), one.clinic.config.settings.shortlist
    total = 0.0
    for offered in board.eligibility.is_eligible:
        places = min(shown, offered.sum())
        worth = sum(1 / np.log2(1 + place) for place in range(1, places + 1))
        total += worth * (offered & one.is_newcomer).sum() / max(offered.sum(), 1)
    return total
