"""A desk that is killed in the middle of a write, whose disk is full, or whose database is gone and comes back."""

from __future__ import annotations

import resource
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from attune_fit.workspace import open_clinic
from tests.browser.conftest import serve
from tests.conftest import SAMPLE
from tests.data.postgresql_server import PostgresqlServer, postgresql_server
from tests.faults.served_desk import Visitor

__all__ = ["postgresql_server"]
pytestmark = [pytest.mark.slow, pytest.mark.faults]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(SAMPLE, tmp_path / "clinic")
    return tmp_path / "clinic"


def list_events(folder: Path) -> list[tuple[str, str, str]]:
    """Return type, client and therapist of each event; the journal has to be whole."""
    workspace = open_clinic(folder)
    checks = workspace.verify_journal().result
    assert all(check.is_whole for check in checks.values())
    events = workspace.journal().to_dict()["events"]
    return [(event["type"], event["client_id"], event["therapist_id"]) for event in events]


def list_pairs(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield waiting clients, each with the first therapist on the list."""
    for entry in open_clinic(folder).worklist().result:
        if entry.first:
            yield entry.client_id, entry.first


@pytest.mark.parametrize("delay", [0.0, 0.1, 0.4])
def test_what_was_answered_before_a_kill_is_kept(folder: Path, delay: float) -> None:
    """A visitor offers without a pause; the desk is killed; what was answered is in the journal, and it opens again."""
    pairs = list(list_pairs(folder))
    answered: list[tuple[str, str]] = []
    with serve(folder, folder.parent / "first.log") as desk:
        visitor = Visitor(desk.address)
        visitor.set_up(desk)
        is_begun = threading.Event()

        def offer() -> None:
            for client, therapist in pairs:
                if visitor.offer(client, therapist, str(len(answered)))[0] == 303:
                    answered.append((client, therapist))
                    is_begun.set()

        thread = threading.Thread(target=offer)
        thread.start()
        assert is_begun.wait(60)
        time.sleep(delay)
        desk.process.send_signal(signal.SIGKILL)
        thread.join()
    offers = [(client, therapist) for kind, client, therapist in list_events(folder) if kind == "offered"]
    assert answered
    assert offers[: len(answered)] == answered
    assert len(offers) <= len(answered) + 1  # the kill took the answer of the last one
    check_it_opens_again(folder)


@pytest.mark.parametrize("delay", [0.05, 0.3, 0.6, 0.9])
def test_a_placement_is_whole_or_not_there_after_a_kill(folder: Path, delay: float) -> None:
    with serve(folder, folder.parent / "first.log") as desk:
        visitor = Visitor(desk.address)
        visitor.set_up(desk)
        pairs, form = visitor.preview_placement()
        thread = threading.Thread(target=visitor.send, args=("/placement/offer", form))
        thread.start()
        time.sleep(delay)
        desk.process.send_signal(signal.SIGKILL)
        thread.join()
    assert len(list_events(folder)) in (0, len(pairs))
    check_it_opens_again(folder)


def check_it_opens_again(folder: Path) -> None:
    with serve(folder, folder.parent / "second.log") as desk:
        again = Visitor(desk.address)
        again.sign_in()
        status, text, _ = again.send("/today")
        assert status == 200, text


def test_a_full_disk_is_a_clear_page_and_the_desk_goes_on_when_there_is_room(folder: Path) -> None:
    """No file of the desk can grow for a while, as on a full disk."""
    pairs = list(list_pairs(folder))
    with serve(folder, folder.parent / "desk.log") as desk:
        visitor = Visitor(desk.address)
        visitor.set_up(desk)
        assert visitor.offer(*pairs[0], "0")[0] == 303
        number = desk.process.pid
        before = resource.prlimit(number, resource.RLIMIT_FSIZE)
        resource.prlimit(number, resource.RLIMIT_FSIZE, (0, before[1]))
        status, text, _ = visitor.offer(*pairs[1], "1")
        resource.prlimit(number, resource.RLIMIT_FSIZE, before)
        assert status == 503, text
        assert "Traceback" not in text
        assert list_events(folder) == [("offered", *pairs[0])]
        assert visitor.offer(*pairs[1], "1")[0] == 303
    assert list_events(folder) == [("offered", *pairs[0]), ("offered", *pairs[1])]


def test_a_journal_that_is_gone_is_a_clear_page_and_nothing_starts_empty(folder: Path) -> None:
    pairs = list(list_pairs(folder))
    journal = folder / "artifacts" / "journal.db"
    with serve(folder, folder.parent / "desk.log") as desk:
        visitor = Visitor(desk.address)
        visitor.set_up(desk)
        assert visitor.offer(*pairs[0], "0")[0] == 303
        assert visitor.send(f"/clients/{pairs[0][0]}/shortlist")[0] == 200  # its log names the end of the journal
        journal.rename(journal.with_name("elsewhere"))
        status, text, _ = visitor.offer(*pairs[1], "1")
        assert status in (422, 503), text
        assert "journal" in text
        assert not journal.exists()
        journal.with_name("elsewhere").rename(journal)
        assert visitor.offer(*pairs[1], "1")[0] == 303
    assert list_events(folder) == [("offered", *pairs[0]), ("offered", *pairs[1])]


def test_a_database_server_that_is_gone_is_a_clear_page_and_all_goes_on_when_it_is_back(
    folder: Path, postgresql_server: PostgresqlServer
) -> None:
    """The server ends the desk's connections and lets no new one in, for a while."""
    address = postgresql_server.make_schema()
    with (folder / "clinic.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[journal]\ndatabase = "{address}"\n')
    pairs = list(list_pairs(folder))
    with serve(folder, folder.parent / "desk.log") as desk:
        visitor = Visitor(desk.address)
        visitor.set_up(desk)
        assert visitor.offer(*pairs[0], "0")[0] == 303
        set_open(postgresql_server, is_open=False)
        status, text, _ = visitor.offer(*pairs[1], "1")
        set_open(postgresql_server, is_open=True)
        assert status == 503, (status, text)
        assert visitor.offer(*pairs[1], "1")[0] == 303
    assert list_events(folder) == [("offered", *pairs[0]), ("offered", *pairs[1])]


def set_open(server: PostgresqlServer, *, is_open: bool) -> None:
    """Let connections into the database of the journals, or end them all and let none in."""
    import psycopg

    other = server.format_address(database="template1")
    with psycopg.connect(other, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE postgres ALLOW_CONNECTIONS {is_open}".encode())
        if not is_open:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'postgres'")
