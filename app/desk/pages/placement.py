"""The placement preview: who gets which therapist by policy, and the offers of the whole placement."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Query
from starlette.responses import Response

from attune_fit.app.desk.exports import ExportFormat, export
from attune_fit.app.desk.forms.placement_choice import PlacementChoice, format_pair, parse_pairs
from attune_fit.app.desk.recording import redirect
from attune_fit.app.desk.rendering import render
from attune_fit.app.desk.visit import CurrentVisit, Visit
from attune_fit.data.faults import DataFault
from attune_fit.data.journal.database.journal_conflict import JournalConflict
from attune_fit.journal_records import ListedEvent
from attune_fit.results import Result

router = APIRouter()
ROWS_SHOWN = 15


def read_choice(
    policy: str = "",
    pin: Annotated[list[str], Query()] = [],  # noqa: B006  (FastAPI only reads it)
    refuse: Annotated[list[str], Query()] = [],  # noqa: B006
    keep: Annotated[list[str], Query()] = [],  # noqa: B006
    pin_client: str = "",
    pin_therapist: str = "",
) -> PlacementChoice:
    """Read the choices from an address; a form sends ``keep=no``, and also ``keep=yes`` where its box is ticked.

    A form sends the ids of a pair to pin as ``pin_client`` and ``pin_therapist``.
    """
    choice = PlacementChoice(policy, parse_pairs(pin), parse_pairs(refuse), not keep or "yes" in keep)
    typed = (pin_client.strip(), pin_therapist.strip())
    return choice.pin(*typed) if any(typed) else choice


@router.get("/placement")
def show_placement(
    visit: CurrentVisit,
    choice: Annotated[PlacementChoice, Depends(read_choice)],
    show: Literal["first", "all"] = "first",
    format: ExportFormat | None = None,
) -> Response:
    """Show who would get which therapist, what the pins and refusals change, and who still waits."""
    try:
        result = _preview(visit, choice)
    except DataFault as fault:
        return render(visit, "placement_fault.html", status=422, faults=fault.faults, choice=choice)
    one = result.result
    shown = one.placed if show == "all" else one.placed[:ROWS_SHOWN]
    values = {"preview": one, "placement": one.placement, "shown": shown, "choice": choice,
              "scale": visit.workspace.clinic.instruments[one.placement.instrument],
              "set_aside": (*result.set_aside, *result.notes), "pair_text": format_pair}  # fmt: skip
    placement = Result(one.placement, result.summary, result.build_frame, one.placement.to_dict)  # as `assign` gives it
    return export(placement, format) or render(visit, "placement.html", **values)


@router.post("/placement/offer")
def record_placement(
    visit: CurrentVisit,
    choice: Annotated[PlacementChoice, Depends(read_choice)],
    seen: Annotated[int, Form()],
    pair: Annotated[list[str], Form()] = [],  # noqa: B006
) -> Response:
    """Record the offers of the placement that the coordinator saw: all of them, or none."""
    drafts = [{"event": "offered", "client": client, "therapist": therapist} for client, therapist in parse_pairs(pair)]
    try:
        recorded = visit.workspace.record_all(drafts, expected=seen, actor=visit.account.name)
    except DataFault as fault:
        return _show_not_recorded(visit, choice, fault, len(drafts))
    numbers = [one.row.event.number for one in recorded.result]
    return redirect("/waiting-list", *numbers, state="offered")


def _preview(visit: Visit, choice: PlacementChoice) -> Result:
    """Return the preview; it is logged, because a person acts on it."""
    return visit.workspace.preview_placement(
        choice.policy, pin=choice.pinned, refuse=choice.refused, keep=choice.keep, log=True
    )


def _show_not_recorded(visit: Visit, choice: PlacementChoice, fault: DataFault, n_offers: int) -> Response:
    """Return the page of a placement that was not recorded: what came meanwhile, and a new preview."""
    is_conflict = isinstance(fault, JournalConflict)
    came = [ListedEvent(event) for event in fault.later] if isinstance(fault, JournalConflict) else []
    return render(visit, "placement_conflict.html", status=409 if is_conflict else 422, faults=fault.faults,
                  came=came, choice=choice, n_offers=n_offers, is_conflict=is_conflict)  # fmt: skip
