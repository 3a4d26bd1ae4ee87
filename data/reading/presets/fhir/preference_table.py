"""The wishes of a clinic's clients, from Care Experience Preference and coded responses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attune_fit.data.reading.presets.fhir.cell_rows import CellRows
from attune_fit.data.reading.presets.fhir.coded_wishes import CLIENT, HEADERS, WishReading, read_wishes
from attune_fit.data.reading.presets.fhir.fhir_elements import find_element
from attune_fit.data.reading.presets.preset import PresetTable

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import TableMapping
    from attune_fit.data.fault_collector import FaultCollector
    from attune_fit.data.reading.presets.fhir.resource_files import Resource
    from attune_fit.data.reading.presets.fhir.resource_store import ResourceStore

MOST_NAMED = 8
COLUMNS = {"client_id": CLIENT, **HEADERS}


def read_preferences(store: ResourceStore, _: TableMapping, collector: FaultCollector) -> PresetTable:
    """Return the coded wishes; warn of preferences with free text alone, and set aside whose response is not here."""
    reading, rows = read_wishes(store), CellRows((CLIENT, *HEADERS.values()))
    for wish in reading.wishes:
        rows.add(
            wish.response, {CLIENT: wish.client or None} | {HEADERS[key]: part for key, part in wish.parts.items()}
        )
    _report_preferences(reading, store, collector)
    return PresetTable(rows.build(), dict(COLUMNS), {"literal": True})


def _report_preferences(reading: WishReading, store: ResourceStore, collector: FaultCollector) -> None:
    if reading.free_text:
        message = f"not read: free text, in {_name_resources(reading.free_text)}"
        fix = "Attune reads no wish from text. Ask these clients, and record the wish as codes: see the guide."
        collector.add_warning("fhir-preference-free-text", "Observation.value", message, fix)
    if reading.without_response:
        clients = [store.find_id(find_element(one.body, "subject"), "Patient") for one in reading.without_response]
        unknown = [one for one, client in zip(reading.without_response, clients, strict=True) if not client]
        if unknown:
            message = f"preferences without a client, and whose response is in no file: {_name_resources(unknown)}"
            fix = "They could be about anyone: correct `subject`, or export QuestionnaireResponse too."
            collector.add_error("fhir-preference-without-client", "Observation.subject", message, fix)
        message = f"preferences whose response is in no file: {_name_resources(reading.without_response)}"
        fix = "A wish may restrict, so these clients are on no list until then. Export QuestionnaireResponse too."
        collector.add_set_aside(
            "fhir-preference-without-response", "Observation.derivedFrom", message, fix, (), filter(None, clients)
        )


def _name_resources(resources: list[Resource]) -> str:
    """Return how many resources there are, and their ids, at most ``MOST_NAMED`` of them."""
    ids = ", ".join(one.id or f"{one.file} {one.row}" for one in resources[:MOST_NAMED])
    more = f" and {len(resources) - MOST_NAMED} more" if len(resources) > MOST_NAMED else ""
    return f"{len(resources)} {resources[0].kind} ({ids}{more})"
