"""Run MLflow's pages about a clinic's trainings as a process of its own, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.faults import DataFault
from attune_fit.training.promotion.mlflow_pages import (
    LOCAL_ADDRESS,
    build_pages_command,
    build_pages_environment,
    check_pages_installed,
    find_pages_database,
)

POLL_SECONDS = 0.2  # between two tries to connect
GRACE_SECONDS = 5.0  # for the pages to end
PLACE = "mlflow"


class _Ended(Exception):
    """The pages were asked to end, by SIGTERM."""


def run_mlflow_pages(
    folder: Path, port: int, announce: Callable[[str], None], report_progress: Callable[[str], None] = lambda _: None
) -> None:
    """Serve MLflow's pages of a clinic until Ctrl-C or SIGTERM.

    Parameters
    ----------
    folder : Path
        The clinic.
    port : int
        0: any that is free.
    announce : callable
        Receives the address, once, when browsers can connect.
    report_progress : callable, optional
        Receives notes.

    Raises
    ------
    DataFault
        If MLflow's pages are not installed, the clinic has no trainings, the port is in use, or MLflow ended by itself.
    """
    check_pages_installed()
    clinic = Clinic.open(folder)
    uri = find_pages_database(clinic, report_progress)
    port = find_free_port(port)
    command = build_pages_command(clinic, uri, port)
    with _raise_on_terminate(), suppress(KeyboardInterrupt, _Ended):
        process = subprocess.Popen(command, env=build_pages_environment(), start_new_session=True)  # noqa: S603
        try:
            _wait_until_served(process, port)
            announce(f"http://{LOCAL_ADDRESS}:{port}")
            _check_ended(process.wait())
        finally:
            _stop_process(process)


def find_free_port(port: int) -> int:
    """Return a port of this computer that no other program uses.

    Parameters
    ----------
    port : int
        The wanted one, or 0 for any.

    Raises
    ------
    DataFault
        If another program uses it, or it needs the rights of an administrator.
    """
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((LOCAL_ADDRESS, port))
        except PermissionError:
            message, fix = f"this user cannot use port {port}", "Give a port above 1023."
            raise DataFault.error("port-not-allowed", PLACE, "port", message, fix=fix) from None
        except OSError:
            message, fix = f"another program uses port {port}", "End that program, or give another `--port`."
            raise DataFault.error("port-in-use", PLACE, "port", message, fix=fix) from None
        return int(tried.getsockname()[1])


def _stop_process(process: subprocess.Popen[Any]) -> None:
    """End a process and those that it started; first as Ctrl-C does, after :data:`GRACE_SECONDS` at once."""
    for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL) if hasattr(os, "killpg") else (None,):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, sent) if sent is not None else process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)
            break
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)  # what it started and did not end


def _wait_until_served(process: subprocess.Popen[Any], port: int) -> None:
    """Wait until browsers can connect; raise the fault of a process that ended before."""
    while (code := process.poll()) is None:
        with suppress(OSError), socket.create_connection((LOCAL_ADDRESS, port), timeout=POLL_SECONDS):
            return
        time.sleep(POLL_SECONDS)
    _check_ended(code or 1)


def _check_ended(code: int) -> None:
    """Raise the fault of MLflow's pages that ended by themselves with a code other than 0."""
    if code:
        message = f"MLflow's pages ended by themselves (code {code})"
        fix = "Read MLflow's own lines above. Then start the command again, or train again."
        raise DataFault.error("mlflow-pages-ended", PLACE, "", message, fix=fix)


@contextmanager
def _raise_on_terminate() -> Iterator[None]:
    """End the block on SIGTERM as on Ctrl-C."""

    def end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - Python calls it
        raise _Ended

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
