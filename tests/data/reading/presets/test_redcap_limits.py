"""Limits of therapists in REDCap: a box that is blank, lost or not readable is never the absence of a limit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.data.reading.presets.preset_folders import ExportFolder

DICTIONARY = (
    "Variable / Field Name,Form Name,Field Type,Field Label,Choices or Calculations\n"
    'tid,staff,text,Id,\nages,staff,text,Ages,\nnot_taken,staff,checkbox,Not taken,"1, Eating | 2, Psychosis | 3, No"\n'
    'lic,staff,checkbox,Licences,"1, NY | 2, NJ"\n'
)
TOML = (
    '[tables.therapists]\nsource = "redcap"\nfile = "{}"\n[tables.therapists.columns]\nage_groups = "ages"\n'
    'problems_not_taken = "not_taken"\nlicensed_regions = "lic"\n'
)
HEADERS = "tid,ages,not_taken___1,not_taken___2,not_taken___3,lic___1,lic___2,staff_complete\n"


def open_roster(tmp_path: Path, rows: str, headers: str = HEADERS, name: str = "th.csv") -> ExportFolder:
    folder = ExportFolder(tmp_path / "clinic", TOML.format(name)).put("clients.csv", "client_id,region\nc1,NY\n")
    (folder.folder / "therapists.csv").unlink()
    return folder.put(name, headers + rows).put("d.csv", DICTIONARY)


def list_aside(folder: ExportFolder) -> set[str]:
    return {one for fault in folder.list_faults() for one in fault.sets_aside}


@pytest.mark.parametrize(("cells", "fault"), [
    ("maybe,0,0", "redcap-box-not-readable"), ("1,perhaps,0", "redcap-box-not-readable"),
    ("0,,0", "redcap-limit-not-known"), ("1,,0", "redcap-limit-not-known"), (",,", "redcap-limit-not-known"),
])  # fmt: skip
def test_a_box_of_a_limit_that_is_not_known_sets_its_therapist_aside(cells: str, fault: str, tmp_path: Path) -> None:
    folder = open_roster(tmp_path, f"t1,18-64,{cells},1,0,2\nt2,18-,0,0,0,1,1,2\n")
    assert (fault, "not_taken") in folder.list_ids()
    assert list_aside(folder) == {"t1"}
    assert folder.read_column("licensed_regions", "therapists") == {"t1": "ny", "t2": "ny|nj"}


def test_a_blank_box_of_another_field_leaves_what_is_checked(tmp_path: Path) -> None:
    folder = open_roster(tmp_path, "t1,18-64,0,0,0,1,,2\nt2,18-,0,0,0,,0,2\n")
    assert folder.read_column("licensed_regions", "therapists") == {"t1": "ny"}
    assert list_aside(folder) == set()


def test_a_choice_of_a_limit_without_a_box_is_an_error(tmp_path: Path) -> None:
    folder = open_roster(tmp_path, "t1,18-64,0,0,1,2\n", HEADERS.replace("not_taken___2,", "").replace("lic___2,", ""))
    assert [(one.id, one.column) for one in folder.list_faults() if one.stops] == [
        ("redcap-box-not-found", "not_taken")
    ]


def test_rows_for_each_field_lack_boxes_that_no_one_checked(tmp_path: Path) -> None:
    rows = "t1,tid,t1\nt1,ages,18-64\nt1,not_taken,1\nt1,lic,1\nt2,tid,t2\nt2,ages,18-\nt2,lic,1\n"
    folder = open_roster(tmp_path, rows, "record,field_name,value\n")
    assert folder.read_column("problems_not_taken", "therapists") == {"t1": "eating"}
    assert list_aside(folder) == set()
    assert not [one for one in folder.list_faults() if one.stops]


def test_boxes_that_hold_their_label_can_have_the_label_no(tmp_path: Path) -> None:
    folder = open_roster(tmp_path, "t1,18-64,Eating,,No,NY,,2\nt2,18-,,,No,NY,NJ,2\nt3,18-,,,,NY,,2\n")
    assert folder.read_column("problems_not_taken", "therapists") == {"t1": "eating|no", "t2": "no"}
    assert list_aside(folder) == set()


def test_rows_without_a_record_id_are_not_one_record(tmp_path: Path) -> None:
    rows = "t1,18-,0,0,0,1,0,2\nt2,18-,0,0,0,1,0,2\nt3,18-,0,0,0,1,0,2\n,18-64,1,0,0,1,0,2\n,65-,0,1,0,0,1,2\n"
    folder = open_roster(tmp_path, rows)
    assert "redcap-values-differ" not in [one for one, _ in folder.list_ids()]
    (fault,) = [one for one in folder.list_faults() if one.rows == (5, 6)]
    assert fault.column == "tid"


def test_the_warning_about_such_a_cell_names_no_file_of_attune(tmp_path: Path) -> None:
    folder = open_roster(tmp_path, "t1,18-64,sometimes,0,0,1,0,2\nt2,18-,0,0,0,1,0,2\n")
    (fault,) = [one for one in folder.list_faults() if one.id == "cell-written-as-unreadable"]
    assert "when Attune wrote" not in fault.says


def test_a_header_that_occurs_twice_is_an_error_where_it_is_used(tmp_path: Path) -> None:
    headers = HEADERS.replace("staff_complete", "ages,note,note,staff_complete")
    folder = open_roster(tmp_path, "t1,18-64,0,0,0,1,0,65-,a,b,2\n", headers)
    assert ("redcap-header-twice", "ages") in [(one.id, one.column) for one in folder.list_faults() if one.stops]
    assert ("redcap-headers-twice", "") in folder.list_ids()
    boxes = HEADERS.replace("staff_complete", "not_taken___1,staff_complete")
    folder.put("th.csv", boxes + "t1,18-64,0,0,0,1,0,1,2\n")
    assert ("redcap-header-twice", "not_taken") in folder.list_ids()


def test_a_dictionary_in_another_encoding_is_not_about_the_key_of_the_records(tmp_path: Path) -> None:
    folder = open_roster(tmp_path, "t1,18-64,0,0,0,1,0,2\n")
    folder.put("d.csv", DICTIONARY.encode() + "x,staff,text,Années,\n".encode("latin-1"))
    (fault,) = [one for one in folder.list_faults() if one.stops]
    assert fault.id == "wrong-encoding"
    assert "encoding =" not in fault.fix


def test_a_row_of_cells_in_place_of_headers_is_in_no_message(tmp_path: Path) -> None:
    folder = open_roster(tmp_path, "zzyzx,18-64,0,0,0,1,0,2\nyyy,18-,0,0,0,1,0,2\n", "")
    errors = [one for one in folder.list_faults() if one.stops]
    assert [one.id for one in errors] == ["redcap-without-headers"]
    assert not any("zzyzx" in f"{one.says} {one.fix}" for one in folder.list_faults())


def test_columns_without_a_header_are_no_header_twice(tmp_path: Path) -> None:
    folder = open_roster(tmp_path, "t1,18-64,0,0,0,1,0,2,,\n", HEADERS.replace("\n", ",,\n"))
    assert "redcap-headers-twice" not in [one for one, _ in folder.list_ids()]


def test_a_dictionary_that_is_not_there_names_its_key(tmp_path: Path) -> None:
    folder = open_roster(tmp_path, "t1,18-64,0,0,0,1,0,2\n")
    path = folder.folder / "clinic.toml"
    path.write_text(path.read_text().replace("[tables.therapists]\n", '[tables.therapists]\ndictionary = "no.csv"\n'))
    (fault,) = [one for one in folder.list_faults() if one.stops]
    assert "tables.therapists.dictionary" in fault.fix


def test_limits_of_a_survey_that_was_not_submitted_are_not_known(tmp_path: Path) -> None:
    headers = HEADERS.replace("tid,", "tid,staff_timestamp,")
    rows = "t1,[not completed],18-64,0,0,0,1,0,0\nt2,2026-05-01 10:00,18-,0,0,0,1,0,2\n"
    folder = open_roster(tmp_path, rows + "t3,[not completed],,0,0,0,0,0,0\n", headers)
    assert list_aside(folder) == {"t1", "t3"}
    assert folder.read_column("licensed_regions", "therapists") == {"t1": "ny", "t2": "ny"}


def test_a_code_of_missing_data_is_no_absence_of_a_limit(tmp_path: Path) -> None:
    folder = open_roster(tmp_path, "t1,NASK,0,0,0,1,0,2\nt2,18-,0,0,0,1,0,2\n")
    path = folder.folder / "clinic.toml"
    path.write_text(path.read_text().replace("[tables.therapists]\n", '[tables.therapists]\nmissing = ["NASK"]\n'))
    assert list_aside(folder) == {"t1"}
