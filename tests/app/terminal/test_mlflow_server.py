"""The process of MLflow's pages: its address is announced, it ends with the command, and its errors are faults."""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from attune_fit.app.terminal import mlflow_server
from attune_fit.app.terminal.mlflow_server import find_free_port, run_mlflow_pages
from attune_fit.data.faults import DataFault

SERVER = """
import http.server, os, sys
open(sys.argv[2], "w").write(str(os.getpid()))
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.BaseHTTPRequestHandler).serve_forever()
"""


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small server in the place of MLflow's; return the file with the id of its process."""
    started = tmp_path / "started"
    monkeypatch.setattr(mlflow_server, "check_pages_installed", lambda: None)
    monkeypatch.setattr(mlflow_server, "find_pages_database", lambda clinic, note: "sqlite://")
    monkeypatch.setattr(
        mlflow_server,
        "build_pages_command",
        lambda clinic, uri, port: [sys.executable, "-c", SERVER, str(port), str(started)],
    )
    return started


def is_running(process: int) -> bool:
    """Return whether a process of this user runs."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_the_pages_are_announced_when_they_answer_and_end_with_the_command(
    clinic: Path, pages: Path, sent: signal.Signals
) -> None:
    addresses: list[str] = []

    def open_page(address: str) -> None:
        addresses.append(address)
        host, port = address.removeprefix("http://").split(":")
        socket.create_connection((host, int(port)), timeout=5).close()
        os.kill(os.getpid(), sent)

    before = signal.getsignal(signal.SIGTERM)
    # a suite that a shell started in the background ignores Ctrl-C, and so would this test, without end
    interrupted = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        run_mlflow_pages(clinic, 0, open_page)
    finally:
        signal.signal(signal.SIGINT, interrupted)
    assert len(addresses) == 1
    assert addresses[0].startswith("http://127.0.0.1:")
    assert not is_running(int(pages.read_text()))
    assert signal.getsignal(signal.SIGTERM) is before


def test_pages_that_end_by_themselves_are_a_fault(clinic: Path, pages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        mlflow_server, "build_pages_command", lambda clinic, uri, port: [sys.executable, "-c", "raise SystemExit(3)"]
    )
    announced: list[str] = []
    with pytest.raises(DataFault, match=r"ended by themselves \(code 3\)"):
        run_mlflow_pages(clinic, 0, announced.append)
    assert not announced


def test_a_port_in_use_is_a_fault_before_anything_starts(clinic: Path, pages: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(DataFault, match=f"another program uses port {port}"):
            run_mlflow_pages(clinic, port, print)
    assert not pages.exists()
    assert find_free_port(0) > 1023
