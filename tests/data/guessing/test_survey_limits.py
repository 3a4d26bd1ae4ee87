"""Files that are too large, or have a cell that no reader takes, are no crash: the other files are still read."""

from __future__ import annotations

from pathlib import Path

from attune_fit.first_mapping import write_first_mapping
from tests.data.guessing.test_build_mapping import EXAMPLES, copy_without_config


def test_a_huge_text_file_is_not_read_into_memory(tmp_path: Path) -> None:
    folder = copy_without_config(EXAMPLES / "riverside", tmp_path / "clinic")
    with (folder / "big.csv").open("w") as file:
        file.write("client_id,note\n")
        file.truncate(3_000_000_000)  # without content on the disk
    write_first_mapping(folder, lambda _: None)
    assert "big.csv" not in (folder / "clinic.toml").read_text()


def test_a_very_long_cell_stops_no_other_file(tmp_path: Path) -> None:
    folder = copy_without_config(EXAMPLES / "riverside", tmp_path / "clinic")
    (folder / "notes.csv").write_text(f"client_id,note\nRV-000901,{'a' * 140_000}\n")
    write_first_mapping(folder, lambda _: None)
    assert "intake_export.csv" in (folder / "clinic.toml").read_text()
