"""Exports of Qualtrics: previews are left out, several answers are a set, and ids and days are found."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest

from attune_fit.data.reading.presets.preset_list import PRESETS
from tests.data.reading.presets.preset_folders import ExportFolder, count_read

NAMES = ["StartDate", "Status", "Progress", "Finished", "RecordedDate", "ResponseId", "RecipientEmail",
         "ExternalReference", "DistributionChannel", "Q1", "Q5_1", "Q5_2", "Q6", "phone"]  # fmt: skip
TEXTS = ["Start", "Response Type", "Progress", "Finished", "Recorded", "Response ID", "Email", "External", "Channel",
         "Your gender?", "What brings you? - Selected Choice - Low mood",
         "What brings you? - Selected Choice - Grief, loss",
         "Which days?", "Your phone"]  # fmt: skip
IDS: list[dict[str, str]] = [
    *({"ImportId": one} for one in ("startDate", "status", "progress", "finished", "recordedDate", "_recordId")),
    *({"ImportId": one} for one in ("recipientEmail", "externalDataReference", "distributionChannel", "QID1")),
    {"ImportId": "QID5", "choiceId": "1"}, {"ImportId": "QID5", "choiceId": "2"}, {"ImportId": "QID6"},
    {"ImportId": "phone"},
]  # fmt: skip
ROWS = [
    ["2026-06-01 09:00:00", "0", "100", "1", "2026-06-01 09:05:00", "R_1", "a@example.org", "ann", "email",
     "woman", "1", "1", "1,3", "555"],
    ["2026-06-02 09:00:00", "1", "100", "1", "2026-06-02 09:05:00", "R_2", "", "", "preview", "man", "", "1", "2", ""],
    ["2026-06-03 09:00:00", "0", "40", "0", "2026-06-03 09:05:00", "R_3", "b@example.org", "ben", "email",
     "-99", "", "", "", ""],
    ["2026-06-04 09:00:00", "8", "100", "1", "2026-06-04 09:05:00", "R_4", "c@example.org", "cat", "email",
     "woman", "", "1", "3", ""],
]  # fmt: skip
CLIENTS = '[tables.clients]\nsource = "qualtrics"\nfile = "{}"\n[tables.clients.columns]\ngender = "Q1"\n'


def write_rows(rows: list[list[str]], separator: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\n").writerows(rows)
    return text.getvalue()


def list_rows() -> list[list[str]]:
    return [NAMES, TEXTS, [json.dumps(one, separators=(",", ":")) for one in IDS], *ROWS]


def open_folder(tmp_path: Path, content: str | bytes, name: str = "survey.csv", lines: str = "") -> ExportFolder:
    return ExportFolder(tmp_path / "clinic", CLIENTS.format(name) + lines).put(name, content)


def test_ids_days_and_identifying_columns(tmp_path: Path) -> None:
    folder = open_folder(tmp_path, write_rows(list_rows()))
    reading = folder.get_reading()
    assert count_read(reading) == {
        "client_id": ("ExternalReference", 3),
        "gender": ("Q1", 2),
        "Q6": ("Q6", 2),
        "intake_on": ("RecordedDate", 3),
    }
    assert reading.dropped == ("RecipientEmail", "phone")
    assert reading.filled == ("missing", "Q6", "client_id", "intake_on")
    assert folder.read_column("gender") == {"ann": "woman", "cat": "woman"}  # -99 is no answer


def test_previews_are_left_out_and_others_are_named(tmp_path: Path) -> None:
    faults = {fault.id: fault.rows for fault in open_folder(tmp_path, write_rows(list_rows())).list_faults()}
    assert faults == {"qualtrics-previews": (5,), "qualtrics-not-finished": (6,), "qualtrics-spam": (7,)}


def test_a_question_with_a_column_for_each_choice_is_one_set(tmp_path: Path) -> None:
    lines = 'presenting_problems = "Q5"\n'
    folder = open_folder(tmp_path, write_rows(list_rows()), lines=lines)
    assert folder.read_column("presenting_problems") == {"ann": "low mood|grief, loss", "cat": "grief, loss"}
    texts = [row[:] for row in list_rows()]
    for row in texts[3:]:  # an export of the texts of choices, without the row of ids
        row[10] = "Low mood" if row[10] else ""
        row[11] = "Grief, loss" if row[11] else ""
    two = open_folder(tmp_path, write_rows([texts[0], texts[1], *texts[3:]]), lines=lines)
    assert two.read_column("presenting_problems") == {"ann": "low mood|grief, loss", "cat": "grief, loss"}


def test_items_of_a_scale_are_no_choices(tmp_path: Path) -> None:
    rows = [row[:9] + row[10:12] for row in list_rows()]
    rows[2][9:] = ['{"ImportId":"QID5_1"}', '{"ImportId":"QID5_2"}']
    toml = '[tables.clients]\nsource = "qualtrics"\nfile = "survey.csv"\n[tables.clients.columns]\none = "Q5_1"\n'
    folder = ExportFolder(tmp_path / "clinic", toml).put("survey.csv", write_rows(rows))
    assert folder.read_column("one") == {"ann": 1}


def test_several_answers_in_one_cell_are_separated_by_commas(tmp_path: Path) -> None:
    rows = [row[:10] + row[12:] for row in list_rows()]
    folder = open_folder(tmp_path, write_rows(rows), lines='languages = "Q6"\n')
    assert folder.get_reading().filled[0] == "set_separator"
    assert folder.read_column("languages") == {"ann": "1|3", "cat": "3"}


@pytest.mark.parametrize("name", ["survey.tsv", "survey.xlsx", "survey.csv"])
def test_each_format_reads_the_same(name: str, tmp_path: Path) -> None:
    if name.endswith("xlsx"):  # without the row of ids, and with dates of their own type
        book = openpyxl.Workbook()
        for row in [list_rows()[0], *list_rows()[1:2], *list_rows()[3:]]:
            book.active.append(row)
        book.save(tmp_path / name)
        content = (tmp_path / name).read_bytes()
    elif name.endswith("tsv"):
        content = write_rows(list_rows(), "\t").encode("utf-16")
    else:
        content = write_rows([list_rows()[0], *list_rows()[3:]]).encode()  # the other header rows were deleted
    folder = open_folder(tmp_path, content, name)
    assert folder.read_column("gender") == {"ann": "woman", "cat": "woman"}
    assert [str(day)[:10] for day in folder.read_column("intake_on").values()] == [
        "2026-06-01",
        "2026-06-03",
        "2026-06-04",
    ]
    assert PRESETS["qualtrics"].recognize(folder.folder / name) is not name.endswith("xlsx")


def test_without_an_external_reference_the_response_is_the_id_of_a_client_alone(tmp_path: Path) -> None:
    rows = [row[:] for row in list_rows()]
    for row in rows[3:]:
        row[7] = ""
    folder = open_folder(tmp_path, write_rows(rows))
    assert folder.read().index.to_list() == ["R_1", "R_3", "R_4"]
    toml = '[tables.outcomes]\nsource = "qualtrics"\nfile = "survey.csv"\n'
    assert "client_id" not in folder.add(toml).get_reading("outcomes").filled


def test_the_text_of_a_question_can_be_its_header(tmp_path: Path) -> None:
    folder = open_folder(tmp_path, write_rows(list_rows()))
    text = (folder.folder / "clinic.toml").read_text().replace('"Q1"', '"Your gender?"')
    assert folder.put("clinic.toml", text).read_column("gender") == {"ann": "woman", "cat": "woman"}


def test_a_spreadsheet_wrote_the_days_in_another_form(tmp_path: Path) -> None:
    text = write_rows(list_rows()).replace("2026-06-0", "6/").replace(" 09:", "/2026 9:").replace("6/1/", "5/31/")
    days = open_folder(tmp_path, text).read_column("intake_on")
    assert [str(day)[:10] for day in days.values()] == ["2026-05-31", "2026-06-03", "2026-06-04"]


def test_a_file_of_another_program_is_refused(tmp_path: Path) -> None:
    folder = open_folder(tmp_path, "Q1,Q2\nwoman,1\n")
    assert [fault.id for fault in folder.list_faults() if fault.stops] == ["qualtrics-headers-not-found"]
    assert not PRESETS["qualtrics"].recognize(folder.folder / "survey.csv")


def test_a_therapist_who_did_not_finish_is_on_no_list(tmp_path: Path) -> None:
    toml = (
        '[tables.therapists]\nsource = "qualtrics"\nfile = "survey.csv"\n[tables.therapists.columns]\ngender = "Q1"\n'
    )
    folder = ExportFolder(tmp_path / "clinic", toml).put("survey.csv", write_rows(list_rows()))
    folder.put("clients.csv", "client_id\nc1\n")
    (fault,) = [one for one in folder.list_faults() if one.sets_aside]
    assert (fault.id, fault.rows, fault.sets_aside) == ("qualtrics-roster-not-finished", (6,), ("ben",))


WISHES = '[[tables.preferences.wishes]]\ncolumn = "{}"\nattribute = "gender"\nstrength = "must"\n'


@pytest.mark.parametrize("header", ["Q1", "Your gender?"])
def test_a_wish_can_be_named_by_the_text_of_its_question(header: str, tmp_path: Path) -> None:
    folder = open_folder(tmp_path, write_rows(list_rows()), lines=WISHES.format(header))
    path = folder.folder / "clinic.toml"
    path.write_text(path.read_text().replace('gender = "Q1"\n', ""))
    assert folder.read_column("value", "preferences") == {"ann": "woman", "cat": "woman"}


def test_a_pattern_names_the_columns_of_choices(tmp_path: Path) -> None:
    lines = 'soon = { items = "Q5_{}", count = 2, low = 0, high = 1 }\n'
    folder = open_folder(tmp_path, write_rows(list_rows()), lines=lines)
    assert folder.read_column("soon") == {"ann": 2.0}
    assert not [one for one in folder.list_faults() if one.stops]


def test_the_code_for_no_answer_counts_besides_codes_of_the_clinic(tmp_path: Path) -> None:
    folder = open_folder(tmp_path, write_rows(list_rows()))
    path = folder.folder / "clinic.toml"
    path.write_text(path.read_text().replace("[tables.clients.columns]", 'missing = ["77"]\n[tables.clients.columns]'))
    assert folder.read_column("gender") == {"ann": "woman", "cat": "woman"}


def test_an_export_without_a_response_is_a_table_without_rows(tmp_path: Path) -> None:
    folder = open_folder(tmp_path, write_rows(list_rows()[:3]))
    assert [one.id for one in folder.list_faults() if one.stops] == ["table-without-rows"]


def test_a_damaged_row_of_ids_is_no_response(tmp_path: Path) -> None:
    folder = open_folder(tmp_path, write_rows(list_rows()).replace(chr(125) + chr(34), chr(34)))
    assert folder.read().index.to_list() == ["ann", "ben", "cat"]
    assert folder.get_reading().dropped == ("RecipientEmail", "phone")
