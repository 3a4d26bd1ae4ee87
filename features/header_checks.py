"""Checks of the headers in the clinic's files: leakage and excluded inputs under another column name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from attune_fit.features.column_names import PRE_CONTACT_PHRASES, has_phrase
from attune_fit.features.excluded_inputs import EXCLUDED_INPUTS
from attune_fit.features.leakage_rules import find_leakage_rule

if TYPE_CHECKING:
    from attune_fit.data.clinic.settings import Config
    from attune_fit.data.fault_collector import FaultCollector
    from attune_fit.features.feature import Feature

HEADER_FIX = "Map a column that was recorded before the first meeting. If this one was, correct its header in the file."


def check_headers(config: Config, features: Sequence[Feature], faults: FaultCollector) -> None:
    """Add an error for every column that features read from a header that no feature may read.

    Attune trusts a column name in ``clinic.toml`` that marks an answer before first contact
    (``expected_empathy = "Empathy"``).
    """
    for place, table, column, header in _list_mapped_columns(config, features):
        leakage = None if has_phrase(column, PRE_CONTACT_PHRASES) else find_leakage_rule(table, header)
        excluded = next((row for row in EXCLUDED_INPUTS if not row.is_wishable and row.has_column(table, header)), None)
        if leakage is not None:
            message = f"the header `{header}` is known only after contact ({leakage.name}): {leakage.reason}"
            faults.add_error("leaking-header", place, message, HEADER_FIX)
        elif excluded is not None:
            message = f"the header `{header}` never moves a score ({excluded.name}): {excluded.reason}"
            faults.add_error("excluded-header", place, message, HEADER_FIX)


def _list_mapped_columns(config: Config, features: Sequence[Feature]) -> Iterator[tuple[str, str, str, str]]:
    """Yield (place in ``clinic.toml``, table, column, header) of every mapped column that a feature reads."""
    columns_read = {
        "clients": {column for feature in features for column in feature.client},
        "therapists": {column for feature in features for column in feature.therapist},
    }
    for table, columns in columns_read.items():
        for column, mapping in getattr(config.tables, table).columns.items():
            if column in columns:
                yield f"tables.{table}.columns.{column}", table, column, mapping.header
