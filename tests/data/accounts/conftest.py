"""The accounts of a small clinic: in their own file, and in PostgreSQL."""

from __future__ import annotations

import pytest

from attune_fit.data.accounts.account_store import AccountStore
from attune_fit.data.accounts.attempt_store import AttemptStore
from attune_fit.data.accounts.audit_store import AuditStore
from attune_fit.data.accounts.desk_database import DeskDatabase, open_desk_database
from attune_fit.data.accounts.session_store import SessionStore
from tests.data.journal.conftest import JournalFolder, file_clinic, journal_clinic

__all__ = ["file_clinic", "journal_clinic"]

NOON = 1_800_000_000.0


class DeskStores:
    """The stores of one clinic; a second one for the same clinic is another worker."""

    def __init__(self, clinic: JournalFolder) -> None:
        self.desk: DeskDatabase = open_desk_database(clinic.open())
        self.accounts, self.sessions = AccountStore(self.desk), SessionStore(self.desk)
        self.attempts, self.audit = AttemptStore(self.desk), AuditStore(self.desk)

    def set_up(self, name: str = "ana", role: str = "admin", now: float = NOON) -> str:
        """Add an account with a password; return its name."""
        key = self.accounts.add(name, role, "tom" if role == "clinician" else None, now)
        return self.accounts.use_link(key, "", f"hash of {name}", now)


@pytest.fixture
def stores(journal_clinic: JournalFolder) -> DeskStores:
    """The stores of a clinic without an account, its tables made."""
    made = DeskStores(journal_clinic)
    made.accounts.start()
    return made
