"""Lines of the logs hold the end of the journal: they show that events were removed, or all written anew."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from attune_fit.artifact_checks import check_artifacts, find_artifact_warnings, list_artifact_notes
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.command_words import format_word
from attune_fit.data.hash_chain import ChainHead
from attune_fit.data.journal.database.journal_schema import EVENTS, JOURNALS, PEOPLE
from attune_fit.data.journal.journal_access import JOURNAL_FILE, JOURNAL_NAME, open_journal
from attune_fit.data.journal.journal_ends import check_journal, read_journal_ends
from attune_fit.data.journal.journal_event import EventDraft
from attune_fit.data.sealed_files import ASSIGNMENT_LOG, LEDGER, RANKING_LOG, append_sealed
from tests.conftest import SAMPLE, Attune

NOW = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)


def record(clinic: Clinic, count: int) -> None:
    """Record openings of a therapist."""
    draft = EventDraft("opening_set", dt.date(2026, 1, 5), None, "t05", {"openings": 1})
    for _ in range(count):
        open_journal(clinic).record(lambda _: draft, actor="anna", now=NOW)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample clinic with five events, a line of each log after the third of them, and a ranking at the end."""
    folder = tmp_path_factory.mktemp("journal") / "clinic"
    shutil.copytree(SAMPLE, folder)
    clinic = Clinic.open(folder)
    record(clinic, 3)
    for row in (RANKING_LOG, ASSIGNMENT_LOG, LEDGER):
        append_sealed(clinic.artifacts, row, [{"when": "2026-01-01T00:00:00+00:00"}], read_journal_ends(clinic))
    record(clinic, 2)
    append_sealed(clinic.artifacts, RANKING_LOG, [{"when": "2026-01-01T00:00:00+00:00"}], read_journal_ends(clinic))
    return folder


@pytest.fixture
def clinic(once: Path, tmp_path: Path) -> Clinic:
    """A copy of it."""
    return Clinic.open(shutil.copytree(once, tmp_path / "clinic"))


def change(clinic: Clinic, *statements: sa.Executable) -> None:
    engine = sa.create_engine(f"sqlite:///{clinic.artifacts / JOURNAL_FILE}")
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(statement)
    engine.dispose()


def cut(clinic: Clinic) -> None:
    """Remove the last two events as a person does who knows how the journal is made."""
    change(
        clinic,
        sa.delete(EVENTS).where(EVENTS.c.number > 3),
        sa.update(JOURNALS).values(
            number=3, seal=sa.select(EVENTS.c.seal).where(EVENTS.c.number == 3).scalar_subquery()
        ),
        sa.update(PEOPLE).where(PEOPLE.c.side == "therapist").values(version=3),
    )


def delete(clinic: Clinic) -> None:
    (clinic.artifacts / JOURNAL_FILE).unlink()


def write_anew(clinic: Clinic) -> None:
    delete(clinic)
    record(clinic, 6)


CHANGES: dict[str, tuple[Callable[[Clinic], None], str]] = {
    "cut": (cut, "it has 3 events, but rankings.jsonl line 2 was written when it had 5"),
    "deleted": (delete, "it has no event, but rankings.jsonl line 2 was written when it had 5"),
    "written anew": (write_anew, "its event 5 is not the one that it had when rankings.jsonl line 2 was written"),
    "edited": (
        lambda clinic: change(clinic, sa.update(EVENTS).where(EVENTS.c.number == 5).values(type="ended")),
        "event 5 was changed",
    ),
}


def test_each_line_holds_the_end_of_the_journal(clinic: Clinic) -> None:
    for row in (RANKING_LOG, ASSIGNMENT_LOG, LEDGER):
        line = json.loads((clinic.artifacts / row.file).read_text().splitlines()[-1])
        assert line["heads"][JOURNAL_NAME]["line"] == (5 if row is RANKING_LOG else 3)
    assert check_artifacts(clinic)[JOURNAL_NAME].n_lines == 5
    assert find_artifact_warnings(clinic) == ()
    assert list_artifact_notes(clinic) == ()


@pytest.mark.parametrize("tail", [None, 1])
@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_the_journal_is_named_with_the_command_that_shows_more(
    clinic: Clinic, name: str, tail: int | None
) -> None:
    make, message = CHANGES[name]
    make(clinic)
    check = check_artifacts(clinic, tail)[JOURNAL_NAME]
    assert message in [found.message for found in check.breaks]
    (note,) = list_artifact_notes(clinic, tail)
    assert note.startswith(f"Note: the journal was changed since Attune wrote it. journal: {check.breaks[0].message}")
    assert note.endswith(f"See: attune journal {format_word(clinic.folder)} --verify")
    (warning,) = find_artifact_warnings(clinic, tail)
    assert (warning.id, warning.table) == ("artifact-changed", JOURNAL_NAME)


def test_without_the_logs_a_cut_journal_shows_nothing(clinic: Clinic) -> None:
    cut(clinic)
    assert check_journal(clinic).is_whole


def test_an_event_that_comes_between_two_reads_is_no_break(clinic: Clinic) -> None:
    named = [("rankings.jsonl line 2", end) for end in read_journal_ends(clinic).values()]
    record(clinic, 1)
    assert check_journal(clinic, named).is_whole
    assert not check_journal(clinic, [("rankings.jsonl line 9", ChainHead(6, "0" * 64))]).is_whole


def test_a_clinic_without_a_journal_has_no_check_of_it(tmp_path: Path) -> None:
    shutil.copytree(SAMPLE, tmp_path / "clinic")
    clinic = Clinic.open(tmp_path / "clinic")
    assert read_journal_ends(clinic) == {}
    assert JOURNAL_NAME not in check_artifacts(clinic)
    assert not clinic.artifacts.exists()


def test_a_journal_that_cannot_be_read_is_an_error_and_no_change(attune: Attune, clinic: Clinic) -> None:
    (clinic.artifacts / JOURNAL_FILE).write_bytes(b"no database" * 100)
    (found,) = check_artifacts(clinic)[JOURNAL_NAME].breaks
    assert found.what == "not readable"
    assert not list_artifact_notes(clinic)
    assert not find_artifact_warnings(clinic)
    faults = json.loads(attune("check", clinic.folder, "--json").stdout)["faults"]
    assert [fault["stops"] for fault in faults if "journal" in fault["table"]] == [True]
    done = attune("log", clinic.folder, "--verify")
    assert (done.exit_code, done.output.startswith("Not every file can be checked. journal: ")) == (1, True)


def test_the_check_of_the_log_names_the_journal(attune: Attune, clinic: Clinic) -> None:
    done = attune("log", clinic.folder, "--verify")
    assert done.exit_code == 0
    assert "The journal is whole: 5 events." in done.output
    assert "all 3 lines are as they were written" in done.output  # of the logs; events are no lines
    cut(clinic)
    done = attune("log", clinic.folder, "--verify")
    assert done.exit_code == 1
    assert CHANGES["cut"][1] in done.output.replace("\n", " ")
