"""A clinic folder read for a command: its tables, and what ``clinic.toml`` says of rankings, all faults at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.data.faults import Fault


def read_clinic(folder: Path) -> tuple[Clinic, Tables]:
    """Open and read a clinic.

    Raises
    ------
    DataFault
        With everything that has to be mended before it can be learnt from or ranked.
    """
    from attune_fit.config_checks import find_config_faults
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.faults import DataFault
    from attune_fit.data.reading.read_clinic import read_tables

    clinic = Clinic.open(folder)
    tables = read_tables(clinic)
    found = find_config_faults(clinic, tables)
    if found:
        raise DataFault(found)
    return clinic, tables


def check_output_path(clinic: Clinic, target: Path) -> None:
    """Make sure that ``target`` is none of the clinic's own files.

    Raises
    ------
    DataFault
        If it is.
    """
    from attune_fit.data.faults import DataFault

    if target.resolve() in clinic.list_input_files():
        fix = "Name another file; nothing was written."
        raise DataFault.error(str(target), "", "is one of the clinic's own files", fix=fix)


def list_clinic_faults(folder: Path) -> tuple[Fault, ...]:
    """All there is to say of a clinic: what stops, and what is only noted."""
    from attune_fit.config_checks import find_config_faults
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.faults import DataFault
    from attune_fit.data.reading.read_clinic import read_tables

    clinic = Clinic.open(folder)
    try:
        tables = read_tables(clinic)
    except DataFault as fault:
        return fault.faults
    return (*find_config_faults(clinic, tables), *tables.warnings)
