"""A record with a detail that is read when it is first looked at, and that is none of its fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

Detail = TypeVar("Detail")
Record = TypeVar("Record", bound="DetailedRecord[Any]")


class DetailedRecord(Generic[Detail]):
    """Base of a frozen dataclass whose detail is read when it is first looked at.

    The detail is in slots, not among the fields: so it is in no comparison, in no ``asdict`` and in no digest of the
    log. A copy or a pickle holds the detail itself. ``dataclasses.replace`` drops it.
    """

    __slots__ = ("_detail", "_read_detail")

    _detail: Detail
    _read_detail: Callable[[], Detail]

    def attach(self: Record, read_detail: Callable[[], Any]) -> Record:
        """Set the function that reads the detail, and return the record."""
        object.__setattr__(self, "_read_detail", read_detail)
        return self

    @property
    def detail(self) -> Detail | None:
        """The detail; None for a record without one, such as one that was built by hand."""
        if not hasattr(self, "_detail"):
            if not hasattr(self, "_read_detail"):
                return None
            object.__setattr__(self, "_detail", self._read_detail())
        return self._detail

    def __getstate__(self) -> tuple[dict[str, Any], Detail | None]:
        """Return the fields and the detail, for a copy or a pickle."""
        return dict(vars(self)), self.detail

    def __setstate__(self, state: tuple[dict[str, Any], Detail | None]) -> None:
        """Restore the fields and the detail."""
        fields, detail = state
        vars(self).update(fields)
        if detail is not None:
            object.__setattr__(self, "_detail", detail)
