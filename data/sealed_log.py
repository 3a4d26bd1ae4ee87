"""A log of JSON lines, sealed by a hash chain: append entries, read them, and find what was changed since.

Each line holds its entry and two keys of the chain: ``line``, its number, and ``previous``, the seal of the line
before. A file next to the log, the end mark, holds number and seal of the last line. Without it nothing would show
that the last line was changed, or that lines at the end were removed.

The chain shows accidents and edits by hand. It cannot stop a person who writes every later line and the end mark anew.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NamedTuple

from attune_fit.data.hash_chain import ChainLine, append_lines, compute_seal, open_locked, read_last_line, split_lines

NUMBER_KEY, SEAL_KEY = "line", "previous"
END_MARK_SUFFIX = ".seal"


class EndMark(NamedTuple):
    """Number and seal of the last line that was appended."""

    number: int
    seal: str


@dataclass(frozen=True)
class LogLine:
    """One line of a log.

    Attributes
    ----------
    number : int
        Position in the file as an editor numbers it; 1 is the first.
    seal : str
        SHA-256 of the line, which the next line holds.
    fields : dict or None
        The entry without the keys of the chain; None if the line is incomplete or no entry.
    written_as : int or None
        Number under which the line was appended; None without a seal.
    previous : str or None
        Seal of the line before, as this line holds it; None if the line was written before the log was sealed.
    """

    number: int
    seal: str
    fields: dict[str, Any] | None
    written_as: int | None
    previous: str | None

    @property
    def is_sealed(self) -> bool:
        """Whether the line holds the seal of the line before."""
        return self.previous is not None


def append_entries(path: Path, entries: Iterable[Mapping[str, Any]]) -> None:
    """Append entries to a log: one lock, one write, and all of them are on disk when this returns.

    Parameters
    ----------
    path : Path
        The log; made with its folder where it is missing. Without entries nothing is made.
    entries : iterable of mapping
        In the types of JSON, without the keys of the chain.

    Raises
    ------
    OSError
        If the log cannot be written.
    """
    entries = list(entries)
    if not entries:
        return
    with open_locked(path) as file:
        number, seal = _find_end(path, file)
        lines = []
        for number, entry in enumerate(entries, start=number + 1):  # noqa: B020  (the count goes on from the last line)
            lines.append(json.dumps({**entry, NUMBER_KEY: number, SEAL_KEY: seal}).encode())
            seal = compute_seal(lines[-1])
        append_lines(file, lines)
        _write_end_mark(path, EndMark(number, seal))


def read_log(path: Path) -> list[LogLine]:
    """Read the lines of a log, oldest first, incomplete ones too; without a file there are none."""
    return [_parse_line(line) for line in split_lines(path.read_bytes())] if path.exists() else []


def read_end_mark(path: Path) -> EndMark | None:
    """Return the end mark of a log; None if it is missing or cannot be read."""
    try:
        number, seal = build_end_mark_path(path).read_text(encoding="ascii").split()
        return EndMark(int(number), seal)
    except (OSError, ValueError):
        return None


def build_end_mark_path(path: Path) -> Path:
    """Return the path of a log's end mark.

    >>> build_end_mark_path(Path("rankings.jsonl")).name
    'rankings.seal'
    """
    return path.with_suffix(END_MARK_SUFFIX)


def count_appended(lines: Sequence[LogLine]) -> int:
    """Return the number under which the last line was appended; lines without a number count on from the one before."""
    number = 0
    for line in lines:
        number = number + 1 if line.written_as is None else line.written_as
    return number


def _find_end(path: Path, file: IO[bytes]) -> EndMark:
    """Return number and seal to which the next line is chained.

    Usually those of the last line in the file. If the last line was changed, or lines after it were removed, those of
    the end mark: so the next line keeps showing that something is missing.
    """
    last, mark = read_last_line(file), read_end_mark(path)
    if not last:
        return mark or EndMark(0, "")
    number = _parse_line(ChainLine(0, last, "")).written_as
    if number is None:  # incomplete, or written before the log was sealed: count the lines
        file.seek(0)
        number = count_appended([_parse_line(line) for line in split_lines(file.read())])
    end = EndMark(number, compute_seal(last))
    # a run that was killed before it wrote the end mark leaves a mark behind the file: the file is right then
    return mark if mark is not None and mark.number >= end.number else end


def _write_end_mark(path: Path, mark: EndMark) -> None:
    """Write the end mark over the old one, in one write of a fixed length, so that no moment is without a mark.

    A mark that could not be written is no error: it lags behind the log, and the next run writes it again.
    """
    with suppress(OSError):
        handle = os.open(build_end_mark_path(path), os.O_WRONLY | os.O_CREAT, 0o666)
        try:
            os.write(handle, f"{mark.number:>12} {mark.seal}\n".encode("ascii"))
        finally:
            os.close(handle)


def _parse_line(line: ChainLine) -> LogLine:
    """Return a line as an entry and its keys of the chain."""
    try:
        fields = json.loads(line.content)
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        return LogLine(line.number, line.seal, None, None, None)
    number, previous = fields.pop(NUMBER_KEY, None), fields.pop(SEAL_KEY, None)
    if isinstance(number, bool) or not isinstance(number, int) or not isinstance(previous, str):
        return LogLine(line.number, line.seal, fields, None, None)
    return LogLine(line.number, line.seal, fields, number, previous)
