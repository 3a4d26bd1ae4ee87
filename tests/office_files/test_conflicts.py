"""A row of `conflicts` forbids its pair, or stops everything: it never leads nowhere in silence."""

from tests.office_files.small_clinic import OFFERS, SmallClinic

HEADER = "client_id,therapist_id,reason"


def put_numeric_ids(clinic: SmallClinic) -> SmallClinic:
    """Give two clients ids with zeros in front."""
    text = clinic.get_text("clients").replace("c01,", "0012,").replace("c02,", "0345,")
    return clinic.put("clients.csv", text)


def test_an_id_that_lost_its_zeros_stops_and_the_message_proposes_the_id(small_clinic: SmallClinic) -> None:
    put_numeric_ids(small_clinic).put_rows("conflicts", HEADER, "12,t1,known privately", "c04,t2,known privately")
    fault = small_clinic.find_fault("conflicts", "client_id")
    assert (fault.kind, fault.rows) == ("error", (2,))
    assert "`0012`" in str(fault)
    assert small_clinic.run("check").exit_code == 1
    ranked = small_clinic.run("rank", "--client", "0012")
    assert ranked.exit_code == 1
    assert "available" not in ranked.output
    assert small_clinic.run("assign").exit_code == 1


def test_ids_written_in_another_way_stop_and_are_asked_about(small_clinic: SmallClinic) -> None:
    rows = ["c05,t4,known", "0012,T1,known", "C04,t1,known", "12.0,t1,known", "000345,t1,known"]
    put_numeric_ids(small_clinic).put_rows("conflicts", HEADER, *rows)
    clients, therapists = (small_clinic.find_fault("conflicts", column) for column in ("client_id", "therapist_id"))
    assert (clients.kind, clients.rows) == ("error", (4, 5, 6))  # a case, a number of a spreadsheet program, zeros
    assert [one for one in ("c04", "0012", "0345") if f"`{one}`" not in str(clients)] == []
    assert (therapists.kind, therapists.rows) == ("error", (3,))
    assert "`t1`" in str(therapists)


def test_a_row_that_matches_no_person_stops(small_clinic: SmallClinic) -> None:
    rows = ["c05,t4,known", "z99,t1,known", "c01,z9,known", "c01,,known", ",t1,known", "n/a,t1,known"]
    small_clinic.put_rows("conflicts", HEADER, *rows)
    found = {(fault.column, row) for fault in small_clinic.list_faults() if fault.stops for row in fault.rows}
    assert found == {("client_id", 3), ("therapist_id", 4), ("therapist_id", 5), ("client_id", 6), ("client_id", 7)}


def test_spaces_and_signs_without_width_do_not_weaken_a_conflict(small_clinic: SmallClinic) -> None:
    ids = [*small_clinic.add_copies("clients", "c01", "age", ["34"] * 7)]
    forms = (
        "{} ,t1,known",
        " {},  t1 ,known",
        "{}\u00a0,t1,known",  # a no-break space
        "{},t1\u200b,known",  # a zero-width space
        "\ufeff{},t1,known",  # a byte-order mark inside the text
        "{},\u200et1\u200e,known",  # direction marks
        '"{}","t1","known, privately"',
    )
    rows = [form.format(client) for form, client in zip(forms, ids, strict=True)]
    small_clinic.put_rows("conflicts", HEADER, "c05,t4,known", *rows)
    offers = small_clinic.list_offers()
    assert {client: offers[client] for client in ids} == dict.fromkeys(ids, OFFERS["c01"] - {"t1"})
    assert (offers["c01"], offers["c05"]) == (OFFERS["c01"], {"t2"})
    assert small_clinic.find_rules(ids[0], "t1") == {"conflict"}


def test_two_clients_whose_ids_differ_in_zeros_or_case_are_two_clients(small_clinic: SmallClinic) -> None:
    text = small_clinic.get_text("clients").replace("c01,", "012,").replace("c02,", "0012,").replace("c03,", "C04,")
    small_clinic.put("clients.csv", text).put_rows("conflicts", HEADER, "012,t2,known", "C04,t1,known")
    offers = small_clinic.list_offers()
    assert offers["012"] == OFFERS["c01"] - {"t2"}
    assert offers["0012"] == OFFERS["c02"]
    assert offers["C04"] == OFFERS["c03"] - {"t1"}
    assert offers["c04"] == OFFERS["c04"]


def test_conflicts_of_which_none_fits_stop_and_show_no_reason(small_clinic: SmallClinic) -> None:
    small_clinic.put_rows("conflicts", HEADER, "12,t1,her former spouse", "13,t2,her former spouse")
    [fault] = [fault for fault in small_clinic.list_faults() if fault.stops]
    assert (fault.table, fault.column, fault.rows) == ("conflicts", "client_id", (2, 3))
    assert "spouse" not in small_clinic.run("check").output
