"""A key of clinic.toml that nothing reads where it stands is an error, and a key that is read works."""

import re

import pytest

from attune_fit.data.faults import Fault
from tests.office_files.small_clinic import SmallClinic

HEADERS = ("problem___1", "problem___2", "problem___99")
CODES = 'codes = { 1 = "anxiety", 2 = "trauma", 99 = [] }'


def put_checkboxes(clinic: SmallClinic, mapping: str) -> SmallClinic:
    """Write the problems as one column for each option, as REDCap does, with their mapping."""
    clinic.drop_column("clients", "presenting_problems")
    for header, cells in zip(HEADERS, ("100010", "011001", "000100"), strict=True):
        clinic.set_column("clients", header, *cells)
    return clinic.add_toml(f"[tables.clients.columns]\npresenting_problems = {{ {mapping} }}")


def test_codes_translate_the_names_of_slots(small_clinic: SmallClinic) -> None:
    put_checkboxes(small_clinic, f'slots = "problem___*", {CODES}')
    cells = list(small_clinic.get_column("clients", "presenting_problems").values())
    assert cells == ["anxiety", "trauma", "trauma", None, "anxiety", "trauma"]
    assert small_clinic.list_faults() == []
    offered = small_clinic.open().rank("c01").to_frame().set_index("therapist_id")["reasons"]
    assert "main problem" in offered["t1"]  # a specialty of t1


@pytest.mark.parametrize(("other", "cell"), [('other = "keep", ', "99"), ("", None)])
def test_a_slot_that_codes_does_not_list(small_clinic: SmallClinic, other: str, cell: str | None) -> None:
    put_checkboxes(small_clinic, f'slots = "problem___*", {other}codes = {{ 1 = "anxiety", 2 = "trauma" }}')
    problems = small_clinic.get_column("clients", "presenting_problems")
    assert (problems["c01"], problems["c04"]) == ("anxiety", cell)
    assert bool([fault for fault in small_clinic.list_faults() if fault.table != "therapists"]) is (cell is None)


def test_slots_listed_by_header_are_translated_too(small_clinic: SmallClinic) -> None:
    codes = 'codes = { problem___1 = "anxiety", problem___2 = "trauma" }'
    put_checkboxes(small_clinic, f'slots = ["problem___1", "problem___2"], {codes}')
    assert small_clinic.get_column("clients", "presenting_problems")["c02"] == "trauma"


USELESS = {  # keys beside a source or a kind that does not read them
    "presenting_problems": 'from = "presenting_problems", scale = 2, dates = "%d.%m.%Y", decimal = ",", kind = "set"',
    "formats": 'from = "formats", marks = { Sure = "yes" }',
    "languages": 'from = "languages", other = "keep"',
    "gender": 'from = "gender", thousands = "."',
    "phq9": 'from = "gender2", split = ";", dates = "%d.%m.%Y"',
    "referred_on": 'from = "referred_on", scale = 2, thousands = ".", codes = { x = "2026-05-01" }, split = ";"',
    "age": 'birth_date = "born", codes = { a = "b" }, scale = 2, split = ";"',
    "client_id": 'from = "client_id", codes = { a = "b" }, missing = ["99"], split = ";"',
    "availability": 'slots = "free *", split = ";", scale = 2, dates = "%d.%m.%Y", other = "keep"',
}


def test_a_key_without_effect_is_an_error(small_clinic: SmallClinic) -> None:
    small_clinic.set_column("clients", "free mon-am", *"111111").set_column("clients", "born", *["1990-01-01"] * 6)
    small_clinic.set_column("clients", "gender2", *"123456")
    small_clinic.drop_column("clients", "age").drop_column("clients", "availability")  # the mapping gives both
    small_clinic.add_toml("[tables.clients.columns]")
    for column, mapping in USELESS.items():
        small_clinic.add_toml(f"{column} = {{ {mapping} }}")
    faults = [fault for fault in small_clinic.list_faults() if fault.stops]
    assert {(fault.id, fault.table) for fault in faults} == {("key-without-effect", "clinic.toml")}
    places = {(fault.column.split(".")[3], key.strip()) for fault in faults for key in find_keys(fault)}
    assert places == {(column, key) for column, mapping in USELESS.items()
                      for key in re.findall(r"(\w+) = ", re.sub(r"\{.*?\}", "", mapping))[1:]}  # fmt: skip
    assert small_clinic.run("rank", "--waiting").exit_code == 1


def find_keys(fault: Fault) -> list[str]:
    """Return the keys of a column that a fault is about: the end of its place."""
    return fault.column.split(".")[4:]


def test_a_key_with_effect_is_no_error(small_clinic: SmallClinic) -> None:
    rows = [f"c0{number},12,01.02.1990,a;b,Sure" for number in (1, 2)]
    small_clinic.put_rows("clients", "client_id,score,born,list,free one", *rows)
    small_clinic.add_toml("""[tables.clients.columns]
phq9 = { from = "score", scale = 0.5 }
gad7 = { from = "score", codes = { "12" = "20" } }
attachment_anxiety = { from = "score", missing = ["12"] }
age = { birth_date = "born", dates = "%d.%m.%Y" }
intake_on = { from = "born", dates = "%d.%m.%Y", missing = ["01.02.1990"] }
own = { from = "list", split = ";" }
own_codes = { from = "list", kind = "set", split = ";", codes = { a = "first" }, other = "keep" }
own_number = { from = "score", kind = "number", decimal = ",", thousands = "." }
presenting_problems = { from = "list", split = ";", codes = { a = "anxiety", b = [] } }
availability = { slots = "free *", codes = { one = "mon-am" }, marks = { Sure = "yes" } }
formats = { slots = "free *", missing = ["Sure"] }
""")
    assert [fault for fault in small_clinic.list_faults() if fault.stops] == []
    expected = {"phq9": 6, "gad7": 20, "attachment_anxiety": None, "age": 36, "intake_on": None, "own": "a|b",
                "own_codes": "first|b", "own_number": 12, "presenting_problems": "anxiety", "availability": "mon-am",
                "formats": None}  # fmt: skip
    assert {column: small_clinic.get_column("clients", column)["c01"] for column in expected} == expected


@pytest.mark.parametrize("key", ['sheet = "Clients"'])
def test_a_key_that_the_format_of_the_file_does_not_read_is_an_error(small_clinic: SmallClinic, key: str) -> None:
    small_clinic.add_toml(f"[tables.clients]\n{key}")
    [fault] = [fault for fault in small_clinic.list_faults() if fault.stops]
    assert fault.id == "key-without-effect"
    assert "sheet" in f"{fault.column} {fault}"


def test_keys_of_text_files_beside_a_parquet_file_are_errors(small_clinic: SmallClinic) -> None:
    small_clinic.open().tables.clients.to_parquet(small_clinic.folder / "clients.parquet")
    small_clinic.drop("clients.csv")
    assert small_clinic.list_faults() == []
    small_clinic.add_toml('[tables.clients]\nencoding = "latin-1"\nseparator = ";"')
    assert [fault.id for fault in small_clinic.list_faults()] == ["key-without-effect"] * 2


@pytest.mark.parametrize("key", ["item_codes = { Seldom = 1, Always = 5 }", "score_codes = { a = 1 }"])
def test_a_key_of_items_without_items_is_an_error(small_clinic: SmallClinic, key: str) -> None:
    small_clinic.put_rows(
        "outcomes", "client_id,therapist_id,session,measured_on,instrument,score", "c03,t1,3,2026-05-25,WAI-SR,2"
    )
    small_clinic.add_toml(f"[tables.outcomes]\n{key}")
    [fault] = [fault for fault in small_clinic.list_faults() if fault.stops]
    assert fault.table == "clinic.toml"
