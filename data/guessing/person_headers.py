"""Forms without a header of ids: the header that identifies each person is asked, as a name is no id by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from attune_fit.data.clinic.columns import TABLE_ID_COLUMNS
from attune_fit.data.guessing.column_scores import choose_columns, score_columns
from attune_fit.data.guessing.export_views import read_view
from attune_fit.data.guessing.folder_survey import SurveyedFile
from attune_fit.data.guessing.guess import Ask, Question
from attune_fit.data.guessing.rating_guesses import find_items
from attune_fit.data.guessing.table_roles import TableRole
from attune_fit.data.guessing.written_together import split_times

MAX_NAMED = 4  # headers in one message


def choose_person_headers(
    folder: Path, files: Sequence[SurveyedFile], roles: Mapping[str, TableRole], ask: Ask
) -> list[SurveyedFile]:
    """Return the files; a form of people who are not found yet has the header as id that an answer names.

    Parameters
    ----------
    folder : Path
        The folder.
    files : sequence of SurveyedFile
        Its files, each export as each table that it can be.
    roles : mapping of str to TableRole
        The tables that are found.
    ask : callable
        Answers which of the headers that the preset left out identifies each person, or None.
    """
    found, taken = list(files), [role.file for role in roles.values()]
    for table in TABLE_ID_COLUMNS:
        form = None if table in roles else find_form_without_ids(table, found, taken)
        if form is None or form.export is None:
            continue
        text = f"No header holds ids. Which header identifies each {table.removesuffix('s')}?"
        header = ask(Question(form.place, text, form.export.dropped, "no clinic.toml is written"))
        named = _read_with_id(folder, form, header) if header in form.export.dropped else None
        if named is not None:
            found = [named if one is form else one for one in found]
            taken.append(named)
    return found


def find_form_without_ids(
    table: str, files: Sequence[SurveyedFile], taken: Sequence[SurveyedFile]
) -> SurveyedFile | None:
    """Return the form that can hold a table of people and has no header of ids but those that its preset left out.

    Of several forms it is the one with the most columns of the table. ``taken`` are files of other tables.
    """
    forms = [
        file
        for file in files
        if file.export is not None
        and file.export.dropped
        and file.export.person_id is None
        and file.can_be(table)
        and not file.others
        and find_items(file) is None  # a form of ratings names people too
        and not any(file.is_same_as(other) for other in taken)
    ]
    return max(forms, key=lambda file: _score_columns(table, file), default=None)


def describe_missing_id(table: str, form: SurveyedFile) -> str:
    """Return what to do about a form without ids: the question to answer, or the line that reads the form."""
    if form.export is None:
        return ""
    name, headers = form.export.preset.name, form.export.dropped[:MAX_NAMED]
    listed = " or ".join(f"`{header}`" for header in headers)
    line = (
        f'tables.{table} = {{ file = "{form.name}", source = "{name}", '
        f'columns = {{ {TABLE_ID_COLUMNS[table]} = "{headers[0]}" }} }}'
    )
    return (
        f"{form.place} has no header of ids. Run `attune init` without `--yes`, and name the header that identifies "
        f"each {table.removesuffix('s')}: {listed}. Or write clinic.toml with the line `{line}`."
    )


def _score_columns(table: str, file: SurveyedFile) -> float:
    return sum(one.score for one in choose_columns(score_columns(table, file)).values())


def _read_with_id(folder: Path, form: SurveyedFile, header: str) -> SurveyedFile | None:
    """Return a form whose preset keeps a header as the id; None where it cannot be read so."""
    if form.export is None:
        return None
    table, own = form.export.table, {key: value for key, value in form.keys.items() if key != "source"}
    keys = {**own, "columns": {TABLE_ID_COLUMNS[table]: header}}
    file = read_view(folder, form.export.preset, form.name, table, keys, form.export.questions).file
    if file is None or file.export is None:
        return None
    named = {key: value for key, value in file.keys.items() if key != "columns"}
    return split_times(replace(file, keys=named, export=replace(file.export, named_id=header)))
