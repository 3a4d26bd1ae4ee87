"""Files of SPSS and Stata: labels where every value has one, missing values, and the extra that reads them."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from attune_fit.data.clinic.mapping_config import TableMapping
from attune_fit.data.fault_collector import FaultCollector
from attune_fit.data.reading.rows.table_files import read_file

ROWS = pd.DataFrame({
    "client_id": ["0012", "NA", "x"], "age": [34.0, None, 51.5], "gender": [1.0, 2.0, None], "item": [1.0, 3.0, 7.0],
})  # fmt: skip
LABELS = {"gender": {1.0: "woman", 2.0: "man", 3.0: "nonbinary"}, "item": {1.0: "never", 7.0: "always"}}


def read(path: Path, mapping: TableMapping | None = None) -> list[list[str]]:
    raw = read_file(path, mapping or TableMapping(), FaultCollector("clients"))
    assert raw is not None
    return [list(map(str, row)) for row in raw.fillna("").to_numpy()]


@pytest.mark.parametrize("suffix", [".sav", ".zsav"])
def test_values_become_labels_where_each_has_one(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"clients{suffix}"
    pyreadstat.write_sav(ROWS, str(path), variable_value_labels=LABELS)
    assert read(path) == [["0012", "34", "woman", "1"], ["NA", "", "man", "3"], ["x", "51.5", "", "7"]]


def test_stata_reads_alike(tmp_path: Path) -> None:
    path = tmp_path / "clients.dta"
    pyreadstat.write_dta(ROWS, str(path), variable_value_labels={"gender": {1: "woman", 2: "man"}})
    assert read(path) == [["0012", "34", "woman", "1"], ["NA", "", "man", "3"], ["x", "51.5", "", "7"]]


def test_dates_are_iso_and_declared_missing_values_are_empty(tmp_path: Path) -> None:
    path = tmp_path / "clients.sav"
    rows = ROWS.assign(
        seen=pd.Series([dt.date(2026, 5, 20), None, dt.date(2026, 5, 21)], dtype="object"), item=[1.0, 99.0, 2.0]
    )
    pyreadstat.write_sav(rows, str(path), missing_ranges={"item": [99.0]})
    assert [row[3:] for row in read(path)] == [["1", "2026-05-20"], ["", ""], ["2", "2026-05-21"]]


def test_without_the_extra_one_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "clients.sav"
    pyreadstat.write_sav(ROWS, str(path))
    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    collector = FaultCollector("clients")
    assert read_file(path, TableMapping(), collector) is None
    (fault,) = collector.faults
    assert (fault.id, fault.fix) == ("package-not-installed", 'Run `pip install "attune-fit[formats]"`.')


def test_a_damaged_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "clients.sav"
    pyreadstat.write_sav(ROWS, str(path))
    path.write_bytes(path.read_bytes()[:150])
    collector = FaultCollector("clients")
    assert read_file(path, TableMapping(), collector) is None
    assert [fault.id for fault in collector.faults] == ["damaged-file"]


@pytest.mark.parametrize(
    ("labels", "cells"),
    [
        (None, [["woman", "1"], ["man", "3"], ["", "7"]]),
        (True, [["woman", "never"], ["man", "3"], ["", "always"]]),
        (False, [["1", "1"], ["2", "3"], ["", "7"]]),
    ],
)
@pytest.mark.parametrize("suffix", [".sav", ".dta"])
def test_labels_chooses_between_labels_and_values(
    tmp_path: Path, suffix: str, labels: bool | None, cells: list[list[str]]
) -> None:
    path = tmp_path / f"clients{suffix}"
    if suffix == ".sav":
        pyreadstat.write_sav(ROWS, str(path), variable_value_labels=LABELS)
    else:
        whole = {name: {int(value): label for value, label in one.items()} for name, one in LABELS.items()}
        pyreadstat.write_dta(ROWS, str(path), variable_value_labels=whole)
    assert [row[2:] for row in read(path, TableMapping(labels=labels))] == cells


def test_values_declared_as_missing_are_counted_by_row(tmp_path: Path) -> None:
    path, collector = tmp_path / "clients.sav", FaultCollector("clients")
    ranges = {"item": [99.0, {"lo": 7.0, "hi": 8.0}], "client_id": ["NA"], "age": [98.0]}
    pyreadstat.write_sav(ROWS.assign(item=[1.0, 99.0, 7.0]), str(path), missing_ranges=ranges)
    raw = read_file(path, TableMapping(), collector)
    assert raw is not None
    assert raw["item"].fillna("").tolist() == ["1", "", ""]
    assert {one.header: one.rows for one in collector.declared_missing} == {"item": (3, 4), "client_id": (3,)}
    assert {one.table for one in collector.declared_missing} == {"clients"}


def test_missing_values_of_stata_are_counted_and_system_missing_is_empty(tmp_path: Path) -> None:
    path, collector = tmp_path / "clients.dta", FaultCollector("clients")
    rows = pd.DataFrame({"client_id": ["a", "b", "c"], "item": pd.Series([1.0, "a", None], dtype="object")})
    pyreadstat.write_dta(rows, str(path), missing_user_values={"item": ["a"]})
    raw = read_file(path, TableMapping(), collector)
    assert raw is not None
    assert raw["item"].fillna("").tolist() == ["1", "", ""]
    assert [(one.header, one.rows) for one in collector.declared_missing] == [("item", (3,))]


def test_labels_of_a_text_file_is_an_idle_key(tmp_path: Path) -> None:
    path, collector = tmp_path / "clients.csv", FaultCollector("clients")
    path.write_text("client_id\nann\n")
    assert read_file(path, TableMapping(labels=True), collector) is None
    assert [(fault.id, fault.column) for fault in collector.faults] == [("key-without-effect", "tables.clients.labels")]
