"""Ids in addresses: one part of a path can hold any sign, also a slash, as in the id ``2024/0012``."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

from starlette.convertors import StringConvertor, register_url_convertor
from starlette.types import ASGIApp, Receive, Scope, Send

SLASH = "\ufdd0"  # a slash inside a part of a path, until the part is read; Unicode gives this sign to no text


class IdConvertor(StringConvertor):
    """Reads an id from one part of a path; routes name it, as in ``/clients/{client_id:id}``."""

    def convert(self, value: str) -> str:
        r"""Return the id.

        >>> IdConvertor().convert("2024\ufdd00012")
        '2024/0012'
        """
        return value.replace(SLASH, "/")


register_url_convertor("id", IdConvertor())


class PathParts:
    """The layer that splits a path at its own slashes only; servers decode those of ids before it is split."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http" and scope.get("raw_path"):
            scope = {**scope, "path": parse_path(scope["raw_path"].decode("latin-1"))}
        await self.app(scope, receive, send)


def parse_path(path: str) -> str:
    """Return a path with each of its parts decoded.

    >>> parse_path("/clients/a%20b"), parse_path("/clients/2024%2F0012").count("/")
    ('/clients/a b', 2)
    """
    return "/".join(unquote(part).replace("/", SLASH) for part in path.split("/"))


def encode_part(value: Any) -> str:
    """Return an id or another text as one part of an address.

    >>> encode_part("2024/0012")
    '2024%2F0012'
    """
    return quote(str(value), safe="")


def read_path(scope: Scope) -> str:
    """Return the path of a request as a link has it, encoded.

    >>> read_path({"type": "http", "path": "/clients/a?b", "raw_path": b"/clients/a%3Fb"}), read_path({"path": "/a?b"})
    ('/clients/a%3Fb', '/a%3Fb')
    """
    raw = scope.get("raw_path")
    return raw.decode("latin-1") if raw else quote(str(scope["path"]))
