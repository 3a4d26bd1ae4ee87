"""`attune init`: what is printed and asked, and the commands that follow."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.conftest import SAMPLE, Attune
from tests.data.guessing.export_folders import GOLDEN, copy_golden

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


def test_questions_are_answered_by_number_by_text_or_not_at_all(attune: Attune, folder: Path) -> None:
    answers = ["white", "black", "hispanic", "asian", "multiracial", "perhaps", "1", "RV-9", "RV-000900"]
    answers += ["13/13/2026", "06/15/2026"]  # an id and a day that cannot be are asked again
    result = attune("init", folder, answers="\n".join(answers) + "\n")
    assert result.exit_code == 0
    assert "Type a number from 1 to 2" in result.stderr
    text = (folder / "clinic.toml").read_text()
    assert '1 = "white"' in text
    assert 'phq9 = { from = "PHQ9", missing = ["99"] }' in text
    assert 'where = { column = "client_id", from = "RV-000900" }' in text
    assert "as_of = 2026-06-15" in text


def test_the_end_of_the_input_leaves_the_rest_out(attune: Attune, folder: Path) -> None:
    result = attune("init", folder, answers="")
    assert result.exit_code == 0
    assert 'race_ethnicity = "Ethnicity code" # left out' in (folder / "clinic.toml").read_text()


def test_an_existing_config_is_an_error(attune: Attune, tmp_path: Path) -> None:
    shutil.copytree(SAMPLE, tmp_path / "clinic")
    assert "has a clinic.toml already" in attune.fails("init", tmp_path / "clinic", "--yes")


def test_warnings_and_the_next_commands_come_after_the_tables(attune: Attune, folder: Path) -> None:
    printed = attune("init", folder, "--yes", columns=500)  # no command is broken, however long the path
    lines = printed.output.splitlines()
    following = next(number for number, line in enumerate(lines) if line.startswith("Next: attune check"))
    warnings = [number for number, line in enumerate(lines) if line.startswith("- ")]
    assert warnings
    assert min(warnings) > following > max(number for number, line in enumerate(lines) if "───" in line)
    assert lines[following].endswith("--show-mapping")
    assert lines[following + 1].endswith("--waiting")


def test_resources_of_fhir_fit_80_columns_and_a_table_without_cells_is_one_line(attune: Attune, tmp_path: Path) -> None:
    folder = copy_golden(tmp_path / "clinic", GOLDEN / "fhir_us_core", has_staff=False)
    lines = attune("init", folder, "--yes", columns=80).stdout.splitlines()
    assert [line for line in lines if line.startswith(" Practitioner.qualification ")]
    assert 'preferences: FHIR R4, source = "fhir": no cells yet' in lines


def test_the_day_of_an_old_export_is_marked_to_be_changed(attune: Attune, tmp_path: Path) -> None:
    folder = copy_golden(tmp_path / "clinic", GOLDEN / "fhir_us_core", has_staff=False)
    attune("init", folder, "--yes")
    assert re.search(
        r"^as_of = \d{4}-\d\d-\d\d +# .*each new export", (folder / "clinic.toml").read_text(), re.MULTILINE
    )
