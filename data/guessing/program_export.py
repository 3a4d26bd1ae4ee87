"""A file that a program wrote: what its preset fills and drops, and the questions above its headers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from attune_fit.data.clinic.columns import TABLE_ID_COLUMNS
from attune_fit.data.clinic.mapping_config import ColumnMapping
from attune_fit.data.reading.presets.preset import Preset

MIN_SAME_LETTERS = 6  # at the beginning of the texts of one question's parts, such as `PHQ-9, item 1`

_LIMESURVEY_CODE = re.compile(r"(?:sq|ao)\d{2,4}|a\d{1,2}", re.IGNORECASE)  # of a choice without a code of the clinic


@dataclass(frozen=True)
class ProgramExport:
    """How a preset read a file as one table.

    Attributes
    ----------
    preset : Preset
        The preset.
    table : str
        The canonical table that it was read as. The cells are those of no other table.
    columns : dict of str to ColumnMapping
        Lines of columns that the preset fills.
    keys : dict
        Other keys of the table that it fills.
    dropped : tuple of str
        Headers that identify people, which the cells do not have.
    codes : dict of str to dict
        Codes of the program with their words, by header: the cells have the words.
    named_id : str
        The header that an answer names as the id of each person; empty without one.
    questions : dict of str to str
        What people read above the cells, by header; a header that is the question itself is not in it.
    """

    preset: Preset
    table: str
    columns: dict[str, ColumnMapping] = field(default_factory=dict)
    keys: dict[str, Any] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    questions: dict[str, str] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    named_id: str = ""

    def is_one_question(self, headers: Sequence[str]) -> bool:
        """Return whether numbered headers can be parts of one question: those of several are numbered too.

        The parts of one question begin with the same text.
        """
        texts = [self.questions.get(header, "") for header in headers]
        same = takewhile(lambda letters: len(set(letters)) == 1, zip(*texts, strict=False))
        return not all(texts) or sum(1 for _ in same) >= MIN_SAME_LETTERS

    def is_own_header(self, header: str) -> bool:
        """Return whether the program added a header, so that it is no question of the clinic."""
        return self.preset.is_own_header(header)

    def shares_files_with(self, other: ProgramExport) -> bool:
        """Return whether two tables can come from the same files: of REDCap, one of people and any others."""
        are_people = {self.table, other.table} == TABLE_ID_COLUMNS.keys()
        is_one_form = self.table == other.table and self.table != "outcomes"
        return self.preset.name == "fhir" or (self.preset.name == "redcap" and not are_people and not is_one_form)

    def find_id(self, table: str) -> str | None:
        """Return the header that the preset fills with the ids of a table of people; None where it fills none."""
        column = self.columns.get(TABLE_ID_COLUMNS[table])
        return None if column is None else column.header

    @property
    def person_id(self) -> str | None:
        """The header that is the id of each person for sure: a named one, or that of REDCap's records or of FHIR."""
        if self.named_id:
            return self.named_id
        column = self.columns.get(TABLE_ID_COLUMNS.get(self.table, "client_id"))
        is_sure = self.preset.name == "fhir" or (self.preset.name == "redcap" and self.table != "therapists")
        return column.header if column is not None and is_sure else None

    @property
    def has_contact_date(self) -> bool:
        """Whether a date of intake can be that of the first contact; records of care and of research begin later."""
        return self.preset.name not in ("fhir", "redcap")

    @property
    def set_separator(self) -> str | None:
        """The mark between members of a set, where the preset fills it."""
        mark = self.keys.get("set_separator")
        return None if mark is None else str(mark)

    def fills(self, column: str, header: str) -> bool:
        """Return whether the preset reads a column from a header without a line of ``clinic.toml``."""
        return column in self.columns and self.columns[column].header == header

    def is_bare_code(self, text: str) -> bool:
        """Return whether a code is one that the program made, whose words are not in the file."""
        return self.preset.name == "limesurvey" and _LIMESURVEY_CODE.fullmatch(text) is not None

    def find_date_form(self, header: str) -> str | None:
        """Return the date form that the preset knows of a header; empty for ISO 8601, None where it knows none."""
        known = [one.dates for one in self.columns.values() if one.header == header]
        return None if not known else known[0] or ""
