"""The page shortlist: whom to offer first, why, what to check, who is ruled out, and what would add therapists."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from attune_fit.app.desk.client_summary import summarize_client
from attune_fit.app.desk.exports import ExportFormat, export
from attune_fit.app.desk.forms import PostedForm, get_text, parse_seen
from attune_fit.app.desk.proposed_changes import list_proposals, parse_drafts
from attune_fit.app.desk.recording import redirect
from attune_fit.app.desk.rendering import render
from attune_fit.app.desk.visit import CurrentVisit, Visit
from attune_fit.app.desk.wording.candidate_checks import list_checks
from attune_fit.app.desk.wording.shortlist_answer import describe_first, group_bands
from attune_fit.data.faults import DataFault, Fault
from attune_fit.matching.ranking.ranking_result import Ranking
from attune_fit.results import Result

FIRST_SHOWN = 6
EVERY_PLACE = 1_000_000
FEW = 3  # candidates up to which the page looks for changes without being asked

router = APIRouter()


@router.get("/clients/{client_id}/shortlist")
def show_shortlist(
    visit: CurrentVisit,
    client_id: str,
    all_: Annotated[bool, Query(alias="all")] = False,
    help_: Annotated[bool, Query(alias="help")] = False,
    format: ExportFormat | None = None,
) -> Response:
    """Show the ranking of a client, and log what was shown."""
    try:
        result = visit.workspace.rank(client_id, log=True, shortlist=EVERY_PLACE if all_ else FIRST_SHOWN)
    except DataFault as fault:
        return _show_set_aside(visit, client_id, fault)
    if exported := export(result, format):
        return exported
    ranking: Ranking = result.result
    n_candidates = len(ranking.candidates)
    shown = list(ranking.candidates[: n_candidates if all_ else FIRST_SHOWN])
    client = summarize_client(visit.workspace, client_id)
    return render(
        visit, "shortlist.html", client=client, ranking=ranking,
        bands=group_bands(ranking, shown), n_shown=len(shown), n_candidates=n_candidates,
        answer=describe_first(ranking) if shown else "",
        checks={one.therapist_id: list_checks(one, client.formats) for one in shown},
        mean=_compute_mean(ranking), instrument=visit.workspace.clinic.instruments[ranking.instrument],
        verdict=visit.workspace.model.verdict.plain_sentence, warnings=_list_warnings(result),
        proposals=list_proposals(visit.workspace, client_id) if help_ or n_candidates <= FEW else None,
        clinic_name=visit.workspace.clinic.config.clinic.name,
    )  # fmt: skip


@router.post("/clients/{client_id}/apply")
def apply_proposal(visit: CurrentVisit, client_id: str, form: PostedForm) -> Response:
    """Record the events of one proposed change, all or none, and rank again."""
    drafts = parse_drafts(get_text(form, "events"))
    recorded = visit.workspace.record_all(drafts, expected=parse_seen(form), actor=visit.account.name)
    numbers = [one.row.event.number for one in recorded.result]
    return redirect(f"/clients/{client_id}/shortlist", *numbers)


def _show_set_aside(visit: Visit, client_id: str, fault: DataFault) -> Response:
    """Show why a client is set aside; other faults have a page of their own."""
    faults: list[Fault] = [one for one in fault.faults if client_id in one.sets_aside and one.side == "clients"]
    if not faults:
        raise fault
    return render(visit, "shortlist_set_aside.html", client=summarize_client(visit.workspace, client_id), faults=faults)


def _compute_mean(ranking: Ranking) -> float | None:
    """Return the mean estimate of the candidates; None where there is nothing to compare with."""
    points: Any = ranking.arrays.points
    return float(points[:, 0].mean()) if len(points) > 1 else None


def _list_warnings(result: Result) -> list[str]:
    """List the notes that are warnings; the others name commands, and the page has the same as links."""
    return [note for note in result.notes if not note.startswith("Note: ")]
