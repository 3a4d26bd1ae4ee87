"""The clients of a clinic, from Patient, Coverage and forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attune_fit.data.reading.presets.fhir import patient_cells
from attune_fit.data.reading.presets.fhir.cell_rows import CellRows, is_header_used
from attune_fit.data.reading.presets.fhir.coverage_payers import PAYER, list_payers
from attune_fit.data.reading.presets.fhir.fhir_elements import list_elements
from attune_fit.data.reading.presets.fhir.patient_cells import (
    ACTIVE,
    DECEASED,
    GENDERS,
    IDENTIFYING,
    INACTIVE,
    LANGUAGES,
    STATE,
    STATUS,
    read_patient,
    read_record_status,
)
from attune_fit.data.reading.presets.fhir.symptom_forms import (
    SCALES,
    SymptomForm,
    list_symptom_forms,
    score_symptom_form,
)
from attune_fit.data.reading.presets.preset import PresetTable

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import TableMapping
    from attune_fit.data.fault_collector import FaultCollector
    from attune_fit.data.reading.presets.fhir.resource_store import ResourceStore

SCORES = {"phq9": "PHQ-9 total", "gad7": "GAD-7 total"}
INTAKE = "PHQ-9 GAD-7 date"
HEADERS = (
    *(patient_cells.ID, STATUS, patient_cells.BIRTH_DATE, patient_cells.GENDER, patient_cells.RACE, LANGUAGES, STATE),
    *(PAYER, *SCORES.values(), INTAKE),
)
COLUMNS = {
    "client_id": patient_cells.ID,
    "age": {"birth_date": patient_cells.BIRTH_DATE},
    "gender": patient_cells.GENDER,
    "race_ethnicity": patient_cells.RACE,
    "languages": LANGUAGES,
    "region": STATE,
    "payer": PAYER,
    **SCORES,
    "intake_on": INTAKE,
}
# who has died, or whose record is not in use, needs no therapist; `rows` shows it, and the clinic can change it
KEYS = {"literal": True, "rows": {"column": STATUS, "is_not": [INACTIVE, DECEASED]}}


def read_clients(store: ResourceStore, mapping: TableMapping, collector: FaultCollector) -> PresetTable | None:
    """Return the clients; None, with an error, where the files have no Patient who is in use."""
    patients = store.list_kind("Patient")
    if not patients:
        fix = "Export Patient too, or name the folder with the export: `file` under [tables.clients]."
        collector.add_error("fhir-without-patient", "", "no file has a Patient", fix)
        return None
    if all(read_record_status(one.body) != ACTIVE for one in patients):
        fix = "Check the export: the preset keeps the others out of `clients`."
        collector.add_error("fhir-no-patient-in-use", STATUS, "every Patient is deceased or not active", fix)
        return None
    payers, forms, rows = list_payers(store), list_symptom_forms(store), CellRows(HEADERS)
    for one in patients:
        cells, bad = read_patient(one.body, one.id, store)
        own = payers.get(one.id, []) if one.id else []
        cells[PAYER] = own[0] if own else None
        bad += [PAYER] if len(own) > 1 or "" in own else []
        found = {name: forms.get((one.id, name), []) if one.id else [] for name in SCORES}
        bad += _fill_scores(cells, found)
        rows.add(one, cells, bad)
    _report_clients(rows, mapping, collector)
    dropped = [f"Patient.{key}" for key in IDENTIFYING if any(list_elements(one.body, key) for one in patients)]
    return PresetTable(rows.build(), dict(COLUMNS), dict(KEYS), tuple(dropped))


def _fill_scores(cells: dict[str, str | None], forms: dict[str, list[SymptomForm]]) -> list[str]:
    """Add the score of the earliest form of each kind, and the date of the last of these; return the bad headers."""
    bad, dates = [], []
    for scale in SCALES:
        scored = [(form, score_symptom_form(form)) for form in forms[scale.column]]
        header = SCORES[scale.column]
        first = next((one for one in scored if one[1].total is not None or one[1].contradicts), None)
        if first is None:
            bad += [header] if any(score.unread for _, score in scored) else []
            continue
        form, score = first
        if score.total is None:
            bad.append(header)
        else:
            cells[header] = f"{score.total:.10g}"
            dates += [form.date[:10]] if len(form.date) > 9 else []
    cells[INTAKE] = max(dates, default=None)
    return bad


def _report_clients(rows: CellRows, mapping: TableMapping, collector: FaultCollector) -> None:
    """Report the cells that cannot be read, of columns for which the clinic has no header of its own."""
    report, frame = collector.report_bad_cells, rows.build()
    if is_header_used(mapping, "gender", patient_cells.GENDER):
        report("fhir-client-gender", patient_cells.GENDER, frame[patient_cells.GENDER],
               rows.find_bad_cells(patient_cells.GENDER), f"not one of {', '.join(GENDERS)}",
               "correct it in the record.", name="gender", escalates=False)  # fmt: skip
    if is_header_used(mapping, "languages", LANGUAGES):
        report("fhir-client-language", LANGUAGES, frame[LANGUAGES], rows.find_bad_cells(LANGUAGES),
               "a language without a code or a name", "correct it in the record.", name="languages")  # fmt: skip
    if is_header_used(mapping, "region", STATE):
        report("fhir-several-homes", STATE, frame[STATE], rows.find_bad_cells(STATE),
               "current home addresses in several states", "end the old address in the record.",
               name="region")  # fmt: skip
    if is_header_used(mapping, "payer", PAYER):
        report("fhir-several-payers", PAYER, frame[PAYER], rows.find_bad_cells(PAYER),
               "active coverages of several payers, or of one without a name",
               "give the coverages an `order`, the first of which counts.", name="payer")  # fmt: skip
    for name, header in SCORES.items():
        if is_header_used(mapping, name, header):
            report("fhir-form-unclear", header, frame[header], rows.find_bad_cells(header),
                   "a form with answers that cannot be read, or with a total that is not the sum of its items",
                   "correct the form.", name=name, escalates=False)  # fmt: skip
