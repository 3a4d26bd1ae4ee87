"""The preset of SurveyMonkey: two header rows, the question and its choice, with a column for each choice."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from attune_fit.data.cell_parsing import normalize_code, normalize_text
from attune_fit.data.reading.presets.checkbox_columns import (
    OTHER,
    is_unmarked_question,
    join_choices,
    replace_columns,
)
from attune_fit.data.reading.presets.form_files import (
    ADDRESSES,
    NAMES,
    add_foreign_export_error,
    drop_people,
    fill_answer_date,
    fill_person_id,
    has_headers,
    list_mapped_headers,
    read_first_row,
    read_form_file,
    report_limits_in_own_words,
)
from attune_fit.data.reading.presets.preset import Preset, PresetInput, PresetTable, drop_identifying_columns

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.data.clinic.mapping_config import TableMapping
    from attune_fit.data.fault_collector import FaultCollector

NEEDED = (("respondent id",), ("collector id",))
DATES = ("end date", "start date", "date modified", "date created")
IDS = ("custom data 1", "custom data", *NEEDED[0])
ANSWERS = frozenset({"response", "open-ended response"})  # what is below a question with one column
CONTACT = ("address 2", "zip/postal code", "company")  # of a question about the address, besides names


class ChoiceColumn(NamedTuple):
    """A column of the export: its question, and what the second row has below it; empty text for nothing."""

    question: str
    choice: str

    @property
    def header(self) -> str:
        """The two rows as one header."""
        is_answer = normalize_code(self.choice) in ANSWERS
        return self.question if is_answer else f"{self.question} {self.choice}".strip()

    @property
    def is_other(self) -> bool:
        """Whether people write an answer in their own words."""
        return normalize_code(self.choice).startswith("other")


def read_surveymonkey(
    source: PresetInput, table: str, mapping: TableMapping, collector: FaultCollector
) -> PresetTable | None:
    """Return the responses under one header each; checkboxes are one set, under the question."""
    found = read_form_file(source.folder, table, mapping, collector)
    if found is None:
        return None
    first = [normalize_text(cell) for cell in found.grid.iloc[0]] if len(found.grid) else []
    if not has_headers(first, NEEDED) or len(found.grid) < 2:
        add_foreign_export_error("SurveyMonkey", NEEDED, table, collector)
        return None
    second = dict(zip(map(normalize_code, first), found.grid.iloc[1], strict=True))
    if any(second[header].strip() for (header,) in NEEDED):  # an answer: its cells are no headers
        message = "the second row of headers, with the choices of each question, is not there"
        fix = f"Export it again as it is, or remove `source` under [tables.{table}] and map the columns yourself."
        collector.add_error("surveymonkey-without-choices", "", message, fix)
        return None
    columns = _list_columns(first, [normalize_text(cell) for cell in found.grid.iloc[1]])
    cells = found.grid.iloc[2:].set_axis([column.header for column in columns], axis=1)
    contact = [one.header for one in columns if one.choice and normalize_code(one.choice) in _list_contact(table)]
    ids = fill_person_id(cells, IDS, table)
    cells = _join_checkboxes(cells, columns, ids, mapping, collector)
    cells, dropped = drop_people(cells, table, mapping)
    cells, more = drop_identifying_columns(cells, contact, table, mapping)
    lines = {**ids,
             **fill_answer_date(cells, DATES, table, mapping, "SurveyMonkey", collector)}  # fmt: skip
    return PresetTable(cells, lines, dict(found.keys), (*dropped, *more))


def is_surveymonkey_export(path: Path) -> bool:
    """Return whether a file has the first headers that SurveyMonkey writes."""
    return has_headers(read_first_row(path), NEEDED)


def _list_contact(table: str) -> tuple[str, ...]:
    """Return the choices below a question about names and addresses."""
    return (*ADDRESSES, *CONTACT, *(() if table == "therapists" else NAMES))


def _list_columns(questions: list[str], choices: list[str]) -> list[ChoiceColumn]:
    """Return the columns; an empty cell of the first row continues the question to its left."""
    columns, left = [], ""
    for question, choice in zip(questions, choices, strict=True):
        left = question or left
        columns.append(ChoiceColumn(left, choice))
    return columns


def _join_checkboxes(
    cells: pd.DataFrame,
    columns: list[ChoiceColumn],
    ids: Mapping[str, str],
    mapping: TableMapping,
    collector: FaultCollector,
) -> pd.DataFrame:
    """Return the cells with one column for each question with several answers, unless the clinic names its columns."""
    mapped = list_mapped_headers(cells, mapping)
    questions: dict[str, list[ChoiceColumn]] = {}
    for column in columns:
        questions.setdefault(column.question, []).append(column)
    for question, group in questions.items():
        headers = [column.header for column in group]
        choices = {column.header: OTHER if column.is_other else column.choice for column in group}
        is_one_group = len(headers) == len(choices) > 1 and cells.columns.isin(headers).sum() == len(headers)
        if not is_one_group or not mapped.isdisjoint(headers):
            continue
        if _is_checkbox(cells, choices) or is_unmarked_question(cells, headers, question, mapping):
            for header in (header for header, choice in choices.items() if choice == OTHER):
                report_limits_in_own_words(cells, header, question, ids, mapping, collector)
            cells = replace_columns(cells, headers, question, join_choices(cells, choices))
    return cells


def _is_checkbox(cells: pd.DataFrame, choices: dict[str, str]) -> bool:
    """Return whether each cell repeats the choice above it: an answer to a row of a matrix does not.

    SurveyMonkey writes the text of the choice, or its number where values are exported as numbers.
    """
    own = {header: choice for header, choice in choices.items() if choice != OTHER}
    known = {header: set(map(normalize_code, cells[header])) - {""} for header in own}
    repeats = all(known[header] <= {normalize_code(choice)} for header, choice in own.items())
    numbered = all(known[header] <= {str(number)} for number, header in enumerate(own, start=1))
    return len(own) > 1 and any(known.values()) and (repeats or numbered)


SURVEYMONKEY = Preset(
    "surveymonkey", "SurveyMonkey", read_surveymonkey, is_surveymonkey_export,
    "All responses of SurveyMonkey: its two header rows become one header, checkboxes are a set, and custom data or "
    "the respondent is the id.",
    own_headers=(*DATES, *IDS, "collector id", "ip address", "email address", "first name", "last name"),
)  # fmt: skip
