"""What could go wrong on this machine: versions, clashes, write access, what is missing."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from importlib import import_module, metadata
from pathlib import Path

NEEDED = ("lightgbm", "mlflow-skinny", "numpy", "optuna", "pandas", "pandera", "pyarrow", "pydantic", "scipy", "typer")
ROOMS = ("data", "features", "models", "training", "matching", "app")
CLASHING = {"matching": "a stable-matching library that is also imported as `matching`"}


@dataclass(frozen=True)
class Finding:
    """One thing looked at, whether it is well, and what to do where it is not."""

    well: bool
    what: str
    says: str
    fix: str = ""


def check_installation(clinic: Path | None) -> list[Finding]:
    """Return every finding about this machine, and about the clinic folder where one is given."""
    return [*_python(), *_packages(), *_clashes(), *_day0(), *(_clinic(clinic) if clinic else ())]


def _python() -> list[Finding]:
    here = ".".join(str(part) for part in sys.version_info[:3])
    return [Finding((3, 11) <= sys.version_info < (3, 14), "python", here, "Use Python 3.11, 3.12 or 3.13.")]


def _packages() -> list[Finding]:
    findings = []
    for name in NEEDED:
        try:
            findings.append(Finding(True, name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            findings.append(Finding(False, name, "not installed.", "Run `make install` again."))
    return findings


def _clashes() -> list[Finding]:
    """Look for packages installed over ours, or folders that shadow ours."""
    findings = []
    for name, what in CLASHING.items():
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
        fix = "Install the two in separate environments: each overwrites files of the other."
        findings.append(Finding(False, name, f"{what} is installed beside us.", fix))
    home = Path(__file__).resolve().parent.parent
    for room in ROOMS:
        found = Path(import_module(f"attune_fit.{room}").__file__ or "").resolve().parent.parent
        if found != home:
            fix = "Run the `attune` command from another folder, or rename that one."
            findings.append(Finding(False, room, "a folder of that name is found before ours.", fix))
    return findings or [Finding(True, "clashes", "none")]


def _day0() -> list[Finding]:
    """Check that the bundle for a clinic without records is whole."""
    from attune_fit.data.faults import DataFault
    from attune_fit.models.active_model import load_starting_model

    try:
        model = load_starting_model()
    except DataFault as fault:
        return [Finding(False, "models/day0", str(fault), "Run `make day0`.")]
    return [Finding(True, "models/day0", f"bundle {model.bundle}")]


def _clinic(folder: Path) -> list[Finding]:
    """Check that the clinic's tables and live bundle can be read, and that its folder can be written."""
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.faults import DataFault
    from attune_fit.data.reading.read_clinic import read_tables
    from attune_fit.models.active_model import load_active_model

    try:
        clinic = Clinic.open(folder)
        load_active_model(clinic, read_tables(clinic))
    except DataFault as fault:
        return [Finding(False, str(folder), str(fault), "Run `attune check` for the whole list.")]
    place = clinic.artifacts if clinic.artifacts.exists() else clinic.folder
    writable = os.access(place, os.W_OK)
    fix = "" if writable else "Ranking works; train, and the log of rankings, need the right to write there."
    return [Finding(writable, str(place), "can be written." if writable else "cannot be written.", fix)]
