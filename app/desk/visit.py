"""A visit: one request of one account, with the clinic that it is about. Every page takes it as its first argument."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Request

import attune_fit.app.desk.id_addresses  # noqa: F401 - registers how a route names an id
from attune_fit.workspace import Workspace

Role = Literal["coordinator", "clinician", "admin"]


@dataclass(frozen=True)
class Account:
    """Who is signed in.

    Attributes
    ----------
    name : str
        Name of the account; the actor of the events that it records.
    role : {"coordinator", "clinician", "admin"}
    therapist_id : str or None
        Of a clinician: the therapist whose clients the account can see.
    """

    name: str
    role: Role
    therapist_id: str | None = None


@dataclass(frozen=True)
class Visit:
    """One request of one account.

    Attributes
    ----------
    request : Request
    workspace : Workspace
        Shared by all requests: each verb looks for changes first.
    account : Account
    seen : int
        Number of the last event of the journal when the page was made, 0 without events. Forms send it back, so that an
        event which came later about the same people is not overwritten in silence.
    """

    request: Request
    workspace: Workspace
    account: Account
    seen: int


def find_visit(request: Request) -> Visit:
    """Return the visit of a request. The account was found by the layer in front of the pages."""
    workspace: Workspace = request.app.state.workspace
    return Visit(request, workspace, request.state.account, workspace.count_events())


CurrentVisit = Annotated[Visit, Depends(find_visit)]
