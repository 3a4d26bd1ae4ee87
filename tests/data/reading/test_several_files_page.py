"""The section on several files of the page about a clinic's own tables does what it shows."""

from __future__ import annotations

import re
from pathlib import Path

from tests.data.conftest import ClinicFolder
from tests.data.reading.test_row_sources import read_column, write_workbook
from tests.data.reading.test_table_parts import SRS, WAI
from tests.data.reading.test_wide_sessions import WIDE, read_visits

PAGE = Path(__file__).resolve().parents[3] / "docs" / "your-clinic.md"
SECTION = PAGE.read_text(encoding="utf-8").split("## Several files, one table\n")[1].split("\n## ")[0]
STACKED, JOINED, PARTS, WIDE_TOML = re.findall(r"```toml\n(.*?)```", SECTION, re.DOTALL)


def test_stacked_files_and_sheets(clinic_folder: ClinicFolder) -> None:
    clinic_folder.drop("clients.csv").put("intake_2025.csv", "client_id,age\nann,34\nben,51\n")
    clinic_folder.put("intake_2026.csv", "client_id,age\ncat,27\n").drop("therapists.csv")
    sheets = {"North": "therapist_id,gender\ntom,man\n", "South": "therapist_id,gender\nuna,woman\n"}
    write_workbook(clinic_folder.folder / "roster.xlsx", sheets)
    clinic_folder.add(STACKED)
    assert read_column(clinic_folder, "age") == {"ann": 34, "ben": 51, "cat": 27}
    assert read_column(clinic_folder, "gender", "therapists") == {"tom": "man", "una": "woman"}


def test_joined_files(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("gad7.csv", "Client,GAD total,When\nann,12,2026-05-03\nann,3,2026-05-01\nben,9,2026-05-02\n")
    assert read_column(clinic_folder.add(JOINED), "gad7") == {"ann": 12, "ben": 9}


def test_parts(clinic_folder: ClinicFolder) -> None:
    clinic_folder.drop("outcomes.csv").put("srs.csv", SRS)
    clinic_folder.put("wai.csv", WAI.replace("Clinician,visit", "therapist_id,session")).add(PARTS)
    assert sorted(clinic_folder.read().outcomes["score"].dropna()) == [4, 33]


def test_wide_sessions(clinic_folder: ClinicFolder) -> None:
    clinic_folder.put("outcomes.csv", WIDE.replace("3,,2026", "3,-99,2026")).add(WIDE_TOML)
    assert read_visits(clinic_folder) == {("ann", 1): 4.25, ("ann", 2): 3, ("ben", 1): 3.5, ("ben", 3): 2}
