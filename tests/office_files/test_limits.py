"""A limit that cannot be read is not the absence of a limit: its therapist is on no list until it is corrected."""

from tests.office_files.small_clinic import OFFERS, SmallClinic, drop_therapist

PROBLEMS = 'problems_not_taken = { from = "not_taken", codes = { Anx = "anxiety", Tra = "trauma" } }'


def assert_set_aside(clinic: SmallClinic, column: str, cells: dict[str, str]) -> None:
    """Check that each copy of the first therapist is set aside for its cell, and that no other therapist is."""
    assert clinic.find_kinds("therapists", column) == dict.fromkeys(cells, "set aside")
    offered = clinic.list_offers()["c01"]
    assert {therapist: cells[therapist] for therapist in offered & set(cells)} == {}
    assert {therapist for therapist in offered if therapist.startswith("t")} == OFFERS["c01"]


def test_one_unreadable_limit_stops_one_therapist(small_clinic: SmallClinic) -> None:
    small_clinic.set_cell("therapists", "t1", "problems_not_taken", "Anxiety; Eating disorders")
    fault = small_clinic.find_fault("therapists", "problems_not_taken")
    assert (fault.kind, fault.sets_aside, fault.rows) == ("set aside", ("t1",), (2,))
    assert small_clinic.list_offers() == drop_therapist("t1")
    assert small_clinic.run("check").exit_code == 1
    ranked = small_clinic.run("rank", "--client", "c01")
    assert ranked.exit_code == 0
    assert "t1" in ranked.output.split("Client c01")[0]  # named above the list
    assert "t1" not in set(small_clinic.open().assign().to_frame()["therapist_id"].dropna())


def test_problems_in_another_separator_exclude_their_therapist(small_clinic: SmallClinic) -> None:
    cells = ["Anxiety; Eating disorders", "anxiety, trauma", "Anxiety / eating disorders", "Anxiety\nEating disorders",
             "anxiety\r\neating disorders", "eating disorders;anxiety", "panic;psychosis"]  # fmt: skip
    assert_set_aside(small_clinic, "problems_not_taken",
                     small_clinic.add_copies("therapists", "t1", "problems_not_taken", cells))  # fmt: skip
    for fault in small_clinic.find_faults("therapists", "problems_not_taken"):
        assert "set_separator" in str(fault) or "`split`" in str(fault)


def test_a_separator_that_clinic_toml_names_is_no_fault(small_clinic: SmallClinic) -> None:
    small_clinic.set_cell("therapists", "t1", "problems_not_taken", "Anxiety; Eating disorders")
    mapping = 'problems_not_taken = { from = "problems_not_taken", split = ";" }'
    small_clinic.add_toml(f"[tables.therapists.columns]\n{mapping}")
    assert {fault.kind for fault in small_clinic.list_faults()} <= {"warning"}
    assert small_clinic.list_offers() == {**drop_therapist("t1"), "c03": OFFERS["c03"], "c04": OFFERS["c04"]}
    assert small_clinic.find_rules("c01", "t1") == {"problems_not_taken"}


def test_a_word_for_missing_is_no_limit_only_where_clinic_toml_lists_it(small_clinic: SmallClinic) -> None:
    words = ["n/a", "N/A", "unknown", "-", "?", "see notes; phone"]
    copies = small_clinic.add_copies("therapists", "t1", "problems_not_taken", words)
    assert_set_aside(small_clinic, "problems_not_taken", copies)
    listed = ", ".join(f'"{word}"' for word in words)
    small_clinic.add_toml(f"[tables.therapists]\nmissing = [{listed}]")
    assert small_clinic.list_faults() == []
    assert small_clinic.list_offers()["c01"] >= set(copies)


def test_a_limit_of_which_one_code_is_not_listed_is_not_read_in_part(small_clinic: SmallClinic) -> None:
    small_clinic.set_column("therapists", "not_taken", "Tra|Panic", "Anx", "Tra", "")
    small_clinic.add_toml(f"[tables.therapists.columns]\n{PROBLEMS}")
    assert small_clinic.find_fault("therapists", "not_taken").sets_aside == ("t1",)
    offers = small_clinic.list_offers()
    assert offers["c01"] == {"t3", "t4"}  # t2 does not take anxiety
    assert offers["c04"] == {"t2", "t3"}


def test_an_age_group_that_is_no_range_sets_its_therapist_aside(small_clinic: SmallClinic) -> None:
    cells = [
        "adults",
        "over 50",
        "18 to 64",
        "50 and up",
        "n/a",
        "unknown",
        "18-64; 65-",
        "eighteen-64",
        "18-64|seniors",
    ]
    copies = small_clinic.add_copies("therapists", "t1", "age_groups", cells)
    assert_set_aside(small_clinic, "age_groups", copies)


def test_age_groups_that_are_mostly_words_stop_their_therapists_alone(small_clinic: SmallClinic) -> None:
    small_clinic.set_column("therapists", "age_groups", "adults", "18-64", "children", "adults")
    fault = small_clinic.find_fault("therapists", "age_groups")
    assert (fault.kind, fault.rows) == ("set aside", (2, 4, 5))
    assert small_clinic.list_offers() == {client: {"t2"} for client in OFFERS}


def test_readable_age_groups_limit_and_empty_ones_do_not(small_clinic: SmallClinic) -> None:
    small_clinic.set_column("therapists", "age_groups", "35-", "18-64|65-", "", ">=50")
    expected = {"c01": {"t2", "t3"}, "c03": {"t2"}, "c06": {"t2"}}
    assert small_clinic.list_offers() == {**OFFERS, **expected}


def test_an_unreadable_age_is_not_offered_to_therapists_with_an_age_limit(small_clinic: SmallClinic) -> None:
    small_clinic.set_cell("clients", "c01", "age", "34 (turns 35 soon)")
    small_clinic.set_column("therapists", "age_groups", "35-", "18-64", "", "")
    expected = {"c01": {"t3", "t4"}, "c03": {"t2", "t4"}, "c06": {"t2", "t4"}}
    assert small_clinic.list_offers() == {**OFFERS, **expected}
    assert small_clinic.find_fault("clients", "age").rows == (2,)


def test_openings_below_zero_are_no_opening_and_words_set_aside(small_clinic: SmallClinic) -> None:
    small_clinic.set_column("therapists", "open_slots", "3", "-1", "full", "2")
    assert small_clinic.find_kinds("therapists", "open_slots") == {"t2": "warning", "t3": "set aside"}
    [word] = [fault for fault in small_clinic.find_faults("therapists", "open_slots") if fault.sets_aside]
    assert "codes" in str(word)  # how to say that the word means 0
    assert small_clinic.list_offers() == {client: offers - {"t2", "t3"} for client, offers in OFFERS.items()}
    assert small_clinic.find_rules("c02", "t2") == {"open_slots"}
    placed = small_clinic.open().assign()
    assert not {"t2", "t3"} & set(placed.to_frame()["therapist_id"].dropna())
    assert placed.result.totals.openings == 5


def test_openings_in_words_set_their_therapist_aside(small_clinic: SmallClinic) -> None:
    cells = [
        "2 (evenings)",
        "two",
        "n/a",
        "?",
        "unknown",
        "1-2",
        "0?",
        "2 / 3",
        "full",
        "yes",
        "none left",
        "-",
        "NULL",
        "2+",
    ]
    copies = small_clinic.add_copies("therapists", "t1", "open_slots", cells)
    assert_set_aside(small_clinic, "open_slots", copies)


def test_openings_as_numbers_or_empty_are_read(small_clinic: SmallClinic) -> None:
    openings = {"2.0": 2, " 2 ": 2, "": None, "0": 0, "-1": 0, "-2.0": 0, "+1": 1}
    copies = small_clinic.add_copies("therapists", "t1", "open_slots", [*openings])
    cells = small_clinic.get_column("therapists", "open_slots")
    assert {cell: cells[therapist] for therapist, cell in copies.items()} == openings
    offered = small_clinic.list_offers()["c01"]
    assert {copies[therapist] for therapist in offered & set(copies)} == {"2.0", " 2 ", "", "+1"}


def test_codes_say_which_words_mean_how_many_openings(small_clinic: SmallClinic) -> None:
    small_clinic.set_column("therapists", "open_slots", "full", "2", "Full", "some")
    mapping = 'open_slots = { from = "open_slots", codes = { full = 0, some = 1 } }'
    small_clinic.add_toml(f"[tables.therapists.columns]\n{mapping}")
    assert list(small_clinic.get_column("therapists", "open_slots").values()) == [0, 2, 0, 1]
    assert small_clinic.list_faults() == []
    assert small_clinic.list_offers()["c01"] == {"t2", "t4"}


def test_openings_that_are_mostly_words_stop_their_therapists_alone(small_clinic: SmallClinic) -> None:
    small_clinic.set_column("therapists", "open_slots", "none", "2", "few", "many")
    assert small_clinic.find_kinds("therapists", "open_slots") == dict.fromkeys(("t1", "t3", "t4"), "set aside")
    assert small_clinic.list_offers() == {client: {"t2"} for client in OFFERS if "t2" in OFFERS[client]}


UNREADABLE = {
    "therapists": [
        ("licensed_regions", "north; south"),
        ("payers", "public, plan a"),
        ("languages", "english / spanish"),
        ("formats", "video; in person"),
        ("availability", "mon-am; tue-pm"),
        ("updated_on", "last spring"),
        ("open_slots", "1o"),
        ("problems_not_taken", "trauma; grief"),
        ("age_groups", "everybody"),
    ],
    "clients": [
        ("languages", "english, spanish"),
        ("formats", "video / in person"),
        ("availability", "mon-am\ntue-pm"),
        ("availability", "mon-am; sun-pm"),
    ],
}


def test_an_unreadable_cell_of_a_therapist_never_adds_a_candidate(small_clinic: SmallClinic) -> None:
    small_clinic.set_column("therapists", "problems_not_taken", *[""] * 4)
    small_clinic.set_column("therapists", "age_groups", *[""] * 4)
    for number, (column, cell) in enumerate(UNREADABLE["therapists"]):
        row = small_clinic.get_text("therapists").splitlines()[1]
        small_clinic.put("therapists.csv", f"{small_clinic.get_text('therapists')}u{number}{row.removeprefix('t1')}\n")
        small_clinic.set_cell("therapists", f"u{number}", column, cell)
    for number, (column, _) in enumerate(UNREADABLE["therapists"]):
        assert small_clinic.find_kinds("therapists", column)[f"u{number}"] == "set aside"
    assert small_clinic.list_offers() == OFFERS


def test_an_unreadable_cell_of_a_client_stops_that_client_alone(small_clinic: SmallClinic) -> None:
    for number, (column, cell) in enumerate(UNREADABLE["clients"]):
        row = small_clinic.get_text("clients").splitlines()[1]
        small_clinic.put("clients.csv", f"{small_clinic.get_text('clients')}u{number}{row.removeprefix('c01')}\n")
        small_clinic.set_cell("clients", f"u{number}", column, cell)
    kinds = {
        number: small_clinic.find_kinds("clients", column) for number, (column, _) in enumerate(UNREADABLE["clients"])
    }
    assert {number: kind[f"u{number}"] for number, kind in kinds.items()} == dict.fromkeys(kinds, "set aside")
    assert small_clinic.list_offers() == OFFERS
