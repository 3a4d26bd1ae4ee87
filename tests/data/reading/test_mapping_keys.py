"""Keys of a column that have no effect where they are written are errors."""

import pytest

from tests.data.conftest import ClinicFolder

IDLE = {  # the mapping of a column of clients, and its keys without effect
    'client_id = { from = "client_id", missing = "x" }': ["client_id.missing"],
    'client_id = { from = "client_id", codes = { a = "b" } }': ["client_id.codes"],
    'availability = { slots = "lg*", split = ";", dates = "%Y" }': ["availability.dates", "availability.split"],
    'availability = { slots = "lg*", other = "keep" }': ["availability.other"],
    'availability = { slots = "lg*", kind = "set" }': ["availability.kind"],
    'age = { birth_date = "referred_on", codes = { a = 1 }, scale = 2 }': ["age.codes", "age.scale"],
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
    'age = { birth_date = "referred_on", dates = "%Y-%m-%d", missing = "-" }',
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
