"""The sealed files of a clinic: the ledger and the logs under ``artifacts``, which hold the ends of each other.

Who cuts one of them at its end, or deletes it with its end mark, has to cut the others too. Nothing shows that the
whole folder was deleted, or that all of its files were written anew. Lines of the logs also hold the end of the
journal, which is no file of lines; see :mod:`journal_ends`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from attune_fit.data.chain_check import ChainBreak, ChainCheck
from attune_fit.data.chain_scan import LogScan, scan_log
from attune_fit.data.hash_chain import ChainHead
from attune_fit.data.sealed_log import append_entries, build_end_mark_path, read_head
from attune_fit.data.storage.stamped_memo import StampedMemo

NamedEnds = Iterable[tuple[str, ChainHead]]  # where the end of a file is named, such as "live.json", and the end
CheckOther = Callable[[list[tuple[str, ChainHead]]], ChainCheck]  # checks another chain and the ends that name it


@dataclass(frozen=True)
class SealedFile:
    """One file of lines under ``artifacts``.

    Attributes
    ----------
    name : str
        Names its end in the lines of other files.
    file : str
    names_ends_of : tuple of str
        Names of the files whose ends each of its lines holds.
    """

    name: str
    file: str
    names_ends_of: tuple[str, ...]


LEDGER = SealedFile("ledger", "ledger.jsonl", ("rankings", "assignments", "hypotheses", "trials"))
RANKING_LOG = SealedFile("rankings", "rankings.jsonl", ("ledger", "hypotheses", "trials"))
ASSIGNMENT_LOG = SealedFile("assignments", "assignments.jsonl", ("ledger", "hypotheses", "trials"))
HYPOTHESES = SealedFile("hypotheses", "hypotheses.jsonl", ("ledger",))
TRIALS = SealedFile("trials", "trials.jsonl", ("ledger",))
ENDS = StampedMemo()
LOGS = (RANKING_LOG, ASSIGNMENT_LOG, HYPOTHESES, TRIALS)  # a file comes after the logs that name it
SEALED_FILES = {row.name: row for row in (LEDGER, *LOGS)}


def append_sealed(
    artifacts: Path,
    row: SealedFile,
    entries: Iterable[Mapping[str, Any]],
    other_ends: Mapping[str, ChainHead] | None = None,
) -> None:
    """Append entries to a sealed file, with the ends of the other files; raises as :func:`append_entries`.

    The other files are read before this one is locked, so two runs never wait for each other. ``other_ends`` are those
    of chains that are no file of :data:`SEALED_FILES`, by name.
    """
    ends = {name: _read_end(artifacts / SEALED_FILES[name].file) for name in row.names_ends_of}
    known = {name: end for name, end in ends.items() if end is not None}
    append_entries(artifacts / row.file, entries, {**known, **(other_ends or {})})


def _read_end(path: Path) -> ChainHead | None:
    """Return the end of a sealed file; one that is as it was at an earlier call is not read again."""
    return ENDS.compute((str(path), str(build_end_mark_path(path))), None, lambda: read_head(path))


def check_sealed_files(
    artifacts: Path,
    ledger_ends: NamedEnds = (),
    tail: int | None = None,
    others: Mapping[str, CheckOther] | None = None,
) -> dict[str, ChainCheck]:
    """Check each sealed file, and the ends that they hold of each other.

    Parameters
    ----------
    artifacts : Path
        Their folder. A file that was never written, and that no other file names, is whole.
    ledger_ends : iterable of (str, ChainHead)
        Where else the end of the ledger is named, read before this call.
    tail : int, optional
        Check only so many lines at the end of each log, in a time that does not grow with the log; the ledger is
        checked whole. Default: all lines.
    others : mapping of str to callable, optional
        Checks of other chains, by the name under which lines hold their ends. Each gets these ends, after the lines
        were read.

    Returns
    -------
    dict of str to ChainCheck
        By file name, in the order of :data:`SEALED_FILES`. A file that cannot be read has a break of its own. Then the
        others by name.
    """
    first = scan_log(artifacts / LEDGER.file)  # before the logs, so that they have each line that it names
    logs: dict[SealedFile, LogScan] = {}
    ends_of = {}
    for row in LOGS:
        ends_of[row] = _list_ends([(LEDGER, first), *logs.items()], row.name)
        logs[row] = scan_log(artifacts / row.file, {end.seal for _, end in ends_of[row]}, tail)
    named = [*ledger_ends, *_list_ends(logs.items(), LEDGER.name)]
    ledger = scan_log(artifacts / LEDGER.file, {end.seal for _, end in named})  # again, after the logs that name it
    checks = {LEDGER.file: _add_missing_end(ledger, named)}
    for row, scan in logs.items():
        checks[row.file] = _add_missing_end(scan, ends_of[row])
    for name, check in (others or {}).items():
        checks[name] = check(_list_ends([(LEDGER, ledger), *logs.items()], name))
    return checks


def find_missing_end(missing: NamedEnds, last: int, unit: str = "line") -> ChainBreak | None:
    """Return the break for the furthest end that other files name and that a chain does not have; None without any.

    Parameters
    ----------
    missing : iterable of (str, ChainHead)
        Where each such end is named, and the end.
    last : int
        Number of the last line of the chain; 0 without lines.
    unit : str
        What a line is called.
    """
    lost = [(end.number, place) for place, end in missing]
    if not lost:
        return None
    number, place = max(lost)
    n_lines = {0: f"no {unit}", 1: f"1 {unit}"}.get(last, f"{last:,} {unit}s")
    message = (
        f"it has {n_lines}, but {place} was written when it had {number:,}" if last < number
        else f"its {unit} {number:,} is not the one that it had when {place} was written"
    )  # fmt: skip
    return ChainBreak("named elsewhere", 0, 0, message)


def _list_ends(scans: Iterable[tuple[SealedFile, LogScan]], name: str) -> list[tuple[str, ChainHead]]:
    """Return each end of a chain that lines of other files hold, with the place of the first such line."""
    return [
        (f"{other.file} line {number:,}", end)
        for other, scan in scans
        for end, number in scan.heads.get(name, {}).items()
    ]


def _add_missing_end(scan: LogScan, named: NamedEnds) -> ChainCheck:
    """Return the check with a break for the furthest end that other files name and that the file does not have."""
    check = scan.check
    if any(found.what == "not readable" for found in check.breaks):
        return check
    lost = [(place, end) for place, end in named if end.number >= scan.first and end.seal not in scan.found]
    found = find_missing_end(lost, scan.last)
    return check if found is None else replace(check, breaks=(*check.breaks, found))
