"""Columns under another name: what the clinic's own header says of a column that features read."""

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

HEADER_FIX = (
    "Map a column that was recorded before the first meeting, or, if this one was, correct its header in the file."
)


def check_headers(config: Config, features: Sequence[Feature], found: FaultCollector) -> None:
    """Collect the columns that are read from a header under which no feature could read them.

    A name for a column of the clinic's own that says it was asked before contact (``expected_empathy = "Empathy"``) is
    believed.
    """
    for place, table, column, header in _list_mapped_columns(config, features):
        late = None if has_phrase(column, PRE_CONTACT_PHRASES) else find_leakage_rule(table, header)
        unused = next((one for one in EXCLUDED_INPUTS if not one.is_wishable and one.has_column(table, header)), None)
        if late is not None:
            found.add_error(
                place, f"the header `{header}` is known only after contact ({late.name}): {late.reason}", HEADER_FIX
            )
        elif unused is not None:
            found.add_error(
                place, f"the header `{header}` never moves a score ({unused.name}): {unused.reason}", HEADER_FIX
            )


def _list_mapped_columns(config: Config, features: Sequence[Feature]) -> Iterator[tuple[str, str, str, str]]:
    """Place in ``clinic.toml``, table, column and header of every mapped column that some feature reads."""
    read = {
        "clients": {column for feature in features for column in feature.client},
        "therapists": {column for feature in features for column in feature.therapist},
    }
    for table, columns in read.items():
        for column, spelling in getattr(config.tables, table).columns.items():
            if column in columns:
                yield f"tables.{table}.columns.{column}", table, column, spelling.header
