"""Weekly times in words become codes that both tables share exactly where both people have time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.reading.columns.shared_times import _convert_cell, _list_starts
from attune_fit.data.reading.columns.weekly_times import SESSION_MINUTES, read_times
from attune_fit.data.reading.read_clinic import read_mapping
from tests.data.conftest import ClinicFolder

WEEK = ("mon", "tue", "wed", "thu", "fri")
READ = {
    "Mon AM": "mon-am",
    "Monday morning": "mon-am",
    "tue-pm": "tue-pm",
    "Wed 9-12": "wed-0900-1200",
    "Thu 14:00-16:30": "thu-1400-1630",
    "Fri after 5pm": "fri-1700-2100",
    "Mon until noon": "mon-0800-1200",
    "weekday evenings": " ".join(f"{day}-eve" for day in WEEK),
    "Mon-Wed 9-17": "mon-0900-1700 tue-0900-1700 wed-0900-1700",
    "Mon/Wed 2-4": "mon-1400-1600 wed-1400-1600",
    "Mon, Wed AM": "mon-am wed-am",
    "Mon AM, PM": "mon-am mon-pm",
    "Mon AM, Wed": "mon-am wed-am wed-pm",
    "AM Mon, PM Tue": "mon-am tue-pm",
    "10-2pm Tue": "tue-1000-1400",
    "Mon 7-9pm": "mon-1900-2100",
    "Mon 9-5": "mon-0900-1700",
    "Mon 11-1": "mon-1100-1300",
    "Mon 1230-1400": "mon-1230-1400",
    "Mon 9:00-9:50": "mon-0900-0950",
    "Mon morning 9-11": "mon-0900-1100",
    "Mon 14-16 (afternoon)": "mon-1400-1600",
    "mornings and 14-16 Mon": "mon-am mon-1400-1600",
    "Mon after 9 before 12": "mon-0900-1200",
    "Mon after 3pm until 6pm": "mon-1500-1800",
    "Mon after 9, before 12": "mon-0900-1200",
    "Mon before 10, after 17": "mon-0800-1000 mon-1700-2100",
    "Mon 9-7": "mon-0900-1900",
    "Mon 8.30-10.00": "mon-0830-1000",
    "every day after 17": " ".join(f"{day}-1700-2100" for day in (*WEEK, "sat", "sun")),
    "Mon 12am-1am": "mon-0000-0100",
    "Mo vorm.": "mon-am",
    "am Montag nachmittags": "mon-pm",
    "Di 9-12 Uhr": "tue-0900-1200",
    "Do ab 17 Uhr": "thu-1700-2100",
    "lundi matin": "mon-am",
    "ma-ochtend": "mon-am",
    "woensdag 's avonds": "wed-eve",
    "jeu. 9h-12h30": "thu-0900-1230",
    "mardi apr\u00e8s-midi": "tue-pm",
    "lunes por la tarde": "mon-pm",
    "mi\u00e9rcoles 9-14": "wed-0900-1400",
    "viernes a partir de las 17": "fri-1700-2100",
}


@pytest.mark.parametrize("text", READ)
def test_times_are_read(text: str) -> None:
    found = read_times(text.split(","))
    assert (" ".join(found.codes), found.is_complete) == (READ[text], True)


@pytest.mark.parametrize(
    "text",
    [
        "mornings",
        "Mon 7-9",
        "not Monday",
        "Mon if need be",
        "Mon 9-9:30",
        "sat 25:00",
        "every other Mon",
        "12",
        "Mon 12-12",
        "Mon morning 18-20",
        "Mon 9.5-11",
        "Mon 13-12",
        "Mon after 9 before 9:30",
        "available",
        "-",
        "weekdays, except Wed",
        "Mon-Fri, no mornings",
        "Mo 9-12, 10-11 nicht",
        "lundi, sauf le matin",
    ],
)
def test_what_could_mean_several_times_is_not_read(text: str) -> None:
    assert read_times(text.split(",")) == ((), False)


def test_a_part_that_is_no_time_gives_no_days_to_the_next_one() -> None:
    assert read_times(["Mon", "perhaps", "PM"]) == ((), False)
    assert read_times(["Mon AM", "perhaps", "Tue PM"]) == (("mon-am", "tue-pm"), False)


SPANS = st.lists(
    st.tuples(st.integers(0, 3 * 60), st.integers(SESSION_MINUTES, 4 * 60)).map(lambda one: (one[0], one[0] + one[1])),
    min_size=1, max_size=3,
)  # fmt: skip


@given(SPANS, SPANS)
def test_two_people_share_a_code_if_and_only_if_they_share_a_session(
    first: list[tuple[int, int]], second: list[tuple[int, int]]
) -> None:
    cells = [
        "|".join(f"tue-{a // 60:02}{a % 60:02}-{b // 60:02}{b % 60:02}" for a, b in spans) for spans in (first, second)
    ]
    starts = _list_starts([code for cell in cells for code in cell.split("|")])
    codes = [set(str(_convert_cell(cell, starts)).split("|")) for cell in cells]
    minutes = [{minute for a, b in spans for minute in range(a, b)} for spans in (first, second)]
    both = minutes[0] & minutes[1]
    has_session = any(all(start + more in both for more in range(SESSION_MINUTES)) for start in range(8 * 60))
    assert bool(codes[0] & codes[1]) == has_session
    assert all(code.startswith("tue-") for one in codes for code in one)


def write(folder: ClinicFolder, clients: str, therapists: str, lines: str) -> ClinicFolder:
    """Write a clinic whose clients and therapists have these cells, one column each unless a header is written."""
    for name in ("preferences.csv", "outcomes.csv"):
        (folder.folder / name).unlink(missing_ok=True)
    folder.put("clients.csv", clients).put("therapists.csv", therapists)
    return folder.add(lines)


def read_availability(folder: ClinicFolder) -> dict[str, str]:
    """Return the codes of each person."""
    tables = folder.read()
    cells = {
        **tables.clients.set_index("client_id")["availability"],
        **tables.therapists.set_index("therapist_id")["availability"],
    }
    return {name: "" if text != text else str(text) for name, text in cells.items()}


BOTH = (
    '[tables.clients.columns]\navailability = { from = "Times", split = ",", times = true }\n'
    '[tables.therapists.columns]\navailability = { from = "Times", split = ",", times = true }\n'
)


def test_half_days_stay_where_no_table_has_hours(clinic_folder: ClinicFolder) -> None:
    clients = 'client_id,Times\nann,"Mon AM, Tue PM"\nben,\n'
    write(clinic_folder, clients, 'therapist_id,open_slots,Times\ntom,1,"Mo vorm., Fr"\n', BOTH)
    assert read_availability(clinic_folder) == {"ann": "mon-am|tue-pm", "ben": "", "tom": "mon-am|fri-am|fri-pm"}


def test_half_days_become_hours_where_one_table_has_hours(clinic_folder: ClinicFolder) -> None:
    clients = "client_id,Times\nann,Mon AM\nben,Mon 12-14\ncat,Mon 9:30-11\n"
    write(clinic_folder, clients, "therapist_id,open_slots,Times\ntom,1,Mon 11-13\n", BOTH)
    found = {name: set(text.split("|")) for name, text in read_availability(clinic_folder).items()}
    assert found["ann"] == {"mon-08", "mon-09", "mon-09:30", "mon-10", "mon-11"}
    assert found["tom"] == {"mon-11", "mon-12"}
    assert found["ann"] & found["tom"] == {"mon-11"}
    assert found["ben"] & found["tom"] == {"mon-12"}
    assert not found["cat"] & found["tom"]


def test_half_days_that_a_table_has_as_codes_become_hours_too(clinic_folder: ClinicFolder) -> None:
    therapists = "therapist_id,open_slots,availability\ntom,1,mon-am|phone\n"
    lines = BOTH.split("[tables.therapists")[0]
    write(clinic_folder, "client_id,Times\nann,Mon 11-12\n", therapists, lines)
    assert read_availability(clinic_folder) == {"ann": "mon-11", "tom": "mon-08|mon-09|mon-10|mon-11|phone"}


def test_a_cell_without_any_time_puts_the_person_aside_and_a_part_is_a_warning(clinic_folder: ClinicFolder) -> None:
    clients = 'client_id,Times\nann,when I can\nben,"Mon AM, when I can"\n'
    write(clinic_folder, clients, "therapist_id,open_slots,Times\ntom,1,Mon\n", BOTH)
    found = [(one.id, one.rows, one.sets_aside) for one in clinic_folder.list_faults() if one.table == "clients"]
    assert found[:2] == [("time-not-readable", (2,), ("ann",)), ("time-not-readable", (3,), ())]
    assert read_availability(clinic_folder)["ben"] == "mon-am"


def test_a_cell_that_excludes_times_puts_the_person_aside(clinic_folder: ClinicFolder) -> None:
    clients = 'client_id,Times\nann,"weekdays, except Wed"\nben,available\ncat,Mon\n'
    write(clinic_folder, clients, "therapist_id,open_slots,Times\ntom,1,Mon\n", BOTH)
    found = [(one.id, one.rows, one.sets_aside) for one in clinic_folder.list_faults() if one.table == "clients"]
    assert found[:1] == [("time-not-readable", (2, 3), ("ann", "ben"))]


def test_a_cell_below_a_day_that_names_another_day_is_not_read(clinic_folder: ClinicFolder) -> None:
    clients = "client_id,avail Mon,avail Tue\nann,Tue 9-12,\nben,Mon 9-12,\n"
    write(clinic_folder, clients, "therapist_id,open_slots,Times\ntom,1,Mon 9-10\n", SLOTS)
    assert read_availability(clinic_folder) == {"ann": "", "ben": "mon-09|mon-10|mon-11", "tom": "mon-09"}
    assert [fault.sets_aside for fault in clinic_folder.list_faults() if fault.id == "time-not-readable"] == [("ann",)]


def test_codes_give_words_their_times(clinic_folder: ClinicFolder) -> None:
    lines = BOTH.replace(
        "times = true", 'times = true, codes = { Mornings = "weekday mornings", "Early, Mon" = "Mon 07:30-9" }'
    )
    clients = 'client_id,Times\nann,mornings\nben,"Early, Mon"\n'
    write(clinic_folder, clients, "therapist_id,open_slots,Times\ntom,1,Tue AM\n", lines)
    found = read_availability(clinic_folder)
    assert found["ben"] == "mon-07:30|mon-08"
    assert set(found["tom"].split("|")) < set(found["ann"].split("|"))


SLOTS = (
    '[tables.clients.columns]\navailability = { slots = "avail *", split = ",", times = true }\n'
    '[tables.therapists.columns]\navailability = { from = "Times", times = true }\n'
)


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        ("avail Mon,avail Tue", '"9-12, 14-16",', "mon-09 mon-10 mon-11 mon-14 mon-15"),
        ("avail Mon,avail Tue", "PM,no", "mon-12 mon-13 mon-14 mon-15 mon-16"),
        ("avail Mon,avail Tue", "x,-", "mon-08 mon-09 mon-10 mon-11 mon-12 mon-13 mon-14 mon-15 mon-16"),
        ("avail Mon AM,avail Mon 9-12", "0,yes", "mon-09 mon-10 mon-11"),
        ("avail 9-11,avail evenings", '"Mon, Wed",', "mon-09 mon-10 wed-09 wed-10"),
    ],
)
def test_headers_hold_days_or_times(clinic_folder: ClinicFolder, header: str, row: str, expected: str) -> None:
    clients = f"client_id,{header}\nann,{row}\n"
    write(clinic_folder, clients, "therapist_id,open_slots,Times\ntom,1,Mon 9-10\n", SLOTS)
    assert read_availability(clinic_folder)["ann"].split("|") == sorted(expected.split())


def test_the_report_counts_the_cells_of_each_header(clinic_folder: ClinicFolder) -> None:
    clients = "client_id,avail Mon,avail Tue\nann,9-12,never ever\nben,n/a,\n"
    write(clinic_folder, clients, "therapist_id,open_slots,Times\ntom,1,Mon\n", SLOTS)
    report = next(one for one in read_mapping(Clinic.open(clinic_folder.folder)) if one.table == "clients")
    found = {one.header: (one.column, *one.cells) for one in report.headers}
    assert found["avail Mon"] == ("availability", 1, 0, 1, 0)
    assert found["avail Tue"] == ("availability", 0, 1, 0, 1)


def test_a_header_without_a_time_is_an_error(clinic_folder: ClinicFolder) -> None:
    clients = "client_id,avail Mon,avail notes\nann,9-12,\n"
    write(clinic_folder, clients, "therapist_id,open_slots,Times\ntom,1,Mon\n", SLOTS)
    assert [one.id for one in clinic_folder.list_faults() if one.stops] == ["slot-without-time"]


@pytest.mark.parametrize(
    "column", ['gender = { from = "gender", times = true }', 'region = { slots = "avail *", split = "," }']
)
def test_keys_without_effect_are_errors(clinic_folder: ClinicFolder, column: str) -> None:
    clinic_folder.add(f"[tables.clients.columns]\n{column}\n")
    assert {"key-without-effect", "column-kind-mismatch"} & {one.id for one in clinic_folder.list_faults() if one.stops}
