"""The preset ``fhir``: which resources become which table, and the lines of ``clinic.toml`` that they fill."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.faults import DataFault, ReadFile
from attune_fit.data.formats.fhir_files import is_fhir_file, list_fhir_files
from attune_fit.data.reading.presets.fhir.client_table import HEADERS as CLIENT_HEADERS
from attune_fit.data.reading.presets.fhir.client_table import read_clients
from attune_fit.data.reading.presets.fhir.coded_wishes import CLIENT as WISH_CLIENT
from attune_fit.data.reading.presets.fhir.coded_wishes import HEADERS as WISH_KEYS
from attune_fit.data.reading.presets.fhir.fhir_versions import find_other_version
from attune_fit.data.reading.presets.fhir.needed_resources import is_needed_resource
from attune_fit.data.reading.presets.fhir.preference_table import read_preferences
from attune_fit.data.reading.presets.fhir.resource_files import FileContent, WantedResources, read_resources
from attune_fit.data.reading.presets.fhir.resource_store import ResourceStore, drop_older_versions
from attune_fit.data.reading.presets.fhir.therapist_table import HEADERS as THERAPIST_HEADERS
from attune_fit.data.reading.presets.fhir.therapist_table import read_therapists
from attune_fit.data.reading.presets.fhir.visit_table import HEADERS as VISIT_HEADERS
from attune_fit.data.reading.presets.fhir.visit_table import read_outcomes
from attune_fit.data.reading.presets.preset import Preset, PresetInput, PresetTable
from attune_fit.data.reading.rows.idle_keys import add_idle_key_error
from attune_fit.data.reading.rows.table_files import LAYOUT_KEYS

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import TableMapping
    from attune_fit.data.fault_collector import FaultCollector

TableReader = Callable[[ResourceStore, "TableMapping", "FaultCollector"], PresetTable | None]
FORMS = ("Observation", "QuestionnaireResponse", "Questionnaire", "CapabilityStatement")
# what reads a table, and the kinds that it needs: first the one of its rows
TABLE_READERS: dict[str, tuple[TableReader, tuple[str, ...]]] = {
    "clients": (read_clients, ("Patient", "Coverage", "Organization", *FORMS)),
    "therapists": (
        read_therapists,
        ("Practitioner", "PractitionerRole", "Organization", "Schedule", "Slot", "CapabilityStatement"),
    ),
    "preferences": (read_preferences, ("QuestionnaireResponse", "Observation", "Patient", "CapabilityStatement")),
    "outcomes": (read_outcomes, ("Encounter", "Patient", "Practitioner", "PractitionerRole", *FORMS)),
}
MOST_KINDS_NAMED = 8


def read_fhir_table(
    source: PresetInput, table: str, mapping: TableMapping, collector: FaultCollector
) -> PresetTable | None:
    """Return one table from the resources of a clinic folder; see :class:`Preset` for the parameters.

    A licence, a coverage or an address that ended before the day of the tables does not count.

    Raises
    ------
    DataFault
        If a file is damaged, cannot be opened, or is of another version of FHIR.
    """
    if table not in TABLE_READERS:
        fix = f"Remove `source` under [tables.{table}] in clinic.toml, and give this table a file of its own."
        collector.add_error("fhir-table-without-resource", "", "no resource of FHIR holds this table", fix)
        return None
    read, kinds = TABLE_READERS[table]
    idle = sorted(mapping.model_fields_set & (LAYOUT_KEYS | {"sheets"})) if collector.part is None else []
    for key in idle:
        add_idle_key_error(f"{collector.section}.{key}", "for resources of FHIR", collector)
    paths = _find_files(source.folder, mapping, collector)
    if paths is None or idle:
        return None
    content = read_resources(paths, WantedResources(frozenset(kinds), is_needed_resource))
    _check_version(content)
    _report_pages(content, collector)
    _report_other_kinds(content, collector)
    found = read(ResourceStore(drop_older_versions(content.resources), source.day), mapping, collector)
    if found is not None:
        files = list(dict.fromkeys(one.file for one in content.resources if one.kind == kinds[0])) or [paths[0].name]
        more = f" and {len(files) - 1} more" if len(files) > 1 else ""
        collector.files.append(ReadFile(table, f"{files[0]}{more}", "", len(found.cells)))
    return found


def _find_files(folder: Path, mapping: TableMapping, collector: FaultCollector) -> list[Path] | None:
    """Return the files of the table; None, with an error for each name in ``clinic.toml`` that has none."""
    names = mapping.files or ([] if mapping.file is None else [mapping.file])
    choices = [[name] for name in names] or [[]]
    lacking = [one for one in choices if not list_fhir_files(folder, one)]
    for one in lacking:
        known = ", ".join(f"`*{suffix}`" for suffix in (".ndjson", ".json"))
        place = f"`{one[0]}`" if one else "the clinic folder"
        fix = f"Put the export there, or name its folder: `file` under [{collector.section}] in clinic.toml."
        collector.add_error("fhir-file-not-found", "", f"{place} has no file of FHIR resources ({known})", fix)
    return None if lacking else list_fhir_files(folder, names)


def _check_version(content: FileContent) -> None:
    other = find_other_version(content.resources)
    if other is not None:
        one, version = other
        fix = "Export them as FHIR R4 (4.0.1). Attune reads no other version."
        raise DataFault.error("fhir-version", one.file, "", f"{one.kind} is of FHIR {version}", fix=fix)


def _report_pages(content: FileContent, collector: FaultCollector) -> None:
    """Warn of search results whose next page is in no file: wishes could be on it."""
    lacking = [url for url in content.next_pages if url not in content.pages]
    if lacking:
        pages = f"{len(lacking)} search result{'s' if len(lacking) > 1 else ''}"
        message = f"{pages} without the next page: people, wishes and visits on it are not read"
        collector.add_warning("fhir-page-missing", "", message, "Save every page of the search, or export in bulk.")


def _report_other_kinds(content: FileContent, collector: FaultCollector) -> None:
    """Warn, once for all tables, of resources that no table needs."""
    needed = {kind for _, kinds in TABLE_READERS.values() for kind in kinds}
    others = Counter({kind: count for kind, count in content.counts.items() if kind not in needed})
    if not others or any(fault.id == "fhir-kind-not-read" for fault in collector.faults):
        return
    named = [f"{count:,} {kind}" for kind, count in sorted(others.items(), key=lambda one: (-one[1], one[0]))]
    more = f" and {len(named) - MOST_KINDS_NAMED} other kinds" if len(named) > MOST_KINDS_NAMED else ""
    message = f"resources that Attune does not read: {', '.join(named[:MOST_KINDS_NAMED])}{more}"
    fix = "They hold nothing that a table needs."
    collector.add_warning("fhir-kind-not-read", "", message, fix)


FHIR = Preset(
    name="fhir",
    label="FHIR R4",
    read=read_fhir_table,
    recognize=is_fhir_file,
    description="Reads the resources of all NDJSON and JSON files of the folder, also in Bundles, and fills clients, "
    "therapists, wishes and visits.",
    own_headers=tuple(
        map(normalize_code, (*CLIENT_HEADERS, *THERAPIST_HEADERS, *VISIT_HEADERS, WISH_CLIENT, *WISH_KEYS.values()))
    ),
    reads_files_together=True,
)
