"""`check` compares what the rules compare: codes of one table that the other never uses are named."""

import re

from attune_fit.data.command_words import format_word
from tests.office_files.small_clinic import OFFERS, SmallClinic

SLOTS = ("Monday morning|Tuesday afternoon", "Wednesday afternoon", "Tuesday afternoon|Friday morning",
         "Monday morning", "Friday morning", "Monday morning|Friday morning")  # fmt: skip


def test_two_vocabularies_are_named_with_both_columns(small_clinic: SmallClinic) -> None:
    small_clinic.set_column("clients", "availability", *SLOTS).set_column("clients", "region", *["Northern Region"] * 6)
    faults = {fault.column: str(fault) for fault in small_clinic.find_faults("clients") if not fault.stops}
    assert "licensed_regions" in faults["region"]
    assert "`northern region`" in faults["region"]
    assert "`north`" in faults["region"]
    assert "therapists" in faults["availability"]
    assert "`monday morning`" in faults["availability"]
    assert "`mon-am`" in faults["availability"]


def test_a_clinic_without_any_candidate_says_so_and_by_which_rules(small_clinic: SmallClinic) -> None:
    small_clinic.set_column("clients", "availability", *SLOTS)
    printed = small_clinic.run("check").output
    assert "no waiting client has a candidate" in printed
    assert "slot 6" in printed
    assert "attune relax" in printed
    assert small_clinic.list_offers() == {}
    target = small_clinic.folder.parent / "lists.csv"
    written = small_clinic.run("rank", "--waiting", "--out", target)
    assert written.exit_code == 0
    assert re.search(r"\b(6|all)\b[^.]* candidate", written.output), written.output
    assert f"attune relax {format_word(small_clinic.folder)}" in written.output


def test_some_clients_without_a_candidate_are_counted_by_rule(small_clinic: SmallClinic) -> None:
    small_clinic.set_cell("clients", "c05", "availability", "sun-pm").set_cell("clients", "c02", "languages", "german")
    texts = [str(fault) for fault in small_clinic.open().check().result]
    [counted] = [text for text in texts if "candidate" in text]
    assert "2 of 6" in counted
    assert "language 1, slot 1" in counted
    assert small_clinic.run("check").exit_code == 0  # a warning


def test_a_code_that_no_therapist_has_and_one_is_close_to_is_asked_about(small_clinic: SmallClinic) -> None:
    cells = {
        "payer": {"pubilc": "public", "selfpay": "self pay", "Plan-A": "plan a"},
        "languages": {"englisch": "english", "Spanish!": "spanish"},
        "region": {"nort": "north"},
        "formats": {"in-person": "in person", "vidio": "video"},
        "availability": {"Mon AM": "mon-am", "mon_am": "mon-am", "tues-pm": "tue-pm"},
    }
    for column, meant in cells.items():
        for client, cell in zip(("c01", "c03", "c04"), meant, strict=False):
            small_clinic.set_cell("clients", client, column, cell)
    for column, meant in cells.items():
        faults = small_clinic.find_faults("clients", column)
        assert {fault.kind for fault in faults} == {"warning"}
        assert {row for fault in faults for row in fault.rows} == set((2, 4, 5)[: len(meant)])
        text = "".join(map(str, faults))
        assert [code for code in meant.values() if f"`{code}`" not in text] == []


def test_a_code_that_no_therapist_has_is_named_with_its_rows(small_clinic: SmallClinic) -> None:
    codes = {"payer": "medicare", "languages": "tamil", "formats": "group"}
    for column, code in codes.items():
        small_clinic.set_cell("clients", "c03", column, code).set_cell("clients", "c04", column, code)
    for column, code in codes.items():
        fault = small_clinic.find_fault("clients", column)
        assert (fault.kind, fault.rows) == ("warning", (4, 5))
        assert f"`{code}`" in str(fault)
        assert "did you mean" not in str(fault).casefold()


def test_a_problem_of_a_therapist_that_is_close_to_one_of_the_clients_is_asked_about(
    small_clinic: SmallClinic,
) -> None:
    small_clinic.set_column("therapists", "problems_not_taken", "anxeity", "", "traumas", "")
    small_clinic.set_cell("therapists", "t4", "specialties", "depresion|grief")
    [limit] = small_clinic.find_faults("therapists", "problems_not_taken")
    assert (limit.stops, limit.rows) == (False, (2, 4))
    assert "`anxiety`" in str(limit)
    assert "`trauma`" in str(limit)
    [specialty] = small_clinic.find_faults("therapists", "specialties")
    assert (specialty.kind, specialty.rows) == ("warning", (5,))
    assert "`depression`" in str(specialty)


def test_a_specialty_that_no_client_needs_is_no_fault(small_clinic: SmallClinic) -> None:
    small_clinic.set_cell("therapists", "t1", "specialties", "anxiety|eating disorders|couples")
    small_clinic.set_cell("clients", "c03", "presenting_problems", "burnout")
    assert small_clinic.list_faults() == []
    assert small_clinic.list_offers() == OFFERS


def test_a_limit_that_concerns_no_client_is_named(small_clinic: SmallClinic) -> None:
    small_clinic.set_column("therapists", "problems_not_taken", "psychosis|couples", "", "trauma|couples", "")
    fault = small_clinic.find_fault("therapists", "problems_not_taken")
    assert (fault.kind, fault.rows) == ("warning", (2,))
    assert "`psychosis`" in str(fault)
    assert "`couples`" not in str(fault)  # two therapists write it
    assert small_clinic.list_offers() == OFFERS


def test_a_header_close_to_a_column_that_is_absent_is_asked_about(small_clinic: SmallClinic) -> None:
    headers = {
        "therapists": {"payers": "payer", "open_slots": "open slots", "licensed_regions": "licensed_region"},
        "clients": {"presenting_problems": "presenting_problem", "availability": "availabilty"},
    }
    for table, names in headers.items():
        for column, header in names.items():
            small_clinic.rename_column(table, column, header)
    for table, names in headers.items():
        asked = {(fault.column, column) for fault in small_clinic.find_faults(table)
                 for column in names if f"`{column}`" in str(fault) and fault.kind == "warning"}  # fmt: skip
        assert asked >= {(header, column) for column, header in names.items()}


def test_a_header_in_another_case_is_the_column(small_clinic: SmallClinic) -> None:
    for column, header in {"availability": "AVAILABILITY", "payer": " Payer ", "formats": "for\u00admats"}.items():
        small_clinic.rename_column("clients", column, header)
    assert small_clinic.list_offers() == OFFERS
    assert [fault for fault in small_clinic.list_faults() if fault.kind != "warning"] == []


def test_ids_that_a_spreadsheet_program_would_compute_are_named(small_clinic: SmallClinic) -> None:
    text = small_clinic.get_text("clients")
    ids = ["=1+1", "+49 12", "-c01", "@c01"]
    for old, new in zip(("c01", "c02", "c03", "c04"), ids, strict=True):
        text = text.replace(f"{old},", f"{new},")
    fault = small_clinic.put("clients.csv", text).find_fault("clients", "client_id")
    assert (fault.kind, fault.rows) == ("warning", (2, 3, 4, 5))
    offers = small_clinic.list_offers()
    assert [offers[client] for client in ids] == list(OFFERS.values())[:4]


def test_a_waiting_list_on_which_no_client_is_is_told(small_clinic: SmallClinic) -> None:
    small_clinic.set_column("clients", "status", *["open"] * 6)
    small_clinic.add_toml('[waiting]\nwhere = { column = "status", is = "waiting" }')
    [fault] = [fault for fault in small_clinic.list_faults() if fault.column.startswith("waiting")]
    assert (fault.table, fault.stops) == ("clinic.toml", False)


def test_outcomes_without_score_and_without_items_are_told(small_clinic: SmallClinic) -> None:
    small_clinic.put_rows("outcomes", "client_id,therapist_id,session,measured_on,instrument,wai_total",
                          "c03,t1,3,2026-05-25,WAI-SR,2.0")  # fmt: skip
    [fault] = [fault for fault in small_clinic.find_faults("outcomes") if "score" in str(fault)]
    assert not fault.stops
    assert small_clinic.compute_alliance() == {}


def test_a_ranking_without_any_candidate_points_to_relax(small_clinic: SmallClinic) -> None:
    small_clinic.set_column("clients", "availability", *SLOTS)
    for arguments in (("--client", "c05"), ("--waiting",)):
        done = small_clinic.run("rank", *arguments)
        assert done.exit_code == 0
        assert f"attune relax {format_word(small_clinic.folder)} --client c0" in done.output


def test_json_holds_what_check_prints(small_clinic: SmallClinic) -> None:
    small_clinic.set_cell("clients", "c04", "payer", "pubilc").set_cell("therapists", "t1", "open_slots", "full")
    content = small_clinic.open().check().to_dict()
    by_place = {(fault["table"], fault["column"]): fault for fault in content["faults"]}
    assert by_place["clients", "payer"]["rows"] == [5]
    assert by_place["therapists", "open_slots"]["sets_aside"] == ["t1"]


def test_limits_in_other_codes_than_the_problems_of_clients_are_named(small_clinic: SmallClinic) -> None:
    small_clinic.set_column("therapists", "problems_not_taken", "1", "2|3", "", "4")
    fault = small_clinic.find_fault("therapists", "problems_not_taken")
    assert fault.kind == "warning"
    assert "`1`" in str(fault)
    assert "`anxiety`" in str(fault)
    assert small_clinic.list_offers() == OFFERS


def test_specialties_in_other_codes_than_the_problems_of_clients_are_named(small_clinic: SmallClinic) -> None:
    small_clinic.set_column("clients", "presenting_problems", "F41|F32", "F43", "Z63", "F32", "F41", "F41|F43")
    fault = small_clinic.find_fault("therapists", "specialties")
    assert fault.kind == "warning"
    assert "`f41`" in str(fault)
    assert "`anxiety`" in str(fault)


def test_limits_in_the_codes_of_specialties_are_no_other_codes(small_clinic: SmallClinic) -> None:
    limits = "psychosis|couples|sleep"
    small_clinic.set_column("therapists", "problems_not_taken", limits, "", limits, "")
    small_clinic.set_cell("therapists", "t2", "specialties", "trauma|anxiety|couples")
    assert small_clinic.list_faults() == []
