"""A worklist, as a terminal shows it."""

from __future__ import annotations

import pytest

from attune_fit.app.views.worklist import show_worklist
from attune_fit.matching.ranking.worklist import WorklistEntry

ENTRIES = (
    WorklistEntry("c0", "", 0, 0, None, (), (("full", 9), ("no shared slot", 8), ("payer not accepted", 3))),
    WorklistEntry("c1", "t03", 2, 3, 9, ("directiveness_preference", "payer"), (("full", 1),)),
    WorklistEntry("c2", "t01", 1, 12, 23 * 7 + 3, (), ()),
)


@pytest.mark.parametrize("width", [80, 120])
def test_each_client_has_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    show_worklist(ENTRIES, "Verdict.", "here", only_waiting=True)
    output = capsys.readouterr().out
    lines = output.splitlines()
    assert "3 clients waiting · 1 without a candidate, 1 with 1 to 3, 1 with more" in lines
    start = next(number for number, line in enumerate(lines) if "───" in line)
    rows = [line.split() for line in lines[start + 1 : start + 4]]
    assert rows[0][:6] == ["c0", "unknown", "0", "none", "9", "full,"]
    assert rows[1][:7] == ["c1", "9", "days", "3", "t03", "2", "directiveness"]
    assert rows[2] == ["c2", "23", "weeks", "12", "t01", "1"]
    assert not lines[start + 4].strip()
    assert all(len(line) <= width for line in lines)
    text = " ".join(output.split())
    assert "Order: no candidate first, then 1 to 3, then the others; in each group the longest wait first" in text
    for command in ("rank here --client c1", "relax here --client c0", "assign here"):
        assert f"attune {command} " in text


def test_a_long_id_leaves_room_for_a_sum_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    long = WorklistEntry("clinic-north-0000123", "t" * 12, 2, 3, 9, ("directiveness_preference", "payer"), ())
    show_worklist([long], "Verdict.", "here", only_waiting=False)
    output = capsys.readouterr().out
    assert "2 answers" in output
    assert "since" in output
    assert "assign" not in output
