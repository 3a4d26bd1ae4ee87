"""Tables that Attune writes restrict as the office's own files do, and programs read who is set aside."""

import json

from attune_fit.workspace import Workspace
from tests.office_files.small_clinic import SmallClinic

WISHES = ("client_id,attribute,value,strength", "c02,gender,man,prefer", "c05,gender,woman,Must!")
RATINGS = (
    "client_id,therapist_id,session,measured_on,instrument,rater,score",
    "c06,t2,third,2026-05-24,WAI-SR,client,5",
    "c06,t2,3,2026-05-25,WAI-SR,client,3",
    "c06,t2,2,2026-05-26,WAI-SR,T,5",
)


def test_converted_tables_restrict_as_the_files_did(small_clinic: SmallClinic) -> None:
    small_clinic.set_cell("therapists", "t1", "problems_not_taken", "Anxiety; eating")
    small_clinic.set_cell("therapists", "t3", "open_slots", "full").set_cell(
        "clients", "c04", "languages", "english; x"
    )
    small_clinic.put_rows("preferences", *WISHES).put_rows("outcomes", *RATINGS)
    aside = {one for fault in small_clinic.list_faults() for one in fault.sets_aside}
    assert aside == {"t1", "t3", "c04", "c05"}
    target = small_clinic.folder.parent / "converted"
    assert small_clinic.run("convert", "--out", target).exit_code == 0
    converted = Workspace(target)
    assert {one for fault in converted.tables.warnings for one in fault.sets_aside} == aside
    assert converted.tables.digest() == small_clinic.open().tables.digest()
    assert small_clinic.compute_alliance() == {("c06", "t2"): 3.0}
    small_clinic.folder = target
    assert small_clinic.list_offers() == {client: {"t2", "t4"} for client in ("c01", "c03", "c06")} | {
        "c02": {"t2", "t4"}
    }


def test_programs_read_who_is_set_aside(small_clinic: SmallClinic) -> None:
    small_clinic.set_cell("therapists", "t1", "open_slots", "full").put_rows("preferences", *WISHES)
    checked = small_clinic.run("check", "--json")
    assert checked.exit_code == 1
    by_table = {fault["table"]: fault["sets_aside"] for fault in json.loads(checked.stdout)["faults"]}
    assert by_table == {"therapists": ["t1"], "preferences": ["c05"]}
    alone = small_clinic.run("rank", "--client", "c05", "--json")
    assert alone.exit_code == 1
    assert json.loads(alone.stdout)["faults"][0]["sets_aside"] == ["c05"]
    several = small_clinic.run("rank", "--waiting", "--json")
    assert several.exit_code == 0
    ranked = {
        one["client_id"]: [two["therapist_id"] for two in one["candidates"]] for one in json.loads(several.stdout)
    }
    assert ranked.get("c05", []) == []
    assert sorted(ranked["c01"]) == ["t2", "t3", "t4"]
