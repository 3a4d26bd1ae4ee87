"""One small clinic for all tests of the pages, a copy of it for each test that records, and visitors of each role."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from attune_fit.app.desk.application import build_application
from attune_fit.app.desk.visit import Account, Role
from attune_fit.workspace import Workspace, open_clinic
from tests.conftest import SAMPLE

OpenDesk = Callable[..., TestClient]


@pytest.fixture(scope="session")
def read_only_clinic(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The sample clinic, opened once; no test records in it."""
    folder = tmp_path_factory.mktemp("desk") / "clinic"
    shutil.copytree(SAMPLE, folder)
    return open_clinic(folder)


@pytest.fixture(scope="session")
def open_workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A copy of the sample clinic that stays open from test to test: a workspace sees what changes in its folder."""
    folder = tmp_path_factory.mktemp("open") / "clinic"
    shutil.copytree(SAMPLE, folder)
    return open_clinic(folder)


@pytest.fixture
def clinic(open_workspace: Workspace) -> Path:
    """The folder of the open clinic as it was at first: without artifacts, and with the files of the sample clinic."""
    folder = open_workspace.folder
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif not (SAMPLE / path.name).exists():
            path.unlink()
    for path in SAMPLE.iterdir():
        if path.is_file() and not is_same_file(path, folder / path.name):
            shutil.copyfile(path, folder / path.name)
    return folder


def is_same_file(one: Path, other: Path) -> bool:
    return other.is_file() and one.read_bytes() == other.read_bytes()


@pytest.fixture
def workspace(clinic: Path, open_workspace: Workspace) -> Workspace:
    """The open clinic, in which a test can record."""
    assert open_workspace.folder == clinic
    return open_workspace


def visit_as(workspace: Workspace, role: Role = "coordinator", therapist_id: str | None = None) -> TestClient:
    """Return a browser without script, signed in with a role; requests come from the desk's own pages."""
    application = build_application(workspace, lambda _: Account(f"test-{role}", role, therapist_id))
    browser = TestClient(application, base_url="http://127.0.0.1:8000", follow_redirects=True)
    browser.headers["sec-fetch-site"] = "same-origin"
    return browser


@pytest.fixture
def desk(workspace: Workspace) -> TestClient:
    """The pages for a coordinator, in a clinic where a test can record."""
    return visit_as(workspace)


@pytest.fixture(scope="session")
def reading_desk(read_only_clinic: Workspace) -> TestClient:
    """The pages for a coordinator, in the clinic that all tests share; nothing may be recorded."""
    return visit_as(read_only_clinic)
