"""Checks of a request before anything else: the name of the desk, and whether one of its own pages sent the form."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import PlainTextResponse, Response

from attune_fit.app.desk.security.desk_settings import DeskSettings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_SITES = frozenset({"same-origin", "none"})  # "none": the person typed the address


def refuse_request(request: Request, settings: DeskSettings) -> Response | None:
    """Return the refusal of a request for another name, or of a form that another site sent; None if it is fine."""
    if read_host_name(request.headers.get("host", "")) not in settings.names:
        message = "This desk does not answer to that name. Open it under the address that `attune serve` printed."
        return PlainTextResponse(message, status_code=421)
    if not is_from_own_page(request):
        message = "Another site sent this form, so nothing was changed. Open the page of the desk and send it there."
        return PlainTextResponse(message, status_code=403)
    return None


def is_from_own_page(request: Request) -> bool:
    """Return whether a request changes nothing, or a page of the desk sent it.

    Browsers name the sender of a form in ``Sec-Fetch-Site``; old ones only in ``Origin``. A request with neither is
    refused.
    """
    if request.method in SAFE_METHODS:
        return True
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in OWN_SITES
    return request.headers.get("origin") == f"{request.url.scheme}://{request.headers.get('host', '')}"


def read_host_name(host: str) -> str:
    """Return the name in a Host header, without the port.

    >>> read_host_name("127.0.0.1:8000"), read_host_name("[::1]:8000"), read_host_name("LocalHost")
    ('127.0.0.1', '::1', 'localhost')
    """
    name = host.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0]
