"""One busy clinic that all tests of this folder read, and a copy of it for each test that records."""

from __future__ import annotations

from pathlib import Path

import pytest

from attune_fit.workspace import Workspace, open_clinic
from tests.matching.day_lists.day_clinic import copy_clinic, record_busy_day, write_clinic


@pytest.fixture(scope="session")
def busy_clinic(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The sample clinic on a busy day; no test records in it."""
    clinic = open_clinic(write_clinic(tmp_path_factory.mktemp("day-lists") / "clinic"))
    record_busy_day(clinic)
    return clinic


@pytest.fixture
def own_clinic(busy_clinic: Workspace, tmp_path: Path) -> Workspace:
    """A copy of the busy clinic, in which a test can record."""
    return copy_clinic(busy_clinic, tmp_path / "own")
