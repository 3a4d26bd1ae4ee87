"""What an account can do at the door of the desk: sign in and out, set a password, and have its visits written down."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from attune_fit.app.desk.security.desk_settings import DeskClock
from attune_fit.data.accounts.account_store import AccountStore
from attune_fit.data.accounts.attempt_store import AttemptStore
from attune_fit.data.accounts.audit_queue import AuditQueue
from attune_fit.data.accounts.audit_store import AuditRow, AuditStore
from attune_fit.data.accounts.desk_database import DeskDatabase, open_desk_database
from attune_fit.data.accounts.passwords import check_password, hash_password, is_password
from attune_fit.data.accounts.session_store import OpenSession, SessionStore, format_session_name
from attune_fit.data.faults import DataFault

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic

SIGN_IN_PAGE, SET_UP_PAGE = "/sign-in", "/set-up"


class SignIn(NamedTuple):
    """How an attempt to sign in ended.

    Attributes
    ----------
    key : str or None
        Of the new session; None where the name or the password is wrong, or there were too many attempts.
    wait_seconds : int
        How long until the next attempt is allowed; 0 where it is allowed now.
    """

    key: str | None
    wait_seconds: int = 0


@dataclass(frozen=True)
class DeskAccounts:
    """The accounts of one desk, with the clock of this process."""

    desk: DeskDatabase
    queue: AuditQueue
    clock: DeskClock = field(default_factory=DeskClock)

    @property
    def accounts(self) -> AccountStore:
        """The accounts."""
        return AccountStore(self.desk)

    @property
    def sessions(self) -> SessionStore:
        """The sessions."""
        return SessionStore(self.desk)

    @property
    def attempts(self) -> AttemptStore:
        """The attempts to sign in."""
        return AttemptStore(self.desk)

    @property
    def audit(self) -> AuditStore:
        """The audit."""
        return AuditStore(self.desk)

    def start(self) -> int:
        """Make what is missing in the database; return how many sessions ended because the clock was turned back."""
        self.accounts.start()
        is_password("", None)  # the hash for unknown names is made now, not at the first one
        return self.sessions.end_after_clock_change(self.clock.read())

    def find_session(self, key: str | None) -> OpenSession | None:
        """Return the open session of a cookie; None without one."""
        return self.sessions.find(key, self.clock.read()) if key else None

    def sign_in(self, name: str, password: str, address: str, old_key: str | None = None) -> SignIn:
        """Begin a new session if the password is right; the session of ``old_key`` ends.

        An unknown, a disabled and a new account take as long as a wrong password, and have the same answer.
        """
        now, name = self.clock.read(), name.strip().lower()
        attempt = self.attempts.begin(name, address, now)
        if attempt.number is None:
            return SignIn(None, attempt.wait_seconds)
        if not is_password(password, self.accounts.find_password_hash(name)):
            return SignIn(None)
        self.attempts.mark_success(attempt.number)
        return SignIn(self._begin(name, address, old_key, SIGN_IN_PAGE))

    def format_session_name(self, key: str | None) -> str:
        """Return how a list names the session of a cookie; empty without one."""
        return format_session_name(key) if key else ""

    def sign_out(self, key: str | None) -> None:
        """End the session of a cookie."""
        if key:
            self.sessions.end(key, self.clock.read())

    def set_up(self, link: str, name: str, password: str, repeated: str, address: str, old_key: str | None) -> str:
        """Set the password of the account of a one-time link; return the key of a new session.

        Raises
        ------
        DataFault
            If the link ended, or the name or the password is not accepted; the link then still works.
        """
        now = self.clock.read()
        found = self.accounts.find_link(link, now)
        check_password(password, repeated, name if found is None or isinstance(found, str) else found.name)
        password_hash = hash_password(password) if found is not None else ""  # refused next: a guess costs no work
        name = self.accounts.use_link(link, name, password_hash, now)
        return self._begin(name, address, old_key, SET_UP_PAGE)

    def change_password(self, account: str, present: str, password: str, repeated: str, address: str) -> str:
        """Set another password; all sessions of the account end; return the key of a new one.

        Raises
        ------
        DataFault
            If the current password is wrong or was wrong too often, or the new one is not accepted.
        """
        check_password(password, repeated, account)
        attempt = self.attempts.begin(account, address, self.clock.read())
        if attempt.number is None:
            message, fix = "the current password was wrong too often", "Wait 15 minutes, then try again."
            raise DataFault.error("too-many-attempts", "account", "present", message, fix=fix)
        if not is_password(present, self.accounts.find_password_hash(account)):
            message, fix = "the current password is wrong", "Write the password with which you sign in."
            raise DataFault.error("current-password-wrong", "account", "present", message, fix=fix)
        self.attempts.mark_success(attempt.number)
        self.accounts.set_password(account, hash_password(password), self.clock.read())
        return self._begin(account, address, None, "/account")

    def _begin(self, name: str, address: str, old_key: str | None, page: str) -> str:
        """Begin a session with a new key, so that a key which another person has planted is of no use."""
        now = self.clock.read()
        self.sign_out(old_key)
        key = self.sessions.begin(name, address, now)
        self.audit.add(AuditRow(now, name, "POST", page, status=303))
        return key

    def record_page(self, session: str, row: AuditRow, number: int | None) -> int:
        """Write a row of the audit and the use of the session by its hash; return the number of the row.

        With the number of an earlier row, only the status of that edit is written. Where the database is gone
        meanwhile, the status stays not known.
        """
        if number is None:
            return self.queue.add(row._replace(at=self.clock.read()), session)
        with suppress(DataFault):
            self.audit.set_status(number, int(row.status or 0))
        return number


def open_desk_accounts(clinic: Clinic) -> DeskAccounts:
    """Return the accounts of a clinic's desk."""
    desk = open_desk_database(clinic)
    return DeskAccounts(desk, AuditQueue(AuditStore(desk)))
