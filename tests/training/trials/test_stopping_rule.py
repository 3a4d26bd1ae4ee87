"""The boundaries are the published ones, and the error rate of a whole trial is the planned one."""

import numpy as np
import pytest

from attune_fit.training.trials.stopping_rule import compute_boundaries, compute_spent_alpha

# two-sided, alpha .05, equally spaced looks, O'Brien-Fleming type spending: Jennison & Turnbull 2000, and the R
# packages ldbounds and gsDesign (sfLDOF)
PUBLISHED = {
    1: (1.960,),
    2: (2.963, 1.969),
    3: (3.710, 2.511, 1.993),
    5: (4.877, 3.357, 2.680, 2.290, 2.031),
}


@pytest.mark.parametrize("n_looks", PUBLISHED)
def test_boundaries_are_the_published_ones(n_looks: int) -> None:
    fractions = tuple((look + 1) / n_looks for look in range(n_looks))
    assert compute_boundaries(fractions, 0.05) == pytest.approx(PUBLISHED[n_looks], abs=6e-4)


@pytest.mark.parametrize(
    ("fractions", "ends"), [((0.4, 0.75, 1.0), False), ((0.5, 1.3), False), ((0.5, 0.7), True), ((0.3,), True)]
)
def test_the_whole_trial_rejects_at_alpha_whatever_the_looks(fractions: tuple[float, ...], ends: bool) -> None:
    boundaries = compute_boundaries(fractions, 0.05, ends=ends)
    steps = np.diff((0.0, *fractions))
    scores = np.cumsum(np.random.default_rng(1).standard_normal((400_000, len(fractions))) * np.sqrt(steps), axis=1)
    rejects = (np.abs(scores) >= np.array(boundaries) * np.sqrt(fractions)).any(axis=1)
    assert rejects.mean() == pytest.approx(0.05, abs=0.0015)


def test_an_early_look_spends_little_and_the_end_spends_all() -> None:
    spent = [compute_spent_alpha(fraction, 0.05) for fraction in (0.2, 0.5, 0.9, 1.0, 1.5)]
    assert spent[0] < 1e-5
    assert spent == sorted(spent)
    assert spent[3:] == [0.05, 0.05]


@pytest.mark.parametrize("fractions", [(), (0.5, 0.5), (0.5, 0.4), (0.0, 1.0)])
def test_fractions_that_do_not_rise_are_refused(fractions: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="rise"):
        compute_boundaries(fractions, 0.05)
