"""Make a bundle the live model: after a training, by hand, or by rollback. The ledger is written before the pointer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from attune_fit.data.clinic_lock import lock_clinic
from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import DataFault
from attune_fit.data.journal.journal_ends import read_journal_ends
from attune_fit.models.active_model import load_model
from attune_fit.models.active_pointer import STARTING_MODEL_NAME, list_bundle_names, read_active_name, set_active_bundle
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.training.promotion.artifact_access import (
    ACTIVATION_FILES,
    ACTIVATION_FOLDERS,
    check_artifacts_writable,
)
from attune_fit.training.promotion.ledger import LEDGER_FILE, LedgerAction, LedgerEntry, append_entry, read_ledger
from attune_fit.training.promotion.mlflow_environment import MlflowUnavailableError
from attune_fit.training.promotion.mlflow_tracking import find_run_store, set_champion_alias
from attune_fit.training.promotion.promotion_decision import PromotionDecision, format_bundle_name
from attune_fit.training.promotion.source_digest import compute_code_version

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.data.hash_chain import ChainHead


def apply_decision(clinic: Clinic, name: str, model: AllianceModel, decision: PromotionDecision) -> bool:
    """Write a promotion decision to the ledger, and make the bundle live if the decision promotes it.

    Returns
    -------
    bool
        Whether the bundle is live now.
    """
    entry = _build_entry(decision.what, name, decision.replaced, decision.because, model)
    compared = [asdict(comparison) for comparison in decision.compared]
    _append_entry(clinic, replace(entry, compared=compared, agreement=decision.agreement))
    if decision.what == "promoted":
        set_active_bundle(clinic, name)
    return decision.what == "promoted" or decision.replaced == name


def promote_bundle(
    clinic: Clinic,
    tables: Tables,
    name: str,
    because: str,
    by: str = "",
    report_progress: Callable[[str], None] = lambda _: None,
) -> str:
    """Make a bundle live by hand, whatever its training decided.

    Parameters
    ----------
    clinic, tables
    name : str
        A bundle of the clinic, or :data:`STARTING_MODEL_NAME`.
    because : str
        The reason; the ledger stores it unchanged.
    by : str
        The person; the ledger stores it unchanged.
    report_progress : callable
        Takes a line while it waits for another command, and a line if MLflow could not be updated.

    Returns
    -------
    str
        What this overrides: the verdict of the bundle, and the refusal if there was one.

    Raises
    ------
    DataFault
        If there is no such bundle, it cannot be read, it is already live, or the reason is empty. Also if
        ``artifacts/`` cannot be written, or another command keeps the clinic locked. Nothing is changed then.
    """
    if not because.strip():
        fix = "Write in a few words why this bundle should be live."
        raise DataFault.error("empty-reason", "--because", "", "the reason is empty", fix=fix)
    check_artifacts_writable(clinic, ACTIVATION_FOLDERS, ACTIVATION_FILES)
    with lock_clinic(clinic.artifacts, "attune models promote", report_progress):
        return _promote(clinic, tables, name, because, by, report_progress)


def _promote(
    clinic: Clinic, tables: Tables, name: str, because: str, by: str, report_progress: Callable[[str], None]
) -> str:
    """Do the work of :func:`promote_bundle`, under the lock."""
    known = [STARTING_MODEL_NAME, *list_bundle_names(clinic)]
    if name not in known:
        message, fix = f"there is no bundle `{name}`", suggest_name(name, known)
        raise DataFault.error("bundle-not-found", "artifacts/bundles", "", message, fix=fix)
    model, replaced = load_model(clinic, tables, name), _read_active_name_or_empty(clinic)
    if name == replaced:
        fix = f"Nothing was changed. To see all bundles: attune models list {clinic.folder}"
        message = f"{format_bundle_name(name)} is already live"
        raise DataFault.error("already-live", "artifacts/live.json", "", message, fix=fix)
    refusals = [
        entry
        for entry in read_ledger(clinic.artifacts / LEDGER_FILE).entries
        if entry.bundle == name and entry.what == "refused"
    ]
    _make_live(clinic, _build_entry("promoted by hand", name, replaced, because, model, by), report_progress)
    verdict = model.verdict.sentence
    return f"{verdict} Training refused this bundle: {refusals[-1].why}" if refusals else verdict


def roll_back(
    clinic: Clinic,
    tables: Tables,
    because: str = "",
    by: str = "",
    report_progress: Callable[[str], None] = lambda _: None,
) -> tuple[str, str]:
    """Make the previous bundle live again; the starting model if there was none. It never waits for MLflow.

    Parameters as in :func:`promote_bundle`.

    Returns
    -------
    str, str
        The bundle that is live now, and the one it replaced.

    Raises
    ------
    DataFault
        If no model was live before the starting model, or the previous bundle cannot be read. If ``artifacts/`` cannot
        be written, or another command keeps the clinic locked. Nothing is changed then.
    """
    check_artifacts_writable(clinic, ACTIVATION_FOLDERS, ACTIVATION_FILES)
    with lock_clinic(clinic.artifacts, "attune models rollback", report_progress):
        return _roll_back(clinic, tables, because, by, report_progress)


def _roll_back(
    clinic: Clinic, tables: Tables, because: str, by: str, report_progress: Callable[[str], None]
) -> tuple[str, str]:
    """Do the work of :func:`roll_back`, under the lock."""
    replaced = _read_active_name_or_empty(clinic)
    stack = read_ledger(clinic.artifacts / LEDGER_FILE).rollback_stack
    known = [STARTING_MODEL_NAME, *list_bundle_names(clinic)]
    if replaced in stack:
        stack = stack[: len(stack) - 1 - stack[::-1].index(replaced)]
        if not stack:
            message = "the starting model is live, and no model was live before it"
            raise DataFault.error(
                "nothing-to-roll-back", "artifacts/live.json", "", message, fix="Nothing was changed."
            )
    elif not replaced:
        stack = [name for name in stack if name in known]
    # A live bundle that the ledger does not list is not in the stack: the last bundle of the ledger precedes it.
    name = stack[-1]
    if name not in known:
        message = f"bundle `{name}`, which was live before, is missing"
        fix = f"Make another bundle live: attune models promote {clinic.folder} BUNDLE --because TEXT"
        raise DataFault.error("previous-bundle-not-found", "artifacts/bundles", "", message, fix=fix)
    model = load_model(clinic, tables, name)
    _make_live(clinic, _build_entry("rolled back", name, replaced, because, model, by), report_progress)
    return name, replaced


def _make_live(clinic: Clinic, entry: LedgerEntry, report_progress: Callable[[str], None]) -> None:
    """Make the bundle of an entry live: the ledger, then the pointer, then the alias in MLflow.

    MLflow comes last, because it fails most often, and a bad model must not stay live for its sake.
    """
    _append_entry(clinic, entry)
    set_active_bundle(clinic, entry.bundle)
    try:
        set_champion_alias(find_run_store(clinic), entry.bundle)
    except MlflowUnavailableError as error:
        report_progress(
            f"{error} The live model is changed. Only the alias `champion` in MLflow is not, until the next training."
        )


def _append_entry(clinic: Clinic, entry: LedgerEntry) -> None:
    """Append an entry to the ledger, with the end of the journal; a journal that cannot be read stops no rollback."""
    ends: dict[str, ChainHead] = {}
    with suppress(DataFault):
        ends = read_journal_ends(clinic)
    append_entry(clinic.artifacts / LEDGER_FILE, entry, None, ends)


def _build_entry(
    what: LedgerAction, name: str, replaced: str, why: str, model: AllianceModel, by: str = ""
) -> LedgerEntry:
    """Return the ledger entry of an action, with the facts of its bundle."""
    facts = model.data_digest, model.n_outcomes, model.verdict.sentence
    return LedgerEntry(what, name, replaced, why.strip(), by.strip(), *facts, code=compute_code_version())


def _read_active_name_or_empty(clinic: Clinic) -> str:
    """Return the name of the live bundle; empty if the pointer cannot be read, because this action replaces it."""
    try:
        return read_active_name(clinic)
    except DataFault:
        return ""
