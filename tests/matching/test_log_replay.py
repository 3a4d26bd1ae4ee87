"""A logged line of another form than Attune writes is one error that names the line, before anything is computed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.clinic_day import TableDay
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.faults import DataFault
from attune_fit.matching.log_replay import recompute_line
from attune_fit.matching.ranking_log import LogRow, LogRowKind
from tests.models.builders import town

TEXTS = dict.fromkeys(("when", "data", "bundle", "policy", "result"), "x")
STATE = {"as_of": "2026-01-05", "events": 3}  # lines of earlier versions lack it
LINES: dict[LogRowKind, dict[str, Any]] = {
    "ranking": {**TEXTS, "seed": 0, "client_id": "c1", "shown": ["t1"], "kind": "rank"},
    "file": {**TEXTS, "seed": 0, "rows": 3, "file": "list.csv"},
    "placement": {
        **TEXTS, "seed": 0, "rules": "x", "placed": {"c1": "t1"},
        "asked": {"pinned": [["c1", "t1"]], "refused": [], "kept": {"c1": "t1"}},
    },
}  # fmt: skip
ASKED = LINES["placement"]["asked"]
ODD_LISTS: list[Any] = [5, None, [["c1"]], [["c1", 2]], ["c1"], {"c1": "t1"}]
ODD_MAPS: list[Any] = [5, None, [], {"c1": 5}]
ODD_CELLS: list[Any] = [None, 5.5, [[1]], {"a": [1]}]
ODD: list[tuple[LogRowKind, dict[str, Any]]] = [
    *((kind, {name: odd}) for kind, fields in LINES.items() for name in fields for odd in ODD_CELLS),
    *((kind, {"seed": odd}) for kind in LINES for odd in (-1, True, "0")),
    *((kind, {"as_of": odd}) for kind in LINES for odd in (5, [1], "20260105", "2026-02-30", "0001-01-01", "today")),
    *((kind, {"events": odd}) for kind in LINES for odd in (-1, True, "3", 1.5, [1])),
    ("ranking", {"kind": "guess"}),
    ("ranking", {"shown": ["t1", 2]}),
    ("ranking", {"unheard": 1}),
    ("file", {"rows": -1}),
    ("file", {"file": ["x"]}),
    ("file", {"clients": "some"}),
    ("file", {"top": 0}),
    ("file", {"top": True}),
    ("file", {"excluded": 1}),
    ("file", {"is_folder": "yes"}),
    ("placement", {"placed": {"c1": ["t1"]}}),
    *(("placement", {"asked": {**ASKED, "pinned": odd}}) for odd in ODD_LISTS),
    *(("placement", {"asked": {**ASKED, "kept": odd}}) for odd in ODD_MAPS),
]


def find_fault(tmp_path: Path, kind: LogRowKind, fields: dict[str, Any]) -> str:
    with pytest.raises(DataFault) as raised:
        recompute_line(LogRow("7", kind, fields=fields), Clinic.open(tmp_path), lambda *_: town())
    (fault,) = raised.value.faults
    return fault.id


@pytest.mark.parametrize("kind", LINES)
def test_a_line_in_the_form_of_attune_is_read(tmp_path: Path, kind: LogRowKind) -> None:
    for fields in (LINES[kind], {**LINES[kind], **STATE}):
        assert find_fault(tmp_path, kind, fields) == "digest-of-other-version"  # the next thing that is looked at


@pytest.mark.parametrize("kind", LINES)
def test_the_tables_are_opened_on_the_day_and_after_the_event_of_the_line(tmp_path: Path, kind: LogRowKind) -> None:
    opened: list[tuple[TableDay, int]] = []

    def open_tables(day: TableDay, n_events: int) -> Tables:
        opened.append((day, n_events))
        return town()

    for state in ({}, {"as_of": "", "events": 0}, STATE):
        row = LogRow("7", kind, bundle="day0", fields={**LINES[kind], "data": town().digest(), **state})
        with pytest.raises(DataFault):
            recompute_line(row, Clinic.open(tmp_path), open_tables)
    assert opened == [("latest", 0), ("latest", 0), (dt.date(2026, 1, 5), 3)]


@pytest.mark.parametrize(("kind", "changed"), ODD, ids=str)
def test_a_line_of_another_form_is_an_error(tmp_path: Path, kind: LogRowKind, changed: dict[str, Any]) -> None:
    assert find_fault(tmp_path, kind, {**LINES[kind], **changed}) == "log-line-not-readable"
