"""Text files: the separator line of Excel, rows that end early, a file that was cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune_fit.data.clinic.mapping_config import TableMapping
from attune_fit.data.fault_collector import FaultCollector
from attune_fit.data.formats.delimited_text import TextRows
from attune_fit.data.reading.rows.table_files import read_file
from tests.data.conftest import CLIENTS, ClinicFolder

HEADER = "client_id,age,gender,problems\n"


def read(
    clinic_folder: ClinicFolder, text: str, **keys: object
) -> tuple[list[list[str]], list[tuple[str, tuple[int, ...]]]]:
    """Return the cells of a file of clients, and the ids and rows of its faults."""
    collector = FaultCollector("clients")
    clinic_folder.put("clients.csv", text)
    raw = read_file(clinic_folder.folder / "clients.csv", TableMapping.model_validate(keys), collector)
    cells = [] if raw is None else [list(map(str, row)) for row in raw.fillna("").to_numpy()]
    return cells, [(fault.id, fault.rows) for fault in collector.faults]


@pytest.mark.parametrize("line", ["sep=;", "SEP=;", '"sep=;"', "sep=;;;;", "\ufeffsep=;"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_separator_line_names_the_separator_and_counts_as_a_row(
    clinic_folder: ClinicFolder, line: str, end: str
) -> None:
    text = CLIENTS.replace(",", ";").replace(";34;", ";old;")
    clinic_folder.put("clients.csv", f"{line}\n{text}".replace("\n", end))
    (fault,) = clinic_folder.list_faults()
    assert (fault.column, fault.rows) == ("age", (3,))


def test_a_separator_in_clinic_toml_wins_over_the_line(clinic_folder: ClinicFolder) -> None:
    assert read(clinic_folder, "sep=;\nclient_id,a\nx,1;2\n", separator=",") == ([["x", "1;2"]], [])
    assert read(clinic_folder, "sep=\t\nTitle\nclient_id\ta\nx\t1\n", header_row=3) == ([["x", "1"]], [])
    assert read(clinic_folder, "sep,a\nx,1\n") == ([["x", "1"]], [])


def test_another_separator_is_found_below_a_title(clinic_folder: ClinicFolder) -> None:
    text = "Clients of May\n\n" + CLIENTS.replace(",", ";")
    assert read(clinic_folder, text)[1] == [("wrong-separator", ())]
    assert read(clinic_folder, text, separator=";")[1] == [("header-row-elsewhere", (1,))]
    assert read(clinic_folder, text, separator=";", header_row=3)[1] == []
    assert read(clinic_folder, "client_id\nann;age;gender\n")[1] == []


def test_another_separator_is_found_between_quoted_headers(clinic_folder: ClinicFolder) -> None:
    text = '"client_id";"age"\n"ann";3,5\n'
    assert read(clinic_folder, text)[1] == [("wrong-separator", ())]
    assert read(clinic_folder, text, separator=";")[1] == []
    assert read(clinic_folder, '"client_id"x\nann\n')[1] == [("text-after-quotation-mark", (1,))]


def test_rows_that_end_early_are_a_warning(clinic_folder: ClinicFolder) -> None:
    text = HEADER + "ann,34,woman,grief\nben,51\n\n,\ncat,27,woman,\ndan,\n"
    cells, faults = read(clinic_folder, text)
    assert faults == [("short-row", (3, 7))]
    assert cells[1] == ["ben", "51", "", ""]


def test_cells_that_lack_under_no_header_are_no_fault(clinic_folder: ClinicFolder) -> None:
    assert read(clinic_folder, "client_id,age,,\nann,34,\nben,51\n")[1] == []
    assert read(clinic_folder, "client_id\nann\nben")[1] == []


@pytest.mark.parametrize("row", ["cat,27", "cat,27,wom", '"cat"', "cat,"])
def test_a_last_row_that_is_cut_is_an_error(clinic_folder: ClinicFolder, row: str) -> None:
    text = HEADER + "ann,34,woman,grief\nben,51\n" + row
    cells, faults = read(clinic_folder, text)
    assert (cells, faults) == ([], [("cut-row", (4,)), ("short-row", (3,))])
    assert read(clinic_folder, text + "\n")[1] == [("short-row", (3, 4))]
    assert read(clinic_folder, text, skip_rows=[4])[1] == [("short-row", (3,))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_file_that_is_cut_in_a_letter_is_not_in_another_encoding(clinic_folder: ClinicFolder, encoding: str) -> None:
    clinic_folder.put("clients.csv", (HEADER + "ann,34,woman,Träume und Ängste – ü").encode(encoding)[:-1])
    clinic_folder.add(f'[tables.clients]\nencoding = "{encoding}"\n')
    assert [(fault.id, fault.rows) for fault in clinic_folder.list_faults()] == [("cut-letter", (2,))]


@pytest.mark.parametrize("text", ["für\n", "café"])
def test_a_file_in_another_encoding_is_not_cut(clinic_folder: ClinicFolder, text: str) -> None:
    clinic_folder.put("clients.csv", f"client_id,notes\nann,{text}".encode("latin-1"))
    assert [fault.id for fault in clinic_folder.list_faults()] == ["wrong-encoding"]


def test_a_whole_last_row_needs_no_line_break(clinic_folder: ClinicFolder) -> None:
    assert read(clinic_folder, HEADER + "ann,34,woman,")[1] == []


def test_rows_of_two_header_rows_and_a_cell_with_line_breaks_keep_their_numbers(clinic_folder: ClinicFolder) -> None:
    text = 'Client,,\nid,age,note\nann,34,"a\nb"\nben,51\ncat,27,x,y\n'
    assert read(clinic_folder, text, header_row=[1, 2])[1] == [("more-cells-than-headers", (5,))]
    assert read(clinic_folder, text.replace(",y", ""), header_row=[1, 2])[1] == [("short-row", (4,))]
    assert read(clinic_folder, text.replace("Client,,", "Client"), header_row=[1, 2])[1] == [
        ("more-cells-than-headers", (5,))
    ]
    assert read(clinic_folder, text.replace(",y", "") + 'dan,"3', header_row=[1, 2])[1] == [
        ("quotation-mark-not-closed", (6,))
    ]
    assert read(clinic_folder, text.replace(",x,y", ',"x'))[1] == [("quotation-mark-not-closed", (5,))]
    short = "Client\nid,age,note\nann,34,x\n"
    assert read(clinic_folder, short, header_row=[1, 2]) == ([["ann", "34", "x"]], [])


@pytest.mark.parametrize(
    ("rows", "row"),
    [
        ('c1,t1,"ex\nc2,t2,"brother\nc3,t3,x\n', 2),
        ('c1,t1,x\nc2,t2,"ex" partner\nc3,t3,x\n', 3),
        ('c1,t1,x\n"c2"2,t2,x\n', 3),
    ],
)
def test_text_after_a_closing_quotation_mark_is_an_error(clinic_folder: ClinicFolder, rows: str, row: int) -> None:
    clinic_folder.put("conflicts.csv", f"client_id,therapist_id,reason\n{rows}")
    (fault,) = [one for one in clinic_folder.list_faults() if one.table == "conflicts"]
    assert (fault.id, fault.stops, fault.rows) == ("text-after-quotation-mark", True, (row,))


@pytest.mark.parametrize(("table", "stops"), [("conflicts", True), ("outcomes", False)])
def test_a_row_inside_a_cell_is_named(clinic_folder: ClinicFolder, table: str, stops: bool) -> None:
    text = 'client_id,therapist_id,note\nann,tom,"a\nben,tom,b"\ncat,tom,"one\ntwo, three"\n'
    faults = clinic_folder.put(f"{table}.csv", text).list_faults()
    found = [(one.table, one.stops, one.rows) for one in faults if one.id.startswith("row-inside-a-cell")]
    assert found == [(table, stops, (2,))]


def test_quotation_marks_that_close_or_are_text_are_no_fault(clinic_folder: ClinicFolder) -> None:
    rows = '"ann" ,tom,"a ""b"" , c"\nben,tom,5" or 6"\n"cat","una","two\nlines"  \n'
    clinic_folder.put("conflicts.csv", f"client_id,therapist_id,reason\n{rows}")
    assert [one.id for one in clinic_folder.list_faults() if one.table == "conflicts"] == []
    assert sorted(clinic_folder.read().conflicts["client_id"]) == ["ann", "ben", "cat"]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "ISO-8859-15"])
def test_utf_8_under_another_name_is_an_error(clinic_folder: ClinicFolder, encoding: str) -> None:
    clinic_folder.add(f'[tables.preferences]\nencoding = "{encoding}"\n')
    text = "client_id,attribute,value,strength\nann,gender,woman,must\nann,religion,bah\u00e1'\u00ed,never\n"
    clinic_folder.put("preferences.csv", text)
    (fault,) = [one for one in clinic_folder.list_faults() if one.table == "preferences"]
    assert (fault.id, fault.stops, fault.rows) == ("looks-like-utf-8", True, (3,))
    clinic_folder.put("preferences.csv", text.encode(encoding))
    assert "looks-like-utf-8" not in [one.id for one in clinic_folder.list_faults()]


@given(st.text(alphabet='ab,;"\n\r \u2028\x0b', max_size=40), st.integers(1, 5), st.sampled_from([",", ";"]))
def test_the_short_rows_are_those_of_all_rows_that_have_too_few_cells(text: str, width: int, separator: str) -> None:
    rows = TextRows(text.rstrip("\r\n"), 3, width, separator, is_ended=True)
    short = [(number, cells) for number, cells in rows.iterate() if len(cells) < width and any(cells)]
    assert [(number, cells) for number, cells in rows.iterate_short(width) if any(cells)] == short
