"""Columns with one code each: marks, names of slots, and marks that cannot be read."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.data.clinic.mapping_config import ColumnMapping, TableMapping
from attune_fit.data.fault_collector import FaultCollector
from attune_fit.data.reading.columns.column_reader import read_column
from attune_fit.data.reading.columns.source_file import SourceFile
from attune_fit.data.yes_no_marks import NO, SLOT_MARKS, YES, YES_NO_MARKS
from tests.data.conftest import ClinicFolder

SLOTS = 'availability = { slots = "free *" }'
MARKS = {**YES_NO_MARKS, **SLOT_MARKS}


def slots(clinic_folder: ClinicFolder, rows: str, mapping: str = SLOTS) -> dict[str, str | None]:
    """Return the availability of each client."""
    clinic_folder.put("clients.csv", f"client_id,free mon-am,Free tue-pm\n{rows}").drop("preferences.csv")
    clinic_folder.drop("outcomes.csv").add(f"[tables.clients.columns]\n{mapping}\n")
    cells = clinic_folder.read().clients.set_index("client_id")["availability"]
    return {str(name): None if pd.isna(cell) else str(cell) for name, cell in cells.items()}


def test_unchecked_boxes_are_no_slots(clinic_folder: ClinicFolder) -> None:
    rows = "ann,Checked,Unchecked\nben,TRUE,1.0\ncat,0,\u2611\n"
    assert slots(clinic_folder, rows) == {"ann": "mon-am", "ben": "mon-am|tue-pm", "cat": "tue-pm"}


def test_the_name_of_its_own_slot_is_a_yes(clinic_folder: ClinicFolder) -> None:
    rows = "ann,Mon-AM,\nben,free mon-am,FREE  TUE-PM\ncat,,yes\n"
    assert slots(clinic_folder, rows) == {"ann": "mon-am", "ben": "mon-am|tue-pm", "cat": "tue-pm"}


def test_a_mark_that_cannot_be_read_is_no_slot_and_is_reported(clinic_folder: ClinicFolder) -> None:
    rows = "ann,x,tue-am\nben,sure,\ncat,x,x\n"
    assert slots(clinic_folder, rows) == {"ann": "mon-am", "ben": None, "cat": "mon-am|tue-pm"}
    faults = [(fault.id, fault.rows, fault.sets_aside) for fault in clinic_folder.read().warnings]
    assert sorted(faults) == [("mark-not-readable", (2,), ()), ("mark-not-readable", (3,), ("ben",))]


def test_a_slot_that_two_patterns_name_is_an_error(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("therapists.csv", "therapist_id,no trauma,not trauma\ntom,x,\nuna,,x\n")
    clinic_folder.drop("preferences.csv").drop("outcomes.csv")
    clinic_folder.add('[tables.therapists.columns]\nproblems_not_taken = { slots = ["no *", "not *"] }\n')
    (fault,) = [one for one in clinic_folder.list_faults() if one.stops]
    assert fault.id == "slot-named-twice"
    assert "`no trauma` and `not trauma`" in fault.says


def test_two_patterns_can_name_one_header(clinic_folder: ClinicFolder) -> None:
    mapping = 'availability = { slots = ["free *", "free *"] }'
    assert slots(clinic_folder, "ann,x,x\n", mapping) == {"ann": "mon-am|tue-pm"}


def test_a_clinic_adds_its_own_marks(clinic_folder: ClinicFolder) -> None:
    mapping = 'availability = { slots = "free *", marks = { Sure = "yes", Never = "no" } }'
    rows = "ann,SURE,never\nben,yes,sure\ncat,never,x\n"
    assert slots(clinic_folder, rows, mapping) == {"ann": "mon-am", "ben": "mon-am|tue-pm", "cat": "tue-pm"}
    assert not clinic_folder.read().warnings


def test_a_word_for_missing_is_an_empty_mark_with_a_warning(clinic_folder: ClinicFolder) -> None:
    assert slots(clinic_folder, "ann,n/a,x\nben,x,no\ncat,x,x\n")["ann"] == "tue-pm"
    assert [(fault.id, fault.rows) for fault in clinic_folder.read().warnings] == [("missing-word-as-mark", (2,))]


def test_a_word_for_missing_is_no_absence_of_a_limit(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("therapists.csv", "therapist_id,not grief,not trauma\ntom,n/a,yes\nuna,,yes\n")
    clinic_folder.drop("preferences.csv").drop("outcomes.csv")
    clinic_folder.add('[tables.therapists.columns]\nproblems_not_taken = { slots = "not *" }\n')
    (fault,) = clinic_folder.read().warnings
    assert (fault.id, fault.sets_aside) == ("mark-not-readable", ("tom",))


@pytest.mark.parametrize(
    ("mapping", "problems"),
    [
        ('{ slots = "problem___*", codes = { 1 = "anxiety", 2 = "trauma" } }', ["anxiety", "trauma"]),
        ('{ slots = "problem___*", codes = { 1 = "anxiety" }, other = "keep" }', ["anxiety", "2"]),
        ('{ slots = ["problem___1", "problem___2"], codes = { problem___1 = ["a", "b"], problem___2 = "c" } }',
         ["a|b", "c"]),
    ],
)  # fmt: skip
def test_codes_translate_the_names_of_slots(clinic_folder: ClinicFolder, mapping: str, problems: list[str]) -> None:
    clinic_folder.put("clients.csv", "client_id,problem___1,problem___2\nann,1,0\nben,0,1\n").drop("preferences.csv")
    clinic_folder.drop("outcomes.csv").add(f"[tables.clients.columns]\npresenting_problems = {mapping}\n")
    tables = clinic_folder.read()
    assert tables.clients.set_index("client_id")["presenting_problems"][["ann", "ben"]].tolist() == problems
    assert not tables.warnings


def test_a_zero_is_a_no_in_the_slot_of_that_name_too(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("clients.csv", "client_id,problem___0,problem___1\nann,0,1\nben,1,0\n").drop("preferences.csv")
    mapping = 'presenting_problems = { slots = "problem___*" }'
    clinic_folder.drop("outcomes.csv").add(f"[tables.clients.columns]\n{mapping}\n")
    clients = clinic_folder.read().clients.set_index("client_id")
    assert clients["presenting_problems"].to_dict() == {"ann": "1", "ben": "0"}


def test_a_slot_that_codes_do_not_list_cannot_be_read(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("clients.csv", "client_id,problem___1,problem___2\nann,1,0\nben,1,1\ncat,1,0\n")
    mapping = 'presenting_problems = { slots = "problem___*", codes = { 1 = "anxiety" } }'
    clinic_folder.add(f"[tables.clients.columns]\n{mapping}\n").drop("preferences.csv").drop("outcomes.csv")
    tables = clinic_folder.read()
    assert set(tables.clients["presenting_problems"]) == {"anxiety"}
    assert [(fault.id, fault.rows) for fault in tables.warnings] == [("partly-read-cell", (3,))]


@settings(max_examples=60, deadline=None)
@given(
    cells=st.lists(
        st.tuples(*[st.sampled_from([*MARKS, "", "sure", "tue", "mon "]) | st.text(max_size=5)] * 2), min_size=1
    )
)
def test_a_slot_is_possible_only_with_a_mark_of_the_table(cells: list[tuple[str, str]]) -> None:
    raw = pd.DataFrame(cells, columns=["mon", "tue"], index=range(2, 2 + len(cells)), dtype="str")
    source = SourceFile("clients", raw.mask(raw == ""), TableMapping(), Path(), FaultCollector("clients"))
    read = read_column(source, "availability", "set", ColumnMapping(slots=["mon", "tue"]), {})
    assert read is not None
    for marks, cell in zip(cells, read, strict=True):
        possible = [] if pd.isna(cell) else str(cell).split("|")
        for slot, mark in zip(("mon", "tue"), marks, strict=True):
            word = " ".join(mark.split()).casefold()
            if word in MARKS or word == slot:
                assert (slot in possible) == (MARKS.get(word, YES) == YES)
            elif mark in ("", "sure", "tue"):
                assert slot not in possible
    assert NO not in set(read.dropna())
