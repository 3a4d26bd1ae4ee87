"""What ratings can separate follows from who was rated how often by whom."""

from __future__ import annotations

import numpy as np
import pytest

from attune_fit.data.arrays import Indices
from attune_fit.training.multilevel.crossed_shares import (
    MIN_CROSSED_CLIENTS,
    MIN_REPEATED_PAIRS,
    RatingCrossing,
    estimate_rating_shares,
)

N_CLIENTS, N_THERAPISTS = 60, 6


def build_labels(n_crossed: int, n_repeated: int) -> tuple[Indices, Indices]:
    """One therapist a client; some clients have a second one, and some pairs a second rating."""
    client = np.concatenate([np.arange(N_CLIENTS), np.arange(n_crossed), np.arange(n_repeated) + n_crossed])
    turn = np.concatenate([np.zeros(N_CLIENTS), np.ones(n_crossed), np.zeros(n_repeated)]).astype(int)
    return (client + turn) % N_THERAPISTS, client


@pytest.mark.parametrize(
    ("n_crossed", "n_repeated", "names"),
    [
        (0, 0, ["therapist", "client + dyad + occasion"]),
        (0, MIN_REPEATED_PAIRS, ["therapist", "client + dyad", "occasion"]),
        (MIN_CROSSED_CLIENTS - 1, 30, ["therapist", "client + dyad", "occasion"]),
        (MIN_CROSSED_CLIENTS, MIN_REPEATED_PAIRS - 1, ["therapist", "client", "dyad + occasion"]),
        (20, 30, ["therapist", "client", "dyad", "occasion"]),
    ],
)
def test_components_are_those_that_the_ratings_separate(n_crossed: int, n_repeated: int, names: list[str]) -> None:
    crossing = RatingCrossing.from_labels(*build_labels(n_crossed, n_repeated))
    assert (crossing.n_clients, crossing.n_therapists) == (N_CLIENTS, N_THERAPISTS)
    assert (crossing.n_crossed_clients, crossing.n_repeated_pairs) == (n_crossed, n_repeated)
    assert [*crossing.build_groupings(), " + ".join(crossing.residual_parts)] == names
    y = np.random.default_rng(1).normal(size=len(crossing.client))
    shares = estimate_rating_shares(y, np.ones((len(y), 1)), crossing)
    assert [one.name for one in shares.components] == names
    assert sum(one.share for one in shares.components) == pytest.approx(1)


def test_a_client_with_two_therapists_in_a_nested_design_is_two_groups() -> None:
    crossing = RatingCrossing.from_labels(*build_labels(3, 20))
    assert len(np.unique(crossing.build_groupings()["client + dyad"])) == N_CLIENTS + 3


def test_planted_shares_are_found_in_a_crossed_design() -> None:
    rng = np.random.default_rng(5)
    client = np.repeat(np.arange(150), 8)
    therapist = np.concatenate([np.repeat(rng.permutation(40)[:4], 2) for _ in range(150)])
    dyad = client * 40 + therapist
    effects = [np.sqrt(share) * rng.normal(size=int(label.max()) + 1)[label]
               for label, share in ((therapist, 0.1), (client, 0.3), (dyad, 0.2))]  # fmt: skip
    y = np.sum(effects, axis=0) + np.sqrt(0.4) * rng.normal(size=len(client))
    shares = estimate_rating_shares(y, np.ones((len(y), 1)), RatingCrossing.from_labels(therapist, client))
    assert [one.share for one in shares.components] == pytest.approx([0.1, 0.3, 0.2, 0.4], abs=0.07)
    for one, truth in zip(shares.components, (0.1, 0.3, 0.2, 0.4), strict=True):
        assert one.low < truth < one.high
