"""Statistics under no effect: equal to the plain tests in the data, dependent draws, and right error rates."""

import numpy as np
import pytest

from attune_fit.training.hypotheses.effect_estimates import estimate_effect
from attune_fit.training.hypotheses.null_statistics import NullDraws, compute_null_statistics, count_extreme
from tests.training.hypotheses.lab_designs import draw_records

KINDS = ("trait", "interaction", "pair")


@pytest.mark.parametrize("kind", KINDS)
def test_the_data_have_the_estimate_of_the_default_test(kind: str) -> None:
    records = draw_records(kind, effect=0.2, seed=4)
    found = compute_null_statistics(records, NullDraws.from_seed([records], 9, 1))
    test = estimate_effect(records)
    assert found.estimate[0] == pytest.approx(test.estimate, abs=0.01)
    assert found.t[0] == pytest.approx(test.t, rel=0.05)
    assert found.estimate.shape == found.t.shape == (10,)


def test_the_permuted_estimate_is_that_of_records_with_the_traits_exchanged() -> None:
    records = draw_records("trait", seed=2)
    null = NullDraws.from_seed([records], 5, 3)
    found = compute_null_statistics(records, null)
    traits = records.term[np.unique(records.therapist, return_index=True)[1]]
    for draw in range(1, 6):
        exchanged = traits[null.source[draw]][records.therapist]
        twin = type(records)(**{**vars(records), "term": exchanged, "therapist_trait": exchanged})
        assert found.estimate[draw] == pytest.approx(estimate_effect(twin).estimate, abs=0.01)


def test_a_smaller_analysis_keeps_the_exchange_of_the_therapists_that_it_has() -> None:
    records = draw_records("trait", therapists=8)
    null = NullDraws.from_seed([records], 50, 1)
    kept = np.delete(np.arange(8), 5)
    source = null.restrict_source(kept)
    assert all(sorted(row) == list(range(7)) for row in source)
    assert (source[0] == np.arange(7)).all()
    unchanged = null.source[:, kept] != 5  # the source of these is in the smaller analysis too
    assert (kept[source][unchanged] == null.source[:, kept][unchanged]).all()
    assert (null.restrict_sign(kept) == null.sign[:, kept]).all()


def test_the_share_of_extreme_draws_counts_the_data_and_ties() -> None:
    assert count_extreme(np.array([2.0, 2.0, 1.0, 3.0])) == 0.75
    assert count_extreme(np.array([5.0, 1.0, 1.0, 1.0])) == 0.25


@pytest.mark.parametrize("kind", KINDS)
def test_too_few_therapists_raise(kind: str) -> None:
    records = draw_records(kind, therapists=2)
    with pytest.raises(ValueError, match="too few therapists"):
        compute_null_statistics(records, NullDraws.from_seed([records], 9, 1))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_without_an_effect_one_study_in_twenty_is_below_five_percent(kind: str) -> None:
    p = []
    for seed in range(400):
        records = draw_records(kind, seed=seed, slope_sd=0.25)
        p.append(compute_null_statistics(records, NullDraws.from_seed([records], 99, seed)).p)
    assert 0.02 <= np.mean(np.array(p) <= 0.05) <= 0.085  # within 3 standard errors
