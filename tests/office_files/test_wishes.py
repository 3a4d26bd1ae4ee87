"""A wish that cannot be read sets its client aside; every other client is ranked as before."""

import pytest

from tests.office_files.small_clinic import OFFERS, SmallClinic, drop_client

HEADER = "client_id,attribute,value,strength"
FINE = ("c02,gender,man,prefer", "c03,gender,man,prefer", "c06,gender,man,prefer")
WISHES = '[[tables.preferences.wishes]]\ncolumn = "wish"\nattribute = "gender"\n'


def test_readable_wishes_restrict(small_clinic: SmallClinic) -> None:
    small_clinic.put_rows("preferences", HEADER, *FINE, "c01,gender,woman,must", "c05,gender,man,Never")
    assert small_clinic.list_offers() == {**drop_client("c05"), "c01": {"t1", "t3"}}
    assert small_clinic.find_rules("c05", "t2") == {"never"}


def test_one_unreadable_wish_stops_one_client(small_clinic: SmallClinic) -> None:
    small_clinic.put_rows("preferences", HEADER, *FINE, "c01,gender,woman,Must!")
    fault = small_clinic.find_fault("preferences", "strength")
    assert (fault.kind, fault.sets_aside, fault.rows) == ("set aside", ("c01",), (5,))
    assert small_clinic.list_offers() == drop_client("c01")
    assert small_clinic.run("check").exit_code == 1
    alone = small_clinic.run("rank", "--client", "c01")
    assert alone.exit_code == 1
    assert "available" not in alone.output
    assert small_clinic.run("rank", "--client", "c02").exit_code == 0
    several = small_clinic.run("rank", "--waiting")
    assert several.exit_code == 0
    assert "c01" in several.output.split("clients waiting")[0]  # above the list
    ranked = small_clinic.open().rank_waiting().to_frame()
    assert "c01" not in set(ranked.loc[ranked["status"] == "ranked", "client_id"])
    assigned = small_clinic.open().assign().to_frame()
    assert assigned.loc[assigned["client_id"] == "c01", "therapist_id"].dropna().empty
    assert len(assigned["therapist_id"].dropna()) == 5


def test_a_wish_that_cannot_be_read_sets_its_client_aside(small_clinic: SmallClinic) -> None:
    small_clinic.set_column("therapists", "lgbtq_affirming", "yes", "no", "yes", "no")
    columns = {
        "lgbtq_affirming,yse,never": "value",  # a column with its own codes
        "lgbtq_affirming,n/a,must": "value",
        "gender,n/a,must": "value",
        "gender,?,never": "value",
        "gender,,must": "value",
        "age,thirtyish,must": "value",
        "age,40 to 60,never": "value",
        "open_slots,some,must": "value",
        "updated_on,2026-05-20,must": "value",
        "gender,woman,nevr": "strength",
        "gender,woman,never ever": "strength",
        "gender,woman,": "strength",
        "gender,woman,n/a": "strength",
        "gender,woman,1": "strength",
        "gendre,woman,never": "attribute",
        ",woman,never": "value",  # one message about wishes without an attribute or a value
    }
    ids = dict(zip(small_clinic.add_copies("clients", "c01", "age", ["34"] * len(columns)), columns, strict=True))
    fine = [f"ok{number:02},gender,man,prefer" for number in range(len(columns))]
    fine += [f"ok{number:02},age,30-60,avoid" for number in range(len(columns))]
    small_clinic.put_rows("preferences", HEADER, *fine, *[f"{client},{wish}" for client, wish in ids.items()])
    first = 2 + len(fine)
    found = {}
    for row, wish in enumerate(columns, first):
        found[wish] = [(fault.kind, fault.column) for fault in small_clinic.find_faults("preferences", row=row)]
    assert found == {wish: [("set aside", column)] for wish, column in columns.items()}
    offers = small_clinic.list_offers()
    assert set(ids) & set(offers) == set()
    assert {client: offers[client] for client in OFFERS} == OFFERS


def test_a_value_that_no_therapist_has_and_one_is_close_to_is_asked_about(small_clinic: SmallClinic) -> None:
    ids = small_clinic.add_copies("clients", "c01", "age", ["34"] * 3)
    wishes = [f"{client},gender,{value},never" for client, value in zip(ids, ["womn", "womann", "wo-man"], strict=True)]
    small_clinic.put_rows("preferences", HEADER, *FINE, *wishes)
    for row in (5, 6, 7):
        assert "`woman`" in "".join(map(str, small_clinic.find_faults("preferences", "value", row=row)))
    assert set(ids) & set(small_clinic.list_offers()) == set()


def test_a_never_about_a_code_that_no_therapist_has_holds_where_codes_lists_it(small_clinic: SmallClinic) -> None:
    small_clinic.put_rows("preferences", HEADER, *FINE, "c01,gender,nonbinary,never")
    assert small_clinic.list_offers() == drop_client("c01")  # it could be a word for `woman` or `man`
    codes = '{ woman = "woman", man = "man", nonbinary = "nonbinary" }'
    small_clinic.add_toml(f'[tables.therapists.columns]\ngender = {{ from = "gender", codes = {codes} }}')
    assert small_clinic.list_offers() == OFFERS
    assert small_clinic.list_faults() == []


@pytest.mark.parametrize(("strength", "offered"), [("never", {"t2", "t3", "t4"}), ("must", {"t1"})])
def test_a_wish_can_name_a_therapist(small_clinic: SmallClinic, strength: str, offered: set[str]) -> None:
    ids = small_clinic.add_copies("clients", "c01", "age", ["34"] * 4)
    names = ["t1", "T1", " t1 ", "t1\u200b"]
    wishes = [f"{client},therapist_id,{name},{strength}" for client, name in zip(ids, names, strict=True)]
    offers = small_clinic.put_rows("preferences", HEADER, *FINE, *wishes).list_offers()
    assert {client: offers.get(client) for client in ids} == dict.fromkeys(ids, offered)


def test_a_never_about_a_therapist_who_does_not_exist_sets_its_client_aside(small_clinic: SmallClinic) -> None:
    ids = small_clinic.add_copies("clients", "c01", "age", ["34"] * 3)
    wishes = [f"{client},therapist_id,{name},never" for client, name in zip(ids, ["t01", "t9", "1"], strict=True)]
    small_clinic.put_rows("preferences", HEADER, *FINE, *wishes)
    assert set(ids) & set(small_clinic.list_offers()) == set()
    assert {one for fault in small_clinic.find_faults("preferences") for one in fault.sets_aside} == set(ids)


def test_a_wish_whose_client_lost_the_zeros_is_asked_about(small_clinic: SmallClinic) -> None:
    small_clinic.put("clients.csv", small_clinic.get_text("clients").replace("c01,", "0012,"))
    small_clinic.put_rows("preferences", HEADER, *FINE, "12,gender,woman,never")
    [fault] = small_clinic.find_faults("preferences", "client_id")
    assert fault.rows == (5,)
    assert "`0012`" in str(fault)
    assert small_clinic.run("check").exit_code == 1


def test_a_wish_in_the_clients_file_without_a_readable_strength_sets_its_client_aside(
    small_clinic: SmallClinic,
) -> None:
    cells = ["woman (requird)", "woman", "woman [must]", "must", "(must)", "woman (n/a)"]
    ids = small_clinic.add_copies("clients", "c01", "wish", cells)
    fine = ["", "man (prefer)", "woman (avoid)", "", "man (prefer)", "", *["man (prefer)", ""] * len(cells)]
    fine[7::2] = cells
    small_clinic.set_column("clients", "wish", *fine).add_toml(WISHES)
    offers = small_clinic.list_offers()
    assert {client: offers[client] for client in OFFERS} == OFFERS
    assert set(ids) & set(offers) == set()
    assert {one for fault in small_clinic.find_faults("preferences") for one in fault.sets_aside} == set(ids)


def test_a_word_for_no_wish_in_the_clients_file_restricts_no_client(small_clinic: SmallClinic) -> None:
    small_clinic.set_column("clients", "wish", "n/a", "No preference", "none", "-", "man (must)", "").add_toml(WISHES)
    assert small_clinic.list_offers() == OFFERS
    assert small_clinic.find_faults("preferences") == []


def test_wishes_that_are_mostly_unreadable_stop_their_clients_alone(small_clinic: SmallClinic) -> None:
    small_clinic.put_rows("preferences", HEADER, *[f"c0{number},gender,woman,{number}" for number in range(1, 5)])
    fault = small_clinic.find_fault("preferences", "strength")
    assert (fault.kind, fault.rows) == ("set aside", (2, 3, 4, 5))
    assert small_clinic.list_offers() == {"c05": OFFERS["c05"], "c06": OFFERS["c06"]}
