"""Errors of the database of accounts: the reasons of the journal's database, in words about the desk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from attune_fit.data.faults import DataFault
from attune_fit.data.journal.database.journal_faults import JournalPlace

FILE_PLACE = JournalPlace("artifacts/desk.db")
FIXES = {  # by the id of the journal's fault
    "journal-locked": "Another program keeps it locked. Wait until that program has ended, then try again.",
    "no-space-for-journal": "No space is left. Free some space and try again.",
    "journal-read-only": "Give this user permission to write there, and try again.",
    "journal-interrupted": "Give this user permission to write the file and its folder, and try again.",
    "journal-not-opened": "Give this user permission to read and write the file and its folder.",
    "journal-file-error": "Give this user permission to read and write it. If it is a link, put the file in its place.",
    "journal-damaged": "The file is damaged. Stop the desk and move the file away; then make new accounts.",
    "journal-disk-error": "The disk reported an error. Check the disk or the network share, then try again.",
    "journal-login-refused": "The database server refused the login. Check `PGPASSWORD` and the user in the address.",
    "journal-database-missing": "The database or its tables do not exist. Stop the desk and start it again.",
    "journal-server-not-reached": "Attune cannot reach the database server. Check that it runs, then try again.",
}
OTHER_FIX = "The database reported an error. Try again."
UNAVAILABLE = frozenset({*FIXES, "journal-not-usable", "journal-changed-meanwhile", "accounts-not-available"})


@contextmanager
def report_account_errors(place: JournalPlace) -> Iterator[None]:
    """Turn a fault of the journal's database into one about the accounts.

    Raises
    ------
    DataFault
        ``accounts-not-available`` if the block fails because the database cannot be read or written.
    """
    try:
        yield
    except DataFault as fault:
        reason = fault.faults[0].id
        if reason not in UNAVAILABLE:
            raise
        fix = FIXES.get(reason, OTHER_FIX)
        message = "the database of accounts is not available, so nothing was changed"
        raise DataFault.error("accounts-not-available", place.file, place.key, message, fix=fix) from None


def build_library_fault() -> DataFault:
    """Return the fault about libraries of the desk that are not installed."""
    message, fix = "the libraries of the desk are not installed", 'Run `pip install "attune-fit[desk]"`.'
    return DataFault.error("no-desk-libraries", "desk", "", message, fix=fix)
