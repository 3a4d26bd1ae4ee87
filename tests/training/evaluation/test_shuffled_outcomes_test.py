"""Permutation test of the outcomes: real outcomes pass, shuffled outcomes do not, with any therapists."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from attune_fit.data.clinic.instruments import INSTRUMENTS
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.data.synthetic.simulate import simulate
from attune_fit.data.synthetic.world import World
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import Recipe, crossfit_models
from attune_fit.training.crossfit.splits import split_records
from attune_fit.training.evaluation.shuffled_outcomes_test import (
    N_SHUFFLES,
    compute_permutation_p_value,
    compute_shuffle_p_value,
)
from attune_fit.training.promotion.promotion_decision import SHUFFLE_SIGNIFICANCE_LEVEL
from tests.models.builders import THREE
from tests.training.builders import simulated, toy


def compute_p(records: TrainingDataset, starting_model: AllianceModel, seed: int = 0) -> float:
    folds = split_records("client", records, 5, seed)
    found = compute_shuffle_p_value(
        records, starting_model, crossfit_models(Recipe(start=starting_model.learned, seed=seed), records, folds), seed
    )
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
    y, predictions = np.array([3.0, 1.0, 4.0, 1.5, 6.0]), [np.array([1.0, 0.0, 2.0, 1.0, 1.5]), np.arange(5.0)]
    standard = np.stack([(values - values.mean()) / values.std() for values in predictions])
    largest = [float((standard @ np.array(one)).max()) for one in permutations(y)]
    exact = np.mean([one >= largest[0] - 1e-9 for one in largest])
    assert compute_permutation_p_value(y, predictions) == pytest.approx(
        exact, abs=4 * np.sqrt(exact * (1 - exact) / N_SHUFFLES)
    )


def test_it_is_never_zero_and_one_sided() -> None:
    values = np.arange(60.0)
    assert compute_permutation_p_value(values, [values]) == 1 / (N_SHUFFLES + 1)
    assert compute_permutation_p_value(values, [-values]) == 1.0


def test_without_predictions_there_is_no_p() -> None:
    records = toy(40)
    starting_model = AllianceModel.from_published(THREE)
    assert compute_shuffle_p_value(records, starting_model, []) is None
    assert compute_permutation_p_value(np.arange(5.0), []) is None
    assert compute_permutation_p_value(np.ones(5), [np.arange(5.0)]) is None


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


@pytest.mark.slow
def test_of_shuffled_clinics_at_most_7_in_100_pass_and_of_true_ones_nearly_all() -> None:
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
    assert true >= 36
