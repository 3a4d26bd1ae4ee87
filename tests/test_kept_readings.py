"""Tables that are read once are those of another reading, and any other byte, setting or day is read again."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.columns import TABLES
from attune_fit.data.reading.read_clinic import read_tables
from tests import kept_readings
from tests.kept_readings import read_once


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that were read."""
    found: list[Path] = []

    def read(clinic: Clinic, as_of: object) -> object:
        found.append(clinic.folder)
        return read_tables(clinic, as_of)  # type: ignore[arg-type]

    monkeypatch.setattr(kept_readings, "_kept", type(kept_readings._kept)())
    monkeypatch.setattr(kept_readings, "read_tables", read)
    return found


def test_equal_files_are_read_once_and_give_frames_of_their_own(clinic: Path, readings: list[Path]) -> None:
    opened = Clinic.open(clinic)
    expected, first = read_tables(opened), read_once(opened)
    first.clients.loc[:, "age"] = 1.0
    del first.outcomes["score"]
    second = read_once(opened)
    assert readings == [clinic]
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(second, name), getattr(expected, name))
    assert (second.digest(), second.warnings, second.files) == (expected.digest(), expected.warnings, expected.files)


def test_whatever_tables_depend_on_is_read_again(clinic: Path, readings: list[Path]) -> None:
    opened = Clinic.open(clinic)
    read_once(opened)
    read_once(opened, dt.date(2026, 1, 6))
    path = clinic / "clients.csv"
    path.write_text(path.read_text().replace(",40.0,", ",41.0,", 1))
    assert 41.0 in read_once(opened).clients["age"].tolist()
    (clinic / "clinic.toml").write_text('[clinic]\nas_of = 2026-01-05\n[settings]\nsite_column = "region"\n')
    read_once(Clinic.open(clinic))
    (clinic / "therapist.csv").write_text("a file under nearly the name of a table\n")
    read_once(opened)
    assert len(readings) == 5


def test_a_file_that_changes_while_it_is_read_is_not_kept(
    clinic: Path, readings: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Clinic.open(clinic)
    before = (clinic / "clients.csv").read_text()

    def read(clinic: Clinic, as_of: object) -> object:
        tables = read_tables(clinic, as_of)  # type: ignore[arg-type]
        (clinic.folder / "clients.csv").write_text(before.replace(",40.0,", ",41.0,", 1))
        return tables

    monkeypatch.setattr(kept_readings, "read_tables", read)
    read_once(opened)
    (clinic / "clients.csv").write_text(before)
    assert not kept_readings._kept
