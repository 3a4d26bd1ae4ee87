"""Commands that read and then write at the same time: every decision is kept or refused, none is lost."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from attune_fit.data.chain_check import ChainCheck
from attune_fit.data.faults import DataFault
from attune_fit.data.journal.database.journal_queries import read_end, read_people
from attune_fit.data.journal.database.journal_rows import PersonRow
from attune_fit.data.journal.journal_event import EventDraft, JournalEvent
from tests.data.journal.conftest import NOW, JournalFolder, make_journal_folder

DAY = dt.date(2026, 6, 15)
N_THREADS = 4
CONFLICT = "changed-by-someone-else"
Step = Callable[[JournalFolder, threading.Barrier], str]


def count_openings(events: Sequence[JournalEvent]) -> int:
    """Return the openings of tom: each event sets them."""
    return int(events[-1].fields["openings"]) if events else 0


def add_opening(events: Sequence[JournalEvent]) -> EventDraft:
    return EventDraft("opening_set", DAY, None, "tom", {"openings": count_openings(events) + 1})


def record_in_transaction(clinic: JournalFolder, barrier: threading.Barrier) -> str:
    """Read within the transaction that writes."""
    barrier.wait()
    clinic.open_store().record(add_opening, actor="kim", now=NOW)
    return "recorded"


def record_what_was_expected(clinic: JournalFolder, barrier: threading.Barrier) -> str:
    """Read, look at it for a while, and write unless another one has written about the same therapist."""
    store = clinic.open_store()
    events = store.read_events()
    draft = add_opening(events)
    barrier.wait()
    try:
        store.record(lambda _: draft, actor="kim", now=NOW, expected=len(events))
    except DataFault as error:
        return error.faults[0].id
    return "recorded"


def record_blindly(clinic: JournalFolder, barrier: threading.Barrier) -> str:
    """Read, look at it for a while, and write whatever happened since: the control."""
    store = clinic.open_store()
    draft = add_opening(store.read_events())
    barrier.wait()
    store.record(lambda _: draft, actor="kim", now=NOW)
    return "recorded"


def run_at_once(clinic: JournalFolder, step: Step, n_steps: int) -> Counter[str]:
    """Let several threads take a step at the same time, again and again, and count how the steps ended."""
    barrier = threading.Barrier(N_THREADS, timeout=60)

    def run(_: int) -> list[str]:
        done = []
        for _step in range(n_steps):
            done.append(step(clinic, barrier))
            barrier.wait()
        return done

    with ThreadPoolExecutor(N_THREADS) as pool:
        return Counter(word for done in pool.map(run, range(N_THREADS)) for word in done)


def check_openings(clinic: JournalFolder, step: Step, n_steps: int) -> tuple[Counter[str], int, int]:
    """Return how steps ended, the number of events, and the openings at the end."""
    done = run_at_once(clinic, step, n_steps)
    events = clinic.open_store().read_events()
    assert clinic.open_store().verify().is_whole
    return done, len(events), count_openings(events)


@pytest.mark.parametrize("n_steps", [5, pytest.param(50, marks=pytest.mark.slow)])
def test_what_is_read_within_the_transaction_is_never_lost(journal_clinic: JournalFolder, n_steps: int) -> None:
    total = N_THREADS * n_steps
    assert check_openings(journal_clinic, record_in_transaction, n_steps) == ({"recorded": total}, total, total)


@pytest.mark.parametrize("n_steps", [5, pytest.param(50, marks=pytest.mark.slow)])
def test_what_was_read_before_is_recorded_or_refused(journal_clinic: JournalFolder, n_steps: int) -> None:
    done, n_events, openings = check_openings(journal_clinic, record_what_was_expected, n_steps)
    assert done == {"recorded": n_steps, CONFLICT: (N_THREADS - 1) * n_steps}  # one of four, each time
    assert n_events == openings == n_steps


def test_without_either_openings_are_lost(journal_clinic: JournalFolder) -> None:
    """The control: all report success, and three of four openings are gone."""
    done, n_events, openings = check_openings(journal_clinic, record_blindly, 5)
    assert done == {"recorded": 20}
    assert n_events == 20
    assert openings == 5


def test_the_first_event_of_several_commands(journal_clinic: JournalFolder) -> None:
    """The tables are made once, and no event is lost with them."""
    assert not journal_clinic.open_store().exists()
    assert check_openings(journal_clinic, record_in_transaction, 1) == ({"recorded": 4}, 4, 4)


def test_a_write_past_the_lock_is_refused(
    postgresql_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the lock of the journal's row does nothing, the row itself shows that another command was faster."""
    clinic = make_journal_folder(tmp_path / "clinic", postgresql_address)  # SQLite locks its whole file instead
    clinic.record("opening_set", None, "tom", openings=0)
    monkeypatch.setattr("attune_fit.data.journal.database.journal_store.lock_end", read_end)

    def record_meanwhile(events: tuple[JournalEvent, ...]) -> EventDraft:
        clinic.open_store().record(add_opening, actor="kim", now=NOW)
        return add_opening(events)

    with pytest.raises(DataFault) as error:
        clinic.open_store().record(record_meanwhile, actor="kim", now=NOW)
    assert error.value.faults[0].id == "journal-changed-meanwhile"
    assert count_openings(clinic.open_store().read_events()) == 1


def test_a_check_reads_one_state(postgresql_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An event that is recorded between two of its queries is no missing one; SQLite waits for the reader instead."""
    clinic = make_journal_folder(tmp_path / "clinic", postgresql_address)
    clinic.record()

    def read_people_late(connection: sa.Connection, journal: str) -> list[PersonRow]:
        monkeypatch.undo()
        clinic.record(client_id="ben")
        return read_people(connection, journal)

    monkeypatch.setattr("attune_fit.data.journal.database.journal_queries.read_people", read_people_late)
    assert clinic.open_store().verify() == ChainCheck(n_lines=1)
    assert clinic.open_store().verify() == ChainCheck(n_lines=2)


PROCESS = """
import datetime as dt
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.journal.journal_access import open_journal
from attune_fit.data.journal.journal_event import EventDraft

def add(events):
    openings = events[-1].fields["openings"] if events else 0
    return EventDraft("opening_set", dt.date(2026, 6, 15), None, "tom", {{"openings": openings + 1}})

store = open_journal(Clinic.open({folder!r}))
for _ in range({n_steps}):
    store.record(add, actor="kim", now=dt.datetime.now(dt.UTC))
"""


@pytest.mark.slow
def test_four_processes_lose_nothing(journal_clinic: JournalFolder) -> None:
    code = PROCESS.format(folder=str(journal_clinic.folder), n_steps=50)
    running = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(4)]
    assert [process.wait() for process in running] == [0, 0, 0, 0]
    events = journal_clinic.open_store().read_events()
    assert len(events) == count_openings(events) == 200
    assert journal_clinic.open_store().verify().is_whole
