"""Keys of a column that have no effect where they are written are errors."""

import datetime as dt

import pandas as pd
import pytest

from tests.data.conftest import ClinicFolder

IDLE = {  # the mapping of a column of clients, and its keys without effect
    'client_id = { from = "client_id", missing = "x" }': ["client_id.missing"],
    'client_id = { from = "client_id", codes = { a = "b" } }': ["client_id.codes"],
    'availability = { slots = "lg*", split = ";", dates = "%Y" }': ["availability.dates", "availability.split"],
    'availability = { slots = "lg*", other = "keep" }': ["availability.other"],
    'availability = { slots = "lg*", kind = "set" }': ["availability.kind"],
    'born = "age"\nage = { birth_date = "referred_on", codes = { a = 1 }, scale = 2 }': ["age.codes", "age.scale"],
    'gender = { from = "gender", other = "unknown" }': ["gender.other"],
    'gender = { from = "gender", kind = "code" }': ["gender.kind"],
    'gender = { from = "gender", marks = { a = "yes" } }': ["gender.marks"],
    'gender = { from = "gender", scale = 2, decimal = ",", dates = "%Y" }':
        ["gender.dates", "gender.decimal", "gender.scale"],
    'phq9 = { from = "phq9", split = ";" }': ["phq9.split"],
    'referred_on = { from = "referred_on", codes = { a = "b" }, thousands = "." }':
        ["referred_on.codes", "referred_on.thousands"],
    'mine = { from = "phq9", split = ";", scale = 2 }': ["mine.scale"],
    'mine = { from = "phq9", kind = "code", scale = 2 }': ["mine.scale"],
    'languages = { file = "spoken.csv", key = "who", from = "language", scale = 2, marks = { a = "no" } }':
        ["languages.marks", "languages.scale"],
}  # fmt: skip
EFFECTIVE = (
    'availability = { slots = "lg*", codes = { btq = "mon" }, other = "keep", marks = { a = "no" }, missing = "-" }',
    'born = "age"\nage = { birth_date = "referred_on", dates = "%Y-%m-%d", missing = "-" }',
    'gender = { from = "gender", codes = { man = "m" }, other = "keep", missing = "-" }',
    'phq9 = { from = "phq9", codes = { few = 1 }, scale = 1, decimal = ".", thousands = ",", missing = "-" }',
    'mine = { from = "phq9", kind = "number", scale = 2 }',
    'mine = { from = "phq9", kind = "set", split = ";" }',
    'languages = { from = "gender", split = ";", codes = { man = "m" }, other = "keep" }',
)


@pytest.mark.parametrize("mapping", IDLE)
def test_a_key_without_effect_is_an_error(clinic_folder: ClinicFolder, mapping: str) -> None:
    clinic_folder.put("spoken.csv", "who,language\nann,french\n").add(f"[tables.clients.columns]\n{mapping}\n")
    faults = [fault for fault in clinic_folder.list_faults() if fault.stops]
    assert {fault.id for fault in faults} == {"key-without-effect"}
    assert [fault.column.removeprefix("tables.clients.columns.") for fault in faults] == IDLE[mapping]


@pytest.mark.parametrize("mapping", EFFECTIVE)
def test_a_key_with_an_effect_is_none(clinic_folder: ClinicFolder, mapping: str) -> None:
    clinic_folder.add(f"[tables.clients.columns]\n{mapping}\n")
    assert not [fault for fault in clinic_folder.list_faults() if fault.stops]


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        ('thousands = "."', "tables.clients.thousands"),
        ('decimal = ","\nthousands = ","', "tables.clients.thousands"),
        ('columns.phq9 = { from = "phq9", thousands = "." }', "tables.clients.columns.phq9.thousands"),
    ],
)
def test_one_mark_cannot_have_two_meanings(clinic_folder: ClinicFolder, lines: str, place: str) -> None:
    clinic_folder.add(f"[tables.clients]\n{lines}\n")
    faults = [(fault.id, fault.column) for fault in clinic_folder.list_faults() if fault.stops]
    assert faults == [("same-decimal-and-thousands", place)]


def test_item_codes_need_items(clinic_folder: ClinicFolder) -> None:
    clinic_folder.add("[tables.outcomes]\nitem_codes = { Seldom = 1 }\n")
    assert [fault.id for fault in clinic_folder.list_faults()] == ["item-codes-without-items"]


@pytest.mark.parametrize("form", ["%d/%m", "%H:%M", "%Y-%Y", "%G-%V", "%q", "", "day", "%Y-%m-%d %"])
def test_a_form_that_does_not_give_a_day_is_an_error(clinic_folder: ClinicFolder, form: str) -> None:
    clinic_folder.add(f'[tables.clients]\ndates = "{form}"\n')
    faults = [(fault.id, fault.column) for fault in clinic_folder.list_faults()]
    assert faults == [("key-not-valid", "tables.clients.dates")]


@pytest.mark.parametrize(
    "form",
    [
        *("%m/%d/%Y", "%d.%m.%y", "%Y", "%Y-%m-%dT%H:%M:%S%z", "%d %b %Y %Z", "%G-W%V-%u", "%x", "%c", "%j/%Y"),
        *("%Y %U %w", "%A %d %B %Y, %I:%M %p"),
    ],
)
def test_an_accepted_form_reads_the_day_it_writes(clinic_folder: ClinicFolder, form: str) -> None:
    days = [dt.datetime(2025, 5, day, 10, 30, tzinfo=dt.UTC) for day in (1, 20)]
    rows = "".join(f"c{number};{day.strftime(form)}\n" for number, day in enumerate(days))
    clinic_folder.put("clients.csv", f"client_id;referred_on\n{rows}").drop("preferences.csv").drop("outcomes.csv")
    clinic_folder.add(f'[tables.clients]\nseparator = ";"\ndates = "{form}"\n')
    expected = [pd.Timestamp(dt.datetime.strptime(day.strftime(form), form)).date() for day in days]
    read = clinic_folder.read().clients.set_index("client_id")["referred_on"]
    assert [day.date() for day in read[["c0", "c1"]]] == expected
