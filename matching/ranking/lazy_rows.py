"""A sequence whose rows are built when they are first looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, TypeVar, overload

Row = TypeVar("Row")


class LazyRows(Sequence[Row], Generic[Row]):
    """Rows that are built when they are first looked at, and then kept; a tuple in every other respect.

    A copy or a pickle of it is a tuple of all rows.

    Parameters
    ----------
    length : int
    build : callable
        Takes the numbers of some rows, in rising order, and returns these rows.

    Examples
    --------
    >>> rows = LazyRows(3, lambda numbers: [f"row {number}" for number in numbers])
    >>> rows[:2], rows[-1], len(rows)
    (('row 0', 'row 1'), 'row 2', 3)
    """

    def __init__(self, length: int, build: Callable[[Sequence[int]], Sequence[Row]]) -> None:
        self._build = build
        self._rows: dict[int, Row] = {}
        self._length = length

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Row: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Row, ...]: ...

    def __getitem__(self, index: int | slice) -> Row | tuple[Row, ...]:
        wanted = range(self._length)[index]
        if isinstance(wanted, int):
            return self._take([wanted])[0]
        return self._take(wanted)

    def __iter__(self) -> Iterator[Row]:
        return iter(self[:])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment] # as a list: its rows can be unhashable

    def __repr__(self) -> str:
        return repr(tuple(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return tuple, (tuple(self),)

    def _take(self, numbers: Sequence[int]) -> tuple[Row, ...]:
        """Return some rows; those that are new are built together."""
        new = sorted({*numbers} - self._rows.keys())
        if new:
            self._rows.update(zip(new, self._build(new), strict=True))
        return tuple(self._rows[number] for number in numbers)
