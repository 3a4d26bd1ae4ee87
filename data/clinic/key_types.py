"""Types of the keys of ``clinic.toml`` that describe files: each refuses what no file or cell can have."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.formats.reading_limits import MAX_CELLS, MAX_PATH_LETTERS, MAX_SIZE
from attune_fit.data.formats.sql_address import check_sql_address, check_variable_name


def _convert_to_text_list(value: Any) -> Any:
    """Return text, a number or a list of them as a list of text."""
    items = value if isinstance(value, list) else [value]
    return [str(item) if isinstance(item, int | float) and not isinstance(item, bool) else item for item in items]


def normalize_keys(value: Any) -> Any:
    """Return a table with its keys as codes: without case and extra spaces."""
    return {normalize_code(key): item for key, item in value.items()} if isinstance(value, dict) else value


def _check_date_format(form: str) -> str:
    """Refuse a form that strptime cannot read, or that has no year: a day written in it must be read as that day."""
    day = dt.datetime(2001, 2, 3, 4, 5, 6, tzinfo=dt.UTC)
    try:
        is_date_format = dt.datetime.strptime(day.strftime(form), form).year == day.year
    except (ValueError, re.error):  # the second where a directive comes twice
        is_date_format = False
    if not is_date_format:
        raise ValueError("this is not a date form: write one such as `%m/%d/%Y`, with %d day, %m month, %Y or %y year")
    return form


def _check_file_name(name: str) -> str:
    """Refuse a path that no file system can have."""
    parts = re.split(r"[/\\]", name)
    if not name.strip() or "\0" in name or any(len(part.encode(errors="replace")) > MAX_PATH_LETTERS for part in parts):
        raise ValueError("this is not the name of a file")
    return name


def _check_factor(factor: float) -> float:
    """Refuse a factor that makes all numbers equal or no numbers."""
    if not 1 / MAX_SIZE <= abs(factor) <= MAX_SIZE:
        raise ValueError("use a factor such as 0.5 or 100; 0 and very large or very small ones are not allowed")
    return factor


def convert_to_list(value: Any) -> Any:
    """Return a list of one for a value alone."""
    return value if isinstance(value, list) else [value]


Texts = Annotated[list[str], BeforeValidator(_convert_to_text_list)]
Codes = Annotated[dict[str, Texts], BeforeValidator(normalize_keys)]
RowNumbers = Annotated[list[Annotated[int, Field(ge=1, le=MAX_CELLS, strict=True)]], BeforeValidator(convert_to_list)]
Marks = Annotated[dict[str, Literal["yes", "no"]], BeforeValidator(normalize_keys)]
Points = Annotated[dict[str, float], BeforeValidator(normalize_keys)]
DecimalMark = Literal[".", ","]
ThousandsMark = Literal["", ".", ",", " ", "'"]
FileName = Annotated[str, AfterValidator(_check_file_name)]
FileNames = Annotated[list[FileName], BeforeValidator(convert_to_list)]
Factor = Annotated[float, AfterValidator(_check_factor)]
DateFormat = Annotated[str, AfterValidator(_check_date_format)]
SqlAddress = Annotated[str, AfterValidator(check_sql_address)]
VariableName = Annotated[str, AfterValidator(check_variable_name)]
