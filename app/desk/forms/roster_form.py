"""The form of a roster row: openings and cells, as they were opened, as they are saved, and as they were typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from starlette.datastructures import FormData

from attune_fit.app.desk.forms.client_fields import FormSection
from attune_fit.app.desk.forms.conflicts import (
    FieldVersions,
    compare_versions,
    has_foreign_change,
    parse_opened,
    read_unchosen,
)
from attune_fit.app.desk.forms.form_cells import build_inputs, format_cell, format_label, read_cells
from attune_fit.app.desk.forms.posted_form import FormError, read_field
from attune_fit.app.desk.wording.fault_texts import format_fault
from attune_fit.data.faults import Fault

if TYPE_CHECKING:
    from attune_fit.form_fields import FormField
    from attune_fit.therapist_record import TherapistRecord

OPENINGS = "openings"  # name and id of the input
NO_OPENINGS = "Write the number of openings, 0 for none."
LARGE_CONTROLS = ("choices", "slots")


@dataclass(frozen=True)
class RosterForm:
    """The openings and the cells of one row, each as a form sends it; empty for unknown.

    Attributes
    ----------
    values : mapping of str to str
        By column, with the openings among them.
    opened : mapping of str to str
        What the form had when it was opened.
    versions : list of FieldVersions
        Of what was posted; empty for a form that was only opened.
    summary : list of FormError
    errors : mapping of str to str
        By column.
    has_unchosen : bool
        Whether a field in conflict has no chosen version yet.
    """

    values: Mapping[str, str]
    opened: Mapping[str, str]
    versions: list[FieldVersions] = field(default_factory=list)
    summary: list[FormError] = field(default_factory=list)
    errors: Mapping[str, str] = field(default_factory=dict)
    has_unchosen: bool = False

    @property
    def is_in_conflict(self) -> bool:
        """Whether someone else changed a field meanwhile, or a version is still to be chosen."""
        return self.has_unchosen or has_foreign_change(self.versions)

    @classmethod
    def from_record(cls, record: TherapistRecord) -> RosterForm:
        """Return the form of a row as it is saved. Openings count the offers that hold one, as an event does."""
        row = record.row
        openings = "" if row.openings is None else str(row.openings + len(row.offers))
        values = {OPENINGS: openings, **{name: format_cell(cell) for name, cell in record.cells.items()}}
        return cls(values, values)

    def build_values(self, saved: RosterForm) -> dict[str, Any]:
        """Return the fields of the event: the openings where they are known, and the cells that differ."""
        cells = {name: text for name, text in self.values.items() if name != OPENINGS and text != saved.values[name]}
        openings = {OPENINGS: self.values[OPENINGS]} if self.values[OPENINGS] else {}
        return {**openings, **({"cells": cells} if cells else {})}

    def with_missing_openings(self) -> RosterForm:
        """Return the form with the error of a number that was deleted: an event cannot make it unknown."""
        return replace(self, summary=[FormError(OPENINGS, NO_OPENINGS)], errors={OPENINGS: NO_OPENINGS})

    def with_faults(self, faults: Sequence[Fault]) -> RosterForm:
        """Return the form with the reasons why it was refused."""
        errors: dict[str, str] = {}
        summary = []
        for fault in faults:
            message, is_known = format_fault(fault), fault.column in self.values
            errors.setdefault(fault.column if is_known else OPENINGS, message)
            target = OPENINGS if fault.column == OPENINGS or not is_known else f"f-{fault.column}"
            label = f"{format_label(fault.column)}: " if is_known else ""
            summary.append(FormError(target, f"{label}{message}"))
        return replace(self, summary=summary, errors=errors)

    def build_sections(self, fields: Sequence[FormField]) -> list[FormSection]:
        """Return the sections of the form of the whole row; a section without a field is left out."""
        inputs = build_inputs(fields, self.values, self.errors)
        inputs.sort(key=lambda one: LARGE_CONTROLS.index(one.control) + 1 if one.control in LARGE_CONTROLS else 0)
        limits, others, own = (
            [one for one in inputs if _find_place(one.field) == place] for place in ("limits", "others", "own")
        )
        sections = [
            FormSection("limits", "Decides who is available", "Rules read these fields.", limits),
            FormSection("others", "For wishes and fit", "An empty field means not known, never zero.", others),
            FormSection("own", "Fields of your clinic", "", own),
        ]
        return [section for section in sections if section.inputs]


def _find_place(one: FormField) -> str:
    return "own" if one.is_own else "limits" if one.has_rule else "others"


def read_roster_form(form: FormData, saved: RosterForm, fields: Sequence[FormField]) -> RosterForm:
    """Return what was posted: the openings, and the cells of ``fields``; other cells stay as they are saved."""
    opened = {**saved.values, **(parse_opened(form) or {})}
    unchosen = read_unchosen(form)
    typed = {OPENINGS: read_field(form, OPENINGS), **read_cells(form, fields, opened), **unchosen}
    names = [OPENINGS, *(one.name for one in fields)]
    labels = {name: format_label(name) for name in names}
    versions = compare_versions(opened, saved.values, typed, labels)
    return RosterForm({**saved.values, **typed}, opened, versions, has_unchosen=bool(unchosen))
