"""Checks of an installation: versions, another package called attune, missing files, permission to write."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from importlib import import_module, metadata
from pathlib import Path

import attune_fit

DISTRIBUTION = "attune-fit"
OTHER_DISTRIBUTION = "attune"  # an optics tool on the package index, with a command and a module of that name
COMMAND = "attune"
NEEDED = (
    "lightgbm", "mlflow-skinny", "numpy", "optuna", "pandas", "pyarrow", "pydantic", "python-calamine", "scikit-learn",
    "scipy", "typer",
)  # fmt: skip
PARTS = ("data", "features", "models", "training", "matching", "app")
SHADOW_FIX = "Remove the first folder from PYTHONPATH (`.` is the current folder), or rename it."


@dataclass(frozen=True)
class Finding:
    """One check and its result.

    Attributes
    ----------
    well : bool
        True where nothing is wrong.
    what : str
        What was checked.
    says : str
        The result.
    fix : str
        What to do if ``well`` is False.
    """

    well: bool
    what: str
    says: str
    fix: str = ""


def check_installation(clinic: Path | None) -> list[Finding]:
    """Return the findings about this installation, and about the clinic folder if one is given."""
    findings = [_check_python(), *_check_packages(), _check_distribution(), _check_command(), _check_folders()]
    return [*findings, _check_starting_model(), *([_check_clinic(clinic)] if clinic else [])]


def _check_python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return Finding((3, 11) <= sys.version_info < (3, 14), "python", version, "Use Python 3.11, 3.12 or 3.13.")


def _check_packages() -> list[Finding]:
    findings = []
    for name in NEEDED:
        try:
            findings.append(Finding(True, name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            findings.append(Finding(False, name, "not installed.", "Run `make install` again."))
    return findings


def _check_distribution() -> Finding:
    """Check that the other distribution called attune is not installed: it overwrites our command."""
    try:
        version = metadata.version(OTHER_DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return Finding(True, "package attune", f"not installed; this is {DISTRIBUTION}")
    fix = (
        f"Run `pip uninstall {OTHER_DISTRIBUTION}`, then install {DISTRIBUTION} again; or use a separate environment "
        "for each."
    )
    message = f"another package called {OTHER_DISTRIBUTION} ({version}) is installed. It has a command `{COMMAND}` too."
    return Finding(False, "package attune", message, fix)


def _check_command() -> Finding:
    """Check that the ``attune`` a shell would start is the one installed with this package."""
    path = shutil.which(COMMAND)
    if path is None:
        return Finding(True, "command attune", "not on PATH; start it with its full path, or activate its environment")
    if _is_own_command(Path(path)):
        return Finding(True, "command attune", path)
    fix = f"Activate the environment of {DISTRIBUTION}, or start `attune` with its full path."
    return Finding(False, "command attune", f"the first `attune` on PATH is not from {DISTRIBUTION}: {path}.", fix)


def _is_own_command(path: Path) -> bool:
    """Return whether a file is our console script: a script, or on Windows a program, that names our module."""
    try:
        return b"attune_fit" in path.read_bytes()
    except OSError:
        return False


def _check_folders() -> Finding:
    """Check that every part of the package is ours: PYTHONPATH can put a folder called attune_fit before it."""
    home = Path(attune_fit.__file__ or "").resolve().parent
    installed = Path(str(metadata.distribution(DISTRIBUTION).locate_file("attune_fit"))).resolve()
    if installed.is_dir() and installed != home:  # an editable install has no such folder
        return Finding(False, "attune_fit", f"{home} is imported in the place of {installed}.", SHADOW_FIX)
    for part in PARTS:
        folder = Path(import_module(f"attune_fit.{part}").__file__ or "").resolve().parent
        if folder.parent not in (home, home.parent):  # inside in a wheel, next to it in a checkout
            return Finding(False, "attune_fit", f"{folder} and {home} do not belong together.", SHADOW_FIX)
    here = Path.cwd() / "attune_fit"
    if here.is_dir() and here.resolve() != home:
        note = f"; note: with PYTHONPATH=. Python would import {here} in its place"
        return Finding(True, "attune_fit", f"{home}{note}")
    return Finding(True, "attune_fit", str(home))


def _check_starting_model() -> Finding:
    """Check that the starting model, for a clinic without records, can be read."""
    from attune_fit.data.faults import DataFault
    from attune_fit.models.active_model import load_starting_model

    try:
        model = load_starting_model()
    except DataFault as error:
        return Finding(False, "models/day0", str(error), "Run `make day0`.")
    return Finding(True, "models/day0", f"bundle {model.bundle}")


def _check_clinic(folder: Path) -> Finding:
    """Check that Attune can read the clinic's tables and live model, and can write to its folder."""
    from attune_fit.data.faults import DataFault
    from attune_fit.workspace import open_clinic

    try:
        clinic = open_clinic(folder).clinic
    except DataFault as error:
        return Finding(False, str(folder), str(error), "Run `attune check` for the whole list.")
    place = clinic.artifacts if clinic.artifacts.exists() else clinic.folder
    if os.access(place, os.W_OK):
        return Finding(True, str(place), "can be written.")
    fix = "Ranking works. `attune train` and the log of rankings need permission to write there."
    return Finding(False, str(place), "cannot be written.", fix)
