"""JoinMapping: ``[[tables.NAME.join]]``, a file whose columns are added to the rows of a table with the same id."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from attune_fit.data.clinic.config_section import ConfigSection
from attune_fit.data.clinic.key_types import DateFormat, FileName, RowNumbers


class JoinMapping(ConfigSection):
    """A further file of a table. Its columns are added to the rows with the same id."""

    file: FileName = Field(description="File with one row for each id. It is written like the table's file.")
    key: str = Field(min_length=1, description="Its header with the ids.")
    to: str | None = Field(
        default=None,
        min_length=1,
        description="Header of the same ids in the table's file. Default: that of the table's own ids; in other tables "
        "than `clients` and `therapists`, that of `client_id`.",
    )
    keep: Literal["first", "last"] | None = Field(
        default=None, description="The row to use where several have one id. Default: several rows are an error."
    )
    by: str | None = Field(
        default=None,
        min_length=1,
        description="With `keep`: header of a date that orders the rows of one id. Default: the order of the file.",
    )
    dates: DateFormat | None = Field(default=None, description="Form of the date in `by`. Default: the table's.")
    prefix: str = Field(
        default="", description="Text that Attune writes before each header of this file, such as `gad_`."
    )
    encoding: str | None = Field(default=None, description="Encoding of a text file. Default: the table's.")
    separator: str | None = Field(default=None, description="Separator of a text file. Default: the table's.")
    sheet: str | None = Field(default=None, description="Sheet of `file`, if that is a workbook with several.")
    header_row: RowNumbers = Field(default=[], description="Numbers of the rows with the headers, as of a table.")
    skip_rows: RowNumbers = Field(default=[], description="Numbers of rows that are neither headers nor data.")

    @model_validator(mode="after")
    def _check_order(self) -> JoinMapping:
        if self.by is not None and self.keep is None:
            raise ValueError('`by` orders rows, of which `keep` chooses one: add `keep = "last"`')
        if self.dates is not None and self.by is None:
            raise ValueError("`dates` is the form of the date in `by`: add `by`")
        return self
