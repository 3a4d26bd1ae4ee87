"""Codes in common, by bits: the same as with sets of Python."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.features.cell_values import explode_codes
from attune_fit.features.shared_codes import WORD_BITS, SharedCodes

CODES = [f"code {number:03d}" for number in range(3 * WORD_BITS)]  # more than fit in two words
code_lists = st.lists(st.lists(st.sampled_from(CODES), max_size=5), min_size=1, max_size=4)


def pack(clients: list[list[str]], therapists: list[list[str]]) -> SharedCodes:
    of_clients, of_therapists = (
        explode_codes(pd.Series(["|".join(codes) or None for codes in side], dtype="str"))
        for side in (clients, therapists)
    )
    return SharedCodes.from_codes(of_clients, of_therapists, len(clients), len(therapists))


@settings(max_examples=60, deadline=None)
@given(code_lists, code_lists)
def test_counts_are_those_of_sets(clients: list[list[str]], therapists: list[list[str]]) -> None:
    shared = pack(clients, therapists)
    rows = np.arange(len(clients))[:, None], np.arange(len(therapists))[None, :]
    expected = [[len(set(client) & set(therapist)) for therapist in therapists] for client in clients]
    np.testing.assert_array_equal(shared.count(*rows), expected)
    np.testing.assert_array_equal(shared.has_any(*rows), np.array(expected) > 0)
    listed = [row.ravel() for row in np.broadcast_arrays(*rows)]
    np.testing.assert_array_equal(shared.count(*listed), np.ravel(expected))


def test_many_codes_need_several_words() -> None:
    shared = pack([CODES, CODES[:1], CODES[-1:]], [CODES, CODES[-1:]])
    assert shared.of_clients.shape == (3, 3)
    rows = np.arange(3)[:, None], np.arange(2)[None, :]
    assert shared.count(*rows).tolist() == [[192, 1], [1, 0], [1, 1]]
    assert shared.has_any(*rows).tolist() == [[True, True], [True, False], [True, True]]


def test_sides_without_a_common_code_share_none() -> None:
    shared = pack([["a"], []], [["b"]])
    assert shared.count(np.array([0, 1]), np.array([0, 0])).tolist() == [0, 0]
    assert not shared.has_any(np.array([0, 1]), np.array([0, 0])).any()
