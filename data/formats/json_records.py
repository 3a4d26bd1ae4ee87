"""Reading of a JSON file with a list of flat records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attune_fit.data.formats.size_checks import check_file_size
from attune_fit.data.formats.typed_cells import format_cell

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.data.fault_collector import FaultCollector


def is_json_file(path: Path) -> bool:
    """Return whether the name of a file is that of JSON."""
    return path.suffix.lower() == ".json"


def parse_json(text: str) -> Any:
    """Return what JSON text holds.

    Raises
    ------
    ValueError
        If it is not JSON, or holds half of a character, which no table can hold. The message can quote the text.
    RecursionError
        If its lists are nested too deeply.
    """
    value = json.loads(text)
    if "\\ud" in text.casefold():
        json.dumps(value, ensure_ascii=False).encode()
    return value


def read_json_records(path: Path, collector: FaultCollector) -> pd.DataFrame | None:
    """Return a list of records as rows of text, as a text file has them: the names of the cells are the first row.

    Returns
    -------
    DataFrame or None
        Empty text for missing cells. Columns are numbers from 0. Row 1 has the names, the first record is row 2. None
        after an error.
    """
    try:
        if not check_file_size(path, collector):
            return None
        records = parse_json(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        message = f"{path.name} cannot be read: {error.strerror or 'unreadable'}"
        collector.add_error("file-not-readable", "", message, "Allow Attune to read it.")
        return None
    except (ValueError, RecursionError):
        message = f"{path.name} is no valid JSON in UTF-8"
        collector.add_error("json-not-valid", "", message, "Export it again.")
        return None
    if not _is_list_of_records(records):
        message = f"{path.name} does not hold a list of records with one value under each name"
        collector.add_error("json-without-records", "", message, "Export flat records as JSON.")
        return None
    return _build_rows(records)


def _is_list_of_records(records: Any) -> bool:
    if not isinstance(records, list):
        return False
    return all(
        isinstance(record, dict) and not any(isinstance(cell, dict | list) for cell in record.values())
        for record in records
    )


def _build_rows(records: list[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    names = list(dict.fromkeys(name for record in records for name in record))
    rows = [names, *([_format(record.get(name)) for name in names] for record in records)]
    return pd.DataFrame(rows, index=range(1, len(rows) + 1), columns=range(len(names)), dtype="str")


def _format(cell: Any) -> str:
    return str(cell).lower() if isinstance(cell, bool) else format_cell(cell)
