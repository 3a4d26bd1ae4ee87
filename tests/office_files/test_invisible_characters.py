"""Signs without width never make another word: zero-width spaces, byte-order marks, soft hyphens, direction marks."""

from tests.office_files.small_clinic import OFFERS, SmallClinic

SIGNS = {
    "zero-width space": "\u200b",
    "zero-width joiner": "\u200d",
    "byte-order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "left-to-right mark": "\u200e",
    "right-to-left embedding": "\u202b",
    "word joiner": "\u2060",
    "isolate": "\u2068",
}


def test_a_sign_without_width_changes_no_code(small_clinic: SmallClinic) -> None:
    clients = small_clinic.add_copies("clients", "c04", "payer", [f"self{sign} pay" for sign in SIGNS.values()])
    therapists = small_clinic.add_copies(
        "therapists", "t1", "availability", [f"mon-{sign}am|{sign}tue-pm|fri-am" for sign in SIGNS.values()]
    )
    small_clinic.set_cell("clients", "c05", "age", "\u200b62").set_cell("clients", "c01", "languages", "\ufeffenglish")
    offers = small_clinic.list_offers()
    expected = OFFERS["c04"] | set(therapists) | {one.replace("x", "ok") for one in therapists}
    assert {client: offers[client] for client in clients} == dict.fromkeys(clients, expected)
    assert offers["c01"] == OFFERS["c01"] | (expected - OFFERS["c04"])
    assert small_clinic.get_column("clients", "age")["c05"] == 62
    faults = [(fault.kind, fault.table, fault.column) for fault in small_clinic.list_faults()]
    assert len(faults) == len(set(faults))  # one for a column
    assert set(faults) >= {("warning", "clients", "payer"), ("warning", "clients", "languages"),
                           ("warning", "therapists", "availability")}  # fmt: skip
    assert {kind for kind, _, _ in faults} == {"warning"}


def test_signs_without_width_change_no_id_header_date_or_wish(small_clinic: SmallClinic) -> None:
    sign = "".join(SIGNS.values())
    small_clinic.rename_column("therapists", "payers", f"pay{sign}ers")
    small_clinic.set_cell("clients", "c01", "referred_on", f"2026-05-02{sign}")
    wish = f"{sign}c01,gender{sign},wo{sign}man,must{sign}"
    small_clinic.put_rows("preferences", "client_id,attribute,value,strength", wish)
    small_clinic.put_rows("conflicts", "client_id,therapist_id,reason", f"c02{sign},{sign}t2,known")
    assert small_clinic.list_offers() == {**OFFERS, "c01": {"t1", "t3"}, "c02": {"t4"}}
    assert str(small_clinic.get_column("clients", "referred_on")["c01"]).startswith("2026-05-02")


def test_a_sign_alone_is_an_empty_cell(small_clinic: SmallClinic) -> None:
    small_clinic.set_cell("clients", "c01", "languages", "\u200b").set_cell("therapists", "t3", "open_slots", "\ufeff")
    assert small_clinic.get_column("clients", "languages")["c01"] is None
    assert small_clinic.list_offers() == OFFERS


def test_every_space_is_a_space(small_clinic: SmallClinic) -> None:
    spaces = ["\u00a0", "\u202f", "\u2009", "\u3000", "\t"]
    copies = small_clinic.add_copies("clients", "c04", "payer", [f"self{space}{space}pay{space}" for space in spaces])
    offers = small_clinic.list_offers()
    assert {client: offers[client] for client in copies} == dict.fromkeys(copies, OFFERS["c04"])
    assert small_clinic.list_faults() == []


def test_composed_and_decomposed_accents_are_one_word(small_clinic: SmallClinic) -> None:
    small_clinic.set_cell("clients", "c05", "languages", "espan\u0303ol").set_cell(
        "therapists", "t2", "languages", "Espa\u00f1ol"
    )
    assert small_clinic.list_offers()["c05"] == {"t2"}


def test_joined_scripts_keep_their_joiners_apart_from_comparison(small_clinic: SmallClinic) -> None:
    with_joiner, without = (
        "\u0641\u0627\u0631\u0633\u06cc\u200c\u062f\u0631\u06cc",
        "\u0641\u0627\u0631\u0633\u06cc\u062f\u0631\u06cc",
    )
    small_clinic.set_cell("clients", "c05", "languages", with_joiner).set_cell("therapists", "t4", "languages", without)
    assert small_clinic.list_offers()["c05"] == {"t4"}
