"""One pass over the pairs gives each split what its own models give, with trees, and drift."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from attune_fit.data.arrays import Floats, Indices
from attune_fit.models.trees import TreeHyperparameters
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.out_of_fold import compute_pair_part, predict_out_of_fold
from attune_fit.training.crossfit.pipeline import FoldModel, Recipe, crossfit_models
from attune_fit.training.crossfit.splits import split_records
from attune_fit.training.evaluation import out_of_fold_pair_parts
from attune_fit.training.evaluation.out_of_fold_pair_parts import compute_pair_parts, iterate_feature_blocks
from attune_fit.training.evaluation.re_pairing import build_re_pairing_sample, build_re_pairing_samples
from tests.training.builders import toy

GROWTH = TreeHyperparameters(trees=5, least=10)


def compute_plainly(records: TrainingDataset, fold_models: list[FoldModel], roster: Indices) -> Floats:
    """Compute the pair part of each record's client with every therapist, fold by fold."""
    rows = np.sort(np.concatenate([fold.test for fold in fold_models]))
    ((_, standard),) = iterate_feature_blocks(records, rows, roster)
    part = np.empty(standard.shape[:2])
    for fold in fold_models:
        here = np.isin(rows, fold.test)
        part[here] = compute_pair_part(fold.model, standard[here], records.measured_on[rows[here]])
    return part


@pytest.mark.parametrize("block", [40, 100_000])
def test_a_pass_over_several_splits_is_each_split_by_itself(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    records = toy(160, clients=80, pair=3.0)
    trees = Recipe(growth=GROWTH)
    recipes = [
        Recipe(),
        trees,
        replace(trees, tree_weights=(0.4, 0.0, 0.0)),
        replace(trees, tree_weights=(0.4, 0.3, 0.5)),
        replace(trees, has_drift=True),
    ]
    splits = [crossfit_models(recipe, records, split_records("client", records, 4, seed)) for seed, recipe in
              enumerate(recipes)]  # fmt: skip
    rows, roster = np.arange(160), np.unique(records.therapist)
    expected = [compute_plainly(records, fold_models, roster) for fold_models in splits]
    monkeypatch.setattr(out_of_fold_pair_parts, "PAIR_BLOCK_SIZE", block)
    for part, want in zip(compute_pair_parts(records, splits, rows, roster), expected, strict=True):
        np.testing.assert_allclose(part, want, rtol=0, atol=1e-11)
    assert expected[1].std() != expected[2].std()


def test_samples_of_several_splits_are_those_of_each(monkeypatch: pytest.MonkeyPatch) -> None:
    records = toy(160, clients=80, pair=3.0)
    splits = [crossfit_models(Recipe(), records, split_records("client", records, 4, seed)) for seed in range(3)]
    splits.append(crossfit_models(Recipe(), records, split_records("time", records, 4)))  # other rows
    predictions = [predict_out_of_fold(records, fold_models) for fold_models in splits]
    samples = build_re_pairing_samples(records, splits, predictions, "")
    assert len({len(sample.rows) for sample in samples}) == 2
    for sample, fold_models, its in zip(samples, splits, predictions, strict=True):
        alone = build_re_pairing_sample(records, fold_models, its)
        for name in ("rows", "outcome_minus_baseline", "centered_pair_part", "client", "therapist", "stratum"):
            np.testing.assert_array_equal(getattr(sample, name), getattr(alone, name))
    assert build_re_pairing_samples(records, [], []) == []
