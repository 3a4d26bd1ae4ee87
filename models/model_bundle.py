"""Bundles: a model on disk as JSON, LightGBM text and checksums. Reading a bundle runs no code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.storage.atomic_write import Content
from attune_fit.data.storage.folder_write import write_folder_atomically
from attune_fit.features.feature import Feature
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.serialization import build_feature_definition, deserialize_model, serialize_model

FORMAT_VERSION = 2
MANIFEST_FILE, MODEL_FILE, TREES_FILE, RECIPE_FILE = "bundle.json", "model.json", "booster.txt", "recipe.json"
RETRAIN_FIX = "Run `attune train` to make a new bundle."


def save(
    model: AllianceModel,
    folder: Path,
    recipe: Mapping[str, Any] | None = None,
    others: Mapping[str, Content] | None = None,
) -> str:
    """Write a model's files into ``folder``, all or none.

    Parameters
    ----------
    model : AllianceModel
    folder : Path
    recipe : mapping, optional
        How the model was trained, in JSON types: what training needs to fit it again on other records. Ranking does not
        read it.
    others : mapping, optional
        Content of other files of the folder, by name; the manifest does not list them.

    Returns
    -------
    str
        Name of the bundle, see :func:`compute_bundle_name`.
    """
    write_folder_atomically(folder, {**_build_files(model, recipe), **(others or {})})
    return compute_bundle_name(model, recipe)


def compute_bundle_name(model: AllianceModel, recipe: Mapping[str, Any] | None = None) -> str:
    """Return the first 12 hex digits of the manifest's SHA-256: equal models have equal names on every machine."""
    return compute_sha256(_build_files(model, recipe)[MANIFEST_FILE])[:12]


def load(folder: Path, features: Sequence[Feature], remedy: str = RETRAIN_FIX) -> AllianceModel:
    """Read a bundle and verify the checksum of every file.

    Parameters
    ----------
    folder : Path
        As written by :func:`save`.
    features : sequence of Feature
        Every feature that can be in the bundle; others are ignored.
    remedy : str
        The fix in an error message.

    Raises
    ------
    DataFault
        With all errors: a file that is missing, incomplete or changed; another format; a feature that is unknown or
        differs from the one in training.
    """
    files = check_files(folder, remedy)
    content = json.loads((folder / MODEL_FILE).read_bytes())
    trees = (folder / TREES_FILE).read_text(encoding="utf-8") if TREES_FILE in files else ""
    model = deserialize_model(content, trees, _match_features(folder, content["features"], features, remedy))
    return replace(model, bundle=compute_sha256((folder / MANIFEST_FILE).read_bytes())[:12])


def check_files(folder: Path, remedy: str = RETRAIN_FIX) -> frozenset[str]:
    """Verify the checksum of each file of a bundle and return the file names; their content is not parsed.

    Raises
    ------
    DataFault
        With every file that is missing, incomplete or changed, and for another format.
    """
    digests = _read_manifest(folder, remedy)
    faults = [fault for file in digests for fault in _check_file(folder, file, digests[file], remedy)]
    if faults:
        raise DataFault(faults)
    return frozenset(digests)


def read_recipe(folder: Path, remedy: str = RETRAIN_FIX) -> dict[str, Any] | None:
    """Read the recipe given to :func:`save`; None if the bundle has none. Raises as :func:`check_files`."""
    if RECIPE_FILE not in check_files(folder, remedy):
        return None
    return dict(json.loads((folder / RECIPE_FILE).read_bytes()))


def compute_sha256(content: bytes) -> str:
    """Return the SHA-256 of ``content`` in hex."""
    return hashlib.sha256(content).hexdigest()


def _build_files(model: AllianceModel, recipe: Mapping[str, Any] | None) -> dict[str, bytes]:
    """Return the content of every file of the bundle, the manifest last."""
    files = {MODEL_FILE: _format_json(serialize_model(model))}
    if model.learned is not None:
        files[TREES_FILE] = model.learned.text.encode()
    if recipe is not None:
        files[RECIPE_FILE] = _format_json(recipe)
    digests = {file: compute_sha256(content) for file, content in files.items()}
    return {**files, MANIFEST_FILE: _format_json({"format": FORMAT_VERSION, "files": digests})}


def _read_manifest(folder: Path, remedy: str) -> dict[str, str]:
    """Return the checksum of each file, from the manifest."""
    place = f"bundle {folder.name}"
    if not folder.is_dir():
        raise DataFault.error("bundle-folder-not-found", place, "", "the folder is missing", fix=remedy)
    if not (folder / MANIFEST_FILE).is_file():
        raise DataFault.error("bundle-file-not-found", place, MANIFEST_FILE, "the file is missing", fix=remedy)
    try:
        manifest = json.loads((folder / MANIFEST_FILE).read_bytes())
        version, files = int(manifest["format"]), dict(manifest["files"])
    except (ValueError, KeyError, TypeError):
        message = "the file is incomplete or was changed"
        raise DataFault.error("manifest-not-readable", place, MANIFEST_FILE, message, fix=remedy) from None
    if version != FORMAT_VERSION:
        age, fix = ("newer", f"Update Attune. {remedy}") if version > FORMAT_VERSION else ("older", remedy)
        message = f"format {version} is {age} than format {FORMAT_VERSION}, which this version of Attune reads"
        raise DataFault.error("bundle-format-not-supported", place, MANIFEST_FILE, message, fix=fix)
    if MODEL_FILE not in files:
        message = f"the entry for {MODEL_FILE} is missing"
        raise DataFault.error("manifest-entry-missing", place, MANIFEST_FILE, message, fix=remedy)
    return {file: str(files[file]) for file in (MODEL_FILE, TREES_FILE, RECIPE_FILE) if file in files}


def _check_file(folder: Path, file: str, checksum: str, remedy: str) -> list[Fault]:
    """Return an error if a file differs from its checksum in the manifest."""
    path = folder / file
    if path.is_file() and compute_sha256(path.read_bytes()) == checksum:
        return []
    place = f"bundle {folder.name}"
    if not path.is_file():
        return [Fault.error("bundle-file-not-found", place, file, "the file is missing", fix=remedy)]
    return [Fault.error("bundle-file-changed", place, file, "the file has changed since it was written", fix=remedy)]


def _match_features(
    folder: Path, entries: Sequence[dict[str, Any]], features: Sequence[Feature], remedy: str
) -> tuple[Feature, ...]:
    """Return the features that a bundle names, with their center and scale of training."""
    rows = {feature.name: feature for feature in features}
    faults, matched, place = [], [], f"bundle {folder.name}"
    for entry in entries:
        row = rows.get(entry["name"])
        if row is None:
            message, fix = f"it reads the unknown feature `{entry['name']}`", f"Declare the feature again, or: {remedy}"
            faults.append(Fault.error("bundle-reads-unknown-feature", place, MODEL_FILE, message, fix=fix))
        elif any(entry.get(key) != value for key, value in build_feature_definition(row).items()):
            message = f"the definition of the feature `{row.name}` has changed since training"
            faults.append(Fault.error("feature-definition-changed", place, MODEL_FILE, message, fix=remedy))
        else:
            matched.append(replace(row, center=entry["center"], scale=entry["scale"]))
    if faults:
        raise DataFault(faults)
    return tuple(matched)


def _format_json(content: Mapping[str, Any]) -> bytes:
    """Return JSON with one line for each key, sorted, so that two bundles can be compared line by line."""
    rows = (
        f"{json.dumps(key)}: {json.dumps(content[key], sort_keys=True, allow_nan=False)}" for key in sorted(content)
    )
    return ("{\n" + ",\n".join(rows) + "\n}\n").encode()
