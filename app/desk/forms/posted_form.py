"""Posted forms: as they were sent, for handlers that run in the thread pool, and what is kept of a refused one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from fastapi import Depends, Request
from starlette.datastructures import FormData

from attune_fit.app.desk.wording.fault_texts import format_fault
from attune_fit.data.faults import Fault


async def read_form(request: Request) -> FormData:
    """Read the form that was posted with a request."""
    return await request.form()


MOST_DIGITS = 15  # of a number in a form or an address
PostedForm = Annotated[FormData, Depends(read_form)]


class FormError(NamedTuple):
    """One error of a form.

    Attributes
    ----------
    field : str
        Id of the input to which the summary links; empty for the form as a whole.
    message : str
        What is wrong and what to do.
    """

    field: str
    message: str


def read_field(form: FormData, name: str) -> str:
    """Return what was typed in a field, without outer spaces; empty where the form has no such field."""
    given = form.get(name)
    return given.strip() if isinstance(given, str) else ""


def list_texts(form: FormData, name: str) -> list[str]:
    """Return all that was typed or ticked under one name, without empty texts."""
    return [text.strip() for text in form.getlist(name) if isinstance(text, str) and text.strip()]


def parse_seen(form: FormData) -> int:
    """Return the number of the last event that the form has seen; 0 where it cannot be read: then it has seen none."""
    return parse_number(read_field(form, "seen")) or 0


def parse_number(text: str) -> int | None:
    """Return a whole number of a form or an address, such as that of an event; None for any other text.

    >>> parse_number("12"), parse_number("-1"), parse_number("²"), parse_number("9" * 5000)
    (12, None, None, None)
    """
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else None


def parse_json(text: str) -> Any:
    r"""Return what a hidden field holds as JSON; None where it is none, or has a sign that no page can show.

    >>> parse_json('["a"]'), parse_json("["), parse_json("[" * 100_000), parse_json(r'"\ud800"')
    (['a'], None, None, None)
    """
    try:
        found = json.loads(text)
        json.dumps(found, ensure_ascii=False).encode()  # fails for one half of a sign in UTF-16
    except (ValueError, RecursionError):
        return None
    return found


def list_form_pairs(form: FormData, without: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Return the fields of a form in their order, so that a page can send them again."""
    left_out = frozenset(without)
    return [(name, text) for name, text in form.multi_items() if isinstance(text, str) and name not in left_out]


def build_form_errors(faults: Sequence[Fault], fields: Mapping[str, str]) -> list[FormError]:
    """Return the faults of a refused form as errors with the input that each is about.

    Parameters
    ----------
    faults : sequence of Fault
    fields : mapping of str to str
        Id of the input, by the column that a fault names.
    """
    return [FormError(fields.get(fault.column, ""), format_fault(fault)) for fault in faults]


def is_local_address(address: str) -> bool:
    """Return whether an address leads to a page of the desk, and to no other site.

    >>> is_local_address("/today"), is_local_address("//else.example"), is_local_address("https://else.example")
    (True, False, False)
    """
    is_path = address.startswith("/") and not address.startswith(("//", "/\\"))
    return is_path and address.isprintable() and "\\" not in address
