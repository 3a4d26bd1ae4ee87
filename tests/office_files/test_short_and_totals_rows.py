"""Rows that are cut, that sum up the others, or that say when the file was made."""

import pytest

from tests.office_files.small_clinic import OFFERS, OPENINGS, THERAPISTS, SmallClinic

LIMIT_HEADER = THERAPISTS.splitlines()[0] + ",problems_not_taken,years_experience"
ROWS = [f"{row},," for row in THERAPISTS.splitlines()[1:]]


def test_the_last_row_of_a_file_that_was_cut_stops(small_clinic: SmallClinic) -> None:
    cut = ",".join(ROWS[3].split(",")[:8])
    small_clinic.put("therapists.csv", "\n".join([LIMIT_HEADER, *ROWS[:3], cut]))  # no line break at the end
    [fault] = [fault for fault in small_clinic.list_faults() if fault.stops]
    assert (fault.table, fault.rows) == ("therapists", (5,))
    assert small_clinic.run("rank", "--client", "c02").exit_code == 1


def test_a_short_row_in_the_middle_is_a_warning_with_its_number(small_clinic: SmallClinic) -> None:
    short = ROWS[1].removesuffix(",,")
    small_clinic.put_rows("therapists", LIMIT_HEADER, ROWS[0], short, *ROWS[2:])
    fault = small_clinic.find_fault("therapists")
    assert (fault.id, fault.stops, fault.rows) == ("short-row", False, (3,))
    assert small_clinic.list_offers() == OFFERS


def test_a_short_last_row_with_a_line_break_is_a_warning(small_clinic: SmallClinic) -> None:
    small_clinic.put_rows("therapists", LIMIT_HEADER, *ROWS[:3], ROWS[3].removesuffix(","))
    fault = small_clinic.find_fault("therapists")
    assert (fault.id, fault.stops, fault.rows) == ("short-row", False, (5,))


def test_a_whole_last_row_without_a_line_break_is_no_fault(small_clinic: SmallClinic) -> None:
    small_clinic.put("therapists.csv", THERAPISTS.removesuffix("\n"))
    small_clinic.put("clients.csv", small_clinic.get_text("clients").replace("\n", "\r\n").removesuffix("\r\n"))
    assert small_clinic.list_faults() == []


def test_a_cell_with_a_line_break_does_not_shift_the_number_of_a_short_row(small_clinic: SmallClinic) -> None:
    rows = [ROWS[0].removesuffix(",") + ',"12\n"', ROWS[1].removesuffix(",,"), *ROWS[2:]]
    small_clinic.put_rows("therapists", LIMIT_HEADER, *rows)
    assert [fault.rows for fault in small_clinic.find_faults("therapists") if fault.id == "short-row"] == [(3,)]


def test_a_row_that_sums_up_is_no_therapist(small_clinic: SmallClinic) -> None:
    words = [
        "Total",
        "TOTAL:",
        "Totals",
        "Sum",
        "Grand Total",
        "Subtotal",
        "Average",
        "Mean",
        "Count",
        "Summe",
        "Gesamt:",
    ]
    small_clinic.put("therapists.csv", THERAPISTS + "".join(f"{word},43.75,,,,,,,,8,\n" for word in words))
    assert small_clinic.get_column("therapists", "open_slots") == OPENINGS
    [fault] = small_clinic.find_faults("therapists")
    assert (fault.kind, fault.rows) == ("warning", tuple(range(6, 6 + len(words))))


def test_a_totals_row_with_a_date_or_marks_of_empty_cells(small_clinic: SmallClinic) -> None:
    rows = ["Total,,,,,,,,,8,2026-05-20", "Total,-,-,-,-,-,-,-,-,8,-", "Total,n/a,,,,,,,,8,20.05.2026 10:30"]
    small_clinic.put("therapists.csv", THERAPISTS + "".join(f"{row}\n" for row in rows))
    assert small_clinic.get_column("therapists", "open_slots") == OPENINGS
    [fault] = small_clinic.find_faults("therapists")
    assert (fault.kind, fault.rows) == ("warning", (6, 7, 8))


def test_a_totals_row_adds_no_candidate_and_no_opening(small_clinic: SmallClinic) -> None:
    small_clinic.drop_column("therapists", "licensed_regions").drop_column("clients", "region")
    small_clinic.put("therapists.csv", f"{small_clinic.get_text('therapists')}Total,,,,,,,,8,\n")
    assert small_clinic.list_offers() == OFFERS
    assert small_clinic.open().assign().result.totals.openings == sum(OPENINGS.values())


def test_a_person_whose_id_is_such_a_word_stays(small_clinic: SmallClinic) -> None:
    small_clinic.put("therapists.csv", THERAPISTS.replace("t1,", "Sum,").replace("t2,", "Mean,"))
    assert small_clinic.list_offers()["c01"] == {"Sum", "Mean", "t3", "t4"}
    assert small_clinic.list_faults() == []


@pytest.mark.parametrize("row", ["t5,43,,,,,,,,2,", "Exported 2026-05-01,,,,,,,,,,"])
def test_a_row_with_an_id_and_no_word_is_named(small_clinic: SmallClinic, row: str) -> None:
    small_clinic.put("therapists.csv", f"{THERAPISTS}{row}\n")
    [fault] = small_clinic.find_faults("therapists")
    assert (fault.stops, fault.sets_aside, fault.rows) == (False, (), (6,))
    assert "Exported" not in fault.says


@pytest.mark.parametrize("footer", ["Exported 2026-05-01", '"Confidential, do not copy"'])
def test_a_footer_is_named(small_clinic: SmallClinic, footer: str) -> None:
    small_clinic.put("clients.csv", f"{small_clinic.get_text('clients')}{footer}\n")
    faults = small_clinic.find_faults("clients")
    assert faults
    assert {row for fault in faults for row in fault.rows} == {8}
    assert {client: offers for client, offers in small_clinic.list_offers().items() if client in OFFERS} == OFFERS


@pytest.mark.parametrize("footer", ["Total,,,,,,,,,", "Count,6,,,,,,,,", "Average,39.7,,,,,,,,"])
def test_a_row_that_sums_up_is_no_client(small_clinic: SmallClinic, footer: str) -> None:
    small_clinic.put("clients.csv", f"{small_clinic.get_text('clients')}{footer}\n")
    assert small_clinic.list_offers() == OFFERS
    assert small_clinic.open().list_client_ids(waiting_only=True) == sorted(OFFERS)
    [fault] = small_clinic.find_faults("clients")
    assert (fault.stops, fault.rows) == (False, (8,))
