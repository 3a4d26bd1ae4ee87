"""Making a bundle live: after a training, by hand, or back to the one before. The ledger first, then the pointer."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import DataFault
from attune_fit.models.active_model import (
    STARTING_MODEL_NAME,
    list_bundle_names,
    load_model,
    read_active_name,
    set_active_bundle,
)
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.training.promotion.decision import PromotionDecision, format_bundle_name
from attune_fit.training.promotion.ledger import LEDGER_FILE, LedgerAction, LedgerEntry, append_entry, read_ledger
from attune_fit.training.promotion.mlflow_tracking import set_champion_alias
from attune_fit.training.promotion.source_digest import compute_code_version

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables


def apply_decision(clinic: Clinic, name: str, model: AllianceModel, decision: PromotionDecision) -> bool:
    """Note what a training came to, and rank with its bundle where it was promoted.

    Returns
    -------
    bool
        Whether the bundle is live now.
    """
    line = _build_entry(decision.what, name, decision.replaced, decision.because, model)
    compared = [asdict(one) for one in decision.compared]
    append_entry(clinic.artifacts / LEDGER_FILE, replace(line, compared=compared, agreement=decision.agreement))
    if decision.what == "promoted":
        set_active_bundle(clinic, name)
    return decision.what == "promoted" or decision.replaced == name


def promote_bundle(clinic: Clinic, tables: Tables, name: str, because: str, by: str = "") -> str:
    """Make a bundle live whatever its training decided.

    Parameters
    ----------
    clinic, tables
    name : str
        Of a bundle of the clinic, or :data:`STARTING_MODEL_NAME`.
    because : str
        Why; goes into the ledger as it is.
    by : str
        Who; likewise.

    Returns
    -------
    str
        What this overrides: the verdict of the bundle, and the refusal if there was one.

    Raises
    ------
    DataFault
        If there is no such bundle, it cannot be read, it is live already, or no reason is given.
    """
    known = [STARTING_MODEL_NAME, *list_bundle_names(clinic)]
    if name not in known:
        raise _fault("artifacts/bundles", f"there is no bundle `{name}`", suggest_name(name, known))
    if not because.strip():
        raise _fault("--because", "no reason is given", "Say in a few words why this bundle is to be used.")
    model, before = load_model(clinic, tables, name), _live_or_none(clinic)
    if name == before:
        raise _fault("artifacts/live.json", f"{format_bundle_name(name)} is live already", "Nothing was changed.")
    refused = [
        one
        for one in read_ledger(clinic.artifacts / LEDGER_FILE).entries
        if one.bundle == name and one.what == "refused"
    ]
    set_champion_alias(clinic.artifacts, name)
    append_entry(clinic.artifacts / LEDGER_FILE, _build_entry("promoted by hand", name, before, because, model, by))
    set_active_bundle(clinic, name)
    said = model.verdict.sentence
    return f"{said} Its training refused it: {refused[-1].why}" if refused else said


def roll_back(clinic: Clinic, tables: Tables, because: str = "", by: str = "") -> tuple[str, str]:
    """Make the bundle live that was live before; day 0 where there was none.

    Returns
    -------
    str, str
        What is live now, and what was.

    Raises
    ------
    DataFault
        If nothing was live before day 0, or the bundle before cannot be read.
    """
    before, lives = _live_or_none(clinic), read_ledger(clinic.artifacts / LEDGER_FILE).rollback_stack
    there = [STARTING_MODEL_NAME, *list_bundle_names(clinic)]
    if before in lives:  # what was made live past the ledger has no place in it: then the last one noted is before it
        lives = lives[: len(lives) - 1 - lives[::-1].index(before)]
        if not lives:
            raise _fault("artifacts/live.json", "day 0 is live", "There is nothing before it.")
    elif not before:
        lives = [one for one in lives if one in there]
    name = lives[-1]
    if name not in there:
        fix = f"Make another one live: attune models promote {clinic.folder} BUNDLE --because TEXT"
        raise _fault("artifacts/bundles", f"bundle `{name}`, which was live before, is gone", fix)
    model = load_model(clinic, tables, name)
    set_champion_alias(clinic.artifacts, name)
    append_entry(clinic.artifacts / LEDGER_FILE, _build_entry("rolled back", name, before, because, model, by))
    set_active_bundle(clinic, name)
    return name, before


def _build_entry(
    what: LedgerAction, name: str, replaced: str, why: str, model: AllianceModel, by: str = ""
) -> LedgerEntry:
    """A line of the ledger with what it says of the bundle itself."""
    about = model.data_digest, model.n_outcomes, model.verdict.sentence
    return LedgerEntry(what, name, replaced, why.strip(), by.strip(), *about, code=compute_code_version())


def _live_or_none(clinic: Clinic) -> str:
    """Name of what is live; empty where the pointer cannot be read, for then it is about to be mended."""
    try:
        return read_active_name(clinic)
    except DataFault:
        return ""


def _fault(where: str, says: str, fix: str) -> DataFault:
    return DataFault.error(where, "", says, fix=fix)
