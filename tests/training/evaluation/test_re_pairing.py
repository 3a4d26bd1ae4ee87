"""Records whose clients may swap therapists."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from attune_fit.features.pairs import Sides
from attune_fit.training.evaluation.re_pairing import compute_strata, double_center, iterate_feature_blocks, sample_rows
from tests.training.builders import met, small, toy


def test_a_client_who_met_several_swaps_among_these_alone() -> None:
    one = small([0] * 9, client=np.array([4, 4, 4, 0, 1, 2, 3, 5, 5]))
    for swapped in one.draw_re_pairings(seed=0, times=20):
        for client in (4, 5):
            here = one.client == client
            assert sorted(swapped[here]) == sorted(one.therapist[here])
    assert one.permutation_block[3] == one.permutation_block[6] != one.permutation_block[0] != one.permutation_block[7]


def test_the_level_of_a_client_who_met_several_is_not_left_to_explain() -> None:
    """Nor a therapist's; what is taken out is what two-way regression on indicators takes out."""
    rng = np.random.default_rng(0)
    client = np.repeat(np.arange(20), 3)
    one = small([0] * 60, client=client)
    shifted = replace(one, outcome_minus_baseline=one.outcome_minus_baseline + 100 * client + 50 * one.therapist)
    np.testing.assert_allclose(shifted.residual, one.residual, atol=1e-9)
    indicators = np.concatenate([client[:, None] == np.arange(20), one.therapist[:, None] == np.arange(3)], axis=1)
    values = rng.normal(size=60)
    fitted = indicators @ np.linalg.lstsq(indicators.astype(float), values)[0]
    np.testing.assert_allclose(one.center(values), values - fitted, atol=1e-9)


def test_records_hang_together_by_therapist_and_where_clients_met_several_by_client() -> None:
    assert [one.tolist() for one in small([0] * 3).clusters] == [small([0] * 3).therapist.tolist()]
    therapist, client = small([0] * 3, client=np.array([0, 0, 1])).clusters
    assert therapist.tolist() == small([0] * 3).therapist.tolist()
    assert client.tolist() == [0, 0, 1]


def test_whole_clients_are_looked_at_and_no_more_records_than_stated() -> None:
    client = np.repeat(np.arange(20_000), 3)
    some = sample_rows(client, n_therapists=10)
    assert 0.99 * 10_000 < len(some) <= 10_000
    assert (np.unique(client[some], return_counts=True)[1] == 3).all()
    assert len(sample_rows(client, n_therapists=2_000)) == 3_000
    np.testing.assert_array_equal(sample_rows(client[:900], n_therapists=2_000), np.arange(900))


def test_what_one_model_says_of_a_therapist_with_everybody_is_no_part_of_the_choice() -> None:
    said = np.random.default_rng(0).normal(size=(30, 5))
    np.testing.assert_allclose(
        double_center(said + 7 * np.arange(5) + np.arange(30)[:, None]), double_center(said), atol=1e-9
    )


def test_frames_come_in_blocks_and_leave_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    records = toy(50)
    rows, roster = np.arange(50), np.arange(8)
    ((_, whole),) = iterate_feature_blocks(records, rows, roster)
    monkeypatch.setattr("attune_fit.training.evaluation.re_pairing.PAIR_BLOCK_SIZE", 100)
    blocks = list(iterate_feature_blocks(records, rows, roster))
    assert len(blocks) == 5
    np.testing.assert_array_equal(np.concatenate([standard for _, standard in blocks]), whole)


def test_swaps_stay_within_quarter_and_site() -> None:
    records = toy(6, clients=6)
    when = np.array(["2026-01-05", "2026-03-30", "2026-04-01", "NaT", "2025-01-05", "NaT"], dtype="datetime64[D]")
    records = replace(records, measured_on=when, client=np.arange(6))
    found = compute_strata(records, np.arange(6))
    assert found[0] == found[1]
    assert found[3] == found[5]
    assert len({found[0], found[2], found[3], found[4]}) == 4
    sides = Sides(replace(records.sides.tables, clients=records.sides.tables.clients.assign(site=["a", "b"] * 3)))
    split_up = compute_strata(replace(records, sides=sides), np.arange(6), site="site")
    assert split_up[0] != split_up[1]
    assert split_up[3] == split_up[5] != split_up[4]


def test_what_is_left_to_explain_holds_no_therapists_level() -> None:
    records = toy(120, pair=4.0)
    one = met(replace(records, y=records.y + 10.0 * records.therapist))
    np.testing.assert_allclose(np.bincount(one.therapist, weights=one.residual), 0, atol=1e-9)


def test_what_is_said_about_the_choice_does_not_hold_the_clients_level() -> None:
    one = met(toy(120, pair=4.0))
    np.testing.assert_allclose(one.centered_pair_part.mean(axis=1), 0, atol=1e-9)
    np.testing.assert_allclose(one.centered_pair_part.mean(axis=0), 0, atol=1e-9)
    assert one.observed_pair_part.std() > 0.5
