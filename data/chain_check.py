"""Check the hash chain of a log: which line was changed, inserted or moved since it was written, or is missing."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from attune_fit.data.hash_chain import ChainHead
from attune_fit.data.sealed_log import LogLine, build_end_mark_path, list_numbers, read_end_mark, read_log

BreakKind = Literal[
    "changed", "inserted", "moved", "unsealed", "missing", "end mark", "named elsewhere", "not readable"
]


@dataclass(frozen=True)
class ChainBreak:
    """One change of a log since it was written.

    Attributes
    ----------
    what : str
        ``changed``, ``inserted`` or ``moved`` lines; ``unsealed`` lines among sealed ones; ``missing`` lines; an
        ``end mark`` that is missing or belongs to other lines; a line ``named elsewhere``, in another file, that is not
        here; a file that is ``not readable``.
    line, last_line : int
        The lines in the file, from 1. For missing lines the line after which they are missing; 0 if that is the
        start. 0 where no line is meant.
    message : str
        What happened, without a full stop.
    """

    what: BreakKind
    line: int
    last_line: int
    message: str


@dataclass(frozen=True)
class ChainCheck:
    """Whether a log is as it was written.

    Attributes
    ----------
    n_lines : int
        Lines in the file.
    n_before_seal : int
        Lines written before the log was sealed. Of a change in them only the last one shows, and their number.
    incomplete : tuple of int
        Lines that an interruption cut off; later lines are sealed over them, so they break nothing.
    breaks : tuple of ChainBreak
        Sorted by line; empty if the log is whole.
    """

    n_lines: int = 0
    n_before_seal: int = 0
    incomplete: tuple[int, ...] = ()
    breaks: tuple[ChainBreak, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether no change was found."""
        return not self.breaks


def check_log(path: Path) -> ChainCheck:
    """Check a log and its end mark; a log that was never written is whole."""
    mark = read_end_mark(path)  # read first: another run can append before the log is read
    return check_lines(read_log(path), mark, build_end_mark_path(path).name)


def check_lines(
    lines: Sequence[LogLine], mark: ChainHead | None, mark_file: str, *, is_tail: bool = False
) -> ChainCheck:
    """Check lines and their end mark; see :class:`ChainCheck`. With ``is_tail`` they are only the last ones of a log.

    The check walks from the end to the start. The end mark vouches for the last line, each line for the one before.
    A line without such a voucher was changed or inserted. A voucher without its line shows that a line was changed,
    moved or removed; the numbers of the lines around it decide which.
    """
    walk = _ChainWalk(lines, is_tail)
    walk.check_end(mark, mark_file)
    walk.check_to_start()
    flagged = walk.changed | walk.inserted | walk.moved | walk.unsealed
    incomplete = (line.number for i, line in enumerate(lines) if line.fields is None and i not in flagged)
    return ChainCheck(len(lines), walk.n_before_seal, tuple(incomplete), tuple(walk.list_breaks()))


@dataclass
class _ChainWalk:
    """The walk from the last line to the first. Lines are named by their index in ``lines``, from 0.

    ``seal`` and ``number`` are those that the line at ``index`` has to have.
    """

    lines: Sequence[LogLine]
    is_tail: bool = False
    index: int = -1
    seal: str = ""
    number: int = 0
    changed: set[int] = field(default_factory=set)
    inserted: set[int] = field(default_factory=set)
    moved: set[int] = field(default_factory=set)
    unsealed: set[int] = field(default_factory=set)
    missing: list[tuple[int, int]] = field(default_factory=list)  # index of the line before, how many
    others: list[ChainBreak] = field(default_factory=list)
    is_mark_foreign: bool = False

    def __post_init__(self) -> None:
        self.indices: dict[str, list[int]] = {}
        self.numbers = list_numbers(self.lines)
        for index, line in enumerate(self.lines):
            self.indices.setdefault(line.seal, []).append(index)
        is_sealed = (index for index, line in enumerate(self.lines) if line.is_sealed)
        self.n_before_seal = next(is_sealed, len(self.lines))

    def check_end(self, mark: ChainHead | None, mark_file: str) -> None:
        """Compare the end of the log with its end mark, and set where the walk begins."""
        self.index = len(self.lines) - 1
        if self.lines:
            self.seal, self.number = self.lines[-1].seal, self.numbers[-1]
        if mark is None:
            if any(line.written_as is not None for line in self.lines):  # ledgers of earlier versions had no mark
                message = f"the end mark {mark_file} is missing, so removed lines at the end do not show"
                self.others.append(ChainBreak("end mark", 0, 0, message))
            return
        marked = self._find_marked(mark)
        if marked is not None:  # lines after the mark: a run was killed before it wrote the mark
            for index in range(marked + 1, len(self.lines)):
                self._check_line_after_mark(index)
            self.index = marked
        elif self.lines and self.number > mark.number:
            self.is_mark_foreign = True
            return
        self.seal, self.number = mark.seal, mark.number

    def check_to_start(self) -> None:
        """Walk to the first line, or to the lines written before the log was sealed."""
        while self.index >= self.n_before_seal:
            self._check_line()
        if self.is_tail:  # what comes before its first line was not read
            return
        if self.index >= 0:
            self._check_unsealed_start()
        while self.index < 0 < self.number and self._find_moved(self.index):
            continue
        if self.index < 0 < self.number:
            self.missing.append((-1, self.number))

    def list_breaks(self) -> Iterator[ChainBreak]:
        """Yield the breaks by line, lines in a row as one."""
        breaks = [
            *self.others,
            *_group((i for i in self.changed if not self._is_of_earlier_ledger(i)), self.lines, "changed", "changed"),
            *_group(self.inserted, self.lines, "inserted", "inserted"),
            *_group(self.moved, self.lines, "moved", "moved to another place"),
        ]
        for index in self.changed:
            if self._is_of_earlier_ledger(index):  # without a number a removed line looks like a changed one
                number = self.lines[index].number
                message = f"line {number} does not match the line after it: a line was changed, added or removed"
                breaks.append(ChainBreak("changed", number, number, message))
        for index in self.unsealed:
            number = self.lines[index].number
            message = f"line {number} holds no seal: it was inserted, or an earlier version of Attune wrote it"
            breaks.append(ChainBreak("unsealed", number, number, message))
        for index, count in self.missing:
            number = self.lines[index].number if index >= 0 else 0
            which = f"{count:,} lines are" if count > 1 else "1 line is"
            place = f"after line {number}" if number else "at the start"
            breaks.append(
                ChainBreak("missing", number, number, f"{which} missing {place if self.lines else ''}".strip())
            )
        if self.is_mark_foreign and not breaks:
            breaks.append(ChainBreak("end mark", 0, 0, "the end mark belongs to another line"))
        yield from sorted(breaks, key=lambda found: (found.line, found.what))

    def _check_line(self) -> None:
        """Compare the line at ``index`` with its seal, and go on to the line that it vouches for."""
        index, line = self.index, self.lines[self.index]
        if line.seal == self.seal:
            if not line.is_sealed and line.fields is not None:
                self.unsealed.add(index)
            self._go_before(index)
        elif (earlier := self._find_before(self.seal, index)) is not None:
            self.inserted.update(range(earlier + 1, index + 1))
            self.index = earlier
        elif self._find_moved(index):
            pass  # the line at this place is compared again, with the seal that the moved line holds
        elif not self.seal:  # the line at this place was the first one
            self.inserted.update(range(index + 1))
            self.index = -1
        elif self._is_numbered_right(index):
            self.changed.add(index)
            self._go_before(index)
        else:
            self.missing.append((index, self.number - self.numbers[index]))
            self.seal, self.number = line.seal, self.numbers[index]

    def _check_unsealed_start(self) -> None:
        """Check the last line written before the log was sealed, and how many there are."""
        index, number = self.index, self.index + 1
        if self.number == 0:  # the first sealed line was the first of the log
            self.inserted.update(range(number))
        elif self.lines[index].seal == self.seal:
            if self.number != number:
                self._add_miscount(number)
        elif (earlier := self._find_before(self.seal, index)) is not None:
            self.inserted.update(range(earlier + 1, number))
        elif self.number > number:
            self.missing.append((index, self.number - number))
        else:
            self.changed.add(index)

    def _add_miscount(self, number: int) -> None:
        """Add that some of the first ``number`` lines, which hold no seal, were removed or inserted."""
        what: BreakKind = "missing" if self.number > number else "inserted"
        count = abs(self.number - number)
        subject = "1 line is" if count == 1 else f"{count:,} lines are"
        where = f"in lines 1 to {self.lines[number - 1].number}, which hold no seal"
        message = f"{subject} missing {where}" if what == "missing" else f"{subject} inserted {where}"
        self.others.append(ChainBreak(what, 1, self.lines[number - 1].number, message))

    def _go_before(self, index: int) -> None:
        """Set what the line before the one at ``index`` has to be; without a seal it is taken as it is."""
        line = self.lines[index]
        before = self.lines[index - 1].seal if index else ""
        knows = line.previous is not None and (line.seal == self.seal or line.previous in self.indices)
        self.seal = line.previous if knows and line.previous is not None else before
        self.number -= 1
        self.index = index - 1

    def _check_line_after_mark(self, index: int) -> None:
        line = self.lines[index]
        if line.fields is None or (self.is_tail and not index):
            return  # cut off by the interruption, or the line before was not read
        if not line.is_sealed:
            self.unsealed.add(index)
        elif line.previous != (self.lines[index - 1].seal if index else ""):
            self.inserted.add(index)

    def _find_marked(self, mark: ChainHead) -> int | None:
        """Return the index of the line that the end mark names; -1 if that is before the first line."""
        is_before = not mark.number or (self.is_tail and bool(self.lines) and mark.number < self.numbers[0])
        return -1 if is_before else self._find_before(mark.seal, len(self.lines))

    def _is_of_earlier_ledger(self, index: int) -> bool:
        return self.lines[index].is_sealed and self.lines[index].written_as is None

    def _is_numbered_right(self, index: int) -> bool:
        """Return whether the line has the place of the line that is looked for, by the numbers around it."""
        follows = index > 0 and self.numbers[index - 1] == self.number - 1
        return follows or self.numbers[index] >= self.number

    def _find_before(self, seal: str, index: int) -> int | None:
        found = self.indices.get(seal, [])
        return found[place - 1] if (place := bisect_left(found, index)) else None

    def _find_moved(self, index: int) -> bool:
        """Find the line that belongs behind ``index`` among those taken for inserted; it was moved then."""
        later = next((found for found in self.indices.get(self.seal, ()) if found in self.inserted), None)
        if later is None:
            return False
        self.inserted.remove(later)
        self.moved.add(later)
        self._go_before(later)
        self.index = index
        return True


def _group(indices: Iterable[int], lines: Sequence[LogLine], what: BreakKind, verb: str) -> Iterator[ChainBreak]:
    """Yield one break for lines in a row."""
    runs: list[list[int]] = []
    for index in sorted(indices):
        if runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    for run in runs:
        first, last = lines[run[0]].number, lines[run[-1]].number
        subject = f"line {first} was" if first == last else f"lines {first} to {last} were"
        yield ChainBreak(what, first, last, f"{subject} {verb}")
