"""Tables that a REDCap project can be: people by record, and ratings by each form that repeats or has items."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from attune_fit.data.clinic.columns import TABLE_ID_COLUMNS
from attune_fit.data.clinic.mapping_config import TableMapping
from attune_fit.data.fault_collector import FaultCollector
from attune_fit.data.formats.redcap_companions import list_redcap_dictionaries
from attune_fit.data.guessing.export_views import View, read_view
from attune_fit.data.guessing.folder_survey import SurveyedFile
from attune_fit.data.guessing.header_scores import score_header
from attune_fit.data.guessing.numbered_headers import list_numbered_headers
from attune_fit.data.guessing.words.english_person_headers import ENGLISH_PERSON_HEADERS
from attune_fit.data.reading.presets.preset_list import PRESETS
from attune_fit.data.reading.presets.redcap.redcap_eav import list_fields
from attune_fit.data.reading.presets.redcap.redcap_files import read_dictionary, read_records
from attune_fit.data.reading.presets.redcap.redcap_layout import RedcapLayout, read_layout
from attune_fit.data.reading.rows.shared_grids import SharedGrids

SEVERAL = "redcap-several-dictionaries"
MIN_ITEMS = 3
MIN_THERAPIST_WORDS = 0.5  # score of a header of another form that is kept: it can name the therapist
THERAPIST_WORDS = ENGLISH_PERSON_HEADERS["therapist_id"]
KEYS = frozenset((  # headers of REDCap itself; the last one is often the therapist
    *("redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance", "redcap_session"),
    "redcap_data_access_group",
))  # fmt: skip


def read_redcap_views(folder: Path, path: Path) -> list[View]:
    """Return a project as each table that it can be: its records as people, and each form as ratings.

    Parameters
    ----------
    folder : Path
        The folder, with the data dictionary where there is one.
    path : Path
        The records.
    """
    grids = SharedGrids()
    keys = _choose_dictionary(folder, path, grids)
    mapping = TableMapping.model_validate({"file": path.name, "source": "redcap", **keys})
    layout = read_layout(folder, "clients", mapping, grids)
    read = partial(read_view, folder, PRESETS["redcap"], path.name, grids=grids)
    if layout is None:
        return [read("clients", keys, {})]  # with the reason
    views = [_read_coded(read, table, keys, layout.labels) for table in TABLE_ID_COLUMNS]
    for form in layout.list_forms():
        view = _read_coded(read, "outcomes", {**keys, "form": form}, layout.labels)
        views.append(view if view.file is None else View(_keep_form(view.file, form, layout)))
    return views


def _choose_dictionary(folder: Path, path: Path, grids: SharedGrids) -> dict[str, str]:
    """Return the key that names the data dictionary where several fit the records: that with the most of its fields."""
    mapping, collector = TableMapping(file=path.name), FaultCollector("clients")
    grid = read_records(folder, "clients", mapping, collector, grids)
    if grid is None:
        return {}
    headers = list_fields(grid)
    read_dictionary(folder, mapping, headers, collector)
    if all(fault.id != SEVERAL for fault in collector.faults):
        return {}
    shares = {}
    for one in list_redcap_dictionaries(folder):
        named = mapping.model_copy(update={"dictionary": one.name})
        found = read_dictionary(folder, named, headers, FaultCollector("clients"))
        names = [] if found is None else [field.name for field in found.fields]
        known = [name for name in names if any(header.partition("___")[0] == name for header in headers)]
        shares[one.name] = len(known) / max(len(names), 1)
    return {"dictionary": max(shares, key=lambda name: shares[name])}


def _read_coded(read: Callable[..., View], table: str, keys: dict[str, Any], labels: dict[str, str]) -> View:
    """Return one view; items have numbers, as they are read where a line names them, and other choices have labels."""
    view = read(table, keys, labels)
    if view.file is None:
        return view
    coded = read(table, {**keys, "labels": False}, labels)
    return view if coded.file is None else View(_use_numbers(view.file, coded.file))


def _use_numbers(file: SurveyedFile, coded: SurveyedFile) -> SurveyedFile:
    """Return the file with the codes of items where these are numbers."""
    cells = file.cells
    for numbered in list_numbered_headers(file.headers).values():
        headers = [header for header in numbered.values() if header in coded.headers]
        columns = [coded.get_evidence(header) for header in headers]
        if len(headers) >= MIN_ITEMS and all(column.number_share == 1.0 or not column.n_known for column in columns):
            cells = cells.assign(**{header: coded.cells[header] for header in headers})
    return file if cells is file.cells else replace(file, cells=cells, _evidence={})


def _keep_form(file: SurveyedFile, form: str, layout: RedcapLayout) -> SurveyedFile:
    """Return the rows of one form with its own headers, the ids, and headers of other forms that name a therapist."""
    kept = [
        header for header in file.headers
        if layout.forms.get(header, form) == form or header in KEYS or header == layout.record
        or any(score_header(name, THERAPIST_WORDS) >= MIN_THERAPIST_WORDS for name in file.list_names(header))
    ]  # fmt: skip
    return replace(file, cells=file.cells[kept], _evidence={})
