"""Crossed designs: LightGBM's ranker learns pair effects from clients with several therapists, if there are any."""

from __future__ import annotations

from functools import cache

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.instruments import INSTRUMENTS
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.data.synthetic.named_worlds import WORLDS
from attune_fit.data.synthetic.simulate import SimulatedClinic, simulate
from attune_fit.data.synthetic.world import World
from attune_fit.features.feature import Feature
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.training.crossfit.dataset import TrainingDataset

CLIENTS, THERAPISTS = 600, 30
SEEDS = range(5)
EVERY = 3  # one client of so many is held back
FIT = World(therapists_each=4, meetings="random", fit=0.2, dyad=0.4)
NOBODY_SUITS = WORLDS["null"].build_world().replace(therapists_each=3, meetings="random")
OF_PAIRS: tuple[Feature, ...] = tuple(row for row in FEATURES if row.side == "pair")
GROWN = {"objective": "lambdarank", "num_leaves": 7, "learning_rate": 0.05, "num_threads": 1, "verbose": -1}
ROUNDS = 100


@cache
def drawn(world: World, seed: int) -> SimulatedClinic:
    return simulate(CLIENTS, THERAPISTS, seed, world, waiting=0)


def learning_to_rank(made: SimulatedClinic) -> tuple[pd.DataFrame, TrainingDataset]:
    """Records of clients not held back with at least two rated therapists, in the order of clients, and their rank."""
    early = compute_early_alliance(made.tables, {row.name: row for row in INSTRUMENTS})
    records = TrainingDataset.from_tables(made.tables, early, OF_PAIRS)
    rows = pd.DataFrame({"client": records.client, "y": records.y})
    rows = rows[rows["client"] % EVERY != 0]
    rows = rows[rows.groupby("client")["y"].transform("size") > 1].sort_values("client", kind="stable")
    return rows.assign(grade=rows.groupby("client")["y"].rank(method="dense").astype(int) - 1), records


@cache
def scores(world: World, seed: int) -> Floats:
    """What the ranker says of every client held back with every therapist of the roster."""
    rows, records = learning_to_rank(drawn(world, seed))
    groups = rows.groupby("client").size().to_numpy()
    dataset = lgb.Dataset(records.standardised_features[rows.index], rows["grade"].to_numpy(), group=groups)
    ranker = lgb.train(GROWN | {"seed": seed}, dataset, ROUNDS)
    frame = PairFrame.from_pairs(Pairs.cross(records.sides, held_back()), OF_PAIRS).standardize()
    scored: Floats = ranker.predict(frame.reshape(-1, len(OF_PAIRS)))
    return scored.reshape(len(held_back()), THERAPISTS)


def held_back() -> np.ndarray:
    return np.arange(0, CLIENTS, EVERY)


def concordance(scored: Floats, truth: Floats) -> float:
    """Share of two therapists of one client, whose truth differs, that are in the right order; half for a tie."""
    one, other = np.triu_indices(scored.shape[1], 1)
    agree = np.sign(scored[:, one] - scored[:, other]) * np.sign(truth[:, one] - truth[:, other])
    return float(((agree + 1) / 2)[truth[:, one] != truth[:, other]].mean())


def reachable(seed: int) -> Floats:
    """True early alliance of those held back with everybody, averaged over what no intake can tell."""
    truth = drawn(FIT, seed).truth
    return truth.compute_expected_alliance(held_back()[:, None], np.arange(THERAPISTS)[None, :], chemistry=False)


def would_fit(world: World, seed: int) -> Floats:
    """What people held back in one world have, in the world with fit, beyond what either has with everybody.

    People are the same in both, by their ids; rows are not.
    """
    ours, theirs = drawn(world, seed).tables, drawn(FIT, seed).tables
    client, therapist = (
        pd.Index(getattr(theirs, f"{side}s")[f"{side}_id"]).get_indexer(
            pd.Index(getattr(ours, f"{side}s")[f"{side}_id"])
        )
        for side in ("client", "therapist")
    )
    return drawn(FIT, seed).truth.compute_parts(client[held_back()][:, None], therapist[None, :]).fit


def test_a_concordance_is_one_in_order_none_in_reverse_and_half_by_chance() -> None:
    rng = np.random.default_rng(0)
    truth, other = rng.normal(size=(2, 50, 10))
    assert concordance(np.exp(truth), truth) == 1.0
    assert concordance(-truth, truth) == 0.0
    assert concordance(np.zeros_like(truth), truth) == 0.5
    assert concordance(other, truth) == pytest.approx(0.5, abs=0.03)  # two standard errors of 50 clients


def test_groups_are_clients_with_several_rated_therapists_and_none_of_them_is_held_back() -> None:
    rows, records = learning_to_rank(drawn(FIT, 0))
    size = rows.groupby("client").size()
    assert size.min() == 2
    assert size.max() == FIT.therapists_each
    assert len(size) > 300
    assert not np.isin(rows["client"], held_back()).any()
    assert rows.groupby("client")["grade"].min().eq(0).all()
    np.testing.assert_array_equal(records.y[rows.index], rows["y"])


def test_the_ranker_orders_therapists_of_new_clients_well_above_chance() -> None:
    """By .15 or more in each clinic. One that saw the truth would reach 1; by chance a clinic lies within .02 of .5."""
    found = [concordance(scores(FIT, seed), reachable(seed)) for seed in SEEDS]
    assert min(found) > 0.65, found


def test_what_it_learns_is_about_the_pair() -> None:
    """It finds the pair's own part, and a ranking for another client does not."""
    own = [concordance(scores(FIT, seed), would_fit(FIT, seed)) for seed in SEEDS]
    swapped = [concordance(np.roll(scores(FIT, seed), 1, axis=0), would_fit(FIT, seed)) for seed in SEEDS]
    assert min(own) > 0.62, own
    assert max(swapped) < 0.53, swapped


def test_where_nobody_suits_better_than_another_it_is_at_chance_about_who_would() -> None:
    """The same people, in a world whose ratings hold no pair effect, compared with their fit in the other world.

    Compared with the truth of their own world it would not be at chance: therapists differ in it, and what is learnt of
    a pair is a little about its therapist. Clinics differ with a standard deviation of about .02: the tolerance is
    three standard errors of a mean over these.
    """
    found = [concordance(scores(NOBODY_SUITS, seed), would_fit(NOBODY_SUITS, seed)) for seed in SEEDS]
    assert np.mean(found) == pytest.approx(0.5, abs=3 * 0.02 / np.sqrt(len(SEEDS))), found


def test_people_of_both_worlds_are_the_same_and_only_one_holds_fit() -> None:
    ours, theirs = drawn(NOBODY_SUITS, 0), drawn(FIT, 0)
    for side in ("client", "therapist"):
        one, other = (getattr(made.tables, f"{side}s").set_index(f"{side}_id").sort_index() for made in (ours, theirs))
        pd.testing.assert_frame_equal(
            one.drop(columns="referred_on", errors="ignore"), other.drop(columns="referred_on", errors="ignore")
        )
    everyone = held_back()[:, None], np.arange(THERAPISTS)[None, :]
    assert not ours.truth.compute_parts(*everyone).fit.any()
    assert would_fit(NOBODY_SUITS, 0).std() == pytest.approx(np.sqrt(FIT.fit), rel=0.1)


def test_the_same_clinic_and_seed_give_the_same_ranking() -> None:
    again = scores.__wrapped__(FIT, 0)
    np.testing.assert_array_equal(again, scores(FIT, 0))


def test_features_of_a_pair_are_built_one_way_for_those_who_met_and_for_those_who_might() -> None:
    made = drawn(FIT, 0)
    _, records = learning_to_rank(made)
    everyone = PairFrame.from_pairs(Pairs.cross(Sides(made.tables)), OF_PAIRS).standardize()
    np.testing.assert_array_equal(records.standardised_features, everyone[records.client, records.therapist])
