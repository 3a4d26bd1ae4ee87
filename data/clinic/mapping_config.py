"""How a clinic spells its tables: the ``[tables]`` part of ``clinic.toml``."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.columns import Kind

Strength = Literal["must", "prefer", "avoid", "never"]


def _convert_to_text_list(value: Any) -> Any:
    """A word, a number or a list of them, as a list of text."""
    listed = value if isinstance(value, list) else [value]
    return [str(one) if isinstance(one, int | float) and not isinstance(one, bool) else one for one in listed]


def _expand_header(value: Any) -> Any:
    """A header alone is short for ``{from = "header"}``."""
    return {"from": value} if isinstance(value, str) else value


def _normalize_keys(value: Any) -> Any:
    """Codes are compared without case and extra spaces."""
    return {normalize_code(key): one for key, one in value.items()} if isinstance(value, dict) else value


def _check_date_format(form: str) -> str:
    """Refuse what strptime cannot read; that an empty text does not have the form is no fault."""
    try:
        dt.datetime.strptime("", form)
    except ValueError as error:
        if "directive" in str(error) or "stray" in str(error):
            raise ValueError("no date form: write it as `%m/%d/%Y`, with %d day, %m month, %Y or %y year") from None
    return form


Texts = Annotated[list[str], BeforeValidator(_convert_to_text_list)]
Codes = Annotated[dict[str, Texts], BeforeValidator(_normalize_keys)]
DateFormat = Annotated[str, AfterValidator(_check_date_format)]


class ConfigSection(BaseModel):
    """A part of ``clinic.toml``: unknown keys are faults."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class ColumnMapping(ConfigSection):
    """Where one column comes from and how its cells are to be read."""

    from_: str | None = Field(default=None, alias="from", description="The clinic's header.")
    birth_date: str | None = Field(
        default=None, description="Header of a birth date, read as an age on `clinic.as_of`."
    )
    slots: Texts | None = Field(
        default=None,
        description="Headers with one slot each, such as `avail *` or a list of them; any mark means yes.",
    )
    file: str | None = Field(default=None, description="A second file with one row for each member of a set.")
    key: str | None = Field(default=None, description="Header in `file` that holds the id of this table's row.")
    kind: Kind | None = Field(default=None, description="For your own columns: `code`, `set`, `number` or `date`.")
    codes: Codes = Field(default={}, description="The clinic's code = ours, or a list of ours.")
    other: Literal["unknown", "keep"] = Field(
        default="unknown", description="What to do with a code that `codes` lacks."
    )
    missing: Texts = Field(default=[], description="Codes for a missing cell, besides the table's.")
    split: str | None = Field(default=None, min_length=1, description="What stands between the members of a set.")
    scale: float | None = Field(default=None, description="Numbers are multiplied by this.")
    dates: DateFormat | None = Field(default=None, description="Date form, as in strptime; the table's when left out.")

    @model_validator(mode="after")
    def _check_one_source(self) -> ColumnMapping:
        if sum(source is not None for source in (self.from_, self.birth_date, self.slots)) != 1:
            raise ValueError("say where the column comes from: one of `from`, `birth_date`, `slots`")
        if (self.file is None) != (self.key is None) or (self.file is not None and self.from_ is None):
            raise ValueError("a second file needs `file`, `key` and `from` together")
        return self

    @property
    def implied_kind(self) -> Kind | None:
        """The kind of column it makes whatever the cells hold; None where the cells decide."""
        if self.slots is not None or self.file is not None:
            return "set"
        return None if self.birth_date is None else "number"

    @property
    def header(self) -> str:
        """The header, or the pattern of headers, as the clinic spells it."""
        return self.from_ or self.birth_date or ", ".join(self.slots or [])


ColumnMappings = dict[str, Annotated[ColumnMapping, BeforeValidator(_expand_header)]]


class TableMapping(ConfigSection):
    """One table: its file and how it is written."""

    file: str | None = Field(
        default=None, description="CSV or Parquet file; the name of the table with `.csv` or `.parquet` when left out."
    )
    encoding: str = Field(
        default="utf-8", description="Encoding of a CSV file, such as `latin-1`; a byte-order mark is fine."
    )
    separator: str = Field(default=",", description="What stands between the cells of a CSV file.")
    decimal: Literal[".", ","] = Field(default=".", description="The decimal mark.")
    dates: DateFormat | None = Field(
        default=None, description="Date form, as in strptime (`%m/%d/%Y`); ISO 8601 when left out."
    )
    missing: Texts = Field(default=[], description="Codes for a missing cell in any column but the ids.")
    set_separator: str = Field(default="|", min_length=1, description="What stands between the members of a set.")
    columns: ColumnMappings = Field(default={}, description="Our column = the clinic's header, or a table of details.")

    @field_validator("separator")
    @classmethod
    def _check_separator(cls, separator: str) -> str:
        if len(separator) != 1 or separator in '"\r\n':
            raise ValueError("a separator is a single character, and no quotation mark")
        return separator


class WishColumn(ConfigSection):
    """A column of the clients' file with wishes such as `F (required)`."""

    column: str = Field(description="Header in the clients' file.")
    attribute: str = Field(description="The column of `therapists` the wish is about.")
    codes: Codes = Field(default={}, description="The clinic's code = ours; the codes of that column when left out.")
    strengths: Annotated[dict[str, Strength], BeforeValidator(_normalize_keys)] = Field(
        default={"must": "must", "prefer": "prefer", "avoid": "avoid", "never": "never"},
        description="The clinic's word in brackets = must, prefer, avoid or never.",
    )


class PreferencesMapping(TableMapping):
    """Wishes: a tidy file of their own, columns of the clients' file, or both."""

    wishes: list[WishColumn] = Field(default=[], description="Columns of the clients' file that hold wishes.")


class OutcomesMapping(TableMapping):
    """Ratings: totals, or raw items that the instrument scores."""

    instrument: str | None = Field(default=None, description="The instrument of every row.")
    rater: str | None = Field(default=None, description="Who rated every row: client, therapist or observer.")
    session: float | None = Field(default=None, description="The session of every row.")
    items: str | None = Field(
        default=None, description="Headers of raw items; `{}` stands for the number, as in `wai{}`."
    )


class TableMappings(ConfigSection):
    """One part for each table."""

    clients: TableMapping = Field(default=TableMapping(), description="Who seeks a therapist.")
    therapists: TableMapping = Field(default=TableMapping(), description="Who offers therapy.")
    preferences: PreferencesMapping = Field(
        default=PreferencesMapping(), description="Wishes of clients; may be absent."
    )
    outcomes: OutcomesMapping = Field(default=OutcomesMapping(), description="Alliance ratings; may be absent.")
    conflicts: TableMapping = Field(default=TableMapping(), description="Pairs that must not meet; may be absent.")
