"""A model on disk: JSON, LightGBM's text and their checksums. Reading it runs no code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.writing.atomic_write import write_whole
from attune_fit.features.feature import Feature
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.serialization import definition, packed, unpacked

FORMAT = 2
MANIFEST, MODEL, TREES, RECIPE = "bundle.json", "model.json", "booster.txt", "recipe.json"
REMEDY = "Run `attune train` to make a new one."


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
        The bundle's name, see :func:`name`.
    """
    for file, content in _files(model, recipe).items():
        write_whole(folder / file, content)
    return name(model, recipe)


def name(model: AllianceModel, recipe: Mapping[str, Any] | None = None) -> str:
    """First 12 hex digits of the manifest's SHA-256: the same model has the same name wherever it is made."""
    return digest(_files(model, recipe)[MANIFEST])[:12]


def load(folder: Path, features: Sequence[Feature], remedy: str = REMEDY) -> AllianceModel:
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
    files = checked(folder, remedy)
    said = json.loads((folder / MODEL).read_bytes())
    trees = (folder / TREES).read_text(encoding="utf-8") if TREES in files else ""
    model = unpacked(said, trees, _known(folder, said["features"], features, remedy))
    return replace(model, bundle=digest((folder / MANIFEST).read_bytes())[:12])


def checked(folder: Path, remedy: str = REMEDY) -> frozenset[str]:
    """The files of a bundle, each compared with its checksum; nothing is known yet of what is in them.

    Raises
    ------
    DataFault
        With every file that is missing, cut short or changed, and for a newer format.
    """
    digests = _manifest(folder, remedy)
    faults = [fault for file in digests for fault in _changed(folder, file, digests[file], remedy)]
    if faults:
        raise DataFault(faults)
    return frozenset(digests)


def recipe_of(folder: Path, remedy: str = REMEDY) -> dict[str, Any] | None:
    """How a bundle was made, as handed to :func:`save`; None where it does not say. Raises as :func:`checked`."""
    if RECIPE not in checked(folder, remedy):
        return None
    return dict(json.loads((folder / RECIPE).read_bytes()))


def digest(content: bytes) -> str:
    """SHA-256, in hex."""
    return hashlib.sha256(content).hexdigest()


def _files(model: AllianceModel, recipe: Mapping[str, Any] | None) -> dict[str, bytes]:
    """Every file of the bundle, the manifest last."""
    files = {MODEL: _lines(packed(model))}
    if model.learned is not None:
        files[TREES] = model.learned.text.encode()
    if recipe is not None:
        files[RECIPE] = _lines(recipe)
    digests = {file: digest(content) for file, content in files.items()}
    return {**files, MANIFEST: _lines({"format": FORMAT, "files": digests})}


def _manifest(folder: Path, remedy: str) -> dict[str, str]:
    """The checksum of each file."""

    def fault(file: str, says: str, first: str = "") -> DataFault:
        return DataFault([Fault(True, f"bundle {folder.name}", file, says, first + remedy)])

    if not folder.is_dir():
        raise fault("", "its folder is not there")
    if not (folder / MANIFEST).is_file():
        raise fault(MANIFEST, "the file is missing")
    try:
        said = json.loads((folder / MANIFEST).read_bytes())
        version, files = int(said["format"]), dict(said["files"])
    except (ValueError, KeyError, TypeError):
        raise fault(MANIFEST, "the file is cut short or changed") from None
    if version > FORMAT:
        raise fault(MANIFEST, f"format {version} is newer than the {FORMAT} this Attune reads", "Update Attune. ")
    if version < FORMAT:
        raise fault(MANIFEST, f"format {version} is older than the {FORMAT} this Attune reads")
    if MODEL not in files:
        raise fault(MANIFEST, f"it does not name {MODEL}")
    return {file: str(files[file]) for file in (MODEL, TREES, RECIPE) if file in files}


def _changed(folder: Path, file: str, wanted: str, remedy: str) -> list[Fault]:
    """A fault where a file is not what the manifest says."""
    path = folder / file
    if path.is_file() and digest(path.read_bytes()) == wanted:
        return []
    says = "the file has changed since it was written" if path.is_file() else "the file is missing"
    return [Fault(True, f"bundle {folder.name}", file, says, remedy)]


def _known(
    folder: Path, said: Sequence[dict[str, Any]], features: Sequence[Feature], remedy: str
) -> tuple[Feature, ...]:
    """The features a bundle names, with the centre and scale it was trained with."""
    rows = {feature.name: feature for feature in features}
    faults, found = [], []
    for one in said:
        row = rows.get(one["name"])
        if row is None:
            says, first = f"it reads the feature `{one['name']}`, which is not known here", "Declare it again, or: "
        elif any(one.get(key) != value for key, value in definition(row).items()):
            says, first = f"the feature `{row.name}` is not what it was in training", ""
        else:
            found.append(replace(row, center=one["center"], scale=one["scale"]))
            continue
        faults.append(Fault(True, f"bundle {folder.name}", MODEL, says, first + remedy))
    if faults:
        raise DataFault(faults)
    return tuple(found)


def _lines(said: Mapping[str, Any]) -> bytes:
    """JSON with one line for each key, sorted, so that two bundles can be compared line by line."""
    rows = (f"{json.dumps(key)}: {json.dumps(said[key], sort_keys=True, allow_nan=False)}" for key in sorted(said))
    return ("{\n" + ",\n".join(rows) + "\n}\n").encode()
