"""The form of a client: its sections, its rows of wishes, and what is still missing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from starlette.datastructures import FormData

from attune_fit.app.desk.forms.form_cells import CellInput, build_inputs, format_label
from attune_fit.app.desk.forms.posted_form import FormError, read_field
from attune_fit.app.desk.wording.fault_texts import format_fault
from attune_fit.data.faults import Fault

if TYPE_CHECKING:
    from attune_fit.form_fields import FormField

FEWEST_WISHES, MOST_WISHES = 2, 12  # rows of wishes in the form of a new client
CLIENT_ID = "client_id"  # id of the input
FIRST_FIELDS = ("priority",)  # in the first section, although no rule reads them
WISH_FIELDS = ("attribute", "value", "strength")


class FormSection(NamedTuple):
    """One section of the form.

    Attributes
    ----------
    key : str
        For ids of the page.
    title, hint : str
    inputs : list of CellInput
    """

    key: str
    title: str
    hint: str
    inputs: list[CellInput]


@dataclass(frozen=True)
class WishRow:
    """One row of wishes as it was typed.

    Attributes
    ----------
    place : int
        1 for the first row.
    attribute, value, strength : str
    errors : mapping of str to str
        By ``attribute``, ``value`` or ``strength``.
    """

    place: int
    attribute: str = ""
    value: str = ""
    strength: str = ""
    errors: Mapping[str, str] | None = None

    @classmethod
    def read(cls, form: FormData, place: int, start: str = "") -> WishRow:
        """Return the row of a posted form; ``start`` comes before the names of its inputs."""
        attribute, value, strength = (read_field(form, f"{start}{name}") for name in WISH_FIELDS)
        return cls(place, attribute, value, strength)

    def list_gaps(self) -> dict[str, str]:
        """Return what the wish still needs, by input; nothing for an empty row."""
        needs = {"attribute": "Choose what the wish is about.", "value": "Enter what the client wishes for.",
                 "strength": "Choose how strong the wish is."}  # fmt: skip
        return {} if self.is_empty else {name: text for name, text in needs.items() if not getattr(self, name)}

    @property
    def is_empty(self) -> bool:
        """Whether the row holds no wish."""
        return not (self.attribute or self.value)

    def get_error(self, name: str) -> str:
        """Return what is wrong with one input of the row; empty for nothing."""
        return (self.errors or {}).get(name, "")

    def build_draft(self, client_id: str, *, new_codes: bool) -> dict[str, Any]:
        """Return the wish as an event to record; what is empty is not given."""
        given = {"attribute": self.attribute, "value": self.value, "strength": self.strength}
        return {"event": "wish_set", "client": client_id, "new_codes": new_codes,
                **{name: text for name, text in given.items() if text}}  # fmt: skip


def build_sections(
    fields: Sequence[FormField],
    values: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    unreadable: Collection[str] = (),
) -> list[FormSection]:
    """Return the sections of the form of a client; a section without a field is left out."""
    inputs = build_inputs(fields, values, errors, unreadable)
    sections = [
        FormSection("needed", "Needed to rank", "What decides which therapists are available.",
                _sort_controls(one for one in inputs if _find_section(one.field) == "needed")),
        FormSection("person", "About the client", "For wishes and for fit. All can be left empty.",
                _sort_controls(one for one in inputs if _find_section(one.field) == "person")),
        FormSection("scores", "Questionnaires", "All can be left empty. An empty field means not known, never zero.",
                [one for one in inputs if _find_section(one.field) == "scores"]),
        FormSection("own", "Fields of your clinic", "",
                _sort_controls(one for one in inputs if _find_section(one.field) == "own")),
    ]  # fmt: skip
    return [section for section in sections if section.inputs]


def _find_section(field: FormField) -> str:
    if field.is_own:
        return "own"
    if field.has_rule or field.kind == "date" or field.name in FIRST_FIELDS:
        return "needed"
    return "scores" if field.kind == "number" else "person"


def _sort_controls(inputs: Iterable[CellInput]) -> list[CellInput]:
    """Return the inputs of one line first, then boxes, then the times of the week."""
    return sorted(inputs, key=lambda one: ("choices", "slots").index(one.control) + 1 if _is_large(one) else 0)


def _is_large(one: CellInput) -> bool:
    return one.control in ("choices", "slots")


def list_excluding(sections: Sequence[FormSection]) -> list[str]:
    """Return the labels of empty fields without which therapists are ruled out, by the policies of the clinic."""
    return [one.label for section in sections for one in section.inputs if one.field.excludes_unknown and not one.value]


def list_missing(sections: Sequence[FormSection]) -> list[str]:
    """Return what is not known yet: the labels of the first section, and the number of empty fields of the others."""
    missing: list[str] = []
    for section in sections:
        empty = [one.label for one in section.inputs if not one.value and not one.field.excludes_unknown]
        if section.key == "needed" or len(empty) <= 2:
            missing += empty
        elif empty:
            missing.append(f"{section.title}: {len(empty)} of {len(section.inputs)} fields")
    return missing


def read_wishes(form: FormData) -> list[WishRow]:
    """Return the rows of wishes of a posted form, those without a wish among them."""
    places = [place for place in range(1, MOST_WISHES + 1) if f"wish-{place}-attribute" in form]
    return [WishRow.read(form, place, f"wish-{place}-") for place in places]


def fill_wishes(rows: Sequence[WishRow], n_rows: int = FEWEST_WISHES) -> list[WishRow]:
    """Return the rows with new places, filled up with empty ones; at most :data:`MOST_WISHES`."""
    kept = [WishRow(place, row.attribute, row.value, row.strength, row.errors) for place, row in enumerate(rows, 1)]
    return [*kept, *(WishRow(place) for place in range(len(kept) + 1, n_rows + 1))][:MOST_WISHES]


def list_form_errors(
    faults: Sequence[Fault], fields: Sequence[FormField], places: Sequence[int], rows: Sequence[WishRow] = ()
) -> tuple[list[FormError], dict[str, str], dict[int, dict[str, str]]]:
    """Return the errors of a refused form: for the summary, by column, and by row and input of the wishes.

    Parameters
    ----------
    faults : sequence of Fault
        ``rows`` has the place of the event among those that were to be recorded; none for the only one.
    fields : sequence of FormField
    places : sequence of int
        Of each of these events, the row of the wish; 0 for the client.
    rows : sequence of WishRow
        The wishes. What one lacks is an error, also where the wish was not looked at because of another error.
    """
    columns, wishes = {field.name for field in fields}, dict[int, dict[str, str]]()
    attributes = {row.attribute for row in rows}
    summary: list[FormError] = []
    last: list[FormError] = []  # the wishes come last in the form
    cells: dict[str, str] = {}
    for row in rows:
        for name, gap in row.list_gaps().items():
            wishes.setdefault(row.place, {})[name] = gap
            last.append(FormError(f"wish-{row.place}-{name}", f"Wish {row.place}: {gap}"))
    for fault in faults:
        event = fault.rows[0] if fault.rows and fault.rows[0] <= len(places) else 1
        place, message = places[event - 1] if places else 0, format_fault(fault)
        column = (
            "value" if place and fault.column in attributes else fault.column
        )  # of the therapist, not of the client
        if place and column in wishes.get(place, {}):
            continue  # known already
        if place and column in WISH_FIELDS:
            wishes.setdefault(place, {}).setdefault(column, message)
            last.append(FormError(f"wish-{place}-{column}", f"Wish {place}: {message}"))
        elif fault.column in columns:
            cells.setdefault(fault.column, message)
            summary.append(FormError(f"f-{fault.column}", f"{format_label(fault.column)}: {message}"))
        else:
            is_id = fault.column == "client"
            cells |= {CLIENT_ID: message} if is_id else {}
            summary.append(FormError(CLIENT_ID if is_id else "", message))
    return [*summary, *last], cells, wishes
