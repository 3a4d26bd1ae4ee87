"""Checks of readable tables: what can be read, and is still probably not what the clinic meant."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from attune_fit.data.cell_parsing import is_one_of
from attune_fit.data.clinic.waiting_clients import is_waiting_condition_met
from attune_fit.data.faults import DataFault
from attune_fit.data.reading.checks.code_comparison import compare_codes
from attune_fit.data.reading.checks.id_checks import check_formula_ids, check_headers
from attune_fit.data.reading.ratings.rating_checks import check_ratings

if TYPE_CHECKING:
    from attune_fit.data.clinic.settings import Config
    from attune_fit.data.fault_collector import FaultCollector
    from attune_fit.data.reading.columns.table_reader import MappedTable


def check_contents(
    config: Config, tables: Mapping[str, MappedTable], met_client_ids: Collection[str], collector: FaultCollector
) -> None:
    """Warn of codes that never match, of misspelt headers, of ids like formulas and of forms entered twice.

    Parameters
    ----------
    config : Config
        The rules in use, the declared columns and the condition of waiting clients.
    tables : mapping of str to MappedTable
        The tables as they were read, under the row numbers of their files; `clients` and `therapists` are there.
    met_client_ids : collection of str
        Clients who have met a therapist. They do not wait.
    collector : FaultCollector
        Collects the warnings.
    """
    clients = tables["clients"].frame
    is_waiting = ~is_one_of(clients["client_id"], met_client_ids)
    with contextlib.suppress(DataFault):  # an error of its own (see `_check_config`)
        is_waiting &= is_waiting_condition_met(config, clients)
    check_headers(config, tables, collector)
    check_formula_ids(tables, collector)
    compare_codes(config, tables, is_waiting, collector)
    if "outcomes" in tables:
        check_ratings(tables["outcomes"], collector.for_table("outcomes"))
