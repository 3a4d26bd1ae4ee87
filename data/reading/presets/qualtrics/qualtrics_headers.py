"""Headers of a Qualtrics export: up to three rows, and standard columns whose texts are in any language."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from attune_fit.data.cell_parsing import normalize_code, normalize_text

IMPORT_ID = "ImportId"  # in each cell of the third row
SEARCHED_ROWS = 5  # at the top of a file, among which the row with `ImportId` is
RESPONSE_ID, EXTERNAL_ID = "ResponseId", "ExternalReference"
STARTED, ENDED, RECORDED = "StartDate", "EndDate", "RecordedDate"
STATUS, FINISHED, PROGRESS, CHANNEL = "Status", "Finished", "Progress", "DistributionChannel"
LAST_NAME, FIRST_NAME, EMAIL = "RecipientLastName", "RecipientFirstName", "RecipientEmail"
LATITUDE, LONGITUDE = "LocationLatitude", "LocationLongitude"
STANDARD_IDS = {  # `ImportId` of each standard column, in lower case; the names are English in every language
    "startdate": STARTED,
    "enddate": ENDED,
    "status": STATUS,
    "ipaddress": "IPAddress",
    "progress": PROGRESS,
    "duration": "Duration (in seconds)",
    "finished": FINISHED,
    "recordeddate": RECORDED,
    "_recordid": RESPONSE_ID,
    "recipientlastname": LAST_NAME,
    "recipientfirstname": FIRST_NAME,
    "recipientemail": EMAIL,
    "externaldatareference": EXTERNAL_ID,
    "locationlatitude": LATITUDE,
    "locationlongitude": LONGITUDE,
    "distributionchannel": CHANNEL,
    "userlanguage": "UserLanguage",
}
LEGACY_NAMES = {  # of the second row of legacy exports, whose first row has `V1` and so on
    "responseid": RESPONSE_ID,
    "responseset": "ResponseSet",
    "name": "Name",
    "externaldatareference": EXTERNAL_ID,
    "emailaddress": EMAIL,
    "ipaddress": "IPAddress",
    "status": STATUS,
    "startdate": STARTED,
    "enddate": ENDED,
    "finished": FINISHED,
}
IDENTIFYING = ("IPAddress", LAST_NAME, FIRST_NAME, EMAIL, "Name", LATITUDE, LONGITUDE, "LocationAccuracy")
_STANDARD_NAMES = {normalize_code(name): name for name in (*STANDARD_IDS.values(), *LEGACY_NAMES.values())}


@dataclass(frozen=True)
class QualtricsColumn:
    """One column of an export.

    Attributes
    ----------
    name : str
        The first row, such as ``Q5`` or ``Q5_1``; English for a standard column.
    text : str
        The question, with its choice after a dash where it is one of several columns; empty where the file has none.
    choice : str
        The id of the choice, where the column is one of several answers to one question; else empty.
    """

    name: str
    text: str
    choice: str = ""


def find_headers(grid: pd.DataFrame) -> tuple[list[QualtricsColumn], pd.DataFrame] | None:
    """Return the columns of an export, and the rows below its headers; None where it is no export of Qualtrics.

    Parameters
    ----------
    grid : DataFrame of str
        Every row of the file, without empty ones above the headers.
    """
    rows = [[str(cell) for cell in row] for row in grid.iloc[:SEARCHED_ROWS].to_numpy()]
    place = next((number for number, row in enumerate(rows) if any(IMPORT_ID in cell for cell in row)), None)
    if place is not None:
        texts = rows[1] if place > 1 else [""] * grid.shape[1]
        columns = list(map(_build_column, rows[0], texts, rows[place]))
        return columns, grid.iloc[place + 1 :]
    if len(rows) > 1 and _count_known(rows[1], LEGACY_NAMES) > 2 and rows[0][0].strip().upper() == "V1":
        columns = [_build_legacy_column(*cells) for cells in zip(rows[0], rows[1], strict=True)]
        return columns, grid.iloc[2:]
    if not rows or not _is_export(rows[0]):
        return None
    has_texts = len(rows) > 1 and _is_row_of_texts(rows[0], rows[1])
    texts = rows[1] if has_texts else [""] * grid.shape[1]
    return list(map(_build_named_column, rows[0], texts)), grid.iloc[2 if has_texts else 1 :]


def list_names(columns: list[QualtricsColumn]) -> list[str]:
    """Return the names of the columns; a question without a name has its text."""
    return [column.name or column.text for column in columns]


def _is_export(names: list[str]) -> bool:
    codes = set(map(normalize_code, names))
    return "responseid" in codes and len(codes & _STANDARD_NAMES.keys()) > 2


def _is_row_of_texts(names: list[str], row: list[str]) -> bool:
    """Return whether the row below the names has the texts of questions: where dates are in data, it has words."""
    dates = [cell for name, cell in zip(names, row, strict=True) if name in (STARTED, ENDED, RECORDED)]
    return any(cell.strip() and not any(sign.isdigit() for sign in cell) for cell in dates)


def _parse_import_id(cell: str) -> dict[str, str] | None:
    """Return the names in a cell of the third row, such as ``{"ImportId":"QID5","choiceId":"1"}``; None in others."""
    if IMPORT_ID not in cell:
        return None
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        return None
    return {key: str(one) for key, one in found.items()} if isinstance(found, dict) and IMPORT_ID in found else None


def _build_column(name: str, text: str, cell: str) -> QualtricsColumn:
    found = _parse_import_id(cell)
    if found is None:  # damaged by another program: the row is a header all the same
        return _build_named_column(name, text)
    standard = STANDARD_IDS.get(found.get("ImportId", "").lower())
    if standard is not None:
        return QualtricsColumn(standard, normalize_text(text))
    return QualtricsColumn(normalize_text(name), normalize_text(text), found.get("choiceId", ""))


def _build_legacy_column(name: str, text: str) -> QualtricsColumn:
    is_standard = name.strip().upper().startswith("V") and name.strip()[1:].isdigit()
    standard = LEGACY_NAMES.get(normalize_code(text)) if is_standard else None
    return QualtricsColumn(standard or normalize_text(name), normalize_text(text))


def _build_named_column(name: str, text: str) -> QualtricsColumn:
    return QualtricsColumn(_STANDARD_NAMES.get(normalize_code(name), normalize_text(name)), normalize_text(text))


def _count_known(cells: list[str], known: dict[str, str]) -> int:
    return sum(normalize_code(cell) in known for cell in cells)


def list_top_rows(lines: Iterator[list[str]]) -> list[list[str]]:
    """Return the first rows of a file that can hold headers."""
    return [row for row, _ in zip(lines, range(SEARCHED_ROWS), strict=False)]
