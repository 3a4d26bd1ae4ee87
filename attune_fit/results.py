"""What every verb of a clinic returns: one result as a table, as the types of JSON, and as one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

MAX_HTML_ROWS = 10  # rows of the table that a notebook shows


@dataclass(frozen=True, repr=False)
class Result:
    """The result of one verb of a :class:`Workspace`.

    Attributes
    ----------
    result : object
        The record of the engine, such as a :class:`Ranking`, or a list of such records. Its docstring explains each
        attribute.
    summary : str
        The result in one line.
    build_frame : callable
        Builds the table of :meth:`to_frame`.
    build_dict : callable
        Builds the content of :meth:`to_dict`.
    notes : tuple of str
        What to know about this result, one sentence each: that it could not be logged, for example.
    set_aside : tuple of str
        Which clients and therapists are on no list, because a cell that restricts them cannot be read, and what to do:
        one text for each fault.

    Examples
    --------
    >>> import pandas as pd
    >>> result = Result({"n": 2}, "2 clients", lambda: pd.DataFrame({"client_id": ["c1", "c2"]}), lambda: {"n": 2})
    >>> result
    2 clients
    >>> len(result.to_frame()), result.to_dict()
    (2, {'n': 2})
    """

    result: Any
    summary: str
    build_frame: Callable[[], pd.DataFrame]
    build_dict: Callable[[], Any]
    notes: tuple[str, ...] = ()
    set_aside: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """Return the result as a tidy table: one row for each pair, term, change or person, by verb."""
        return self.build_frame()

    def to_dict(self) -> Any:
        """Return exactly what the command prints with ``--json``: a dict, or a list where the command prints a list."""
        return json.loads(json.dumps(self.build_dict(), default=str, allow_nan=False))

    def to_csv(self) -> str:
        """Return the table as CSV; no cell of it is run by a spreadsheet as a formula."""
        from attune_fit.data.writing.table_writer import escape_formulas

        return escape_formulas(self.to_frame()).to_csv(index=False, lineterminator="\n")

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the table and the dict, not the functions that build them."""
        return _restore_result, (self.result, self.summary, self.to_frame(), self.to_dict(), self.notes, self.set_aside)

    def __repr__(self) -> str:
        return "\n".join([*self.set_aside, self.summary, *self.notes])

    def _repr_html_(self) -> str:
        """Return the summary, the notes and the first rows as HTML, for notebooks; all text is escaped."""
        frame = self.to_frame()
        table = frame.head(MAX_HTML_ROWS).to_html(index=False, border=0, na_rep="", float_format="{:.2f}".format)
        n_more = len(frame) - MAX_HTML_ROWS
        more = f"<p>{n_more:,} more rows: to_frame()</p>" if n_more > 0 else ""
        notes = "".join(f"<p>{escape(note)}</p>" for note in (*self.set_aside, *self.notes))
        return f"<p>{escape(self.summary)}</p>{notes}{table}{more}"


def _restore_result(
    result: Any, summary: str, frame: pd.DataFrame, content: Any, notes: tuple[str, ...], set_aside: tuple[str, ...]
) -> Result:
    """Return a result that was pickled."""
    return Result(result, summary, lambda: frame, lambda: content, notes, set_aside)
