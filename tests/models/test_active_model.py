"""The active model of a clinic, and the errors when it cannot be read."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import attune_fit.models
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.instruments import list_instruments
from attune_fit.data.clinic.settings import Config
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.models import model_bundle
from attune_fit.models.active_model import load_active_model, load_starting_model
from attune_fit.models.active_pointer import (
    build_bundle_path,
    set_active_bundle,
)
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.model_bundle import RETRAIN_FIX
from tests.fault_descriptions import raises_faults
from tests.models.builders import grow_catalogue_trees, town
from tests.strategies import clinic

OWN = """
[[features]]
name = "same_field"
client = "wish"
therapist = "way"
compare = "distance"
direction = "-"
weight = -0.1
"""


def opened(folder: Path, toml: str = "") -> Clinic:
    config = Config.model_validate(tomllib.loads(toml))
    return Clinic(folder, config, list_instruments(config.instruments))


def test_the_starting_model_has_every_feature_and_no_therapist() -> None:
    """Fails when the catalogue has changed: run `make day0`."""
    model, published = load_starting_model(), AllianceModel.from_published(FEATURES)
    assert model.features == published.features
    assert model.therapists.ids == ()
    assert model.verdict.kind == "published"
    assert model.learned is None, "the records of a clinic grow its trees"


def test_the_starting_model_is_small() -> None:
    files = [path for path in (Path(attune_fit.models.__path__[0]) / "day0").iterdir() if path.is_file()]
    assert sorted(path.name for path in files) == ["bundle.json", "model.json"]
    assert sum(path.stat().st_size for path in files) < 100_000


def test_a_clinic_without_records_uses_the_starting_model(tmp_path: Path) -> None:
    model = load_active_model(opened(tmp_path), town())
    assert model.bundle == load_starting_model().bundle
    assert model.feature_names == load_starting_model().feature_names
    assert np.isfinite(model.compute_parts(Pairs.cross(Sides(town()))).score).all()


def test_custom_features_start_at_their_prior(tmp_path: Path) -> None:
    model = load_active_model(opened(tmp_path, OWN), town())
    assert model.feature_names[-1] == "same_field"
    assert model.evidence.mean[-1] == pytest.approx(-0.1 * model.evidence.unit)
    assert np.isfinite(model.features[-1].scale)


def test_the_interval_setting_counts_without_training(tmp_path: Path) -> None:
    assert load_active_model(opened(tmp_path, "[settings]\ninterval = 0.5"), town()).width.level == 0.5


def test_switching_off_a_feature_that_trees_read_removes_the_trees(tmp_path: Path) -> None:
    here, trees = opened(tmp_path), grow_catalogue_trees(FEATURES)
    own = replace(AllianceModel.from_published(FEATURES), learned=trees)
    name = model_bundle.save(own, build_bundle_path(here, model_bundle.compute_bundle_name(own)))
    set_active_bundle(here, name)
    assert load_active_model(opened(tmp_path, OWN), town()).learned == trees, "a feature that is added keeps them"
    feature = sorted(trees.find_split_features())[0]
    model = load_active_model(opened(tmp_path, f'[settings]\nfeatures_off = ["{feature}"]'), town())
    assert feature not in model.feature_names
    assert model.learned is None


def test_a_trained_bundle_is_used(tmp_path: Path) -> None:
    here = opened(tmp_path)
    own = AllianceModel.from_published(FEATURES)
    name = model_bundle.compute_bundle_name(own)
    model_bundle.save(own, build_bundle_path(here, name))
    set_active_bundle(here, name)
    assert load_active_model(here, town()).bundle == name


def test_a_removed_custom_feature_is_named(tmp_path: Path) -> None:
    here = opened(tmp_path, OWN)
    own = load_active_model(here, town())
    name = model_bundle.compute_bundle_name(own)
    model_bundle.save(own, build_bundle_path(here, name))
    set_active_bundle(here, name)
    with raises_faults(f"bundle {name}, model.json: bundle-reads-unknown-feature (same_field, {RETRAIN_FIX})"):
        load_active_model(opened(tmp_path), town())


@pytest.mark.parametrize("now", ['"product"', '"closeness"\nscale = 2'])
def test_a_weight_is_never_used_for_another_comparison(tmp_path: Path, now: str) -> None:
    here = opened(tmp_path, OWN)
    own = load_active_model(here, town())
    name = model_bundle.compute_bundle_name(own)
    model_bundle.save(own, build_bundle_path(here, name))
    set_active_bundle(here, name)
    assert load_active_model(here, town()).feature_names[-1] == "same_field"
    with raises_faults(f"bundle {name}, model.json: feature-definition-changed (same_field, {RETRAIN_FIX})"):
        load_active_model(opened(tmp_path, OWN.replace('"distance"', now)), town())


def test_a_clinic_without_known_cells_gets_a_score_for_every_pair(tmp_path: Path) -> None:
    tables = clinic({"age": [np.nan] * 3}, {"age": [np.nan] * 2})
    parts = load_active_model(opened(tmp_path), tables).compute_parts(Pairs.cross(Sides(tables)))
    assert np.isfinite(parts.score).all()
    np.testing.assert_allclose(parts.score[:, 0], parts.score[:, 1])
    assert (parts.sd > 0).all()


def test_a_therapist_without_a_rating_counts_as_the_mean_of_the_roster_at_day_0(tmp_path: Path) -> None:
    """Also where every rating is above the published mean: an unknown value is typical, never a penalty."""
    ratings = [4.0, 4.4, 4.8, np.nan]
    tables = clinic({"age": [30.0, 40.0]}, {"interpersonal_skill": ratings})
    model = replace(load_active_model(opened(tmp_path), tables), learned=None)  # trees have a branch for unknown values
    score = model.compute_parts(Pairs.cross(Sides(tables))).score
    np.testing.assert_allclose(score[:, 3], score[:, 1])  # 4.4 is the mean
    assert (score[:, 0] < score[:, 3]).all()


def test_a_bundle_keeps_the_typical_values_of_its_training(tmp_path: Path) -> None:
    here, before = opened(tmp_path), clinic({"age": [30.0]}, {"interpersonal_skill": [2.0, 3.0]})
    own = load_active_model(here, before)
    name = model_bundle.save(own, build_bundle_path(here, model_bundle.compute_bundle_name(own)))
    set_active_bundle(here, name)
    now = load_active_model(here, clinic({"age": [30.0]}, {"interpersonal_skill": [4.0, 5.0]}))
    assert {row.name: row.typical for row in now.features}["interpersonal_skill"] == 2.5


def test_ranking_never_loads_the_training_stack() -> None:
    code = (
        "import sys; from attune_fit.models.active_model import load_starting_model; model = load_starting_model(); "
        "found = {name.split('.')[0] for name in sys.modules} & {'optuna', 'mlflow', 'sklearn'}; "
        "sys.exit(' '.join(found) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
