"""People set aside: one cell that restricts and cannot be read stops one person, not the clinic."""

from collections.abc import Callable

import pandas as pd
import pytest

from tests.data.conftest import CLIENTS, ClinicFolder
from tests.fault_descriptions import describe_fault

Damage = Callable[[ClinicFolder], object]
WISH = '[[tables.preferences.wishes]]\ncolumn = "wish"\nattribute = "gender"\n'
ROSTER = (
    "therapist_id,gender,age,lgbtq_affirming,age_groups,problems_not_taken\ntom,man,40,no,65-,\nuna,woman,40,yes,,\n"
)

SET_ASIDE: dict[str, tuple[Damage, list[str]]] = {
    "two clients with one id": (
        lambda h: h.change("clients.csv", "cat,27", "ben,27"),
        ["clients, client_id (rows 3, 4) sets aside client ben: duplicate-id"],
    ),
    "a client twice with two wishes": (
        lambda h: h.drop("preferences.csv").put(
            "clients.csv", "client_id,wish\nann,woman (must)\nben,\nann,man (never)\n").add(WISH),
        ["clients, client_id (rows 2, 4) sets aside client ann: duplicate-id"],
    ),
    "a therapist twice, once with a limit that cannot be read": (
        lambda h: h.put("therapists.csv", "therapist_id,gender,open_slots\ntom,man,\nuna,woman,1\ntom,man,few\n"),
        ["therapists, therapist_id (rows 2, 4) sets aside therapist tom: duplicate-id"],
    ),
    "a wish about an unknown column": (
        lambda h: h.change("preferences.csv", "ann,gender,", "ann,gendre,"),
        ["preferences, attribute (row 2) sets aside client ann: wish-about-unknown-column (Did you mean `gender`? "
         "Known: `therapist_id`, `age`, `gender`, and more.)"],
    ),
    "an unknown strength": (
        lambda h: h.change("preferences.csv", "must", "should"),
        ["preferences, strength (row 2) sets aside client ann: value-not-valid (`must`, `prefer`, `avoid`, "
         "`never`)"],
    ),
    "two mistyped wishes, which are all wishes of the clinic": (
        lambda h: h.change("preferences.csv", "must", "should").change("preferences.csv", "prefer", "perhaps"),
        ["preferences, strength (rows 2, 3) sets aside clients ann, ben: value-not-valid (`must`, "
         "`prefer`, `avoid`, `never`)"],
    ),
    "a wish without a strength": (
        lambda h: h.change("preferences.csv", "30-50,prefer", "30-50,"),
        ["preferences, strength (row 3) sets aside client ben: wish-without-strength"],
    ),
    "a must without a value": (
        lambda h: h.change("preferences.csv", "woman,must", ",must"),
        ["preferences, value (row 2) sets aside client ann: incomplete-wish"],
    ),
    "a must that is not a number": (
        lambda h: h.change("preferences.csv", "30-50,prefer", "thirtyish,must"),
        ["preferences, value (row 3) sets aside client ben: wish-not-a-number (age)"],
    ),
    "a never about a date": (
        lambda h: h.change("preferences.csv", "age,30-50,prefer", "updated_on,2026-06-01,never"),
        ["preferences, value (row 3) sets aside client ben: wish-about-dates (updated_on)"],
    ),
    "a must for an unknown code": (
        lambda h: h.put("therapists.csv", ROSTER).change("preferences.csv", "gender,woman", "lgbtq_affirming,sure"),
        ["preferences, value (row 2) sets aside client ann: wish-with-unknown-code (lgbtq_affirming)"],
    ),
    "a never with an unknown code": (
        lambda h: h.change("preferences.csv", "gender,woman,must", "gender,womn,never"),
        ["preferences, value (row 2) sets aside client ann: wish-with-unknown-code (gender, Did you mean "
            "`woman`?)"],
    ),
    "a never about a therapist who is not there": (
        lambda h: h.change("preferences.csv", "gender,woman,must", "therapist_id,t-om,never"),
        ["preferences, value (row 2) sets aside client ann: wish-about-unknown-therapist (Did you mean `tom` "
            "for `t-om`?)"],
    ),
    "wishes in a column of clients": (
        lambda h: h.drop("preferences.csv").put(
            "clients.csv", "client_id,wish\nann,woman (must)\nben,woman\ncat,woman (perhaps)\n").add(WISH),
        ["preferences, wish (rows 3, 4) sets aside clients ben, cat: wish-without-strength"],
    ),
    "two wishes in one cell": (
        lambda h: h.drop("preferences.csv").put(
            "clients.csv",
            'client_id,wish\nann,"man (never), woman (prefer)"\nben,man (no way); woman (avoid)\n'
            "cat,sign (bsl) (prefer)\n",
        ).add(WISH),
        ["preferences, wish (rows 2, 3) sets aside clients ann, ben: wish-without-strength"],
    ),
    "a never with a code that only clients have": (
        lambda h: h.put("clients.csv", CLIENTS.replace("woman", "female")).change(
            "preferences.csv", "gender,woman,must", "gender,female,never"),
        ["preferences, value (row 2) sets aside client ann: wish-with-unknown-code (gender)"],
    ),
    "a never about a negative age": (
        lambda h: h.change("preferences.csv", "30-50,prefer", "-40,never"),
        ["preferences, value (row 3) sets aside client ben: wish-not-a-number (age)"],
    ),
    "age groups in words": (
        lambda h: h.put("therapists.csv", ROSTER.replace("65-", "adults")),
        ["therapists, age_groups (row 2) sets aside therapist tom: range-not-readable"],
    ),
    "an opening in words": (
        lambda h: h.change("therapists.csv", ",2,", ",some,"),
        ["therapists, open_slots (row 2) sets aside therapist tom: number-not-readable"],
    ),
    "a date of the roster": (
        lambda h: h.change("therapists.csv", "0,2026-06-01", "0,last week"),
        ["therapists, updated_on (row 3) sets aside therapist una: date-not-readable (therapists)"],
    ),
    "a payer that is not listed": (
        lambda h: h.put("clients.csv", CLIENTS.replace("lgbtq", "payer")).add(
            '[tables.clients.columns]\npayer = { from = "payer", codes = { no = "public" } }\n'),
        ["clients, payer (row 4) sets aside client cat: unlisted-code (`no`)"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SET_ASIDE)
def test_one_cell_sets_one_person_aside(clinic_folder: ClinicFolder, name: str) -> None:
    damage, expected = SET_ASIDE[name]
    damage(clinic_folder)
    faults = clinic_folder.list_faults()
    assert [describe_fault(fault) for fault in faults if fault.kind != "warning"] == expected
    tables, people = clinic_folder.read(), {(one.side, person) for one in faults for person in one.sets_aside}
    assert {(cell.table, cell.id) for cell in tables.unreadable if cell.treatment == "aside"} == people
    for side in ("clients", "therapists"):  # the tables keep every person
        assert {person for table, person in people if table == side} <= set(getattr(tables, side)[f"{side[:-1]}_id"])


def test_a_rule_that_is_off_restricts_no_pair(clinic_folder: ClinicFolder) -> None:
    clinic_folder.change("therapists.csv", ",2,", ",some,").add("[rules.open_slots]\non = false\n")
    assert not [fault for fault in clinic_folder.list_faults() if fault.sets_aside]
    assert {cell.treatment for cell in clinic_folder.read().unreadable} == {"missing"}


def test_a_wish_with_the_strength_prefer_restricts_no_pair(clinic_folder: ClinicFolder) -> None:
    clinic_folder.change("preferences.csv", "30-50", "n/a")
    assert not [fault for fault in clinic_folder.list_faults() if fault.sets_aside]
    assert clinic_folder.read().preferences["client_id"].tolist() == ["ann"]


def test_a_column_of_wishes_can_have_one_strength(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("clients.csv", "client_id,wish\nann,woman\nben,man (must)\ncat,\n").drop("preferences.csv")
    clinic_folder.add(WISH + 'strength = "prefer"\n')
    wishes = clinic_folder.read().preferences
    assert dict(zip(wishes["value"], wishes["strength"], strict=True)) == {"woman": "prefer", "man": "must"}


@pytest.mark.parametrize("cell", ["No preference", "n/a", "none", "whatever", "any"])
def test_a_cell_that_says_so_is_no_wish(clinic_folder: ClinicFolder, cell: str) -> None:
    clinic_folder.put("clients.csv", f"client_id,wish\nann,woman (must)\nben,{cell}\ncat,\n").drop("preferences.csv")
    clinic_folder.add(WISH + 'missing = ["whatever"]\n')
    assert not [fault for fault in clinic_folder.list_faults() if fault.sets_aside]
    assert clinic_folder.read().preferences["client_id"].tolist() == ["ann"]


def test_a_message_names_no_code_of_a_column_of_texts(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("therapists.csv", "therapist_id,age,gender,bio\ntom,44,man,had a long illness\nuna,38,woman,\n")
    clinic_folder.change("preferences.csv", "gender,woman,must", "bio,had a long ilness,never")
    assert [fault.id for fault in clinic_folder.list_faults() if fault.sets_aside] == ["wish-with-unknown-code"]
    assert "illness" not in "".join(clinic_folder.format_faults())


def test_a_row_without_any_wish_is_none(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("preferences.csv", "client_id,attribute,value,strength\nann,gender,,\nben,age,30-50,prefer\n")
    assert not clinic_folder.list_faults()
    assert clinic_folder.read().preferences["client_id"].tolist() == ["ben"]


@pytest.mark.parametrize("column", ["rater", "session"])
def test_a_rating_that_could_be_another_ones_is_not_used_and_the_visit_stays(
    clinic_folder: ClinicFolder, column: str
) -> None:
    clinic_folder.change("outcomes.csv", "2026-05-20,WAI-SR,client", "2026-05-20,WAI-SR,T")
    clinic_folder.change("outcomes.csv", "ann,tom,3", "ann,tom,third") if column == "session" else None
    tables = clinic_folder.read()
    of_ann = tables.outcomes[tables.outcomes["client_id"] == "ann"]
    assert len(of_ann) == 1
    assert of_ann["score"].isna().all()
    assert "ann" in tables.met_client_ids


def test_the_digest_of_tables_counts_who_is_set_aside(clinic_folder: ClinicFolder) -> None:
    clinic_folder.change("therapists.csv", ",2,", ",,")
    before = clinic_folder.read()
    clinic_folder.change("therapists.csv", "english|spanish,,", "english|spanish,some,")
    after = clinic_folder.read()
    pd.testing.assert_frame_equal(before.therapists, after.therapists)
    assert before.digest() != after.digest()
