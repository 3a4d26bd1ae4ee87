"""Keys of a column in ``clinic.toml`` that have no effect where they are written: an error, never passed over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attune_fit.data.clinic.mapping_config import OutcomesMapping
from attune_fit.data.reading.rows.idle_keys import add_idle_key_error

if TYPE_CHECKING:
    from attune_fit.data.clinic.columns import Column
    from attune_fit.data.clinic.mapping_config import ColumnMapping
    from attune_fit.data.fault_collector import FaultCollector
    from attune_fit.data.reading.columns.source_file import SourceFile

READERS: dict[str, frozenset[str]] = {  # what reads each key: a kind of cells, or another source than one header
    "codes": frozenset({"code", "set", "number", "slots", "file", "items", ""}),
    "other": frozenset({"code", "set", "slots", "file", ""}),
    "missing": frozenset({"code", "set", "number", "date", "slots", "file", "birth_date", "items", ""}),
    "split": frozenset({"code", "set", "file", "slots"}),
    "scale": frozenset({"number"}),
    "decimal": frozenset({"number", "items"}),
    "thousands": frozenset({"number", "items"}),
    "dates": frozenset({"date", "birth_date"}),
    "marks": frozenset({"slots"}),
    "times": frozenset({"set", "slots"}),
    **dict.fromkeys(("count", "low", "high", "combine", "reversed"), frozenset({"items"})),
}
PLACES = {
    "id": "in a column of ids",
    "slots": "with `slots`",
    "file": "with `file`",
    "birth_date": "with `birth_date`",
    "items": "with `items`",
}
IMPLIED_KINDS = {
    "split": "set",
    "times": "set",
    "dates": "date",
    "scale": "number",
    "decimal": "number",
    "thousands": "number",
}


def check_mapping_keys(source: SourceFile) -> None:
    """Add an error for each key of the table's columns that has no effect, and for marks that contradict each other.

    Parameters
    ----------
    source : SourceFile
        The file and its mapping. The errors name the key in ``clinic.toml``.
    """
    collector, mapping = source.collector.for_table("clinic.toml"), source.mapping
    for name, column in mapping.columns.items():
        for key, reason in _list_idle_keys(source.find_column(name), column):
            place = f"tables.{source.key_path}.columns.{name}.{key}"
            add_idle_key_error(place, reason, collector)
    _check_number_marks(source, collector)
    if isinstance(mapping, OutcomesMapping) and mapping.item_codes and mapping.items is None:
        message, fix = "`item_codes` has no effect without `items`", 'Add `items`, such as `items = "wai{}"`.'
        collector.add_error("item-codes-without-items", "tables.outcomes.item_codes", message, fix)


def _check_number_marks(source: SourceFile, collector: FaultCollector) -> None:
    """Add an error where the decimal mark and the thousands mark are the same."""
    marks = {f"tables.{source.key_path}.thousands": source.list_number_marks()}
    for name, column in source.mapping.columns.items():
        reads_numbers = _find_reader(source.find_column(name), column) in READERS["thousands"]
        if reads_numbers and {"decimal", "thousands"} & column.model_fields_set:
            marks[f"tables.{source.key_path}.columns.{name}.thousands"] = source.list_number_marks(column)
    for place, (decimal, thousands) in marks.items():
        if decimal == thousands:
            message, fix = "`decimal` and `thousands` are the same mark", "Correct one of them."
            collector.add_error("same-decimal-and-thousands", place, message, fix)


def _list_idle_keys(column: Column | None, mapping: ColumnMapping) -> Iterator[tuple[str, str]]:
    """Yield each key without effect, and why."""
    given = mapping.model_fields_set
    reader = _find_reader(column, mapping)
    place = PLACES.get(reader, f"in a column of kind `{reader}`")
    yield from ((key, place) for key, readers in READERS.items() if key in given and reader not in readers)
    if "other" in given and reader in READERS["other"] and not mapping.codes and not mapping.times:
        yield "other", "without `codes`"
    if "split" in given and reader == "slots" and not mapping.times:
        yield "split", place
    if "other" in given and mapping.times:
        yield "other", "with `times`"
    if "kind" in given and (column is not None or reader in ("slots", "file", "birth_date", "items")):
        yield "kind", "in a column of Attune" if column is not None else place


def _find_reader(column: Column | None, mapping: ColumnMapping) -> str:
    """Return what reads the cells: a source other than one header, or their kind; empty where the cells decide."""
    if column is not None and column.kind == "id":
        return "id"
    for source in ("slots", "file", "birth_date", "items"):
        if getattr(mapping, source) is not None:
            return source
    kind = column.kind if column is not None else mapping.kind
    implied = (IMPLIED_KINDS[key] for key in IMPLIED_KINDS if key in mapping.model_fields_set)
    return kind or next(implied, "")
