"""Attempts to sign in: a limit for each account and for each address, in the database, so that all workers share it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa

from attune_fit.data.accounts.account_schema import ATTEMPTS
from attune_fit.data.accounts.desk_database import DeskDatabase
from attune_fit.data.accounts.secret_keys import hash_key

WINDOW_SECONDS = 15 * 60
MOST_OF_ACCOUNT = 5  # failures within the window
MOST_OF_ADDRESS = 20
KEPT_SECONDS = 24 * 3600


class Attempt(NamedTuple):
    """An attempt that was counted, or refused.

    Attributes
    ----------
    number : int or None
        None where it was refused: there were too many.
    wait_seconds : int
        How long until the next one is allowed; 0 where it was counted.
    """

    number: int | None
    wait_seconds: int = 0


@dataclass(frozen=True)
class AttemptStore:
    """The attempts to sign in to one clinic. Times are seconds since 1970, given by the caller."""

    desk: DeskDatabase

    def begin(self, name: str, address: str, now: float) -> Attempt:
        """Count an attempt as failed before its password is checked, so that many at once cannot pass the limit.

        Parameters
        ----------
        name : str
            As it was typed: a name without an account counts too, so the limit shows no difference.
        address : str
            Of the computer that signs in.
        now : float
        """
        account = hash_key(name.strip().lower())
        with self.desk.write() as connection:
            old = sa.or_(ATTEMPTS.c.at < now - KEPT_SECONDS, ATTEMPTS.c.at > now + WINDOW_SECONDS)
            connection.execute(sa.delete(ATTEMPTS).where(self._is_here(), old))
            limits = (
                (ATTEMPTS.c.account_hash == account, MOST_OF_ACCOUNT),
                (ATTEMPTS.c.address == address, MOST_OF_ADDRESS),
            )
            wait = max(self._compute_wait(connection, which, most, now) for which, most in limits)
            if wait > 0:
                return Attempt(None, wait)
            row = {"clinic": self.desk.clinic, "at": now, "account_hash": account, "address": address}
            added = connection.execute(sa.insert(ATTEMPTS).values({**row, "is_failed": True}))
            key = added.inserted_primary_key
            return Attempt(None if key is None else int(key[0]))

    def mark_success(self, number: int) -> None:
        """Mark an attempt as one that succeeded: it counts no longer."""
        with self.desk.write() as connection:
            connection.execute(sa.update(ATTEMPTS).where(ATTEMPTS.c.number == number).values(is_failed=False))

    def _compute_wait(self, connection: sa.Connection, which: sa.ColumnElement[bool], most: int, now: float) -> int:
        """Return the seconds until fewer than ``most`` failures are within the window; 0 if they are already."""
        is_counted = (self._is_here(), which, ATTEMPTS.c.is_failed, ATTEMPTS.c.at > now - WINDOW_SECONDS)
        query = sa.select(ATTEMPTS.c.at).where(*is_counted).order_by(ATTEMPTS.c.at.desc()).limit(most)
        times = [row.at for row in connection.execute(query)]
        return max(1, round(times[-1] + WINDOW_SECONDS - now)) if len(times) >= most else 0

    def _is_here(self) -> sa.ColumnElement[bool]:
        return ATTEMPTS.c.clinic == self.desk.clinic
