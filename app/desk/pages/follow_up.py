"""Follow-up: pairs to talk to, the most urgent first, and the early score of a session in one line."""

from __future__ import annotations

from typing import Any, Literal, get_args

from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from attune_fit.app.desk.exports import ExportFormat, export
from attune_fit.app.desk.forms.posted_form import FormError, PostedForm, build_form_errors, parse_seen, read_field
from attune_fit.app.desk.recording import record, redirect
from attune_fit.app.desk.rendering import render
from attune_fit.app.desk.security.own_clients import list_own_clients
from attune_fit.app.desk.shown.unlisted_score import explain_unlisted_score
from attune_fit.app.desk.visit import CurrentVisit, Visit
from attune_fit.app.desk.wording.code_words import format_first_capital
from attune_fit.data.faults import DataFault
from attune_fit.data.journal.database.journal_conflict import JournalConflict
from attune_fit.matching.follow_up.alliance_flags import FLAGS

router = APIRouter()

Shown = Literal["all", "weak", "left", "due"]
FLAGS_SHOWN: dict[str, tuple[str, ...]] = {"weak": ("weak",), "left": ("dropped_out",), "due": ("missing", "due")}
FIELDS = ("client", "therapist", "session", "score", "goal", "task", "bond", "instrument")
NUMBERS = ("session", "score", "goal", "task", "bond")
ROWS_SHOWN = 20
NOT_OWN = ("pair-not-started", "event-about-unknown-client", "event-about-unknown-therapist")  # ids of faults
NOT_OWN_TEXT = "This client has not started with you. Check the id."


@router.get("/follow-up")
def show_follow_up(
    visit: CurrentVisit,
    show: Shown = "all",
    rows: Literal["first", "all"] = "first",
    client: str = "",
    therapist: str = "",
    format: ExportFormat | None = None,
) -> Response:
    """Show the pairs with a flag, the most urgent first; a clinician sees own clients only."""
    result = visit.workspace.follow_up(therapist=_find_own_therapist(visit))
    return export(result, format) or _render(visit, {"client": client, "therapist": therapist}, show=show, rows=rows)


@router.post("/follow-up/score")
def record_score(visit: CurrentVisit, form: PostedForm) -> Response:
    """Record the score of one session; a refused form is shown again with what was typed."""
    typed = {name: read_field(form, name) for name in FIELDS}
    own = list_own_clients(visit)
    if typed["client"] and own is not None and typed["client"] not in own:
        return _render(visit, typed, errors=[FormError("client", NOT_OWN_TEXT)], status=422)
    given = {name: text.replace(",", ".") if name in NUMBERS else text for name, text in typed.items() if text}
    try:
        given["therapist"] = _find_therapist(visit, given)
        number = record(visit, "score_recorded", seen=parse_seen(form), **{name: x for name, x in given.items() if x})
    except JournalConflict:
        raise  # the page of conflicts shows what came meanwhile, and sends the form again
    except DataFault as fault:
        return _render(visit, typed, errors=_list_errors(visit, fault), status=422)
    return redirect("/follow-up", number)


def _find_own_therapist(visit: Visit) -> str | None:
    """Return the therapist of a clinician's account; None for a role that can see all pairs.

    Raises
    ------
    HTTPException
        With status 403 for a clinician's account without a therapist.
    """
    if visit.account.role != "clinician":
        return None
    if not visit.account.therapist_id:
        raise HTTPException(403, "This account names no therapist, so it has no clients.")
    return visit.account.therapist_id


def _find_therapist(visit: Visit, given: dict[str, str]) -> str:
    """Return the therapist of a score: the clinician's own, the one typed, or the only one whom the client has met."""
    if own := _find_own_therapist(visit):
        return own
    if "therapist" in given or "client" not in given:
        return given.get("therapist", "")
    met = visit.workspace.client(given["client"]).result.met
    return str(met[0]) if len(met) == 1 else ""


def _list_errors(visit: Visit, fault: DataFault) -> list[FormError]:
    """Return the errors of a refused score. A clinician learns nothing about the clients of others."""
    if visit.account.role == "clinician" and any(one.id in NOT_OWN for one in fault.faults):
        return [FormError("client", NOT_OWN_TEXT)]
    fields = {name: name for name in FIELDS} | {"client_id": "client", "therapist_id": "therapist"}
    return [
        error._replace(message=format_first_capital(error.message)) for error in build_form_errors(fault.faults, fields)
    ]


def _render(
    visit: Visit, typed: dict[str, str], *, show: Shown = "all", rows: str = "first", errors: Any = (),
    status: int = 200,
) -> Response:  # fmt: skip
    """Return the page with what was typed."""
    report = visit.workspace.follow_up(therapist=_find_own_therapist(visit)).result
    groups = {name: _select(report.pairs, name) for name in get_args(Shown)}
    pairs = groups[show]
    instruments = visit.workspace.clinic.instruments
    names = [rule.instrument for rule in report.rules] or list(instruments)
    return render(
        visit, "follow_up.html", status=status, report=report, groups=groups, show=show, errors=errors, typed=typed,
        shown=pairs if rows == "all" else pairs[:ROWS_SHOWN], pairs=pairs, scales=instruments, names=names,
        is_own=visit.account.role == "clinician", own_clients=sorted(list_own_clients(visit) or ()),
        messages={error.field: error.message for error in reversed(errors)}, flags=FLAGS,
        unlisted=explain_unlisted_score(visit, report),
    )  # fmt: skip


def _select(pairs: Any, show: str) -> Any:
    wanted = FLAGS_SHOWN.get(show)
    return [pair for pair in pairs if wanted is None or set(pair.flags) & set(wanted)]
