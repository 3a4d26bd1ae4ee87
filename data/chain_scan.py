"""Scan a log once, line by line: whether its chain is whole, and what other files want to know of it.

A whole log takes little memory, however long it is. Only a log that is not whole is read into memory, where
:mod:`chain_check` finds what happened to it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from attune_fit.data.chain_check import ChainBreak, ChainCheck, check_lines
from attune_fit.data.hash_chain import ChainHead
from attune_fit.data.sealed_log import (
    LogLine,
    build_end_mark_path,
    iterate_log,
    list_numbers,
    read_end_mark,
    read_log_tail,
)
from attune_fit.data.storage.stamped_memo import StampedMemo

SCANNED_BEFORE = StampedMemo()


@dataclass
class LogScan:
    """What one pass over a log found.

    Attributes
    ----------
    check : ChainCheck
    first, last : int
        Numbers of the first and the last line that was read; the last one is 0 without lines.
    found : set of str
        Which of the wanted seals belong to a line.
    heads : dict of str to dict of ChainHead to int
        The ends that the lines hold, by the name of the other log, each with its first line.
    """

    check: ChainCheck = field(default_factory=ChainCheck)
    first: int = 1
    last: int = 0
    found: set[str] = field(default_factory=set)
    heads: dict[str, dict[ChainHead, int]] = field(default_factory=dict)

    def add_line(self, line: LogLine, number: int, wanted: Collection[str]) -> None:
        """Add a line with the number under which it was appended."""
        self.last = number
        if line.seal in wanted:
            self.found.add(line.seal)
        for name, head in line.heads.items():
            self.heads.setdefault(name, {}).setdefault(head, line.number)


def scan_log(path: Path, wanted: Collection[str] = (), tail: int | None = None) -> LogScan:
    """Check a log and its end mark, and look for the lines with the wanted seals.

    A log that is as it was at an earlier call is not read again; no caller changes the scan.

    Parameters
    ----------
    path : Path
        A log that was never written is whole.
    wanted : collection of str
        Seals to look for.
    tail : int, optional
        Read only so many lines at the end. Default: all.
    """
    files, key = (str(path), str(build_end_mark_path(path))), (frozenset(wanted), tail)
    return SCANNED_BEFORE.compute(files, key, lambda: _scan(path, wanted, tail))


def _scan(path: Path, wanted: Collection[str], tail: int | None) -> LogScan:
    """Return the scan of a log; see :func:`scan_log`."""
    mark = read_end_mark(path)  # read first: another run can append before the lines are read
    try:
        if tail is not None:
            lines, is_tail = read_log_tail(path, tail)
            return _scan_lines(path, lines, mark, wanted, is_tail=is_tail)
        return _scan_whole(path, mark, wanted) or _scan_lines(path, list(iterate_log(path)), mark, wanted)
    except OSError as error:
        message = f"it cannot be read: {error.strerror or type(error).__name__}"
        return LogScan(ChainCheck(breaks=(ChainBreak("not readable", 0, 0, message),)))


def _scan_whole(path: Path, mark: ChainHead | None, wanted: Collection[str]) -> LogScan | None:
    """Return the scan of a log in which each line holds the seal of the line before; None for any other log."""
    scan, n_lines, n_before_seal, seal = LogScan(), 0, 0, ""
    incomplete: list[int] = []
    has_seal, has_numbers, is_marked = False, False, mark is not None and not mark.number
    for line in iterate_log(path):
        n_lines += 1
        if line.fields is None:  # cut off by an interruption; the next line is sealed over it
            incomplete.append(line.number)
        elif not line.is_sealed and not has_seal and not is_marked:
            pass
        elif line.previous != seal or line.written_as not in (None, n_lines):
            return None
        n_before_seal += not (has_seal := has_seal or line.is_sealed)
        seal, has_numbers = line.seal, has_numbers or line.written_as is not None
        is_marked = is_marked or mark == (n_lines, seal)
        scan.add_line(line, n_lines, wanted)
    if not is_marked and (mark is not None or has_numbers):
        return None
    scan.check = ChainCheck(n_lines, n_before_seal, tuple(incomplete))
    return scan


def _scan_lines(
    path: Path, lines: list[LogLine], mark: ChainHead | None, wanted: Collection[str], *, is_tail: bool = False
) -> LogScan:
    """Return the scan of lines in memory, with everything that happened to them."""
    numbers = list_numbers(lines)
    check = check_lines(lines, mark, build_end_mark_path(path).name, is_tail=is_tail)
    scan = LogScan(check, numbers[0] if is_tail else 1)
    for line, number in zip(lines, numbers, strict=True):
        scan.add_line(line, number, wanted)
    return scan
