"""Exports of form programs are read as they are: ids, dates, checkboxes as sets, and no names or addresses."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import get_args

import pandas as pd
import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.mapping_config import SourceName
from attune_fit.data.reading.mapping_report import FileReading
from attune_fit.data.reading.presets.preset_list import PRESETS
from attune_fit.data.reading.read_clinic import read_mapping
from tests.data.conftest import ClinicFolder
from tests.data.formats.office_writers import build_xlsx

LIMESURVEY = (
    '"id","submitdate","lastpage","startlanguage","seed","token","ipaddr","problems[SQ001]","problems[SQ002]",'
    '"problems[other]","phq[SQ001]","phq[SQ002]"\n'
    '"1","2026-06-01 10:00:00","3","en","77","k7a","10.0.0.1","Y","Y","","2","1"\n'
    '"2","2026-06-02 11:00:00","3","en","78","k7b","10.0.0.2","","Y","my cat","0","3"\n'
    '"3","","1","en","79","k7c","10.0.0.3","","","","",""\n'
)
SURVEYMONKEY = (
    "Respondent ID,Collector ID,Start Date,End Date,IP Address,Email Address,First Name,Last Name,Custom Data 1,"
    "What brings you here?,,,How often?,,Where do you live?,Your contact,\n"
    ',,,,,,,,,Anxiety,"Low mood, sadness",Other (please specify),Down,Tired,Response,Name,Phone Number\n'
    "114,9,06/10/2026 10:32:11 AM,06/13/2026 10:35:02 AM,10.0.0.1,a@example.org,A,B,,Anxiety,"
    '"Low mood, sadness",,Never,Often,CA,A B,555\n'
    "115,9,06/14/2026 10:32:11 AM,06/14/2026 10:35:02 AM,10.0.0.1,b@example.org,C,D,,,,my cat,Often,Often,NY,C D,556\n"
)
GOOGLE = (
    "Timestamp,Email Address,Client code,What brings you here?,Date of birth\n"
    '6/3/2026 10:32:11,a@example.org,ann,"Anxiety, Low mood (sad, empty)",3/24/1990\n'
    "6/4/2026 11:00:00,b@example.org,ben,Anxiety,12/1/1985\n"
)
MICROSOFT = (
    "ID;Startzeit;Fertigstellungszeit;E-Mail;Name;Was führt Sie her?\n"
    "1;01.06.2026 10:00:00;01.06.2026 10:05:00;anonymous;;Angst;\n"
).replace("Angst;", '"Angst;Trauer;"')


COLUMNS_OF_GOOGLE = 'columns = { client_id = "Client code" }\n'


def fill(folder: ClinicFolder, source: str, clients: str, lines: str = "") -> ClinicFolder:
    """Write clients that a form program exported."""
    for name in ("preferences.csv", "outcomes.csv"):
        (folder.folder / name).unlink(missing_ok=True)
    folder.put("clients.csv", clients)
    return folder.add(f'[tables.clients]\nsource = "{source}"\n{lines}')


def write_workbook(folder: ClinicFolder, rows: list[list[object]]) -> None:
    """Write the clients as a workbook."""
    folder.put("clients.xlsx", build_xlsx({"Sheet1": rows}))


def read_clients(folder: ClinicFolder) -> pd.DataFrame:
    """Return the clients in the order of their ids."""
    return folder.read().clients.sort_values("client_id").reset_index(drop=True)


def read_report(folder: ClinicFolder) -> FileReading:
    """Return how the clients were read."""
    return next(one for one in read_mapping(Clinic.open(folder.folder)) if one.table == "clients")


def test_limesurvey(clinic_folder: ClinicFolder) -> None:
    own = '[tables.clients.columns]\npresenting_problems = { from = "problems", codes = { SQ001 = "anxiety", '
    fill(clinic_folder, "limesurvey", LIMESURVEY, own + 'SQ002 = "mood", other = "other" } }\n')
    clients = read_clients(clinic_folder)
    assert clients["client_id"].to_list() == ["k7a", "k7b", "k7c"]
    assert clients["presenting_problems"].fillna("").to_list() == ["anxiety|mood", "mood|other", ""]
    assert clients["intake_on"].dt.strftime("%m-%d").fillna("").to_list() == ["06-01", "06-02", ""]
    assert [(one.id, one.rows) for one in clinic_folder.read().warnings if one.id.startswith("inc")] == [
        ("incomplete-response", (4,))
    ]
    report = read_report(clinic_folder)
    assert report.dropped == ("ipaddr",)
    assert "phq[SQ001]" in [*report.unused, *(one.header for one in report.headers)]  # 0 and 1 alone are no checkboxes


def test_limesurvey_columns_that_the_clinic_names_stay(clinic_folder: ClinicFolder) -> None:
    own = '[tables.clients.columns]\npresenting_problems = { slots = "problems[*]", marks = { "my cat" = "no" } }\n'
    fill(clinic_folder, "limesurvey", LIMESURVEY, own)
    assert read_clients(clinic_folder)["presenting_problems"].fillna("").to_list() == ["sq001|sq002", "sq002", ""]


def test_limesurvey_dates_of_an_anonymous_survey_are_unknown(clinic_folder: ClinicFolder) -> None:
    text = LIMESURVEY.replace("2026-06-01 10:00:00", "1980-01-01 00:00:00")
    fill(clinic_folder, "limesurvey", text)
    assert read_clients(clinic_folder)["intake_on"].isna().to_list() == [True, False, True]


def test_a_therapist_who_did_not_submit_is_set_aside(clinic_folder: ClinicFolder) -> None:
    for name in ("preferences.csv", "outcomes.csv"):
        clinic_folder.drop(name)
    clinic_folder.put("therapists.csv", LIMESURVEY.replace("problems[", "problems_not_taken["))
    clinic_folder.add('[tables.therapists]\nsource = "limesurvey"\n')
    found = [(one.id, one.rows, one.sets_aside) for one in clinic_folder.read().warnings if one.sets_aside]
    assert found == [("limit-in-own-words", (3,), ("k7b",)), ("incomplete-roster-response", (4,), ("k7c",))]


def test_surveymonkey(clinic_folder: ClinicFolder) -> None:
    own = (
        '[tables.clients.columns]\nregion = "Where do you live?"\n'
        'presenting_problems = { from = "What brings you here?", codes = { "Low mood, sadness" = "mood", '
        'Anxiety = "anxiety", other = "other" } }\n'
    )
    fill(clinic_folder, "surveymonkey", SURVEYMONKEY, own)
    clients = read_clients(clinic_folder)
    assert clients["client_id"].to_list() == ["114", "115"]  # custom data is empty
    assert clients["presenting_problems"].to_list() == ["anxiety|mood", "other"]
    assert clients["intake_on"].dt.day.to_list() == [13, 14]
    report = read_report(clinic_folder)
    assert report.dropped == (
        *("IP Address", "Email Address", "First Name", "Last Name"),
        *("Your contact Name", "Your contact Phone Number"),
    )
    assert "How often? Down" in [*report.unused, *(one.header for one in report.headers)]


def test_google_forms(clinic_folder: ClinicFolder) -> None:
    own = (
        '[tables.clients.columns]\nclient_id = "Client code"\n'
        'age = { birth_date = "Date of birth", dates = "%m/%d/%Y" }\n'
        'presenting_problems = { from = "What brings you here?", '
        'codes = { Anxiety = "anxiety", "Low mood (sad, empty)" = "mood" } }\n'
    )
    fill(clinic_folder, "google_forms", GOOGLE, own)
    clients = read_clients(clinic_folder)
    assert clients["presenting_problems"].to_list() == ["anxiety|mood", "anxiety"]
    assert clients["intake_on"].dt.strftime("%d.%m.").to_list() == ["03.06.", "04.06."]  # in order of the days
    assert clients["age"].to_list() == [36, 40]
    assert read_report(clinic_folder).dropped == ("Email Address",)


def test_the_error_about_a_form_without_ids_has_the_line_to_add(clinic_folder: ClinicFolder) -> None:
    """A header that identifies people can be read as an id, where the clinic decides so."""
    nameless = GOOGLE.replace("Client code", "Your name")
    fill(clinic_folder, "google_forms", nameless)
    (fault,) = [one for one in clinic_folder.list_faults() if one.stops]
    assert (fault.id, fault.column) == ("missing-column", "client_id")
    for line in ('client_id = "Email Address"', 'client_id = "Your name"'):
        assert f"`{line}`" in fault.fix
    assert "a@example.org" not in str(fault)
    clinic_folder.add('[tables.clients.columns]\nclient_id = "Your name"\n')
    assert read_clients(clinic_folder)["client_id"].to_list() == ["ann", "ben"]
    assert read_report(clinic_folder).dropped == ("Email Address",)


def test_the_error_about_another_column_names_no_dropped_header(clinic_folder: ClinicFolder) -> None:
    fill(clinic_folder, "google_forms", GOOGLE, COLUMNS_OF_GOOGLE)
    clinic_folder.put("ratings.csv", GOOGLE)
    clinic_folder.add(f'[tables.outcomes]\nfile = "ratings.csv"\nsource = "google_forms"\n{COLUMNS_OF_GOOGLE}')
    (fault,) = [one for one in clinic_folder.list_faults() if one.stops]
    assert (fault.id, fault.column) == ("missing-column", "therapist_id")
    assert "Email Address" not in fault.fix


def test_google_forms_own_csv_joins_by_semicolons(clinic_folder: ClinicFolder) -> None:
    text = (
        "Timestamp,Client code,Problems\n2026/06/03 10:32:11 AM EST,ann,Anxiety;Mood\n2026/06/04 9:32:11 AM EST,ben,\n"
    )
    own = '[tables.clients.columns]\nclient_id = "Client code"\npresenting_problems = "Problems"\n'
    fill(clinic_folder, "google_forms", text, own)
    clients = read_clients(clinic_folder)
    assert clients["presenting_problems"].fillna("").to_list() == ["anxiety|mood", ""]
    assert clients["intake_on"].dt.day.to_list() == [3, 4]


def test_days_and_months_that_can_be_exchanged_are_a_warning(clinic_folder: ClinicFolder) -> None:
    one_day = GOOGLE.replace("6/4/2026", "6/3/2026").replace("3/24/1990", "").replace("12/1/1985", "")
    fill(clinic_folder, "google_forms", one_day, '[tables.clients.columns]\nclient_id = "Client code"\n')
    assert "day-or-month-first" in {one.id for one in clinic_folder.read().warnings}
    clinic_folder.change("clinic.toml", "[tables.clients]\n", '[tables.clients]\ndates = "%d/%m/%Y"\n')
    clinic_folder.change("clinic.toml", "2026-06-15", "2026-07-15")
    assert read_clients(clinic_folder)["intake_on"].dt.month.to_list() == [3, 3]


def test_microsoft_forms_in_german(clinic_folder: ClinicFolder) -> None:
    own = '[tables.clients.columns]\npresenting_problems = "Was führt Sie her?"\n'
    fill(clinic_folder, "microsoft_forms", MICROSOFT, own)
    clients = read_clients(clinic_folder)
    assert clients["client_id"].to_list() == ["1"]
    assert clients["presenting_problems"].to_list() == ["angst|trauer"]
    assert clients["intake_on"].dt.month.to_list() == [6]
    report = read_report(clinic_folder)
    assert report.dropped == ("E-Mail", "Name")
    assert report.filled == ("separator", "set_separator", "client_id", "intake_on")


def test_a_response_is_no_client_of_the_outcomes(clinic_folder: ClinicFolder) -> None:
    ratings = MICROSOFT.replace("Was führt Sie her?", "Klient;Therapeut;Wert").replace('"Angst;Trauer;"', "ann;tom;4")
    clinic_folder.put("outcomes.csv", ratings).put("preferences.csv", "client_id,attribute,value,strength\n")
    clinic_folder.add(
        '[tables.outcomes]\nsource = "microsoft_forms"\ninstrument = "WAI-SR"\n[tables.outcomes.columns]\n'
        'client_id = "Klient"\ntherapist_id = "Therapeut"\nscore = "Wert"\n'
    )
    outcomes = clinic_folder.read().outcomes
    assert (outcomes["client_id"][0], outcomes["score"][0], outcomes["measured_on"][0].day) == ("ann", 4, 1)


def test_a_workbook_of_microsoft_forms(clinic_folder: ClinicFolder) -> None:
    rows: list[list[object]] = [
        ["ID", "Start time", "Completion time", "Email", "Name", "Problems"],
        [1, dt.datetime(2026, 6, 1, 10, 0, 5), dt.datetime(2026, 6, 1, 10, 5, 2), "anonymous", None, "Anxiety;Mood;"],
        [2, dt.datetime(2026, 6, 2, 11, 0, 5), dt.datetime(2026, 6, 2, 11, 5, 2), "anonymous", None, None],
    ]
    write_workbook(clinic_folder, rows)
    fill(clinic_folder, "microsoft_forms", "", '[tables.clients.columns]\npresenting_problems = "Problems"\n')
    clinic_folder.drop("clients.csv")
    clients = read_clients(clinic_folder)
    assert clients["client_id"].to_list() == ["1", "2"]
    assert clients["presenting_problems"].fillna("").to_list() == ["anxiety|mood", ""]
    assert clients["intake_on"].dt.day.to_list() == [1, 2]


def test_a_workbook_of_surveymonkey(clinic_folder: ClinicFolder) -> None:
    rows: list[list[object]] = [
        ["Respondent ID", "Collector ID", "Start Date", "End Date", "What brings you here?", None, "Where?"],
        [None, None, None, None, "Anxiety", "Mood", "Open-Ended Response"],
        [118, 9, dt.datetime(2026, 6, 1, 9), dt.datetime(2026, 6, 1, 10), "Anxiety", "Mood", "CA"],
        [119, 9, dt.datetime(2026, 6, 2, 9), dt.datetime(2026, 6, 2, 10), None, "Mood", None],
    ]
    write_workbook(clinic_folder, rows)
    own = '[tables.clients.columns]\npresenting_problems = "What brings you here?"\nregion = "Where?"\n'
    fill(clinic_folder, "surveymonkey", "", own)
    clinic_folder.drop("clients.csv")
    clients = read_clients(clinic_folder)
    assert clients["client_id"].to_list() == ["118", "119"]
    assert clients["presenting_problems"].to_list() == ["anxiety|mood", "mood"]
    assert clients["region"].fillna("").to_list() == ["ca", ""]


EXPORTS = {
    "limesurvey": LIMESURVEY,
    "surveymonkey": SURVEYMONKEY,
    "google_forms": GOOGLE,
    "microsoft_forms": MICROSOFT,
}


@pytest.mark.parametrize("name", EXPORTS)
def test_each_export_is_recognized_by_its_own_preset_alone(tmp_path: Path, name: str) -> None:
    path = tmp_path / "export.csv"
    path.write_text(EXPORTS[name])
    assert [one for one in EXPORTS if PRESETS[one].recognize(path)] == [name]


@pytest.mark.parametrize("name", EXPORTS)
def test_another_file_is_refused(clinic_folder: ClinicFolder, name: str) -> None:
    fill(clinic_folder, name, "client_id,age\nann,33\n")
    errors = [one.id for one in clinic_folder.list_faults() if one.stops and one.table == "clients"]
    assert errors == ["not-an-export-of-the-source"]


def test_each_preset_is_a_source_and_recognizes_no_folder(tmp_path: Path) -> None:
    assert set(PRESETS) == set(get_args(SourceName))
    assert not any(preset.recognize(tmp_path) for preset in PRESETS.values())
    assert all(name == preset.name and preset.description.endswith(".") for name, preset in PRESETS.items())


LIMITS = (
    '"id","submitdate","lastpage","token","therapist_id","gender","limits[a]","limits[b]"\n'
    '"1","2026-06-01 10:00:00","3","k1","tom","man","",""\n"2","","3","k2","una","woman","",""\n'
)


def test_a_therapist_who_did_not_submit_is_set_aside_under_the_id_of_the_table(clinic_folder: ClinicFolder) -> None:
    clinic_folder.drop("outcomes.csv").put("therapists.csv", LIMITS).add('[tables.therapists]\nsource = "limesurvey"\n')
    people = {fault.sets_aside for fault in clinic_folder.list_faults() if fault.id == "incomplete-roster-response"}
    assert people == {("una",)}  # not the token k2, which is the id of no one


def test_a_mapped_question_whose_checkboxes_have_no_mark_is_unknown(clinic_folder: ClinicFolder) -> None:
    clinic_folder.drop("outcomes.csv").put("therapists.csv", LIMITS)
    clinic_folder.add('[tables.therapists]\nsource = "limesurvey"\ncolumns = { problems_not_taken = "limits" }\n')
    assert clinic_folder.read().therapists["problems_not_taken"].isna().all()
    unmarked = SURVEYMONKEY.replace(',Anxiety,"Low mood, sadness",,', ",,,,").replace(",,,my cat,", ",,,,")
    fill(clinic_folder, "surveymonkey", unmarked, 'columns = { presenting_problems = "What brings you here?" }\n')
    clinic_folder.put("therapists.csv", "therapist_id\ntom\n")
    clinic_folder.change("clinic.toml", 'source = "limesurvey"\ncolumns = { problems_not_taken = "limits" }\n', "")
    assert read_clients(clinic_folder)["presenting_problems"].isna().all()


def test_an_answer_in_the_second_row_of_surveymonkey_is_no_header(clinic_folder: ClinicFolder) -> None:
    lines = SURVEYMONKEY.splitlines(keepends=True)
    fill(clinic_folder, "surveymonkey", "".join((lines[0], *lines[2:])))
    faults = clinic_folder.list_faults()
    assert [fault.id for fault in faults if fault.stops] == ["surveymonkey-without-choices"]
    assert "Anxiety" not in "".join(map(str, faults))


def test_a_token_twice_changes_no_id_of_another(clinic_folder: ClinicFolder) -> None:
    fill(clinic_folder, "limesurvey", LIMESURVEY.replace("k7c", "k7a"))
    assert {"k7a", "k7b"} == set(read_clients(clinic_folder)["client_id"])
    assert [fault.sets_aside for fault in clinic_folder.list_faults() if fault.id == "duplicate-id"] == [("k7a",)]


def test_a_site_in_the_custom_data_is_no_id(clinic_folder: ClinicFolder) -> None:
    fill(clinic_folder, "surveymonkey", SURVEYMONKEY.replace(",A,B,,", ",A,B,north,").replace(",C,D,,", ",C,D,north,"))
    assert read_clients(clinic_folder)["client_id"].to_list() == ["114", "115"]


@pytest.mark.parametrize("question", ["What is your full name?", "Your e-mail address *", "Name (first and last)"])
def test_a_question_for_a_name_or_an_address_is_left_out(clinic_folder: ClinicFolder, question: str) -> None:
    fill(clinic_folder, "google_forms", GOOGLE.replace("Email Address", question), COLUMNS_OF_GOOGLE)
    assert read_report(clinic_folder).dropped == (question,)
    assert question not in read_clients(clinic_folder)


def test_a_hidden_question_about_limits_sets_the_therapist_aside(clinic_folder: ClinicFolder) -> None:
    """Elsewhere such an answer is unknown; below a limit it is not taken for none, unless the clinic lists it."""
    roster = LIMITS.replace('"man","",""', '"man","N/A","N/A"')
    assert roster != LIMITS
    clinic_folder.drop("outcomes.csv").put("therapists.csv", roster)
    line = 'problems_not_taken = { from = "limits", codes = { a = "trauma", b = "crisis" }'
    clinic_folder.add(f'[tables.therapists]\nsource = "limesurvey"\n[tables.therapists.columns]\n{line} }}\n')
    assert "missing-word-in-limit" in {fault.id for fault in clinic_folder.list_faults()}
    text = (clinic_folder.folder / "clinic.toml").read_text()
    clinic_folder.put("clinic.toml", text.replace(f"{line} }}", f'{line}, missing = "N/A" }}'))
    assert "missing-word-in-limit" not in {fault.id for fault in clinic_folder.list_faults()}


OWN_WORDS = LIMITS.replace('"limits[b]"', '"limits[other]"').replace('"man","",""', '"man","Y","none from my town"')


@pytest.mark.parametrize(("column", "people"), [
    ('"limits"', {("tom",)}), ('{ from = "limits", codes = { a = "trauma", other = "crisis" } }', set()),
])  # fmt: skip
def test_a_limit_in_own_words_sets_the_therapist_aside(
    clinic_folder: ClinicFolder, column: str, people: set[tuple[str, ...]]
) -> None:
    clinic_folder.drop("outcomes.csv").put("therapists.csv", OWN_WORDS)
    clinic_folder.add(f'[tables.therapists]\nsource = "limesurvey"\ncolumns = {{ problems_not_taken = {column} }}\n')
    faults = [fault for fault in clinic_folder.list_faults() if fault.id == "limit-in-own-words"]
    assert {fault.sets_aside for fault in faults} == people
    assert "town" not in "".join(map(str, clinic_folder.list_faults()))


def test_a_limit_in_own_words_in_surveymonkey_sets_the_therapist_aside(clinic_folder: ClinicFolder) -> None:
    clinic_folder.drop("outcomes.csv").put("therapists.csv", SURVEYMONKEY)
    line = 'columns = { problems_not_taken = "What brings you here?" }'
    clinic_folder.add(f'[tables.therapists]\nsource = "surveymonkey"\n{line}\n')
    people = [fault.sets_aside for fault in clinic_folder.list_faults() if fault.id == "limit-in-own-words"]
    assert people == [("115",)]


def test_a_word_in_place_of_a_date_hides_no_other_date(clinic_folder: ClinicFolder) -> None:
    fill(clinic_folder, "google_forms", GOOGLE.replace("6/3/2026 10:32:11", "unknown"), COLUMNS_OF_GOOGLE)
    assert read_clients(clinic_folder)["intake_on"].notna().to_list() == [False, True]


def test_a_file_with_an_absolute_path_can_be_one_of_several(clinic_folder: ClinicFolder, tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text(GOOGLE.replace("ann", "cat").replace("ben", "dan"))
    fill(
        clinic_folder,
        "google_forms",
        GOOGLE,
        f'files = ["clients.csv", "{tmp_path / "other.csv"}"]\n{COLUMNS_OF_GOOGLE}',
    )
    assert len(read_clients(clinic_folder)) == 4
