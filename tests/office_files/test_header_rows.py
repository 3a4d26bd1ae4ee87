"""Where the header is: title rows, two header rows, rows of a survey tool under the header, `sep=` of Excel."""

import pytest

from tests.office_files.small_clinic import CLIENTS, OFFERS, SmallClinic

SURVEY = """ResponseId,RecordedDate,Q1,Q2,Q3
Response ID,Recorded Date,How old are you?,"Which problems?
(choose all)",Which language?
"{""ImportId"":""_recordId""}","{""ImportId"":""recordedDate""}","{""ImportId"":""QID1_TEXT""}","{""ImportId"":""QID2""}","{""ImportId"":""QID3""}"
R_1aB,2026-05-20 08:28:48,34,"Anxiety,Depression",english
R_1ab,2026-05-21 09:00:01,41,Trauma,english
R_2xY,2026-05-22 10:10:10,29,Grief,english
"""
SURVEY_TOML = """[tables.clients.columns]
client_id = "ResponseId"
intake_on = "RecordedDate"
age = "Q1"
presenting_problems = { from = "Q2", split = "," }
languages = "Q3"
"""
TWO_ROWS = """Respondent ID,End Date,How old are you?,Which problems bring you?,,,Which language?
,,Open-Ended Response,Anxiety,Depression,Trauma,Response
118000000001,05/20/2026 08:28:48 AM,34,Anxiety,,,english
118000000002,05/21/2026 09:00:01 AM,41,,Depression,Trauma,english
"""
TWO_ROWS_TOML = """[tables.clients]
header_row = {rows}
dates = "%m/%d/%Y %I:%M:%S %p"
[tables.clients.columns]
client_id = "Respondent ID"
age = "How old are you? Open-Ended Response"
presenting_problems = {{ slots = "Which problems bring you? *" }}
languages = "Which language? Response"
intake_on = "End Date"
"""


def test_rows_of_a_survey_tool_under_the_header_are_no_clients(small_clinic: SmallClinic) -> None:
    small_clinic.put("clients.csv", SURVEY).add_toml(SURVEY_TOML)
    assert list(small_clinic.get_column("clients", "age").items()) == [("R_1aB", 34), ("R_1ab", 41), ("R_2xY", 29)]
    assert small_clinic.get_column("clients", "presenting_problems")["R_1aB"] == "anxiety|depression"
    [fault] = [fault for fault in small_clinic.find_faults("clients") if {2, 3} & set(fault.rows)]
    assert (fault.stops, fault.rows) == (False, (2, 3))


def test_rows_that_clinic_toml_skips_need_no_warning(small_clinic: SmallClinic) -> None:
    small_clinic.put("clients.csv", SURVEY).add_toml(f"[tables.clients]\nskip_rows = [2, 3]\n{SURVEY_TOML}")
    assert len(small_clinic.open().tables.clients) == 3
    assert not [fault for fault in small_clinic.find_faults("clients") if {2, 3} & set(fault.rows)]


def test_row_numbers_stay_those_of_the_spreadsheet(small_clinic: SmallClinic) -> None:
    # the second row of the survey file spans two lines, and is one row of a spreadsheet
    small_clinic.put("clients.csv", SURVEY.replace(",41,", ",forty,").replace(",29,", ",200,")).add_toml(SURVEY_TOML)
    bad = {row for fault in small_clinic.find_faults("clients", "Q1") for row in fault.rows}
    assert bad == {5, 6}


def test_one_row_under_the_header_that_holds_import_ids_is_skipped(small_clinic: SmallClinic) -> None:
    header, _, _, ids, *rows = SURVEY.splitlines(keepends=True)
    small_clinic.put("clients.csv", "".join([header, ids, *rows])).add_toml(SURVEY_TOML)
    assert list(small_clinic.get_column("clients", "age")) == ["R_1aB", "R_1ab", "R_2xY"]
    assert [fault.rows for fault in small_clinic.find_faults("clients") if 2 in fault.rows] == [(2,)]


def test_two_header_rows_are_joined(small_clinic: SmallClinic) -> None:
    small_clinic.put("clients.csv", TWO_ROWS).add_toml(TWO_ROWS_TOML.format(rows="[1, 2]"))
    problems = small_clinic.get_column("clients", "presenting_problems")
    assert problems == {"118000000001": "anxiety", "118000000002": "depression|trauma"}
    assert list(small_clinic.get_column("clients", "age").values()) == [34, 41]
    assert list(small_clinic.get_column("clients", "languages").values()) == ["english", "english"]
    assert not [fault for fault in small_clinic.find_faults("clients") if fault.stops or fault.sets_aside]


def test_two_header_rows_below_a_title(small_clinic: SmallClinic) -> None:
    title = "Intake survey 2026,,,,,,\n,,,,,,\n"
    small_clinic.put("clients.csv", title + TWO_ROWS).add_toml(TWO_ROWS_TOML.format(rows="[3, 4]"))
    assert small_clinic.get_column("clients", "presenting_problems")["118000000002"] == "depression|trauma"
    small_clinic.put("clients.csv", title + TWO_ROWS.replace(",41,", ",forty,"))
    assert small_clinic.find_fault("clients", "How old are you? Open-Ended Response").rows == (6,)


def test_a_question_over_two_columns_and_a_row_of_its_own(small_clinic: SmallClinic) -> None:
    """The first row is a group over two columns, as merged cells of a spreadsheet program are exported."""
    rows = ["id,Client,,Sessions,,", ",age,languages,mon-am,wed-pm,fri-am", "c1,34,english,x,,", "c2,41,english,,x,x"]
    small_clinic.put_rows("clients", *rows)
    small_clinic.add_toml('[tables.clients]\nheader_row = [1, 2]\n[tables.clients.columns]\nclient_id = "id"\n'
                          'age = "Client age"\nlanguages = "Client languages"\n'
                          'availability = { slots = "Sessions *" }')  # fmt: skip
    assert small_clinic.get_column("clients", "availability") == {"c1": "mon-am", "c2": "wed-pm|fri-am"}
    assert list(small_clinic.get_column("clients", "age").values()) == [34, 41]


@pytest.mark.parametrize("title", ["Waiting list of the north office", "Office,Main street,,,,,,,,"])
def test_title_rows_above_the_header(small_clinic: SmallClinic, title: str) -> None:
    small_clinic.put("clients.csv", f"{title}\n\n{CLIENTS.replace(',51,', ',old,')}")
    errors = [str(fault) for fault in small_clinic.list_faults() if fault.stops]
    assert any("header_row = 3" in error for error in errors)
    assert not any("office" in error or "street" in error for error in errors)
    small_clinic.add_toml("[tables.clients]\nheader_row = 3")
    assert small_clinic.find_kinds("clients", "age") == {"c02": "warning"}  # row 5 of the file
    assert set(small_clinic.get_column("clients", "age").values()) == {34, None, 27, 45, 62, 19}


def test_blank_lines_above_the_header_are_no_header(small_clinic: SmallClinic) -> None:
    small_clinic.put("clients.csv", f"\n\n{CLIENTS.replace(',51,', ',old,')}")
    assert [fault.rows for fault in small_clinic.list_faults()] == [(5,)]
    small_clinic.add_toml("[tables.clients]\nheader_row = 3")
    assert [fault.rows for fault in small_clinic.list_faults()] == [(5,)]


@pytest.mark.parametrize("rows", ["0", "[2, 1]", "99"])
def test_a_header_row_that_cannot_be_is_an_error(small_clinic: SmallClinic, rows: str) -> None:
    faults = small_clinic.add_toml(f"[tables.clients]\nheader_row = {rows}").list_faults()
    assert [fault for fault in faults if fault.stops]


@pytest.mark.parametrize(
    ("line", "separator", "toml"),
    [
        ("sep=;\r\n", ";", ""),
        ("\ufeffsep=;\n", ";", '[tables.clients]\nseparator = ";"'),
        ("SEP=,\n", ",", ""),
        ('"sep=\t"\r\n', "\t", ""),
    ],
)
def test_the_separator_line_of_excel_is_no_header(
    small_clinic: SmallClinic, line: str, separator: str, toml: str
) -> None:
    small_clinic.put("clients.csv", line + CLIENTS.replace(",51,", ",old,").replace(",", separator)).add_toml(toml)
    assert [(fault.column, fault.rows) for fault in small_clinic.list_faults()] == [("age", (4,))]  # the line is row 1
    assert small_clinic.get_column("clients", "payer")["c04"] == "self pay"
    assert len(small_clinic.open().tables.clients) == 6


def test_empty_columns_and_rows_of_a_spreadsheet_program_are_nothing(small_clinic: SmallClinic) -> None:
    text = CLIENTS.replace("\n", ",,\n") + ",,,,,,,,,,,\n" * 3
    small_clinic.put("clients.csv", text)
    assert small_clinic.list_offers() == OFFERS
    assert not [fault for fault in small_clinic.list_faults() if fault.stops or fault.sets_aside]
