"""Which file is which table: by ids that other files have, never the same people twice, and no code book."""

from pathlib import Path

from attune_fit.data.guessing.build_mapping import build_mapping
from tests.data.guessing.test_build_mapping import STAFF, build_rows, write_clinic

AGES = build_rows(lambda n: f"k{n},{20 + n}", "Client ID,Age")


def test_an_id_that_other_files_have_comes_before_the_number_of_a_response(tmp_path: Path) -> None:
    folder = write_clinic(tmp_path, build_rows(lambda n: f"{n + 1},D-{n},{20 + n}", "ID,Reference of mine,Age"), STAFF)
    rows = build_rows(lambda n: f"{n + 1},D-{n},t{n % 8},{n % 30}", "ID,Reference of mine,Who,SRS total")
    (folder / "forms.csv").write_text(rows)
    tables = build_mapping(folder).config["tables"]
    assert tables["clients"]["columns"]["client_id"] == "Reference of mine"
    assert tables["outcomes"]["columns"]["client_id"] == "Reference of mine"


def test_two_files_of_the_same_people_are_not_clients_and_therapists(tmp_path: Path) -> None:
    folder = write_clinic(tmp_path, AGES, STAFF)
    (folder / "more.csv").write_text(build_rows(lambda n: f"k{n},x{n}", "Client ID,Remark"))
    tables = build_mapping(folder).config["tables"]
    assert (tables["clients"]["file"], tables["therapists"]["file"]) == ("intake.csv", "staff.csv")


def test_a_code_book_is_no_table(tmp_path: Path) -> None:
    folder = write_clinic(tmp_path, AGES, STAFF)
    rows = build_rows(lambda n: f"field_{n},Text {n},text,{n}", "Variable / Field Name,Field Label,Gender,Age")
    (folder / "dictionary.csv").write_text(rows)
    assert "code book" in build_mapping(folder).unplaced["dictionary.csv"]


def test_kinds_of_licences_are_no_regions(tmp_path: Path) -> None:
    for cells, is_read in ((("LCSW", "PhD"), False), (("OR", "WA"), True)):
        staff = build_rows(lambda n, cells=cells: f"t{n},{cells[n % 2]}", "Therapist ID,License", 8)  # type: ignore[misc]
        columns = build_mapping(write_clinic(tmp_path, AGES, staff)).config["tables"]["therapists"]["columns"]
        assert ("licensed_regions" in columns) == is_read


def test_a_file_with_one_row_for_each_client_is_joined(tmp_path: Path) -> None:
    folder = write_clinic(tmp_path, AGES, STAFF)
    header = ",".join(("Client ID", *(f"gad{item}" for item in range(1, 8))))
    (folder / "gad.csv").write_text(build_rows(lambda n: f"k{n}," + ",".join([str(n % 4)] * 7), header))
    mapping = build_mapping(folder)
    section = mapping.config["tables"]["clients"]
    assert section["join"] == [{"file": "gad.csv", "key": "Client ID"}]
    assert section["columns"]["gad7"] == {"items": "gad{}"}
    assert mapping.unplaced == {}


def test_a_file_with_several_rows_for_a_client_is_not_joined(tmp_path: Path) -> None:
    folder = write_clinic(tmp_path, AGES, STAFF)
    (folder / "gad.csv").write_text(build_rows(lambda n: f"k{n // 2},{n % 20},{n}", "Client ID,GAD-7,Week"))
    mapping = build_mapping(folder)
    assert "join" not in mapping.config["tables"]["clients"]
    assert "gad.csv" in mapping.unplaced
