"""The small clinic of these tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.office_files.small_clinic import SmallClinic


@pytest.fixture
def small_clinic(tmp_path: Path) -> SmallClinic:
    """A small clinic whose tables read without a fault."""
    return SmallClinic(tmp_path / "clinic")
