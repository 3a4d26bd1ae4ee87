"""Yes and no are closed sets: what software writes is read, every other mark is reported and never a yes."""

import pytest

from tests.office_files.small_clinic import OFFERS, SmallClinic

SLOTS = ("mon-am", "wed-pm", "fri-am")
YES = ["yes", "Yes", "Y", "true", "TRUE", "True", "t", "T", "1", "1.0", "x", "X", "checked", "Checked", "on", "ja", "J",
       "oui", "si", "s\u00ed", "\u2713", "\u2714", "\u2611"]  # fmt: skip
NO = ["no", "No", "N", "false", "FALSE", "f", "F", "0", "0.0", "unchecked", "Unchecked", "off", "nein", "non", "-",
      "Not selected", "\u2610", "\u2717", "\u2718", ""]  # fmt: skip
ODD = ["Perhaps", "2", "yes?", "Not quoted", "ask", "no idea", "maybe", "99", "TRUE/FALSE", "yes;no"]
CLIENTS = "record_id,age,gender,languages,region,payer,formats"
MAPPING = '[tables.clients.columns]\nclient_id = "record_id"\navailability = { slots = ["mon-am", "wed-pm", "fri-am"] }'


def put_marks(clinic: SmallClinic, marks: list[tuple[str, str, str]], headers: tuple[str, ...] = SLOTS) -> SmallClinic:
    """Write one client for each row of marks, one column for each slot."""
    rows = [[*CLIENTS.split(","), *headers]]
    rows += [
        [f"m{number:02}", "34", "woman", "english", "north", "public", "video", *row]
        for number, row in enumerate(marks)
    ]
    return clinic.put_table("clients", rows).add_toml(MAPPING)


def test_checked_and_unchecked(small_clinic: SmallClinic) -> None:
    off, on = "Unchecked", "Checked"
    put_marks(small_clinic, [(off, off, on), (off, on, off), (on, off, off)])
    assert small_clinic.get_column("clients", "availability") == {"m00": "fri-am", "m01": "wed-pm", "m02": "mon-am"}
    assert small_clinic.list_offers() == {"m00": {"t1", "t2", "t4"}, "m01": {"t2", "t4"}, "m02": {"t1", "t2", "t3"}}
    assert small_clinic.find_rules("m00", "t3") == {"slot"}
    assert small_clinic.find_faults("clients", "availability") == []


def test_every_mark_that_software_writes_in_a_slot(small_clinic: SmallClinic) -> None:
    put_marks(small_clinic, [*((mark, "no", "no") for mark in YES), *((mark, "yes", "no") for mark in NO)])
    cells = list(small_clinic.get_column("clients", "availability").values())
    assert dict(zip(YES, cells, strict=False)) == dict.fromkeys(YES, "mon-am")
    assert dict(zip(NO, cells[len(YES) :], strict=True)) == dict.fromkeys(NO, "wed-pm")
    assert small_clinic.list_faults() == []


def test_every_mark_that_software_writes_in_a_column_of_yes_and_no(small_clinic: SmallClinic) -> None:
    marks = [*YES, *(mark for mark in NO if mark not in ("", "-"))]
    rows = ["client_id,age,lgbtq", *(f"m{number:02},34,{mark}" for number, mark in enumerate(marks))]
    cells = list(small_clinic.put_rows("clients", *rows).get_column("clients", "lgbtq").values())
    assert dict(zip(marks, cells, strict=True)) == {mark: "yes" if mark in YES else "no" for mark in marks}
    assert small_clinic.find_faults("clients", "lgbtq") == []


def test_an_unknown_mark_is_reported_and_no_yes(small_clinic: SmallClinic) -> None:
    fine = [("yes", "no", "no"), ("no", "no", "yes")] * len(ODD)
    put_marks(small_clinic, [*(("yes", mark, "no") for mark in ODD), *fine])
    slots, offers = small_clinic.get_column("clients", "availability"), small_clinic.list_offers()
    for number, mark in enumerate(ODD):
        client = f"m{number:02}"
        assert "wed-pm" not in str(slots[client]), mark
        assert "t4" not in offers.get(client, set()), mark  # t4 shares wed-pm alone with this client
    rows = {row for fault in small_clinic.find_faults("clients") for row in fault.rows}
    assert rows == set(range(2, 2 + len(ODD)))
    assert offers[f"m{len(ODD) + 1:02}"] == {"t1", "t2", "t4"}


def test_marks_adds_the_clinics_own_words(small_clinic: SmallClinic) -> None:
    put_marks(small_clinic, [("Sure", "Rather not", "Sure"), ("Rather not", "sure", "no")])
    text = (small_clinic.folder / "clinic.toml").read_text()
    marked = text.replace('"fri-am"] }', '"fri-am"], marks = { Sure = "yes", "Rather not" = "no" } }')
    small_clinic.put("clinic.toml", marked)
    assert small_clinic.get_column("clients", "availability") == {"m00": "mon-am|fri-am", "m01": "wed-pm"}
    assert small_clinic.list_faults() == []


def test_the_name_of_the_slot_is_a_yes(small_clinic: SmallClinic) -> None:
    put_marks(small_clinic, [("mon-am", "", "FRI-AM"), ("", "wed-pm", "")])
    assert small_clinic.get_column("clients", "availability") == {"m00": "mon-am|fri-am", "m01": "wed-pm"}
    assert small_clinic.list_faults() == []


def test_the_name_of_another_slot_is_no_yes(small_clinic: SmallClinic) -> None:
    put_marks(small_clinic, [("wed-pm", "no", "yes"), ("", "wed-pm", ""), ("", "wed-pm", ""), ("mon-am", "", "")])
    assert "mon-am" not in str(small_clinic.get_column("clients", "availability").get("m00"))
    assert any(2 in fault.rows for fault in small_clinic.find_faults("clients"))


def test_a_header_pattern_leaves_the_name_of_the_option(small_clinic: SmallClinic) -> None:
    headers = ("When? [mon-am]", "When? [wed-pm]", "When? [fri-am]")
    put_marks(small_clinic, [("Yes", "No", "Yes"), ("N/A", "Yes", "No")], headers)
    text = (small_clinic.folder / "clinic.toml").read_text()
    small_clinic.put("clinic.toml", text.replace('["mon-am", "wed-pm", "fri-am"]', '"When? [*]"'))
    assert small_clinic.get_column("clients", "availability") == {"m00": "mon-am|fri-am", "m01": "wed-pm"}


def test_a_row_without_a_mark_is_missing(small_clinic: SmallClinic) -> None:
    put_marks(small_clinic, [("", "", ""), ("yes", "", "")])
    assert small_clinic.get_column("clients", "availability") == {"m00": None, "m01": "mon-am"}


def test_dropped_out_takes_the_same_marks(small_clinic: SmallClinic) -> None:
    answers = {"TRUE": "yes", "1": "yes", "Checked": "yes", "f": "no", "0.0": "no", "Nein": "no"}
    header = "client_id,therapist_id,session,measured_on,instrument,score,dropped_out"
    rows = [f"{client},t1,3,2026-05-25,WAI-SR,2.0,{mark}" for client, mark in zip(OFFERS, answers, strict=True)]
    small_clinic.put_rows("outcomes", header, *rows)
    outcomes = small_clinic.open().tables.outcomes.sort_values("client_id")
    assert outcomes["dropped_out"].tolist() == list(answers.values())
    assert small_clinic.list_faults() == []


def test_codes_adds_to_yes_and_no(small_clinic: SmallClinic) -> None:
    small_clinic.set_column("clients", "lgbtq", "queer", "1", "straight", "no", "", "True")
    codes = '{ queer = "yes", straight = "no" }'
    small_clinic.add_toml(f'[tables.clients.columns]\nlgbtq = {{ from = "lgbtq", codes = {codes} }}')
    assert list(small_clinic.get_column("clients", "lgbtq").values()) == ["yes", "yes", "no", "no", None, "yes"]
    assert small_clinic.list_offers() == OFFERS


def test_codes_can_turn_a_mark_around(small_clinic: SmallClinic) -> None:
    small_clinic.set_column("clients", "lgbtq", "1", "2", "2", "2", "1", "")
    small_clinic.add_toml('[tables.clients.columns]\nlgbtq = { from = "lgbtq", codes = { 1 = "no", 2 = "yes" } }')
    assert list(small_clinic.get_column("clients", "lgbtq").values()) == ["no", "yes", "yes", "yes", "no", None]


def test_instruments_match_without_case_and_punctuation(small_clinic: SmallClinic) -> None:
    names = ["wai-sr", "WAI_SR", "WAI SR", "waisr", "Wai - Sr", "WAI\u2013SR "]
    header = "client_id,therapist_id,session,measured_on,instrument,score"
    rows = [f"{client},t1,3,2026-05-25,{name},2.0" for client, name in zip(OFFERS, names, strict=True)]
    small_clinic.put_rows("outcomes", header, *rows)
    assert small_clinic.compute_alliance() == pytest.approx({(client, "t1"): 2.0 for client in OFFERS})
    assert small_clinic.list_faults() == []


def test_another_instrument_is_reported(small_clinic: SmallClinic) -> None:
    header = "client_id,therapist_id,session,measured_on,instrument,score"
    fine = [f"{client},t{number},3,2026-05-25,WAI-SR,3.0" for client in ("c05", "c06") for number in (2, 3, 4)]
    odd = [
        f"{client},t1,3,2026-05-25,{name},2.0"
        for client, name in zip(OFFERS, ["WAI", "WAI-SRT", "CALPAS", "SR"], strict=False)
    ]
    small_clinic.put_rows("outcomes", header, *odd, *fine)
    assert "t1" not in {therapist for _, therapist in small_clinic.compute_alliance()}
    assert small_clinic.find_fault("outcomes", "instrument").rows == (2, 3, 4, 5)
