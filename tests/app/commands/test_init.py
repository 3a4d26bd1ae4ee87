"""`attune init`: what is printed and asked, and the commands that follow."""

import json
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from attune_fit.app.cli import app
from tests.conftest import SAMPLE, Attune

RIVERSIDE = Path(__file__).resolve().parents[3] / "examples" / "riverside"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Riverside's three files without its clinic.toml."""
    place = tmp_path / "riverside"
    place.mkdir()
    for path in RIVERSIDE.glob("*.csv"):
        shutil.copy(path, place)
    return place


def test_init_check_and_rank_follow_each_other(attune: Attune, folder: Path) -> None:
    printed = attune("init", folder, "--yes")
    assert "left out" in printed.stdout
    assert "Ethnicity code" in printed.stderr
    assert "Who waits is left out" in re.sub(r"\s+", " ", printed.stderr)
    assert attune("check", folder).exit_code == 0
    assert attune("rank", folder, "--client", "RV-000926").exit_code == 0


def test_json_lists_each_line_and_asks_nothing(attune: Attune, folder: Path) -> None:
    content = json.loads(attune("init", folder, "--json").stdout)
    lines = {(line["table"], line["column"]): line["state"] for line in content["lines"]}
    assert lines["clients", "client_id"] == "sure"
    assert lines["therapists", "race_ethnicity"] == "left out"
    assert content["unplaced"] == {}


def test_questions_are_answered_by_number_by_text_or_not_at_all(folder: Path) -> None:
    answers = ["white", "black", "hispanic", "asian", "multiracial", "perhaps", "1", "RV-9", "RV-000900"]
    answers += ["13/13/2026", "06/15/2026"]  # an id and a day that cannot be are asked again
    result = CliRunner().invoke(app, ["init", str(folder)], input="\n".join(answers) + "\n")
    assert result.exit_code == 0
    assert "Type a number from 1 to 2" in result.stderr
    text = (folder / "clinic.toml").read_text()
    assert '1 = "white"' in text
    assert 'phq9 = { from = "PHQ9", missing = ["99"] }' in text
    assert 'where = { column = "client_id", from = "RV-000900" }' in text
    assert "as_of = 2026-06-15" in text


def test_the_end_of_the_input_leaves_the_rest_out(folder: Path) -> None:
    result = CliRunner().invoke(app, ["init", str(folder)], input="")
    assert result.exit_code == 0
    assert 'race_ethnicity = "Ethnicity code" # left out' in (folder / "clinic.toml").read_text()


def test_an_existing_config_is_an_error(attune: Attune, tmp_path: Path) -> None:
    shutil.copytree(SAMPLE, tmp_path / "clinic")
    assert "has a clinic.toml already" in attune.fails("init", tmp_path / "clinic", "--yes")
