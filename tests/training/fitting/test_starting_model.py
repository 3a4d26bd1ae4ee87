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
from attune_fit.models.weight_posterior import build_prior
from attune_fit.training.fitting.starting_model import build_starting_model


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    places = [tmp_path / place for place in ("a", "b", "c")]
    names = [
        build_starting_model(place, seed, n_synthetic_clinics=2) for place, seed in zip(places, (1, 1, 2), strict=True)
    ]
    assert names[0] == names[1] != names[2]
    assert (tmp_path / "a" / "model.json").read_bytes() == (tmp_path / "b" / "model.json").read_bytes()


def test_the_bundle_holds_weights_and_no_trees(tmp_path: Path) -> None:
    build_starting_model(tmp_path, 1, n_synthetic_clinics=0)
    model = model_bundle.load(tmp_path, FEATURES, has_digest_name=False)
    np.testing.assert_array_equal(model.evidence.mean, build_prior(FEATURES).mean)
    assert model.learned is None
    assert not (tmp_path / "booster.txt").exists()


def test_the_shipped_pair_weights_differ_from_the_published_ones_and_the_others_do_not() -> None:
    published, shipped = build_prior(FEATURES), load_starting_model().evidence
    of_pair = np.array([False, *(feature.side == "pair" for feature in FEATURES)])
    np.testing.assert_array_equal(shipped.mean[~of_pair], published.mean[~of_pair])
    assert not np.allclose(shipped.mean[of_pair], published.mean[of_pair], atol=0.05)
    off = shipped.cov[np.ix_(of_pair, of_pair)]
    assert np.abs(off - np.diag(np.diag(off))).max() > 0.01  # the weights of wishes are correlated


@pytest.mark.slow
def test_the_shipped_bundle_is_the_one_the_code_builds(tmp_path: Path) -> None:
    """The same bytes on one machine; on another machine only the last digits can differ."""
    assert build_starting_model(tmp_path / "a") == build_starting_model(tmp_path / "b")
    built, shipped = model_bundle.load(tmp_path / "a", FEATURES, has_digest_name=False), load_starting_model()
    tables = simulate(150, 20, seed=5).tables
    pairs = Pairs.cross(Sides(tables))
    np.testing.assert_allclose(built.compute_parts(pairs).score, shipped.compute_parts(pairs).score, atol=1e-3)
