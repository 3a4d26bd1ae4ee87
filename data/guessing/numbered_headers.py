"""Headers that differ by a number: items of a questionnaire, and columns with one session each."""

from __future__ import annotations

import re
from collections.abc import Iterable

from attune_fit.data.guessing.header_scores import drop_accents

_NUMBERED = re.compile(r"(?P<before>.*?\D)(?P<number>\d{1,2})(?P<after>[\])\s.]*)")
_SESSION = re.compile(
    r"(?:^|(?<=[\W_]))(?:s|sess|session|sesion|sitzung|seance|sessie|t|week|woche|semana|visit|time)[\s_.-]*"
    r"(?P<number>\d{1,2})(?=$|[\W_])",
    re.IGNORECASE,
)
MIN_WIDE = 3


def list_numbered_headers(headers: Iterable[str]) -> dict[str, dict[int, str]]:
    """Return headers that differ by a number at their end, by their pattern with ``{}`` for the number.

    >>> list_numbered_headers(["wai1", "wai2", "Q [1]", "age"])
    {'wai{}': {1: 'wai1', 2: 'wai2'}, 'Q [{}]': {1: 'Q [1]'}}
    """
    found: dict[str, dict[int, str]] = {}
    for header in headers:
        match = _NUMBERED.fullmatch(header.strip())
        if match and not set("{}") & set(header) and str(int(match["number"])) == match["number"]:
            pattern = f"{match['before']}{{}}{match['after']}"
            found.setdefault(pattern, {})[int(match["number"])] = header
    return found


def list_session_headers(headers: Iterable[str]) -> dict[str, list[str]]:
    """Return headers with one session each, by their pattern with ``{session}`` for its number.

    >>> list_session_headers(["id", "s1", "s2", "s3", "date s1", "date s2", "date s3"])
    {'s{session}': ['s1', 's2', 's3'], 'date s{session}': ['date s1', 'date s2', 'date s3']}
    """
    found: dict[str, list[str]] = {}
    for header in headers:
        plain = drop_accents(header)
        match = _SESSION.search(plain) if len(plain) == len(header) and not set("{}") & set(header) else None
        if match:
            pattern = f"{header[: match.start('number')]}{{session}}{header[match.end('number') :]}"
            found.setdefault(pattern, []).append(header)
    return {pattern: group for pattern, group in found.items() if len(group) >= MIN_WIDE}
