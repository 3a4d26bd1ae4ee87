"""Events, repeating forms and forms never opened: which rows of REDCap make a table, and what stays unknown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.data.reading.presets.preset_folders import ExportFolder

HEADERS = (
    '"Variable / Field Name","Form Name","Field Type","Field Label","Choices, Calculations, OR Slider Labels",'
    '"Text Validation Type OR Show Slider Number",Identifier?\n'
)
DICTIONARY = HEADERS + (
    "id,intake,text,Id,,,\n"
    'pays,intake,radio,Who pays,"1, Self | 2, Aetna",,\n'
    "phq,intake,text,PHQ,,integer,\n"
    "seen_by,intake,text,Therapist,,,\n"
    "wai,alliance,text,WAI-SR,,number,\n"
    "day,alliance,text,Day,,date_mdy,\n"
    'feels,alliance,radio,Feels,"1, Low | 2, High",,\n'
)
TWO_EVENTS = (
    "id,redcap_event_name,pays,phq,seen_by,intake_complete,wai,day,feels,alliance_complete\n"
    "c1,session_1_arm_1,1,12,tom,2,3.5,2026-05-01,1,2\n"
    "c1,session_4_arm_1,2,9,,2,4.5,2026-05-22,2,2\n"
    "c2,session_1_arm_1,2,7,tom,2,,,,0\n"
    "c2,session_4_arm_1,,,,0,4.0,2026-05-23,2,1\n"
)
REPEATS = (
    "id,redcap_repeat_instrument,redcap_repeat_instance,pays,phq,seen_by,intake_complete,wai,day,feels,"
    "alliance_complete\n"
    "c1,,,1,12,tom,2,,,,\n"
    "c1,alliance,1,,,,,3.5,2026-05-01,1,2\n"
    "c1,alliance,2,,,,,4.5,2026-05-22,2,2\n"
    "c2,,,2,7,tom,2,,,,\n"
)
CLIENTS = (
    '[tables.clients]\nsource = "redcap"\nfile = "data.csv"\n{}[tables.clients.columns]\npayer = "pays"\nphq9 = "phq"\n'
)
OUTCOMES = (
    '[tables.outcomes]\nsource = "redcap"\nfile = "data.csv"\ninstrument = "WAI-SR"\n{}[tables.outcomes.columns]\n'
    'therapist_id = "seen_by"\nscore = "wai"\nmeasured_on = "day"\n'
)


def open_folder(tmp_path: Path, data: str, clients: str = "", outcomes: str | None = None) -> ExportFolder:
    toml = CLIENTS.format(clients) + ("" if outcomes is None else OUTCOMES.format(outcomes))
    return ExportFolder(tmp_path / "clinic", toml).put("data.csv", data).put("d.csv", DICTIONARY)


def list_visits(folder: ExportFolder) -> list[tuple[str, object, object]]:
    rows = folder.read("outcomes").reset_index()
    return sorted(zip(rows["client_id"], rows["session"], rows["score"], strict=True))


def test_values_that_differ_between_events_are_reported_and_a_limit_is_not_chosen(tmp_path: Path) -> None:
    folder = open_folder(tmp_path, TWO_EVENTS)
    faults = {fault.column: fault for fault in folder.list_faults() if fault.id == "redcap-values-differ"}
    assert sorted(faults) == ["pays", "phq"]
    assert "c1" in faults["pays"].says
    assert faults["pays"].rows == (2,)
    assert folder.read_column("phq9") == {"c1": 12, "c2": 7}  # a measure: the first one
    assert folder.read_column("payer") == {"c2": "aetna"}
    (aside,) = [fault for fault in folder.list_faults() if fault.sets_aside]
    assert (aside.column, aside.sets_aside) == ("pays", ("c1",))
    assert [fault.id for fault in folder.list_faults() if not fault.column] == ["redcap-fields-differ"]


@pytest.mark.parametrize("column", ["feels", "mood"])
def test_a_field_of_the_waiting_condition_that_differs_between_events_is_named(column: str, tmp_path: Path) -> None:
    """The records whose field differs are set aside, as where a cell of this column cannot be read."""
    folder = open_folder(tmp_path, TWO_EVENTS)
    folder.add('mood = "feels"\n' if column == "mood" else "")
    folder.add(f'[waiting]\nwhere = {{ column = "{column}", is = "High" }}\n')
    faults = {fault.id: fault for fault in folder.list_faults() if fault.column == "feels"}
    assert not any(fault.stops for fault in folder.list_faults())
    assert faults["redcap-values-differ"].rows == (2,)
    assert faults["redcap-values-differ"].says.endswith(": c1")
    assert faults["redcap-values-differ"].fix.endswith("Name the event that counts: `event` under [tables.clients].")
    assert faults["cell-written-as-unreadable"].sets_aside == ("c1",)
    assert folder.read_column(column) == {"c2": "high"}


@pytest.mark.parametrize("event", ['"session_4_arm_1"', '["Session 4"]'])
def test_the_clinic_chooses_the_event(event: str, tmp_path: Path) -> None:
    folder = open_folder(tmp_path, TWO_EVENTS, f"event = {event}\n")
    folder.put("event.csv", "event_name,arm_num,unique_event_name\nSession 1,1,session_1_arm_1\n"
                            "Session 4,1,session_4_arm_1\n")  # fmt: skip
    assert folder.read_column("payer") == {"c1": "aetna"}
    assert folder.read_column("phq9") == {"c1": 9}
    assert folder.read().index.to_list() == ["c1", "c2"]


def test_an_export_of_labels_names_events_with_their_arm(tmp_path: Path) -> None:
    data = TWO_EVENTS.replace("session_4_arm_1", "Session 4 (Arm 1: Drug)").replace("session_1_arm_1", "Session 1")
    folder = open_folder(tmp_path, data, 'event = "session_4_arm_1"\n')
    folder.put("event.csv", "event_name,arm_num,unique_event_name\nSession 4,1,session_4_arm_1\n")
    assert folder.read_column("phq9") == {"c1": 9}


def test_events_are_rows_of_outcomes_with_the_numbers_in_their_names(tmp_path: Path) -> None:
    folder = open_folder(tmp_path, TWO_EVENTS, 'event = "session_1_arm_1"\n', 'form = "alliance"\n')
    assert list_visits(folder) == [("c1", 1, 3.5), ("c1", 4, 4.5), ("c2", 4, 4.0)]
    assert set(folder.read("outcomes")["therapist_id"]) == {"tom"}  # filled in once, on another form
    assert folder.get_reading("outcomes").filled == ("client_id", "session")


def test_a_session_that_no_name_shows_is_asked_about_and_the_order_of_the_list_counts(tmp_path: Path) -> None:
    data = TWO_EVENTS.replace("session_1_arm_1", "start_arm_1").replace("session_4_arm_1", "end_arm_1")
    folder = open_folder(tmp_path, data, 'event = "start_arm_1"\n', 'form = "alliance"\n')
    assert ("redcap-session-not-known", "session") in folder.list_ids()
    listed = open_folder(
        tmp_path, data, 'event = "start_arm_1"\n', 'form = "alliance"\nevent = ["start_arm_1", "end_arm_1"]\n'
    )
    assert list_visits(listed) == [("c1", 1, 3.5), ("c1", 2, 4.5), ("c2", 2, 4.0)]
    own = open_folder(tmp_path, data, 'event = "start_arm_1"\n', 'form = "alliance"\n').add('session = "feels"\n')
    assert list_visits(own) == [("c1", 1, 3.5), ("c1", 2, 4.5), ("c2", 2, 4.0)]  # codes of choices are numbers here


def test_repeats_are_rows_of_outcomes(tmp_path: Path) -> None:
    folder = open_folder(tmp_path, REPEATS, "", "")
    assert list_visits(folder) == [("c1", 1, 3.5), ("c1", 2, 4.5)]
    assert folder.read().index.to_list() == ["c1", "c2"]
    assert folder.read("outcomes")["therapist_id"].to_list() == ["tom", "tom"]
    labels = REPEATS.replace(",alliance,", ",How we work together,")  # the title of the form
    assert list_visits(open_folder(tmp_path, labels, "", 'form = "alliance"\n')) == list_visits(folder)


def test_several_repeating_forms_are_asked_about(tmp_path: Path) -> None:
    data = REPEATS + "c2,intake,1,,8,,2,,,,\n"
    folder = open_folder(tmp_path, data, "", "")
    assert [fault.id for fault in folder.list_faults() if fault.stops] == ["redcap-several-forms"]
    assert list_visits(open_folder(tmp_path, data, "", 'form = "alliance"\n')) == [("c1", 1, 3.5), ("c1", 2, 4.5)]


def test_a_record_with_repeats_alone_is_still_a_client(tmp_path: Path) -> None:
    data = "\n".join(line for line in REPEATS.splitlines() if not line.startswith("c1,,,")) + "\n"
    folder = open_folder(tmp_path, data)
    assert folder.read().index.to_list() == ["c1", "c2"]


@pytest.mark.parametrize(("line", "expected"), [
    ('event = "sesion_4_arm_1"\n', "redcap-event-not-found"), ('form = "aliance"\n', "redcap-form-not-found"),
])  # fmt: skip
def test_an_event_or_a_form_that_is_not_there_is_an_error_with_the_near_one(
    line: str, expected: str, tmp_path: Path
) -> None:
    (fault,) = [one for one in open_folder(tmp_path, TWO_EVENTS, line).list_faults() if one.stops]
    assert fault.id == expected
    assert "Did you mean" in fault.fix


def test_the_time_of_a_survey_is_the_day_of_the_rating(tmp_path: Path) -> None:
    data = REPEATS.replace("feels,alliance", "feels,alliance_timestamp,alliance").replace(
        ",1,2\n", ",1,2026-05-03 10:00:00,2\n"
    )
    data = data.replace("2026-05-22,2,2\n", "2026-05-22,2,[not completed],2\n").replace("tom,2,,,,\n", "tom,2,,,,,\n")
    folder = open_folder(tmp_path, data, "", "")
    text = (folder.folder / "clinic.toml").read_text().replace('measured_on = "day"\n', "")
    days = folder.put("clinic.toml", text).read("outcomes")["measured_on"].dropna()
    assert [str(day.date()) for day in days] == ["2026-05-03"]


LIMITS = HEADERS + (
    "id,who,text,Id,,,\n"
    'declines,limits,checkbox,Does not treat,"1, Psychosis | 2, Eating disorders",,\n'
    "age_groups,limits,text,Age groups,,,\n"
)
STAFF = (
    "id,who_complete,declines___1,declines___2,declines___unk,age_groups,limits_complete\n"
    "tom,2,1,0,0,18-64,2\n"
    "una,2,0,0,0,,2\n"
    "vic,2,0,0,0,,0\n"
    "wim,2,,,1,18-64,2\n"
)


def test_a_limit_on_a_form_never_opened_sets_the_therapist_aside(tmp_path: Path) -> None:
    toml = '[tables.therapists]\nsource = "redcap"\nfile = "staff.csv"\n[tables.therapists.columns]\n'
    folder = ExportFolder(tmp_path / "clinic", toml + 'problems_not_taken = "declines"\n')
    folder.put("staff.csv", STAFF).put("d.csv", LIMITS).put("clients.csv", "client_id\nann\n")
    assert folder.read_column("problems_not_taken", "therapists") == {"tom": "psychosis"}
    aside = {one for fault in folder.list_faults() for one in fault.sets_aside}
    assert aside == {"vic", "wim"}  # `una` opened the form and checked nothing: no limit
    found = {fault.column: fault.rows for fault in folder.list_faults() if fault.id == "redcap-limit-not-known"}
    assert found == {"declines": (4, 5), "age_groups": (4,)}


def test_codes_of_missing_data_are_unknown(tmp_path: Path) -> None:
    dictionary = HEADERS + (
        'id,intake,text,Id,,,\nwhy,intake,checkbox,Why,"1, Grief | 2, Anger",,\npays,intake,radio,Who,"1, Self",,\n'
        "phq,intake,text,PHQ,,integer,\n"
    )
    data = (
        "id,why___1,why___2,why___nask,why____999,pays,phq,intake_complete\n"
        "c1,1,0,0,0,1,5,2\nc2,,,1,0,NASK,NASK,2\nc3,,,0,1,-999,-999,2\n"
    )
    toml = CLIENTS.format('missing = ["-999"]\n') + 'presenting_problems = "why"\n'
    folder = ExportFolder(tmp_path / "clinic", toml).put("data.csv", data).put("d.csv", dictionary)
    assert folder.read_column("presenting_problems") == {"c1": "grief"}
    assert folder.read_column("payer") == {"c1": "self"}
    assert folder.read_column("phq9") == {"c1": 5}
    assert [one for one in folder.list_ids() if one[0] != "row-with-id-alone"] == []


def test_a_box_can_be_read_alone_and_is_unknown_on_a_form_never_opened(tmp_path: Path) -> None:
    dictionary = HEADERS + 'id,who,text,Id,,,\nslot,times,checkbox,Times,"mon-am, Monday | tue-pm, Tuesday",,\n'
    data = "id,slot___mon_am,slot___tue_pm,times_complete\nc1,1,0,2\nc2,0,0,0\n"
    toml = '[tables.clients]\nsource = "redcap"\nfile = "data.csv"\n[tables.clients.columns]\n'
    toml += 'availability = { slots = "slot___*" }\nlgbtq = "slot___mon_am"\n'
    folder = ExportFolder(tmp_path / "clinic", toml).put("data.csv", data).put("d.csv", dictionary)
    assert folder.read_column("availability") == {"c1": "mon_am"}
    assert folder.read_column("lgbtq") == {"c1": "yes"}


def test_a_repeating_form_holds_wishes(tmp_path: Path) -> None:
    dictionary = HEADERS + (
        "id,intake,text,Id,,,\nphq,intake,text,PHQ,,integer,\nabout,wish,text,About,,,\nvalue,wish,text,Value,,,\n"
        'strength,wish,radio,How strong,"1, must | 2, prefer",,\n'
    )
    data = (
        "id,redcap_repeat_instrument,redcap_repeat_instance,phq,intake_complete,about,value,strength,wish_complete\n"
        "c1,,,5,2,,,,\nc1,wish,1,,,gender,woman,1,2\nc1,wish,2,,,languages,spanish,2,2\n"
    )
    toml = '[tables.clients]\nsource = "redcap"\nfile = "data.csv"\n[tables.preferences]\nsource = "redcap"\n'
    toml += 'file = "data.csv"\n[tables.preferences.columns]\nattribute = "about"\n'
    folder = ExportFolder(tmp_path / "clinic", toml).put("data.csv", data).put("d.csv", dictionary)
    folder.put("therapists.csv", "therapist_id,gender,languages\ntom,man,spanish\nuna,woman,english\n")
    wishes = folder.read("preferences").reset_index()
    assert sorted(zip(wishes["attribute"], wishes["strength"], strict=True)) == [
        ("gender", "must"), ("languages", "prefer")]  # fmt: skip


def test_a_wish_that_differs_between_events_sets_its_client_aside_alone(tmp_path: Path) -> None:
    folder = open_folder(tmp_path, TWO_EVENTS, "", None)
    folder.add('[[tables.preferences.wishes]]\ncolumn = "feels"\nattribute = "gender"\nstrength = "must"\n')
    assert not [fault for fault in folder.list_faults() if fault.stops]
    (aside,) = [fault for fault in folder.list_faults() if fault.column == "feels" and fault.sets_aside]
    assert aside.sets_aside == ("c1",)
    assert folder.read_column("value", "preferences") == {"c2": "high"}
