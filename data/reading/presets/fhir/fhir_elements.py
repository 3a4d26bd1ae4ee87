"""Elements of FHIR resources: texts, codes, periods and references, whatever a file holds in their place."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from attune_fit.data.cell_parsing import SET_SEPARATOR, normalize_text

Element = Mapping[str, Any]

LOINC = "http://loinc.org"
VOID_STATUSES = frozenset({"entered-in-error", "cancelled"})  # of what was never so
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2}(T.*)?)?)?$", re.ASCII)


def find_element(element: Element, key: str) -> Element:
    """Return the element under a key; an empty one where there is none, or something else."""
    value = element.get(key)
    return value if isinstance(value, dict) else {}


def list_elements(element: Element, key: str) -> list[Element]:
    """Return the elements under a key that holds a list; one alone is a list of one.

    Something else in the list is an empty element: a caller sees that it was there and cannot be read.
    """
    value = element.get(key)
    values = value if isinstance(value, list) else [] if value is None else [value]
    return [one if isinstance(one, dict) else {} for one in values]


def find_text(element: Element, key: str) -> str:
    """Return the text under a key, without outer spaces; empty where there is none, or something else."""
    value = element.get(key)
    return normalize_text(value) if isinstance(value, str) else ""


def find_number(element: Element, key: str) -> float | None:
    """Return the number under a key; None where there is none, or something else."""
    value = element.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def find_flag(element: Element, key: str) -> bool | None:
    """Return the yes or no under a key, also where a program wrote it as text; None where there is none."""
    value = element.get(key)
    return value if isinstance(value, bool) else {"true": True, "false": False}.get(find_text(element, key).casefold())


def list_codes(concept: Element, system: str = "") -> list[str]:
    """Return the codes of a CodeableConcept; of one ``system`` where it is named, or of codings that name none."""
    codings = list_elements(concept, "coding")
    return [
        code for coding in codings
        if (code := find_text(coding, "code")) and (not system or find_text(coding, "system") in ("", system))
    ]  # fmt: skip


def describe_concept(concept: Element) -> str:
    """Return what a CodeableConcept shows: the display of its first coding that has one, its text, else its code.

    A ``|`` in it is a ``/``: the first separates the members of a set.

    >>> describe_concept({"coding": [{"code": "2106-3", "display": "White"}], "text": "Mixed"})
    'White'
    """
    shown = [find_text(coding, "display") for coding in list_elements(concept, "coding")]
    names = [*shown, find_text(concept, "text"), *list_codes(concept)]
    return next(filter(None, names), "").replace(SET_SEPARATOR, "/")


def list_extensions(element: Element, url_end: str) -> list[Element]:
    """Return the extensions of an element whose address ends in ``url_end``."""
    return [one for one in list_elements(element, "extension") if find_text(one, "url").endswith(url_end)]


def join_set(members: list[str]) -> str | None:
    """Return codes as the cell of a set, each once; None where there is none."""
    return SET_SEPARATOR.join(dict.fromkeys(filter(None, members))) or None


def find_date(element: Element, *keys: str) -> str:
    """Return the first date under the keys, as ISO 8601 writes it; empty where there is none.

    A period counts with its start. It can be a year or a month alone.
    """
    for key in keys:
        text = find_text(find_element(element, key), "start") or find_text(element, key)
        if _DATE.match(text):
            return text
    return ""


def parse_instant(text: str) -> dt.datetime | None:
    """Return a time with its offset from UTC; None where it has none: which of two is later is then not known."""
    try:
        when = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if when.tzinfo is None else when


def is_over(period: Element, day: dt.date) -> bool:
    """Return whether a period ended before a day; one without an end did not.

    >>> is_over({"end": "2026-05"}, dt.date(2026, 6, 15)), is_over({"end": "2026"}, dt.date(2026, 6, 15))
    (True, False)
    """
    end = find_text(period, "end")[:10]
    return bool(_DATE.match(end)) and end < day.isoformat()[: len(end)]


def is_unclear(period: Element) -> bool:
    """Return whether a period has a start or an end that is no date.

    >>> is_unclear({"end": "31/12/2025"}), is_unclear({"end": "2025-12"}), is_unclear({})
    (True, False, False)
    """
    return any(key in period and not _DATE.match(find_text(period, key)) for key in ("start", "end"))


def is_begun(period: Element, day: dt.date) -> bool:
    """Return whether a period began on a day or before; one without a start did."""
    start = find_text(period, "start")[:10]
    return not _DATE.match(start) or start <= day.isoformat()[: len(start)]
