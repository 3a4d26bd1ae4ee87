"""One project of REDCap reads the same from each kind of export, and a file that does not fit is refused."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from attune_fit.data.faults import DataFault
from tests.data.reading.presets.preset_folders import ExportFolder

HEADERS = (
    '"Variable / Field Name","Form Name","Field Type","Field Label","Choices, Calculations, OR Slider Labels",'
    '"Text Validation Type OR Show Slider Number",Identifier?\n'
)
DICTIONARY = HEADERS + (
    "record_id,intake,text,Record ID,,,\n"
    "mail,intake,text,E-mail,,email,\n"
    'sex,intake,radio,<b>Gender</b>,"1, Woman | 2, Man, trans or cis | -9, Other",,\n'
    'pays,intake,dropdown,Who pays,"a, Blue Cross, Blue Shield | b, Self",,\n'
    'reason,intake,checkbox,Reasons,"1, Low mood | 2, Grief, loss | -1, Other",,\n'
    "urgent,intake,yesno,Urgent?,,,\n"
    "phq,intake,calc,PHQ,sum([a]),,\n"
)
RAW = (
    "record_id,mail,sex,pays,reason___1,reason___2,reason____1,urgent,phq,intake_complete\n"
    "c1,a@example.org,1,a,1,1,0,1,12,2\n"
    "c2,b@example.org,2,b,0,0,1,0,7,2\n"
    "c3,,-9,,0,0,0,,,0\n"
    "c4,,,,0,0,0,,,0\n"
)
CLIENTS = (
    '[tables.clients]\nsource = "redcap"\nfile = "{}"\n[tables.clients.columns]\n'
    'gender = {{ from = "sex", codes = {{ "Woman" = "woman", "Man, trans or cis" = "man", "Other" = "other" }} }}\n'
    'payer = "pays"\npresenting_problems = "reason"\nphq9 = "phq"\nsoon = "urgent"\n'
)
LABELS = {
    "sex": {"1": "Woman", "2": "Man, trans or cis", "-9": "Other"},
    "pays": {"a": "Blue Cross, Blue Shield", "b": "Self"},
    "urgent": {"1": "Yes", "0": "No"},
    "intake_complete": {"0": "Incomplete", "2": "Complete"},
}
BOXES = {"reason___1": "Low mood", "reason___2": "Grief, loss", "reason____1": "Other"}
LABEL_HEADERS = (
    ["Record ID", "E-mail", "Gender", "Who pays"]
    + [f"Reasons (choice={label})" for label in BOXES.values()]
    + ["Urgent?", "PHQ", "Complete?"]
)


def list_rows() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(RAW)))


def write_csv(headers: list[str], rows: list[list[str]], separator: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\n").writerows([headers, *rows])
    return text.getvalue()


def write_labels(*, boxes_as_labels: bool = False, label_headers: bool = False) -> str:
    rows = []
    for row in list_rows():
        cells = {name: LABELS.get(name, {}).get(cell, cell) for name, cell in row.items()}
        for box, label in BOXES.items():
            words = (label, "") if boxes_as_labels else ("Checked", "Unchecked")
            cells[box] = words[0] if row[box] == "1" else words[1]
        rows.append(list(cells.values()))
    return write_csv(LABEL_HEADERS if label_headers else list(list_rows()[0]), rows)


def list_eav() -> list[dict[str, str]]:
    found = []
    for row in list_rows():
        for name, cell in row.items():
            field, _, suffix = name.partition("___")
            value = suffix.replace("_", "-") if suffix else cell
            if cell and not (suffix and cell == "0"):
                found.append({"record": row["record_id"], "field_name": field, "value": value})
    return found


EXPORTS: dict[str, tuple[str, Callable[[], str]]] = {
    "raw": ("data.csv", lambda: RAW),
    "semicolons": (
        "data.csv",
        lambda: write_csv(list(list_rows()[0]), [list(row.values()) for row in list_rows()], ";"),
    ),
    "labels": ("data.csv", write_labels),
    "boxes as labels": ("data.csv", lambda: write_labels(boxes_as_labels=True)),
    "labels as headers": ("data.csv", lambda: write_labels(label_headers=True)),
    "json": ("data.json", lambda: json.dumps(list_rows())),
    "eav json": ("data.json", lambda: json.dumps(list_eav())),
    "eav csv": ("data.csv", lambda: write_csv(list(list_eav()[0]), [list(one.values()) for one in list_eav()])),
}


@pytest.mark.parametrize("kind", EXPORTS)
def test_each_kind_of_export_reads_the_same(kind: str, tmp_path: Path) -> None:
    name, write = EXPORTS[kind]
    folder = ExportFolder(tmp_path / "clinic", CLIENTS.format(name)).put("codebook.csv", DICTIONARY).put(name, write())
    assert folder.read_column("gender") == {"c1": "woman", "c2": "man", "c3": "other"}
    assert folder.read_column("payer") == {"c1": "blue cross, blue shield", "c2": "self"}
    assert folder.read_column("presenting_problems") == {"c1": "low mood|grief, loss", "c2": "other"}
    assert folder.read_column("phq9") == {"c1": 12, "c2": 7}
    assert folder.read_column("soon") == {"c1": "yes", "c2": "no"}
    assert folder.get_reading().dropped == ("E-mail" if kind == "labels as headers" else "mail",)
    assert [one for one in folder.list_ids() if one[0] != "row-with-id-alone"] == []


def test_the_dictionary_of_the_api_is_one_too(tmp_path: Path) -> None:
    names = ["field_name", "form_name", "field_type", "field_label", "select_choices_or_calculations"]
    names += ["text_validation_type_or_show_slider_number", "identifier"]
    rows = list(csv.reader(io.StringIO(DICTIONARY)))[1:]
    folder = ExportFolder(tmp_path / "clinic", CLIENTS.format("data.csv")).put("data.csv", RAW)
    folder.put("metadata.json", json.dumps([dict(zip(names, row, strict=True)) for row in rows]))
    assert folder.read_column("payer") == {"c1": "blue cross, blue shield", "c2": "self"}
    folder.folder.joinpath("metadata.json").unlink()
    folder.put("fields.txt", write_csv(names, rows, "\t"))
    assert folder.read_column("payer") == {"c1": "blue cross, blue shield", "c2": "self"}


def test_codes_of_the_clinic_can_name_codes_or_labels_or_all_are_codes(tmp_path: Path) -> None:
    toml = '[tables.clients]\nsource = "redcap"\nfile = "data.csv"\n'
    folder = ExportFolder(tmp_path / "clinic", toml).put("data.csv", write_labels()).put("d.csv", DICTIONARY)
    folder.add('[tables.clients.columns]\ngender = { from = "sex", codes = { 1 = "w", 2 = "m", -9 = "x" } }\n')
    assert folder.read_column("gender") == {"c1": "w", "c2": "m", "c3": "x"}
    plain = ExportFolder(tmp_path / "plain", toml + "labels = false\n").put("data.csv", write_labels())
    plain.put("d.csv", DICTIONARY).add('[tables.clients.columns]\ngender = "sex"\npayer = "pays"\n')
    assert plain.read_column("payer") == {"c1": "a", "c2": "b"}


def test_items_are_read_as_numbers_and_words_of_the_clinic_as_words(tmp_path: Path) -> None:
    choices = '"0, Not at all | 1, Several days | 2, More than half the days | 3, Nearly every day"'
    fields = "".join(f"phq_{number},intake,radio,Item {number},{choices},,\n" for number in range(1, 10))
    names = ",".join(f"phq_{number}" for number in range(1, 10))
    toml = '[tables.clients]\nsource = "redcap"\nfile = "data.csv"\n[tables.clients.columns]\n'
    folder = ExportFolder(tmp_path / "clinic", toml + 'phq9 = { items = "phq_{}" }\n')
    folder.put("dictionary.csv", HEADERS + "id,intake,text,Id,,,\n" + fields)
    folder.put("data.csv", f"id,{names},intake_complete\nc1,0,1,2,3,0,0,0,0,3,2\n")
    assert folder.read_column("phq9") == {"c1": 9}


def test_without_a_dictionary_codes_stay_and_names_are_still_left_out(tmp_path: Path) -> None:
    folder = ExportFolder(tmp_path / "clinic", '[tables.clients]\nsource = "redcap"\nfile = "data.csv"\n')
    folder.put("data.csv", RAW.replace("mail", "first_name")).add(
        '[tables.clients.columns]\npayer = "pays"\npresenting_problems = "reason"\n'
    )
    assert ("redcap-without-dictionary", "") in folder.list_ids()
    assert folder.read_column("payer") == {"c1": "a", "c2": "b"}
    assert folder.read_column("presenting_problems") == {"c1": "1|2", "c2": "_1"}
    assert folder.get_reading().dropped == ("first_name",)


def test_two_dictionaries_that_fit_are_asked_about_and_one_can_be_named(tmp_path: Path) -> None:
    folder = ExportFolder(
        tmp_path / "clinic", CLIENTS.format("data.csv").replace("\nfile", '\ndictionary = "b.csv"\nfile')
    )
    folder.put("data.csv", RAW).put("a.csv", DICTIONARY).put("b.csv", DICTIONARY)
    assert not any(fault.stops for fault in folder.list_faults())
    folder.put("clinic.toml", (folder.folder / "clinic.toml").read_text().replace('dictionary = "b.csv"\n', ""))
    assert ("redcap-several-dictionaries", "") in folder.list_ids()
    folder.put("b.csv", DICTIONARY.replace("record_id", "other_id").replace("Record ID", "Other"))  # of another project
    assert not any(fault.stops for fault in folder.list_faults())


@pytest.mark.parametrize(("name", "content", "expected"), [
    ("dictionary.csv", DICTIONARY.replace("record_id,intake", "other_id,intake").replace("Record ID", "Other"),
     "redcap-record-id-not-found"),
    ("dictionary.csv", "a,b\n1,2\n", "redcap-not-a-dictionary"),
    ("data.csv", "\n", "redcap-without-records"),
    ("data.csv", "record_id,sex\n", "redcap-without-records"),
    ("dictionary.csv", None, "file-not-found"),
])  # fmt: skip
def test_files_that_do_not_fit_are_refused(name: str, content: str | None, expected: str, tmp_path: Path) -> None:
    toml = CLIENTS.format("data.csv").replace("\nfile", '\ndictionary = "dictionary.csv"\nfile')
    folder = ExportFolder(tmp_path / "clinic", toml).put("data.csv", RAW).put("dictionary.csv", DICTIONARY)
    if content is None:
        (folder.folder / name).unlink()
    else:
        folder.put(name, content)
    assert [fault.id for fault in folder.list_faults() if fault.stops] == [expected]


@pytest.mark.parametrize(("content", "expected"), [
    ('[{"record_id": "c1"}', "json-not-valid"),
    ('{"record_id": "c1"}', "json-without-records"),
    ('[{"record_id": ["c1"]}]', "json-without-records"),
    ("[" * 100_000, "json-not-valid"),
    ("[]", "redcap-without-records"),
])  # fmt: skip
def test_json_that_holds_no_records_is_refused(content: str, expected: str, tmp_path: Path) -> None:
    folder = ExportFolder(tmp_path / "clinic", CLIENTS.format("data.json")).put("data.json", content)
    assert [fault.id for fault in folder.list_faults() if fault.stops] == [expected]


def test_json_that_cannot_be_opened_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = ExportFolder(tmp_path / "clinic", CLIENTS.format("data.json")).put("data.json", "[]")
    read = Path.read_text

    def refuse(path: Path, *args: object, **keys: object) -> str:
        if path.name == "data.json":
            raise PermissionError(13, "Permission denied")
        return read(path, *args, **keys)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "read_text", refuse)
    assert [fault.id for fault in folder.list_faults() if fault.stops] == ["file-not-readable"]


def test_the_keys_of_redcap_need_its_preset(tmp_path: Path) -> None:
    folder = ExportFolder(tmp_path / "clinic", '[tables.clients]\nform = "intake"\n')
    with pytest.raises(DataFault, match='need `source = "redcap"`'):
        folder.list_faults()


def test_a_choice_that_the_dictionary_lacks_cannot_be_read(tmp_path: Path) -> None:
    folder = ExportFolder(tmp_path / "clinic", CLIENTS.format("data.csv")).put("d.csv", DICTIONARY)
    folder.put("data.csv", RAW.replace("c2,b@example.org,2,b", "c2,b@example.org,2,zz"))
    faults = {fault.id: fault for fault in folder.list_faults()}
    assert faults["redcap-choice-not-listed"].column == "pays"
    assert faults["redcap-choice-not-listed"].rows == (3,)
    assert faults["cell-written-as-unreadable"].sets_aside == ("c2",)
    folder.put("clinic.toml", (folder.folder / "clinic.toml").read_text().replace("\nfile", '\nmissing = ["ZZ"]\nfile'))
    assert "redcap-choice-not-listed" not in dict(folder.list_ids())
    assert folder.read_column("payer") == {"c1": "blue cross, blue shield"}


def test_dictionary_and_events_are_files_of_the_clinic(tmp_path: Path) -> None:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.reading.rows.unused_files import list_unused_files

    folder = ExportFolder(tmp_path / "clinic", CLIENTS.format("data.csv")).put("data.csv", RAW).put("d.csv", DICTIONARY)
    folder.put("event.csv", "event_name,arm_num,unique_event_name\nBaseline,1,baseline_arm_1\n")
    clinic = Clinic.open(folder.folder)
    assert list_unused_files(clinic) == []
    assert {"d.csv", "event.csv"} <= {path.name for path in clinic.list_input_paths()}


def test_rows_without_any_cell_are_no_records(tmp_path: Path) -> None:
    folder = ExportFolder(tmp_path / "clinic", CLIENTS.format("data.csv")).put("d.csv", DICTIONARY)
    folder.put("data.csv", RAW + ",,,,,,,,,\n")
    assert isinstance(folder.read(), pd.DataFrame)
    assert len(folder.read()) == 4


def test_half_of_a_character_in_json_is_an_error(tmp_path: Path) -> None:
    folder = ExportFolder(tmp_path / "clinic", CLIENTS.format("data.json")).put("codebook.csv", DICTIONARY)
    folder.put("data.json", '[{"record_id": "c1", "mail": "\\ud800"}]')
    assert [one.id for one in folder.list_faults() if one.stops] == ["json-not-valid"]
