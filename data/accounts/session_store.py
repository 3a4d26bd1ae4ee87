"""Sessions: begin one at sign-in, find it by the key in the cookie, list and end them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa

from attune_fit.data.accounts.account_schema import ACCOUNTS, AUDIT, SESSIONS
from attune_fit.data.accounts.account_store import CLOCK_SECONDS, AccountRole
from attune_fit.data.accounts.desk_database import DeskDatabase
from attune_fit.data.accounts.secret_keys import hash_key, make_key

IDLE_SECONDS = 30 * 60
LONGEST_SECONDS = 12 * 3600
TOUCH_SECONDS = 60  # how often the last use of a session is written
HANDLE_DIGITS = 16  # of the hash: how a list names a session; it does not open the session


class OpenSession(NamedTuple):
    """A session that is open, with its account.

    Attributes
    ----------
    key_hash : str
    account : str
    role : str
    therapist_id : str or None
    address : str
        Of the computer that signed in.
    started_at, used_at : float
        Seconds since 1970; the last use is exact to a minute.
    """

    key_hash: str
    account: str
    role: AccountRole
    therapist_id: str | None
    address: str
    started_at: float
    used_at: float

    @property
    def handle(self) -> str:
        """How a list names the session."""
        return self.key_hash[:HANDLE_DIGITS]


COLUMNS = (
    *(SESSIONS.c.key_hash, SESSIONS.c.account, ACCOUNTS.c.role, ACCOUNTS.c.therapist_id),
    *(SESSIONS.c.address, SESSIONS.c.started_at, SESSIONS.c.used_at),
)
OWNER = sa.and_(ACCOUNTS.c.clinic == SESSIONS.c.clinic, ACCOUNTS.c.name == SESSIONS.c.account)


@dataclass(frozen=True)
class SessionStore:
    """The sessions of one clinic. Times are seconds since 1970, given by the caller."""

    desk: DeskDatabase

    def begin(self, account: str, address: str, now: float) -> str:
        """Begin a session; return its key, which is always a new one."""
        key = make_key()
        row = {"clinic": self.desk.clinic, "key_hash": hash_key(key), "account": account, "address": address}
        with self.desk.write() as connection:
            connection.execute(sa.insert(SESSIONS).values({**row, "started_at": now, "used_at": now}))
        return key

    def find(self, key: str, now: float) -> OpenSession | None:
        """Return the session of a key.

        None if it ended or expired, if its account is disabled, or if the clock is before the last use: a clock that
        was turned back must not make a session live longer.
        """
        query = sa.select(*COLUMNS).join_from(SESSIONS, ACCOUNTS, OWNER)
        query = query.where(self._is_open(now), SESSIONS.c.key_hash == hash_key(key))
        row = self.desk.poll(lambda connection: connection.execute(query).first())
        return None if row is None else OpenSession(*row)

    def list_open(self, now: float, account: str | None = None) -> list[OpenSession]:
        """Return the open sessions, of one account or of all; the latest use first."""
        query = sa.select(*COLUMNS).join_from(SESSIONS, ACCOUNTS, OWNER).where(self._is_open(now))
        query = query.order_by(SESSIONS.c.used_at.desc(), SESSIONS.c.key_hash)
        if account is not None:
            query = query.where(SESSIONS.c.account == account)
        return self.desk.read(lambda connection: [OpenSession(*row) for row in connection.execute(query)], [])

    def end(self, key: str, now: float) -> None:
        """End the session of a key."""
        self._end(now, SESSIONS.c.key_hash == hash_key(key))

    def end_of_account(self, account: str, now: float, handle: str | None = None) -> int:
        """End all sessions of an account, or the one that a list names by ``handle``; return how many."""
        is_of_account = SESSIONS.c.account == account
        if handle is None:
            return self._end(now, is_of_account)
        is_named = sa.func.substr(SESSIONS.c.key_hash, 1, HANDLE_DIGITS) == handle
        return self._end(now, sa.and_(is_of_account, is_named))

    def end_after_clock_change(self, now: float) -> int:
        """End all sessions if the database knows a later time than now: the clock was turned back. Return how many."""
        latest = sa.select(sa.func.max(AUDIT.c.at)).where(AUDIT.c.clinic == self.desk.clinic)
        used = sa.select(sa.func.max(SESSIONS.c.used_at)).where(SESSIONS.c.clinic == self.desk.clinic)
        none: list[float | None] = []
        times = self.desk.read(
            lambda connection: [connection.execute(query).scalar_one() for query in (latest, used)], none
        )
        is_later = any(time is not None and time > now + CLOCK_SECONDS for time in times)
        return self._end(now, sa.true()) if is_later else 0

    def _end(self, now: float, which: sa.ColumnElement[bool]) -> int:
        is_open = (SESSIONS.c.clinic == self.desk.clinic, SESSIONS.c.ended_at.is_(None), which)
        with self.desk.write() as connection:
            return connection.execute(sa.update(SESSIONS).where(*is_open).values(ended_at=now)).rowcount

    def _is_open(self, now: float) -> sa.ColumnElement[bool]:
        return sa.and_(
            SESSIONS.c.clinic == self.desk.clinic, SESSIONS.c.ended_at.is_(None), sa.not_(ACCOUNTS.c.is_disabled),
            SESSIONS.c.started_at.between(now - LONGEST_SECONDS, now + CLOCK_SECONDS),
            SESSIONS.c.used_at.between(now - IDLE_SECONDS, now + CLOCK_SECONDS),
        )  # fmt: skip


def format_session_name(key: str) -> str:
    """Return how a list names the session of a key."""
    return hash_key(key)[:HANDLE_DIGITS]
