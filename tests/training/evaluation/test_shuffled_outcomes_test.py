"""Outcomes that agree with the intake are told from shuffled ones, whatever therapists there are."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from attune_fit.data.clinic.instruments import INSTRUMENTS
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.data.synthetic.simulate import simulate
from attune_fit.data.synthetic.world import World
from attune_fit.features.catalogue import FEATURES
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
from attune_fit.training.promotion.decision import SHUFFLE_SIGNIFICANCE_LEVEL
from tests.models.builders import THREE
from tests.training.builders import simulated, toy


def p_of(records: TrainingDataset, begun: AllianceModel, seed: int = 0) -> float:
    folds = split_records("client", records, 5, seed)
    found = compute_shuffle_p_value(
        records, begun, crossfit_models(Recipe(start=begun.learned, seed=seed), records, folds), seed
    )
    assert found is not None
    return found


def swapped(records: TrainingDataset, rng: np.random.Generator) -> TrainingDataset:
    """Each outcome and its therapist beside another client."""
    client = rng.permutation(records.client)
    standard = PairFrame.from_pairs(
        Pairs.from_rows(records.sides, client, records.therapist), records.features
    ).standardize()
    return replace(records, client=client, standardised_features=standard)


def test_it_is_the_share_of_all_shuffles_that_agree_as_well() -> None:
    y, voices = np.array([3.0, 1.0, 4.0, 1.5, 6.0]), [np.array([1.0, 0.0, 2.0, 1.0, 1.5]), np.arange(5.0)]
    standard = np.stack([(voice - voice.mean()) / voice.std() for voice in voices])
    largest = [float((standard @ np.array(one)).max()) for one in permutations(y)]
    exact = np.mean([one >= largest[0] - 1e-9 for one in largest])
    assert compute_permutation_p_value(y, voices) == pytest.approx(
        exact, abs=4 * np.sqrt(exact * (1 - exact) / N_SHUFFLES)
    )


def test_it_is_never_zero_and_one_sided() -> None:
    said = np.arange(60.0)
    assert compute_permutation_p_value(said, [said]) == 1 / (N_SHUFFLES + 1)
    assert compute_permutation_p_value(said, [-said]) == 1.0


def test_nothing_said_is_not_measured() -> None:
    records = toy(40)
    begun = AllianceModel.from_published(THREE)
    assert compute_shuffle_p_value(records, begun, []) is None
    assert compute_permutation_p_value(np.arange(5.0), []) is None
    assert compute_permutation_p_value(np.ones(5), [np.arange(5.0)]) is None


def test_true_outcomes_agree_and_shuffled_ones_do_not() -> None:
    records = simulated(250, seed=4)
    rng = np.random.default_rng(0)
    assert p_of(records, load_starting_model()) < SHUFFLE_SIGNIFICANCE_LEVEL
    assert p_of(replace(records, y=rng.permutation(records.y)), load_starting_model()) > SHUFFLE_SIGNIFICANCE_LEVEL
    assert p_of(swapped(records, rng), load_starting_model()) > SHUFFLE_SIGNIFICANCE_LEVEL


def test_an_effect_of_therapists_alone_is_no_agreement_where_something_is_known_of_clients() -> None:
    records = toy(400, clients=300, therapists=10)
    good = np.random.default_rng(1).normal(0, 6, 10)
    records = replace(records, y=records.y + good[records.therapist])
    begun = AllianceModel.from_published(THREE)
    assert p_of(records, begun) > SHUFFLE_SIGNIFICANCE_LEVEL
    of_others = np.array([row.side != "therapist" for row in THREE])
    nothing = replace(records, standardised_features=np.where(of_others, np.nan, records.standardised_features))
    assert p_of(nothing, begun) < SHUFFLE_SIGNIFICANCE_LEVEL


def test_a_feature_of_the_clinics_own_is_heard_once_it_is_learnt() -> None:
    """Day 0 says the opposite of it, so only what was learnt here agrees."""
    wrong = (THREE[0], replace(THREE[1], weight=-0.02, spread=0.5), THREE[2])
    records = replace(toy(400, clients=300, pair=6.0), features=wrong)
    assert p_of(records, AllianceModel.from_published(wrong)) < SHUFFLE_SIGNIFICANCE_LEVEL


@pytest.mark.slow
def test_of_shuffled_clinics_at_most_7_in_100_pass_and_of_true_ones_nearly_all() -> None:
    """Ten shuffles each of 40 clinics: outcomes over records, and outcomes with their therapists over clients.

    Were the chance 5%, more than 28 of 400 would pass once in 30 times.
    """
    begun, instruments = load_starting_model(), {row.name: row for row in INSTRUMENTS}
    passed, true = 0, 0
    for seed in range(40):
        tables = simulate(330, 20, 500 + seed, World(), waiting=0).tables
        records = TrainingDataset.from_tables(tables, compute_early_alliance(tables, instruments), FEATURES)
        rng = np.random.default_rng(seed)
        true += p_of(records, begun, seed) < SHUFFLE_SIGNIFICANCE_LEVEL
        for _ in range(5):
            passed += p_of(replace(records, y=rng.permutation(records.y)), begun, seed) < SHUFFLE_SIGNIFICANCE_LEVEL
            passed += p_of(swapped(records, rng), begun, seed) < SHUFFLE_SIGNIFICANCE_LEVEL
    assert passed <= 28
    assert true >= 36
