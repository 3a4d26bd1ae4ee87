"""The sequence of arms is balanced in each block and stratum, fixed by the seed, and cannot be guessed from ids."""

import numpy as np

from attune_fit.training.trials.allocation import (
    compute_stratum_label,
    draw_arms,
    draw_list_seed,
    list_blocks,
    permute_arms,
)


def test_each_full_block_is_balanced_and_the_sequence_is_fixed() -> None:
    for seed in range(30):
        arms, blocks = draw_arms(seed, "a", (4, 6), 100), list_blocks(seed, "a", (4, 6), 100)
        for block in range(max(blocks)):  # the last one can be cut
            own = [arm for arm, other in zip(arms, blocks, strict=True) if other == block]
            assert len(own) in (4, 6)
            assert sum(own) * 2 == len(own)
        assert draw_arms(seed, "a", (4, 6), 37) == arms[:37]


def test_the_sequence_of_a_seed_never_changes() -> None:
    assert draw_arms(7, "", (4, 6), 16) == SEQUENCE_OF_SEED_7


SEQUENCE_OF_SEED_7 = [1, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 0, 1, 1, 0, 0]


def test_each_order_of_a_block_has_the_same_probability() -> None:
    counts: dict[tuple[int, ...], int] = {}
    for seed in range(3_000):
        first = tuple(draw_arms(seed, "", (4,), 4))
        counts[first] = counts.get(first, 0) + 1
    expected = 3_000 / 6
    assert len(counts) == 6
    assert sum((count - expected) ** 2 / expected for count in counts.values()) < 20.5  # chi-square, 5 df, p = .001


def test_strata_have_sequences_of_their_own_and_labels_without_cells() -> None:
    north, south, unknown = (compute_stratum_label(7, [code]) for code in ("north", "south", None))
    assert len({north, south, unknown, compute_stratum_label(8, ["north"])}) == 4
    assert "north" not in north
    assert compute_stratum_label(7, []) == ""
    assert draw_arms(7, north, (4, 6), 60) != draw_arms(7, south, (4, 6), 60)


def test_lists_of_clients_have_seeds_of_their_own() -> None:
    seeds = {draw_list_seed(7, f"c{number}") for number in range(500)}
    assert len(seeds) > 495
    assert all(0 <= seed < 2**31 for seed in seeds)


def test_permuted_allocations_keep_the_arms_of_each_block() -> None:
    arms, blocks = np.array(draw_arms(1, "", (4, 6), 50)), np.array(list_blocks(1, "", (4, 6), 50))
    drawn = permute_arms(arms, blocks, 200, 3)
    counts = np.array([np.bincount(blocks, weights=row) for row in drawn])
    assert (counts == np.bincount(blocks, weights=arms)).all()
    assert len(np.unique(drawn, axis=0)) == 200
    assert drawn[:, 0].mean() == np.clip(drawn[:, 0].mean(), 0.35, 0.65)
