"""Checks of what Attune itself wrote: the ledger, the logs, the journal, and the pointer to the live model."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from attune_fit.data.chain_check import ChainBreak, ChainCheck
from attune_fit.data.command_words import format_word
from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.journal.journal_access import JOURNAL_NAME, list_database_files
from attune_fit.data.journal.journal_ends import check_journal
from attune_fit.data.sealed_files import HYPOTHESES, LEDGER, SEALED_FILES, TRIALS, check_sealed_files
from attune_fit.data.sealed_log import build_end_mark_path
from attune_fit.data.storage.stamped_memo import StampedMemo
from attune_fit.models.active_pointer import BUNDLES_FOLDER, POINTER_FILE, read_active_name, read_ledger_end
from attune_fit.training.promotion.ledger import Ledger, read_ledger

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic

TAIL_LINES = 100  # lines of each log, and events, that a ranking checks; a check and a training check all
SHOW_COMMANDS = {POINTER_FILE: "attune models list {}", JOURNAL_NAME: "attune journal {} --verify"}
CHANGED_FILES = "files in artifacts were changed since Attune wrote them"
SHOW_LOG_COMMAND = "attune log {} --verify"
WHOLE = StampedMemo(outlasts_own_writes=True)


def check_artifacts(clinic: Clinic, tail: int | None = None) -> dict[str, ChainCheck]:
    """Check the ledger, the logs, the journal and ``live.json``: each alone, and against what the others hold of it.

    Parameters
    ----------
    clinic : Clinic
    tail : int, optional
        Check only so many lines at the end of each log, and so many of the last events. Default: all.

    Returns
    -------
    dict of str to ChainCheck
        By file name; the journal, which can be in another database, as ``journal``. The journal, hypotheses and trials
        are there only where one was written. Without artifacts, and for artifacts of earlier versions that were not
        changed, all are whole.
    """
    end = read_ledger_end(clinic)  # before the ledger: another run can append in between
    pointer_breaks = tuple(_find_pointer_breaks(clinic))
    named = () if end is None else ((POINTER_FILE, end),)
    others = {JOURNAL_NAME: partial(check_journal, clinic, tail=tail)}
    checks = check_sealed_files(clinic.artifacts, named, tail, others)
    for file in (JOURNAL_NAME, HYPOTHESES.file, TRIALS.file):
        if checks[file] == ChainCheck():  # it was never written
            del checks[file]
    return {**checks, POINTER_FILE: ChainCheck(breaks=pointer_breaks)}


def find_artifact_warnings(clinic: Clinic, tail: int | None = None) -> tuple[Fault, ...]:
    """Return a warning for each file of :func:`check_artifacts` that is not as Attune wrote it."""
    folder = format_word(clinic.folder)
    warnings = []
    for file, check in _find_changed(clinic, tail).items():
        command = SHOW_COMMANDS.get(file, SHOW_LOG_COMMAND).format(folder)
        fix = f"Attune goes on. Compare with a backup. To see all changes: {command}"
        message = f"it is not as Attune wrote it: {summarize_breaks(check)}"
        place = file if file == JOURNAL_NAME else f"artifacts/{file}"
        warnings.append(Fault.warning("artifact-changed", place, "", message, fix=fix))
    return tuple(warnings)


def list_artifact_notes(clinic: Clinic, tail: int | None = TAIL_LINES) -> tuple[str, ...]:
    """Return one note with the command that shows more, if a file is not as Attune wrote it; else nothing.

    Files that were whole are not read again while they are unchanged. A line that this process has appended since then
    changes nothing: it is chained to the end that was whole. A journal on a server is asked each time.
    """
    journal = clinic.config.journal
    if journal.database:
        return _list_notes(clinic, tail)
    files = _list_checked_files(clinic.artifacts)
    return WHOLE.compute(files, (tail, journal.name), lambda: _list_notes(clinic, tail), operator.not_)


@lru_cache(maxsize=16)
def _list_checked_files(artifacts: Path) -> tuple[str, ...]:
    """List all that :func:`check_artifacts` reads: sealed files, the pointer, the bundles, and the journal's file."""
    sealed = [artifacts / row.file for row in SEALED_FILES.values()]
    marks = [build_end_mark_path(path) for path in sealed]
    others = artifacts / POINTER_FILE, artifacts / BUNDLES_FOLDER
    return (*map(str, (*sealed, *marks, *others)), *list_database_files(artifacts))


def _list_notes(clinic: Clinic, tail: int | None) -> tuple[str, ...]:
    changed = _find_changed(clinic, tail)
    if not changed:
        return ()
    only = next(iter(changed)) if len(changed) == 1 else ""
    command = SHOW_COMMANDS.get(only, SHOW_LOG_COMMAND).format(format_word(clinic.folder))
    found = "; ".join(f"{file}: {summarize_breaks(check)}" for file, check in changed.items())
    what = "the journal was changed since Attune wrote it" if only == JOURNAL_NAME else CHANGED_FILES
    return (f"Note: {what}. {found}. See: {command}",)


def _find_changed(clinic: Clinic, tail: int | None) -> dict[str, ChainCheck]:
    """Return the checks with a break, without a journal that cannot be read: that is an error of the tables."""
    changed = {file: check for file, check in check_artifacts(clinic, tail).items() if check.breaks}
    if JOURNAL_NAME in changed and changed[JOURNAL_NAME].breaks[0].what == "not readable":
        del changed[JOURNAL_NAME]
    return changed


def summarize_breaks(check: ChainCheck) -> str:
    """Return the first break of a file, and how many others there are, without a full stop."""
    n_more = len(check.breaks) - 1
    more = f", and {n_more:,} other change{'s' if n_more > 1 else ''}" if n_more else ""
    return f"{check.breaks[0].message}{more}"


def _find_pointer_breaks(clinic: Clinic) -> Iterator[ChainBreak]:
    """Yield what is wrong with ``live.json``: that it names no bundle, or another one than the ledger."""
    try:
        active = read_active_name(clinic)
    except DataFault:
        yield ChainBreak("not readable", 0, 0, "it leads to no bundle of this clinic, so Attune cannot rank")
        return
    found = _find_pointer_break(read_ledger(clinic.artifacts / LEDGER.file), active)
    if found is not None:
        yield found


def _find_pointer_break(ledger: Ledger, active: str) -> ChainBreak | None:
    """Return the break where ``live.json`` names another bundle than the ledger; None where both name the same."""
    recorded = ledger.rollback_stack[-1]
    if recorded == active or (ledger.faults and not ledger.entries):  # nothing of the ledger can be read
        return None
    message = f"the ledger names `{recorded}` as live, artifacts/{POINTER_FILE} names `{active}`"
    return ChainBreak("named elsewhere", 0, 0, message)
