"""Permutation test of the outcomes: real outcomes pass, shuffled outcomes do not, with any therapists."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.instruments import INSTRUMENTS
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.data.synthetic.simulate import simulate
from attune_fit.data.synthetic.world import World
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.weight_posterior import build_design_matrix, rescale_to_unit
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.level_design import LevelDesign
from attune_fit.training.crossfit.splits import split_records
from attune_fit.training.evaluation.shuffled_outcomes_test import (
    N_SHUFFLES,
    compute_permutation_p_value,
    compute_shuffle_p_value,
)
from attune_fit.training.evaluation.shuffled_refit import FIXED_EFFECT_VARIANCE_RATIO, OutOfFoldRefit
from attune_fit.training.promotion.promotion_decision import SHUFFLE_SIGNIFICANCE_LEVEL
from tests.models.builders import THREE
from tests.training.builders import simulated, toy


def compute_p(records: TrainingDataset, starting_model: AllianceModel, seed: int = 0) -> float:
    found = compute_shuffle_p_value(records, starting_model, split_records("client", records, 5, seed), seed)
    assert found is not None
    return found


def swap_clients(records: TrainingDataset, rng: np.random.Generator) -> TrainingDataset:
    """Give each outcome and its therapist to another client."""
    client = rng.permutation(records.client)
    standard = PairFrame.from_pairs(
        Pairs.from_rows(records.sides, client, records.therapist), records.features
    ).standardize()
    return replace(records, client=client, standardised_features=standard)


def test_it_is_the_share_of_all_shuffles_that_agree_as_well() -> None:
    y, predictions = np.array([3.0, 1.0, 4.0, 1.5, 6.0]), np.array([[1.0, 0.0, 2.0, 1.0, 1.5], np.arange(5.0)])

    def compute_largest(outcomes: Floats) -> Floats:
        return np.asarray((predictions @ outcomes).max(axis=0))

    largest = [float(compute_largest(np.array(one)[:, None])[0]) for one in permutations(y)]
    exact = np.mean([one >= largest[0] - 1e-9 for one in largest])
    assert compute_permutation_p_value(y, compute_largest) == pytest.approx(
        exact, abs=4 * np.sqrt(exact * (1 - exact) / N_SHUFFLES)
    )


def test_it_is_never_zero_and_one_sided() -> None:
    values = np.arange(60.0)
    assert compute_permutation_p_value(values, lambda outcomes: values @ outcomes) == 1 / (N_SHUFFLES + 1)
    assert compute_permutation_p_value(values, lambda outcomes: -values @ outcomes) == 1.0


def test_the_outcomes_of_a_client_stay_together() -> None:
    """Two clients with two records change places; the client with three and the one with one keep theirs."""
    y, blocks = np.arange(8.0), [np.array([[0, 1], [5, 6]])]
    seen: set[tuple[float, ...]] = set()

    def collect(outcomes: Floats) -> Floats:
        seen.update(tuple(column) for column in outcomes.T)
        return np.zeros(outcomes.shape[1])

    compute_permutation_p_value(y, collect, blocks)
    assert seen == {tuple(y), (5.0, 6.0, 2.0, 3.0, 4.0, 0.0, 1.0, 7.0)}


def test_outcomes_of_clients_without_an_equal_cannot_be_shuffled() -> None:
    records = toy(6)
    unequal = replace(records, client=np.array([0, 1, 1, 2, 2, 2]))
    folds = split_records("client", unequal, 3)
    assert compute_shuffle_p_value(unequal, AllianceModel.from_published(THREE), folds) is None
    equal = replace(records, client=np.array([0, 0, 1, 1, 2, 2]))
    folds = split_records("client", equal, 3)
    assert compute_shuffle_p_value(equal, AllianceModel.from_published(THREE), folds) is not None


def test_without_predictions_there_is_no_p() -> None:
    records = toy(40)
    starting_model = AllianceModel.from_published(THREE)
    assert compute_shuffle_p_value(records, starting_model, []) is None
    folds = split_records("client", records)
    assert compute_shuffle_p_value(replace(records, y=np.full(40, 70.0)), starting_model, folds) is None
    unknown = replace(records, standardised_features=np.full_like(records.standardised_features, np.nan))
    assert compute_shuffle_p_value(unknown, starting_model, folds) is not None, "therapists have records"
    one = replace(unknown, therapist=np.zeros(40, dtype=np.intp))
    assert compute_shuffle_p_value(one, starting_model, folds) is None


def test_a_refit_of_all_shuffles_at_once_is_the_fit_of_each() -> None:
    """The plain way: the posterior of each fold, at the same variances and without bounds on signs."""
    records = toy(120, clients=90, pair=3.0)
    starting_model, folds = AllianceModel.from_published(THREE), split_records("client", records)
    rng = np.random.default_rng(0)
    centered = records.y - records.y.mean()
    outcomes = np.stack([centered, rng.permutation(centered)], axis=1)
    unit = float(centered.std())
    refit = OutOfFoldRefit.from_records(records, np.arange(120), folds, starting_model, unit)
    predicted = refit.predict_refitted(outcomes)
    prior = rescale_to_unit(starting_model.evidence, unit)
    prior = replace(prior, mean=np.concatenate([[0.0], prior.mean[1:]]))
    x = build_design_matrix(records.standardised_features, THREE)
    for column, y in enumerate(outcomes.T):
        for fold in folds:
            known = fold.train
            met = (records.therapist[known][:, None] == records.therapist[known]).astype(float)
            inverse = np.linalg.inv(np.eye(len(known)) + FIXED_EFFECT_VARIANCE_RATIO * met) / prior.sigma**2
            cov = np.linalg.inv(np.linalg.inv(prior.cov) + x[known].T @ inverse @ x[known])
            mean = prior.mean + cov @ x[known].T @ inverse @ (y[known] - x[known] @ prior.mean)
            of_intake = [index for index, row in enumerate(THREE, 1) if row.side != "therapist"]
            plain = x[fold.test][:, of_intake] @ mean[of_intake]
            np.testing.assert_allclose(predicted[fold.test, column], plain - plain.mean(), atol=1e-8)


def test_where_no_answer_is_known_the_refit_predicts_therapist_effects() -> None:
    records = toy(200, clients=200, therapists=5)
    good = np.array([-9.0, -4.0, 0.0, 4.0, 9.0])
    records = replace(
        records,
        y=records.y + good[records.therapist],
        standardised_features=np.full_like(records.standardised_features, np.nan),
    )
    starting_model, folds = AllianceModel.from_published(THREE), split_records("client", records)
    refit = OutOfFoldRefit.from_records(records, np.arange(200), folds, starting_model, 10.0)
    assert refit.is_whole_score
    predicted = refit.predict_refitted((records.y - records.y.mean())[:, None])[:, 0]
    assert np.corrcoef(predicted, good[records.therapist])[0, 1] > 0.95


def test_true_outcomes_agree_and_shuffled_ones_do_not() -> None:
    records = simulated(250, seed=4)
    rng = np.random.default_rng(0)
    assert compute_p(records, load_starting_model()) < SHUFFLE_SIGNIFICANCE_LEVEL
    assert compute_p(replace(records, y=rng.permutation(records.y)), load_starting_model()) > SHUFFLE_SIGNIFICANCE_LEVEL
    assert compute_p(swap_clients(records, rng), load_starting_model()) > SHUFFLE_SIGNIFICANCE_LEVEL


def test_an_effect_of_therapists_alone_is_no_agreement_where_something_is_known_of_clients() -> None:
    records = toy(400, clients=300, therapists=10)
    good = np.random.default_rng(1).normal(0, 6, 10)
    records = replace(records, y=records.y + good[records.therapist])
    starting_model = AllianceModel.from_published(THREE)
    assert compute_p(records, starting_model) > SHUFFLE_SIGNIFICANCE_LEVEL
    of_others = np.array([row.side != "therapist" for row in THREE])
    nothing = replace(records, standardised_features=np.where(of_others, np.nan, records.standardised_features))
    assert compute_p(nothing, starting_model) < SHUFFLE_SIGNIFICANCE_LEVEL


def test_a_declared_feature_counts_once_its_weight_is_learned() -> None:
    """The starting model has the opposite weight, so only the learned weight agrees."""
    wrong = (THREE[0], replace(THREE[1], weight=-0.02, spread=0.5), THREE[2])
    records = replace(toy(400, clients=300, pair=6.0), features=wrong)
    assert compute_p(records, AllianceModel.from_published(wrong)) < SHUFFLE_SIGNIFICANCE_LEVEL


def test_what_belongs_to_the_form_does_not_hide_the_agreement() -> None:
    """Half of the records come from a form whose level is much higher."""
    records = toy(150, clients=150, pair=4.0)
    is_other = np.arange(150) % 2
    levels = LevelDesign(("instrument other",), is_other[:, None].astype(float))
    shifted = replace(records, y=records.y + 40 * is_other)
    starting_model = AllianceModel.from_published(THREE)
    assert compute_p(shifted, starting_model) > 0.02
    assert compute_p(replace(shifted, levels=levels), starting_model) == pytest.approx(
        compute_p(records, starting_model), abs=0.002
    )


@pytest.mark.slow
def test_of_shuffled_clinics_at_most_7_in_100_pass_and_of_true_ones_most() -> None:
    """Ten shuffles each of 40 clinics: outcomes over records, and outcomes with their therapists over clients.

    Were the chance 5%, more than 28 of 400 would pass once in 30 times.
    """
    starting_model, instruments = load_starting_model(), {row.name: row for row in INSTRUMENTS}
    passed, true = 0, 0
    for seed in range(40):
        tables = simulate(330, 20, 500 + seed, World(), waiting=0).tables
        records = TrainingDataset.from_tables(tables, compute_early_alliance(tables, instruments), FEATURES)
        rng = np.random.default_rng(seed)
        true += compute_p(records, starting_model, seed) < SHUFFLE_SIGNIFICANCE_LEVEL
        for _ in range(5):
            passed += (
                compute_p(replace(records, y=rng.permutation(records.y)), starting_model, seed)
                < SHUFFLE_SIGNIFICANCE_LEVEL
            )
            passed += compute_p(swap_clients(records, rng), starting_model, seed) < SHUFFLE_SIGNIFICANCE_LEVEL
    assert passed <= 28
    assert true >= 34
