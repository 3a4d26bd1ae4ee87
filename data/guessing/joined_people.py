"""Further files with one row for each client or therapist, whose columns belong to those of the table's own file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.columns import TABLE_ID_COLUMNS
from attune_fit.data.guessing.column_scores import choose_columns, score_columns
from attune_fit.data.guessing.folder_survey import SurveyedFile
from attune_fit.data.guessing.summed_items import find_item_sums
from attune_fit.data.guessing.table_roles import TableRole, find_link

LAYOUT_DEFAULTS = {"encoding": "utf-8", "separator": ","}  # that a join inherits from its table where it has no own
MIN_JOINED_COLUMNS = 2


def join_people(role: TableRole, files: Sequence[SurveyedFile]) -> TableRole:
    """Return the table with the columns of each file that has its ids, once each, and a column that it lacks.

    Parameters
    ----------
    role : TableRole
        Clients or therapists.
    files : sequence of SurveyedFile
        Files that are no table. One that is read with another decimal mark is left alone, and so is one with a header
        that the table has too.
    """
    for file in files:
        key = find_link(file, role)
        if key is None or file.others or not _adds_column(role, file, key):
            continue
        headers = [header for header in file.headers if header != key]
        own = {normalize_code(header) for header in role.file.headers}
        same_decimal = file.keys.get("decimal", ".") == role.file.keys.get("decimal", ".")
        has_numbers_with_marks = not same_decimal and any("decimal" in one.keys for one in (file, role.file))
        if own & set(map(normalize_code, headers)) or has_numbers_with_marks:
            continue
        role = replace(role, file=_join_cells(role, file, key, headers))
    return role


def _adds_column(role: TableRole, file: SurveyedFile, key: str) -> bool:
    """Return whether a file has one row for each id, and a column of the table that its own file lacks."""
    ids = file.get_evidence(key)
    if ids.distinct_share < 1.0 or ids.n_known < len(file.cells):
        return False
    headers = [header for header in file.headers if header != key]
    found = choose_columns(score_columns(role.table, file, headers)).keys() | find_item_sums(role.table, file).keys()
    known = choose_columns(score_columns(role.table, role.file)).keys() | set(TABLE_ID_COLUMNS.values())
    is_member_list = len(file.headers) == MIN_JOINED_COLUMNS and file.get_evidence(headers[0]).number_share < 0.5
    return bool(found - known) and not is_member_list


def _join_cells(role: TableRole, file: SurveyedFile, key: str, headers: list[str]) -> SurveyedFile:
    """Return the table's file with the columns of another one."""
    own_key = role.ids[TABLE_ID_COLUMNS[role.table]].header
    more = file.cells.loc[:, [key, *headers]].set_axis(["", *headers], axis=1)
    ids = role.file.cells[[own_key]].apply(lambda column: column.map(normalize_code, na_action="ignore"))
    more[""] = more[""].map(normalize_code, na_action="ignore")
    cells = ids.merge(more, how="left", left_on=own_key, right_on="").set_axis(role.file.cells.index)
    joined: dict[str, Any] = {"file": file.name, "key": key}
    for name in ("encoding", "separator", "sheet", "header_row"):
        default = LAYOUT_DEFAULTS.get(name)
        value = file.keys.get(name, default)
        inherited = role.file.keys.get(name, default) if name in LAYOUT_DEFAULTS else None
        joined |= {name: value} if value != inherited else {}
    return replace(
        role.file,
        cells=role.file.cells.join(cells[headers]),
        joined=(*role.file.joined, joined),
        endings={**role.file.endings, **file.endings},
        _evidence={},
    )
