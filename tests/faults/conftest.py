"""One server and one set of base clinics for each process of pytest."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.fault_checks import FaultBench
from tests.faults.fault_commands import Bases
from tests.faults.fork_server import ForkServer

collect_ignore_glob: list[str] = [] if sys.platform == "linux" else ["test_*.py"]  # needs /proc and fork


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkServer]:
    """The process that has loaded all libraries and forks the commands."""
    folder = tmp_path_factory.mktemp("server")
    os.environ["FAULTS_WARM_UP"] = str(folder / "modules.txt")
    made = ForkServer(folder / "server.log")
    yield made
    made.close()


@pytest.fixture(scope="session")
def bases(server: ForkServer, tmp_path_factory: pytest.TempPathFactory) -> Bases:
    """The clinics that commands start from."""
    return Bases(server, tmp_path_factory.mktemp("bases"))


@pytest.fixture
def bench(server: ForkServer, bases: Bases, tmp_path: Path) -> FaultBench:
    """A folder in which commands run and fail."""
    return FaultBench(server, bases, tmp_path)
