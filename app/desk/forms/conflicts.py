"""Conflicts of edits: another account changed the same people meanwhile. Nothing is recorded, and nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from starlette.datastructures import FormData
from starlette.responses import Response

from attune_fit.app.desk.forms.form_cells import format_label
from attune_fit.app.desk.forms.posted_form import list_form_pairs, parse_json, parse_number, parse_seen, read_field
from attune_fit.app.desk.id_addresses import read_path
from attune_fit.app.desk.rendering import render
from attune_fit.app.desk.security.own_clients import list_own_clients
from attune_fit.app.desk.shown.done_events import add_moments
from attune_fit.app.desk.visit import Visit
from attune_fit.data.faults import DataFault

CONFLICT = "changed-by-someone-else"
CHOICES = "must_choose"  # name of the hidden inputs that name the fields in conflict
UNSEEN = frozenset({"seen", "back", "opened"})  # inputs that a person does not see
KEPT = "kept:"  # start of the names of the hidden inputs with your own values of these fields


@dataclass(frozen=True)
class FieldVersions:
    """One field of a form with its three versions, each as the form sends it; empty for unknown.

    Attributes
    ----------
    name, label : str
    opened, saved, yours : str
    is_unchosen : bool
        Whether it was in conflict already, and no version was chosen.
    """

    name: str
    label: str
    opened: str
    saved: str
    yours: str
    is_unchosen: bool = False

    @property
    def is_conflict(self) -> bool:
        """Whether both changed it, each to another value: only the person can choose."""
        return self.is_unchosen or len({self.opened, self.saved, self.yours}) == 3

    @property
    def is_changed(self) -> bool:
        """Whether anyone changed it."""
        return not self.opened == self.saved == self.yours

    @property
    def is_same_change(self) -> bool:
        """Whether both changed it to the same value."""
        return self.saved == self.yours


def compare_versions(
    opened: Mapping[str, str],
    saved: Mapping[str, str],
    yours: Mapping[str, str],
    labels: Mapping[str, str],
) -> list[FieldVersions]:
    """Return the versions of each field, by the order of ``labels``; fields in conflict first."""
    fields = [
        FieldVersions(name, label, opened.get(name, ""), saved.get(name, ""), yours.get(name, ""))
        for name, label in labels.items()
    ]
    return sorted(fields, key=lambda field: not field.is_conflict)


def has_foreign_change(fields: Iterable[FieldVersions]) -> bool:
    """Return whether someone else changed a field meanwhile, other than to what you want."""
    return any(field.opened != field.saved and field.saved != field.yours for field in fields)


def render_conflict(
    visit: Visit,
    fields: Sequence[FieldVersions],
    *,
    about: str,
    action: str,
    keep: str,
    client: str | None = None,
    therapist: str | None = None,
    hidden: Iterable[tuple[str, str]] = (),
    unchosen: Mapping[str, str] | None = None,
) -> Response:
    """Return the page on which a person settles two edits of the same row, field by field.

    The page sends the chosen values to the form's own address, under the names of its fields, with the new ``seen`` and
    ``opened``. Only a field that both changed has no default.

    Parameters
    ----------
    visit : Visit
    fields : sequence of FieldVersions
        From :func:`compare_versions`: every field of the form.
    about : str
        Id of the person whose row it is.
    action : str
        Address of the form.
    keep : str
        Address that shows what is saved, without any change.
    client, therapist : str, optional
        The person, to find the events that came meanwhile.
    hidden : iterable of (str, str)
        Further inputs of the form.
    unchosen : mapping of str to str, optional
        From :func:`read_unchosen`, when the page is shown again: your own values of fields that still need a choice.
    """
    left = unchosen or {}
    fields = [
        replace(field, yours=left[field.name], is_unchosen=True) if field.name in left else field for field in fields
    ]
    later = list_later_events(visit, parse_seen_number(visit, hidden), {client, therapist} - {None})
    return render(
        visit, "conflict.html", status=409, fields=[field for field in fields if field.is_changed], about=about,
        others=[field for field in fields if not field.is_changed], action=action, keep=keep, later=later,
        hidden=[pair for pair in hidden if pair[0] not in ("seen", "opened")], choices=CHOICES, kept=KEPT,
        opened=format_opened({field.name: field.saved for field in fields}),
    )  # fmt: skip


def parse_seen_number(visit: Visit, hidden: Iterable[tuple[str, str]]) -> int:
    """Return the last event that the form has seen, from its hidden inputs; the newest event where it has none."""
    seen = parse_number(dict(hidden).get("seen", ""))
    return visit.seen if seen is None else seen


def format_opened(values: Mapping[str, str]) -> str:
    """Return the values with which a form was opened, as its hidden input holds them."""
    return json.dumps(dict(values), ensure_ascii=False, sort_keys=True)


def parse_opened(form: FormData) -> dict[str, str] | None:
    """Return the values with which a form was opened; None where the form does not have them."""
    found = parse_json(read_field(form, "opened"))
    return {str(name): str(text) for name, text in found.items()} if isinstance(found, dict) else None


def read_unchosen(form: FormData) -> dict[str, str]:
    """Return your own values of the fields in conflict for which no version is chosen, by name."""
    named = [text for text in form.getlist(CHOICES) if isinstance(text, str)]
    return {name: read_field(form, KEPT + name) for name in named if name not in form}


def list_later_events(visit: Visit, seen: int, people: Iterable[Any]) -> list[dict[str, Any]]:
    """Return the events after ``seen`` about any of some people, the latest first; about all where there are none.

    A clinician sees those about own clients only, whatever the form names.
    """
    wanted = {str(one) for one in people if one is not None}
    if visit.seen <= seen:
        return []
    rows = visit.workspace.journal(last=visit.seen - seen).result.rows
    found = [{**row.to_dict(), "details": row.details} for row in rows if row.event.number > seen]
    can_see = list_own_clients(visit)
    found = [row for row in found if can_see is None or row["client_id"] in can_see]
    own = [row for row in found if wanted & {row["client_id"], row["therapist_id"]}]
    return add_moments(visit, (own or found)[::-1])


def render_event_conflict(visit: Visit, fault: DataFault, form: FormData) -> Response:
    """Return the page of an action that was not recorded: what came meanwhile, and a button to do it nevertheless.

    Parameters
    ----------
    visit : Visit
        Its address is that of the action.
    fault : DataFault
        Where it has other reasons than the conflict, the action cannot be recorded now: the page has no such button.
    form : FormData
        What was posted. The page sends it again with the new ``seen``.
    """
    people = [*visit.request.path_params.values(), *(text for _, text in list_form_pairs(form))]
    kept = [*list_form_pairs(form, without=["seen"]), ("seen", str(visit.seen))]
    return render(
        visit, "event_conflict.html", status=409, kept=kept,
        later=list_later_events(visit, parse_seen(form), people),
        entry=[(format_label(name), text) for name, text in kept if text and name not in UNSEEN],
        reasons=[one for one in fault.faults if one.id != CONFLICT], action=read_path(visit.request.scope),
        client=visit.request.path_params.get("client_id"),
    )  # fmt: skip
