"""A model on disk: JSON, LightGBM's text and their checksums. Reading it runs no code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.writing.atomic_write import write_atomically
from attune_fit.features.feature import Feature
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.serialization import build_feature_definition, deserialize_model, serialize_model

FORMAT_VERSION = 2
MANIFEST_FILE, MODEL_FILE, TREES_FILE, RECIPE_FILE = "bundle.json", "model.json", "booster.txt", "recipe.json"
RETRAIN_FIX = "Run `attune train` to make a new one."


def save(model: AllianceModel, folder: Path, recipe: Mapping[str, Any] | None = None) -> str:
    """Write a model's files into ``folder``; the manifest comes last, so that half a bundle is none.

    Parameters
    ----------
    model : AllianceModel
    folder : Path
    recipe : mapping, optional
        How it was made, in JSON's types: what training needs to make it anew from other records. Ranking reads none
        of it.

    Returns
    -------
    str
        The bundle's name, see :func:`compute_bundle_name`.
    """
    for file, content in _build_files(model, recipe).items():
        write_atomically(folder / file, content)
    return compute_bundle_name(model, recipe)


def compute_bundle_name(model: AllianceModel, recipe: Mapping[str, Any] | None = None) -> str:
    """First 12 hex digits of the manifest's SHA-256: the same model has the same name wherever it is made."""
    return compute_sha256(_build_files(model, recipe)[MANIFEST_FILE])[:12]


def load(folder: Path, features: Sequence[Feature], remedy: str = RETRAIN_FIX) -> AllianceModel:
    """Read a bundle and check every byte of it.

    Parameters
    ----------
    folder : Path
        As written by :func:`save`.
    features : sequence of Feature
        Every feature that may be in it; more are no harm.
    remedy : str
        What to do when it cannot be read.

    Raises
    ------
    DataFault
        With everything that is wrong: a file missing, cut short or changed, a newer format, a feature that is unknown
        here or no longer what it was.
    """
    files = check_files(folder, remedy)
    said = json.loads((folder / MODEL_FILE).read_bytes())
    trees = (folder / TREES_FILE).read_text(encoding="utf-8") if TREES_FILE in files else ""
    model = deserialize_model(said, trees, _match_features(folder, said["features"], features, remedy))
    return replace(model, bundle=compute_sha256((folder / MANIFEST_FILE).read_bytes())[:12])


def check_files(folder: Path, remedy: str = RETRAIN_FIX) -> frozenset[str]:
    """The files of a bundle, each compared with its checksum; nothing is known yet of what is in them.

    Raises
    ------
    DataFault
        With every file that is missing, cut short or changed, and for a newer format.
    """
    digests = _read_manifest(folder, remedy)
    faults = [fault for file in digests for fault in _check_file(folder, file, digests[file], remedy)]
    if faults:
        raise DataFault(faults)
    return frozenset(digests)


def read_recipe(folder: Path, remedy: str = RETRAIN_FIX) -> dict[str, Any] | None:
    """How a bundle was made, as handed to :func:`save`; None where it does not say. Raises as :func:`check_files`."""
    if RECIPE_FILE not in check_files(folder, remedy):
        return None
    return dict(json.loads((folder / RECIPE_FILE).read_bytes()))


def compute_sha256(content: bytes) -> str:
    """SHA-256, in hex."""
    return hashlib.sha256(content).hexdigest()


def _build_files(model: AllianceModel, recipe: Mapping[str, Any] | None) -> dict[str, bytes]:
    """Every file of the bundle, the manifest last."""
    files = {MODEL_FILE: _format_json(serialize_model(model))}
    if model.learned is not None:
        files[TREES_FILE] = model.learned.text.encode()
    if recipe is not None:
        files[RECIPE_FILE] = _format_json(recipe)
    digests = {file: compute_sha256(content) for file, content in files.items()}
    return {**files, MANIFEST_FILE: _format_json({"format": FORMAT_VERSION, "files": digests})}


def _read_manifest(folder: Path, remedy: str) -> dict[str, str]:
    """The checksum of each file."""

    def fault(file: str, says: str, first: str = "") -> DataFault:
        return DataFault.error(f"bundle {folder.name}", file, says, fix=first + remedy)

    if not folder.is_dir():
        raise fault("", "its folder is not there")
    if not (folder / MANIFEST_FILE).is_file():
        raise fault(MANIFEST_FILE, "the file is missing")
    try:
        said = json.loads((folder / MANIFEST_FILE).read_bytes())
        version, files = int(said["format"]), dict(said["files"])
    except (ValueError, KeyError, TypeError):
        raise fault(MANIFEST_FILE, "the file is cut short or changed") from None
    if version > FORMAT_VERSION:
        raise fault(
            MANIFEST_FILE, f"format {version} is newer than the {FORMAT_VERSION} this Attune reads", "Update Attune. "
        )
    if version < FORMAT_VERSION:
        raise fault(MANIFEST_FILE, f"format {version} is older than the {FORMAT_VERSION} this Attune reads")
    if MODEL_FILE not in files:
        raise fault(MANIFEST_FILE, f"it does not name {MODEL_FILE}")
    return {file: str(files[file]) for file in (MODEL_FILE, TREES_FILE, RECIPE_FILE) if file in files}


def _check_file(folder: Path, file: str, wanted: str, remedy: str) -> list[Fault]:
    """A fault where a file is not what the manifest says."""
    path = folder / file
    if path.is_file() and compute_sha256(path.read_bytes()) == wanted:
        return []
    says = "the file has changed since it was written" if path.is_file() else "the file is missing"
    return [Fault.error(f"bundle {folder.name}", file, says, fix=remedy)]


def _match_features(
    folder: Path, said: Sequence[dict[str, Any]], features: Sequence[Feature], remedy: str
) -> tuple[Feature, ...]:
    """The features a bundle names, with the centre and scale it was trained with."""
    rows = {feature.name: feature for feature in features}
    faults, found = [], []
    for one in said:
        row = rows.get(one["name"])
        if row is None:
            says, first = f"it reads the feature `{one['name']}`, which is not known here", "Declare it again, or: "
        elif any(one.get(key) != value for key, value in build_feature_definition(row).items()):
            says, first = f"the feature `{row.name}` is not what it was in training", ""
        else:
            found.append(replace(row, center=one["center"], scale=one["scale"]))
            continue
        faults.append(Fault.error(f"bundle {folder.name}", MODEL_FILE, says, fix=first + remedy))
    if faults:
        raise DataFault(faults)
    return tuple(found)


def _format_json(said: Mapping[str, Any]) -> bytes:
    """JSON with one line for each key, sorted, so that two bundles can be compared line by line."""
    rows = (f"{json.dumps(key)}: {json.dumps(said[key], sort_keys=True, allow_nan=False)}" for key in sorted(said))
    return ("{\n" + ",\n".join(rows) + "\n}\n").encode()
