"""Files of one layout, such as one for each year, become one table; copies of a file do not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from attune_fit.data.clinic.columns import TABLE_ID_COLUMNS
from attune_fit.data.formats.table_formats import find_suffix
from attune_fit.data.guessing.column_scores import score_header_words
from attune_fit.data.guessing.folder_survey import SurveyedFile
from attune_fit.data.guessing.guess import Ask, Question
from attune_fit.data.guessing.header_scores import list_words

ALL_ROWS = 0.95  # share of the rows of a file that makes it a part of another one
SHARES_PEOPLE = "has people or rows of"
SURE_ID = 0.9  # score of a header that is an id for sure
MIN_ID_WORDS = 0.5  # score of a header of ids
MAX_NUMBERS = 0.5  # share of numbers in a column of other ids
MIN_HEADERS = 3  # fewer can be the same by chance
MAX_SAME_ROWS = 0.1  # share of the rows of a file that another one has too: above it, they are versions of one file
MAX_SAME_PEOPLE = 0.5  # the same for the cells of a column that names each row once
_MONTHS = (  # how names of months begin, and quarters
    *(
        "jan",
        "feb",
        "mar",
        "m\u00e4r",
        "apr",
        "may",
        "mai",
        "jun",
        "jul",
        "aug",
        "sep",
        "oct",
        "okt",
        "nov",
        "dec",
        "dez",
    ),
    *("ene", "abr", "ago", "dic", "f\u00e9v", "avr", "juin", "juil", "ao\u00fbt", "q1", "q2", "q3", "q4"),
)
_MONTH = re.compile(rf"(?<![^\W\d_])(?:{'|'.join(_MONTHS)})[^\W\d_]*", re.IGNORECASE)


def merge_files(files: Sequence[SurveyedFile], ask: Ask) -> tuple[list[SurveyedFile], dict[str, str]]:
    """Put files with the same headers, that are read in the same way, below one another.

    Parameters
    ----------
    files : sequence of SurveyedFile
        Every file and sheet of the folder.
    ask : callable
        Answers what is not sure, or None: files whose names differ by more than a number or a month are asked about.

    Returns
    -------
    (list of SurveyedFile, dict of str to str)
        The files, each stack as one; and those that are versions of another, with the reason.
    """
    groups: dict[tuple[object, ...], list[SurveyedFile]] = {}
    for file in files:
        groups.setdefault(_describe_layout(file), []).append(file)
    found, versions = list[SurveyedFile](), dict[str, str]()
    for group in groups.values():
        if len(group) < 2 or len(group[0].headers) < MIN_HEADERS:
            found += group
        elif _have_same_rows(group):
            last = max(group, key=lambda file: (_list_numbers(file), file.place))
            found.append(last)
            versions |= {one.place: _explain_version(one, last) for one in group if one is not last}
        elif _have_like_names(group) or _ask_stack(group, ask):
            found.append(_join(group))
        else:
            found += group
    return found, versions


def list_like_files(files: Sequence[SurveyedFile], used: Sequence[SurveyedFile]) -> dict[str, str]:
    """Return the files that no table uses and that have the headers of one that a table uses, with the reason."""
    layouts = {_describe_layout(file): file.place for file in used}
    others = [file for file in files if all(file is not one for one in used) and len(file.headers) >= MIN_HEADERS]
    return {
        file.place: f"it has the headers of {layouts[_describe_layout(file)]}. If both are one table, write `files`"
        for file in others
        if _describe_layout(file) in layouts
    }


def _explain_version(file: SurveyedFile, last: SurveyedFile) -> str:
    """Return why a file is not read next to a later one with rows or people of it."""
    if _measure_same_rows(file, last) >= ALL_ROWS and len(file.cells) <= len(last.cells):
        return f"its rows are in {last.place} too"
    return f"it {SHARES_PEOPLE} {last.place}, and other rows. Check that the one that is read is complete"


def _describe_layout(file: SurveyedFile) -> tuple[object, ...]:
    """Return what files have in common whose rows can be one table."""
    keys = tuple(sorted((key, str(value)) for key, value in file.keys.items() if key != "sheet"))
    place = file.name if "sheet" in file.keys else find_suffix(Path(file.name))
    table = "" if file.export is None else file.export.table
    return (place, table, keys, tuple(map(list_words, file.headers)))


def _have_same_rows(group: Sequence[SurveyedFile]) -> bool:
    """Return whether any file has rows, or people, of another one: then it is a version or a copy of it."""
    for number, file in enumerate(group):
        for other in group[:number]:
            if _measure_same_rows(file, other) > MAX_SAME_ROWS or _measure_same_people(file, other) > MAX_SAME_PEOPLE:
                return True
    return False


def _measure_same_rows(file: SurveyedFile, other: SurveyedFile) -> float:
    """Return the share of the rows of the smaller file that the other one has too."""
    rows = [set(map(tuple, one.cells.fillna("").to_numpy(dtype=object))) for one in (file, other)]
    return len(rows[0] & rows[1]) / max(min(map(len, rows)), 1)


def _measure_same_people(file: SurveyedFile, other: SurveyedFile) -> float:
    """Return the largest share of cells that both files have, of columns that name each row once.

    0 for files with clients and therapists: forms of two months can be about the same people.
    """
    shares = [0.0]
    scores = {
        header: [score_header_words("outcomes", name, header) for name in TABLE_ID_COLUMNS.values()]
        for header in file.headers
    }
    if all(max(column) >= SURE_ID for column in zip(*scores.values(), strict=True)):
        return 0.0
    for header in filter(file.headers.__contains__, other.headers):
        columns = [one.get_evidence(header) for one in (file, other)]
        is_id = max(scores[header]) >= MIN_ID_WORDS
        if not is_id and any(column.number_share > MAX_NUMBERS for column in columns):
            continue  # a score can be another one in each row too
        if all(one.distinct_share == 1 and not one.date_forms and not one.is_counter for one in columns):
            known = [set(one.counts) for one in columns]
            shares.append(len(known[0] & known[1]) / min(map(len, known)))
    return max(shares)


def _list_numbers(file: SurveyedFile) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", f"{file.name} {file.keys.get('sheet', '')}")]


def _have_like_names(group: Sequence[SurveyedFile]) -> bool:
    """Return whether the names differ by numbers and months alone."""
    names = {re.sub(r"[\W\d_]+", "", _MONTH.sub("", str(file.keys.get("sheet", file.name)))) for file in group}
    return len({name.casefold() for name in names}) == 1


def _ask_stack(group: Sequence[SurveyedFile], ask: Ask) -> bool:
    places = ", ".join(file.place for file in group)
    text = "These files have the same headers. Are they one table, one below the other?"
    return ask(Question(places, text, ("yes", "no"), "each is looked at alone")) == "yes"


def _join(group: Sequence[SurveyedFile]) -> SurveyedFile:
    """Return files, or sheets in the order of the workbook, as one with the rows of all."""
    cells = pd.concat([file.cells for file in group], ignore_index=True)
    others = tuple(str(file.keys.get("sheet", file.name)) for file in group[1:])
    return replace(group[0], cells=cells, others=others, _evidence={})
