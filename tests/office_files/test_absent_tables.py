"""A table under almost the right name, or described without a file, is not passed over: its rows may restrict."""

import pytest

from tests.office_files.small_clinic import CLIENTS, OFFERS, SmallClinic

CONFLICTS = "client_id,therapist_id,reason\nc01,t1,known\n"
WISHES = "client_id,attribute,value,strength\nc01,gender,woman,must\n"
LIMITS = 'problems_not_taken = { file = "limits.csv", key = "who", from = "problem" }'


@pytest.mark.parametrize(
    ("name", "table", "proposed"),
    [
        ("conflict.csv", "conflicts", "conflicts.csv"),
        ("Conflicts (1).csv", "conflicts", "conflicts.csv"),
        ("conflicts.CSV", "conflicts", "conflicts.csv"),
        ("conflicts.txt", "conflicts", "conflicts.csv"),
        ("preference.tsv", "preferences", "preferences.tsv"),
    ],
)
def test_a_table_that_restricts_under_almost_its_name_stops(
    small_clinic: SmallClinic, name: str, table: str, proposed: str
) -> None:
    fault = small_clinic.put(name, CONFLICTS if table == "conflicts" else WISHES).find_fault(table)
    assert (fault.id, fault.stops) == ("table-under-another-name", True)
    assert name in str(fault)
    assert proposed in str(fault)
    small_clinic.add_toml(f'[tables.{table}]\nfile = "{name}"')
    faults = [fault for fault in small_clinic.list_faults() if fault.id == "table-under-another-name"]
    assert faults == []


def test_outcomes_in_a_file_that_only_holds_their_word_are_a_warning(small_clinic: SmallClinic) -> None:
    small_clinic.put("old outcome list.csv", "client_id,therapist_id,score\n")
    assert [fault.kind for fault in small_clinic.find_faults("outcomes")] == ["warning"]
    assert small_clinic.list_offers() == OFFERS


@pytest.mark.parametrize("name", ["outcome.csv", "Outcomes.CSV", "outcomes.csv.gz"])
def test_outcomes_under_almost_their_name_stop_because_they_use_openings_up(
    small_clinic: SmallClinic, name: str
) -> None:
    small_clinic.put(name, "client_id,therapist_id,score\n")
    assert [fault.kind for fault in small_clinic.find_faults("outcomes")] == ["error"]


def test_clients_under_almost_their_name_are_one_error(small_clinic: SmallClinic) -> None:
    small_clinic.drop("clients.csv").put("Client.csv", CLIENTS)
    assert [fault.id for fault in small_clinic.find_faults("clients")] == ["table-under-another-name"]


def test_other_files_of_an_office_are_no_table(small_clinic: SmallClinic) -> None:
    for name in ("notes.csv", "clients_2025.csv", "conflict guidelines.docx", "conference.csv", "outreach.xlsx"):
        small_clinic.put(name, "a,b\n1,2\n")
    assert small_clinic.list_faults() == []


@pytest.mark.parametrize(("table", "kind"), [("conflicts", "error"), ("preferences", "error"), ("outcomes", "warning")])
def test_a_table_that_clinic_toml_describes_without_a_file(small_clinic: SmallClinic, table: str, kind: str) -> None:
    small_clinic.add_toml(f'[tables.{table}.columns]\nclient_id = "Client"')
    fault = small_clinic.find_fault(table)
    assert (fault.id, fault.kind) == ("table-without-file", kind)


def test_limits_in_a_second_file_about_nobody_stop(small_clinic: SmallClinic) -> None:
    small_clinic.put_rows("limits", "who,problem", "t1,anxiety", "t02,trauma", "T3,grief", ",trauma", "t9,")
    small_clinic.add_toml(f"[tables.therapists.columns]\n{LIMITS}")
    fault = small_clinic.find_fault("limits.csv", "who")
    assert (fault.kind, fault.rows) == ("error", (3, 4, 5))
    assert "`t2`" in str(fault)
    assert "`t3`" in str(fault)


def test_a_limit_in_a_second_file_that_cannot_be_read_sets_its_therapist_aside(small_clinic: SmallClinic) -> None:
    small_clinic.put_rows("limits", "who,problem", "t1,anxiety", "t2,n/a", "t2,trauma", "t3,grief", "t4,sleep;work")
    small_clinic.add_toml(f"[tables.therapists.columns]\n{LIMITS}")
    assert {one for fault in small_clinic.list_faults() for one in fault.sets_aside} == {"t2", "t4"}
    assert small_clinic.list_offers() == {"c01": {"t3"}, "c03": {"t1"}, "c04": {"t1", "t3"}}


def test_a_language_in_a_second_file_about_nobody_restricts_nobody(small_clinic: SmallClinic) -> None:
    rows = ["t1,english", "t2,english", "t2,spanish", "t3,english", "t4,english", "t4,spanish", "t99,german"]
    small_clinic.put_rows("spoken", "who,word", *rows)
    small_clinic.add_toml(
        '[tables.therapists.columns]\nlanguages = { file = "spoken.csv", key = "who", from = "word" }'
    )
    assert small_clinic.list_offers() == OFFERS
    assert [fault for fault in small_clinic.list_faults() if fault.kind != "warning"] == []


def test_ranges_with_an_en_dash_are_read_and_reversed_ones_are_not(small_clinic: SmallClinic) -> None:
    small_clinic.set_column("therapists", "age_groups", "18\u201340", "65-18", "18-40", "")
    small_clinic.put_rows(
        "preferences", "client_id,attribute,value,strength", "c04,age,40\u201360,must", "c02,age,60-40,never"
    )
    assert {one for fault in small_clinic.list_faults() for one in fault.sets_aside} == {"t2", "c02"}
    assert small_clinic.list_offers() == {
        "c01": {"t1", "t3", "t4"},
        "c03": {"t1", "t4"},
        "c05": {"t4"},
        "c06": {"t1", "t4"},
    }
