"""Dates: the day as written, whatever the zone and the time; two digits of a year are never a birth in the future."""

from tests.office_files.small_clinic import OFFERS, SmallClinic


def read_days(clinic: SmallClinic, cells: list[str], form: str | None = None) -> list[str]:
    """Return the days of referral of six clients, ``NaT`` where there is none."""
    clinic.set_column("clients", "referred_on", *cells)
    if form is not None:
        clinic.add_toml(f'[tables.clients]\ndates = "{form}"')
    return ["NaT" if day is None else str(day)[:10] for day in clinic.get_column("clients", "referred_on").values()]


DAYS = [f"2026-05-{day:02}" for day in range(2, 8)]
ZONED = {
    "%Y-%m-%dT%H:%M:%S%z": ["2026-05-02T10:00:00+01:00", "2026-05-03T10:00:00+02:00", "2026-05-04T23:59:59-0700",
                            "2026-05-05T00:00:00Z", "2026-05-06T00:30:00+14:00", "2026-05-07T12:00:00+0000"],
    "%d %b %Y %H:%M %Z": [f"{day:02} May 2026 23:30 UTC" for day in range(2, 8)],
    "%Y-%m-%d %H:%M:%S %z": [f"2026-05-{day:02} 23:30:00 -0500" for day in range(2, 8)],
    "%m/%d/%Y %I:%M:%S %p": [f"05/{day:02}/2026 11:59:59 PM" for day in range(2, 8)],
    "%m/%d/%y": [f"5/{day}/26" for day in range(2, 8)],
    "%d.%m.%Y": [f"{day}.5.2026" for day in range(2, 8)],
}  # fmt: skip


def test_the_day_is_the_day_as_written(small_clinic: SmallClinic) -> None:
    small_clinic.add_toml("[tables.clients.columns]")
    for number, (form, cells) in enumerate(ZONED.items()):
        small_clinic.set_column("clients", f"day {number}", *cells)
        small_clinic.add_toml(f'day{number} = {{ from = "day {number}", kind = "date", dates = "{form}" }}')
    for number in range(len(ZONED)):
        days = small_clinic.get_column("clients", f"day{number}").values()
        assert [str(day)[:10] for day in days] == DAYS
    assert small_clinic.list_faults() == []


def test_iso_dates_with_times_and_zones_need_no_form(small_clinic: SmallClinic) -> None:
    cells = ["2026-05-02T23:30:00Z", "2026-05-03 23:30:00+02:00", "2026-05-04T00:30:00-05:00", "2026-05-05 10:00",
             "2026-05-06T10:00:00.123Z", "2026-05-07"]  # fmt: skip
    assert read_days(small_clinic, cells) == DAYS
    assert small_clinic.list_faults() == []
    assert small_clinic.list_offers() == OFFERS


def test_one_date_in_another_form_is_told_and_the_others_are_read(small_clinic: SmallClinic) -> None:
    cells = ["2026-05-02T10:00:00+01:00", "soon", "2026-13-04T10:00:00+01:00", *ZONED["%Y-%m-%dT%H:%M:%S%z"][3:]]
    assert read_days(small_clinic, cells, "%Y-%m-%dT%H:%M:%S%z") == [DAYS[0], "NaT", "NaT", *DAYS[3:]]
    assert small_clinic.find_fault("clients", "referred_on").rows == (3, 4)


def test_a_number_is_no_date(small_clinic: SmallClinic) -> None:
    cells = ["46144", "20260502", "1777680000", "2026", "05-02", "2026-5-2x", "2026-02-30", "2026-W18-6"]
    copies = small_clinic.add_copies("clients", "c01", "referred_on", cells)
    days = small_clinic.get_column("clients", "referred_on")
    assert {cell: days[client] for client, cell in copies.items()} == dict.fromkeys(cells)
    assert small_clinic.find_kinds("clients", "referred_on") == dict.fromkeys(copies, "warning")


def test_two_digit_birth_years_are_never_in_the_future(small_clinic: SmallClinic) -> None:
    cells = ["03/04/58", "12/31/68", "01/01/69", "06/01/26", "06/02/26", "07/09/85"]
    small_clinic.drop_column("clients", "age").set_column("clients", "born", *cells)
    small_clinic.add_toml('[tables.clients.columns]\nage = { birth_date = "born", dates = "%m/%d/%y" }')
    assert list(small_clinic.get_column("clients", "age").values()) == [68, 57, 57, 0, 99, 40]
    assert small_clinic.find_faults("clients") == []


def test_four_digit_birth_years_in_the_future_are_told(small_clinic: SmallClinic) -> None:
    small_clinic.drop_column("clients", "age").set_column("clients", "born", *["1990-02-03"] * 5, "2062-02-03")
    small_clinic.add_toml('[tables.clients.columns]\nage = { birth_date = "born" }')
    assert list(small_clinic.get_column("clients", "age").values()) == [36] * 5 + [None]
    assert 7 in [row for fault in small_clinic.find_faults("clients") for row in fault.rows]


def test_a_birth_date_with_a_zone_is_the_day_as_written(small_clinic: SmallClinic) -> None:
    cells = ["1990-06-01T23:30:00-05:00", "1990-06-02T00:30:00+02:00", *["1990-02-03T10:00:00+01:00"] * 4]
    small_clinic.drop_column("clients", "age").set_column("clients", "born", *cells)
    small_clinic.add_toml('[tables.clients.columns]\nage = { birth_date = "born", dates = "%Y-%m-%dT%H:%M:%S%z" }')
    assert list(small_clinic.get_column("clients", "age").values()) == [36, 35, 36, 36, 36, 36]


def test_a_form_of_one_column(small_clinic: SmallClinic) -> None:
    small_clinic.set_column("clients", "intake_on", *[f"{day:02}.05.2026" for day in range(8, 14)])
    small_clinic.add_toml('[tables.clients.columns]\nintake_on = { from = "intake_on", dates = "%d.%m.%Y" }')
    assert str(small_clinic.get_column("clients", "intake_on")["c01"])[:10] == "2026-05-08"
    assert str(small_clinic.get_column("clients", "referred_on")["c01"])[:10] == "2026-05-02"
    assert small_clinic.list_faults() == []
