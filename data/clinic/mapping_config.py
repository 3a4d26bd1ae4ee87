"""Mapping of a clinic's files to canonical tables: the ``[tables]`` part of ``clinic.toml``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PrivateAttr, field_validator, model_validator

from attune_fit.data.cell_parsing import THOUSANDS_MARKS, normalize_code, parse_number
from attune_fit.data.clinic.columns import Kind
from attune_fit.data.clinic.config_section import ConfigSection
from attune_fit.data.clinic.join_mapping import JoinMapping
from attune_fit.data.clinic.key_types import (
    Codes,
    DateFormat,
    DecimalMark,
    Factor,
    FileName,
    FileNames,
    Marks,
    Points,
    RowNumbers,
    SqlAddress,
    Texts,
    ThousandsMark,
    VariableName,
    normalize_keys,
)
from attune_fit.data.clinic.part_mapping import check_source_keys, merge_columns, merge_part
from attune_fit.data.clinic.row_condition import ColumnCondition
from attune_fit.data.clinic.session_headers import check_session_headers
from attune_fit.data.formats.reading_limits import MAX_COUNT, MAX_SIZE
from attune_fit.data.formats.table_formats import format_names, format_suffixes

Strength = Literal["must", "prefer", "avoid", "never"]
SourceName = Literal["redcap", "qualtrics", "limesurvey", "surveymonkey", "google_forms", "microsoft_forms", "fhir"]


def _expand_header(value: Any) -> Any:
    """Return a mapping for a header alone: it is short for ``{from = "header"}``."""
    return {"from": value} if isinstance(value, str) else value


class ColumnMapping(ConfigSection):
    """Where one column comes from and how Attune reads its cells."""

    from_: str | None = Field(
        default=None,
        alias="from",
        description="The clinic's header. In `outcomes` it can hold `{session}`: `s{session}` for `s1` to `s10`.",
    )
    birth_date: str | None = Field(
        default=None, description="Header of a birth date. Attune computes the age on `clinic.as_of`."
    )
    slots: Texts | None = Field(
        default=None,
        description="Headers with one code each, such as `avail *` for weekly slots, or a list of them. "
        "A yes in the cell adds the code, which is the text in place of `*`, or the header.",
    )
    marks: Marks = Field(
        default={}, description='With `slots`: your word in a cell = `"yes"` or `"no"`, in addition to Attune\'s.'
    )
    times: bool = Field(
        default=False,
        description="The cells, or the headers of `slots`, are weekly times in words: `Mon AM`, `Tue 9-12`.",
    )
    items: str | Texts | None = Field(
        default=None,
        description="Headers of the items of a questionnaire, with `{}` for the number as in `PHQ{}`, or a list of "
        "them. Attune adds them up; `codes` gives a number to a word.",
    )
    count: int | None = Field(
        default=None, ge=1, le=MAX_COUNT, description="With `items`: their number. Default: that of the known form."
    )
    low: float | None = Field(default=None, ge=-MAX_SIZE, le=MAX_SIZE, description="With `items`: smallest answer.")
    high: float | None = Field(default=None, ge=-MAX_SIZE, le=MAX_SIZE, description="With `items`: largest answer.")
    combine: Literal["sum", "mean"] | None = Field(
        default=None, description="With `items`: `sum` or `mean`. Default: that of the known form, else `sum`."
    )
    reversed: list[int] = Field(
        default=[], description="With `items`: numbers of items where a high answer means a low value."
    )
    file: FileName | None = Field(default=None, description="Second file with one row for each member of a set.")
    sheet: str | None = Field(default=None, description="Sheet of `file`, if that is a workbook with several.")
    key: str | None = Field(default=None, description="Header in `file` with the id of this table's row.")
    kind: Kind | None = Field(
        default=None, description="Kind of a column of your own: `code`, `set`, `number` or `date`."
    )
    codes: Codes = Field(default={}, description="Your code = Attune's code, or a list of them.")
    other: Literal["unknown", "keep"] = Field(
        default="unknown",
        description="A code that `codes` does not list is missing (`unknown`) or kept as it is (`keep`).",
    )
    missing: Texts = Field(default=[], description="Codes for a missing cell, in addition to the table's.")
    split: str | None = Field(default=None, min_length=1, description="Separator between the members of a set.")
    scale: Factor | None = Field(default=None, description="Attune multiplies numbers by this factor.")
    decimal: DecimalMark | None = Field(default=None, description="Decimal mark. Default: the table's.")
    thousands: ThousandsMark | None = Field(
        default=None, description="Mark between groups of three digits. Default: the table's."
    )
    dates: DateFormat | None = Field(default=None, description="Date form, as in strptime. Default: the table's.")

    @model_validator(mode="after")
    def _check_one_source(self) -> ColumnMapping:
        if sum(source is not None for source in (self.from_, self.birth_date, self.slots, self.items)) != 1:
            raise ValueError("name the source of the column with one of `from`, `birth_date`, `slots`, `items`")
        if (self.file is None) != (self.key is None) or (self.file is not None and self.from_ is None):
            raise ValueError("a second file needs `file`, `key` and `from` together")
        if self.sheet is not None and self.file is None:
            raise ValueError("`sheet` of a column needs a second file: `file`")
        return self

    @model_validator(mode="after")
    def _check_items(self) -> ColumnMapping:
        if isinstance(self.items, str) and "{}" not in self.items:
            raise ValueError("`items` needs `{}` in place of the number, as in `PHQ{}`, or a list of headers")
        listed = [normalize_code(one) for one in self.items] if isinstance(self.items, list) else ["{}"]
        if not listed or len(set(listed)) < len(listed):
            raise ValueError("list each header of `items` once, and at least one")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError("`low` must be below `high`")
        if self.items is not None and any(
            len(one) != 1 or math.isnan(parse_number(one[0])) for one in self.codes.values()
        ):
            raise ValueError("with `items`, `codes` gives one number to each word")
        most = self.count or (len(listed) if isinstance(self.items, list) else MAX_COUNT)
        if any(not 1 <= number <= most for number in self.reversed):
            raise ValueError("`reversed` must name items from 1 to `count`")
        return self

    @property
    def implied_kind(self) -> Kind | None:
        """The kind of the column whatever its cells contain; None where the cells decide."""
        if self.slots is not None or self.file is not None or self.times:
            return "set"
        return None if self.birth_date is None and self.items is None else "number"

    @property
    def patterns(self) -> list[str]:
        """The patterns of headers, with ``*``, of a column that is read from several; empty for one header."""
        items = [self.items] if isinstance(self.items, str) else self.items or []
        return self.slots or [item.replace("{}", "*") for item in items]

    @property
    def header(self) -> str:
        """The header, or the pattern of headers, as the clinic spells it."""
        several = self.slots or ([self.items] if isinstance(self.items, str) else self.items) or []
        return self.from_ or self.birth_date or ", ".join(several)


ColumnMappings = dict[str, Annotated[ColumnMapping, BeforeValidator(_expand_header)]]


class TableKeys(ConfigSection):
    """The files of a table, or of a part of it, and how to read them."""

    file: FileName | None = Field(
        default=None,
        description=f"{format_names()} file. Default: the name of the table with {format_suffixes('`{}`')}.",
    )
    source: SourceName | None = Field(
        default=None,
        description="The program that wrote the file. Its preset fills the keys and columns that you do not set.",
    )
    files: FileNames = Field(
        default=[],
        description="In place of `file`: several files with the same layout, one below the other. A name can hold `*` "
        "for any text, as in `intake_*.csv`; such files are sorted by name. A header that one of them lacks is missing "
        "cells.",
    )
    dictionary: FileName | None = Field(
        default=None,
        description='With `source = "redcap"`: the data dictionary. Default: the one in the clinic\'s folder.',
    )
    form: str | None = Field(
        default=None,
        min_length=1,
        description='With `source = "redcap"`: the form (instrument) whose repeats or events are the rows.',
    )
    event: Texts | None = Field(
        default=None,
        description='With `source = "redcap"`: the event whose rows count, or a list of them in the order of sessions.',
    )
    sql: SqlAddress | None = Field(
        default=None,
        description="In place of a file: the address of a database that holds the table, `sqlite:///FILE`, relative to "
        "the clinic's folder, or `postgresql+psycopg://user@host/database`. It never holds a password.",
    )
    table: str | None = Field(
        default=None,
        min_length=1,
        description="With `sql`: table or view of the database, with its schema before a dot where it needs one. "
        "Default: the name of this table.",
    )
    query: str | None = Field(default=None, min_length=1, description="With `sql`: one SELECT in place of `table`.")
    password_env: VariableName | None = Field(
        default=None, description="With `sql`: the environment variable that holds the password of the database."
    )
    rows: ColumnCondition | None = Field(
        default=None, description="Condition on the rows of the file that belong to this table. Default: all rows."
    )
    encoding: str = Field(
        default="utf-8", description="Encoding of a text file, such as `latin-1`. A byte-order mark is allowed."
    )
    separator: str | None = Field(
        default=None,
        description="Separator between the cells of a text file. Default: what a first line such as `sep=;` names, "
        "else a tab in a `.tsv` file and a comma in others.",
    )
    sheet: str | None = Field(
        default=None, description="Sheet of a workbook. Default: the only one, or the one called like the table."
    )
    sheets: Texts = Field(
        default=[],
        description="In place of `sheet`: several sheets of a workbook, one below the other, as in `files`. `*` alone "
        "is every visible sheet that has cells.",
    )
    header_row: RowNumbers = Field(
        default=[],
        description="Number of the row with the headers, as a spreadsheet counts, or a list of rows that together form "
        "them. Attune ignores rows above. Default: the first row with any cell.",
    )
    skip_rows: RowNumbers = Field(default=[], description="Numbers of rows that are neither headers nor data.")
    labels: bool | None = Field(
        default=None,
        description="File of SPSS or Stata: `true` reads the label of each value that has one, `false` reads the "
        "values. Default: labels in the columns where every value that occurs has one.",
    )
    decimal: DecimalMark = Field(default=".", description="Decimal mark of numbers. Attune reads no other one.")
    thousands: ThousandsMark | None = Field(
        default=None,
        description="Mark between groups of exactly three digits. Default: `.` where `decimal` is `,`; else none.",
    )
    dates: DateFormat | None = Field(
        default=None, description="Date form, as in strptime (`%m/%d/%Y`). Default: ISO 8601."
    )
    missing: Texts = Field(default=[], description="Codes for a missing cell, in any column except the ids.")
    set_separator: str = Field(default="|", min_length=1, description="Separator between the members of a set.")
    literal: bool = Field(
        default=False,
        description="Codes are as written: no word such as `n/a` is a missing cell, and no sign but `set_separator` "
        "separates the members of a set.",
    )
    columns: ColumnMappings = Field(default={}, description="Attune's column = your header, or a table of details.")
    join: list[JoinMapping] = Field(
        default=[], description="Further files whose columns are added to the rows with the same id."
    )

    def get_header(self, column: str) -> str:
        """Return the header that is mapped to a column of Attune, else the name of the column."""
        return self.columns[column].header if column in self.columns else column

    @property
    def number_marks(self) -> tuple[str, str]:
        """The decimal mark and the thousands mark; the second is empty for none."""
        return self.decimal, THOUSANDS_MARKS[self.decimal] if self.thousands is None else self.thousands

    @field_validator("header_row")
    @classmethod
    def _check_header_row(cls, header_row: list[int]) -> list[int]:
        if header_row != sorted(set(header_row)):
            raise ValueError("name header rows from top to bottom, each once")
        return header_row

    @field_validator("separator")
    @classmethod
    def _check_separator(cls, separator: str | None) -> str | None:
        if separator is not None and (len(separator) != 1 or separator in '"\r\n'):
            raise ValueError("use a single character as separator; a quotation mark is not allowed")
        return separator

    def list_files(self) -> list[str]:
        """Return the names of the files that the keys name, and patterns of them: also of joined and second files."""
        own = [self.file] if self.file is not None else self.files
        seconds = [column.file for column in self.columns.values() if column.file is not None]
        return [*own, *(one.file for one in self.join), *seconds]

    def list_sheets(self) -> list[str]:
        """Return the names of the sheets that the keys name, and patterns of them."""
        named = [self.sheet, *(one.sheet for one in self.join), *(column.sheet for column in self.columns.values())]
        return [*self.sheets, *(sheet for sheet in named if sheet is not None)]


class TableMapping(TableKeys):
    """One table: its files and how to read them."""

    parts: Sequence[TableKeys] = Field(
        default=[],
        description="Several files with different headers for one table. Each part has the keys of the table, and the "
        "table's own where it sets none. The rows of all parts together are the table.",
    )
    _own_columns: ColumnMappings | None = PrivateAttr(default=None)  # without those of the parts

    def list_parts(self) -> list[TableMapping]:
        """Return the mapping of each part, with the keys of the table that it does not set; the table's without parts.

        The columns of a part are those of the table, and its own in place of those with the same name.
        """
        columns = self.columns if self._own_columns is None else self._own_columns
        return [merge_part(self, part, columns) for part in self.parts] or [self]

    @model_validator(mode="after")
    def _check_parts(self) -> TableMapping:
        for number, part in enumerate(self.list_parts(), 1):
            try:
                check_source_keys(part)
                check_session_headers(part, can_have_sessions=isinstance(self, OutcomesKeys))
            except ValueError as error:
                raise ValueError(f"part {number}: {error}" if self.parts else str(error)) from None
        if self.parts and self._own_columns is None:
            self._own_columns = self.columns
            merged = merge_columns(self.columns, [part.columns for part in self.parts])
            self.__dict__["columns"] = merged  # what checks of the whole table read
        return self


class WishColumn(ConfigSection):
    """A column of the clients' file that contains wishes such as `F (must)`."""

    column: str = Field(description="Header in the clients' file.")
    attribute: str = Field(description="The column of `therapists` the wish is about.")
    codes: Codes = Field(default={}, description="Your code = Attune's code. Default: the codes of that column.")
    strengths: Annotated[dict[str, Strength], BeforeValidator(normalize_keys)] = Field(
        default={"must": "must", "prefer": "prefer", "avoid": "avoid", "never": "never"},
        description="Your word in brackets = `must`, `prefer`, `avoid` or `never`.",
    )
    strength: Strength | None = Field(
        default=None, description="Strength of a cell without brackets. Default: such a cell cannot be read."
    )
    missing: Texts = Field(
        default=[], description="Cells without a wish, besides words such as `no preference`, `none` and `n/a`."
    )


class PreferencesMapping(TableMapping):
    """Wishes: a file with one row for each wish, columns of the clients' file, or both."""

    wishes: list[WishColumn] = Field(default=[], description="Columns of the clients' file that contain wishes.")


class OutcomesKeys(TableKeys):
    """Files of ratings, or of a part of them: total scores, or raw item answers that Attune scores."""

    instrument: str | None = Field(default=None, description="Instrument of every row.")
    rater: str | None = Field(default=None, description="Rater of every row: `client`, `therapist` or `observer`.")
    session: float | None = Field(default=None, ge=-MAX_COUNT, le=MAX_COUNT, description="Session number of every row.")
    items: str | None = Field(
        default=None,
        description="Headers of raw items, with `{}` for the item number, as in `wai{}`. They can hold `{session}`: "
        "`wai{}_s{session}`.",
    )
    item_codes: Points = Field(
        default={}, description="Your word for an answer to a raw item = its number, as in `Seldom = 1`."
    )


class OutcomesMapping(TableMapping, OutcomesKeys):
    """Ratings: total scores, or raw item answers that Attune scores."""

    parts: Sequence[OutcomesKeys] = Field(
        default=[],
        description="Several files with different headers, or with different instruments. Each part has the keys of "
        "the table, and the table's own where it sets none.",
    )


class TableMappings(ConfigSection):
    """The mapping of each table."""

    clients: TableMapping = Field(default=TableMapping(), description="Clients: one row for each.")
    therapists: TableMapping = Field(default=TableMapping(), description="Therapists (the roster): one row for each.")
    preferences: PreferencesMapping = Field(default=PreferencesMapping(), description="Wishes of clients. Optional.")
    outcomes: OutcomesMapping = Field(default=OutcomesMapping(), description="Alliance ratings. Optional.")
    conflicts: TableMapping = Field(default=TableMapping(), description="Pairs that must not meet. Optional.")
