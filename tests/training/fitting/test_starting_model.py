"""The starting model can be rebuilt, byte for byte."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from attune_fit.data.synthetic.simulate import simulate
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.models import model_bundle
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.trees import TreeHyperparameters
from attune_fit.models.weight_posterior import build_prior
from attune_fit.training.fitting.starting_model import TRANSFER_SHARE, build_starting_model
from attune_fit.training.methods.tree_weight import MIN_TREE_WEIGHT
from tests.training.builders import simulated


def build_small_model(folder: Path, seed: int) -> str:
    """Run the same steps on two small clinics."""
    growth = TreeHyperparameters(trees=5, least=30)
    return build_starting_model(
        folder,
        seed,
        training_mixes=("balanced",),
        validation_mixes=("wishes",),
        clients=150,
        growth=growth,
        n_synthetic_clinics=0,
    )


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    names = [build_small_model(tmp_path / place, seed) for place, seed in (("a", 1), ("b", 1), ("c", 2))]
    assert names[0] == names[1] != names[2]
    assert (tmp_path / "a" / "booster.txt").read_bytes() == (tmp_path / "b" / "booster.txt").read_bytes()


def test_the_bundle_holds_weights_and_trees(tmp_path: Path) -> None:
    build_small_model(tmp_path, 1)
    model = model_bundle.load(tmp_path, FEATURES, has_digest_name=False)
    np.testing.assert_array_equal(model.evidence.mean, build_prior(FEATURES).mean)
    assert model.learned is not None
    assert "attachment_avoidance" not in model.learned.names  # the client's alone
    assert model.learned.text.count("\nTree=") == 5


def test_the_shipped_pair_weights_differ_from_the_published_ones_and_the_others_do_not() -> None:
    published, shipped = build_prior(FEATURES), load_starting_model().evidence
    of_pair = np.array([False, *(feature.side == "pair" for feature in FEATURES)])
    np.testing.assert_array_equal(shipped.mean[~of_pair], published.mean[~of_pair])
    assert not np.allclose(shipped.mean[of_pair], published.mean[of_pair], atol=0.05)
    off = shipped.cov[np.ix_(of_pair, of_pair)]
    assert np.abs(off - np.diag(np.diag(off))).max() > 0.01  # the weights of wishes are correlated


def test_the_stacking_weight_is_at_most_the_transfer_share(tmp_path: Path) -> None:
    """The validation clinics come from the same simulator as the training clinics."""
    build_small_model(tmp_path, 1)
    learned = model_bundle.load(tmp_path, FEATURES, has_digest_name=False).learned
    assert learned is not None
    assert MIN_TREE_WEIGHT <= learned.stacking_weight <= TRANSFER_SHARE
    shipped = load_starting_model().learned
    assert shipped is not None
    assert MIN_TREE_WEIGHT <= shipped.stacking_weight <= TRANSFER_SHARE


def test_trees_that_do_not_help_other_clinics_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attune_fit.training.fitting.starting_model.compute_stacking_weight", lambda *_: 0.0)
    build_small_model(tmp_path, 1)
    assert model_bundle.load(tmp_path, FEATURES, has_digest_name=False).learned is None


def test_the_shipped_trees_have_a_plausible_spread() -> None:
    learned, records = load_starting_model().learned, simulated(400, seed=9)
    assert learned is not None
    output = learned.predict(load_starting_model().feature_names, records.standardised_features)
    assert output.std() > 0.1  # percent of maximum possible
    assert np.abs(output).max() < 10


@pytest.mark.slow
def test_the_shipped_bundle_is_the_one_the_code_builds(tmp_path: Path) -> None:
    """The same bytes on one machine; on another machine only the last digits can differ."""
    assert build_starting_model(tmp_path / "a") == build_starting_model(tmp_path / "b")
    built, shipped = model_bundle.load(tmp_path / "a", FEATURES, has_digest_name=False), load_starting_model()
    tables = simulate(150, 20, seed=5).tables
    pairs = Pairs.cross(Sides(tables))
    np.testing.assert_allclose(built.compute_parts(pairs).score, shipped.compute_parts(pairs).score, atol=1e-3)
