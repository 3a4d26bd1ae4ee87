"""The cookie of a session: only its random key is in it."""

from __future__ import annotations

from fastapi import Request
from starlette.datastructures import FormData
from starlette.responses import Response

from attune_fit.app.desk.security.desk_settings import DeskSettings

UNKNOWN_ADDRESS = "unknown"


def read_session_key(request: Request) -> str | None:
    """Return the key of the session in a request's cookie; None without one."""
    settings: DeskSettings = request.app.state.settings
    return request.cookies.get(settings.cookie)


def set_session_cookie(request: Request, response: Response, key: str) -> None:
    """Give the browser the key: no script can read it, and no other site can send it with a form."""
    settings: DeskSettings = request.app.state.settings
    response.set_cookie(settings.cookie, key, path="/", httponly=True, samesite="lax", secure=settings.is_secure)


def remove_session_cookie(request: Request, response: Response) -> None:
    """Take the key away from the browser."""
    settings: DeskSettings = request.app.state.settings
    response.delete_cookie(settings.cookie, path="/", httponly=True, samesite="lax", secure=settings.is_secure)


def read_secret(form: FormData, name: str) -> str:
    """Return a password as it was typed: spaces at its ends belong to it."""
    given = form.get(name)
    return given if isinstance(given, str) else ""


def read_client_address(request: Request) -> str:
    """Return the address of the computer that sent a request, as the connection has it, not as a header claims."""
    return request.client.host if request.client else UNKNOWN_ADDRESS
