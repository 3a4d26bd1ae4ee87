"""The pointer to the live model: ``artifacts/live.json`` names a bundle of the clinic, or there is no such file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from attune_fit.data.faults import DataFault
from attune_fit.data.writing.atomic_write import write_atomically

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic

POINTER_FILE, BUNDLES_FOLDER = "live.json", "bundles"
STARTING_MODEL_NAME = "day0"  # the name of the starting model in lists of bundles
POINTER_FIX = "Delete the file to rank with the starting model. Run `attune train` to make a new bundle."


def read_active_name(clinic: Clinic) -> str:
    """Return the name of the active bundle; :data:`STARTING_MODEL_NAME` where the clinic has none of its own.

    Raises
    ------
    DataFault
        If ``live.json`` names no bundle, or a missing one.
    """
    pointer, place = clinic.artifacts / POINTER_FILE, f"artifacts/{POINTER_FILE}"
    if not pointer.exists():
        return STARTING_MODEL_NAME
    try:
        name = json.loads(pointer.read_bytes())["bundle"]
    except (ValueError, KeyError, TypeError):
        raise DataFault.error(
            "live-bundle-not-named", place, "", "it does not name a bundle", fix=POINTER_FIX
        ) from None
    if not build_bundle_path(clinic, str(name)).is_dir():
        message = f"it names the bundle `{name}`, which is not in artifacts/{BUNDLES_FOLDER}"
        raise DataFault.error("live-bundle-not-found", place, "", message, fix=POINTER_FIX)
    return str(name)


def is_trained(clinic: Clinic) -> bool:
    """Return whether the clinic ranks with a bundle of its own, not with the starting model."""
    return (clinic.artifacts / POINTER_FILE).exists()


def set_active_bundle(clinic: Clinic, name: str) -> None:
    """Make the bundle ``name`` active; :data:`STARTING_MODEL_NAME` makes the starting model active."""
    if name == STARTING_MODEL_NAME:
        (clinic.artifacts / POINTER_FILE).unlink(missing_ok=True)
    else:
        write_atomically(clinic.artifacts / POINTER_FILE, json.dumps({"bundle": name}) + "\n")


def list_bundle_names(clinic: Clinic) -> list[str]:
    """List the names of the clinic's bundles, sorted; without the starting model."""
    folder = clinic.artifacts / BUNDLES_FOLDER
    return sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []


def build_bundle_path(clinic: Clinic, name: str) -> Path:
    """Return the folder of the clinic's bundle ``name``."""
    return clinic.artifacts / BUNDLES_FOLDER / name
