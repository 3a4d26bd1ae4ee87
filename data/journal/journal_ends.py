"""The end of the journal in the lines of the logs: it shows that later events were removed, or all written anew."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, TypeVar

from attune_fit.data.chain_check import ChainBreak, ChainCheck
from attune_fit.data.faults import DataFault
from attune_fit.data.journal.journal_access import JOURNAL_NAME, find_journal, list_journal_files
from attune_fit.data.sealed_files import NamedEnds, find_missing_end
from attune_fit.data.storage.stamped_memo import StampedMemo

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.hash_chain import ChainHead

Value = TypeVar("Value")
READ_BEFORE = StampedMemo()  # a ranking is logged far more often than an event is recorded


def read_journal_ends(clinic: Clinic) -> dict[str, ChainHead]:
    """Return the end of the journal by its name, as :func:`append_sealed` takes it; empty without an event.

    Raises
    ------
    DataFault
        If the journal cannot be read.
    """
    return _read_unless_known(clinic, "ends", lambda: _read_ends(clinic))


def check_journal(clinic: Clinic, named: NamedEnds = (), tail: int | None = None) -> ChainCheck:
    """Check the chain of the journal, and that it has each end that lines of the logs hold.

    Parameters
    ----------
    clinic : Clinic
    named : iterable of (str, ChainHead)
        Where an end of the journal is named, and the end; read before this call.
    tail : int, optional
        Check only so many of the last events. Default: all. The named ends are looked up in either case.

    Returns
    -------
    ChainCheck
        Its lines are numbers of events. A journal that cannot be read has a break; one that never had an event, and
        that no line names, is whole.
    """
    named = list(named)
    numbers = frozenset(end.number for _, end in named)
    try:
        check, seals, last = _read_unless_known(clinic, (tail, numbers), lambda: _verify(clinic, tail, numbers))
    except DataFault as fault:
        return ChainCheck(breaks=(ChainBreak("not readable", 0, 0, str(fault.faults[0]).removesuffix(".")),))
    missing = [(place, end) for place, end in named if seals.get(end.number) != end.seal]
    found = find_missing_end(missing, last, "event")
    return check if found is None else ChainCheck(check.n_lines, breaks=(*check.breaks, found))


def _read_ends(clinic: Clinic) -> dict[str, ChainHead]:
    store = find_journal(clinic)
    end = None if store is None else store.end()
    return {} if end is None else {JOURNAL_NAME: end}


def _verify(clinic: Clinic, tail: int | None, numbers: frozenset[int]) -> tuple[ChainCheck, dict[int, str], int]:
    """Return the check of the journal, the seals of events by their numbers, and the number of the last event."""
    store = find_journal(clinic)
    if store is None:
        return ChainCheck(), {}, 0
    check, seals, last = store.verify(tail), store.read_seals(numbers), store.end()
    return check, seals, 0 if last is None else last.number


def _read_unless_known(clinic: Clinic, key: Hashable, read: Callable[[], Value]) -> Value:
    """Return what ``read`` returns, or what it returned before while the file of the journal is unchanged."""
    files = list_journal_files(clinic)
    return READ_BEFORE.compute(files, (key, clinic.config.journal.name), read) if files else read()
