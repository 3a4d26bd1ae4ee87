"""Accounts: list, add, disable, and set a password. Each change counts the version of the account up by one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa

from attune_fit.data.accounts.account_schema import ACCOUNTS, LINKS, SESSIONS
from attune_fit.data.accounts.desk_database import DeskDatabase
from attune_fit.data.accounts.secret_keys import hash_key, make_key
from attune_fit.data.faults import DataFault

AccountRole = Literal["coordinator", "clinician", "admin"]
ROLES: tuple[AccountRole, ...] = ("coordinator", "clinician", "admin")
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
LINK_HOURS = 24
CLOCK_SECONDS = 60  # two computers with one database can differ by this much
COLUMNS = (
    *(ACCOUNTS.c.name, ACCOUNTS.c.role, ACCOUNTS.c.therapist_id, ACCOUNTS.c.is_disabled),
    *(ACCOUNTS.c.password_hash.is_not(None).label("has_password"), ACCOUNTS.c.version, ACCOUNTS.c.made_at),
)


class StoredAccount(NamedTuple):
    """One account.

    Attributes
    ----------
    name : str
        Lower case; the actor of the events that it records.
    role : {"coordinator", "clinician", "admin"}
    therapist_id : str or None
        Of a clinician: the therapist whose clients the account can see.
    is_disabled : bool
    has_password : bool
        False until the one-time link was used.
    version : int
        One more with each change, from 1.
    made_at : float
        Seconds since 1970.
    """

    name: str
    role: AccountRole
    therapist_id: str | None
    is_disabled: bool
    has_password: bool
    version: int
    made_at: float


@dataclass(frozen=True)
class AccountStore:
    """The accounts of one clinic. Times are seconds since 1970, given by the caller."""

    desk: DeskDatabase

    def start(self) -> None:
        """Make the tables where they are missing."""
        with self.desk.write():
            pass

    def list_accounts(self) -> list[StoredAccount]:
        """Return the accounts by name."""
        query = sa.select(*COLUMNS).where(self._is_here(ACCOUNTS)).order_by(ACCOUNTS.c.name)
        return self.desk.read(lambda connection: [StoredAccount(*row) for row in connection.execute(query)], [])

    def has_accounts(self) -> bool:
        """Return whether any account can sign in."""
        return any(one.has_password and not one.is_disabled for one in self.list_accounts())

    def find_password_hash(self, name: str) -> str | None:
        """Return the hash of an account that can sign in; None for one that cannot, or is not there."""
        is_able = sa.and_(self._is_account(name), sa.not_(ACCOUNTS.c.is_disabled))
        query = sa.select(ACCOUNTS.c.password_hash).where(is_able)
        return self.desk.read(lambda connection: connection.execute(query).scalar_one_or_none(), None)

    def add(self, name: str, role: str, therapist_id: str | None, now: float) -> str:
        """Add an account; return the key of the one-time link with which its owner sets a password.

        Raises
        ------
        DataFault
            If the name, the role or the therapist does not fit, or the name is taken.
        """
        name = check_account(name, role, therapist_id)
        with self.desk.write() as connection:
            if self._find(connection, name) is not None:
                message, fix = f"the account {name} exists", "Choose another name."
                raise DataFault.error("account-exists", "account", "name", message, fix=fix)
            self._insert(connection, name, role, therapist_id, now)
            return self._make_link(connection, name, now)

    def make_first_link(self, now: float) -> str | None:
        """Return the key of a one-time link that makes the first account; None where one account has a password."""
        with self.desk.write() as connection:
            return None if self._has_passwords(connection) else self._make_link(connection, None, now)

    def reset(self, name: str, now: float, version: int | None = None) -> str:
        """Take the password of an account away and end its sessions; return the key of a new one-time link.

        Raises
        ------
        DataFault
            If there is no such account, it is the last admin, or it was changed since ``version``.
        """
        with self.desk.write() as connection:
            found = self._require(connection, name, version)
            self._check_admin_left(connection, found)
            self._change(connection, found, password_hash=None)
            self._end_sessions(connection, found.name, now)
            return self._make_link(connection, found.name, now)

    def set_disabled(self, name: str, is_disabled: bool, now: float, version: int | None = None) -> None:
        """Disable an account and end its sessions and links, or enable it again. Raises as :meth:`reset`."""
        with self.desk.write() as connection:
            found = self._require(connection, name, version)
            if is_disabled:
                self._check_admin_left(connection, found)
                self._end_sessions(connection, found.name, now)
                self._end_links(connection, found.name, now)
            self._change(connection, found, is_disabled=is_disabled)

    def set_password(self, name: str, password_hash: str, now: float) -> None:
        """Set a new password of an account that has one; all its sessions end."""
        with self.desk.write() as connection:
            found = self._require(connection, name, None)
            self._change(connection, found, password_hash=password_hash)
            self._end_sessions(connection, found.name, now)

    def find_link(self, key: str, now: float) -> StoredAccount | Literal["first"] | None:
        """Return the account of a one-time link, ``"first"`` for one that makes it; None if it is used or too old."""
        return self.desk.read(lambda connection: self._find_link(connection, key, now), None)

    def use_link(self, key: str, name: str, password_hash: str, now: float) -> str:
        """Set the password of a link's account, or make the first admin under a name; return the account's name.

        Raises
        ------
        DataFault
            If the link was used meanwhile or is too old, or the name does not fit.
        """
        with self.desk.write() as connection:
            found = self._find_link(connection, key, now)
            if found is None:
                message, fix = "this link was used before, or is too old", "Ask for a new link."
                raise DataFault.error("set-up-link-ended", "account", "link", message, fix=fix)
            if found == "first":
                name = check_account(name, "admin", None)
                connection.execute(sa.delete(ACCOUNTS).where(self._is_account(name)))  # one that never had a password
                self._insert(connection, name, "admin", None, now)
                found = self._require(connection, name, None)
            self._change(connection, found, password_hash=password_hash)
            self._end_links(connection, found.name, now)
            self._end_links(connection, None, now)
            self._end_sessions(connection, found.name, now)
            return found.name

    def _find_link(self, connection: sa.Connection, key: str, now: float) -> StoredAccount | Literal["first"] | None:
        is_open = sa.and_(
            self._is_here(LINKS), LINKS.c.key_hash == hash_key(key), LINKS.c.used_at.is_(None),
            LINKS.c.made_at.between(now - LINK_HOURS * 3600, now + CLOCK_SECONDS),
        )  # fmt: skip
        row = connection.execute(sa.select(LINKS.c.account).where(is_open)).first()
        if row is None:
            return None
        if row.account is None:
            return None if self._has_passwords(connection) else "first"
        found = self._find(connection, row.account)
        return None if found is None or found.is_disabled else found

    def _make_link(self, connection: sa.Connection, name: str | None, now: float) -> str:
        """Make a link and end the earlier ones of the account: one link works at a time."""
        self._end_links(connection, name, now)
        key = make_key()
        row = {"clinic": self.desk.clinic, "key_hash": hash_key(key), "account": name, "made_at": now}
        connection.execute(sa.insert(LINKS).values(row))
        return key

    def _end_links(self, connection: sa.Connection, name: str | None, now: float) -> None:
        is_open = (self._is_here(LINKS), LINKS.c.account.is_not_distinct_from(name), LINKS.c.used_at.is_(None))
        connection.execute(sa.update(LINKS).where(*is_open).values(used_at=now))

    def _end_sessions(self, connection: sa.Connection, name: str, now: float) -> None:
        is_open = (self._is_here(SESSIONS), SESSIONS.c.account == name, SESSIONS.c.ended_at.is_(None))
        connection.execute(sa.update(SESSIONS).where(*is_open).values(ended_at=now))

    def _insert(self, connection: sa.Connection, name: str, role: str, therapist_id: str | None, now: float) -> None:
        row = {"clinic": self.desk.clinic, "name": name, "role": role, "therapist_id": therapist_id}
        connection.execute(sa.insert(ACCOUNTS).values({**row, "is_disabled": False, "version": 1, "made_at": now}))

    def _change(self, connection: sa.Connection, found: StoredAccount, **values: Any) -> None:
        connection.execute(
            sa.update(ACCOUNTS).where(self._is_account(found.name)).values(**values, version=ACCOUNTS.c.version + 1)
        )

    def _find(self, connection: sa.Connection, name: str) -> StoredAccount | None:
        row = connection.execute(sa.select(*COLUMNS).where(self._is_account(name))).first()
        return None if row is None else StoredAccount(*row)

    def _require(self, connection: sa.Connection, name: str, version: int | None) -> StoredAccount:
        found = self._find(connection, name)
        if found is None:
            message, fix = "there is no such account", "`attune accounts CLINIC list` lists the accounts."
            raise DataFault.error("no-such-account", "account", "name", message, fix=fix)
        if version is not None and found.version != version:
            message, fix = "someone else changed this account meanwhile", "Look at the list again, then decide."
            raise DataFault.error("account-changed", "account", "name", message, fix=fix)
        return found

    def _has_passwords(self, connection: sa.Connection) -> bool:
        is_able = (self._is_here(ACCOUNTS), ACCOUNTS.c.password_hash.is_not(None))
        return connection.execute(sa.select(ACCOUNTS.c.name).where(*is_able).limit(1)).first() is not None

    def _check_admin_left(self, connection: sa.Connection, leaving: StoredAccount) -> None:
        """Refuse to take away the last admin that can sign in: no account could make others then."""
        is_able = (
            self._is_here(ACCOUNTS), ACCOUNTS.c.role == "admin", ACCOUNTS.c.password_hash.is_not(None),
            sa.not_(ACCOUNTS.c.is_disabled),
        )  # fmt: skip
        admins = {row.name for row in connection.execute(sa.select(ACCOUNTS.c.name).where(*is_able))}
        if admins == {leaving.name}:
            message, fix = "this is the only admin that can sign in", "Add another admin first."
            raise DataFault.error("last-admin", "account", "name", message, fix=fix)

    def _is_account(self, name: str) -> sa.ColumnElement[bool]:
        return sa.and_(self._is_here(ACCOUNTS), ACCOUNTS.c.name == name.strip().lower())

    def _is_here(self, table: sa.Table) -> sa.ColumnElement[bool]:
        return table.c.clinic == self.desk.clinic


def check_account(name: str, role: str, therapist_id: str | None) -> str:
    """Return the name of a new account as it is kept.

    Raises
    ------
    DataFault
        If the name has other signs, the role is unknown, or a clinician has no therapist.

    >>> check_account(" Ana.B ", "coordinator", None)
    'ana.b'
    """
    kept = name.strip().lower()
    if not NAME.fullmatch(kept):
        message = "the name of an account has 1 to 40 letters, digits, points or hyphens, without spaces"
        raise DataFault.error("account-name", "account", "name", message, fix="Write a name such as `ana`.")
    if role not in ROLES:
        message, fix = "there is no such role", "Choose coordinator, clinician or admin."
        raise DataFault.error("account-role", "account", "role", message, fix=fix)
    if (role == "clinician") != bool(therapist_id):
        message = "a clinician needs the id of a therapist, and other roles have none"
        fix = "Name the therapist whose clients the account can see, or choose another role."
        raise DataFault.error("account-therapist", "account", "therapist", message, fix=fix)
    return kept
