"""Second files: a list with one row for each member of a set becomes a column of the people that it names."""

from __future__ import annotations

from collections.abc import Iterable

from attune_fit.data.guessing.column_guesses import TableGuess
from attune_fit.data.guessing.folder_survey import SurveyedFile
from attune_fit.data.guessing.header_scores import list_words
from attune_fit.data.guessing.table_roles import find_link

KEYS_OF_ITS_OWN = frozenset(("sheet", "header_row"))
N_COLUMNS = 2  # the id and the member


def add_member_files(table: TableGuess, files: Iterable[SurveyedFile]) -> None:
    """Add a column for each other file of two columns, of which one names people of this table.

    Parameters
    ----------
    table : TableGuess
        Clients or therapists. Its ``columns`` and ``guesses`` get the lines.
    files : iterable of SurveyedFile
        Files that are no table of their own. One that is read otherwise than the table's file is left alone.
    """
    for file in files:
        key = find_link(file, table.role)
        others = [header for header in file.headers if header != key]
        layouts = [{name: value for name, value in one.keys.items() if name not in KEYS_OF_ITS_OWN}
                   for one in (file, table.role.file)]  # fmt: skip
        if key is None or len(file.headers) != N_COLUMNS or layouts[0] != layouts[1] or "header_row" in file.keys:
            continue
        evidence = file.get_evidence(others[0])
        if evidence.date_forms or evidence.number_share > 0.5 or not evidence.has_code_lengths:
            continue
        name = "_".join(list_words(others[0]))
        if name in table.columns or name in table.role.file.headers:
            continue
        sheet = {"sheet": file.keys["sheet"]} if "sheet" in file.keys else {}
        value = {"file": file.name, **sheet, "key": key, "from": others[0]}
        table.columns[name] = value
        reason = "one row for each member, with ids of this table"
        table.add(name, f"{file.place}, {others[0]}", "sure", 1.0, reason, value)
