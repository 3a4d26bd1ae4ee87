"""The workbook of docs/your-clinic.md, built from the page and read by the `clinic.toml` of the page."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.data.outcomes.openings import count_openings
from attune_fit.workspace import Workspace
from tests.conftest import Attune

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "your-clinic.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("## An ordinary workbook\n")[2]
SHEETS = ("Clients", "Team", "Alliance forms")
DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2})")
NEXT_CENTURY = 30  # a two-digit year below it is of the 2000s
Rows = list[list[str]]


def read_page_tables() -> list[Rows]:
    """Return the cells of each table of the section, without the line under its first row."""
    blocks = re.findall(r"(?:^\|.*\n)+", SECTION, re.MULTILINE)
    rows = [[line[1:-1].split("|") for line in block.splitlines()] for block in blocks]
    return [[[cell.strip() for cell in row] for number, row in enumerate(table) if number != 1] for table in rows]


def keep_text(cell: str) -> Any:
    """Return a cell as an office types it: numbers are numbers, dates are text."""
    return int(cell) if cell.isdigit() else cell or None


def convert_date(cell: str) -> Any:
    """Return a cell as a spreadsheet program changes it: dates are dates."""
    if found := DAY.fullmatch(cell):
        month, day, year = map(int, found.groups())
        return dt.datetime(year + (2000 if year < NEXT_CENTURY else 1900), month, day)
    return keep_text(cell)


def write_clinic(folder: Path, convert: Callable[[str], Any] = keep_text, *, is_merged: bool = False) -> Workspace:
    """Write the workbook and the `clinic.toml` of the page."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in zip(SHEETS, read_page_tables()[: len(SHEETS)], strict=True):
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append([convert(cell) for cell in row])
    if is_merged:
        for cells in ("A1:D1", "E1:I1", "J1:M1"):
            workbook["Clients"].merge_cells(cells)
    folder.mkdir()
    workbook.save(folder / "birch-street.xlsx")
    found = re.search(r"```toml\n(.*?)```", SECTION, re.DOTALL)
    assert found is not None
    (folder / "clinic.toml").write_text(found[1])
    return Workspace(folder)


@pytest.fixture(params=[(keep_text, False), (keep_text, True), (convert_date, True)], ids=["text", "merged", "dates"])
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> Workspace:
    convert, is_merged = request.param
    return write_clinic(tmp_path / "birch", convert, is_merged=is_merged)


def test_check_finds_the_two_warnings_that_the_page_names(workspace: Workspace) -> None:
    faults = workspace.check().result
    assert [(one.table, one.stops, one.rows) for one in faults] == [
        ("outcomes", False, (3,)),
        ("therapists", False, (6,)),
    ]
    assert {one.id for one in faults} == {"incomplete-form", "totals-row"}


def test_every_cell_of_the_page_is_read(workspace: Workspace) -> None:
    tables = workspace.tables
    clients = tables.clients.set_index("client_id")
    assert clients["age"].to_dict() == {
        "Ana Ruiz": 41, "Ben Cole": 64, "Chloe Park": 23, "Dev Shah": 32, "Eva Lind": 46, "Farid Aziz": 37,
    }  # fmt: skip
    ana = next(row for row in tables.clients.to_dict("records") if row["client_id"] == "Ana Ruiz")
    ana = {str(name): cell for name, cell in ana.items() if not pd.isna(cell) and name != "client_id"}
    assert str(ana.pop("referred_on"))[:10] == "2026-05-11"
    assert ana == {
        "age": 41, "gender": "woman", "languages": "english|spanish", "region": "ny", "payer": "bcbs",
        "formats": "video|in person", "presenting_problems": "anxiety|grief", "availability": "mon am|wed pm",
    }  # fmt: skip
    assert clients.loc["Chloe Park", "availability"] == "mon am|tue pm"
    wishes = tables.preferences.sort_values("client_id").to_numpy().tolist()
    assert wishes == [["Ana Ruiz", "gender", "woman", "must"], ["Dev Shah", "gender", "man", "prefer"]]
    roster = tables.therapists.set_index("therapist_id")
    assert roster["open_slots"].to_dict() == {"Maya Stone": 2, "Noah Berg": 1, "Olga Petrova": 0}
    assert {str(day)[:10] for day in roster["updated_on"]} == {"2026-05-25"}
    noah = [roster[name]["Noah Berg"] for name in ("licensed_regions", "payers", "availability")]
    assert noah == ["ny|nj", "medicare|bcbs|aetna", "tue pm|wed pm|fri am"]


def test_answers_in_words_are_scores(workspace: Workspace) -> None:
    """By hand: Eva answers 5 and 4 in turn; Farid's eleven answers sum to 37."""
    tables = workspace.tables
    early = compute_early_alliance(tables, workspace.clinic.instruments)
    points = dict(zip(tables.clients["client_id"].iloc[early["client_row"]], 1 + early["pomp"] / 25, strict=True))
    assert points == {"Eva Lind": pytest.approx(4.5), "Farid Aziz": pytest.approx(37 / 11)}


def test_a_start_after_the_check_of_the_roster_uses_an_opening(workspace: Workspace) -> None:
    tables = workspace.tables
    openings = dict(zip(tables.therapists["therapist_id"], count_openings(tables), strict=True))
    assert openings == {"Maya Stone": 1, "Noah Berg": 1, "Olga Petrova": 0}


def test_the_worklist_of_the_page_is_the_worklist(workspace: Workspace) -> None:
    header, *expected = read_page_tables()[len(SHEETS)]
    assert header == ["client", "waits", "first"]
    frame = workspace.worklist().to_frame()
    found = zip(frame["client_id"], frame["days_waited"], frame["first"], strict=True)
    assert [[client, f"{days // 7} weeks", first] for client, days, first in found] == expected
    assert frame["n_candidates"].tolist() == [1] * len(expected)


def test_the_commands_of_the_page_run(tmp_path: Path, attune: Attune) -> None:
    folder = write_clinic(tmp_path / "birch").folder
    checked = attune("check", folder)
    assert (checked.exit_code, "No errors, 2 warnings." in checked.output) == (0, True)
    listed = attune("rank", folder, "--waiting")
    assert listed.exit_code == 0
    assert '--client "Dev Shah"' in " ".join(listed.output.split())
    assert attune("rank", folder, "--client", "Dev Shah").exit_code == 0
    assert attune("assign", folder).exit_code == 0


def test_a_misspelt_name_is_reported_and_a_restriction_that_cannot_be_read_restricts(tmp_path: Path) -> None:
    workspace = write_clinic(tmp_path / "birch", lambda cell: {"full": "fulll"}.get(cell, keep_text(cell)))
    (fault,) = (one for one in workspace.check().result if one.column == "Openings")
    assert (fault.rows, fault.sets_aside) == ((5,), ("Olga Petrova",))
    offered = workspace.rank("Chloe Park").to_frame()
    assert offered.loc[offered["status"] == "ranked", "therapist_id"].tolist() == ["Maya Stone"]
