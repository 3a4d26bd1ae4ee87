"""A REDCap project is read from disk once for all tables that come from it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from attune_fit.data.clinic.mapping_config import TableMapping
from attune_fit.data.fault_collector import FaultCollector
from attune_fit.data.guessing.redcap_views import read_redcap_views
from attune_fit.data.reading.presets.redcap import redcap_files
from attune_fit.data.reading.rows import shared_grids
from attune_fit.data.reading.rows.table_files import read_grid
from tests.data.reading.presets.test_redcap_rows import REPEATS, TWO_EVENTS, list_visits, open_folder


@pytest.fixture
def read_names(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that REDCap's preset reads from disk, one for each time."""
    names = []

    def read(path: Path, mapping: TableMapping, collector: FaultCollector) -> pd.DataFrame | None:
        names.append(path.name)
        return read_grid(path, mapping, collector)

    monkeypatch.setattr(redcap_files, "read_grid", read)
    return names


def test_tables_of_one_project_share_its_rows_and_the_next_reading_reads_them_again(
    tmp_path: Path, read_names: list[str]
) -> None:
    folder = open_folder(tmp_path, REPEATS, outcomes="")
    assert folder.read_column("payer") == {"c1": "self", "c2": "aetna"}
    assert read_names.count("data.csv") == 1
    assert list_visits(folder) == [("c1", 1, 3.5), ("c1", 2, 4.5)]
    assert read_names.count("data.csv") == 2
    folder.put("data.csv", REPEATS.replace("4.5", "4.0"))
    assert list_visits(folder)[1] == ("c1", 2, 4.0)
    assert [folder.get_reading(table).rows for table in ("clients", "outcomes")] == [2, 2]


def test_a_table_with_another_layout_reads_the_file_itself(tmp_path: Path, read_names: list[str]) -> None:
    folder = open_folder(tmp_path, REPEATS, outcomes='separator = ","\n')
    folder.read()
    assert read_names.count("data.csv") == 2


def test_each_table_reports_the_faults_of_the_file(tmp_path: Path, read_names: list[str]) -> None:
    folder = open_folder(tmp_path, REPEATS, outcomes="")
    folder.put("data.csv", REPEATS.encode() + b"\xff\n")
    tables = sorted(fault.table for fault in folder.list_faults() if fault.id == "wrong-encoding")
    assert tables == ["clients", "outcomes"]
    assert read_names.count("data.csv") == 2


def test_the_first_mapping_reads_a_project_once(tmp_path: Path, read_names: list[str]) -> None:
    folder = open_folder(tmp_path, TWO_EVENTS)
    views = read_redcap_views(folder.folder, folder.folder / "data.csv")
    assert len(views) == 4
    assert read_names.count("data.csv") == 1


def test_the_oldest_files_are_given_up_where_all_are_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read_names: list[str]
) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("id,x\n1,2\n")
    grids, collector = shared_grids.SharedGrids(), FaultCollector("clients")

    def count_reads(*names: str) -> int:
        before = len(read_names)
        for name in names:
            found = grids.read(tmp_path / name, TableMapping(), collector, redcap_files.read_rows)
            assert found is not None
            assert found.to_numpy().tolist() == [["id", "x"], ["1", "2"]]
        return len(read_names) - before

    assert count_reads("a.csv", "b.csv", "a.csv", "b.csv") == 2
    monkeypatch.setattr(shared_grids, "MAX_SHARED_CELLS", 7)
    grids = shared_grids.SharedGrids()
    assert count_reads("a.csv", "a.csv", "b.csv", "b.csv", "a.csv") == 3
    assert [file.file for file in collector.files][-2:] == ["b.csv", "a.csv"]
