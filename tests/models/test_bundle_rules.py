"""Every value in a bundle is checked before it counts, also in one whose checksums and name were made to fit."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from attune_fit.data.faults import DataFault
from attune_fit.models import model_bundle
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.bundle_rules import FIELDS, LENGTH_FIELDS, RECIPE_FIELDS, find_invalid_fields
from attune_fit.models.model_bundle import compute_sha256
from attune_fit.models.pair_effect_verdict import MethodComparison, Verdict
from attune_fit.models.prediction_interval import PredictionInterval
from attune_fit.models.serialization import deserialize_model, serialize_model
from attune_fit.models.tree_columns import SEPARATOR, build_product_name
from tests.models.builders import THREE, build_dropout, build_scales, learnt, town
from tests.models.test_alliance_model import model

REMOVE = object()
ANY_FIELD: tuple[Any, ...] = (None, True, "1", {}, [[1]], -1e300, 10**400, [None], [True], ["1"], [[]], REMOVE)
HOSTILE: dict[str, list[Any]] = {  # values that the types alone would let through
    "features": [[{"name": "a", "center": 0, "scale": 0}], [{"name": "a", "center": 0, "scale": 1}] * 2,
                 *([{"name": "a", "center": 0, "scale": 1, "typical": value}] for value in (None, "1", True, 1e13))],
    "therapists.ids": [["t1", "t1"], [""]],
    "evidence.mean": [[101.0, 0, 0, 0], [0, 0, 0], ["0"] * 4, [True] * 4, [10**400, 0, 0, 0]],
    "evidence.cov": [np.eye(3).tolist(), (-np.eye(4)).tolist(), (np.eye(4) + np.eye(4, k=1) * 0.1).tolist()],
    "evidence.sigma": [0, 101], "evidence.tau": [0, -1], "evidence.unit": [0, 101], "evidence.relevance": [{"a": 0}],
    "levels": [{"names": ["site a"], "effect": [], "site_column": ""}, {"names": [], "effect": []},
               {"names": ["site a"], "effect": [101], "site_column": ""}],
    "drift": [{"names": ["gap"], "change": [], "reference": ""}, {"names": [], "change": [], "reference": "today"},
              {"names": ["gap"] * 2, "change": [1, 1], "reference": ""}, {"names": [], "change": []}],
    "therapists.effect": [[101.0] * 6, [0.0] * 5], "therapists.own": [[-1.0] * 6], "therapists.tau2": [0],
    "therapists.lean": [[[0.0] * 4] * 5, [[0.0] * 3] * 6],
    "learned": [{"names": ["gap"], "share": 1.1}, {"names": [], "share": 0.5}, {"names": ["gap"] * 2, "share": 0.5},
                *({"names": ["gap", f"{first}{SEPARATOR}{second}"], "share": 0.5} for first, second in
                  (("skill", "need"), ("need", "gap"), ("need", "other"), ("other", "skill"), ("need", ""),
                   ("", "skill"), ("need", f"skill{SEPARATOR}skill")))],
    "width": [{"level": 0.9, "below": [], "above": [], "more": 1}], "width.level": [0, 1],
    "width.below": [[1.0] * 49, [2.0, *[1.0] * 49], [-1.0, *[1.0] * 49]], "width.above": [[1e4] * 50],
    "width.middle": [1e6], "width.narrowing": [2], "width.narrowing_below": [2],
    "verdict": [{"kind": "adds", "more": 1}], "verdict.kind": ["helps", []],
    "verdict.r": [1.5], "verdict.low": [-2], "verdict.high": [2], "verdict.p": [0, 1.1], "verdict.n": [-1, 1.5],
    "verdict.power": [[[0.1, 2]], [[0.1]]], "verdict.compared": [[{"name": 1}], [{"name": "a", "within": [0, 0, 2]}]],
    "verdict.learned": [[0.1, 0.2], [0, 0, 3], "more"],
    "instrument": [1], "n_outcomes": [-1, 0.5, True], "data_digest": [1], "dropout": [None, {}, {"mean": [0.0] * 4}],
    "scales": [None, {}, {"contrasts": [], "widths": [], "offset": 0, "n_records": 1}],
}  # fmt: skip


@pytest.fixture(scope="module")
def content() -> dict[str, Any]:
    """A model with every kind of part, as its file holds it."""
    rows = (
        MethodComparison("model", (0.1, 0.0, 0.2), (0.1, 0.0, 0.2)),
        MethodComparison("other", None, (0, -0.1, 0.1)),
    )
    whole = replace(
        model(),
        width=PredictionInterval.from_out_of_fold(0.8, np.arange(50.0), np.sin(np.arange(50.0))),
        verdict=Verdict("adds", 0.1, 0.05, 0.15, 0.002, 200, power=((0.1, 0.3),), compared=rows),
        dropout=build_dropout(),
        scales=build_scales(),
    )
    return dict(json.loads(json.dumps(serialize_model(whole))))


def change(content: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """A copy with another value at a path, or without it."""
    changed = copy.deepcopy(content)
    *parents, key = path.split(".")
    part = changed
    for parent in parents:
        part = part[parent]
    if value is REMOVE:
        del part[key]
    else:
        part[key] = value
    return changed


def find_paths(content: dict[str, Any]) -> list[str]:
    return [row.path for row in find_invalid_fields(content)]


def write_forged(folder: Path, files: dict[str, bytes]) -> Path:
    """A bundle whose manifest and name fit its files."""
    digests = {name: compute_sha256(content) for name, content in files.items()}
    manifest = json.dumps({"format": 2, "files": digests}).encode()
    bundle = folder / compute_sha256(manifest)[:12]
    bundle.mkdir()
    for name, content in {**files, "bundle.json": manifest}.items():
        (bundle / name).write_bytes(content)
    return bundle


def find_faults(bundle: Path) -> list[tuple[str, str]]:
    with pytest.raises(DataFault) as caught:
        model_bundle.load(bundle, THREE)
    return [(fault.id, fault.column) for fault in caught.value.faults]


def test_a_model_of_attune_is_valid(content: dict[str, Any]) -> None:
    for whole in (content, serialize_model(load_starting_model()), serialize_model(learnt(town(), 50))):
        assert find_paths(json.loads(json.dumps(whole))) == []


def test_every_row_has_a_value_that_it_refuses() -> None:
    assert set(HOSTILE) == {row.path for row in (*LENGTH_FIELDS, *FIELDS)}


@pytest.mark.parametrize("path", HOSTILE)
def test_a_value_out_of_its_range_is_found(content: dict[str, Any], path: str) -> None:
    for value in HOSTILE[path]:
        assert path in find_paths(change(content, path, value)), value


def test_trees_can_read_a_product_and_a_feature_of_another_clinic(content: dict[str, Any]) -> None:
    learned = {"names": ["elsewhere", build_product_name("need", "skill"), "skill"], "share": 1}
    assert find_paths(change(content, "learned", learned)) == []


def test_a_product_of_a_feature_that_is_not_in_the_bundle_is_an_error_of_the_file(
    tmp_path: Path, content: dict[str, Any]
) -> None:
    forged = change(content, "learned", {"names": [build_product_name("need", "other")], "share": 1})
    bundle = write_forged(tmp_path, {"model.json": json.dumps(forged).encode()})
    with pytest.raises(DataFault, match=r"`learned` must be .* products of a client's and a therapist's feature"):
        model_bundle.load(bundle, THREE)


@pytest.mark.parametrize("row", [*LENGTH_FIELDS, *FIELDS], ids=lambda row: row.path)
def test_no_value_of_another_type_passes_and_then_stops_the_reading(content: dict[str, Any], row: Any) -> None:
    refused = 0
    for value in ANY_FIELD:
        changed = change(content, row.path, value)
        paths = find_paths(changed)
        refused += bool(paths)
        if not paths:  # what passes can be read
            deserialize_model(changed, "", THREE)
    assert refused >= 6


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("mean", [0.0] * 3), ("mean", [1e4] * 4), ("cov", (-np.eye(4)).tolist()), ("slope", -1), ("slope", True),
        ("intercept", None), ("n_records", -1), ("n_dropouts", 0.5), ("therapists", {}), ("check", {"auc": 0.6}),
        ("therapists.effect", [0.0]), ("therapists.own", [-1.0, 1.0]), ("therapists.tau2", 0),
        ("therapists.lean", [[0.0] * 3] * 2), ("therapists.ids", ["t1", "t1"]), ("check.auc", "high"), ("more", 1),
        ("n_dropouts", 201), ("check.auc", 1.5), ("check.client_auc", -0.1), ("check.gain_low", 0.2),
    ],
)  # fmt: skip
def test_every_value_of_dropout_is_checked(content: dict[str, Any], path: str, value: object) -> None:
    assert find_paths(change(content, f"dropout.{path}", value)) == ["dropout"]


def test_a_bundle_without_dropout_has_no_key_of_it(content: dict[str, Any]) -> None:
    assert "dropout" not in serialize_model(model())
    assert find_paths(change(content, "dropout", REMOVE)) == []
    assert deserialize_model(change(content, "dropout", REMOVE), "", THREE).dropout is None


def test_dropout_is_read_as_it_was_written(content: dict[str, Any]) -> None:
    found, written = deserialize_model(content, "", THREE).dropout, build_dropout()
    assert found is not None
    assert json.loads(json.dumps(serialize_model(replace(model(), dropout=found))["dropout"])) == content["dropout"]
    assert (found.check, found.therapists.ids, found.slope) == (written.check, ("t1", "t2"), 0.9)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("evidence.mean", [0.0] * 3), ("evidence.cov", np.eye(3).tolist()), ("evidence.sigma", 0), ("levels", {}),
        ("therapists.ids", ["t1", "t1"]), ("therapists.effect", [0.0]), ("therapists.tau2", 0), ("therapists", None),
    ],
)  # fmt: skip
def test_every_value_of_a_contrast_is_checked(content: dict[str, Any], path: str, value: object) -> None:
    contrasts = copy.deepcopy(content["scales"]["contrasts"])
    contrasts[1] = change(contrasts[1], path, value)
    assert find_paths(change(content, "scales.contrasts", contrasts)) == ["scales"]


@pytest.mark.parametrize(
    ("path", "value"),
    [("offset", 101), ("offset", None), ("n_records", -1), ("more", 1), ("widths", [{"level": 2}] * 3),
     ("widths", [{"level": 0.9, "below": [], "above": []}] * 2), ("widths", [{"more": 1}] * 3), ("contrasts", None)],
)  # fmt: skip
def test_every_value_of_the_scales_is_checked(content: dict[str, Any], path: str, value: object) -> None:
    assert find_paths(change(content, f"scales.{path}", value)) == ["scales"]


def test_a_bundle_without_scales_has_no_key_of_them(content: dict[str, Any]) -> None:
    assert "scales" not in serialize_model(model())
    assert find_paths(change(content, "scales", REMOVE)) == []
    assert deserialize_model(change(content, "scales", REMOVE), "", THREE).scales is None


def test_scales_are_read_as_they_were_written(content: dict[str, Any]) -> None:
    found = deserialize_model(content, "", THREE).scales
    assert found is not None
    assert json.loads(json.dumps(serialize_model(replace(model(), scales=found))["scales"])) == content["scales"]
    assert (found.n_records, found.offset) == (build_scales().n_records, 0.5)


def test_all_invalid_fields_are_listed(content: dict[str, Any]) -> None:
    changed = change(change(content, "evidence.sigma", 0), "therapists.tau2", -1)
    assert find_paths(changed) == ["evidence.sigma", "therapists.tau2"]


def test_a_declared_feature_can_have_a_large_weight_and_attunes_own_cannot(content: dict[str, Any]) -> None:
    changed = change(content, "evidence.mean", [70.0, 0.0, 500.0, 0.0])
    assert find_paths(changed) == []
    changed["features"][1]["family"] = "style"
    assert find_paths(changed) == ["evidence.mean"]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b"\xff",
        b"[" * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
    ids=["empty", "cut", "list", "null", "NaN", "endless", "not UTF-8", "deep", "huge"],
)
def test_json_that_cannot_be_read_is_one_error(tmp_path: Path, text: bytes) -> None:
    assert find_faults(write_forged(tmp_path, {"model.json": text})) == [("bundle-json-not-readable", "model.json")]


def test_forged_weights_are_refused_although_every_checksum_fits(tmp_path: Path, content: dict[str, Any]) -> None:
    forged = change(content, "therapists.effect", [1e6] * 6) | {"learned": None}
    bundle = write_forged(tmp_path, {"model.json": json.dumps(forged).encode()})
    assert find_faults(bundle) == [("bundle-value-not-valid", "model.json")]


def test_a_cut_booster_is_an_error_although_every_checksum_fits(tmp_path: Path, content: dict[str, Any]) -> None:
    learned = model().learned
    assert learned is not None
    files = {"model.json": json.dumps(content).encode(), "booster.txt": learned.text.encode()[:1500]}
    assert find_faults(write_forged(tmp_path, files)) == [("bundle-trees-not-readable", "booster.txt")]


def test_trees_that_the_manifest_does_not_list_are_an_error(tmp_path: Path, content: dict[str, Any]) -> None:
    bundle = write_forged(tmp_path, {"model.json": json.dumps(content).encode()})
    assert find_faults(bundle) == [("manifest-entry-missing", "bundle.json")]


@pytest.mark.parametrize("recipe", [b"[]", b'{"until": "x"}', b'{"until": 5}', b'{"recipe": 1}'])
def test_a_recipe_that_cannot_be_read_is_an_error(tmp_path: Path, recipe: bytes) -> None:
    bundle = write_forged(tmp_path, {"model.json": b"{}", "recipe.json": recipe})
    with pytest.raises(DataFault, match=r"recipe\.json"):
        model_bundle.read_recipe(bundle)
    assert {row.path for row in RECIPE_FIELDS} == {"until", "recipe"}
