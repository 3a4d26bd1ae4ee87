"""The clients of a clinician: those with an offer of this therapist, a start, or a record. Other roles see all."""

from __future__ import annotations

from fastapi import HTTPException

from attune_fit.app.desk.visit import Visit

NOT_OWN = "This page is about a client who has no offer of yours and no visit with you."


def list_own_clients(visit: Visit) -> frozenset[str] | None:
    """Return the ids of the clients whom a clinician can see; None for a role that can see all.

    A clinician without a therapist sees no client.
    """
    if visit.account.role != "clinician":
        return None
    therapist = visit.account.therapist_id
    return frozenset(visit.workspace.own_clients(therapist).result) if therapist else frozenset()


def check_own_client(visit: Visit, client_id: str) -> None:
    """Refuse a clinician the page of a client who is another therapist's, in the same words as one who does not exist.

    Raises
    ------
    HTTPException
        403.
    """
    own = list_own_clients(visit)
    if own is not None and client_id not in own:
        raise HTTPException(403, NOT_OWN)
