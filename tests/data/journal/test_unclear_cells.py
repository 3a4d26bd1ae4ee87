"""A restriction of the journal that meets a cell which it does not match exactly: it does not fail open."""

from __future__ import annotations

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.tables import Tables, UnreadableCell
from attune_fit.data.journal.applying.apply_events import apply_events
from tests.data.conftest import ClinicFolder
from tests.data.journal.event_recorder import EventRecorder, Step, step
from tests.fault_descriptions import describe_faults, raises_faults

NEVER = step("wish_set", "ann", attribute="gender", value="woman", strength="never")
LIMIT = step("roster_checked", None, "tom", openings=2, cells={"problems_not_taken": "trauma"})
PROBLEM = step("client_changed", "ann", cells={"presenting_problems": "complex trauma"})
CLIENTS = "client_id,gender,presenting_problems\nann,woman,grief\nben,man,{}\ncat,woman,grief|{}\n"
THERAPISTS = (
    "therapist_id,gender,problems_not_taken,open_slots,updated_on\ntom,{},{},2,2026-06-01\nuna,woman,grief,1,\n"
)


def build_clinic(folder: ClinicFolder, client: str = "trauma", gender: str = "man", limit: str = "") -> ClinicFolder:
    """Change a clinic folder: a problem of ben and cat, the gender of tom and what tom does not treat."""
    folder.put("preferences.csv", "client_id,attribute,value,strength\nben,age,30-50,prefer\n")
    folder.put("clients.csv", CLIENTS.format(client, client))
    return folder.put("therapists.csv", THERAPISTS.format(gender, limit))


def apply_to_new(folder: ClinicFolder, one: Step, **new: str) -> Tables:
    """Record an event on a clear export, put another one in its place, and return its tables with the event."""
    recorder = EventRecorder.open(build_clinic(folder))
    recorder.record(one._replace(new_codes=True))
    build_clinic(folder, **new)
    assert not any("since-journal" in fault.id for fault in folder.read().warnings)
    return apply_events(Clinic.open(folder.folder), folder.read(), recorder.events).tables


def list_new_faults(tables: Tables) -> list[str]:
    return describe_faults([fault for fault in tables.warnings if "since-journal" in fault.id])


def test_a_cell_that_holds_the_code_of_a_new_wish_is_not_passed(clinic_folder: ClinicFolder) -> None:
    tables = apply_to_new(clinic_folder, NEVER, gender="woman/nonbinary")
    assert UnreadableCell("therapists", "gender", "tom", "missing") in tables.unreadable
    assert list_new_faults(tables) == ["therapists, gender: wished-code-since-journal"]


@pytest.mark.parametrize("gender", ["man", "woman"])
def test_a_clear_cell_stays_clear(clinic_folder: ClinicFolder, gender: str) -> None:
    tables = apply_to_new(clinic_folder, NEVER, gender=gender)
    assert (tables.unreadable, list_new_faults(tables)) == (frozenset(), [])


def test_a_soft_wish_makes_nothing_unclear(clinic_folder: ClinicFolder) -> None:
    soft = step("wish_set", "ann", attribute="gender", value="woman", strength="avoid")
    assert not apply_to_new(clinic_folder, soft, gender="woman/nonbinary").unreadable


def test_a_limit_of_the_journal_masks_problems_that_hold_its_code(clinic_folder: ClinicFolder) -> None:
    tables = apply_to_new(clinic_folder, LIMIT, client="complex trauma")
    problems = dict(zip(tables.clients["client_id"], tables.clients["presenting_problems"].isna(), strict=True))
    assert problems == {"ann": False, "ben": True, "cat": True}
    column = "presenting_problems"
    assert tables.unreadable == {UnreadableCell("clients", column, one, "limited") for one in ("ben", "cat")}
    assert list_new_faults(tables) == [
        f"clients, {column}: inexact-code-since-journal (problems_not_taken, therapists)"
    ]


def test_a_problem_of_the_journal_sets_a_therapist_aside_whose_limit_holds_it(clinic_folder: ClinicFolder) -> None:
    problem = step("client_changed", "ann", cells={"presenting_problems": "trauma"})
    tables = apply_to_new(clinic_folder, problem, client="anxiety", limit="complex trauma")
    assert tables.list_set_aside("therapists") == {"tom"}
    (fault,) = (fault for fault in tables.warnings if "since-journal" in fault.id)
    assert (fault.kind, fault.sets_aside) == ("set aside", ("tom",))


@pytest.mark.parametrize(
    "toml",
    [
        '[tables.clients.columns.presenting_problems]\nfrom = "presenting_problems"\n'
        'codes = { "complex trauma" = "complex trauma", grief = "grief", trauma = "trauma" }\n',
        "[tables.clients]\nliteral = true\n",
    ],
)
def test_a_declared_code_is_a_code(clinic_folder: ClinicFolder, toml: str) -> None:
    clinic_folder.add(toml)
    assert not apply_to_new(clinic_folder, LIMIT, client="complex trauma").unreadable


def test_a_rule_that_is_off_restricts_nothing(clinic_folder: ClinicFolder) -> None:
    clinic_folder.add("[rules]\nproblems_not_taken = { on = false }\n")
    tables = apply_to_new(clinic_folder, LIMIT, client="complex trauma")
    assert {cell.treatment for cell in tables.unreadable} == {"missing"}


@pytest.mark.parametrize(("gender", "aside"), [("femme", {"ann"}), ("woman", set())])
def test_a_never_wish_whose_code_no_therapist_has_any_more_sets_its_client_aside(
    clinic_folder: ClinicFolder, gender: str, aside: set[str]
) -> None:
    """The new export spells the code in another way: the wish would rule out no therapist."""
    recorder = EventRecorder.open(build_clinic(clinic_folder, gender="woman"))
    recorder.record(NEVER)
    clinic_folder.put("therapists.csv", THERAPISTS.format(gender, "").replace("una,woman", f"una,{gender}"))
    clinic_folder.change("clients.csv", "ann,woman", "ann,man")
    tables = apply_events(Clinic.open(clinic_folder.folder), clinic_folder.read(), recorder.events).tables
    assert tables.list_set_aside("clients") == aside


@pytest.mark.parametrize("one", [LIMIT, step("conflict_set", "cat", "tom", reason="related")])
def test_a_respelled_id_is_an_error(clinic_folder: ClinicFolder, one: Step) -> None:
    """A conflict of `tom` would no longer hold for `TOM`; without such an id the therapist has left."""
    recorder = EventRecorder.open(build_clinic(clinic_folder))
    recorder.record(one._replace(new_codes=True))
    clinic_folder.change("therapists.csv", "tom,", "TOM,").change("outcomes.csv", "tom", "TOM")
    tables, clinic = clinic_folder.read(), Clinic.open(clinic_folder.folder)
    with raises_faults(
        "journal, therapist_id: respelled-id-since-journal (therapists, Did you mean `TOM` for `tom`?, therapist)"
    ):
        apply_events(clinic, tables, recorder.events)
    clinic_folder.change("therapists.csv", "TOM,", "zoe,").change("outcomes.csv", "TOM", "zoe")
    assert apply_events(clinic, clinic_folder.read(), recorder.events).settled
