"""Every method is asked the same, and answers for every pair; the peers' own arithmetic against plain versions."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.learning import linear, raw, simple
from benchmarks.learning.clinic import Clinic
from benchmarks.learning.methods import ATTUNE, METHODS, share
from benchmarks.learning.reach import reach
from benchmarks.learning.seen import Seen


@pytest.fixture(scope="module")
def seen(clinic: Clinic) -> Seen:
    return Seen(clinic.at(70), clinic.rows(70))


@pytest.mark.parametrize("name", METHODS)
def test_every_method_scores_every_pair(name: str, clinic: Clinic, crossed: Clinic, seen: Seen) -> None:
    row = METHODS[name]
    if not row.here:
        pytest.skip(f"{row.needs} is not installed")
    here = Seen(crossed.at(70), crossed.rows(70)) if row.crossed else seen
    scores = row.scores(here)
    assert scores.shape == here.shape
    assert np.isfinite(scores).all()
    assert scores.std() > 0


@pytest.mark.parametrize("name", [name for name, row in METHODS.items() if row.learns])
def test_without_outcomes_only_who_starts_somewhere_says_anything(name: str, clinic: Clinic) -> None:
    scores = METHODS[name].function(clinic.at(0), clinic.rows(0))
    assert (scores.std() > 0) == (name == ATTUNE)


def test_a_share_needs_no_more_than_a_function_of_tables_and_rows(clinic: Clinic) -> None:
    assert share(clinic, lambda *_: clinic.truth, 30) == pytest.approx((1, 1))


def test_how_far_the_features_go_lies_between_hand_weights_and_the_oracle(clinic: Clinic, seen: Seen) -> None:
    far = reach(clinic, seen)
    assert max(0.3, clinic.share(simple.hand_weights(seen)).free) < far.free < 1


def test_ridge_weights_are_those_of_the_normal_equations() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((30, 4)), rng.standard_normal(30)
    x -= x.mean(axis=0)
    for alpha, fast in zip(linear.ALPHAS, linear.weights(x, y).T, strict=True):
        assert fast == pytest.approx(np.linalg.solve(x.T @ x + alpha * np.eye(4), x.T @ y))


def test_holes_are_filled_with_the_mean_of_the_records_and_marked() -> None:
    met, cross = linear.filled(np.array([[1.0, 5.0], [3.0, np.nan]]), np.array([[np.nan, np.nan]]))
    assert met.tolist() == [[1, 5, 0], [3, 5, 1]]
    assert cross.tolist() == [[2, 5, 1]]


def test_therapist_means_are_shrunken_by_the_variances_of_a_mixed_model(clinic: Clinic) -> None:
    """Equal groups: the estimates of analysis of variance are those of restricted maximum likelihood."""
    from statsmodels.regression.mixed_linear_model import MixedLM  # type: ignore[import-untyped]

    rng = np.random.default_rng(2)
    group = np.repeat(np.arange(40), 6)
    y = 5 * rng.standard_normal(40)[group] + 10 * rng.standard_normal(len(group))
    here = Seen(clinic.tables, clinic.rows(0))
    here.__dict__.update(y=y, therapist=group)
    done = MixedLM(y, np.ones((len(y), 1)), groups=group).fit(method=["powell"])
    expected = [float(one.iloc[0]) for one in done.random_effects.values()]
    assert simple.therapist_mean(here)[0] == pytest.approx(np.array(expected), rel=1e-3)


def test_raw_columns_hold_no_id_of_a_client_and_the_same_columns_for_records_and_candidates(seen: Seen) -> None:
    met, cross = raw.frames(seen)
    assert list(met) == list(cross)
    assert (len(met), len(cross)) == (70, 60 * 40)
    assert "client_id" not in met
    assert met["therapist_id"].to_list() == seen.tables.therapists["therapist_id"][seen.therapist].to_list()
    assert cross["therapist_id"].to_list() == seen.tables.therapists["therapist_id"].to_list() * 60
    wish = seen.tables.preferences.iloc[0]
    column = f"client_wish {wish['attribute']} {wish['value']}"
    row = pd.Index(seen.tables.clients["client_id"]).get_loc(wish["client_id"])
    assert isinstance(row, int)
    both = pd.concat([met, cross]).set_index(np.concatenate([seen.client, np.repeat(seen.rows, 40)]))
    assert set(both.loc[[row], column]) == {raw.STRENGTH[wish["strength"]]}
