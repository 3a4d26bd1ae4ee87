"""The audit: which account opened or changed which page, about whom, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa

from attune_fit.data.accounts.account_schema import AUDIT, SESSIONS
from attune_fit.data.accounts.desk_database import DeskDatabase
from attune_fit.data.accounts.session_store import TOUCH_SECONDS

MAX_ID_LETTERS = 200


class AuditRow(NamedTuple):
    """One request of an account.

    Attributes
    ----------
    at : float
        Seconds since 1970.
    account : str
    method : str
        GET for a view; POST for an edit.
    page : str
        Pattern of the address, such as ``/clients/{client_id}``.
    client_id, therapist_id : str or None
        Whom the page was about.
    status : int or None
        Of HTTP. None for an edit that was begun and had no answer, because the desk ended meanwhile.
    """

    at: float
    account: str
    method: str
    page: str
    client_id: str | None = None
    therapist_id: str | None = None
    status: int | None = None


@dataclass(frozen=True)
class AuditStore:
    """The audit of one clinic."""

    desk: DeskDatabase

    def add(self, row: AuditRow, session: str | None = None) -> int:
        """Add a row, and note the use of a session by its hash; return the number of the row."""
        return self.add_all([(row, session)])[0]

    def add_all(self, rows: Sequence[tuple[AuditRow, str | None]]) -> list[int]:
        """Add rows, each with the hash of its session or None, in one transaction; return their numbers."""
        with self.desk.write() as connection:
            last_uses = {session: row.at for row, session in rows if session is not None}
            for session, at in last_uses.items():
                self._touch(connection, session, at)
            return [self._insert(connection, row) for row, _ in rows]

    def set_status(self, number: int, status: int) -> None:
        """Note how an edit ended."""
        with self.desk.write() as connection:
            connection.execute(sa.update(AUDIT).where(AUDIT.c.number == number).values(status=status))

    def list_rows(self, last: int, account: str | None = None, client_id: str | None = None) -> list[AuditRow]:
        """Return the last rows, the latest first; of one account or about one client where given."""
        names = (*(AUDIT.c[name] for name in AuditRow._fields),)
        query = sa.select(*names).where(AUDIT.c.clinic == self.desk.clinic)
        if account is not None:
            query = query.where(AUDIT.c.account == account)
        if client_id is not None:
            query = query.where(AUDIT.c.client_id == client_id)
        query = query.order_by(AUDIT.c.number.desc()).limit(last)
        return self.desk.read(lambda connection: [AuditRow(*row) for row in connection.execute(query)], [])

    def _insert(self, connection: sa.Connection, row: AuditRow) -> int:
        values = {**row._asdict(), "clinic": self.desk.clinic}
        for side in ("client_id", "therapist_id"):
            values[side] = values[side] and values[side][:MAX_ID_LETTERS]
        key = connection.execute(sa.insert(AUDIT).values(values)).inserted_primary_key
        return int(key[0]) if key is not None else 0

    def _touch(self, connection: sa.Connection, session: str, now: float) -> None:
        """Note the last use of a session, at most once a minute, and never backwards."""
        which = (SESSIONS.c.clinic == self.desk.clinic, SESSIONS.c.key_hash == session)
        is_due = SESSIONS.c.used_at < now - TOUCH_SECONDS
        connection.execute(sa.update(SESSIONS).where(*which, is_due).values(used_at=now))
