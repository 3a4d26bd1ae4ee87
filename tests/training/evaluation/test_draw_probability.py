"""Probabilities of the draw inside a tied group, against the sum over all orders."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from attune_fit.data.arrays import Floats
from attune_fit.training.evaluation.draw_probability import compute_place_probabilities


def sum_over_orders(weights: list[float]) -> Floats:
    """Return the probability of each member at each place, from the probability of each order."""
    places = np.zeros((len(weights), len(weights)))
    for order in itertools.permutations(range(len(weights))):
        left, probability = sum(weights), 1.0
        for member in order:
            probability *= weights[member] / left
            left -= weights[member]
        places[order, range(len(weights))] += probability
    return places


@pytest.mark.parametrize(("size", "newcomers", "weight"), [(4, 2, 3.0), (5, 1, 20.0), (3, 0, 1.0), (3, 3, 7.0)])
def test_they_are_those_of_weighted_sampling_without_replacement(size: int, newcomers: int, weight: float) -> None:
    expected = sum_over_orders([1.0] * (size - newcomers) + [weight] * newcomers)
    found = compute_place_probabilities(size, newcomers, weight)
    if newcomers < size:
        assert found[0] == pytest.approx(expected[0])
    if newcomers:
        assert found[1] == pytest.approx(expected[-1])
    absent = [row for row, count in enumerate((size - newcomers, newcomers)) if not count]
    assert np.isnan(found[absent]).all()
