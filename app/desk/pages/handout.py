"""The page handout: up to three therapists for the client to choose from, on one sheet, without an estimate."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from attune_fit.app.desk.rendering import render
from attune_fit.app.desk.shown.client_summary import summarize_client
from attune_fit.app.desk.shown.handout_offers import describe_offers, find_shared_reasons
from attune_fit.app.desk.visit import CurrentVisit

MOST = 3  # therapists that fit on one sheet

router = APIRouter()


@router.get("/clients/{client_id:id}/handout")
def show_handout(visit: CurrentVisit, client_id: str, t: Annotated[tuple[str, ...], Query()] = ()) -> Response:
    """Show the sheet for the therapists ``t``; without them, for the first places of the list."""
    workspace = visit.workspace
    ranking = workspace.rank(client_id).result
    ids = ranking.arrays.therapist_ids
    chosen = [one for one in dict.fromkeys(t) if one in ids] if t else ids[:MOST]
    candidates = [ranking.candidates[ids.index(one)] for one in chosen[:MOST]]
    client = summarize_client(workspace, client_id)
    return render(
        visit, "handout.html", client=client, offers=describe_offers(workspace, candidates), as_of=ranking.as_of,
        left_out=[one for one in dict.fromkeys(t) if one not in chosen[:MOST]],
        shared=find_shared_reasons(candidates, client.payer), clinic_name=workspace.clinic.config.clinic.name,
    )  # fmt: skip
