"""Verbs about the accounts of the desk: who can sign in, who is signed in, and which pages were opened."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from attune_fit.clinic_session import ClinicSession
from attune_fit.results import Result

if TYPE_CHECKING:
    from attune_fit.data.accounts.account_store import AccountStore
    from attune_fit.data.accounts.session_store import SessionStore


class AccountVerbs(ClinicSession):
    """What an administrator can do with the accounts of the desk. No verb returns a password or the hash of one."""

    def accounts(self) -> Result:
        """List the accounts.

        Returns
        -------
        Result
            Of a tuple of :class:`StoredAccount`, by name. The frame has one row for each.
        """
        return _build_list(self._open_accounts().list_accounts(), "account")

    def add_account(self, name: str, role: str, therapist: str | None = None) -> Result:
        """Add an account, and make the one-time link with which its owner sets a password.

        Parameters
        ----------
        name : str
            1 to 40 letters, digits, points or hyphens; the actor of the events that the account records.
        role : {"coordinator", "clinician", "admin"}
        therapist : str, optional
            For a clinician: the therapist whose clients the account can see.

        Returns
        -------
        Result
            Of a dict: ``name``, and ``link``, the end of the address that sets the password.

        Raises
        ------
        DataFault
            If the name is taken or does not fit, or no such therapist is on the roster.
        """
        self._check_therapist(therapist)
        key = self._open_accounts().add(name, role, therapist or None, time.time())
        return _build_link(name, key)

    def reset_account(self, name: str, *, version: int | None = None) -> Result:
        """Take the password of an account away, end its sessions, and make a new one-time link.

        Parameters
        ----------
        name : str
        version : int, optional
            The version that the caller has seen. If the account was changed since, nothing is done.

        Returns
        -------
        Result
            Of a dict, as :meth:`add_account`.

        Raises
        ------
        DataFault
            If there is no such account, it was changed, or it is the only admin that can sign in.
        """
        return _build_link(name, self._open_accounts().reset(name, time.time(), version))

    def disable_account(self, name: str, *, version: int | None = None) -> Result:
        """Disable an account: its sessions end at once. Parameters and faults as :meth:`reset_account`."""
        return self._set_disabled(name, True, version)

    def enable_account(self, name: str, *, version: int | None = None) -> Result:
        """Enable an account again, with its earlier password. Parameters and faults as :meth:`reset_account`."""
        return self._set_disabled(name, False, version)

    def set_up_desk(self) -> Result:
        """Make a one-time link for the first account, which is an admin.

        Returns
        -------
        Result
            Of a dict, as :meth:`add_account`, without a ``name``; ``link`` is None where an account has a password.
        """
        return _build_link("", self._open_accounts().make_first_link(time.time()))

    def sessions(self, name: str | None = None) -> Result:
        """List the sessions that are open, of one account or of all.

        Returns
        -------
        Result
            Of a tuple of dicts: ``session`` (how to name it), ``account``, ``address``, ``started_at``, ``used_at``.
        """
        found = self._open_sessions().list_open(time.time(), None if name is None else name.strip().lower())
        rows = [
            {
                "session": one.handle, "account": one.account, "address": one.address,
                "started_at": _format_time(one.started_at), "used_at": _format_time(one.used_at),
            }
            for one in found
        ]  # fmt: skip
        return _build_list(rows, "session")

    def revoke_sessions(self, name: str, *, session: str | None = None) -> Result:
        """End the sessions of an account, or one of them.

        Parameters
        ----------
        name : str
        session : str, optional
            As :meth:`sessions` names it. Default: all sessions of the account.

        Returns
        -------
        Result
            Of a dict: ``name`` and the number of sessions that ended.
        """
        name = name.strip().lower()
        return _build_report({"name": name, "ended": self._open_sessions().end_of_account(name, time.time(), session)})

    def page_audit(self, *, last: int = 100, name: str | None = None, client: str | None = None) -> Result:
        """List which account opened or changed which page, the latest first.

        Parameters
        ----------
        last : int, default 100
        name : str, optional
            Only of this account.
        client : str, optional
            Only about this client.

        Returns
        -------
        Result
            Of a tuple of dicts: ``at``, ``account``, ``method``, ``page``, ``client_id``, ``therapist_id``, ``status``.
            A status that is missing belongs to an edit that had no answer.
        """
        from attune_fit.data.accounts.audit_store import AuditStore
        from attune_fit.data.accounts.desk_database import open_desk_database

        rows = AuditStore(open_desk_database(self.clinic)).list_rows(last, name, client)
        return _build_list([{**row._asdict(), "at": _format_time(row.at)} for row in rows], "row")

    def own_clients(self, therapist_id: str) -> Result:
        """List the clients of a therapist: with an open or accepted offer, a start, or a record.

        Returns
        -------
        Result
            Of a tuple of ids, sorted.
        """
        tables = self.tables
        outcomes = tables.outcomes
        met = outcomes.loc[outcomes["therapist_id"] == therapist_id, "client_id"]
        offered = [offer.client_id for offer in tables.pair_states.offers if offer.therapist_id == therapist_id]
        ids = tuple(sorted({*met.dropna(), *offered}))
        return _build_list([{"client_id": one} for one in ids], "client", ids)

    def _set_disabled(self, name: str, is_disabled: bool, version: int | None) -> Result:
        self._open_accounts().set_disabled(name, is_disabled, time.time(), version)
        return _build_report({"name": name.strip().lower(), "is_disabled": is_disabled})

    def _check_therapist(self, therapist: str | None) -> None:
        from attune_fit.data.faults import DataFault

        if therapist and not (self.tables.therapists["therapist_id"] == therapist).any():
            message, fix = "no such therapist is on the roster", "Write the id as the roster has it."
            raise DataFault.error("account-therapist-unknown", "account", "therapist", message, fix=fix)

    def _open_accounts(self) -> AccountStore:
        from attune_fit.data.accounts.account_store import AccountStore
        from attune_fit.data.accounts.desk_database import open_desk_database

        return AccountStore(open_desk_database(self.clinic))

    def _open_sessions(self) -> SessionStore:
        from attune_fit.data.accounts.desk_database import open_desk_database
        from attune_fit.data.accounts.session_store import SessionStore

        return SessionStore(open_desk_database(self.clinic))


def _build_link(name: str, key: str | None) -> Result:
    """Return the result of a one-time link: the end of its address, which leads to the page that sets a password."""
    return _build_report({"name": name.strip().lower(), "link": None if key is None else f"/set-up?link={key}"})


def _build_report(report: dict[str, Any]) -> Result:
    import pandas as pd

    return Result(report, f"account {report['name']}".strip(), lambda: pd.DataFrame([report]), lambda: report)


def _build_list(records: Sequence[Any], noun: str, result: tuple[Any, ...] | None = None) -> Result:
    """Return the result of a list of records that are dicts or named tuples."""
    import pandas as pd

    rows = [one if isinstance(one, dict) else one._asdict() for one in records]
    summary = f"{len(rows)} {noun}{'' if len(rows) == 1 else 's'}"
    return Result(tuple(records) if result is None else result, summary, lambda: pd.DataFrame(rows), lambda: rows)


def _format_time(seconds: float) -> str:
    """Return a time in UTC, ISO to the second."""
    import datetime as dt

    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat(timespec="seconds")
