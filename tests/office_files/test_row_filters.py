"""`rows` says which rows of a file belong to a table, and `waiting.where` which clients wait."""

import pytest

from tests.office_files.small_clinic import OFFERS, SmallClinic

HEADERS = ("record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance", "age", "gender",
           "languages", "therapist", "session", "wai_total")  # fmt: skip
REDCAP = f"""{",".join(HEADERS)}
1,intake_arm_1,,,34,woman,english,,,
1,therapy_arm_1,wai,1,,,,t1,1,3.5
1,therapy_arm_1,wai,2,,,,t1,3,4.1
2,intake_arm_1,,,51,man,english|spanish,,,
"""
REDCAP_TOML = """[tables.clients]
file = "redcap.csv"
rows = {{ {clients} }}
[tables.clients.columns]
client_id = "record_id"
[tables.outcomes]
file = "redcap.csv"
rows = {{ {outcomes} }}
instrument = "WAI-SR"
[tables.outcomes.columns]
client_id = "record_id"
therapist_id = "therapist"
score = "wai_total"
"""
FORM, EVENT = 'column = "redcap_repeat_instrument"', 'column = "redcap_event_name"'
FILTERS = {
    "an empty text": (f'{FORM}, is = ""', f'{FORM}, is = "wai"'),
    "empty": (f"{FORM}, empty = true", f"{FORM}, empty = false"),
    "not": (f'{EVENT}, is_not = "therapy_arm_1"', f'{EVENT}, is_not = "intake_arm_1"'),
    "a list": (f'{EVENT}, is = ["intake_arm_1", "intake_arm_2"]', f'{EVENT}, is = ["therapy_arm_1", "Therapy_Arm_2"]'),
    "numbers": ('column = "age", from = 18', 'column = "redcap_repeat_instance", from = 1, to = 9'),
}


@pytest.mark.parametrize("name", FILTERS)
def test_one_file_serves_clients_and_outcomes(small_clinic: SmallClinic, name: str) -> None:
    clients, outcomes = FILTERS[name]
    small_clinic.drop("clients.csv")
    small_clinic.put("redcap.csv", REDCAP).add_toml(REDCAP_TOML.format(clients=clients, outcomes=outcomes))
    assert small_clinic.get_column("clients", "age") == {"1": 34, "2": 51}
    assert small_clinic.open().tables.outcomes["score"].tolist() == [3.5, 4.1]
    assert small_clinic.open().list_client_ids(waiting_only=True) == ["2"]
    assert not [fault for fault in small_clinic.list_faults() if fault.stops or fault.sets_aside]


def test_rows_of_a_filtered_file_keep_their_numbers(small_clinic: SmallClinic) -> None:
    clients, outcomes = FILTERS["an empty text"]
    small_clinic.drop("clients.csv")
    small_clinic.put("redcap.csv", REDCAP.replace(",51,", ",old,").replace("4.1", "9.9"))
    small_clinic.add_toml(REDCAP_TOML.format(clients=clients, outcomes=outcomes))
    assert small_clinic.find_fault("clients", "age").rows == (5,)
    assert small_clinic.find_fault("outcomes", "wai_total").rows == (4,)


def test_people_who_left_are_filtered_before_any_check(small_clinic: SmallClinic) -> None:
    """An inactive row has the id of an active one, and a limit that cannot be read."""
    text = small_clinic.get_text("therapists")
    former = "t1,40,woman,english,north,public,video,mon-am,anxiety,full,2024-01-01\n"
    small_clinic.put("therapists.csv", text + former)
    small_clinic.set_column("therapists", "Status", "Active", "active ", "ACTIVE", "active", "Former")
    assert [fault for fault in small_clinic.list_faults() if fault.stops or fault.sets_aside]
    small_clinic.add_toml('[tables.therapists]\nrows = { column = "status", is = "active" }')
    assert small_clinic.list_faults() == []
    assert small_clinic.list_offers() == OFFERS


@pytest.mark.parametrize(
    ("condition", "waiting"),
    [
        ("empty = true", ["c02", "c04", "c06"]),
        ("empty = false", ["c01", "c03", "c05"]),
        ("from = 2026-05-21", ["c05"]),
    ],
)
def test_who_has_no_closing_date_waits(small_clinic: SmallClinic, condition: str, waiting: list[str]) -> None:
    small_clinic.set_column("clients", "closed_on", "2026-05-20", "", "2026-05-20", "", "2026-05-21", "")
    small_clinic.add_toml(f'[waiting]\nwhere = {{ column = "closed_on", {condition} }}')
    assert small_clinic.open().list_client_ids(waiting_only=True) == waiting
    assert small_clinic.list_faults() == []


def test_a_closing_date_that_is_a_word_for_missing(small_clinic: SmallClinic) -> None:
    small_clinic.set_column("clients", "closed_on", "2026-05-20", "n/a", "2026-05-20", "", "2026-05-21", "-")
    small_clinic.add_toml('[waiting]\nwhere = { column = "closed_on", empty = true }\n'
                          '[tables.clients.columns]\nclosed_on = { from = "closed_on", kind = "date" }')  # fmt: skip
    assert small_clinic.open().list_client_ids(waiting_only=True) == ["c02", "c04", "c06"]


@pytest.mark.parametrize(
    ("condition", "waiting"),
    [
        ('is = "new"', ["c01"]),
        ('is_not = ["new", "Closed"]', ["c03", "c05"]),
        ("empty = true", ["c04"]),
        ('is = ["new", ""]', ["c01", "c04"]),
    ],
)
def test_words_about_who_waits(small_clinic: SmallClinic, condition: str, waiting: list[str]) -> None:
    small_clinic.set_column("clients", "Status", "New", "closed", "On hold", "", "with us", "Closed ")
    small_clinic.add_toml(f'[waiting]\nwhere = {{ column = "Status", {condition} }}')
    assert small_clinic.open().list_client_ids(waiting_only=True) == waiting


def test_a_condition_under_its_former_key_works_with_a_warning(small_clinic: SmallClinic) -> None:
    small_clinic.set_column("clients", "Status", "New", "closed", "On hold", "", "with us", "Closed ")
    small_clinic.add_toml('[waiting]\nwhere = { column = "Status", not = "closed" }')
    assert small_clinic.open().list_client_ids(waiting_only=True) == ["c01", "c03", "c05"]
    [fault] = [fault for fault in small_clinic.list_faults() if "`is_not`" in str(fault)]
    assert not fault.stops


@pytest.mark.parametrize(("condition", "waiting"), [("from = 10", ["10", "11", "1000", "900"]), ("to = 9", ["8", "9"]),
                                                    ("is = 900", ["900"]), ("from = 9, to = 10", ["10", "9"]),
                                                    ("is = [8, 1000]", ["1000", "8"])])  # fmt: skip
def test_a_number_compares_ids_as_numbers(small_clinic: SmallClinic, condition: str, waiting: list[str]) -> None:
    text = small_clinic.get_text("clients")
    for number, client in zip((8, 9, 10, 11, 900, 1000), OFFERS, strict=True):
        text = text.replace(f"{client},", f"{number},")
    small_clinic.put("clients.csv", text).add_toml(f'[waiting]\nwhere = {{ column = "client_id", {condition} }}')
    assert sorted(small_clinic.open().list_client_ids(waiting_only=True)) == sorted(waiting)


def test_a_number_and_cells_of_which_some_are_words(small_clinic: SmallClinic) -> None:
    small_clinic.set_column("clients", "room", "8", "9", "10", "12b", "", "hall")
    small_clinic.add_toml('[waiting]\nwhere = { column = "room", from = 9 }')
    assert small_clinic.open().list_client_ids(waiting_only=True) == ["c02", "c03"]


def test_a_number_and_cells_that_are_all_words_is_an_error(small_clinic: SmallClinic) -> None:
    small_clinic.add_toml('[waiting]\nwhere = { column = "gender", from = 9 }')
    [fault] = [fault for fault in small_clinic.list_faults() if fault.stops]
    assert (fault.table, fault.column.startswith("waiting.where")) == ("clinic.toml", True)


@pytest.mark.parametrize("table", ["therapists"])
def test_a_filter_that_leaves_no_row_is_an_error(small_clinic: SmallClinic, table: str) -> None:
    small_clinic.add_toml(f'[tables.{table}]\nrows = {{ column = "gender", is = "female" }}')
    assert [fault.table for fault in small_clinic.list_faults() if fault.stops] == [table]


def test_a_filter_on_a_header_that_does_not_exist_is_an_error(small_clinic: SmallClinic) -> None:
    small_clinic.add_toml('[tables.clients]\nrows = { column = "gendr", is = "woman" }')
    [fault] = [fault for fault in small_clinic.list_faults() if fault.stops]
    assert "`gender`" in str(fault)
    assert "rows" in f"{fault.column} {fault}"


@pytest.mark.parametrize(
    "condition",
    [
        'column = "gender"',
        'column = "gender", empty = true, is = "woman"',
        'column = "age", from = 50, to = 20',
        'column = "gender", iss = "woman"',
    ],
)
def test_a_condition_without_meaning_is_an_error(small_clinic: SmallClinic, condition: str) -> None:
    small_clinic.add_toml(f"[tables.clients]\nrows = {{ {condition} }}")
    assert [fault.table for fault in small_clinic.list_faults() if fault.stops] != []
