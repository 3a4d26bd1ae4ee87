"""The tutorial in Python does what it shows."""

import doctest
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "python.md"


def test_the_tutorial_does_what_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # it writes a clinic
    failed, tried = doctest.testfile(str(PAGE), module_relative=False)
    assert (failed, tried > 25) == (0, True)
