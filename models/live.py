"""The model a clinic ranks with: the bundle it trained, or the one every clinic starts from."""

from __future__ import annotations

import json
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

from data.faults import DataFault, Fault
from data.writing import write_whole
from features.catalogue import FEATURES, features_for
from features.pairs import Sides
from models import bundle
from models.adapt import adapted
from models.alliance import AllianceModel
from models.scales import scaled

if TYPE_CHECKING:
    from data.clinic import Clinic
    from data.tables import Tables

POINTER, BUNDLES = "live.json", "bundles"


def live(clinic: Clinic, tables: Tables) -> AllianceModel:
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
    wanted = features_for(clinic.config, tables)
    chosen = _chosen(clinic)
    known = {feature.name: feature for feature in (*FEATURES, *wanted)}
    model = day0() if chosen is None else bundle.load(chosen, tuple(known.values()))
    return adapted(model, scaled(wanted, Sides(tables))).at_level(clinic.config.settings.interval)


def day0() -> AllianceModel:
    """The model trained on synthetic clinics, as it ships."""
    with as_file(files("models") / "day0") as folder:
        return bundle.load(folder, FEATURES, remedy="Install Attune again.")


def is_trained(clinic: Clinic) -> bool:
    """Whether the clinic ranks with a bundle of its own, not with the one every clinic starts from."""
    return (clinic.artifacts / POINTER).exists()


def make_live(clinic: Clinic, name: str) -> None:
    """Rank with the bundle ``name`` from now on."""
    write_whole(clinic.artifacts / POINTER, json.dumps({"bundle": name}) + "\n")


def bundle_folder(clinic: Clinic, name: str) -> Path:
    """Where the bundle ``name`` of a clinic stands."""
    return clinic.artifacts / BUNDLES / name


def _chosen(clinic: Clinic) -> Path | None:
    """The folder that ``live.json`` names; None where there is no such file."""
    pointer = clinic.artifacts / POINTER
    if not pointer.exists():
        return None
    try:
        name = json.loads(pointer.read_bytes())["bundle"]
    except (ValueError, KeyError, TypeError):
        raise _fault("it does not name a bundle") from None
    folder = bundle_folder(clinic, str(name))
    if not folder.is_dir():
        raise _fault(f"it names the bundle `{name}`, which is not in artifacts/{BUNDLES}")
    return folder


def _fault(says: str) -> DataFault:
    return DataFault(
        [Fault(True, f"artifacts/{POINTER}", "", says, f"Delete the file to start afresh. {bundle.REMEDY}")]
    )
