"""A small clinic folder without faults. A test can change its files and read it again."""

from __future__ import annotations

from pathlib import Path

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.reading.read_clinic import list_faults, read_tables
from tests.data.postgresql_server import postgresql_address, postgresql_server

__all__ = ["postgresql_address", "postgresql_server"]  # fixtures, one server for all tests of the folder

CLIENTS = """client_id,age,gender,lgbtq,phq9,referred_on
ann,34,woman,no,12,2026-05-01
ben,51,man,,7,2026-05-02
cat,27,woman,yes,,2026-05-20
"""
THERAPISTS = """therapist_id,age,gender,languages,open_slots,updated_on
tom,44,man,english|spanish,2,2026-06-01
una,38,woman,english,0,2026-06-01
"""
PREFERENCES = """client_id,attribute,value,strength
ann,gender,woman,must
ben,age,30-50,prefer
"""
OUTCOMES = """client_id,therapist_id,session,measured_on,instrument,rater,score
ann,tom,3,2026-05-20,WAI-SR,client,4.25
ben,una,3,2026-05-21,WAI-SR,client,3.5
"""
TOML = "[clinic]\nas_of = 2026-06-15\n"
FILES = {
    "clients.csv": CLIENTS,
    "therapists.csv": THERAPISTS,
    "preferences.csv": PREFERENCES,
    "outcomes.csv": OUTCOMES,
    "clinic.toml": TOML,
}


class ClinicFolder:
    """A clinic folder whose files a test can change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, text in FILES.items():
            self.put(name, text)

    def put(self, name: str, content: str | bytes) -> ClinicFolder:
        """Write one file."""
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return self

    def drop(self, name: str) -> ClinicFolder:
        """Delete one file."""
        (self.folder / name).unlink()
        return self

    def change(self, name: str, old: str, new: str) -> ClinicFolder:
        """Replace text in a file; the file must contain it."""
        text = (self.folder / name).read_text()
        assert old in text
        return self.put(name, text.replace(old, new))

    def add(self, toml: str) -> ClinicFolder:
        """Add lines to clinic.toml."""
        return self.put("clinic.toml", (self.folder / "clinic.toml").read_text() + toml)

    def read(self) -> Tables:
        """Return the tables."""
        return read_tables(Clinic.open(self.folder))

    def list_faults(self) -> tuple[Fault, ...]:
        """Return every fault, errors first."""
        try:
            return list_faults(Clinic.open(self.folder))
        except DataFault as error:
            return error.faults

    def format_faults(self) -> list[str]:
        """Return every fault as text; errors begin with an exclamation mark."""
        return [("! " if fault.stops else "") + str(fault) for fault in self.list_faults()]


@pytest.fixture
def clinic_folder(tmp_path: Path) -> ClinicFolder:
    """A small clinic without faults."""
    folder = tmp_path / "clinic"
    folder.mkdir()
    return ClinicFolder(folder)
