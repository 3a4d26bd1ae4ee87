"""Cells of REDCap fields: codes become labels, numbers get one decimal mark, and codes for missing data are unknown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from attune_fit.data.cell_parsing import list_distinct, map_distinct, normalize_code, parse_number
from attune_fit.data.clinic.columns import UNREADABLE_CELL
from attune_fit.data.fault_collector import FaultCollector
from attune_fit.data.missing_words import is_missing_word
from attune_fit.data.reading.presets.redcap.redcap_choices import ChoiceReader, count_codes_and_labels
from attune_fit.data.reading.presets.redcap.redcap_dictionary import RedcapField
from attune_fit.data.reading.presets.redcap.redcap_headers import RedcapColumn
from attune_fit.data.reading.presets.redcap.redcap_mapping import WantedFields

NOT_COMPLETED = "[not completed]"  # in place of the time of a survey
MAX_NAMED = 8  # ids or headers in a message; the others are counted


def list_some_names(names: list[str]) -> str:
    """Return ids or headers as the end of a message, at most ``MAX_NAMED`` of them."""
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return ", ".join(names[:MAX_NAMED]) + more


def has_labels(body: pd.DataFrame, columns: Sequence[RedcapColumn]) -> bool:
    """Return whether the cells of an export are labels of choices rather than their codes, over all fields."""
    counts = [
        count_codes_and_labels(list_distinct(body[place]), column.field.choices)
        for place, column in enumerate(columns)
        if column.part == "field" and column.field is not None and column.field.choices
    ]
    return sum(labels for _, labels in counts) > sum(codes for codes, _ in counts)


@dataclass(frozen=True)
class ValueReader:
    """Reads the cells of one export.

    Attributes
    ----------
    wanted : WantedFields
        What ``clinic.toml`` asks of each field.
    declared : frozenset of str
        Codes of missing data that the file declares.
    is_label_export : bool
        Whether its cells are labels.
    collector : FaultCollector
        Collects a warning about cells that are none of the choices of their field.
    """

    wanted: WantedFields
    declared: frozenset[str]
    is_label_export: bool
    collector: FaultCollector

    def read(self, cells: pd.Series, header: str, column: RedcapColumn) -> pd.Series:
        """Return the cells of a column that is no checkbox; None where a cell is empty or a code of missing data."""
        if column.part == "timestamp":
            return cells.mask(cells == NOT_COMPLETED, None)
        if column.field is None:
            return cells
        missing = self.wanted.list_missing(header)
        if column.field.choices:
            cells = self._read_choices(cells, header, column.field, missing)
        elif column.field.is_number:
            cells = self._read_numbers(cells, header, column.field)
        words = self.declared - missing - set(map(normalize_code, column.field.choices))
        is_limit = self.wanted.is_limit(header)
        words |= (
            self.wanted.list_missing("") if is_limit else frozenset()
        )  # of the project: an answer that is not known
        if not words:
            return cells
        unknown = UNREADABLE_CELL if is_limit else None
        return map_distinct(cells, lambda text: unknown if normalize_code(text) in words else text, "object")

    def get_labels(self, header: str, field: RedcapField | None, choices: Iterable[str]) -> dict[str, str]:
        """Return what is written for each choice of a checkbox: its label, its code where codes are wanted."""
        if field is None or self.wanted.needs_codes(header, field.choices):
            return {choice: choice for choice in (choices if field is None else field.choices)}
        return field.choices

    def report_unlisted(self, header: str, rows: pd.Index) -> None:
        """Warn of cells that are none of the choices of their field, if there is any."""
        message = "choices that the data dictionary does not list"
        fix = "Attune cannot read these cells. Download the data dictionary again, or list a code under `missing`."
        self.collector.add_warning_for_rows("redcap-choice-not-listed", header, message, fix, rows)

    def report_boxes(self, header: str, rows: pd.Index) -> None:
        """Warn of boxes that are neither checked nor unchecked, if there is any."""
        fix = "Attune cannot read the answers of these rows. Export the records again."
        message = "boxes that are neither checked nor unchecked"
        self.collector.add_warning_for_rows("redcap-box-not-readable", header, message, fix, rows)

    def report_lacking_boxes(self, header: str, choices: Sequence[str]) -> None:
        """Add an error about boxes of a limit that the export lacks: a person could have checked them."""
        if choices:
            message = f"the export has no box for these choices of a limit: {', '.join(choices)}"
            fix = "Export the records again, with every box of this field and the newest data dictionary."
            self.collector.add_error("redcap-box-not-found", header, message, fix)

    def _read_choices(self, cells: pd.Series, header: str, field: RedcapField, missing: Collection[str]) -> pd.Series:
        reader = ChoiceReader(field.choices, is_label_export=self.is_label_export)
        needs_codes = self.wanted.needs_codes(header, field.choices)
        kept = {*missing, *self.declared}

        def read(text: str) -> str:
            code = reader.find_code(text)
            if code is not None:
                return code if needs_codes else field.choices[code]
            return text if normalize_code(text) in kept or is_missing_word(text) else UNREADABLE_CELL

        values = map_distinct(cells, read, "object")
        self.report_unlisted(header, cells.index[values == UNREADABLE_CELL])
        return values

    def _read_numbers(self, cells: pd.Series, header: str, field: RedcapField) -> pd.Series:
        """Return numbers with the decimal mark with which the column is read, whatever that of the field."""
        decimal = self.wanted.find_decimal(header)
        written = "," if field.has_decimal_comma else "."
        if decimal == written:
            return cells

        def convert(text: str) -> str:
            is_number = parse_number(text, written) == parse_number(text, written)
            return text.strip().replace(written, decimal) if is_number else text

        return map_distinct(cells, convert, "object")
