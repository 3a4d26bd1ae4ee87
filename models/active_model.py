"""The model a clinic ranks with: the bundle it trained, or the one every clinic starts from."""

from __future__ import annotations

import json
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

from attune_fit.data.faults import DataFault
from attune_fit.data.writing.atomic_write import write_atomically
from attune_fit.features.catalogue import FEATURES, list_clinic_features
from attune_fit.features.pairs import Sides
from attune_fit.models import bundle
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.feature_migration import migrate_model
from attune_fit.models.feature_scales import fill_scales

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables

POINTER_FILE, BUNDLES_FOLDER = "live.json", "bundles"
STARTING_MODEL_NAME = "day0"  # what the model every clinic starts from is called where bundles are named


def load_active_model(clinic: Clinic, tables: Tables) -> AllianceModel:
    """Find the model to rank with.

    Parameters
    ----------
    clinic : Clinic
        ``artifacts/live.json`` names its bundle; without it the clinic starts from the model trained on synthetic
        clinics, with its own declared features at their prior.
    tables : Tables
        A feature declared without centre and scale takes them from here.

    Raises
    ------
    DataFault
        If ``live.json`` or the bundle it names cannot be read.
    """
    return adapt_to_clinic(clinic, tables, load_model(clinic, tables, read_active_name(clinic)))


def read_active_name(clinic: Clinic) -> str:
    """Name of the bundle that is live; :data:`STARTING_MODEL_NAME` where the clinic has none of its own.

    Raises
    ------
    DataFault
        If ``live.json`` names no bundle, or one that is not there.
    """
    pointer = clinic.artifacts / POINTER_FILE
    if not pointer.exists():
        return STARTING_MODEL_NAME
    try:
        name = json.loads(pointer.read_bytes())["bundle"]
    except (ValueError, KeyError, TypeError):
        raise _fault("it does not name a bundle") from None
    if not build_bundle_path(clinic, str(name)).is_dir():
        raise _fault(f"it names the bundle `{name}`, which is not in artifacts/{BUNDLES_FOLDER}")
    return str(name)


def load_model(clinic: Clinic, tables: Tables, name: str) -> AllianceModel:
    """A bundle by name, over the features it was made with.

    Raises
    ------
    DataFault
        If it cannot be read, or a feature it needs is not what it was.
    """
    if name == STARTING_MODEL_NAME:
        return load_starting_model()
    known = {feature.name: feature for feature in (*FEATURES, *list_clinic_features(clinic.config, tables))}
    return bundle.load(build_bundle_path(clinic, name), tuple(known.values()))


def adapt_to_clinic(clinic: Clinic, tables: Tables, model: AllianceModel) -> AllianceModel:
    """A model over the features the clinic uses now, with intervals at the level it wants."""
    wanted = fill_scales(list_clinic_features(clinic.config, tables), Sides(tables))
    return migrate_model(model, wanted).with_interval_level(clinic.config.settings.interval)


def load_starting_model() -> AllianceModel:
    """The model trained on synthetic clinics, as it ships."""
    with as_file(files("attune_fit.models") / "day0") as folder:
        return bundle.load(folder, FEATURES, remedy="Install Attune again.")


def is_trained(clinic: Clinic) -> bool:
    """Whether the clinic ranks with a bundle of its own, not with the one every clinic starts from."""
    return (clinic.artifacts / POINTER_FILE).exists()


def list_bundle_names(clinic: Clinic) -> list[str]:
    """Names of the bundles a clinic has, sorted; day 0 is not among them."""
    folder = clinic.artifacts / BUNDLES_FOLDER
    return sorted(one.name for one in folder.iterdir() if one.is_dir()) if folder.is_dir() else []


def set_active_bundle(clinic: Clinic, name: str) -> None:
    """Rank with the bundle ``name`` from now on; with :data:`STARTING_MODEL_NAME`, as a clinic does that has none."""
    if name == STARTING_MODEL_NAME:
        (clinic.artifacts / POINTER_FILE).unlink(missing_ok=True)
    else:
        write_atomically(clinic.artifacts / POINTER_FILE, json.dumps({"bundle": name}) + "\n")


def build_bundle_path(clinic: Clinic, name: str) -> Path:
    """Where the bundle ``name`` of a clinic stands."""
    return clinic.artifacts / BUNDLES_FOLDER / name


def _fault(says: str) -> DataFault:
    return DataFault.error(
        f"artifacts/{POINTER_FILE}", "", says, fix=f"Delete the file to start afresh. {bundle.RETRAIN_FIX}"
    )
