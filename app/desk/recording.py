"""Record from a page: the event of the signed-in account, then a redirect to the next page with a way to undo."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.responses import RedirectResponse

from attune_fit.app.desk.visit import Visit


def record(visit: Visit, event: str, *, seen: int | None, **values: Any) -> int:
    """Record one event of the signed-in account.

    Parameters
    ----------
    visit : Visit
    event : str
        Name of a type of event.
    seen : int or None
        The last event when the form was made: a hidden field of every form.
    **values
        As in ``Workspace.record``.

    Returns
    -------
    int
        Number of the event.

    Raises
    ------
    DataFault
        As ``Workspace.record``; ``changed-by-someone-else`` if a later event is about the same people.
    """
    recorded = visit.workspace.record(event, expected=seen, actor=visit.account.name, **values)
    return int(recorded.result.row.event.number)


def redirect(address: str, *events: int, **query: Any) -> RedirectResponse:
    """Return a redirect to a page, which shows what was recorded with a button to undo it.

    >>> redirect("/today", 7, 8).headers["location"]
    '/today?done=7-8'
    """
    done = {"done": f"{events[0]}-{events[-1]}" if len(events) > 1 else str(events[0])} if events else {}
    given = urlencode({**query, **done})
    separator = "&" if "?" in address else "?"
    return RedirectResponse(f"{address}{separator}{given}" if given else address, status_code=303)
