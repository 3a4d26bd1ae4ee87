"""The therapists of a clinic, from Practitioner, PractitionerRole, Schedule and Slot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attune_fit.data.reading.presets.fhir import practitioner_cells
from attune_fit.data.reading.presets.fhir.cell_rows import CellRows, is_header_used
from attune_fit.data.reading.presets.fhir.fhir_elements import list_elements
from attune_fit.data.reading.presets.fhir.patient_cells import DECEASED, GENDERS, INACTIVE
from attune_fit.data.reading.presets.fhir.practitioner_cells import (
    CODE,
    IDENTIFYING,
    LANGUAGES,
    LICENCES,
    OPENINGS,
    SPECIALTY,
    STATUS,
    TIMES,
    list_roles,
    list_unplaced_roles,
    read_practitioner,
)
from attune_fit.data.reading.presets.fhir.weekly_hours import list_slot_times
from attune_fit.data.reading.presets.preset import PresetTable

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import TableMapping
    from attune_fit.data.fault_collector import FaultCollector
    from attune_fit.data.reading.presets.fhir.resource_store import ResourceStore

MOST_NAMED = 8  # roles in one message
ID, BIRTH_DATE, GENDER = practitioner_cells.ID, practitioner_cells.BIRTH_DATE, practitioner_cells.GENDER
HEADERS = (ID, STATUS, BIRTH_DATE, GENDER, LANGUAGES, LICENCES, SPECIALTY, CODE, TIMES, OPENINGS)
COLUMNS = {
    "therapist_id": ID,
    "age": {"birth_date": BIRTH_DATE},
    "gender": GENDER,
    "languages": LANGUAGES,
    "licensed_regions": LICENCES,
    "specialties": SPECIALTY,
    "availability": {"from": TIMES, "times": True},
    "open_slots": OPENINGS,
}
KEYS = {"literal": True, "rows": {"column": STATUS, "is_not": [INACTIVE, DECEASED]}}


def read_therapists(store: ResourceStore, mapping: TableMapping, collector: FaultCollector) -> PresetTable | None:
    """Return the therapists; None, with an error, where no Practitioner is in the files."""
    practitioners = store.list_kind("Practitioner")
    if not practitioners:
        fix = "Export Practitioner too, or give this table a file of its own: `file` under [tables.therapists]."
        collector.add_error("fhir-without-practitioner", "", "no file has a Practitioner", fix)
        return None
    roles, (slot_times, n_utc), rows = list_roles(store), list_slot_times(store), CellRows(HEADERS)
    for one in practitioners:
        own = roles.get(one.id, []) if one.id else []
        rows.add(one, *read_practitioner(one.body, one.id, own, slot_times.get(one.id, []), store))
    _report_therapists(rows, mapping, collector)
    if unplaced := list_unplaced_roles(store):
        more = f" and {len(unplaced) - MOST_NAMED} more" if len(unplaced) > MOST_NAMED else ""
        named = ", ".join(unplaced[:MOST_NAMED])
        message = f"roles that end or take no new clients, whose practitioner is in no file: {named}{more}"
        fix = "They could be about anyone: export Practitioner with its `identifier`, or correct the roles."
        collector.add_error("fhir-role-without-practitioner", "PractitionerRole.practitioner", message, fix)
    if n_utc and is_header_used(mapping, "availability", TIMES):
        message = f"{n_utc} free slots without a local time: they are in UTC, or their start or end cannot be read"
        fix = "Attune does not read them. Export them with the offset of the clinic, such as -05:00."
        collector.add_warning("fhir-slot-without-local-time", TIMES, message, fix)
    dropped = [
        f"Practitioner.{key}" for key in IDENTIFYING if any(list_elements(one.body, key) for one in practitioners)
    ]
    return PresetTable(rows.build(), dict(COLUMNS), dict(KEYS), tuple(dropped))


def _report_therapists(rows: CellRows, mapping: TableMapping, collector: FaultCollector) -> None:
    """Report the cells that cannot be read, of columns for which the clinic has no header of its own."""
    report, frame = collector.report_bad_cells, rows.build()
    if is_header_used(mapping, "gender", GENDER):
        report("fhir-therapist-gender", GENDER, frame[GENDER], rows.find_bad_cells(GENDER),
               f"not one of {', '.join(GENDERS)}", "correct it in the record.", name="gender",
               escalates=False)  # fmt: skip
    if is_header_used(mapping, "languages", LANGUAGES):
        report("fhir-therapist-language", LANGUAGES, frame[LANGUAGES], rows.find_bad_cells(LANGUAGES),
               "a language without a code or a name", "correct it in the record.", name="languages")  # fmt: skip
    if is_header_used(mapping, "availability", TIMES):
        report("fhir-hours-unclear", TIMES, frame[TIMES], rows.find_bad_cells(TIMES),
               "hours without days, or without a start and an end", "correct them in the role.",
               name="availability")  # fmt: skip
    if is_header_used(mapping, "licensed_regions", LICENCES):
        report("fhir-licence-unclear", LICENCES, frame[LICENCES], rows.find_bad_cells(LICENCES),
               "a licence whose period cannot be read", "correct its dates in the record.",
               name="licensed_regions")  # fmt: skip
    if is_header_used(mapping, "open_slots", OPENINGS):
        report("fhir-openings-unclear", OPENINGS, frame[OPENINGS], rows.find_bad_cells(OPENINGS),
               "a role whose period, or whose code of Plan-Net about new clients, cannot be read", "correct the role.",
               name="open_slots")  # fmt: skip
