"""Which rows hold the headers: titles above, two rows joined, rows of survey tools, rows that repeat them."""

from __future__ import annotations

import pytest

from attune_fit.data.clinic.mapping_config import TableMapping
from attune_fit.data.fault_collector import FaultCollector
from attune_fit.data.faults import Fault
from attune_fit.data.formats.header_rows import join_headers
from attune_fit.data.reading.rows.table_files import read_file
from tests.data.conftest import ClinicFolder

ROWS = "ann,34,woman\nben,51,man\ncat,27,woman\n"
CLIENTS = f"client_id,age,gender\n{ROWS}"


def read(clinic_folder: ClinicFolder, text: str, **keys: object) -> tuple[list[str], list[int], list[Fault]]:
    """Return headers, row numbers and faults of a file of clients."""
    collector = FaultCollector("clients")
    clinic_folder.put("clients.csv", text)
    raw = read_file(clinic_folder.folder / "clients.csv", TableMapping.model_validate(keys), collector)
    headers = [] if raw is None else [str(header) for header in raw.columns]
    return headers, [] if raw is None else raw.index.tolist(), collector.faults


def describe(faults: list[Fault]) -> list[tuple[str, tuple[int, ...]]]:
    return [(fault.id, fault.rows) for fault in faults]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["Id", "Age"]], ["Id", "Age"]),
        ([["Id", "Problems", ""], ["", "Anxiety", "Trauma"]], ["Id", "Problems Anxiety", "Problems Trauma"]),
        ([["Id", "Name", ""], ["", "", "last"]], ["Id", "Name", "Name last"]),
        ([["", "Problems", " "], ["Id", "A", "B"]], ["Id", "Problems A", "Problems B"]),
        ([["Form", "", ""], ["Item", "", "Day"], ["1", "2", ""]], ["Form Item 1", "Form Item 2", "Form Day"]),
        ([["Id", "Age", ""], ["", "years", ""]], ["Id", "Age years", ""]),
    ],
)
def test_header_rows_are_joined(rows: list[list[str]], expected: list[str]) -> None:
    assert join_headers(rows) == expected


def test_a_merged_header_names_a_column_with_cells(clinic_folder: ClinicFolder) -> None:
    text = "client_id,Phones,,\n,first,,\nann,1,2,\n"
    headers, _, faults = read(clinic_folder, text, header_row=[1, 2])
    assert headers == ["client_id", "Phones first", "Phones"]
    assert faults == []


@pytest.mark.parametrize(
    "title", ["Clients of May\n\n", 'Clients,,\n"a\nb",,\n', "Clients;of;May\nx\n", "a,b,c,d,e,f\n\n"]
)
def test_rows_above_the_header_row_are_titles(clinic_folder: ClinicFolder, title: str) -> None:
    headers, rows, faults = read(clinic_folder, title + CLIENTS, header_row=3)
    assert (headers, rows, faults) == (["client_id", "age", "gender"], [4, 5, 6], [])


@pytest.mark.parametrize("title", ["Clients of May\n\n", "Clients,of,May\n\n", ",,\nClients of May,,\n"])
def test_titles_that_are_not_named_are_asked_about_once(clinic_folder: ClinicFolder, title: str) -> None:
    clinic_folder.put("clients.csv", title + CLIENTS)
    (fault,) = clinic_folder.list_faults()
    assert (fault.id, fault.stops) == ("header-row-elsewhere", True)
    assert "`header_row = 3`" in fault.fix
    assert "May" not in str(fault)


def test_a_header_of_the_clinics_own_words_is_found_below_a_title(clinic_folder: ClinicFolder) -> None:
    text = "Clients of May,,\nCode,Years,Sex\n" + ROWS
    columns = {"client_id": "code", "age": "Years"}
    assert describe(read(clinic_folder, text, columns=columns)[2]) == [("header-row-elsewhere", (1,))]
    assert read(clinic_folder, text, columns=columns, header_row=2)[:2] == (["Code", "Years", "Sex"], [3, 4, 5])


def test_a_cell_that_is_called_like_a_column_is_no_header_row(clinic_folder: ClinicFolder) -> None:
    text = "Code,Topic\nann,age\nben,gender\n"
    assert read(clinic_folder, text)[2] == []


@pytest.mark.parametrize("blank", ["\n\n", ",,\n\n", "\r\n , ,\r\n"])
def test_empty_rows_above_the_headers_need_no_key(clinic_folder: ClinicFolder, blank: str) -> None:
    assert read(clinic_folder, blank + CLIENTS) == (["client_id", "age", "gender"], [4, 5, 6], [])


def test_skipped_rows_are_neither_headers_nor_data(clinic_folder: ClinicFolder) -> None:
    text = f"Clients\n{CLIENTS}Printed,2026-05-30,by"
    assert read(clinic_folder, text, skip_rows=[1, 4, 6]) == (["client_id", "age", "gender"], [3, 5], [])


@pytest.mark.parametrize("keys", [{"header_row": 9}, {"skip_rows": [2, 9]}, {"header_row": [1, 5]}])
def test_a_row_that_the_file_does_not_have_is_an_error(clinic_folder: ClinicFolder, keys: dict[str, object]) -> None:
    assert describe(read(clinic_folder, CLIENTS, **keys)[2]) == [("row-not-found", ())]


QUESTIONS = 'Response ID,How old?,"Which\ngender?"\n'
IDS = '"{""ImportId"":""_recordId""}","{""ImportId"":""QID1"",""timeZone"":""Z""}","{""ImportId"":""QID2""}"\n'


def test_the_rows_of_qualtrics_are_left_out(clinic_folder: ClinicFolder) -> None:
    _, rows, faults = read(clinic_folder, CLIENTS.replace(ROWS, QUESTIONS + IDS + ROWS))
    assert (rows, describe(faults)) == ([4, 5, 6], [("qualtrics-rows", (2, 3))])
    _, rows, faults = read(clinic_folder, CLIENTS.replace(ROWS, IDS + ROWS))
    assert (rows, describe(faults)) == ([3, 4, 5], [("qualtrics-rows", (2,))])
    _, rows, faults = read(clinic_folder, CLIENTS.replace(ROWS, QUESTIONS + IDS + ROWS), skip_rows=[2, 3])
    assert (rows, faults) == ([4, 5, 6], [])


def test_questions_without_ids_are_an_error(clinic_folder: ClinicFolder) -> None:
    dated = "client_id,age,seen\nResponse ID,How old?,When?\nann,34,2026-05-01\nben,51,2026-05-02\ncat,,2026-05-03\n"
    (fault,) = read(clinic_folder, dated)[2]
    assert (fault.id, fault.stops, fault.rows) == ("second-header-row", True, (2,))
    assert "header_row = [1, 2]" in fault.fix
    assert read(clinic_folder, dated, skip_rows=[2])[1:] == ([3, 4, 5], [])
    assert read(clinic_folder, dated, header_row=[1, 2])[1:] == ([3, 4, 5], [])
    words = dated.replace("How old?", "declined").replace("When?", "refused")
    assert describe(read(clinic_folder, words)[2]) == [("second-header-row", (2,))]
    assert read(clinic_folder, words, missing=["Declined"])[2] == [], "one column of values shows nothing"
    assert read(clinic_folder, words, missing=["declined", "refused"])[2] == []
    assert read(clinic_folder, dated.replace("When?", "unknown"))[2] == []
    assert read(clinic_folder, dated.replace("When?", "2026-05-09"))[2] == []


def test_a_first_client_who_declined_is_a_client(clinic_folder: ClinicFolder) -> None:
    text = "client_id,phq9,gad7\nann,declined,refused\nben,10,4\ncat,12,9\n"
    assert read(clinic_folder, text)[1:] == ([2, 3, 4], [])
    assert describe(read(clinic_folder, text.replace("ann", "Record ID"))[2]) == [("second-header-row", (2,))]
    numbered = text.replace("ben", "11").replace("cat", "12")
    assert describe(read(clinic_folder, numbered)[2]) == [("second-header-row", (2,))]


def test_options_under_an_empty_header_are_an_error(clinic_folder: ClinicFolder) -> None:
    text = "client_id,Problems,,Note\n,Anxiety,Trauma,Text\nann,Anxiety,,x\nben,,Trauma,y\n"
    assert describe(read(clinic_folder, text)[2]) == [("second-header-row", (2,))]
    assert read(clinic_folder, text.replace(",Anxiety,Trauma,Text", "zoe,Anxiety,Trauma,Text"))[2][0].id == (
        "column-without-header"
    )


def test_headers_again_are_left_out(clinic_folder: ClinicFolder) -> None:
    _, rows, faults = read(clinic_folder, CLIENTS + CLIENTS.replace("ann", "dan"))
    assert (rows, describe(faults)) == ([2, 3, 4, 6, 7, 8], [("repeated-headers", (5,))])


@pytest.mark.parametrize("line", ['header_row = 0', "header_row = [2, 1]", "header_row = [1, 1]", "skip_rows = [0]",
                                  "header_row = true", 'skip_rows = "2"'])  # fmt: skip
def test_a_number_that_no_row_has_is_an_error(clinic_folder: ClinicFolder, line: str) -> None:
    clinic_folder.add(f"[tables.clients]\n{line}\n")
    assert {(fault.id, fault.table) for fault in clinic_folder.list_faults()} == {("key-not-valid", "clinic.toml")}


def test_the_keys_of_a_table_do_not_apply_to_its_second_files(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("clients.csv", "Clients\n" + (clinic_folder.folder / "clients.csv").read_text())
    clinic_folder.put("spoken.csv", "who,language\nann,french\nben,german\ncat,french\n")
    clinic_folder.add('[tables.clients]\nheader_row = 2\n[tables.clients.columns.languages]\nfile = "spoken.csv"\n'
                      'key = "who"\nfrom = "language"\n')  # fmt: skip
    assert sorted(clinic_folder.read().clients["languages"]) == ["french", "french", "german"]
