"""How the desk starts: what it refuses, what it prints once, and that it ends with its last answer."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from attune_fit.app.desk import server
from attune_fit.app.desk.server import (
    ServeOptions,
    build_server_config,
    build_settings,
    check_certificate,
    check_exposure,
    check_libraries,
    format_address,
    open_socket,
)
from attune_fit.data.faults import DataFault

CERTIFICATE = Path("server.pem")
COMMAND = "from attune_fit.app.cli import main; main()"


def fails(error: pytest.ExceptionInfo[DataFault]) -> str:
    (fault,) = error.value.faults
    return fault.id


@pytest.mark.parametrize("has_accounts", [True, False])
@pytest.mark.parametrize("certificate", [CERTIFICATE, None])
def test_a_desk_that_others_can_reach_needs_tls_and_an_account(certificate: Path | None, has_accounts: bool) -> None:
    options = ServeOptions(host="0.0.0.0", certificate=certificate, key=certificate)  # noqa: S104
    if certificate and has_accounts:
        return check_exposure(options, has_accounts=has_accounts)
    with pytest.raises(DataFault) as error:
        check_exposure(options, has_accounts=has_accounts)
    assert fails(error) == ("host-without-accounts" if certificate else "host-without-tls")
    return None


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_a_desk_of_this_computer_needs_neither(host: str, clinic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exposed: list[ServeOptions] = []
    monkeypatch.setattr(server, "check_exposure", lambda options, **_: exposed.append(options))
    monkeypatch.setattr(server, "open_socket", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    for one in (host, "127.0.0.2"):
        with pytest.raises(KeyboardInterrupt):
            server.run_desk(clinic, ServeOptions(host=one), lambda _: None)
    assert [options.host for options in exposed] == ["127.0.0.2"]


def test_the_files_of_tls_come_together_and_fit(tmp_path: Path) -> None:
    (tmp_path / "server.pem").write_text("no certificate")
    with pytest.raises(DataFault) as error:
        check_certificate(ServeOptions(certificate=tmp_path / "server.pem"))
    assert fails(error) == "tls-file-missing"
    for key in ("server.pem", "absent.pem"):
        with pytest.raises(DataFault) as error:
            check_certificate(ServeOptions(certificate=tmp_path / "server.pem", key=tmp_path / key))
        assert fails(error) == "tls-file-unsuitable"
    check_certificate(ServeOptions())


def test_a_port_in_use_is_one_clear_error() -> None:
    with open_socket("127.0.0.1", 0) as taken, pytest.raises(DataFault, match="give another `--port`") as error:
        open_socket("127.0.0.1", taken.getsockname()[1])
    assert fails(error) == "port-in-use"


@pytest.mark.parametrize("host", ["192.0.2.1", "no such name.invalid"])
def test_an_address_of_another_computer_is_one_clear_error(host: str) -> None:
    with pytest.raises(DataFault) as error:
        open_socket(host, 0)
    assert fails(error) == "address-not-usable"


def test_a_missing_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    check_libraries()
    monkeypatch.setattr(server, "find_spec", lambda name: None if name == "uvicorn" else object())
    with pytest.raises(DataFault, match=re.escape('pip install "attune-fit[desk]"')):
        check_libraries()


def test_the_desk_answers_to_its_own_names() -> None:
    here = build_settings(ServeOptions(), 8000)
    assert here.names == {"127.0.0.1", "localhost", "::1"}
    assert format_address(ServeOptions(), here) == "http://127.0.0.1:8000"
    assert format_address(ServeOptions(host="::1"), here) == "http://[::1]:8000"
    options = ServeOptions(host="0.0.0.0", names=("Desk.Clinic.Example",), certificate=CERTIFICATE)  # noqa: S104
    wide = build_settings(options, 8443)
    assert wide.names == here.names | {"desk.clinic.example", socket.gethostname().lower()}
    assert wide.is_secure
    assert format_address(options, wide) == "https://Desk.Clinic.Example:8443"


def test_the_server_has_no_web_sockets_and_logs_no_address() -> None:
    config = build_server_config(lambda: None, ServeOptions())  # type: ignore[arg-type,return-value]
    assert (config.ws, config.access_log) == ("none", False)


class RunningDesk:
    """`attune serve` in another process."""

    def __init__(self, folder: Path, *words: str) -> None:
        command = [sys.executable, "-c", COMMAND, "serve", str(folder), "--port", "0", *words]
        environment = {**os.environ, "COLUMNS": "300", "NO_COLOR": "1", "OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
        )
        assert self.process.stdout is not None
        self.lines = [self.process.stdout.readline() for _ in range(3)]  # all that it prints before it is ended
        found = re.search(r"http://127\.0\.0\.1:\d+", self.lines[0])
        assert found, self.lines[0] + self.process.stdout.read()
        self.address = found[0]

    def get(self, path: str) -> int:
        """Return the status of a page; one that a worker is still preparing is waited for."""
        for _ in range(120):
            try:
                with urllib.request.urlopen(self.address + path, timeout=60) as answer:  # noqa: S310 - of this test
                    return int(answer.status)
            except urllib.error.HTTPError as error:
                return error.code
            except OSError:
                time.sleep(0.5)
        raise TimeoutError

    def end(self, how: signal.Signals) -> tuple[int, str]:
        """End it; return its exit code and all that it printed."""
        self.process.send_signal(how)
        rest, _ = self.process.communicate(timeout=60)
        return self.process.returncode, "".join(self.lines) + rest


@pytest.fixture
def running_desks() -> Iterator[list[RunningDesk]]:
    started: list[RunningDesk] = []
    yield started
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.communicate()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "how"), [((), signal.SIGTERM), ((), signal.SIGINT), (("--workers", "2"), signal.SIGTERM)]
)
def test_a_desk_starts_answers_and_ends(
    clinic: Path, running_desks: list[RunningDesk], words: tuple[str, ...], how: signal.Signals
) -> None:
    desk = RunningDesk(clinic, *words)
    running_desks.append(desk)
    assert [desk.get(path) for path in ("/sign-in?next=/clients/c0001", "/static/desk.css", "/set-up?link=x")] == [
        *(200, 200, 410),
    ]
    code, printed = desk.end(how)
    assert code == 0, printed
    assert printed.count("/set-up?link=") == 1
    assert "c0001" not in printed  # no log of addresses
    assert printed.rstrip().endswith("The desk has stopped. All that was recorded is kept.")
