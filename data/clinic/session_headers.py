"""Headers with ``{session}`` in place of the number of a session, as in ``s{session}`` for `s1` to `s10`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from attune_fit.data.cell_parsing import normalize_code

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import TableKeys

SESSION = "{session}"
ITEM = "{}"  # in `items`: the number of the item


class SessionHeader(NamedTuple):
    """A header of a file that holds the cells of one session.

    Attributes
    ----------
    header : str
        As the file spells it.
    name : str
        The header of all sessions: the pattern, with the number of the item where it has one.
    session : int
        Number of the session.
    """

    header: str
    name: str
    session: int


def list_session_patterns(mapping: TableKeys) -> list[str]:
    """Return the patterns of headers with ``{session}``, of columns and of raw items."""
    headers = [column.from_ for column in mapping.columns.values() if column.from_ and column.file is None]
    items: str | None = getattr(mapping, "items", None)
    return [pattern for pattern in dict.fromkeys((*headers, *([items] if items else []))) if SESSION in pattern]


def find_session_headers(pattern: str, headers: Iterable[str]) -> list[SessionHeader]:
    """Return the headers that match a pattern, in their order; compared without case and extra spaces.

    >>> [(one.header, one.session) for one in find_session_headers("s{session}", ["Id", "S01", "s2"])]
    [('S01', 1), ('s2', 2)]
    >>> find_session_headers("wai{}_s{session}", ["wai3_s12"])[0].name
    'wai3_s{session}'
    """
    pieces = re.split(r"(\{session\}|\{\})", normalize_code(pattern))
    forms = {SESSION: r"\s*(?P<session>\d+)\s*", ITEM: r"\s*(?P<item>\d+)\s*"}
    form = re.compile("".join(forms.get(piece, re.escape(piece.strip())) for piece in pieces))
    found = []
    for header in headers:
        if match := form.fullmatch(normalize_code(header)):
            item = match.groupdict().get("item")
            name = pattern if item is None else pattern.replace(ITEM, str(int(item)))
            found.append(SessionHeader(header, name, int(match["session"])))
    return found


def check_session_headers(mapping: TableKeys, *, can_have_sessions: bool) -> None:
    """Check where ``{session}`` occurs in the headers of a table.

    Parameters
    ----------
    mapping : TableKeys
    can_have_sessions : bool
        Whether a row of the table is one session.

    Raises
    ------
    ValueError
        If a header cannot hold it, or holds it twice or next to ``{}``.
    """
    columns = mapping.columns
    written = [text for column in columns.values() for text in (column.birth_date, *(column.slots or [])) if text]
    written += [column.header for column in columns.values() if column.file is not None]
    if any(SESSION in text for text in written):
        raise ValueError("`{session}` is for a column with one header for each session: write it in `from`")
    patterns = list_session_patterns(mapping)
    if patterns and not can_have_sessions:
        raise ValueError("only headers of [tables.outcomes] can hold `{session}`")
    if patterns and ("session" in columns or getattr(mapping, "session", None) is not None):
        raise ValueError("headers with `{session}` give the session: remove `session`")
    if any(pattern.count(SESSION) > 1 for pattern in patterns):
        raise ValueError("a header can hold `{session}` once")
    if any(SESSION + ITEM in pattern or ITEM + SESSION in pattern for pattern in patterns):
        raise ValueError("write a mark or a letter between `{}` and `{session}`: `wai{}_s{session}`")
