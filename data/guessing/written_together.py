"""Codes of weekly times that a program writes as one word, such as `monam`, become words that are read as times."""

from __future__ import annotations

from dataclasses import replace

from attune_fit.data.cell_parsing import SET_SEPARATOR
from attune_fit.data.guessing.folder_survey import SurveyedFile
from attune_fit.data.reading.columns.weekly_times import read_times

MIN_CODES = 3  # of one question; fewer can be something else
MIN_LETTERS = 2  # of a day and of a time


def split_times(file: SurveyedFile) -> SurveyedFile:
    """Return an export with the words of weekly times in place of codes that are written as one word.

    Its ``export`` keeps the codes with their words, which are a line of ``clinic.toml``. A question with a code that is
    none stays as it is.
    """
    if file.export is None:
        return file
    cells, codes = file.cells, dict[str, dict[str, str]]()
    for header in file.headers:
        evidence = file.get_evidence(header)
        members = sorted({one for text in evidence.counts for one in text.split(SET_SEPARATOR)})
        words = {one: split_time_code(one) for one in members}
        if len(words) < MIN_CODES or not all(words.values()):
            continue
        codes[header] = words
        joined = {text: SET_SEPARATOR.join(words[one] for one in text.split(SET_SEPARATOR)) for text in evidence.counts}
        cells = cells.assign(**{header: cells[header].map(joined)})
    if not codes:
        return file
    return replace(file, cells=cells, export=replace(file.export, codes=codes), _evidence={})


def split_time_code(code: str) -> str:
    """Return a weekly time with a hyphen between the day and the time; empty text for any other code.

    >>> split_time_code("monam"), split_time_code("vrochtend"), split_time_code("monday"), split_time_code("SQ001")
    ('mon-am', 'vr-ochtend', '', '')
    """
    if not code.isalnum() or read_times([code]).is_complete:
        return ""
    for place in range(MIN_LETTERS, len(code) - MIN_LETTERS + 1):
        words = f"{code[:place]}-{code[place:]}"
        found = read_times([words])
        if found.is_complete and len(found.codes) == 1:
            return words
    return ""
