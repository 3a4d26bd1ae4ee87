"""Details of first mappings of exports: data dictionaries, staff projects, numbered questions, codes without words."""

import json
from pathlib import Path

import pytest

from attune_fit.data.guessing.build_mapping import build_mapping
from attune_fit.data.guessing.export_survey import recognize_program
from attune_fit.data.guessing.guess import Question
from attune_fit.data.guessing.written_together import split_time
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
ALLIANCE = [
    [f"wai_{item}", "wai", "radio", f"WAI-SR, item {item}", "1, Seldom | 5, Always", ""] for item in range(1, 13)
]


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


def test_the_variable_names_are_written_and_the_labels_are_read(tmp_path: Path) -> None:
    write_projects(tmp_path)
    columns = get_section(make_mapping(tmp_path), "clients")["columns"]
    assert columns["age"] == {"birth_date": "born"}
    assert "gender" not in columns or columns["gender"] == "gender" or columns["gender"]["from"] == "gender"
    assert get_section(make_mapping_again(tmp_path), "therapists")["columns"]["gender"]["from"] == "sex"


def make_mapping_again(folder: Path):  # noqa: ANN201
    (folder / "clinic.toml").unlink()
    return make_mapping(folder)
