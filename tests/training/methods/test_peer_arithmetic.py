"""Ridge, the mixed model and therapist means agree with plain versions and with outside authorities."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from attune_fit.data.arrays import Floats
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs
from attune_fit.training.methods import ridge_regression
from attune_fit.training.methods.mixed_model import FIXED_EFFECTS, _fit_effects, fit_mixed_model
from attune_fit.training.methods.reference_scores import compute_shrunken_means
from attune_fit.training.methods.ridge_regression import ALPHAS, RidgeCells, RidgeScores, choose_alpha, fit_ridge
from tests.training.builders import simulated, toy
from tests.training.methods.plain_peers import build_ridge_pipeline, fit_effects_plainly

N_FEATURES, N_THERAPISTS = 3, 4


def draw_cells(n: int, seed: int = 0) -> tuple[Floats, Floats]:
    """Draw features, a tenth unknown, with the therapist's row in the last column; and ratings."""
    rng = np.random.default_rng(seed)
    features, therapist = rng.standard_normal((n, N_FEATURES)), rng.integers(0, N_THERAPISTS, n)
    y = 70 + features @ [3.0, -2.0, 0.0] + 2.0 * therapist + rng.normal(0, 5, n)
    features[rng.random(features.shape) < 0.1] = np.nan
    return np.column_stack([features, therapist]), y


def prepare_by_hand(cells: Floats, of: Floats) -> Floats:
    """Prepare cells as the pipeline does, with NumPy: means and scales of the records ``of``."""
    mean = np.nanmean(of[:, :N_FEATURES], axis=0)

    def expand(each: Floats) -> Floats:
        unknown = np.isnan(each[:, :N_FEATURES])
        therapist = each[:, [-1]] == np.arange(N_THERAPISTS)
        return np.hstack([np.where(unknown, mean, each[:, :N_FEATURES]), unknown, therapist]).astype(float)

    known = expand(of)
    return np.asarray((expand(cells) - known.mean(axis=0)) / known.std(axis=0))


def test_the_ridge_pipeline_agrees_with_the_normal_equations() -> None:
    cells, y = draw_cells(120)
    folds = [(np.flatnonzero(np.arange(120) % 5 != fold), np.arange(fold, 120, 5)) for fold in range(5)]
    pipeline = build_ridge_pipeline(N_FEATURES, N_THERAPISTS, folds).fit(cells, y)
    new, _ = draw_cells(30, seed=1)
    x, new_x = prepare_by_hand(cells, cells), prepare_by_hand(new, cells)

    def solve(x: Floats, y: Floats, alpha: float) -> Floats:
        return np.asarray(np.linalg.solve(x.T @ x + alpha * np.eye(x.shape[1]), x.T @ (y - y.mean())))

    errors = [
        np.mean([
            np.mean((y[test] - y[train].mean() - (x[test] - x[train].mean(axis=0))
                     @ solve(x[train] - x[train].mean(axis=0), y[train], alpha)) ** 2)
            for train, test in folds
        ])
        for alpha in ALPHAS
    ]  # fmt: skip
    alpha = ALPHAS[int(np.argmin(errors))]
    assert pipeline[-1].alpha_ == alpha
    assert pipeline.predict(new) == pytest.approx(y.mean() + new_x @ solve(x, y, alpha), abs=1e-8)


def test_without_folds_alpha_is_chosen_by_leave_one_out() -> None:
    cells, y = draw_cells(60)
    each = [(np.delete(np.arange(60), row), np.array([row])) for row in range(60)]
    by_folds = build_ridge_pipeline(N_FEATURES, N_THERAPISTS, each).fit(cells, y)
    assert build_ridge_pipeline(N_FEATURES, N_THERAPISTS, []).fit(cells, y)[-1].alpha_ == by_folds[-1].alpha_


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("has_folds", [False, True])
def test_ridge_by_sums_is_the_pipeline_of_scikit_learn(seed: int, has_folds: bool) -> None:
    rng = np.random.default_rng(seed)
    n, n_features, n_therapists = (int(rng.integers(*ends)) for ends in ((12, 150), (3, 30), (1, 25)))
    features = 2 + 3 * rng.standard_normal((n, n_features))
    therapist = rng.integers(0, max(n_therapists - 1, 1), n)  # the last one has no record
    y = 70 + 3 * features[:, 0] + therapist + rng.normal(0, 5, n)
    features[rng.random(features.shape) < 0.1] = np.nan
    features[:, 1], features[:, 2] = 7.0, np.nan  # constant, and unknown everywhere
    folds = (
        [(np.flatnonzero(np.arange(n) % 4 != fold), np.arange(fold, n, 4)) for fold in range(4)] if has_folds else []
    )
    pipeline = build_ridge_pipeline(n_features, n_therapists, folds).fit(np.column_stack([features, therapist]), y)

    cells = RidgeCells.from_records(features, therapist, n_therapists)
    alpha = choose_alpha(cells, y, folds)
    assert alpha == pipeline[-1].alpha_
    sides = toy(1, clients=40, therapists=n_therapists).sides
    pairs = Pairs.cross(sides, range(40))
    new = rng.standard_normal((*pairs.shape, n_features))
    new[rng.random(new.shape) < 0.1] = np.nan
    rows = np.broadcast_to(np.arange(n_therapists), pairs.shape).reshape(-1, 1)
    expected = pipeline.predict(np.column_stack([new.reshape(-1, n_features), rows])).reshape(pairs.shape)
    assert RidgeScores.from_fit(cells, y, alpha).score(pairs, new) == pytest.approx(expected, rel=1e-9)


def test_leverage_is_summed_in_blocks_of_records(monkeypatch: pytest.MonkeyPatch) -> None:
    cells, y = draw_cells(60)
    prepared = RidgeCells.from_records(cells[:, :-1], cells[:, -1].astype(int), N_THERAPISTS)
    sums = ridge_regression.RidgeSums.from_cells(prepared, y, np.arange(60))
    whole = sums.compute_leave_one_out_error(prepared.therapist_scales, 3.0)
    monkeypatch.setattr(ridge_regression, "RECORD_BLOCK_SIZE", 7)
    assert sums.compute_leave_one_out_error(prepared.therapist_scales, 3.0) == pytest.approx(whole, rel=1e-12)
    by_hand = []
    x = prepare_by_hand(cells, cells)
    for row in range(60):
        others = np.delete(np.arange(60), row)
        kept, mean = x[others] - x[others].mean(axis=0), y[others].mean()
        weights = np.linalg.solve(kept.T @ kept + 3.0 * np.eye(x.shape[1]), kept.T @ (y[others] - mean))
        by_hand.append((y[row] - mean - (x[row] - x[others].mean(axis=0)) @ weights) ** 2)
    assert whole == pytest.approx(np.mean(by_hand), rel=1e-9)


def test_ridge_holds_whole_clients_out_where_clients_have_several_records(monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[int] = []

    def choose(cells: RidgeCells, y: Floats, folds: list[tuple[Floats, Floats]]) -> float:
        used.append(len(folds))
        return choose_alpha(cells, y, folds)  # type: ignore[arg-type]

    monkeypatch.setattr(ridge_regression, "choose_alpha", choose)
    records = toy(60, clients=20)
    fit_ridge(records, np.arange(60), 0)
    fit_ridge(replace(records, client=np.arange(60)), np.arange(60), 0)
    assert used == [5, 0]


@pytest.mark.parametrize("seed", range(8))
def test_the_mixed_model_by_sums_is_that_of_statsmodels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, therapists, columns = int(rng.integers(40, 400)), int(rng.integers(2, 30)), int(rng.integers(0, 14))
    x = np.column_stack([np.ones(n), rng.standard_normal((n, columns))])
    therapist, spread = rng.integers(0, therapists, n), (0.0, 2.0, 6.0)[seed % 3]
    y = 70 + x[:, 1:].sum(axis=1) + rng.normal(0, spread, therapists)[therapist] + rng.normal(0, 12, n)
    fixed, effect = _fit_effects(x, y, therapist, therapists + 1)
    expected_fixed, expected_effect = fit_effects_plainly(x, y, therapist, therapists + 1)
    # the search for the ratio of variances stops within 1e-4 of the optimum
    assert fixed == pytest.approx(expected_fixed, rel=1e-3, abs=1e-3)
    assert effect == pytest.approx(expected_effect, rel=1e-3, abs=1e-3)


def test_every_fixed_effect_is_a_feature_of_the_catalogue() -> None:
    assert set(FIXED_EFFECTS) <= {feature.name for feature in FEATURES}


def test_a_therapists_effect_in_the_mixed_model_is_shrunken_and_0_without_records() -> None:
    records = simulated(300, seed=1)
    records = replace(records, y=records.y + 5.0 * (records.therapist % 3))
    rows = np.flatnonzero(records.therapist != 4)
    pairs = Pairs.cross(records.sides, [0])
    standard = np.zeros((1, 20, len(records.features)))
    effect = fit_mixed_model(records, rows, 0)(pairs, standard)[0]
    others = np.delete(effect, 4)
    assert others.std() > 1
    assert others.min() < effect[4] < others.max()
    ratings = np.array([records.y[records.therapist == row].mean() for row in range(20) if row != 4])
    assert np.corrcoef(others, ratings)[0, 1] > 0.8
    assert others.std() < ratings.std()


def test_the_mixed_model_without_therapist_variance_is_least_squares() -> None:
    records = simulated(200, seed=1)
    rng = np.random.default_rng(0)
    columns = [column for column, feature in enumerate(records.features) if feature.name in FIXED_EFFECTS]
    x = np.nan_to_num(records.standardised_features)
    balanced = replace(records, standardised_features=x, y=70 + rng.normal(0, 1e-3, len(records)))
    balanced.y[:] = 70 + x[:, columns[0]]  # no residual at all: the therapists' variance is 0
    pairs = Pairs.cross(records.sides, range(5))
    standard = np.nan_to_num(PairFrame.from_pairs(pairs, records.features).standardize())
    expected = 70 + standard[..., columns[0]]
    assert fit_mixed_model(balanced, np.arange(len(records)), 0)(pairs, standard) == pytest.approx(expected, abs=1e-3)


def test_shrunken_means_are_those_of_restricted_maximum_likelihood() -> None:
    """With equal groups, ANOVA estimates of the variances equal those of restricted maximum likelihood."""
    from statsmodels.regression.mixed_linear_model import MixedLM  # type: ignore[import-untyped]

    rng = np.random.default_rng(2)
    group = np.repeat(np.arange(40), 6)
    y = 5 * rng.standard_normal(40)[group] + 10 * rng.standard_normal(len(group))
    fitted = MixedLM(y, np.ones((len(y), 1)), groups=group).fit(method=["powell"])
    expected = [float(effect.iloc[0]) for effect in fitted.random_effects.values()]
    assert compute_shrunken_means(y, group, 40) - y.mean() == pytest.approx(np.array(expected), rel=1e-3)


@pytest.mark.parametrize(("y", "group"), [([70.0], [0]), ([60.0, 80.0], [0, 0]), ([70.0, 70.0], [0, 1])])
def test_means_without_variance_between_therapists_are_the_overall_mean(y: list[float], group: list[int]) -> None:
    assert compute_shrunken_means(np.array(y), np.array(group), 3) == pytest.approx(np.full(3, 70.0))
