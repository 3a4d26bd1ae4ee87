"""Details of first mappings of exports: data dictionaries, staff projects, numbered questions, codes without words."""

import json
from pathlib import Path

import pytest

from attune_fit.data.guessing.build_mapping import build_mapping
from attune_fit.data.guessing.export_survey import find_program
from attune_fit.data.guessing.guess import Question
from attune_fit.data.guessing.written_together import split_time_code
from attune_fit.data.reading.presets.form_files import read_first_row
from tests.data.guessing.export_folders import (
    HEADERS,
    STAFF,
    get_section,
    list_headers,
    make_mapping,
    write_numbered_rows,
    write_rows,
)

CLIENTS = [["record_id", "intake", "text", "Record", "", ""],
           ["gender", "intake", "radio", "Gender", "1, Woman | 2, Man", ""],
           ["born", "intake", "text", "Date of birth", "", ""],
           ["assigned", "intake", "text", "Therapist", "", ""],
           ["surname", "intake", "text", "Surname", "", "y"]]  # fmt: skip
TEAM = [["record_id", "team", "text", "Record", "", ""],
        ["code", "team", "text", "Therapist code", "", ""],
        ["sex", "team", "radio", "Gender", "1, Woman | 2, Man", ""],
        ["open", "team", "text", "Openings", "", ""]]  # fmt: skip
ANSWERS = "1, Seldom | 2, Sometimes | 3, Fairly often | 4, Very often | 5, Always"
ALLIANCE = [[f"wai_{item}", "wai", "radio", f"WAI-SR, item {item}", ANSWERS, ""] for item in range(1, 13)]
RESPONSES = ["StartDate", "EndDate", "RecordedDate", "ResponseId", "ExternalReference"]
TIMES = ["monam", "tuepm", "wedeve", "thuam"]


def write_projects(folder: Path) -> None:
    """Write two REDCap projects, each with its data dictionary: clients with a repeated form, and the team."""
    write_rows(folder / "clients_dictionary.csv", [HEADERS, *CLIENTS, *ALLIANCE])
    write_rows(folder / "team_dictionary.csv", [HEADERS, *TEAM])
    names = [*(row[0] for row in CLIENTS), "intake_complete", *(row[0] for row in ALLIANCE), "wai_complete"]
    rows = [["record_id", "redcap_repeat_instrument", "redcap_repeat_instance", *names[1:]]]
    for number in range(1, 31):
        rows.append([f"c{number}", "", "", str(number % 2 + 1), f"19{60 + number}-05-06", f"t{number % 6}", "Doe", "2",
                     *[""] * 13])  # fmt: skip
        rows += [[f"c{number}", "wai", visit, *[""] * 5, *(str((number + item) % 5 + 1) for item in range(12)), "2"]
                 for visit in ("1", "2")]  # fmt: skip
    write_rows(folder / "clients_data.csv", rows)
    team = [[str(number + 1), f"t{number}", str(number % 2 + 1), "2", "2"] for number in range(6)]
    write_rows(folder / "team_data.csv", [["record_id", "code", "sex", "open", "team_complete"], *team])


def test_two_projects_of_redcap_have_their_own_dictionaries(tmp_path: Path) -> None:
    write_projects(tmp_path)
    mapping = make_mapping(tmp_path)
    clients, therapists = get_section(mapping, "clients"), get_section(mapping, "therapists")
    assert (clients["file"], clients["dictionary"]) == ("clients_data.csv", "clients_dictionary.csv")
    assert (therapists["file"], therapists["dictionary"]) == ("team_data.csv", "team_dictionary.csv")
    assert therapists["columns"]["therapist_id"] == "code"
    assert therapists["columns"]["open_slots"] == "open"
    outcomes = get_section(mapping, "outcomes")
    assert (outcomes["form"], outcomes["instrument"], outcomes["items"]) == ("wai", "WAI-SR", "wai_{}")
    assert outcomes["columns"]["therapist_id"] == "assigned"
    assert list_headers(mapping, "filled", "outcomes") == {
        "record_id": "client_id", "redcap_repeat_instance": "session"
    }  # fmt: skip
    assert {"surname"} <= list_headers(mapping, "left out", "clients").keys()


def test_variable_names_are_written_and_labels_are_read(tmp_path: Path) -> None:
    write_projects(tmp_path)
    mapping = make_mapping(tmp_path)
    assert get_section(mapping, "clients")["columns"]["age"] == {"birth_date": "born"}
    gender = get_section(mapping, "therapists")["columns"]["gender"]
    assert (gender if isinstance(gender, str) else gender["from"]) == "sex"
    assert "gender" in list_headers(mapping, "sure", "clients")


def test_a_data_dictionary_is_no_table_without_records(tmp_path: Path) -> None:
    write_rows(tmp_path / "dictionary.csv", [HEADERS, *CLIENTS])
    write_rows(tmp_path / "staff.csv", STAFF)
    write_numbered_rows(tmp_path / "people.csv", [["Client ID", "Age"]], lambda n: [f"c{n}", 20 + n])
    mapping = make_mapping(tmp_path)
    assert get_section(mapping, "clients")["file"] == "people.csv"
    assert "data dictionary" in mapping.unplaced["dictionary.csv"]


def write_responses(folder: Path, questions: list[str], row: list[str]) -> None:
    """Write an export of Qualtrics whose questions are `Q1`, `Q2` and so on, and a roster."""
    names = [*RESPONSES, *(f"Q{number}" for number in range(1, len(questions) + 1))]
    ids = [json.dumps({"ImportId": name}) for name in
           ("startDate", "endDate", "recordedDate", "_recordId", "externalDataReference")]  # fmt: skip
    ids += [json.dumps({"ImportId": f"QID{number}"}) for number in range(len(questions))]
    write_numbered_rows(
        folder / "intake.csv", [names, [*RESPONSES, *questions], ids],
        lambda n: [*["2026-05-01 10:00:00"] * 3, f"R_{n}", f"c{n}", *(one.format(n=20 + n) for one in row)],
    )  # fmt: skip
    write_rows(folder / "staff.csv", STAFF)


def test_numbered_questions_are_no_items_of_one(tmp_path: Path) -> None:
    write_responses(tmp_path, ["Age in years", "Your insurance", "Province of residence"], ["{n}", "Blue", "Ontario"])
    columns = get_section(make_mapping(tmp_path), "clients")["columns"]
    assert (columns["age"], columns["payer"], columns["region"]) == ("Q1", "Q2", "Q3")


def write_survey(folder: Path) -> None:
    """Write an export of LimeSurvey with checkboxes: times as one word, and problems with codes of the program."""
    headers = ["id", "submitdate", "lastpage", "clientid", *(f"availability[{one}]" for one in TIMES),
               *(f"problems[SQ00{number}]" for number in range(1, 4))]  # fmt: skip
    write_numbered_rows(
        folder / "results.csv", [headers],
        lambda n: [n + 1, "2026-05-01 10:00:00", 3, f"c{n}", *("YN"[(n + slot) % 2] for slot in range(7))],
    )  # fmt: skip
    write_rows(folder / "staff.csv", STAFF)


def test_times_as_one_word_get_their_words(tmp_path: Path) -> None:
    write_survey(tmp_path)
    value = get_section(make_mapping(tmp_path), "clients")["columns"]["availability"]
    codes = {"monam": "mon-am", "thuam": "thu-am", "tuepm": "tue-pm", "wedeve": "wed-eve"}
    assert value == {"from": "availability", "codes": codes}


def test_codes_without_their_words_are_asked_about(tmp_path: Path) -> None:
    write_survey(tmp_path)
    mapping = build_mapping(tmp_path)
    assert "presenting_problems" not in get_section(mapping, "clients")["columns"]
    assert any("`problems`" in warning and "without their words" in warning for warning in mapping.warnings)
    asked: list[str] = []

    def answer(question: Question) -> str | None:
        asked.append(question.text)
        return {"SQ001": "grief", "SQ002": "anxiety", "SQ003": "trauma"}.get(question.text.split()[2])

    columns = get_section(build_mapping(tmp_path, answer), "clients")["columns"]
    codes = {"SQ001": "grief", "SQ002": "anxiety", "SQ003": "trauma"}
    assert columns["presenting_problems"] == {"from": "problems", "codes": codes}


@pytest.mark.parametrize(("code", "words"), [("monam", "mon-am"), ("monday", ""), ("SQ001", ""), ("mon am", "")])
def test_a_time_as_one_word_is_a_day_and_a_part_of_it(code: str, words: str) -> None:
    assert split_time_code(code) == words


def test_the_first_row_of_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "form.csv"
    path.write_text("\n\nTimestamp;Age\n", encoding="utf-8")
    assert read_first_row(path) == ["Timestamp;Age"]
    write_rows(path, [["Timestamp", "How old are you?"], ["1/2/2026 10:00:00", 30]])
    program = find_program(path)
    assert program is not None
    assert program.name == "google_forms"
    assert read_first_row(tmp_path / "none.csv") == []


def test_a_preference_asked_in_a_form_needs_no_answer(tmp_path: Path) -> None:
    question = "Would you prefer a therapist of a certain gender?"
    write_numbered_rows(
        tmp_path / "form.csv", [["Timestamp", "Client ID", question]],
        lambda n: [f"5/{n % 28 + 1}/2026 10:00:00", f"c{n}", ("Woman", "Man", "No preference")[n % 3]],
    )  # fmt: skip
    write_rows(tmp_path / "staff.csv", STAFF)
    wish = get_section(make_mapping(tmp_path), "preferences")["wishes"][0]
    assert (wish["column"], wish["attribute"], wish["strength"]) == (question, "gender", "prefer")


def test_items_are_found_by_the_words_of_their_questions(tmp_path: Path) -> None:
    items = ["Little interest or pleasure", "Feeling down", "Falling asleep", "Having little energy", "Poor appetite",
             "Feeling bad about yourself", "Trouble concentrating", "Moving or speaking slowly",
             "Being better off dead"]  # fmt: skip
    headers = [f"Over the last 2 weeks, how often? [{item}]" for item in items]
    answers = ["Not at all", "Several days", "More than half the days", "Nearly every day"]
    write_numbered_rows(
        tmp_path / "form.csv", [["Timestamp", "Client ID", "Your mood in general", *headers]],
        lambda n: ["5/20/2026 10:00:00", f"c{n}", n % 5, *(answers[(n + item) % 4] for item in range(9))],
    )  # fmt: skip
    write_rows(tmp_path / "staff.csv", STAFF)
    value = get_section(make_mapping(tmp_path), "clients")["columns"]["phq9"]
    assert value["items"] == headers
    assert value["codes"]["Nearly every day"] == 3


def test_the_state_of_an_answer_is_not_that_of_a_client(tmp_path: Path) -> None:
    write_responses(tmp_path, ["Age in years"], ["{n}"])
    text = (
        (tmp_path / "intake.csv").read_text(encoding="utf-8").replace("EndDate", "Status").replace("endDate", "status")
    )
    (tmp_path / "intake.csv").write_text(text.replace("2026-05-01 10:00:00,2026", "IP Address,2026"), encoding="utf-8")
    warnings = make_mapping(tmp_path).warnings
    assert not any("`Status` can hold it" in warning for warning in warnings)


def test_of_three_forms_the_questions_show_which_is_which(tmp_path: Path) -> None:
    day = "5/20/2026 10:00:00"
    write_numbered_rows(
        tmp_path / "A.csv", [["Timestamp", "Client code", "What is your age?", "What would you like help with?"]],
        lambda n: [day, f"c{n}", 20 + n, ("Grief", "Anxiety, Grief")[n % 2]],
    )  # fmt: skip
    write_numbered_rows(
        tmp_path / "B.csv",
        [["Timestamp", "Your staff code", "Your name", "Which problems do you treat?", "How many openings?"]],
        lambda n: [day, f"t{n}", "Ann", ("Grief", "Anxiety, Grief")[n % 2], n % 3], 7,
    )  # fmt: skip
    write_numbered_rows(
        tmp_path / "C.csv", [["Timestamp", "Client code", "Who did you see?", "Session", "SRS total"]],
        lambda n: [day, f"c{n}", f"t{n % 7}", 1, 30 + n % 10],
    )  # fmt: skip
    mapping = make_mapping(tmp_path)
    files = {table: get_section(mapping, table)["file"] for table in ("clients", "therapists", "outcomes")}
    assert files == {"clients": "A.csv", "therapists": "B.csv", "outcomes": "C.csv"}
    assert get_section(mapping, "therapists")["columns"]["specialties"] == "Which problems do you treat?"
    assert get_section(mapping, "outcomes")["columns"]["therapist_id"] == "Who did you see?"
    assert list_headers(mapping, "filled", "therapists") == {"Timestamp": "updated_on"}
