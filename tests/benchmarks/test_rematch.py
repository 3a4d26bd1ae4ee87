"""What a rematch is worth, by the truth of synthetic clinics and never by ratings."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from attune_fit.data.synthetic.world import World
from benchmarks.rematch import Tries, tries

CLINICS = 8
LEVEL = 0.99


def made(world: World) -> list[Tries]:
    return [tries(900 + seed, 300, world, new=250) for seed in range(CLINICS)]


def gain(clinics: list[Tries], over: str) -> tuple[float, float]:
    """Interval of the mean over clinics: true alliance of the rematch beyond another way on."""
    means = [(one.again - getattr(one, over)).mean() for one in clinics]
    found = ttest_1samp(means, 0).confidence_interval(LEVEL)
    return float(found.low), float(found.high)


@pytest.mark.slow
def test_where_pairs_differ_the_second_is_truly_better_than_a_weak_first() -> None:
    clinics = made(World())
    assert gain(clinics, "stay")[0] > 0
    inside = np.concatenate([one.inside for one in clinics])
    assert 0.8 < inside.mean() < 1.0


@pytest.mark.slow
def test_where_intake_tells_something_the_rematch_is_better_than_any_other() -> None:
    """What no intake tells of a pair is noise here, so there is little of it."""
    assert gain(made(World(dyad=0.10)), "any_other")[0] > 0


@pytest.mark.slow
def test_where_nothing_tells_who_suits_whom_the_rematch_is_no_better_than_any_other() -> None:
    low, high = gain(made(World(fit=0.0, mix="null", therapist=0.0)), "any_other")
    assert low < 0 < high
    assert high - low < 0.3


def test_weak_ratings_are_weaker_than_the_pairs_they_speak_of() -> None:
    """What comes back by itself: whoever compares ratings finds a gain where nobody changed."""
    one = tries(1, 60, World(dyad=0.0, fit=0.0, mix="null", therapist=0.0), new=200)
    assert len(one.rated) > 3
    assert one.rated.mean() < one.stay.mean() - 0.1
    np.testing.assert_allclose(one.again, one.stay)  # nobody differs: the truth of every pair is the same
