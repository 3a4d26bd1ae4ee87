"""Re-pairing sample: blocks, centring, strata."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from attune_fit.features.sides import Sides
from attune_fit.training.crossfit.double_centering import double_center
from attune_fit.training.evaluation.out_of_fold_pair_parts import iterate_feature_blocks
from attune_fit.training.evaluation.re_pairing import compute_strata, sample_rows
from tests.training.builders import build_sample, build_small_sample, toy


def test_a_client_with_several_therapists_is_re_paired_only_among_them() -> None:
    sample = build_small_sample([0] * 9, client=np.array([4, 4, 4, 0, 1, 2, 3, 5, 5]))
    for swapped in sample.draw_re_pairings(seed=0, times=20):
        for client in (4, 5):
            here = sample.client == client
            assert sorted(swapped[here]) == sorted(sample.therapist[here])
    assert (
        sample.permutation_block[3]
        == sample.permutation_block[6]
        != sample.permutation_block[0]
        != sample.permutation_block[7]
    )


def test_the_residual_holds_no_level_of_a_client_with_several_therapists() -> None:
    """It holds no therapist level either; the centring equals a two-way regression on indicators."""
    rng = np.random.default_rng(0)
    client = np.repeat(np.arange(20), 3)
    sample = build_small_sample([0] * 60, client=client)
    shifted = replace(
        sample, outcome_minus_baseline=sample.outcome_minus_baseline + 100 * client + 50 * sample.therapist
    )
    np.testing.assert_allclose(shifted.residual, sample.residual, atol=1e-9)
    indicators = np.concatenate([client[:, None] == np.arange(20), sample.therapist[:, None] == np.arange(3)], axis=1)
    values = rng.normal(size=60)
    fitted = indicators @ np.linalg.lstsq(indicators.astype(float), values)[0]
    np.testing.assert_allclose(sample.center(values), values - fitted, atol=1e-9)


def test_clusters_are_therapists_and_clients_with_several_records() -> None:
    assert [sample.tolist() for sample in build_small_sample([0] * 3).clusters] == [
        build_small_sample([0] * 3).therapist.tolist()
    ]
    therapist, client = build_small_sample([0] * 3, client=np.array([0, 0, 1])).clusters
    assert therapist.tolist() == build_small_sample([0] * 3).therapist.tolist()
    assert client.tolist() == [0, 0, 1]


def test_the_sample_holds_whole_clients_up_to_its_limit() -> None:
    client = np.repeat(np.arange(20_000), 3)
    rows = sample_rows(client, n_therapists=10)
    assert 0.99 * 10_000 < len(rows) <= 10_000
    assert (np.unique(client[rows], return_counts=True)[1] == 3).all()
    assert len(sample_rows(client, n_therapists=2_000)) == 3_000
    np.testing.assert_array_equal(sample_rows(client[:900], n_therapists=2_000), np.arange(900))


def test_double_centring_removes_client_and_therapist_means() -> None:
    values = np.random.default_rng(0).normal(size=(30, 5))
    np.testing.assert_allclose(
        double_center(values + 7 * np.arange(5) + np.arange(30)[:, None]), double_center(values), atol=1e-9
    )


def test_blocks_hold_every_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    records = toy(50)
    rows, roster = np.arange(50), np.arange(8)
    ((_, whole),) = iterate_feature_blocks(records, rows, roster)
    monkeypatch.setattr("attune_fit.training.evaluation.out_of_fold_pair_parts.PAIR_BLOCK_SIZE", 100)
    blocks = list(iterate_feature_blocks(records, rows, roster))
    assert len(blocks) == 5
    np.testing.assert_array_equal(np.concatenate([standard for _, standard in blocks]), whole)


def test_strata_are_quarter_and_site() -> None:
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


def test_the_residual_holds_no_therapist_level() -> None:
    records = toy(120, pair=4.0)
    sample = build_sample(replace(records, y=records.y + 10.0 * records.therapist))
    np.testing.assert_allclose(np.bincount(sample.therapist, weights=sample.residual), 0, atol=1e-9)


def test_the_centred_pair_part_holds_no_client_or_therapist_mean() -> None:
    sample = build_sample(toy(120, pair=4.0))
    np.testing.assert_allclose(sample.centered_pair_part.mean(axis=1), 0, atol=1e-9)
    np.testing.assert_allclose(sample.centered_pair_part.mean(axis=0), 0, atol=1e-9)
    assert sample.observed_pair_part.std() > 0.5
