"""The lines of a clinic.toml, in a form in which two files with one meaning have equal lines."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from typing import Any

from attune_fit.data.clinic.columns import COLUMNS

Table = Mapping[str, Any]
Lines = dict[str, Any]
TABLES = ("clients", "therapists", "preferences", "outcomes", "conflicts")
PLACES = ("from", "birth_date", "slots", "items")  # keys of a column that name its header
NESTED = ("columns", "parts", "join", "wishes")
DEFAULTS = {  # lines that change nothing
    "encoding": "utf-8", "separator": ",", "decimal": ".", "set_separator": "|", "header_row": 1, "literal": False,
    "rater": "client",
}  # fmt: skip
DATES = frozenset((column.table, column.name) for column in COLUMNS if column.kind == "date")
SETS = frozenset((column.table, column.name) for column in COLUMNS if column.kind == "set")


def list_lines(mapping: Table) -> Lines:
    """List the lines of a mapping: one for each key of a table, each column with its header, and each of its details.

    Parameters
    ----------
    mapping : mapping
        The parsed ``clinic.toml``. ``[clinic]`` and settings of rules and lists are no part of a first mapping.

    Returns
    -------
    dict
        Names such as ``clients.dates``, ``clients.gender`` and ``clients.gender.codes``. Each file of ``parts`` is a
        table of its own, such as ``outcomes[srs.csv]``, with the keys that it inherits. A date form is a line of the
        table, and a separator of a set one of its column, wherever the file has them. Lines that repeat a default are
        left out.

    Examples
    --------
    >>> columns = {"client_id": "Code", "languages": {"from": "Speaks", "split": ", "}}
    >>> list(list_lines({"tables": {"clients": {"file": "people.csv", "encoding": "utf-8", "columns": columns}}}))
    ['clients.file', 'clients.client_id', 'clients.languages', 'clients.languages.split']
    """
    found: Lines = {}
    for table in TABLES:
        described = mapping.get("tables", {}).get(table, {})
        for name, part in _list_parts(table, described):
            found |= _list_table_lines(table, name, part)
        for wish in described.get("wishes", []):
            details = {key: _normalize(key, value) for key, value in wish.items() if key != "column"}
            found |= {f"{table}.wishes[{wish['column']}].{key}": value for key, value in details.items()}
    if "where" in mapping.get("waiting", {}):
        found["waiting.where"] = mapping["waiting"]["where"]
    return found


def _list_parts(table: str, described: Table) -> Iterator[tuple[str, Table]]:
    """List a table, or each of its parts with what it inherits; a part is named by its file."""
    shared = {key: value for key, value in described.items() if key not in ("parts", "wishes")}
    if not described.get("parts"):
        yield table, shared
    for part in described.get("parts", []):
        columns = {**shared.get("columns", {}), **part.get("columns", {})}
        yield f"{table}[{_name_files(part)}]", {**shared, **part, "columns": columns}


def _name_files(part: Table) -> str:
    return ", ".join(part.get("files", [part.get("file", "")]))


def _list_table_lines(table: str, name: str, described: Table) -> Lines:
    shared = {key: value for key, value in described.items() if key not in (*NESTED, "dates", "set_separator")}
    if "files" in shared:
        shared["file"] = shared.pop("files")
    found = {f"{name}.{key}": _normalize(key, value) for key, value in shared.items()}
    found = {
        line: value for line, value in found.items() if value != DEFAULTS.get(line.rpartition(".")[2], _NO_DEFAULT)
    }
    columns = _list_columns(described)
    forms = _list_date_forms(table, described.get("dates"), columns)
    if forms:
        found[f"{name}.dates"] = forms
    for column, details in columns.items():
        if (table, column) in SETS and "set_separator" in described and "slots" not in details:
            details.setdefault("split", described["set_separator"])
        found |= _list_column_lines(f"{name}.{column}", details)
    for join in described.get("join", []):
        files = _name_files(join)
        found |= {f"{name}.join[{files}].{key}": value for key, value in join.items() if key not in ("file", "files")}
    return found


_NO_DEFAULT = object()


def _list_date_forms(table: str, shared: str | None, columns: dict[str, dict[str, Any]]) -> tuple[str, ...]:
    """List the forms of all dates of a table, and take them from the details of its columns."""
    dated = {name for name, details in columns.items() if (table, name) in DATES or "birth_date" in details}
    forms = {columns[name].pop("dates", shared) for name in columns if name in dated or "dates" in columns[name]}
    return tuple(sorted(form for form in forms or {shared} if form))


def _list_columns(described: Table) -> dict[str, dict[str, Any]]:
    """List the details of each column; a header alone is the detail ``from``."""
    columns = described.get("columns", {})
    return {name: {"from": given} if isinstance(given, str) else dict(given) for name, given in columns.items()}


def _list_column_lines(name: str, details: Table) -> Lines:
    place = next((key for key in PLACES if key in details), None)
    found: Lines = {} if place is None else {name: (place, _freeze(details[place]))}
    details = {key: _normalize(key, value) for key, value in details.items() if key not in PLACES}
    return found | {f"{name}.{key}": value for key, value in details.items() if (key, value) != ("split", "|")}


def _normalize(key: str, value: Any) -> Any:
    """Give settings with one meaning one form."""
    if key == "encoding":
        encoding = codecs.lookup(value).name.removesuffix("-sig")
        return "iso8859-1" if encoding == "cp1252" else encoding  # the folders have no byte in which they differ
    if key == "file":
        return tuple(sorted([value] if isinstance(value, str) else value))
    if key == "header_row" and isinstance(value, list) and len(value) == 1:
        return value[0]
    if key == "split":
        return value.strip() or value
    if key in ("codes", "item_codes"):
        return {_fold(code): _freeze_meaning(meaning) for code, meaning in value.items()}
    if key == "missing":
        return frozenset(map(_fold, value))
    return _freeze(value)


def _freeze_meaning(value: Any) -> Any:
    """Return the meaning of a code: several codes mean a set, whatever their order."""
    return frozenset(map(_fold, value)) if isinstance(value, list) else _freeze(value)


def _freeze(value: Any) -> Any:
    """Return a list as a tuple, and words without case."""
    if isinstance(value, list):
        return tuple(value)
    return " ".join(value.split()) if isinstance(value, str) else value


def _fold(code: object) -> str:
    return " ".join(str(code).split()).casefold()
