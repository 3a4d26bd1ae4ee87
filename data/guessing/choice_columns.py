"""Columns with one choice of a question each, such as `Languages [English]`, as form programs write check boxes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from typing import NamedTuple

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.guessing.cell_evidence import MIN_ROWS_SHOWN, WEEKDAY
from attune_fit.data.guessing.column_scores import MOSTLY, POSSIBLE, SURE, score_header_words
from attune_fit.data.guessing.folder_survey import SurveyedFile

MIN_CHOICES = 2
_CHOICE = re.compile(r"(?P<before>.*\S)\s*\[(?P<choice>[^\[\]]+)\]|(?P<start>.*\S)(?P<mark>: | - )(?P<name>[^:]+)")
_NUMBERED = re.compile(r"[A-Z]{0,3}\d+", re.IGNORECASE)  # such as `SQ001`: a choice without its words


class ChoiceGroup(NamedTuple):
    """The columns of one question.

    Attributes
    ----------
    column : str
        The canonical column; empty where none is likely.
    pattern : str
        The headers, with ``*`` for the choice.
    headers : tuple of str
        The headers.
    choices : Counter of str
        The choices as codes. They are no cells, so each counts as one that is in enough rows.
    is_sure : bool
        Whether the question is the words of the column, and the choices have their words.
    """

    column: str
    pattern: str
    headers: tuple[str, ...]
    choices: Counter[str]
    is_sure: bool


def find_choice_groups(table: str, file: SurveyedFile, done: Collection[str]) -> list[ChoiceGroup]:
    """Return the groups of columns that have one question in common, with a mark for yes or no in each cell.

    Parameters
    ----------
    table : str
        The canonical table.
    file : SurveyedFile
        Its file. Headers with a day of the week are weekly slots, and no choices here.
    done : collection of str
        Headers that are something else.
    """
    groups: dict[str, dict[str, str]] = {}
    for header in file.headers:
        match = _CHOICE.fullmatch(header) if header not in done and not WEEKDAY.search(header) else None
        if match and file.get_evidence(header).mark_share >= MOSTLY:
            before, choice = match["before"] or match["start"], match["choice"] or match["name"]
            pattern = header.replace(choice, "*", 1) if header.count(choice) == 1 else ""
            if pattern:
                groups.setdefault(pattern.replace("*", "\0"), {})[header] = f"{before}\0{choice}"
    found = []
    sets = [name for name, column in list_columns(table).items() if column.kind == "set" and name != "availability"]
    for pattern, members in groups.items():
        if len(members) < MIN_CHOICES:
            continue
        before = next(iter(members.values())).partition("\0")[0]
        scores = {name: score_header_words(table, name, before) for name in sets}
        best = max(scores, key=lambda name: scores[name], default="")
        names = [member.partition("\0")[2] for member in members.values()]
        has_words = not any(map(_NUMBERED.fullmatch, names))
        choices = Counter(dict.fromkeys(map(normalize_code, names), MIN_ROWS_SHOWN))
        column = best if best and scores[best] >= POSSIBLE else ""
        is_sure = bool(column) and scores[column] >= SURE and has_words
        found.append(ChoiceGroup(column, pattern.replace("\0", "*"), tuple(members), choices, is_sure))
    return found
