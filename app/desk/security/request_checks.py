"""Checks of a request before anything else: the name of the desk, and whether one of its own pages sent the form."""

from __future__ import annotations

import re

from fastapi import Request
from starlette.responses import PlainTextResponse, Response

from attune_fit.app.desk.security.desk_settings import MAX_BODY_BYTES, DeskSettings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
HOST = re.compile(r"(?:\[([^\[\]]*)\]|([^:@\[\]]*))(?::[0-9]*)?")
FORM_KIND = "application/x-www-form-urlencoded"
OWN_SITES = frozenset({"same-origin", "none"})  # "none": the person typed the address


def refuse_request(request: Request, settings: DeskSettings) -> Response | None:
    """Return the refusal of a request for another name, or of a form from another site or too large; else None."""
    if read_host_name(request.headers.get("host", "")) not in settings.names:
        message = "This desk does not answer to that name. Open it under the address that `attune serve` printed."
        return PlainTextResponse(message, status_code=421)
    if not is_from_own_page(request):
        message = "Another site sent this form, so nothing was changed. Open the page of the desk and send it there."
        return PlainTextResponse(message, status_code=403)
    if request.method not in SAFE_METHODS:
        is_in_parts = "transfer-encoding" in request.headers  # then the server reads on beyond the size that is named
        return refuse_size("" if is_in_parts else request.headers.get("content-length", "")) or refuse_kind(request)
    return None


def refuse_size(length: str) -> Response | None:
    """Return the refusal of a form that is too large, or names no size; browsers name it."""
    if not (length.isascii() and length.isdecimal()):
        return PlainTextResponse("The request has no size.", status_code=411)
    if int(length) > MAX_BODY_BYTES:
        message = "The form is too large, so nothing was changed."
        return PlainTextResponse(message, status_code=413)
    return None


def refuse_kind(request: Request) -> Response | None:
    """Return the refusal of what is no plain form: no page sends files, and their encoding can make half signs."""
    kind = request.headers.get("content-type", FORM_KIND).partition(";")[0].strip().lower()
    return None if kind == FORM_KIND else PlainTextResponse("The desk takes plain forms only.", status_code=415)


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
    """Return the name in a Host header, without the port; empty for one that is no name with a port.

    >>> read_host_name("127.0.0.1:8000"), read_host_name("[::1]:8000"), read_host_name("LocalHost")
    ('127.0.0.1', '::1', 'localhost')
    >>> read_host_name("127.0.0.1:80@else.example")
    ''
    """
    found = HOST.fullmatch(host.strip().lower())
    return (found[1] or found[2]) if found else ""
