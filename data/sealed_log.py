"""A log of JSON lines, sealed by a hash chain: append entries, read them, and find what was changed since.

Each line holds its entry and keys of the chain: ``line``, its number, and ``previous``, the seal of the line before.
Under ``heads`` it can hold the ends of other logs at that time, so that one log shows that another was cut.
A file next to the log, the end mark, holds number and seal of the last line. Without it nothing would show that the
last line was changed, or that lines at the end were removed.

The chain shows accidents and edits by hand. It cannot stop a person who writes every later line and the end mark anew.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, NoReturn

from attune_fit.data.hash_chain import (
    ChainHead,
    ChainLine,
    append_lines,
    compute_seal,
    lock_file,
    open_locked,
    read_last_line,
    read_last_lines,
    split_lines,
)
from attune_fit.data.storage.atomic_write import PRIVATE_MODE
from attune_fit.data.storage.file_watch import read_stamp
from attune_fit.data.storage.regular_file import check_regular_file
from attune_fit.data.storage.stamped_memo import add_own_write

NUMBER_KEY, SEAL_KEY, HEADS_KEY = "line", "previous", "heads"
END_MARK_SUFFIX = ".seal"
MAX_TAIL_LINES = 512  # that are kept in memory; about 1 kB each
MAX_NUMBER = 2**53  # of a line; a larger one is no number that Attune wrote
NO_SEAL = "0" * 64  # the seal in the end mark of a log without lines


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
        Number under which the line was appended; None without a seal, and in ledgers of earlier versions.
    previous : str or None
        Seal of the line before, as this line holds it; None if the line was written before the log was sealed.
    heads : dict of str to ChainHead
        The ends of other logs when the line was written, by name.
    """

    number: int
    seal: str
    fields: dict[str, Any] | None
    written_as: int | None
    previous: str | None
    heads: Mapping[str, ChainHead] = field(default_factory=dict)

    @property
    def is_sealed(self) -> bool:
        """Whether the line holds the seal of the line before."""
        return self.previous is not None


def append_entries(
    path: Path, entries: Iterable[Mapping[str, Any]], heads: Mapping[str, ChainHead] | None = None
) -> None:
    """Append entries to a log: one lock, one write, and all of them are on disk when this returns, or none.

    Parameters
    ----------
    path : Path
        The log; made with its folder where it is missing. Without entries nothing is made.
    entries : iterable of mapping
        In the types of JSON, without the keys of the chain. An iterator is consumed while the log is locked: so it can
        read the log, and no other process appends before its entries are written. If it raises, nothing is written.
    heads : mapping of str to ChainHead, optional
        The ends of other logs, by name; each line holds them.

    Raises
    ------
    OSError
        If the log cannot be written.
    ValueError
        If an entry holds a number that JSON does not have.
    """
    if not isinstance(entries, Iterator):
        entries = list(entries)
        if not entries:
            return
    named = {HEADS_KEY: {name: serialize_head(head) for name, head in heads.items()}} if heads else {}
    files = str(path), str(build_end_mark_path(path))
    with open_locked(path) as file:
        if not (entries := list(entries)):
            return
        before = [read_stamp(one) for one in files]
        mark = read_end_mark(path)
        number, seal = end = _find_end(mark, file)
        if mark is None:  # first, so that no moment has sealed lines and no mark
            _write_end_mark(path, end)
        lines = []
        for number, entry in enumerate(entries, start=number + 1):  # noqa: B020  (the count goes on from the last line)
            keys = {**entry, **named, NUMBER_KEY: number, SEAL_KEY: seal}
            lines.append(json.dumps(keys, allow_nan=False).encode())
            seal = compute_seal(lines[-1])
        append_lines(file, lines)
        with suppress(OSError):  # a mark that lags behind is no error: the next run writes it again
            _write_end_mark(path, ChainHead(number, seal))
        for one, stamp in zip(files, before, strict=True):
            add_own_write(one, stamp)


def read_log(path: Path) -> list[LogLine]:
    """Read the lines of a log, oldest first, incomplete ones too; without a file there are none.

    Raises
    ------
    OSError
        If there is a file that cannot be read, or something else than a file.
    """
    check_regular_file(path)
    return [_parse_line(line) for line in split_lines(path.read_bytes())] if path.exists() else []


def iterate_log(path: Path) -> Iterator[LogLine]:
    """Yield the lines of :func:`read_log` one by one, each with an empty dict for the fields of its entry."""
    check_regular_file(path)
    if not path.exists():
        return
    with path.open("rb") as file:
        for number, content in enumerate(file, start=1):
            if line := content.removesuffix(b"\n"):
                parsed = _parse_line(ChainLine(number, line, compute_seal(line)))
                yield parsed if parsed.fields is None else replace(parsed, fields={})


def read_log_tail(path: Path, most: int) -> tuple[list[LogLine], bool]:
    """Read the last lines of a log, at most ``most``, and whether there are others before them.

    The first of them holds its number. A log whose last lines hold none, of an earlier version, is read whole. The
    ``number`` of a line is the one under which it was appended. No caller changes the fields of a line. Raises as
    :func:`read_log`.
    """
    check_regular_file(path)
    if not path.exists():
        return [], False
    with path.open("rb") as file:
        contents, is_whole = read_last_lines(file, most)
    lines = [_parse_tail_line(content) for content in contents]
    start = next((index for index, line in enumerate(lines) if line.written_as is not None), len(lines))
    if is_whole or start == len(lines):
        return read_log(path), False
    numbers = list_numbers(lines[start:])
    numbered = zip(lines[start:], numbers, strict=True)
    return [line if line.number == number else replace(line, number=number) for line, number in numbered], True


def read_end_mark(path: Path) -> ChainHead | None:
    """Return the end mark of a log; None if it is missing or cannot be read."""
    mark = build_end_mark_path(path)
    try:
        check_regular_file(mark)
        number, seal = mark.read_text(encoding="ascii").split()
        return _build_head(int(number), "" if seal == NO_SEAL else seal)
    except (OSError, ValueError):
        return None


def read_head(path: Path) -> ChainHead | None:
    """Return the end of a log, to which its next line is chained; None without lines or if it cannot be read."""
    try:
        check_regular_file(path)
        with path.open("rb") as file:
            lock_file(file, shared=True)  # not while another run appends
            head = _find_end(read_end_mark(path), file)
    except OSError:
        return None
    return head if head.number else None


def build_end_mark_path(path: Path) -> Path:
    """Return the path of a log's end mark.

    >>> build_end_mark_path(Path("rankings.jsonl")).name
    'rankings.seal'
    """
    return path.with_suffix(END_MARK_SUFFIX)


def list_numbers(lines: Sequence[LogLine]) -> list[int]:
    """Return the number under which each line was appended; one without a number counts on from the line before."""
    numbers: list[int] = []
    for line in lines:
        last = numbers[-1] if numbers else 0
        numbers.append(last + 1 if line.written_as is None else line.written_as)
    return numbers


def serialize_head(head: ChainHead) -> dict[str, Any]:
    """Return the end of a log in the types of JSON."""
    return {"line": head.number, "seal": head.seal}


def parse_head(value: object) -> ChainHead | None:
    """Return what :func:`serialize_head` wrote as the end of a log; None if it is something else.

    >>> parse_head({"line": 3, "seal": "ab"}), parse_head({"line": "3", "seal": "ab"})
    (ChainHead(number=3, seal='ab'), None)
    """
    if not isinstance(value, dict):
        return None
    number, seal = value.get("line"), value.get("seal")
    return _build_head(number, seal) if isinstance(seal, str) else None


def parse_json_object(content: bytes) -> dict[str, Any] | None:
    """Return a JSON object in UTF-8 as a dict; None for all else: NaN, endless numbers and deep nesting too."""
    try:
        found = json.loads(content.decode("utf-8"), parse_constant=_refuse_constant, parse_float=_parse_finite)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _find_end(mark: ChainHead | None, file: IO[bytes]) -> ChainHead:
    """Return number and seal to which the next line is chained; ``mark`` is the end mark.

    Usually those of the last line in the file. If the last line was changed, or lines after it were removed, those of
    the end mark: so the next line keeps showing that something is missing.
    """
    last = read_last_line(file)
    if not last:
        return mark or ChainHead(0, "")
    number = _parse_line(ChainLine(0, last, "")).written_as
    if number is None:  # incomplete, or written before the log was sealed: count the lines
        file.seek(0)
        number = list_numbers([_parse_line(line) for line in split_lines(file.read())])[-1]
    end = ChainHead(number, compute_seal(last))
    # a run that was killed before it wrote the end mark leaves a mark behind the file: the file is right then
    return mark if mark is not None and mark.number >= end.number else end


def _write_end_mark(path: Path, mark: ChainHead) -> None:
    """Write the end mark over the old one, in one write of a fixed length, so that no moment is without a mark."""
    place = build_end_mark_path(path)
    check_regular_file(place)
    handle = os.open(place, os.O_WRONLY | os.O_CREAT, PRIVATE_MODE)
    try:
        os.write(handle, f"{mark.number:>12} {mark.seal or NO_SEAL}\n".encode("ascii"))
    finally:
        os.close(handle)


@lru_cache(maxsize=MAX_TAIL_LINES)
def _parse_tail_line(content: bytes) -> LogLine:
    """Return a line at the end of a log, with the number that it holds; the next look reads nearly the same lines."""
    line = _parse_line(ChainLine(0, content, compute_seal(content)))
    return line if line.written_as is None else replace(line, number=line.written_as)


def _parse_line(line: ChainLine) -> LogLine:
    """Return a line as an entry and its keys of the chain."""
    fields = parse_json_object(line.content)
    if fields is None:
        return LogLine(line.number, line.seal, None, None, None)
    number, previous, heads = (fields.pop(key, None) for key in (NUMBER_KEY, SEAL_KEY, HEADS_KEY))
    if not isinstance(previous, str):
        return LogLine(line.number, line.seal, fields, None, None)
    parsed = {name: parse_head(value) for name, value in heads.items()} if isinstance(heads, dict) else {}
    named = {name: head for name, head in parsed.items() if head is not None}
    place = _build_head(number, "")
    written_as = place.number if place is not None and place.number else None
    return LogLine(line.number, line.seal, fields, written_as, previous, named)


def _build_head(number: object, seal: str) -> ChainHead | None:
    """Return an end of a chain; None if the number is none that Attune writes."""
    if isinstance(number, bool) or not isinstance(number, int):
        return None
    return ChainHead(number, seal) if 0 <= number < MAX_NUMBER else None


def _parse_finite(text: str) -> float:
    """Return a number of JSON; raises ValueError for one that is too large, such as 1e999."""
    if not math.isfinite(number := float(text)):
        raise ValueError("not finite")
    return number


def _refuse_constant(name: str) -> NoReturn:
    """Raise ValueError: NaN and Infinity are no JSON."""
    raise ValueError(name)
