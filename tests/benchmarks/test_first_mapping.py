"""The measure of first mappings: its folders are whole, its expected mappings fit them, and lines are counted right."""

import doctest
import tomllib
from pathlib import Path
from typing import Any

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.faults import DataFault
from attune_fit.data.reading.read_clinic import list_faults
from benchmarks.first_mapping import __main__ as program
from benchmarks.first_mapping import line_scores, mapping_lines
from benchmarks.first_mapping.line_scores import score_mapping
from benchmarks.first_mapping.mapping_lines import list_lines

CLINICS = [(package, name) for package in program.SETS for name in program.list_clinics(package)]
EACH_CLINIC = pytest.mark.parametrize(("package", "name"), CLINICS)


def read_mapping(columns: str, table: str = 'file = "people.csv"') -> dict[str, Any]:
    return tomllib.loads(f"[tables.clients]\n{table}\n[tables.clients.columns]\n{columns}")


def test_each_set_has_ten_folders_of_its_own() -> None:
    assert [len(program.list_clinics(package)) for package in program.SETS] == [10, 10]
    assert len({name for _, name in CLINICS}) == 20


@EACH_CLINIC
def test_a_folder_is_small_and_has_the_same_cells_each_time(package: str, name: str, tmp_path: Path) -> None:
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
        program.write_folder(package, name, tmp_path / place)
    files = sorted((tmp_path / "one").iterdir())
    assert sum(file.stat().st_size for file in files) < 30_000
    assert "clinic.toml" not in [file.name for file in files]
    for file in files:
        if file.suffix != ".xlsx":  # a workbook has the time of its writing in it
            assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


@EACH_CLINIC
def test_the_expected_mapping_reads_its_folder(package: str, name: str, tmp_path: Path) -> None:
    program.write_folder(package, name, tmp_path)
    text = (program.FOLDERS / package / f"{name}.toml").read_text(encoding="utf-8").partition("[measure]")[0]
    (tmp_path / "clinic.toml").write_text(text, encoding="utf-8")
    try:
        faults = list_faults(Clinic.open(tmp_path))
    except DataFault as error:
        faults = error.faults
    assert [fault for fault in faults if fault.stops] == []


@EACH_CLINIC
def test_an_expected_mapping_scores_full_marks_and_an_empty_one_none(package: str, name: str) -> None:
    expected = program.read_expected(package, name)
    full, empty = score_mapping(expected, expected), score_mapping(expected, {})
    assert len(full.equal) == full.expected == len(empty.left_out) > 5
    assert (full.wrong, full.left_out, full.misplaced, full.added, empty.equal, empty.wrong) == ((),) * 6


@EACH_CLINIC
def test_lines_of_either_kind_have_a_name_that_lines_can_have(package: str, name: str) -> None:
    for line in program.read_expected(package, name).get("measure", {}).get("either", []):
        assert line.partition(".")[0] in mapping_lines.TABLES


def test_another_way_to_write_a_line_is_the_same_line() -> None:
    one = read_mapping(
        'client_id = "Code"\nlanguages = { from = "Speaks", split = ", " }\n'
        'referred_on = { from = "On", dates = "%d.%m.%Y" }',
        'file = "people.csv"\nencoding = "utf-8-sig"\nheader_row = 1',
    )
    other = read_mapping(
        'client_id = { from = "Code" }\nlanguages = "Speaks"\nreferred_on = "On"',
        'files = ["people.csv"]\nset_separator = ","\ndates = "%d.%m.%Y"\nseparator = ","',
    )
    assert list_lines(one) == list_lines(other)


def test_each_line_is_equal_wrong_left_out_misplaced_or_added() -> None:
    expected = read_mapping('client_id = "Code"\ngender = { from = "Sex", codes = { w = "woman" } }\nphq9 = "PHQ"')
    found = read_mapping('client_id = "ID"\ngender = "sex"\npayer = "Who"\nphq9 = { from = "PHQ", missing = ["x"] }')
    score = score_mapping(expected, found)
    assert score.equal == ("clients.file", "clients.phq9")
    assert score.wrong == ("clients.client_id", "clients.gender")
    assert score.left_out == ("clients.gender.codes",)
    assert score.misplaced == ("clients.payer",)
    assert score.added == ("clients.phq9.missing",)
    assert line_scores.list_faults(score) == ["clients.client_id", "clients.gender", "clients.payer"]


def test_codes_are_equal_where_nine_in_ten_rows_are() -> None:
    rows = {f"c{number}": f"code {number}" for number in range(10)}
    expected, found = (
        {"tables": {"clients": {"columns": {"payer": {"from": "Who", "codes": codes}}}}}
        for codes in (rows, rows | {"C0": "another"})
    )
    assert "clients.payer.codes" in score_mapping(expected, found).equal
    found["tables"]["clients"]["columns"]["payer"]["codes"] = rows | {"c0": "another", "c1": "another"}
    assert "clients.payer.codes" in score_mapping(expected, found).wrong


def test_a_table_with_one_file_is_compared_with_the_part_of_this_file() -> None:
    columns = {"client_id": "Code"}
    parts = [{"file": "srs.csv", "instrument": "SRS"}, {"file": "arm.csv", "instrument": "ARM-5"}]
    expected = {"tables": {"outcomes": {"columns": columns, "parts": parts}}}
    score = score_mapping(expected, {"tables": {"outcomes": {"file": "arm.csv", "columns": {"client_id": "ID"}}}})
    assert score.equal == ("outcomes[arm.csv].file",)
    assert score.wrong == ("outcomes[arm.csv].client_id",)
    assert "outcomes[srs.csv].client_id" in score.left_out
    extra = score_mapping(expected, {"tables": {"outcomes": {"file": "arm.csv", "columns": {"score": "Total"}}}})
    assert extra.misplaced == ("outcomes[arm.csv].score",)


def test_lines_that_a_source_fills_count_neither_way_with_their_details() -> None:
    expected = read_mapping('client_id = "Code"') | {"measure": {"either": ["clients.gender"]}}
    score = score_mapping(
        expected, read_mapping('client_id = "Code"\ngender = { from = "Sex", codes = { w = "woman" } }')
    )
    assert (score.expected, score.misplaced, score.added) == (2, (), ())


def test_a_line_can_have_another_value_that_reads_the_same_cells() -> None:
    also = read_mapping('client_id = "Code"', "header_row = 2")
    expected = read_mapping('client_id = "Client Code"\nage = "Client Age"', "header_row = [1, 2]") | {
        "measure": {"also": also}
    }
    score = score_mapping(expected, read_mapping('client_id = "Code"\nage = "Age"', "header_row = [2]"))
    assert (score.equal, score.wrong) == (("clients.header_row", "clients.client_id"), ("clients.age",))


def test_the_page_names_lines_and_no_cells() -> None:
    expected = read_mapping('client_id = "Code"\nphq9 = "PHQ"')
    scores = {"uk_iapt": score_mapping(expected, read_mapping('client_id = "Cell"'))}
    page = program.format_page({"clinics": scores})
    assert "33% of the expected lines come out equal (1 of 3). 1 lines are wrong." in page
    assert "- uk_iapt: `clients.client_id`" in page
    assert "`clients.phq9`" not in page
    assert "Cell" not in page


def test_the_page_keeps_the_sets_apart() -> None:
    expected = read_mapping('client_id = "Code"\nphq9 = "PHQ"')
    scores = {"uk_iapt": score_mapping(expected, expected)}, {"irish_service": score_mapping(expected, {})}
    page = program.format_page(dict(zip(program.SETS, scores, strict=True)))
    development, held_out = page.split("## Held-out set")
    assert "100% of the expected lines come out equal (3 of 3)" in development
    assert "0% of the expected lines come out equal (0 of 3)" in held_out
    assert "uk_iapt" not in held_out
    assert "irish_service" not in development


def test_examples() -> None:
    assert doctest.testmod(mapping_lines).attempted == 2
    assert doctest.testmod(mapping_lines).failed == 0
