"""The forms, items and times of docs/your-clinic.md: the examples of the page are read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from attune_fit.data.clinic.item_scales import ITEM_SCALES
from attune_fit.data.reading.columns.weekly_times import HALF_DAYS, SESSION_MINUTES, read_times
from attune_fit.data.reading.presets.preset_list import PRESETS
from attune_fit.workspace import Workspace

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "your-clinic.md").read_text(encoding="utf-8")
FORMS, ITEMS, TIMES = (
    re.split(r"^## ", PAGE.partition(f"## {title}\n")[2], flags=re.MULTILINE)[0]
    for title in ("Forms", "Sums of items", "Weekly times")
)
CLIENTS = """ID,Start time,Completion time,Email,Name,Client code,What brings you here?,When can you come?,{phq}
1,6/1/26 10:00:05,6/1/26 10:12:40,anonymous,,K01,Anxiety;Low mood;,Mon AM;Wed after 5pm;,{often}
2,6/13/26 9:00:00,6/13/26 9:10:00,anonymous,,K02,Low mood,Tue 9-12;Thu PM;,{few}
""".format(
    phq=",".join(f"PHQ {number}" for number in range(1, 10)),
    often=",".join(["Several days"] * 8 + ["Not at all"]),
    few=",".join(["Nearly every day"] * 6 + [""] * 3),
)
THERAPISTS = (
    'therapist_id,open_slots,Hours\nt1,2,"Mon 9-13, Tue 11-12"\nt2,1,"Do nachm., Fr 8-12"\nt3,1,Wed 17:30-20:00\n'
)


def find_toml(section: str) -> str:
    """Return the example of a section."""
    found = re.search(r"```toml\n(.*?)```", section, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "clients.csv").write_text(CLIENTS)
    (tmp_path / "therapists.csv").write_text(THERAPISTS)
    (tmp_path / "clinic.toml").write_text(f"[clinic]\nas_of = 2026-06-15\n{find_toml(FORMS)}")
    return Workspace(tmp_path)


def test_the_form_is_read(workspace: Workspace) -> None:
    clients = workspace.tables.clients.set_index("client_id")
    assert clients["presenting_problems"].to_dict() == {"K01": "anxiety|depression", "K02": "depression"}
    assert clients["phq9"].fillna(-1).to_dict() == {"K01": 8, "K02": -1}
    assert clients["intake_on"].dt.day.to_dict() == {"K01": 1, "K02": 13}


def test_no_client_is_offered_a_therapist_without_a_shared_session(workspace: Workspace) -> None:
    lists = {client: workspace.rank(client).to_frame() for client in ("K01", "K02")}
    offered = {client: set(frame["therapist_id"][frame["status"] == "ranked"]) for client, frame in lists.items()}
    assert offered == {"K01": {"t1", "t3"}, "K02": {"t1", "t2"}}


def test_the_page_lists_the_form_presets() -> None:
    rows = set(re.findall(r"^\| `(\w+)` \|", FORMS, re.MULTILINE)) - {"source"}
    assert rows <= set(PRESETS)
    assert {"google_forms", "microsoft_forms", "limesurvey", "surveymonkey"} == rows


def test_the_page_lists_the_item_scales() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \|.*\| (\d+) answers \|$", ITEMS, re.MULTILINE))
    needed = {
        name: str(one.build_instrument().count_required_answers(len(one.item_numbers)))
        for name, one in ITEM_SCALES.items()
    }
    assert rows == needed


def test_own_items_of_the_page_are_read(tmp_path: Path) -> None:
    headers = ["w1", "w2", "w3", *(f"PSS{number}" for number in range(1, 11))]
    answers = ",".join("514" + "0" * 10)
    (tmp_path / "clients.csv").write_text(f"client_id,{','.join(headers)}\nann,{answers}\n")
    (tmp_path / "therapists.csv").write_text("therapist_id,open_slots\nt1,1\n")
    (tmp_path / "clinic.toml").write_text(f"[tables.clients.columns]\n{find_toml(ITEMS)}")
    clients = Workspace(tmp_path).tables.clients
    assert (clients["warmth"][0], clients["stress"][0]) == (pytest.approx(14 / 3), 16)


def test_the_times_of_the_page_are_read() -> None:
    text = TIMES.partition("With `slots")[0].partition("In a cell:")[2]
    for one in re.findall(r"`([^`]*)`", text):
        assert read_times([one]).is_complete, one
    assert f"the same {SESSION_MINUTES} minutes" in TIMES
    for word, (first, last) in zip(("AM", "PM", "evening"), HALF_DAYS.values(), strict=True):
        assert re.search(rf"{word} \| {first // 60}:00 to {last // 60}:00", TIMES)
