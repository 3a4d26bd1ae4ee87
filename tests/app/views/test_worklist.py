"""A worklist, as a terminal shows it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from attune_fit.app.views.ranking import explain_waits
from attune_fit.app.views.worklist import show_worklist
from attune_fit.data.reading.read_clinic import read_tables
from attune_fit.matching.ranking.worklist import WorklistEntry
from attune_fit.workspace import Workspace
from tests.shown_tables import show_tables

ENTRIES = (
    WorklistEntry("c0", "", 0, 0, None, (), (("full", 9), ("no shared slot", 8), ("payer not accepted", 3))),
    WorklistEntry("c1", "t03", 2, 3, 9, ("directiveness_preference", "payer"), (("full", 1),)),
    WorklistEntry("c2", "t01", 1, 12, 23 * 7 + 3, (), ()),
)


@pytest.fixture
def workspace(clinic: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The sample clinic, with a short relative path."""
    monkeypatch.chdir(clinic.parent)
    return Workspace(clinic.name)


@pytest.mark.parametrize("width", [80, 120])
def test_each_client_has_one_line(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    show_worklist(ENTRIES, workspace, only_waiting=True)
    output = capsys.readouterr().out
    lines = output.splitlines()
    assert "3 clients waiting · 1 without a candidate, 1 with 1 to 3, 1 with more" in lines
    start = next(number for number, line in enumerate(lines) if "───" in line)
    rows = [line.split() for line in lines[start + 1 : start + 6]]
    assert rows[0][:8] == ["c0", "unknown", "0", "none", "none", "available:", "9", "full,"]
    assert rows[1][:9] == ["c1", "9", "days", "3", "t03", "2", "not", "answered:", "directiveness"]
    if width == 80:  # a name that has no room continues on the next line
        assert rows.pop(2) == ["preference,", "…"]
    assert rows[2:4] == [["c2", "23", "weeks", "12", "t01", "1"], []]
    assert all(len(line) <= width for line in lines)
    text = " ".join(output.split())
    assert "Order: no candidate first, then 1 to 3, then the others; in each group the longest wait first" in text
    for command in ("rank clinic --client c1", "relax clinic --client c0", "assign clinic"):
        assert f"attune {command} " in text


def test_a_long_id_leaves_room_for_a_number_only(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    long = WorklistEntry("clinic-north-0000123", "t" * 12, 2, 3, 9, ("directiveness_preference", "payer"), ())
    show_worklist([long], workspace, only_waiting=False)
    output = capsys.readouterr().out
    assert {"answered:", "questions"} <= set(output.split())
    assert "payer" not in output
    assert all(len(line) <= 80 for line in output.splitlines())
    assert "since" in output
    assert "assign" not in output


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("as_of = 2026-01-05", "Waits are counted to 2026-01-05 (`as_of` in clinic.toml)."),
        ("", "Waits are counted to 2026-01-05."),  # a state of an earlier day was opened
    ],
)
def test_the_day_to_which_waits_are_counted_is_printed(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], config: str, expected: str
) -> None:
    (workspace.folder / "clinic.toml").write_text(f"[clinic]\n{config}\n")
    show_tables(workspace, read_tables(workspace.clinic, dt.date(2026, 1, 5)))
    show_worklist(ENTRIES, workspace, only_waiting=True)
    assert expected in " ".join(capsys.readouterr().out.split())


def test_today_is_not_printed(workspace: Workspace) -> None:
    """Noon of the day in the clinic's own time zone, which is the next day already in Kiritimati."""
    now = dt.datetime(2026, 1, 4, 12, tzinfo=dt.UTC)
    for zone, has_sentence in (("Pacific/Kiritimati", False), ("UTC", True)):
        (workspace.folder / "clinic.toml").write_text(f'[clinic]\nas_of = 2026-01-05\ntime_zone = "{zone}"\n')
        assert bool(explain_waits(Workspace(workspace.folder), now)) is has_sentence


def test_an_empty_list_says_why(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    show_worklist([], workspace, only_waiting=True)
    assert "No client waits: every client in `clients` has met a therapist" in " ".join(capsys.readouterr().out.split())
