"""`attune hypothesis register`, `list` and `library`: what is frozen, and the files that Attune ships."""

import json
from pathlib import Path

from attune_fit.data.sealed_files import HYPOTHESES
from attune_fit.training.hypotheses.hypothesis import Hypothesis
from tests.conftest import Attune

NAME = "avoidance_by_warmth"


def test_a_published_hypothesis_is_registered_and_listed(attune: Attune, clinic: Path) -> None:
    done = attune("hypothesis", "register", clinic, NAME, "--by", "a person")
    assert done.exit_code == 0, done.output
    assert f"{NAME} is registered (line 1, digest " in done.output
    assert "outcomes are in the tables already. The test will state this." in done.output
    listed = json.loads(attune("hypothesis", "list", clinic, "--json").output)
    (entry,) = listed["hypotheses"]
    assert (entry["name"], entry["by"], listed["faults"]) == (NAME, "a person", [])
    assert NAME in attune("hypothesis", "list", clinic).output
    assert "The file of hypotheses is whole: 1 line." in attune("log", clinic, "--verify").output


def test_a_registry_that_was_changed_is_named(attune: Attune, clinic: Path) -> None:
    attune("hypothesis", "register", clinic, NAME)
    path = clinic / "artifacts" / HYPOTHESES.file
    path.write_text(path.read_text().replace(NAME, "another_name"))
    assert "the registry was changed" in attune("hypothesis", "list", clinic).output
    assert "The log was changed." in attune("log", clinic, "--verify").output


def test_a_file_of_the_library_is_printed_as_it_can_be_saved(attune: Attune, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(attune("hypothesis", "library", NAME).output, encoding="utf-8")
    assert Hypothesis.from_file(path).name == NAME
    assert NAME in attune("hypothesis", "library").output


def test_a_name_that_is_no_file_and_not_in_the_library_is_an_error(attune: Attune, clinic: Path) -> None:
    assert "Did you mean `avoidance_by_warmth`?" in attune.fails("hypothesis", "register", clinic, "avoidance_by_warm")
    assert "the library has no hypothesis `x`" in attune.fails("hypothesis", "library", "x")
    assert not (clinic / "artifacts" / HYPOTHESES.file).exists()
