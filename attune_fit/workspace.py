"""Open a clinic folder for a command or a notebook: its tables, its settings and its active model.

Commands call these functions and print what they return; in Python, the methods of :class:`Workspace` do the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attune_fit.clinic_audit import audit_fairness, compute_held_out_residuals
from attune_fit.verbs import ClinicVerbs

__all__ = [
    "Workspace",
    "audit_fairness",
    "check_log_files",
    "check_output_path",
    "compute_held_out_residuals",
    "list_client_ids",
    "list_clinic_faults",
    "open_clinic",
    "read_clinic",
    "read_log_rows",
    "read_model_card",
    "recompute_log_line",
]

if TYPE_CHECKING:
    from attune_fit.data.chain_check import ChainCheck
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.data.faults import Fault
    from attune_fit.matching.log_replay import ReplayedLine
    from attune_fit.matching.ranking.scored_roster import RosterScorer
    from attune_fit.matching.ranking_log import LogRow
    from attune_fit.models.alliance_model import AllianceModel


@dataclass(eq=False, repr=False)
class Workspace(ClinicVerbs):
    """A clinic that was opened and checked, with the model that ranks for it: make one with :func:`open_clinic`.

    The tables are read once. The model, and what all clients share in a ranking, stay in memory. A change of the files
    has no effect on an open clinic: open it again.

    Attributes
    ----------
    clinic : Clinic
        The folder, its settings and its instruments.
    tables : Tables
        The canonical tables.
    model : AllianceModel
        The active model: a bundle of the clinic, or the starting model. ``train`` replaces it.
    """

    clinic: Clinic
    tables: Tables
    model: AllianceModel
    _scorers: dict[int | None, RosterScorer] = field(default_factory=dict, init=False)

    def __repr__(self) -> str:
        sizes = f"{len(self.tables.clients):,} clients, {len(self.tables.therapists):,} therapists"
        model = self.model.bundle if self.model.n_outcomes else "starting model"
        return f"Workspace({str(self.clinic.folder)!r}: {sizes}, {model})"


def open_clinic(folder: Path | str) -> Workspace:
    """Open and read a clinic, and load its active model.

    Parameters
    ----------
    folder : Path or str
        Contains the tables, and ``clinic.toml`` where the defaults do not fit.

    Returns
    -------
    Workspace
        Its methods are the verbs: rank, explain, why_not, relax, capacity, assign, follow_up, rematch, fairness, train.

    Raises
    ------
    DataFault
        With every error of the tables and of ``clinic.toml``, or if the active bundle cannot be read.

    Examples
    --------
    >>> import attune_fit as af
    >>> clinic = af.simulate(clients=40, therapists=6, seed=1).workspace()
    >>> clinic.rank("c0037")
    c0037: 1 available, t06 first; 5 ruled out
    """
    from attune_fit.models.active_model import load_active_model

    clinic, tables = read_clinic(Path(folder))
    return Workspace(clinic, tables, load_active_model(clinic, tables))


def read_clinic(folder: Path) -> tuple[Clinic, Tables]:
    """Open and read a clinic.

    Raises
    ------
    DataFault
        With every error that has to be fixed before Attune can train or rank.
    """
    from attune_fit.config_checks import find_config_faults
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.faults import DataFault
    from attune_fit.data.reading.read_clinic import read_tables

    clinic = Clinic.open(folder)
    tables = read_tables(clinic)
    faults = find_config_faults(clinic, tables)
    if faults:
        raise DataFault(faults)
    return clinic, tables


def check_output_path(clinic: Clinic, target: Path) -> None:
    """Check that ``target`` is none of the clinic's own files.

    Raises
    ------
    DataFault
        If it is one of them.
    """
    from attune_fit.data.faults import DataFault

    if target.resolve() in clinic.list_input_files():
        fix = "Name another file; nothing was written."
        raise DataFault.error("output-is-input", str(target), "", "is one of the clinic's own files", fix=fix)


def list_clinic_faults(folder: Path) -> tuple[Fault, ...]:
    """Return all errors and warnings of a clinic's tables and of its ``clinic.toml``.

    Raises
    ------
    DataFault
        If the folder or ``clinic.toml`` cannot be read at all.
    """
    from attune_fit.config_checks import find_config_faults
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.faults import DataFault
    from attune_fit.data.reading.read_clinic import read_tables

    clinic = Clinic.open(folder)
    try:
        tables = read_tables(clinic)
    except DataFault as error:
        return error.faults
    return (*find_config_faults(clinic, tables), *tables.warnings)


def list_client_ids(clinic: Clinic, tables: Tables, *, waiting_only: bool) -> list[str]:
    """Return the ids of the clients who wait, or of all clients, sorted."""
    from attune_fit.data.clinic.waiting_clients import find_waiting_clients

    rows = find_waiting_clients(clinic, tables) if waiting_only else slice(None)
    return sorted(tables.clients["client_id"].iloc[rows])


def read_model_card(clinic: Clinic, name: str) -> dict[str, Any]:
    """Return the facts of a bundle's model card, and under ``history`` its lines of the ledger.

    Parameters
    ----------
    clinic : Clinic
    name : str
        A bundle of the clinic, or the name of the starting model.

    Raises
    ------
    DataFault
        If there is no such bundle, or its card cannot be read.
    """
    import json

    from attune_fit.data.fault_collector import suggest_name
    from attune_fit.data.faults import DataFault
    from attune_fit.models.active_model import (
        STARTING_MODEL_NAME,
        build_bundle_path,
        list_bundle_names,
        load_starting_model,
    )
    from attune_fit.training.promotion.ledger import LEDGER_FILE, read_ledger
    from attune_fit.training.reporting.model_card import build_card_facts
    from attune_fit.training.train import CARD_FACTS_FILE

    known = [STARTING_MODEL_NAME, *list_bundle_names(clinic)]
    if name not in known:
        message, fix = f"there is no bundle `{name}`", suggest_name(name, known)
        raise DataFault.error("bundle-not-found", "artifacts/bundles", "", message, fix=fix)
    if name == STARTING_MODEL_NAME:
        facts = build_card_facts(load_starting_model(), STARTING_MODEL_NAME, "")
    else:
        path = build_bundle_path(clinic, name) / CARD_FACTS_FILE
        try:
            facts = json.loads(path.read_bytes())
        except (OSError, ValueError):
            where, message = f"bundle {name}", "its card cannot be read"
            fix = "Run `attune train` to make a new bundle."
            raise DataFault.error("card-not-readable", where, CARD_FACTS_FILE, message, fix=fix) from None
    entries = [entry for entry in read_ledger(clinic.artifacts / LEDGER_FILE).entries
               if name in (entry.bundle, entry.replaced)]  # fmt: skip
    history = [{"when": entry.when, "what": entry.what, "bundle": entry.bundle, "why": entry.why} for entry in entries]
    return {**facts, "history": history}


def read_log_rows(folder: Path) -> list[LogRow]:
    """Return the rankings and placements in a clinic's log, oldest first. The tables are not read.

    Raises
    ------
    DataFault
        If the folder or ``clinic.toml`` cannot be read.
    """
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.matching.ranking_log import list_log_rows

    return list_log_rows(Clinic.open(folder))


def check_log_files(folder: Path) -> dict[str, ChainCheck]:
    """Check whether each file of a clinic's log is as it was written, by file name; raises as :func:`read_log_rows`."""
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.matching.ranking_log import check_logs

    return check_logs(Clinic.open(folder))


def recompute_log_line(folder: Path, line: str | None = None) -> ReplayedLine:
    """Recompute a line of a clinic's log, the last ranking if ``line`` is None, and check that it comes out the same.

    Raises
    ------
    DataFault
        If there is no such line, if it comes out otherwise (with what changed since), or if the clinic cannot be read.
    """
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.matching.log_replay import find_log_row, recompute_line

    row = find_log_row(Clinic.open(folder), line)  # before the tables, which can take long to read
    return recompute_line(row, *read_clinic(folder))
