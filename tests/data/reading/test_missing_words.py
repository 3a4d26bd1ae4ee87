"""Words that look like a missing cell: missing with a warning, unless a column gives empty cells another meaning."""

import pandas as pd
import pytest

from attune_fit.data.clinic.columns import COLUMNS
from tests.data.conftest import ClinicFolder


def faults(clinic_folder: ClinicFolder) -> list[tuple[str, str, tuple[int, ...], tuple[str, ...]]]:
    return [(fault.id, fault.column, fault.rows, fault.sets_aside) for fault in clinic_folder.list_faults()]


@pytest.mark.parametrize("word", ["N/A", "NULL", "Unknown", "#N/A", "?", "-", "not  known", "k.A.", "nan", "--"])
@pytest.mark.parametrize(("column", "cell"), [("gender", "woman"), ("phq9", "12"), ("referred_on", "2026-05-01")])
def test_a_word_for_missing_is_missing_with_a_warning(
    clinic_folder: ClinicFolder, word: str, column: str, cell: str
) -> None:
    clinic_folder.put(
        "clients.csv",
        "client_id,gender,phq9,referred_on\nann,woman,12,2026-05-01\n".replace(cell, word)
        + "ben,man,7,2026-05-02\ncat,man,8,2026-05-03\n",
    )
    assert faults(clinic_folder) == [("missing-word", column, (2,), ())]
    assert clinic_folder.read().clients.set_index("client_id")[column].isna().to_dict() == {
        "ann": True,
        "ben": False,
        "cat": False,
    }


def test_a_word_listed_under_missing_needs_no_warning(clinic_folder: ClinicFolder) -> None:
    clinic_folder.change("clients.csv", ",12,", ",n/a,").add('[tables.clients]\nmissing = "N/A"\n')
    assert not faults(clinic_folder)


def test_a_code_listed_under_codes_is_a_code(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("clients.csv", "client_id,region\nann,NA\nben,ZA\ncat,na\n").drop("preferences.csv")
    clinic_folder.add(
        '[tables.clients.columns]\nregion = { from = "region", codes = { NA = "namibia" }, other = "keep" }\n'
    )
    assert clinic_folder.read().clients.set_index("client_id")["region"].to_dict() == {
        "ann": "namibia",
        "ben": "za",
        "cat": "namibia",
    }
    assert not faults(clinic_folder)


def test_none_is_an_answer_among_codes_and_none_among_numbers(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("clients.csv", "client_id,religion,age\nann,None,None\nben,none,40\ncat,jewish,50\n")
    assert faults(clinic_folder) == [("missing-word", "age", (2,), ())]
    assert clinic_folder.read().clients["religion"].notna().all()


def test_an_id_is_never_a_word_for_missing(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("clients.csv", "client_id,age\nNA,40\nnull,50\n?,60\n").drop("preferences.csv")
    clinic_folder.drop("outcomes.csv")
    assert sorted(clinic_folder.read().clients["client_id"]) == ["?", "NA", "null"]


LIMITS = [column for column in COLUMNS if column.is_limit and column.table == "therapists"]


@pytest.mark.parametrize("column", [column.name for column in LIMITS])
@pytest.mark.parametrize("word", ["n/a", "unknown", "?", "-"])
def test_a_word_is_no_absence_of_a_limit(clinic_folder: ClinicFolder, column: str, word: str) -> None:
    limit = {"open_slots": "2", "age_groups": "18-64"}.get(column, "grief")
    clinic_folder.put("therapists.csv", f"therapist_id,gender,{column}\ntom,man,{word}\nuna,man,{limit}\nvic,man,\n")
    clinic_folder.drop("preferences.csv")
    assert faults(clinic_folder) == [("missing-word-in-limit", column, (2,), ("tom",))]
    clinic_folder.add(f'[tables.therapists]\nmissing = "{word}"\n')
    assert not faults(clinic_folder)


def test_limits_are_found() -> None:
    assert {column.name for column in LIMITS} == {"open_slots", "age_groups", "problems_not_taken"}


def test_open_slots_below_zero_are_no_opening(clinic_folder: ClinicFolder) -> None:
    clinic_folder.change("therapists.csv", "english,0", "english,-1")
    assert faults(clinic_folder) == [("open-slots-below-zero", "open_slots", (3,), ())]
    assert clinic_folder.read().therapists.set_index("therapist_id")["open_slots"].to_dict() == {"tom": 2.0, "una": 0.0}


def test_open_slots_in_words_set_their_therapist_aside(clinic_folder: ClinicFolder) -> None:
    clinic_folder.change("therapists.csv", "english,0", "english,Full")
    assert faults(clinic_folder) == [("number-not-readable", "open_slots", (3,), ("una",))]
    clinic_folder.add('[tables.therapists.columns]\nopen_slots = { from = "open_slots", codes = { full = 0 } }\n')
    assert not faults(clinic_folder)
    assert clinic_folder.read().therapists["open_slots"].min() == 0.0


def test_an_own_column_with_a_word_for_missing_keeps_its_kind(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("clients.csv", "client_id,weight,seen\nann,1.5,n/a\nben,unknown,2026-05-02\ncat,2,2026-05-03\n")
    clients = clinic_folder.read().clients
    assert [str(clients[name].dtype) for name in ("weight", "seen")] == ["float64", "datetime64[s]"]
    assert faults(clinic_folder) == [("missing-word", "seen", (2,), ()), ("missing-word", "weight", (3,), ())]


def test_an_own_column_of_words_for_missing_alone_has_codes(clinic_folder: ClinicFolder) -> None:
    rows = "".join(f"c{number},n/a,?,{'' if number < 60 else '7'}\n" for number in range(70))
    clinic_folder.put("clients.csv", f"client_id,none,nothing,late\n{rows}").drop("preferences.csv")
    clients = clinic_folder.drop("outcomes.csv").read().clients
    assert [str(clients[name].dtype) for name in ("none", "nothing", "late")] == ["str", "str", "float64"]
    rows = "".join(f"c{number},n/a,?,{'n/a' if number < 60 else '7'}\n" for number in range(70))
    clinic_folder.put("clients.csv", f"client_id,none,nothing,late\n{rows}")
    assert str(clinic_folder.read().clients["late"].dtype) == "float64"


def test_invisible_characters_are_dropped_with_one_warning_for_each_column(clinic_folder: ClinicFolder) -> None:
    rows = "t\u200bom,eng\u00adlish\u200b,man\nuna,\ufeffenglish,wo\u200eman\n"
    clinic_folder.put("therapists.csv", f"therapist_id,languages,gender\n{rows}").drop("preferences.csv")
    assert faults(clinic_folder) == [
        ("invisible-characters", "gender", (3,), ()),
        ("invisible-characters", "languages", (2, 3), ()),
        ("invisible-characters", "therapist_id", (2,), ()),
    ]
    roster = clinic_folder.read().therapists
    assert sorted(roster["therapist_id"]) == ["tom", "una"]
    assert set(roster["languages"]) == {"english"}
    assert set(roster["gender"]) == {"man", "woman"}


def test_a_cell_without_a_visible_character_is_empty(clinic_folder: ClinicFolder) -> None:
    clinic_folder.change("clients.csv", ",12,", ",\u200b,")
    clients = clinic_folder.read().clients.set_index("client_id")
    assert pd.isna(clients["phq9"]["ann"])
    assert [fault[0] for fault in faults(clinic_folder)] == ["invisible-characters"]


def test_yes_and_no_are_read_in_any_common_form(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put(
        "clients.csv", "client_id,gender,lgbtq\nann,woman,TRUE\nben,man,0.0\ncat,man,Unchecked\ndan,man,Y\n"
    )
    assert clinic_folder.read().clients.set_index("client_id")["lgbtq"].to_dict() == {
        "ann": "yes",
        "ben": "no",
        "cat": "no",
        "dan": "yes",
    }
    assert not faults(clinic_folder)


def test_a_wish_about_yes_or_no_uses_the_same_marks(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("therapists.csv", "therapist_id,gender,age,lgbtq_affirming\ntom,man,40,FALSE\nuna,woman,40,1\n")
    clinic_folder.change("preferences.csv", "gender,woman,must", "lgbtq_affirming,True,must")
    assert clinic_folder.read().preferences["value"].tolist().count("yes") == 1
    assert not faults(clinic_folder)


def test_own_codes_for_yes_and_no_come_first(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("clients.csv", "client_id,lgbtq\nann,1\nben,2\ncat,0\ndan,yes\n")
    clinic_folder.add('[tables.clients.columns]\nlgbtq = { from = "lgbtq", codes = { 1 = "no", 2 = "yes" } }\n')
    lgbtq = clinic_folder.read().clients.set_index("client_id")["lgbtq"]
    assert lgbtq[["ann", "ben", "dan"]].tolist() == ["no", "yes", "yes"]
    assert faults(clinic_folder) == [("unlisted-code", "lgbtq", (4,), ())]
