"""Checks of ids and headers: ids that a spreadsheet program takes for formulas, and misspelt headers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.clinic.columns import TABLE_ID_COLUMNS, list_columns
from attune_fit.data.formats.formula_cells import FORMULA_STARTS
from attune_fit.data.reading.checks.code_comparison import list_compared_columns
from attune_fit.data.reading.checks.similar_spelling import find_misspelling

if TYPE_CHECKING:
    from attune_fit.data.clinic.settings import Config
    from attune_fit.data.fault_collector import FaultCollector
    from attune_fit.data.reading.columns.table_reader import MappedTable


def check_formula_ids(tables: Mapping[str, MappedTable], collector: FaultCollector) -> None:
    """Warn of ids of clients and therapists that begin as a formula of a spreadsheet program."""
    for name, key in TABLE_ID_COLUMNS.items():
        frame = tables[name].frame
        rows = frame.index[frame[key].str.startswith(tuple(FORMULA_STARTS)).fillna(False).astype(bool)]
        message = "ids that begin with `=`, `+`, `-` or `@`"
        fix = "A spreadsheet program takes them for formulas and can change them. Give these rows other ids."
        header = tables[name].headers.get(key, key)
        collector.for_table(name).add_warning_for_rows("id-like-a-formula", header, message, fix, rows)


def check_headers(config: Config, tables: Mapping[str, MappedTable], collector: FaultCollector) -> None:
    """Warn of headers that no mapping uses and that are close to a column the table lacks.

    A header is close to a column if it is another spelling of it. It also is if it names the matching column of the
    other table, as `payer` does for `payers`.
    """
    for name, mapped in tables.items():
        known = list_columns(name)
        absent = [column for column in known if column not in mapped.frame]
        declared = {normalize_code(own) for own in getattr(config.tables, name).columns}
        for header in mapped.frame.columns:
            folded = normalize_code(str(header))
            if header in known or folded in declared or mapped.frame[header].isna().all():
                continue
            meant = find_misspelling(folded, absent) or _find_counterpart(
                name, folded.replace(" ", "_"), absent, config
            )
            if meant is not None:
                message = f"Attune has no column `{header}` and keeps it as one of your own"
                fix = (
                    f'Did you mean `{meant}`? Then write `{meant} = "{header}"` under [tables.{name}.columns]. '
                    f'If it is your own column, write `{header} = "{header}"` there.'
                )
                collector.for_table(name).add_warning("similar-header", str(header), message, fix)


def _find_counterpart(table: str, header: str, absent: list[str], config: Config) -> str | None:
    """Return the absent column of a table that a rule compares with the column ``header`` of the other table."""
    for compared in list_compared_columns(config):
        counterpart = compared.therapist if table == "therapists" else compared.client
        other = compared.client if table == "therapists" else compared.therapist
        if table in TABLE_ID_COLUMNS and header == other and counterpart in absent and compared.means_the_same:
            return counterpart
    return None
