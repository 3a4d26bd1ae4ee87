"""Bundles: a model on disk as JSON, LightGBM text and checksums. Reading a bundle runs no code."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.sealed_log import parse_json_object
from attune_fit.data.storage.atomic_write import Content
from attune_fit.data.storage.folder_write import write_folder_atomically
from attune_fit.features.feature import Feature
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.booster_text import find_booster_fault
from attune_fit.models.bundle_rules import ModelField, find_invalid_fields, find_invalid_recipe_fields
from attune_fit.models.serialization import build_feature_definition, deserialize_model, serialize_model

FORMAT_VERSION = 2
MANIFEST_FILE, MODEL_FILE, TREES_FILE, RECIPE_FILE = "bundle.json", "model.json", "booster.txt", "recipe.json"
BUNDLE_FILES = (MANIFEST_FILE, MODEL_FILE, TREES_FILE, RECIPE_FILE)
MAX_FILE_BYTES = 200_000_000  # of one file; a model of 10,000 therapists has 10 million
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
    return compute_manifest_digest(model, recipe)[:12]


def compute_manifest_digest(model: AllianceModel, recipe: Mapping[str, Any] | None = None) -> str:
    """Return the SHA-256 of the manifest that :func:`save` will write, in hex."""
    return compute_sha256(_build_files(model, recipe)[MANIFEST_FILE])


def load(
    folder: Path, features: Sequence[Feature], remedy: str = RETRAIN_FIX, *, has_digest_name: bool = True
) -> AllianceModel:
    """Read a bundle, verify the checksum of every file, and check every value.

    Parameters
    ----------
    folder : Path
        As written by :func:`save`.
    features : sequence of Feature
        Every feature that can be in the bundle; others are ignored.
    remedy : str
        The fix in an error message.
    has_digest_name : bool
        Whether the folder has the name of :func:`compute_bundle_name`, as a clinic's bundles have; the starting model
        has not.

    Raises
    ------
    DataFault
        With all errors: a file that is missing, incomplete or changed; a folder whose name is not the digest of its
        manifest; another format; a value out of its range; trees that LightGBM could not read; a feature that is
        unknown or differs from the one in training.
    """
    files = read_files(folder, remedy, has_digest_name=has_digest_name)
    content, trees = _read_model(folder, files, remedy)
    model = deserialize_model(content, trees, _match_features(folder, content["features"], features, remedy))
    return replace(model, bundle=compute_sha256(files[MANIFEST_FILE])[:12])


def read_files(folder: Path, remedy: str = RETRAIN_FIX, *, has_digest_name: bool = True) -> dict[str, bytes]:
    """Read the files that a bundle's manifest lists, and the manifest, with their checksums verified; not parsed.

    The parameters are those of :func:`load`.

    Raises
    ------
    DataFault
        With every file that is missing, incomplete or changed, or a link that leads out of the clinic's bundles; for
        another format, and for a folder whose name is not the digest of its manifest.
    """
    place = f"bundle {folder.name}"
    content, digests = _read_manifest(folder, remedy)
    faults, files = [], {MANIFEST_FILE: content}
    if has_digest_name and compute_sha256(content)[:12] != folder.name:
        message = "the name of the folder is not the digest of this file: the bundle is not the one with this name"
        fix = f"Restore the folder from a backup, or: {remedy}"
        faults.append(Fault.error("bundle-not-genuine", place, MANIFEST_FILE, message, fix=fix))
    for file, digest in digests.items():
        try:
            files[file] = _read_file(folder, file, remedy)
        except DataFault as fault:
            faults += fault.faults
            continue
        if compute_sha256(files[file]) != digest:
            message = "the file has changed since it was written"
            faults.append(Fault.error("bundle-file-changed", place, file, message, fix=remedy))
    if faults:
        raise DataFault(faults)
    return files


def read_recipe(folder: Path, remedy: str = RETRAIN_FIX, *, has_digest_name: bool = True) -> dict[str, Any] | None:
    """Read the recipe given to :func:`save`; None if the bundle has none. Raises as :func:`read_files`."""
    files = read_files(folder, remedy, has_digest_name=has_digest_name)
    if RECIPE_FILE not in files:
        return None
    recipe = _parse_json(folder, RECIPE_FILE, files[RECIPE_FILE], remedy)
    _raise_invalid(folder, RECIPE_FILE, find_invalid_recipe_fields(recipe), remedy)
    return recipe


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


def _read_manifest(folder: Path, remedy: str) -> tuple[bytes, dict[str, str]]:
    """Return the manifest, and the checksum of each file from it."""
    place = f"bundle {folder.name}"
    if not folder.is_dir():
        raise DataFault.error("bundle-folder-not-found", place, "", "the folder is missing", fix=remedy)
    content = _read_file(folder, MANIFEST_FILE, remedy)
    manifest = parse_json_object(content) or {}
    version, files = manifest.get("format"), manifest.get("files")
    if type(version) is not int or not isinstance(files, dict):
        message = "the file is incomplete or was changed"
        raise DataFault.error("manifest-not-readable", place, MANIFEST_FILE, message, fix=remedy)
    if version != FORMAT_VERSION:
        age, fix = ("newer", f"Update Attune. {remedy}") if version > FORMAT_VERSION else ("older", remedy)
        message = (
            f"format {min(version, 10**9)} is {age} than format {FORMAT_VERSION}, which this version of Attune reads"
        )
        raise DataFault.error("bundle-format-not-supported", place, MANIFEST_FILE, message, fix=fix)
    if MODEL_FILE not in files:
        raise _build_missing_entry(folder, MODEL_FILE, remedy)
    return content, {file: str(files[file]) for file in (MODEL_FILE, TREES_FILE, RECIPE_FILE) if file in files}


def _build_missing_entry(folder: Path, file: str, remedy: str) -> DataFault:
    """Return the error for a file that the manifest should list."""
    message = f"the entry for {file} is missing"
    return DataFault.error("manifest-entry-missing", f"bundle {folder.name}", MANIFEST_FILE, message, fix=remedy)


def _read_file(folder: Path, file: str, remedy: str) -> bytes:
    """Return the content of one file of a bundle: never of a pipe, which could block without end."""
    path, place = folder / file, f"bundle {folder.name}"
    try:
        is_inside = not path.is_symlink() or path.resolve().is_relative_to(folder.parent.resolve())
        is_file, size = path.is_file(), path.stat().st_size if path.is_file() else 0
        content = path.read_bytes() if is_inside and is_file and size <= MAX_FILE_BYTES else b""
    except (OSError, RuntimeError) as error:
        message = f"the file cannot be read: {getattr(error, 'strerror', None) or 'its links lead back to it'}"
        raise DataFault.error("bundle-file-not-readable", place, file, message, fix=remedy) from None
    if not is_inside:
        message = "the file is a link that leads out of the folder of bundles"
        raise DataFault.error("bundle-link-outside", place, file, message, fix=remedy)
    if not is_file:
        raise DataFault.error("bundle-file-not-found", place, file, "the file is missing", fix=remedy)
    if size > MAX_FILE_BYTES:
        message = f"the file has more than {MAX_FILE_BYTES:,} bytes"
        raise DataFault.error("bundle-file-too-large", place, file, message, fix=remedy)
    return content


def _read_model(folder: Path, files: Mapping[str, bytes], remedy: str) -> tuple[dict[str, Any], str]:
    """Return the content of the model's file, every value checked, and the text of the trees; empty without trees."""
    content, place = _parse_json(folder, MODEL_FILE, files[MODEL_FILE], remedy), f"bundle {folder.name}"
    _raise_invalid(folder, MODEL_FILE, find_invalid_fields(content), remedy)
    if content["learned"] is None:
        return content, ""
    if TREES_FILE not in files:
        raise _build_missing_entry(folder, TREES_FILE, remedy)
    text = files[TREES_FILE].decode("latin-1")  # a letter for each byte; the check allows ASCII only
    if fault := find_booster_fault(text, len(content["learned"]["names"])):
        message = f"the trees cannot be read: {fault}"
        raise DataFault.error("bundle-trees-not-readable", place, TREES_FILE, message, fix=remedy)
    return content, text


def _raise_invalid(folder: Path, file: str, rows: Sequence[ModelField], remedy: str) -> None:
    """Raise one error for each field that is not valid, if there is any."""
    place = f"bundle {folder.name}"
    faults = [
        Fault.error("bundle-value-not-valid", place, file, f"`{row.path}` must be {row.wanted}", fix=remedy)
        for row in rows
    ]
    if faults:
        raise DataFault(faults)


def _parse_json(folder: Path, file: str, content: bytes, remedy: str) -> dict[str, Any]:
    """Return the content of a JSON file of the bundle."""
    parsed = parse_json_object(content)
    if parsed is None:
        message = "the file holds no JSON object that Attune can read"
        raise DataFault.error("bundle-json-not-readable", f"bundle {folder.name}", file, message, fix=remedy)
    return parsed


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
            numbers = {key: entry[key] for key in ("center", "scale", "typical") if key in entry}
            matched.append(replace(row, **{"typical": math.nan, **numbers}))
    if faults:
        raise DataFault(faults)
    return tuple(matched)


def _format_json(content: Mapping[str, Any]) -> bytes:
    """Return JSON with one line for each key, sorted, so that two bundles can be compared line by line."""
    rows = (
        f"{json.dumps(key)}: {json.dumps(content[key], sort_keys=True, allow_nan=False)}" for key in sorted(content)
    )
    return ("{\n" + ",\n".join(rows) + "\n}\n").encode()
