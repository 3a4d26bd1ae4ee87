"""The active model: the bundle a clinic ranks with, or the starting model (day 0) that every clinic begins with."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

from attune_fit.features.feature_catalogue import FEATURES, list_clinic_features
from attune_fit.features.sides import Sides
from attune_fit.models import model_bundle
from attune_fit.models.active_pointer import STARTING_MODEL_NAME, build_bundle_path, read_active_name
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.feature_migration import migrate_model
from attune_fit.models.feature_scales import fill_scales

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables


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


def list_model_files(clinic: Clinic, name: str) -> list[Path]:
    """Return the paths that :func:`load_model` reads of the clinic: the folder of a bundle, and its files.

    None for the starting model, which is part of Attune.
    """
    if name == STARTING_MODEL_NAME:
        return []
    folder = build_bundle_path(clinic, name)
    return [folder, *(folder / file for file in model_bundle.BUNDLE_FILES)]


def adapt_to_clinic(clinic: Clinic, tables: Tables, model: AllianceModel, sides: Sides | None = None) -> AllianceModel:
    """Return the model over the features that the clinic uses now, with intervals at the clinic's level.

    ``sides`` are those of the tables, where the caller has them already.
    """
    wanted = fill_scales(list_clinic_features(clinic.config, tables), Sides(tables) if sides is None else sides)
    return migrate_model(model, wanted).with_interval_level(clinic.config.settings.interval)


def load_starting_model() -> AllianceModel:
    """Load the starting model (day 0), trained on synthetic clinics, from the installed package."""
    with as_file(files("attune_fit.models") / "day0") as folder:
        return model_bundle.load(folder, FEATURES, remedy="Install Attune again.", has_digest_name=False)
