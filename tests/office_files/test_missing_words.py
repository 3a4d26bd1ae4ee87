"""Words that mean "no answer" are read as missing, with one warning for a column; a listed code stays a code."""

import pytest

from tests.office_files.small_clinic import CLIENTS, OFFERS, SmallClinic

WORDS = ["N/A", "n/a", "NA", "#N/A", "NULL", "null", "nil", "NaN", "Unknown", "not known", "missing", "not available",
         "Not applicable", "?", "-", "--", ".", "k.A.", "keine Angabe"]  # fmt: skip


def test_words_for_missing_exclude_no_therapist(small_clinic: SmallClinic) -> None:
    small_clinic.set_cell("clients", "c01", "languages", "N/A").set_cell("clients", "c02", "payer", "NULL")
    small_clinic.set_cell("clients", "c03", "availability", "Unknown")
    assert small_clinic.list_offers() == OFFERS
    faults = {fault.column: fault for fault in small_clinic.find_faults("clients")}
    assert {column: fault.rows for column, fault in faults.items()} == {
        "languages": (2,), "payer": (3,), "availability": (4,)
    }  # fmt: skip
    assert not any(fault.stops or fault.sets_aside for fault in faults.values())
    assert all("`missing`" in str(fault) for fault in faults.values())


def test_each_word_is_missing_in_codes_sets_numbers_and_dates(small_clinic: SmallClinic) -> None:
    for column in ("payer", "languages", "referred_on", "phq9", "gender"):
        copies = small_clinic.add_copies("clients", "c01", column, WORDS)
        if column == "phq9":
            cells = [row.split(",")[-1] or "7" for row in small_clinic.get_text("clients").splitlines()[1:]]
            small_clinic.set_column("clients", "phq9", *cells)
        read = small_clinic.get_column("clients", column)
        assert {word: read[client] for client, word in copies.items()} == dict.fromkeys(WORDS)
        assert small_clinic.find_kinds("clients", column) == dict.fromkeys(copies, "warning")
        assert len(small_clinic.find_faults("clients", column)) == 1
        small_clinic.put("clients.csv", CLIENTS)


def test_words_listed_under_missing_need_no_warning(small_clinic: SmallClinic) -> None:
    small_clinic.set_cell("clients", "c01", "languages", "N/A").set_cell("clients", "c02", "payer", "NULL")
    small_clinic.add_toml('[tables.clients]\nmissing = ["n/a", "null"]')
    assert small_clinic.list_faults() == []
    assert small_clinic.list_offers() == OFFERS


def test_several_words_in_one_column_are_one_warning(small_clinic: SmallClinic) -> None:
    small_clinic.set_column("clients", "payer", "N/A", "plan a", "-", "self pay", "unknown", "plan a")
    assert small_clinic.find_fault("clients", "payer").rows == (2, 4, 6)


def test_a_code_that_clinic_toml_lists_is_a_code(small_clinic: SmallClinic) -> None:
    words = ["NA", "n/a", "-", "Unknown"]
    for client, word in zip(OFFERS, words, strict=False):
        small_clinic.set_cell("clients", client, "languages", word)
    codes = ", ".join(f'"{word}" = "nahuatl"' for word in words)
    mapping = f'{{ from = "languages", other = "keep", codes = {{ {codes} }} }}'
    small_clinic.set_cell("therapists", "t2", "languages", "nahuatl").add_toml(
        f"[tables.clients.columns]\nlanguages = {mapping}"
    )
    cells = small_clinic.get_column("clients", "languages")
    assert list(cells.values()) == ["nahuatl"] * 4 + ["spanish", "english"]
    assert small_clinic.list_offers()["c01"] == {"t2"}
    assert small_clinic.find_faults("clients", "languages") == []


@pytest.mark.parametrize("word", ["none", "None"])
def test_none_is_an_answer_about_faith(small_clinic: SmallClinic, word: str) -> None:
    small_clinic.set_column("clients", "religion", word, "catholic", "", word, "", "")
    small_clinic.set_column("therapists", "religion", word, "", "", "catholic")
    assert small_clinic.get_column("clients", "religion")["c01"] == "none"
    assert small_clinic.list_faults() == []


def test_an_id_is_never_missing(small_clinic: SmallClinic) -> None:
    words, text = ["NA", "NULL", "None", "nan", "unknown"], small_clinic.get_text("clients")
    for client, word in zip(OFFERS, words, strict=False):
        text = text.replace(f"{client},", f"{word},")
    small_clinic.put("clients.csv", text)
    small_clinic.put_rows("conflicts", "client_id,therapist_id,reason", "NA,t1,known", "unknown,t2,known")
    offers = small_clinic.list_offers()
    assert {word: offers[word] for word in words} == {
        "NA": {"t2", "t3", "t4"}, "NULL": OFFERS["c02"], "None": OFFERS["c03"], "nan": OFFERS["c04"], "unknown": {"t4"}
    }  # fmt: skip


def test_a_member_of_a_set_that_means_missing_adds_no_code(small_clinic: SmallClinic) -> None:
    small_clinic.set_cell("clients", "c01", "languages", "n/a|english")
    assert small_clinic.list_offers()["c01"] == OFFERS["c01"]
