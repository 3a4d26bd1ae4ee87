"""Bundles: the same model comes back, every byte is verified, and there is no code in them."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from attune_fit.data.faults import DataFault
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.models import model_bundle
from attune_fit.models.model_bundle import RETRAIN_FIX
from attune_fit.models.pair_effect_verdict import Verdict
from attune_fit.models.prediction_interval import PredictionInterval
from attune_fit.models.serialization import deserialize_model, serialize_model
from tests.fault_descriptions import describe_faults, raises_faults
from tests.models.builders import GAP, SKILL, THREE, learnt, town
from tests.models.test_alliance_model import model


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    whole = replace(
        model(),
        width=PredictionInterval.from_out_of_fold(0.8, np.arange(50.0), np.sin(np.arange(50.0))),
        verdict=Verdict("adds", 0.1, 0.05, 0.15, 0.002, 200),
        instrument="WAI-SR",
        n_outcomes=200,
        data_digest="d" * 64,
    )
    folder = tmp_path / model_bundle.compute_bundle_name(whole)
    model_bundle.save(whole, folder)
    return folder


def faults(folder: Path) -> list[str]:
    with pytest.raises(DataFault) as caught:
        model_bundle.load(folder, THREE)
    return describe_faults(caught.value.faults)


def test_a_loaded_model_equals_the_saved_one(saved: Path) -> None:
    loaded = model_bundle.load(saved, THREE)
    pairs = Pairs.cross(Sides(town(60, 8, seed=1, missing=0.2)))
    for name in ("score", "learned", "sd"):
        np.testing.assert_array_equal(
            getattr(loaded.compute_parts(pairs), name), getattr(model().compute_parts(pairs), name)
        )
    np.testing.assert_array_equal(loaded.compute_contributions(pairs), model().compute_contributions(pairs))
    assert loaded.width == PredictionInterval.from_out_of_fold(0.8, np.arange(50.0), np.sin(np.arange(50.0)))
    assert loaded.verdict == Verdict("adds", 0.1, 0.05, 0.15, 0.002, 200)
    assert (loaded.instrument, loaded.n_outcomes, loaded.data_digest) == ("WAI-SR", 200, "d" * 64)
    assert loaded.features == THREE


def test_saving_a_loaded_bundle_gives_the_same_bytes(saved: Path, tmp_path: Path) -> None:
    name = model_bundle.save(model_bundle.load(saved, THREE), tmp_path / "again")
    assert name == model_bundle.load(saved, THREE).bundle
    for file in saved.iterdir():
        assert (tmp_path / "again" / file.name).read_bytes() == file.read_bytes()


def test_a_typical_value_is_kept_and_a_bundle_of_earlier_versions_has_none(tmp_path: Path) -> None:
    estimated = tuple(replace(row, typical=value) for row, value in zip(THREE, (0.5, 2.0, np.nan), strict=True))
    name = model_bundle.save(replace(learnt(town(), 0), features=estimated), tmp_path / "new")
    loaded = model_bundle.load(tmp_path / "new", estimated[::-1], has_digest_name=False)
    assert [row.typical for row in loaded.features[:2]] == [0.5, 2.0]
    assert np.isnan(loaded.features[2].typical)
    assert model_bundle.compute_bundle_name(loaded) == name
    model_bundle.save(learnt(town(), 0), tmp_path / "old")
    assert '"typical"' not in (tmp_path / "old" / "model.json").read_text()
    assert np.isnan(
        [row.typical for row in model_bundle.load(tmp_path / "old", estimated, has_digest_name=False).features]
    ).all()


def test_both_sides_of_an_interval_have_one_narrowing_in_a_bundle_of_earlier_versions() -> None:
    width = PredictionInterval(0.9, middle=70.0, narrowing=-0.03, narrowing_below=-0.01)
    content = serialize_model(replace(learnt(town(), 0), width=width))
    assert deserialize_model(content, "", THREE).width == width
    del content["width"]["narrowing_below"]
    assert deserialize_model(content, "", THREE).width.narrowing_below == -0.03
    del content["width"]["narrowing"]
    assert deserialize_model(content, "", THREE).width == replace(width, narrowing=0.0, narrowing_below=0.0)


def test_a_model_without_trees_or_outcomes_can_be_saved(tmp_path: Path) -> None:
    model_bundle.save(learnt(town(), 0), tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["bundle.json", "model.json"]
    assert model_bundle.load(tmp_path, THREE, has_digest_name=False).learned is None


def test_a_bundle_is_text_and_holds_neither_code_nor_time(saved: Path) -> None:
    assert sorted(file.name for file in saved.iterdir()) == ["booster.txt", "bundle.json", "model.json"]
    text = "".join(file.read_text(encoding="utf-8") for file in saved.iterdir())
    assert "20" + "26-" not in text
    assert set(json.loads((saved / "model.json").read_text())) == {
        "data_digest", "drift", "evidence", "features", "instrument", "learned", "levels", "n_outcomes", "therapists",
        "verdict", "width",
    }  # fmt: skip


def test_the_name_depends_on_the_content(saved: Path) -> None:
    whole = model_bundle.load(saved, THREE)
    assert model_bundle.compute_bundle_name(whole) == model_bundle.compute_bundle_name(replace(whole, bundle="any"))
    assert model_bundle.compute_bundle_name(whole) != model_bundle.compute_bundle_name(replace(whole, n_outcomes=201))


def test_a_missing_folder(tmp_path: Path) -> None:
    assert faults(tmp_path / "gone") == [f"bundle gone: bundle-folder-not-found ({RETRAIN_FIX})"]


@pytest.mark.parametrize("file", ["bundle.json", "model.json", "booster.txt"])
def test_a_missing_file(saved: Path, file: str) -> None:
    (saved / file).unlink()
    assert faults(saved) == [f"bundle {saved.name}, {file}: bundle-file-not-found ({RETRAIN_FIX})"]


@pytest.mark.parametrize("length", [0, 1, 40])
def test_an_incomplete_manifest(saved: Path, length: int) -> None:
    whole = (saved / "bundle.json").read_bytes()
    (saved / "bundle.json").write_bytes(whole[:length])
    assert faults(saved) == [f"bundle {saved.name}, bundle.json: manifest-not-readable ({RETRAIN_FIX})"]


def test_a_manifest_without_a_model(saved: Path) -> None:
    (saved / "bundle.json").write_text('{"format": 2, "files": {}}')
    assert faults(saved) == [f"bundle {saved.name}, bundle.json: manifest-entry-missing (model.json, {RETRAIN_FIX})"]


@pytest.mark.parametrize("file", ["model.json", "booster.txt"])
@pytest.mark.parametrize("place", [0, 500, -1])
def test_a_changed_byte(saved: Path, file: str, place: int) -> None:
    content = bytearray((saved / file).read_bytes())
    content[place] ^= 1
    (saved / file).write_bytes(bytes(content))
    assert faults(saved) == [f"bundle {saved.name}, {file}: bundle-file-changed ({RETRAIN_FIX})"]


def test_every_error_is_reported_at_once(saved: Path) -> None:
    (saved / "model.json").unlink()
    (saved / "booster.txt").write_text("")
    assert faults(saved) == [
        f"bundle {saved.name}, booster.txt: bundle-file-changed ({RETRAIN_FIX})",
        f"bundle {saved.name}, model.json: bundle-file-not-found ({RETRAIN_FIX})",
    ]


def test_a_newer_format(saved: Path) -> None:
    manifest = json.loads((saved / "bundle.json").read_text())
    (saved / "bundle.json").write_text(json.dumps({**manifest, "format": 3}))
    assert faults(saved) == [
        f"bundle {saved.name}, bundle.json: bundle-format-not-supported (3, newer, 2, {RETRAIN_FIX})"
    ]


def test_an_older_format(saved: Path) -> None:
    manifest = json.loads((saved / "bundle.json").read_text())
    (saved / "bundle.json").write_text(json.dumps({**manifest, "format": 1}))
    assert faults(saved) == [
        f"bundle {saved.name}, bundle.json: bundle-format-not-supported (1, older, 2, {RETRAIN_FIX})"
    ]


def test_unknown_features(saved: Path) -> None:
    unknown = f"bundle {saved.name}, model.json: bundle-reads-unknown-feature"
    with raises_faults(*(f"{unknown} ({name}, {RETRAIN_FIX})" for name in ("gap", "need"))):
        model_bundle.load(saved, (SKILL,))


def test_a_feature_with_another_definition(saved: Path) -> None:
    other = replace(GAP, client=("another column",))
    with raises_faults(f"bundle {saved.name}, model.json: feature-definition-changed (gap, {RETRAIN_FIX})"):
        model_bundle.load(saved, (*THREE[:1], other, SKILL))


def test_the_remedy_can_be_another(tmp_path: Path) -> None:
    with raises_faults("bundle gone: bundle-folder-not-found (Install Attune again.)"):
        model_bundle.load(tmp_path / "gone", THREE, remedy="Install Attune again.")


def test_the_recipe_is_stored_with_a_checksum_and_not_read_for_ranking(tmp_path: Path) -> None:
    saved_model, recipe = learnt(town(), 50), {"recipe": {"seed": 3}, "until": "2026-01-05"}
    plain = tmp_path / model_bundle.compute_bundle_name(saved_model)
    with_recipe = tmp_path / model_bundle.compute_bundle_name(saved_model, recipe)
    names = model_bundle.save(saved_model, plain), model_bundle.save(saved_model, with_recipe, recipe)
    assert names == (plain.name, with_recipe.name)
    assert names[0] != names[1]
    assert model_bundle.read_recipe(plain) is None
    assert model_bundle.read_recipe(with_recipe) == recipe
    assert model_bundle.load(with_recipe, THREE).bundle == names[1]
    (with_recipe / "recipe.json").write_text("{}")
    with raises_faults(f"bundle {with_recipe.name}, recipe.json: bundle-file-changed ({RETRAIN_FIX})"):
        model_bundle.read_recipe(with_recipe)


def find_ids(folder: Path) -> list[tuple[str, str]]:
    with pytest.raises(DataFault) as caught:
        model_bundle.load(folder, THREE)
    return [(fault.id, fault.column) for fault in caught.value.faults]


def test_a_whole_bundle_under_the_name_of_another_is_refused(saved: Path, tmp_path: Path) -> None:
    other = tmp_path / ("0" * 12)
    model_bundle.save(learnt(town(), 50), other)
    assert find_ids(other) == [("bundle-not-genuine", "bundle.json")]
    assert model_bundle.load(other, THREE, has_digest_name=False).bundle != other.name
    with pytest.raises(DataFault, match="is not the digest"):
        model_bundle.read_recipe(other)
    manifest = json.loads((saved / "bundle.json").read_text())
    (saved / "bundle.json").write_text(json.dumps(manifest))  # the same files, but other bytes
    assert find_ids(saved) == [("bundle-not-genuine", "bundle.json")]


@pytest.mark.parametrize("file", ["bundle.json", "model.json", "booster.txt"])
def test_a_link_that_leads_out_of_the_bundles_is_refused(saved: Path, tmp_path: Path, file: str) -> None:
    outside = tmp_path.parent / f"outside-{tmp_path.name}-{file}"
    (saved / file).rename(outside)
    (saved / file).symlink_to(outside)
    assert find_ids(saved) == [("bundle-link-outside", file)]


def test_a_link_that_stays_among_the_bundles_is_followed(saved: Path, tmp_path: Path) -> None:
    (saved / "model.json").rename(tmp_path / "shared.json")
    (saved / "model.json").symlink_to(tmp_path / "shared.json")
    assert model_bundle.load(saved, THREE).n_outcomes == 200


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
@pytest.mark.parametrize("file", ["bundle.json", "model.json", "booster.txt"])
def test_a_pipe_as_a_file_of_a_bundle_never_blocks(saved: Path, file: str) -> None:
    (saved / file).unlink()
    os.mkfifo(saved / file)
    assert find_ids(saved) == [("bundle-file-not-found", file)]


def test_a_file_above_the_limit_is_not_read(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_bundle, "MAX_FILE_BYTES", 1000)
    assert find_ids(saved) == [("bundle-file-too-large", "booster.txt"), ("bundle-file-too-large", "model.json")]


def test_links_in_a_circle_are_an_error(saved: Path) -> None:
    (saved / "model.json").unlink()
    (saved / "model.json").symlink_to(saved / "model.json")
    assert [column for _, column in find_ids(saved)] == ["model.json"]


@pytest.mark.parametrize("version", ["1e999", "NaN", "null", '"2"', "2.0", "[" * 100_000, "9" * 5000])
def test_a_manifest_with_an_odd_format_is_an_error(saved: Path, version: str) -> None:
    files = json.loads((saved / "bundle.json").read_text())["files"]
    (saved / "bundle.json").write_text(f'{{"format": {version}, "files": {json.dumps(files)}}}')
    assert find_ids(saved) == [("manifest-not-readable", "bundle.json")]
