"""The tutorial of a hypothesis does what it shows: its Python blocks, and its commands in a folder of their own."""

from __future__ import annotations

import doctest
import re
import shutil
from pathlib import Path

import pytest

from tests.conftest import Attune

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "hypothesis-tutorial.md"


@pytest.mark.usefixtures("untracked")
def test_the_tutorial_does_what_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, attune: Attune) -> None:
    monkeypatch.chdir(tmp_path)  # it writes a folder
    failed, tried = doctest.testfile(str(PAGE), module_relative=False)
    assert (failed, tried > 25) == (0, True)
    shutil.rmtree(tmp_path / "study" / "artifacts")  # the commands register for themselves
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    commands = [line.split() for block in blocks for line in block.splitlines()]
    assert [words[0] for words in commands] == ["attune"] * 5
    for words in commands:
        done = attune(*words[1:])
        assert done.exit_code == 0, done.output
