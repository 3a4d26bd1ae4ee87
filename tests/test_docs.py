"""Undocumented means failing: README, reference pages and the code say the same."""

import doctest
import os
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

from docs.pages import build_pages

HOME = Path(__file__).resolve().parent.parent
REFERENCE = HOME / "docs" / "reference"
README = (HOME / "README.md").read_text(encoding="utf-8")


def shell(folder: Path, *words: str) -> str:
    """What a command prints in a terminal 90 columns wide, run as the README's reader runs it."""
    environment = {**os.environ, "COLUMNS": "90", "NO_COLOR": "1", "TERM": "dumb"}
    command = [sys.executable, "-c", "from attune_fit.app.cli import main; main()", *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return "\n".join(line.rstrip() for line in done.stdout.splitlines())


@cache
def pages() -> dict[str, str]:
    """The reference pages, built once: each page costs as much as all of them."""
    return build_pages()


def test_every_reference_page_is_written_and_no_other() -> None:
    assert {path.name for path in REFERENCE.glob("*.md")} == set(pages())


@pytest.mark.parametrize("name", sorted(path.name for path in REFERENCE.glob("*.md")))
def test_reference_pages_are_what_the_code_says(name: str) -> None:
    assert (REFERENCE / name).read_text(encoding="utf-8") == pages()[name], "run `make docs`"


def test_the_first_screen_of_the_readme_is_the_demo_as_it_prints_today(tmp_path: Path) -> None:
    shown = re.search(r"\$ make demo\n(.*?)\n```", README, re.DOTALL)
    assert shown is not None
    assert README[: shown.end()].count("\n") <= 70
    assert shell(tmp_path, "demo", "demo").strip() == shown[1].strip()


def test_the_readme_names_commands_that_exist_the_page_of_all_and_every_make_target() -> None:
    commands = set(re.findall(r"^## `attune ([\w-]+)", pages()["commands.md"], re.MULTILINE))
    named = set(re.findall(r"(?:\$ |`)attune ([a-z-]+)\b", README))
    assert len(named) >= 15
    assert named <= commands
    assert "docs/reference/commands.md" in README
    targets = re.findall(r"^([a-z0-9-]+):.*## ", (HOME / "Makefile").read_text(), re.MULTILINE)
    assert not [name for name in targets if f"make {name}" not in README]


def test_the_page_for_researchers_does_what_it_shows() -> None:
    failed, tried = doctest.testfile(str(HOME / "docs" / "synthetic.md"), module_relative=False)
    assert (failed, tried > 15) == (0, True)


def test_the_page_of_trials_does_what_it_shows() -> None:
    failed, tried = doctest.testfile(str(HOME / "docs" / "trials.md"), module_relative=False)
    assert (failed, tried > 10) == (0, True)


def test_python_versions_in_the_readme_are_those_of_pyproject() -> None:
    classifiers = tomllib.loads((HOME / "pyproject.toml").read_text())["project"]["classifiers"]
    versions = [line.rsplit(" ", 1)[1] for line in classifiers if re.search(r":: 3\.\d+$", line)]
    assert versions == ["3.11", "3.12", "3.13"]
    assert f"Python {versions[0]}, {versions[1]} or {versions[2]}" in README


def test_links_between_pages_lead_somewhere() -> None:
    for page in [HOME / "README.md", HOME / "CONTRIBUTING.md", *(HOME / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_no_page_claims_what_nobody_can_know() -> None:
    never = re.compile(r"perfect match|predicts success|unbiased|best therapist|\d+% match", re.IGNORECASE)
    for page in [HOME / "README.md", *(HOME / "docs").rglob("*.md"), *(HOME / "examples").rglob("*.md")]:
        if page.name != "words.md":
            assert not never.search(page.read_text(encoding="utf-8")), page


def test_every_source_file_that_a_page_names_is_there() -> None:
    for page in [HOME / "README.md", HOME / "CONTRIBUTING.md", *(HOME / "docs").rglob("*.md")]:
        if page.name == "extend.md":  # its exercises make files: tests/test_extend.py does them
            continue
        for name in re.findall(
            r"\b(?:data|features|models|training|matching|app|tests|docs|benchmarks)/[a-z_0-9/]+\.(?:py|toml)\b",
            page.read_text(encoding="utf-8"),
        ):
            assert (HOME / name).exists(), f"{page.name}: {name}"


def test_every_promise_names_tests_that_exist() -> None:
    text = (HOME / "docs" / "trust.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| Promise")]
    assert len(rows) > 25
    for row in rows:
        tests = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", row)
        assert tests, row
        for file, name in tests:
            assert f"def {name}(" in (HOME / file).read_text(encoding="utf-8"), f"{file}::{name}"
