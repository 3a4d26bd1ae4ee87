"""The benchmark of reading measures a clinic that reads without a fault, and says whether the bound holds."""

import doctest
from pathlib import Path

import pandas as pd

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.reading.read_clinic import list_faults
from benchmarks import reading


def test_the_clinic_has_forty_columns_and_no_fault(tmp_path: Path) -> None:
    reading.write_clinic(tmp_path, 300)
    assert pd.read_csv(tmp_path / "clients.csv").shape == (300, reading.COLUMNS)
    assert [fault.id for fault in list_faults(Clinic.open(tmp_path)) if fault.stops] == []


def test_every_program_reads_all_clients(tmp_path: Path) -> None:
    reading.write_clinic(tmp_path, 25)
    found = [read(tmp_path) for read in reading.PROGRAMS.values()]
    assert [len(getattr(one, "clients", one)) for one in found] == [25, 25, 25]


def test_the_printed_ratios() -> None:
    assert doctest.testmod(reading).attempted == 1
    assert doctest.testmod(reading).failed == 0
    costs = {"pandas.read_csv, text": (1.0, 100.0), "read_tables": (9.0, 100.0)}
    assert reading.format_costs(costs).endswith("OVER")
    assert reading.format_costs(costs | {"read_tables": (1.0, 301.0)}).endswith("OVER")
