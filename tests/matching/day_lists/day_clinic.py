"""The sample clinic on a busy day: offers of every state, declines, starts, an opening, priorities and old rows."""

from __future__ import annotations

import shutil
from pathlib import Path

from attune_fit.workspace import Workspace, open_clinic
from tests.conftest import SAMPLE

SETTINGS = "\n[assign]\noverdue_weeks = 7\n"
UNREADABLE_WISH = "c0079,gender,woman,shall\n"  # sets the client aside
DAY = "2026-01-05"

STATES = {  # of the clients about whom the day has an event or a cell; the others wait
    "c0062": "offer expired",
    "c0064": "declined",
    "c0066": "accepted",
    "c0075": "offered",
    "c0077": "offered",
    "c0073": "offered",
    "c0079": "set aside",
    "c0031": "declined",
    "c0080": "waiting",  # its offer was undone
    "c9001": "waiting",
}


def write_clinic(folder: Path) -> Path:
    """Copy the sample clinic, with a wish that cannot be read and shorter waits before a client is asked again."""
    shutil.copytree(SAMPLE, folder)
    with (folder / "preferences.csv").open("a", encoding="utf-8") as file:
        file.write(UNREADABLE_WISH)
    with (folder / "clinic.toml").open("a", encoding="utf-8") as file:
        file.write(SETTINGS)
    return folder


def record_busy_day(clinic: Workspace) -> None:
    """Record the events of the day."""
    record = clinic.record
    record("client_changed", client="c0069", cells={"priority": "urgent"})
    record("client_changed", client="c0071", cells={"priority": "soon"})
    record("client_changed", client="c0074", cells={"priority": "routine"})
    record("client_added", client="c9001", cells={"region": "north", "payer": "public"})
    record("offered", client="c0077", therapist="t07", on="2026-01-04", until="2026-01-09")
    record("offered", client="c0075", therapist="t08", on="2026-01-01", until=DAY)
    record("offered", client="c0062", therapist="t06", on="2025-12-20", until="2026-01-02")
    record("offered", client="c0064", therapist="t15", on="2026-01-02")
    record("declined", client="c0064", therapist="t15", by="client", reason="no-answer")
    record("offered", client="c0066", therapist="t11", on="2025-12-15", until="2025-12-22")
    record("accepted", client="c0066", therapist="t11", on="2025-12-16")
    record("started", client="c0070", therapist="t16", on="2026-01-02")
    record("score_recorded", client="c0070", therapist="t16", session=3, score=1.5, on=DAY)
    record("started", client="c0061", therapist="t03", on="2025-12-05")
    record("started", client="c0078", therapist="t16", on="2025-12-12")
    record("started", client="c0072", therapist="t10", on="2025-12-20")
    record("ended", client="c0072", therapist="t10", reason="therapist-request", on="2026-01-02")
    record("opening_set", therapist="t09", openings=2, on=DAY)
    record("offered", client="c0080", therapist="t16")
    record("undone", number=len(clinic.journal_events), because="did-not-happen")
    record("ended", client="c0031", therapist="t02", reason="client-request", on="2026-01-03")
    first = clinic.rank("c0031").result.candidates[0].therapist_id
    record("offered", client="c0031", therapist=first, on="2026-01-03")
    record("declined", client="c0031", therapist=first, by="therapist", reason="caseload", on="2026-01-04")
    record("offered", client="c0073", therapist="t05", until="2026-01-20")
    record("offered", client="c0073", therapist="t13", until="2026-01-15")
    record("declined", client="c0073", therapist="t05", by="therapist", reason="caseload")


def copy_clinic(clinic: Workspace, folder: Path, day: str = DAY) -> Workspace:
    """Copy a clinic with its journal, and open the copy on a day."""
    shutil.copytree(clinic.folder, folder)
    settings = folder / "clinic.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace(DAY, day), encoding="utf-8")
    return open_clinic(folder)
