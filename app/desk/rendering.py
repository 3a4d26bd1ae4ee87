"""Make a page from a template: the environment of Jinja, the filters of the templates, and what every page has."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response

from attune_fit.app.desk.id_addresses import encode_part, read_path
from attune_fit.app.desk.visit import Visit
from attune_fit.app.desk.wording.event_words import format_event_name
from attune_fit.app.desk.wording.fault_texts import format_fault, format_page_text
from attune_fit.app.desk.wording.word_filters import list_word_filters
from attune_fit.data.faults import DataFault

FOLDER = Path(__file__).parent


@cache
def build_environment() -> Environment:
    """Build the environment of the templates. All text is escaped; a name that a page forgot is an error."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined, auto_reload=False,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters.update(day=format_day, weeks=format_weeks, count=format_count, words=format_words,
                               event_name=format_event_name, page_text=format_page_text,
                               fault_text=format_fault)  # fmt: skip
    environment.filters.update({**list_word_filters(), "urlencode": encode_part})  # Jinja's own leaves slashes
    return environment


def render(visit: Visit, template: str, *, status: int = 200, **values: Any) -> Response:
    """Return a page.

    Parameters
    ----------
    visit : Visit
    template : str
        Name of a file in ``templates``.
    status : int, default 200
        Status of HTTP.
    **values
        Names of the template. Each template also has ``visit``, ``account``, ``seen``, ``address`` and ``pages``.
        ``back`` is the address of this page; ``done`` and ``undone`` are numbers of events, for the bar above it.
    """
    return HTMLResponse(render_text(visit, template, **values), status_code=status)


def render_text(visit: Visit, template: str, **values: Any) -> str:
    """Return the HTML of a page; parameters as in :func:`render`."""
    from attune_fit.app.desk.page_list import list_pages_of
    from attune_fit.app.desk.shown.done_events import find_done_events

    query, account = visit.request.query_params, visit.account
    given = {
        "visit": visit, "account": account, "seen": visit.seen, "address": read_path(visit.request.scope),
        "pages": list_pages_of(account.role) if account else [], "done": query.get("done"),
        "undone": query.get("undone"), "back": build_back_address(visit.request),
        "find_done_events": lambda: find_done_events(visit), "clinic_name": find_clinic_name(visit),
    }  # fmt: skip
    return build_environment().get_template(template).render({**given, **values})


def find_clinic_name(visit: Visit) -> str:
    """Return the name of the clinic for the foot of a page; empty where it has none, or its settings have an error."""
    try:
        return visit.workspace.clinic.config.clinic.name
    except DataFault:
        return ""


def build_back_address(request: Request) -> str:
    """Return the address of a page with its filters, without what was just recorded or undone."""
    kept = [(name, text) for name, text in request.query_params.multi_items() if name not in ("done", "undone")]
    path = read_path(request.scope)
    return f"{path}?{urlencode(kept)}" if kept else path


def format_day(day: dt.date | dt.datetime | str | None, *, year: bool = True) -> str:
    """Return a day as people write it; "not known" without one.

    >>> format_day("2026-06-01"), format_day(dt.date(2026, 6, 1), year=False), format_day(None)
    ('1 June 2026', '1 June', 'not known')
    """
    if not day:
        return "not known"
    date = dt.date.fromisoformat(day[:10]) if isinstance(day, str) else day
    return f"{date.day} {date:%B}" + (f" {date.year}" if year else "")


def format_weeks(days: float | None) -> str:
    """Return a number of days as weeks, or as days below two weeks; "not known" where it is missing.

    >>> format_weeks(371), format_weeks(8), format_weeks(1), format_weeks(None)
    ('53 weeks', '8 days', '1 day', 'not known')
    """
    if days is None:
        return "not known"
    weeks = int(days // 7)
    return f"{weeks:,} weeks" if weeks >= 2 else format_count(int(days), "day")


def format_count(number: int, noun: str) -> str:
    """Return a number and its noun.

    >>> format_count(1, "client"), format_count(2_000, "client"), format_count(2, "opening to offer")
    ('1 client', '2,000 clients', '2 openings to offer')
    """
    first, *rest = noun.split(" ", 1)
    return " ".join([f"{number:,}", first if number == 1 else f"{first}s", *rest])


def format_words(code: str) -> str:
    """Return a code of a table as words.

    >>> format_words("race_ethnicity")
    'race ethnicity'
    """
    return code.replace("_", " ")
