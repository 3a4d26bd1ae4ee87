"""The end of the journal in the lines of the logs: it shows that later events were removed, or all written anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attune_fit.data.chain_check import ChainBreak, ChainCheck
from attune_fit.data.faults import DataFault
from attune_fit.data.journal.journal_access import JOURNAL_NAME, find_journal
from attune_fit.data.sealed_files import NamedEnds, find_missing_end

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.hash_chain import ChainHead


def read_journal_ends(clinic: Clinic) -> dict[str, ChainHead]:
    """Return the end of the journal by its name, as :func:`append_sealed` takes it; empty without an event.

    Raises
    ------
    DataFault
        If the journal cannot be read.
    """
    store = find_journal(clinic)
    end = None if store is None else store.end()
    return {} if end is None else {JOURNAL_NAME: end}


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
    try:
        store = find_journal(clinic)
        check = ChainCheck() if store is None else store.verify(tail)
        seals = {} if store is None else store.read_seals(end.number for _, end in named)
        last = None if store is None else store.end()
    except DataFault as fault:
        return ChainCheck(breaks=(ChainBreak("not readable", 0, 0, str(fault.faults[0]).removesuffix(".")),))
    missing = [(place, end) for place, end in named if seals.get(end.number) != end.seal]
    found = find_missing_end(missing, 0 if last is None else last.number, "event")
    return check if found is None else ChainCheck(check.n_lines, breaks=(*check.breaks, found))
