"""What ``clinic.toml`` asks of a REDCap field: the name it uses, codes or labels, decimal mark, separator, limit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.columns import Column, list_columns
from attune_fit.data.clinic.mapping_config import ColumnMapping, TableMapping
from attune_fit.data.reading.rows.header_match import list_known_headers


@dataclass(frozen=True)
class WantedFields:
    """The lines of ``clinic.toml`` about one table, by header.

    Attributes
    ----------
    table : str
        The canonical table.
    mapping : TableMapping
        The clinic's own lines.
    """

    table: str
    mapping: TableMapping

    @cached_property
    def _by_header(self) -> dict[str, tuple[str, ColumnMapping | None]]:
        """The name of the column that reads each header, and its details."""
        known = {name: (name, None) for name in list_columns(self.table) if name not in self.mapping.columns}
        mapped = {
            normalize_code(column.header): (name, column)
            for name, column in self.mapping.columns.items()
            if column.file is None
        }
        return {**known, **mapped}

    @cached_property
    def _patterns(self) -> list[re.Pattern[str]]:
        """The headers, and patterns of headers, that ``clinic.toml`` names, without the names of Attune's columns."""
        rows = [] if self.mapping.rows is None else [self.mapping.rows.column]
        others = set(list_columns(self.table)) - {column.header for column in self.mapping.columns.values()}
        named = [one for one in list_known_headers(self.table, self.mapping) if one not in others]
        return [re.compile(".+".join(map(re.escape, normalize_code(one).split("*")))) for one in (*named, *rows)]

    @cached_property
    def _items(self) -> list[tuple[re.Pattern[str], set[str]]]:
        """Headers of items, whose answers are numbers, each with the words to which ``clinic.toml`` gives one."""
        words = set(getattr(self.mapping, "item_codes", {}))
        parts = [(getattr(self.mapping, "items", None), words)]
        parts += [(column.items, set(column.codes)) for column in self.mapping.columns.values()]
        return [
            (re.compile(r"\d+".join(map(re.escape, normalize_code(name).split("{}")))), listed)
            for found, listed in parts
            for name in ([found] if isinstance(found, str) else found or [])
        ]

    def is_mapped(self, header: str) -> bool:
        """Return whether ``clinic.toml`` names a header."""
        return any(pattern.fullmatch(normalize_code(header)) for pattern in self._patterns)

    def is_named(self, header: str) -> bool:
        """Return whether ``clinic.toml`` names a header, or it is the name of a column of Attune that it leaves out."""
        return self.is_mapped(header) or normalize_code(header) in self._by_header

    def rank_header(self, header: str) -> int:
        """Return 2 for a header that ``clinic.toml`` names, 1 for the name of a column of Attune, else 0."""
        return self.is_mapped(header) + self.is_named(header)

    def find_column(self, header: str) -> Column | None:
        """Return the column of Attune that reads a header."""
        name = self._by_header.get(normalize_code(header), ("", None))[0]
        return list_columns(self.table).get(name)

    def is_kept_though_identifying(self, header: str) -> bool:
        """Return whether a line of ``clinic.toml`` maps a header that identifies people to a column of Attune.

        Of therapists, any line does: these are staff, whom the lists name.
        """
        name, column = self._by_header.get(normalize_code(header), ("", None))
        return column is not None and (self.table == "therapists" or name in list_columns(self.table))

    def needs_codes(self, header: str, choices: dict[str, str]) -> bool:
        """Return whether the cells under a header are wanted as codes, not as labels.

        Items and scores are; so are columns whose ``codes`` list them. The key ``labels`` decides for all columns.
        """
        if self.mapping.labels is not None:
            return not self.mapping.labels
        labels = set(map(normalize_code, choices.values()))
        items = [listed for form, listed in self._items if form.fullmatch(normalize_code(header))]
        if items:
            return not any(listed & labels for listed in items)
        column = self._by_header.get(normalize_code(header), ("", None))[1]
        listed = set(column.codes) if column is not None else set[str]()
        canonical = self.find_column(header)
        if self.table == "outcomes" and canonical is not None and canonical.kind == "number" and not listed:
            return True
        return bool(listed) and listed <= set(map(normalize_code, choices)) and not listed <= labels

    def list_missing(self, header: str) -> frozenset[str]:
        """Return the codes for a missing cell under a header."""
        column = self._by_header.get(normalize_code(header), ("", None))[1]
        return frozenset(map(normalize_code, [*self.mapping.missing, *(column.missing if column else [])]))

    def find_decimal(self, header: str) -> str:
        """Return the decimal mark with which a header is read."""
        column = self._by_header.get(normalize_code(header), ("", None))[1]
        return (column.decimal if column is not None else None) or self.mapping.decimal

    def find_separator(self, header: str) -> str:
        """Return the mark between the members of a set under a header."""
        column = self._by_header.get(normalize_code(header), ("", None))[1]
        return (column.split if column is not None else None) or self.mapping.set_separator

    def is_limit(self, header: str) -> bool:
        """Return whether an empty cell under a header means that there is no limit."""
        column = self.find_column(header)
        return column is not None and column.is_limit and column.kind == "set"

    def takes_first(self, header: str) -> bool:
        """Return whether the first of several values is right under a header: a measure that restricts no one."""
        column = self.find_column(header)
        return column is not None and not column.restricts and column.kind != "id"
