"""The preset of LimeSurvey: responses with the code or the text of each question as header."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from attune_fit.data.cell_parsing import normalize_code, normalize_text
from attune_fit.data.reading.presets.checkbox_columns import (
    HIDDEN,
    OTHER,
    find_hidden_rows,
    has_checkbox_marks,
    is_marked,
    is_unmarked_question,
    join_choices,
    replace_columns,
)
from attune_fit.data.reading.presets.form_files import (
    add_foreign_export_error,
    drop_people,
    fill_answer_date,
    fill_person_id,
    has_headers,
    is_limit_question,
    list_mapped_headers,
    read_first_row,
    read_form_file,
    report_limits_in_own_words,
    select_cells,
)
from attune_fit.data.reading.presets.preset import Preset, PresetInput, PresetTable
from attune_fit.data.reading.rows.header_match import find_header

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import TableMapping
    from attune_fit.data.fault_collector import FaultCollector

NEEDED = (("id", "response id", "antwort id", "id de la r\u00e9ponse", "id de respuesta"),
          ("lastpage", "last page", "letzte seite", "derni\u00e8re page", "\u00faltima p\u00e1gina"))  # fmt: skip
SUBMITTED = ("submitdate", "date submitted", "datum abgeschickt", "date de soumission", "fecha de env\u00edo")
DATES = (*SUBMITTED, "datestamp", "date last action", "startdate", "date started")
IDS = ("token", "access code", *NEEDED[0])
DROPPED = frozenset({"refurl", "referrer url"})  # can hold what an address passed on
NO_DATE = "1980-01-01"  # what LimeSurvey writes as the date of each response of an anonymous survey
_CHOICE = re.compile(r"(.+?)\s*\[([^\[\]]+)\]")  # the code or text of a question, then of its choice


def read_limesurvey(
    source: PresetInput, table: str, mapping: TableMapping, collector: FaultCollector
) -> PresetTable | None:
    """Return the responses of a survey; checkboxes are one set, and responses without an end are reported."""
    found = read_form_file(source.folder, table, mapping, collector)
    if found is None:
        return None
    headers = [normalize_text(cell) for cell in found.grid.iloc[0]] if len(found.grid) else []
    if not has_headers(headers, NEEDED):
        add_foreign_export_error("LimeSurvey", NEEDED, table, collector)
        return None
    cells = found.grid.iloc[1:].set_axis(headers, axis=1)
    cells = cells.loc[:, [normalize_code(header) not in DROPPED for header in headers]]
    ids = fill_person_id(cells, IDS, table)
    _report_incomplete_responses(cells, ids, table, mapping, collector)
    cells = _mask_anonymous_dates(cells)
    cells, dropped = drop_people(_join_checkboxes(cells, ids, mapping, collector), table, mapping)
    dates = fill_answer_date(cells, DATES, table, mapping, "LimeSurvey", collector)
    return PresetTable(cells, {**ids, **dates}, dict(found.keys), dropped)


def is_limesurvey_export(path: Path) -> bool:
    """Return whether a file has the first headers that LimeSurvey writes."""
    return has_headers(read_first_row(path), NEEDED)


def _report_incomplete_responses(
    cells: pd.DataFrame, ids: Mapping[str, str], table: str, mapping: TableMapping, collector: FaultCollector
) -> None:
    """Add a fault about responses without an end: a therapist's limits may be among the questions that came later."""
    header = next(filter(None, (find_header(cells, one) for one in SUBMITTED)), None)
    is_open = pd.Series(False, index=cells.index) if header is None else select_cells(cells, header) == ""
    if header is None or not is_open.any():
        return
    message = "responses that were not submitted"
    id_header = find_header(cells, mapping.get_header("therapist_id"))  # before what the preset would fill
    named = ids.get("therapist_id") if id_header is None else id_header
    if table == "therapists" and named is not None:
        people = [normalize_text(one) for one in select_cells(cells, named)[is_open]]
        fix = "Attune offers these therapists to no client: let them submit, or export completed responses only."
        collector.add_set_aside("incomplete-roster-response", header, message, fix, cells.index[is_open], people)
        return
    fix = "Attune reads what was answered. To leave them out, export completed responses only."
    collector.add_warning("incomplete-response", header, message, fix, cells.index[is_open])


def _mask_anonymous_dates(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the cells without the date that all responses of an anonymous survey have."""
    columns = [
        column.mask(column.str.startswith(NO_DATE), "") if normalize_code(str(header)) in DATES else column
        for header, column in cells.items()
    ]
    masked = pd.DataFrame(dict(enumerate(columns)), index=cells.index)
    return masked.set_axis(cells.columns, axis=1)


def _join_checkboxes(
    cells: pd.DataFrame, ids: Mapping[str, str], mapping: TableMapping, collector: FaultCollector
) -> pd.DataFrame:
    """Return the cells with one column for each question with several answers, unless the clinic names its columns."""
    mapped = list_mapped_headers(cells, mapping)
    for question, choices in list(_list_questions(cells)):
        marks = [header for header, choice in choices.items() if choice != OTHER]
        is_checkbox = has_checkbox_marks(cells, marks) or is_unmarked_question(cells, marks, question, mapping)
        if marks and mapped.isdisjoint(choices) and is_checkbox:
            for header in choices.keys() - set(marks):
                report_limits_in_own_words(cells, header, question, ids, mapping, collector)
            joined = join_choices(cells, choices, is_marked)
            if is_limit_question(question, mapping, collector.table):  # a limit that was not asked for is not known
                joined = joined.mask(find_hidden_rows(cells, list(choices)), HIDDEN)
            cells = replace_columns(cells, list(choices), question, joined)
    return cells


def _list_questions(cells: pd.DataFrame) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each question with several columns, with the choice of each header."""
    questions: dict[str, dict[str, str]] = {}
    for header in map(str, cells.columns):
        found = _CHOICE.fullmatch(header)
        if found is not None and not found[2].endswith("comment"):
            questions.setdefault(found[1], {})[header] = OTHER if normalize_code(found[2]) == OTHER else found[2]
    for one, choices in questions.items():
        if one not in cells.columns and cells.columns.isin(choices).sum() == len(choices):  # each header once
            yield one, choices


LIMESURVEY = Preset(
    "limesurvey", "LimeSurvey", read_limesurvey, is_limesurvey_export,
    "Responses of LimeSurvey: the token or the response is the id, checkboxes such as `problems[SQ001]` are the set "
    "`problems`, and responses that were not submitted are reported.",
    own_headers=(*DATES, *NEEDED[0], *NEEDED[1], "token", "access code", "seed", "startlanguage", "start language",
                 "ipaddr", "ip address", "refurl", "referrer url", "*time", "startsprache", "zufallsstartwert"),
)  # fmt: skip
