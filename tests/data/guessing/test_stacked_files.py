"""Files of one layout: one for each year is one table, and a copy or an older version is none."""

from pathlib import Path

import openpyxl

import attune_fit as af
from attune_fit.data.guessing.build_mapping import build_mapping
from attune_fit.data.guessing.guess import Question
from attune_fit.first_mapping import write_first_mapping
from tests.data.guessing.test_build_mapping import STAFF, build_rows, write_clinic

HEADER = "client,therapist,session,SRS total"


def write_ratings(folder: Path, name: str, first: int) -> None:
    rows = build_rows(lambda n: f"k{first + n // 2},t{n % 8},{n % 2 + 1},{20 + n % 20}", HEADER, 15)
    (folder / name).write_text(rows)


def write_people(folder: Path) -> Path:
    return write_clinic(folder, build_rows(lambda n: f"k{n},{20 + n}", "Client ID,Age"), STAFF)


def test_a_file_for_each_year_is_one_table(tmp_path: Path) -> None:
    folder = write_people(tmp_path)
    write_ratings(folder, "srs_2024.csv", 0)
    write_ratings(folder, "srs_2025.csv", 15)
    section = write_first_mapping(folder).result.config["tables"]["outcomes"]
    assert section["files"] == ["srs_2024.csv", "srs_2025.csv"]
    assert "file" not in section
    assert len(af.open_clinic(folder).tables.outcomes) == 30


def test_a_sheet_for_each_month_is_one_table(tmp_path: Path) -> None:
    folder, book = write_people(tmp_path), openpyxl.Workbook()
    book.remove(book.active)
    for number, month in enumerate(("Jan", "Feb")):
        sheet = book.create_sheet(month)
        sheet.append(HEADER.split(","))
        for row in range(15):
            sheet.append([f"k{15 * number + row}", f"t{row % 8}", 1, 20 + row])
    book.save(folder / "srs.xlsx")
    section = write_first_mapping(folder).result.config["tables"]["outcomes"]
    assert (section["file"], section["sheets"]) == ("srs.xlsx", ["Jan", "Feb"])
    assert len(af.open_clinic(folder).tables.outcomes) == 30


def test_a_copy_is_not_read_twice(tmp_path: Path) -> None:
    folder = write_people(tmp_path)
    write_ratings(folder, "srs.csv", 0)
    write_ratings(folder, "srs (1).csv", 0)
    mapping = build_mapping(folder)
    assert mapping.config["tables"]["outcomes"]["file"] == "srs (1).csv"
    assert mapping.unplaced == {"srs.csv": "its rows are in srs (1).csv too"}
    assert not [warning for warning in mapping.warnings if "srs.csv" in warning]


def test_of_two_rosters_of_the_same_people_the_later_is_read(tmp_path: Path) -> None:
    folder = write_clinic(tmp_path, build_rows(lambda n: f"k{n},{20 + n}", "Client ID,Age"), STAFF)
    (folder / "staff.csv").unlink()
    for year in (2024, 2025):
        rows = build_rows(lambda n, year=year: f"t{n},{40 + n + year - 2024},{n % 3}", "Therapist ID,Age,Openings", 8)  # type: ignore[misc]
        (folder / f"roster_{year}.csv").write_text(rows)
    mapping = build_mapping(folder)
    assert mapping.config["tables"]["therapists"]["file"] == "roster_2025.csv"
    assert "roster_2024.csv" in mapping.unplaced
    assert any(warning.startswith("roster_2024.csv is not read") for warning in mapping.warnings)


def test_forms_of_two_months_about_the_same_people_are_one_table(tmp_path: Path) -> None:
    folder = write_people(tmp_path)
    for number, month in enumerate(("January", "February")):
        cells = [f"k{n},t{n % 8},{20 + n % 9 + number}\n" for n in range(30)]
        rows = "".join(("Klienten-ID,Therapeut,SRS\n", *cells))
        (folder / f"srs {month}.csv").write_text(rows)
    files = build_mapping(folder).config["tables"]["outcomes"]["files"]
    assert files == ["srs February.csv", "srs January.csv"]


def test_files_with_other_names_are_asked_about(tmp_path: Path) -> None:
    folder = write_people(tmp_path)
    for number, place in enumerate(("north", "south")):
        rows = build_rows(lambda n, first=20 * number: f"k{first + n},{20 + n},F", "Client ID,Age,Gender", 20)  # type: ignore[misc]
        (folder / f"intake {place}.csv").write_text(rows)
    (folder / "intake.csv").unlink()
    mapping = build_mapping(folder)
    (unread,) = mapping.unplaced
    assert any(warning.startswith(f"{unread} is not read") for warning in mapping.warnings)

    def answer(question: Question) -> str | None:
        return "yes" if "one below the other" in question.text else None

    files = build_mapping(folder, answer).config["tables"]["clients"]["files"]
    assert files == ["intake north.csv", "intake south.csv"]


def test_ratings_with_other_names_are_parts(tmp_path: Path) -> None:
    folder = write_people(tmp_path)
    write_ratings(folder, "north srs.csv", 0)
    write_ratings(folder, "south srs.csv", 15)
    mapping = build_mapping(folder)
    assert len(mapping.config["tables"]["outcomes"]["parts"]) == 2
    assert mapping.unplaced == {}
