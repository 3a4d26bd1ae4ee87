"""What is kept under version control: all of the sources, no stray tables, one version number."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from attune_fit.data.formats.table_formats import list_file_names

HOME = Path(__file__).resolve().parent.parent
ROOMS = ("data", "features", "models", "training", "matching", "app", "tests", "benchmarks", "docs")
TABLES_MAY_BE_IN = ("tests/golden/", "examples/", "data/synthetic/sample/")


def tracked() -> list[str]:
    if not (HOME / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files"], cwd=HOME, capture_output=True, text=True, check=True)
    return listed.stdout.splitlines()


def test_no_ignore_pattern_hides_a_source_file() -> None:
    sources = [str(path.relative_to(HOME)) for room in ROOMS for path in (HOME / room).rglob("*.py")]
    hidden = subprocess.run(["git", "check-ignore", *sources], cwd=HOME, capture_output=True, text=True, check=False)
    assert hidden.stdout == ""


def test_tables_are_kept_only_where_tables_belong() -> None:
    tables = [name for name in tracked() if name.endswith((*list_file_names(""), ".xlsx", ".db"))]
    assert tables
    assert not [name for name in tables if not name.startswith(TABLES_MAY_BE_IN)]


def test_the_version_is_the_same_everywhere() -> None:
    version = tomllib.loads((HOME / "pyproject.toml").read_text())["project"]["version"]
    assert f"version: {version}\n" in (HOME / "CITATION.cff").read_text()
    assert f"## {version}\n" in (HOME / "CHANGELOG.md").read_text()


def test_requirements_are_pinned_with_hashes_and_name_no_index() -> None:
    for name in ("run.txt", "dev.txt", "mlflow.txt"):
        text = (HOME / "requirements" / name).read_text()
        assert not re.search(r"https?://|--index-url|--extra-index-url|--find-links", text)
        pins = re.findall(r"^[a-z][^\n]*==", text, re.MULTILINE)
        assert len(pins) > 20
        assert not re.findall(r"^[a-z][^\n]*[^\\]$", text, re.MULTILINE), "a pin without a hash"


def test_every_range_of_pyproject_is_pinned() -> None:
    project = tomllib.loads((HOME / "pyproject.toml").read_text())["project"]
    for name, ranges in (
        ("run.txt", project["dependencies"]),
        ("dev.txt", project["dependencies"] + project["optional-dependencies"]["dev"]),
        ("mlflow.txt", project["dependencies"] + project["optional-dependencies"]["mlflow"]),
    ):
        text = (HOME / "requirements" / name).read_text()
        for wanted in ranges:
            package = re.match(r"[a-z0-9-]+", wanted)
            assert package is not None
            assert re.search(rf"^{package[0]}(\[\w+\])?==", text, re.MULTILINE), f"{package[0]} in {name}"


def test_mlflows_pages_come_from_the_version_that_writes_the_database() -> None:
    run, pages, wanted = ((HOME / "requirements" / name).read_text() for name in ("run.txt", "mlflow.txt", "mlflow.in"))
    version = re.search(r"^mlflow-skinny==([\d.]+)", run, re.MULTILINE)
    assert version is not None
    assert wanted == f"mlflow=={version[1]}\n", "run `make requirements`"
    assert f"\nmlflow=={version[1]} " in pages
    assert f"\nmlflow-skinny=={version[1]} " in pages
