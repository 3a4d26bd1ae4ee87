"""The examples of REDCap and Qualtrics in docs/your-clinic.md read exports of the shape that they describe."""

from __future__ import annotations

import re
from pathlib import Path

import attune_fit as af
from tests.data.reading.presets.preset_folders import ExportFolder, count_read
from tests.data.reading.presets.test_read_qualtrics import list_rows, write_rows
from tests.data.reading.presets.test_redcap_rows import HEADERS

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "your-clinic.md").read_text(encoding="utf-8")
ITEMS = [f"wai{number}" for number in range(1, 13)]
ANSWERS = '"1, Seldom | 2, Sometimes | 3, Fairly often | 4, Very often | 5, Always"'
DICTIONARY = HEADERS + (
    "record_id,intake,text,Record ID,,,\nfirst_name,intake,text,First name,,,y\ndob,intake,text,Born,,date_mdy,y\n"
    'sex,intake,radio,Gender,"0, Female | 1, Male",,\nrace,intake,checkbox,Race,"1, Asian | 2, White",,\n'
    'insurance,intake,dropdown,Insurance,"1, Blue Cross, Blue Shield | 2, Self",,\nseen_by,intake,text,Therapist,,,\n'
    "wai_date,alliance,text,Date,,date_mdy,\n"
) + "".join(f"{item},alliance,radio,{item},{ANSWERS},,\n" for item in ITEMS)  # fmt: skip
RECORDS = (
    "record_id,redcap_repeat_instrument,redcap_repeat_instance,first_name,dob,sex,race___1,race___2,insurance,seen_by,"
    f"intake_complete,wai_date,{','.join(ITEMS)},alliance_complete\n"
    f"c1,,,Ana,1985-03-04,0,0,1,1,tom,2,{',' * 13}\n"
    f"c1,alliance,1{',' * 8},2026-05-01,{','.join('4' * 12)},2\n"
    f"c2,,,Ben,1990-01-02,1,0,0,2,,2,{',' * 13}\n"
)


def read_example(heading: str) -> str:
    """Return the first example below a heading of the page."""
    return re.search(rf"^## {heading}\n.*?```toml\n(.*?)```", PAGE, re.DOTALL | re.MULTILINE)[1]  # type: ignore[index]


def test_redcap(tmp_path: Path) -> None:
    folder = ExportFolder(tmp_path / "clinic", read_example("REDCap"))
    folder.put("dictionary.csv", DICTIONARY).put("data.csv", RECORDS)
    assert folder.list_ids() == []
    assert folder.read_column("payer") == {"c1": "blue cross, blue shield", "c2": "self"}
    assert folder.read_column("race_ethnicity") == {"c1": "white"}
    assert folder.read("outcomes")["score"].to_list() == [4.0]
    assert count_read(folder.get_reading("outcomes"))["session"] == ("redcap_repeat_instance", 1)
    assert af.open_clinic(folder.folder).rank("c2").to_frame()["therapist_id"].to_list() == ["tom"]


def test_qualtrics(tmp_path: Path) -> None:
    rows = [row[:] for row in list_rows()]
    rows[0][9], rows[0][12], rows[1][12] = "Q3", "Q9", "Which languages do you speak?"
    for row in rows[3:]:
        row[9], row[12] = {"woman": "1", "man": "2"}.get(row[9], row[9]), "english"
    folder = ExportFolder(tmp_path / "clinic", read_example("Qualtrics")).put("intake.csv", write_rows(rows))
    assert not [fault for fault in folder.list_faults() if fault.stops or fault.sets_aside]
    assert folder.read_column("gender") == {"ann": "woman", "cat": "woman"}
    assert folder.read_column("presenting_problems") == {"ann": "low mood|grief, loss", "cat": "grief, loss"}
    assert set(folder.read_column("languages").values()) == {"english"}
