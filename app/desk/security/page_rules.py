"""Who can open which address: the rows of ``ROUTERS`` as rules. An address without a rule can be opened by no role."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

from fastapi import APIRouter
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from attune_fit.app.desk.visit import Role

PERSON_FOLDERS = {"clients": "client_id", "roster": "therapist_id"}  # whose id is the next part of an address
PERSON_PARAMETERS = {"client": "client_id", "t": "therapist_id", "therapist": "therapist_id"}


class PageRule(NamedTuple):
    """The rule of one address.

    Attributes
    ----------
    pattern : str
        Such as ``/clients/{client_id}``.
    roles : tuple of str or None
        None: no account is needed.
    """

    pattern: str
    roles: tuple[Role, ...] | None


class PageRules:
    """All rules of the desk; the first route that fits an address decides, as in the application."""

    def __init__(self, routers: Iterable[tuple[APIRouter, tuple[Role, ...] | None]]) -> None:
        self._routes: list[tuple[BaseRoute, PageRule]] = [
            (route, PageRule(str(getattr(route, "path_format", "")), roles))
            for router, roles in routers
            for route in router.routes
        ]

    def find(self, scope: Scope) -> PageRule | None:
        """Return the rule of a request's address; that of another method where its own has no route."""
        partial = None
        for route, rule in self._routes:
            match, _ = route.matches(scope)
            if match is Match.FULL:
                return rule
            if match is Match.PARTIAL and partial is None:
                partial = rule
        return partial


def find_people(path: str, query: Iterable[tuple[str, str]]) -> Mapping[str, Any]:
    """Return the ids of the client and the therapist that an address is about; its path is still encoded.

    >>> find_people("/clients/c7/compare", [("t", "t1"), ("t", "t2")])
    {'client_id': 'c7', 'therapist_id': 't1, t2'}

    What a person typed in a search or a filter is kept only where it can be an id; it could be a name.

    >>> find_people("/find", [("client", "Anna Berg")]), find_people("/clients/new", [])
    ({}, {})
    """
    parts = path.strip("/").split("/")
    side = PERSON_FOLDERS.get(parts[0]) if parts[1:2] != ["new"] else None
    found: dict[str, list[str]] = {side: [unquote(parts[1])]} if side and len(parts) > 1 else {}
    for name, value in query:
        if (side := PERSON_PARAMETERS.get(name)) and is_like_id(value):
            found.setdefault(side, []).append(value)
    named = {side: ", ".join(one for one in ids if one.isprintable()) for side, ids in found.items()}
    return {side: ids for side, ids in named.items() if ids}


def is_like_id(text: str) -> bool:
    """Return whether a text that was typed can be an id of a person, and is no name: it has a digit and no space.

    >>> is_like_id("c0007"), is_like_id("Berg"), is_like_id("Berg 1990")
    (True, False, False)
    """
    return any(sign.isdigit() for sign in text) and not any(sign.isspace() for sign in text)
