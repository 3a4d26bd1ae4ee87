"""A desk with accounts and sessions of its own, as `attune serve` builds it, and browsers that sign in."""

from __future__ import annotations

import shutil

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from starlette.testclient import TestClient

from attune_fit.app.desk.application import build_application
from attune_fit.app.desk.security.desk_accounts import DeskAccounts
from attune_fit.app.desk.security.desk_settings import DeskSettings
from attune_fit.data.accounts import passwords
from attune_fit.data.accounts.audit_store import AuditRow
from attune_fit.workspace import Workspace, open_clinic
from tests.conftest import SAMPLE

ADDRESS = "http://127.0.0.1:8000"
PASSWORDS = {
    "ana": "correct horse battery",
    "kim": "seven quiet rivers",
    "cleo": "green paper lantern",
}
ROLES = {"ana": "admin", "kim": "coordinator", "cleo": "clinician"}


class Desk:
    """A running desk: its application, its accounts, and new browsers."""

    def __init__(self, workspace: Workspace, settings: DeskSettings | None = None) -> None:
        self.workspace = workspace
        self.application: FastAPI = build_application(workspace, settings=settings)
        self.accounts: DeskAccounts = self.application.state.accounts
        self.accounts.start()

    def add(self, name: str) -> None:
        """Add an account with its password."""
        therapist = find_own(self.workspace)[0] if ROLES[name] == "clinician" else None
        link = self.workspace.add_account(name, ROLES[name], therapist).result["link"].partition("=")[2]
        self.accounts.set_up(link, "", PASSWORDS[name], PASSWORDS[name], "10.0.0.1", None)

    def open_browser(self, name: str | None = None, address: str = ADDRESS) -> TestClient:
        """Return a browser without script; with a name it is signed in."""
        browser = TestClient(self.application, base_url=address, follow_redirects=False)
        browser.headers["sec-fetch-site"] = "same-origin"
        if name is not None:
            signed_in = browser.post("/sign-in", data={"name": name, "password": PASSWORDS[name]})
            assert signed_in.status_code == 303
        return browser

    def list_audit(self) -> list[AuditRow]:
        """Return the audit, the oldest first."""
        return self.accounts.audit.list_rows(1000)[::-1]


def find_own(workspace: Workspace) -> tuple[str, str, str]:
    """Return a therapist, a client of this therapist, and a client of another one."""
    outcomes = workspace.tables.outcomes
    therapist, client = str(outcomes["therapist_id"].iloc[0]), str(outcomes["client_id"].iloc[0])
    own = set(outcomes.loc[outcomes["therapist_id"] == therapist, "client_id"])
    return therapist, client, next(str(one) for one in outcomes["client_id"] if one not in own)


@pytest.fixture(scope="session")
def shared_desk(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, bytes]:
    """A desk with an admin, a coordinator and a clinician, and the content of its database at the beginning.

    Its hashes take little memory, because the tests check many.
    """
    folder = tmp_path_factory.mktemp("accounts") / "clinic"
    shutil.copytree(SAMPLE, folder)
    hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "load_hasher", lambda: hasher)
        made = Desk(open_clinic(folder))
        for name in ROLES:
            made.add(name)
    return made, (folder / "artifacts" / "desk.db").read_bytes()


@pytest.fixture
def desk_with_accounts(shared_desk: tuple[Desk, bytes]) -> Desk:
    """The desk with its three accounts as they were at the beginning; nothing may be recorded in its journal."""
    made, content = shared_desk
    (made.workspace.folder / "artifacts" / "desk.db").write_bytes(content)
    return made
