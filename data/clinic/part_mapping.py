"""Mappings of the parts of a table: each has the keys of the table that it does not set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attune_fit.data.formats.sql_address import is_sqlite_address

if TYPE_CHECKING:
    from attune_fit.data.clinic.mapping_config import ColumnMapping, TableKeys, TableMapping

OTHER_SOURCES = {  # keys of the table that a key of a part replaces: they name the same thing
    "file": frozenset({"files", "sql", "table", "query", "password_env"}),
    "files": frozenset({"file", "sql", "table", "query", "password_env"}),
    "sql": frozenset({"file", "files"}),
    "table": frozenset({"query"}),
    "query": frozenset({"table"}),
    "sheet": frozenset({"sheets"}),
    "sheets": frozenset({"sheet"}),
}


def merge_part(table: TableMapping, part: TableKeys, columns: Mapping[str, ColumnMapping]) -> TableMapping:
    """Return the mapping of a part, with the keys of the table that it does not set.

    Parameters
    ----------
    table : TableMapping
        The mapping of the whole table.
    part : TableKeys
        The keys of the part.
    columns : mapping of str to ColumnMapping
        The columns of the table itself.
    """
    replaced = frozenset[str]().union(*(OTHER_SOURCES.get(key, frozenset()) for key in part.model_fields_set))
    inherited = table.model_fields_set - replaced - part.model_fields_set - {"parts"}
    own = {key: getattr(part, key) for key in part.model_fields_set}
    values: dict[str, Any] = {key: getattr(table, key) for key in inherited} | own
    if merged := {**columns, **part.columns}:
        values["columns"] = merged
    return type(table).model_construct(_fields_set=set(values), **values)


def merge_columns(
    columns: Mapping[str, ColumnMapping], parts: Sequence[Mapping[str, ColumnMapping]]
) -> dict[str, ColumnMapping]:
    """Return the columns of a table and of its parts; a column of several has the codes of all of them."""
    merged = dict(columns)
    for part in parts:
        for name, column in part.items():
            first = merged.setdefault(name, column)
            if first.codes != column.codes:
                merged[name] = first.model_copy(update={"codes": {**column.codes, **first.codes}})
    return merged


def check_source_keys(mapping: TableKeys) -> None:
    """Check that the keys of a table name one source of rows.

    Raises
    ------
    ValueError
        If two of them name different sources, or one has no effect without another.
    """
    has_database_key = mapping.table is not None or mapping.query is not None or mapping.password_env is not None
    if mapping.sql is None and has_database_key:
        raise ValueError("`table`, `query` and `password_env` need the address of a database: `sql`")
    if mapping.sql is not None and mapping.file is not None:
        raise ValueError("a table is in a file or in a database: keep `file` or `sql`")
    if mapping.source != "redcap" and (mapping.dictionary, mapping.form, mapping.event) != (None, None, None):
        raise ValueError('`dictionary`, `form` and `event` need `source = "redcap"`')
    if mapping.sql is not None and mapping.source is not None:
        raise ValueError("a preset reads files, not a database: keep `source` or `sql`")
    if mapping.sql is not None and mapping.files:
        raise ValueError("a table is in files or in a database: keep `files` or `sql`")
    if mapping.file is not None and mapping.files:
        raise ValueError("keep `file` or `files`, not both")
    if mapping.sheet is not None and mapping.sheets:
        raise ValueError("keep `sheet` or `sheets`, not both")
    if mapping.table is not None and mapping.query is not None:
        raise ValueError("keep `table` or `query`, not both")
    if mapping.sql is not None and mapping.password_env is not None and is_sqlite_address(mapping.sql):
        raise ValueError("a file of SQLite has no password: remove `password_env`")
