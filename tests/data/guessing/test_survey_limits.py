"""Files that are too large, or have a cell that no reader takes, are no crash: the other files are still read."""

from __future__ import annotations

from pathlib import Path

import pytest

from attune_fit.first_mapping import write_first_mapping
from tests.data.guessing.export_folders import STAFF, write_numbered_rows, write_rows


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small clinic without a ``clinic.toml``."""
    write_rows(tmp_path / "staff.csv", STAFF)
    headers = [["Client ID", "Age", "Gender", "Referral date"]]
    write_numbered_rows(
        tmp_path / "intake.csv", headers, lambda n: [f"RV-{n}", 20 + n, "FM"[n % 2], f"2026-05-{n % 28 + 1:02}"]
    )
    return tmp_path


def test_a_huge_text_file_is_not_read_into_memory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (folder / "big.csv").open("w") as file:
        file.write("client_id,note\n")
        file.truncate(3_000_000_000)  # without content on the disk
    read_bytes = Path.read_bytes

    def read(path: Path) -> bytes:
        assert path.name != "big.csv"
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", read)
    mapping = write_first_mapping(folder).result
    assert "larger than" in mapping.unplaced["big.csv"]
    assert "intake.csv" in (folder / "clinic.toml").read_text()


def test_a_very_long_cell_stops_no_other_file(folder: Path) -> None:
    (folder / "notes.csv").write_text(f"client_id,note\nRV-1,{'a' * 140_000}\n")
    write_first_mapping(folder, lambda _: None)
    assert "intake.csv" in (folder / "clinic.toml").read_text()
