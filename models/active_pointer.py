"""The pointer to the live model: ``artifacts/live.json`` names a bundle of the clinic, or there is no such file.

It also holds the end of the ledger at that time, so that a ledger that was cut or replaced shows.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attune_fit.data.faults import DataFault
from attune_fit.data.hash_chain import ChainHead
from attune_fit.data.sealed_files import LEDGER
from attune_fit.data.sealed_log import parse_head, parse_json_object, read_head, serialize_head
from attune_fit.data.storage.atomic_write import write_atomically
from attune_fit.data.storage.regular_file import check_regular_file

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic

POINTER_FILE, BUNDLES_FOLDER = "live.json", "bundles"
STARTING_MODEL_NAME = "day0"  # the name of the starting model in lists of bundles
BUNDLE_NAME = re.compile(r"[0-9a-f]{12}")  # the first digits of the SHA-256 of its manifest
POINTER_FIX = "Delete the file to rank with the starting model. Run `attune train` to make a new bundle."


def read_active_name(clinic: Clinic) -> str:
    """Return the name of the active bundle; :data:`STARTING_MODEL_NAME` where the clinic has none of its own.

    Raises
    ------
    DataFault
        If ``live.json`` is no file that can be read, or names no bundle, or one that is not in the clinic's folder of
        bundles. A link there that leads out of the clinic is no bundle.
    """
    place = f"artifacts/{POINTER_FILE}"
    if not is_trained(clinic):
        return STARTING_MODEL_NAME
    try:
        name = (_read_pointer(clinic) or {}).get("bundle")
    except OSError as error:
        message = f"the name of the live model cannot be read: {error.strerror or type(error).__name__}"
        raise DataFault.error("pointer-not-readable", place, "", message, fix=POINTER_FIX) from None
    if not isinstance(name, str) or not BUNDLE_NAME.fullmatch(name):
        raise DataFault.error("live-bundle-not-named", place, "", "it does not name a bundle", fix=POINTER_FIX)
    if not _is_bundle_folder(clinic, name):
        message = f"it names the bundle `{name}`, which is not in artifacts/{BUNDLES_FOLDER}"
        raise DataFault.error("live-bundle-not-found", place, "", message, fix=POINTER_FIX)
    return name


def read_ledger_end(clinic: Clinic) -> ChainHead | None:
    """Return the end of the ledger as ``live.json`` holds it; None without one, as in pointers of earlier versions."""
    try:
        return parse_head((_read_pointer(clinic) or {}).get(LEDGER.name))
    except OSError:
        return None


def is_trained(clinic: Clinic) -> bool:
    """Return whether the clinic ranks with a bundle of its own, not with the starting model."""
    return os.path.lexists(build_pointer_path(clinic))  # a link to a missing file is no absent pointer


def set_active_bundle(clinic: Clinic, name: str) -> None:
    """Make the bundle ``name`` active; :data:`STARTING_MODEL_NAME` makes the starting model active.

    Write the line of the ledger first: the pointer holds the end of the ledger.

    Raises
    ------
    OSError
        If the pointer cannot be written; it is unchanged then.
    """
    pointer = build_pointer_path(clinic)
    try:
        check_regular_file(pointer)
    except OSError:  # a link or a pipe: never written through
        pointer.unlink()
    if name == STARTING_MODEL_NAME:
        pointer.unlink(missing_ok=True)
        return
    end = read_head(clinic.artifacts / LEDGER.file)
    content = {"bundle": name, **({LEDGER.name: serialize_head(end)} if end is not None else {})}
    write_atomically(pointer, json.dumps(content) + "\n")


def list_bundle_names(clinic: Clinic) -> list[str]:
    """List the names of the clinic's bundles, sorted; without the starting model."""
    return sorted(_iterate_bundle_names(clinic))


def has_bundles(clinic: Clinic) -> bool:
    """Return whether the clinic has a bundle; quicker than to list them."""
    return any(_iterate_bundle_names(clinic))


def build_pointer_path(clinic: Clinic) -> Path:
    """Return the path of ``live.json``, which need not exist."""
    return clinic.artifacts / POINTER_FILE


def build_bundle_path(clinic: Clinic, name: str) -> Path:
    """Return the folder of the clinic's bundle ``name``."""
    return clinic.artifacts / BUNDLES_FOLDER / name


def _iterate_bundle_names(clinic: Clinic) -> Iterator[str]:
    folder = clinic.artifacts / BUNDLES_FOLDER
    names = os.listdir(folder) if folder.is_dir() else ()
    return (name for name in names if BUNDLE_NAME.fullmatch(name) and _is_bundle_folder(clinic, name))


def _read_pointer(clinic: Clinic) -> dict[str, Any] | None:
    """Return the content of the pointer; None if it is missing or no JSON object. Raises OSError."""
    pointer = build_pointer_path(clinic)
    check_regular_file(pointer)
    return parse_json_object(pointer.read_bytes()) if pointer.exists() else None


def _is_bundle_folder(clinic: Clinic, name: str) -> bool:
    """Return whether there is such a folder in the clinic's folder of bundles, and no link that leads elsewhere."""
    path = build_bundle_path(clinic, name)
    return path.is_dir() and path.resolve() == clinic.artifacts.resolve() / BUNDLES_FOLDER / name
