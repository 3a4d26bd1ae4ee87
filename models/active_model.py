"""The active model: the bundle a clinic ranks with, or the starting model (day 0) that every clinic begins with."""

from __future__ import annotations

import json
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

from attune_fit.data.faults import DataFault
from attune_fit.data.writing.atomic_write import write_atomically
from attune_fit.features.feature_catalogue import FEATURES, list_clinic_features
from attune_fit.features.pairs import Sides
from attune_fit.models import model_bundle
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.feature_migration import migrate_model
from attune_fit.models.feature_scales import fill_scales

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables

POINTER_FILE, BUNDLES_FOLDER = "live.json", "bundles"
STARTING_MODEL_NAME = "day0"  # the name of the starting model in lists of bundles
POINTER_FIX = f"Delete the file to rank with the starting model. {model_bundle.RETRAIN_FIX}"


def load_active_model(clinic: Clinic, tables: Tables) -> AllianceModel:
    """Load the model that the clinic ranks with.

    Parameters
    ----------
    clinic : Clinic
        ``artifacts/live.json`` names its bundle. Without that file it is the starting model, trained on synthetic
        clinics, with the clinic's custom features at their prior.
    tables : Tables
        Source of center and scale for a custom feature that states none.

    Raises
    ------
    DataFault
        If ``live.json`` or the bundle it names cannot be read.
    """
    return adapt_to_clinic(clinic, tables, load_model(clinic, tables, read_active_name(clinic)))


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


def load_model(clinic: Clinic, tables: Tables, name: str) -> AllianceModel:
    """Load a bundle by name, over the features it was trained with.

    Raises
    ------
    DataFault
        If it cannot be read, or the definition of a feature has changed since training.
    """
    if name == STARTING_MODEL_NAME:
        return load_starting_model()
    known = {feature.name: feature for feature in (*FEATURES, *list_clinic_features(clinic.config, tables))}
    return model_bundle.load(build_bundle_path(clinic, name), tuple(known.values()))


def adapt_to_clinic(clinic: Clinic, tables: Tables, model: AllianceModel) -> AllianceModel:
    """Return the model over the features that the clinic uses now, with intervals at the clinic's level."""
    wanted = fill_scales(list_clinic_features(clinic.config, tables), Sides(tables))
    return migrate_model(model, wanted).with_interval_level(clinic.config.settings.interval)


def load_starting_model() -> AllianceModel:
    """Load the starting model (day 0), trained on synthetic clinics, from the installed package."""
    with as_file(files("attune_fit.models") / "day0") as folder:
        return model_bundle.load(folder, FEATURES, remedy="Install Attune again.")


def is_trained(clinic: Clinic) -> bool:
    """Return whether the clinic ranks with a bundle of its own, not with the starting model."""
    return (clinic.artifacts / POINTER_FILE).exists()


def list_bundle_names(clinic: Clinic) -> list[str]:
    """List the names of the clinic's bundles, sorted; without the starting model."""
    folder = clinic.artifacts / BUNDLES_FOLDER
    return sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []


def set_active_bundle(clinic: Clinic, name: str) -> None:
    """Make the bundle ``name`` active; :data:`STARTING_MODEL_NAME` makes the starting model active."""
    if name == STARTING_MODEL_NAME:
        (clinic.artifacts / POINTER_FILE).unlink(missing_ok=True)
    else:
        write_atomically(clinic.artifacts / POINTER_FILE, json.dumps({"bundle": name}) + "\n")


def build_bundle_path(clinic: Clinic, name: str) -> Path:
    """Return the folder of the clinic's bundle ``name``."""
    return clinic.artifacts / BUNDLES_FOLDER / name
