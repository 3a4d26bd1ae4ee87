import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest, norm

from attune_fit.data.synthetic.unobserved_pair_effect import compute_chemistry, draw_keys

CLIENTS, THERAPISTS = 2_000, 500
BITS = 2**64

key = st.integers(0, BITS - 1)


@pytest.fixture(scope="module")
def ours() -> np.ndarray:
    return draw_keys(np.random.default_rng(1), CLIENTS)


@pytest.fixture(scope="module")
def theirs() -> np.ndarray:
    return draw_keys(np.random.default_rng(2), THERAPISTS)


@pytest.fixture(scope="module")
def all_pairs(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    return compute_chemistry(ours[:, None], theirs[None, :])


def compute_slowly(client: int, therapist: int) -> float:
    """Compute one pair at a time, in Python integers."""
    mixed = mix_bits((mix_bits(client) + therapist * 0x9E3779B97F4A7C15) % BITS)
    return float(norm.ppf(((mixed >> 11) + 0.5) / 2**53))


def mix_bits(number: int) -> int:
    number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9 % BITS
    number = (number ^ number >> 27) * 0x94D049BB133111EB % BITS
    return number ^ number >> 31


@given(key, key)
def test_chemistry_agrees_with_slow_whole_numbers(client: int, therapist: int) -> None:
    fast = compute_chemistry(np.array([client], dtype=np.uint64), np.array([therapist], dtype=np.uint64))
    assert fast == pytest.approx([compute_slowly(client, therapist)], abs=1e-9)


@given(st.lists(key, min_size=1, max_size=5), st.lists(key, min_size=1, max_size=5))
def test_chemistry_is_always_a_number(clients: list[int], therapists: list[int]) -> None:
    pairs = compute_chemistry(np.array(clients, dtype=np.uint64)[:, None], np.array(therapists, dtype=np.uint64))
    assert pairs.shape == (len(clients), len(therapists))
    assert (np.abs(pairs) < 9).all()


def test_over_many_pairs_it_is_standard_normal(all_pairs: np.ndarray) -> None:
    assert kstest(all_pairs.ravel(), "norm").pvalue > 0.001


def test_it_is_standard_normal_for_each_therapist_and_each_client(all_pairs: np.ndarray) -> None:
    p_values = [kstest(pairs, "norm").pvalue for pairs in (*all_pairs[:400], *all_pairs.T)]
    assert min(p_values) > 0.01 / len(p_values)
    assert np.mean(np.array(p_values) < 0.5) == pytest.approx(0.5, abs=0.08)  # four standard errors


def test_chemistry_has_no_main_effect_of_client_or_therapist(all_pairs: np.ndarray) -> None:
    client_means, therapist_means = all_pairs.mean(axis=1), all_pairs.mean(axis=0)
    assert client_means.var() == pytest.approx(1 / THERAPISTS, rel=4 * np.sqrt(2 / CLIENTS))
    assert therapist_means.var() == pytest.approx(1 / CLIENTS, rel=4 * np.sqrt(2 / THERAPISTS))


def test_two_therapists_chemistry_with_the_same_clients_does_not_go_together(all_pairs: np.ndarray) -> None:
    correlations = np.corrcoef(all_pairs[:, :200].T)[np.triu_indices(200, 1)]
    assert correlations.std() == pytest.approx(1 / np.sqrt(CLIENTS), rel=0.03)
    assert np.abs(correlations).max() < 6 / np.sqrt(CLIENTS)


def test_neighbouring_keys_are_as_far_apart_as_any() -> None:
    in_a_row = np.arange(1_000, dtype=np.uint64)
    pairs = compute_chemistry(in_a_row[:, None], in_a_row[None, :])
    assert kstest(pairs.ravel(), "norm").pvalue > 0.001
    for one, next_one in ((pairs[1:], pairs[:-1]), (pairs[:, 1:], pairs[:, :-1])):
        assert np.corrcoef(one.ravel(), next_one.ravel())[0, 1] == pytest.approx(0, abs=4e-3)


def test_a_pair_has_the_same_chemistry_in_whatever_block(
    ours: np.ndarray, theirs: np.ndarray, all_pairs: np.ndarray
) -> None:
    assert (compute_chemistry(ours[700:705, None], theirs[None, 90:100]) == all_pairs[700:705, 90:100]).all()
    one_by_one = compute_chemistry(np.repeat(ours[:20], 30), np.tile(theirs[:30], 20))
    assert (one_by_one.reshape(20, 30) == all_pairs[:20, :30]).all()


def test_the_two_sides_do_not_change_places(ours: np.ndarray) -> None:
    there, back = compute_chemistry(ours[:-1], ours[1:]), compute_chemistry(ours[1:], ours[:-1])
    assert np.corrcoef(there, back)[0, 1] == pytest.approx(0, abs=4 / np.sqrt(CLIENTS))


def test_each_person_has_a_unique_key(ours: np.ndarray) -> None:
    assert ours.dtype == np.uint64
    assert ours.shape == (CLIENTS,)
    assert len(np.unique(ours)) == CLIENTS
    assert ours.max() > 2**63 > ours.min()
    assert len(draw_keys(np.random.default_rng(1), 0)) == 0
