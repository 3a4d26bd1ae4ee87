"""Making a bundle live: after a training, by hand, or back to the one before. The ledger first, then the pointer."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from attune_fit.data.fault_collector import did_you_mean
from attune_fit.data.faults import DataFault, Fault
from attune_fit.models.active_model import DAY0, bundle_names, live_name, loaded, make_live
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.training.promotion.decision import Decision, called
from attune_fit.training.promotion.ledger import FILE, Entry, What, append, read
from attune_fit.training.promotion.mlflow_tracking import crown
from attune_fit.training.promotion.source_digest import code

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables


def enact(clinic: Clinic, name: str, model: AllianceModel, decision: Decision) -> bool:
    """Note what a training came to, and rank with its bundle where it was promoted.

    Returns
    -------
    bool
        Whether the bundle is live now.
    """
    line = _line(decision.what, name, decision.replaced, decision.because, model)
    compared = [asdict(one) for one in decision.compared]
    append(clinic.artifacts / FILE, replace(line, compared=compared, agreement=decision.agreement))
    if decision.what == "promoted":
        make_live(clinic, name)
    return decision.what == "promoted" or decision.replaced == name


def promote(clinic: Clinic, tables: Tables, name: str, because: str, by: str = "") -> str:
    """Make a bundle live whatever its training decided.

    Parameters
    ----------
    clinic, tables
    name : str
        Of a bundle of the clinic, or :data:`attune_fit.models.active_model.DAY0`.
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
    known = [DAY0, *bundle_names(clinic)]
    if name not in known:
        raise _fault("artifacts/bundles", f"there is no bundle `{name}`", did_you_mean(name, known))
    if not because.strip():
        raise _fault("--because", "no reason is given", "Say in a few words why this bundle is to be used.")
    model, before = loaded(clinic, tables, name), _live_or_none(clinic)
    if name == before:
        raise _fault("artifacts/live.json", f"{called(name)} is live already", "Nothing was changed.")
    refused = [one for one in read(clinic.artifacts / FILE).entries if one.bundle == name and one.what == "refused"]
    crown(clinic.artifacts, name)
    append(clinic.artifacts / FILE, _line("promoted by hand", name, before, because, model, by))
    make_live(clinic, name)
    said = model.verdict.sentence
    return f"{said} Its training refused it: {refused[-1].why}" if refused else said


def rollback(clinic: Clinic, tables: Tables, because: str = "", by: str = "") -> tuple[str, str]:
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
    before, lives = _live_or_none(clinic), read(clinic.artifacts / FILE).lives
    there = [DAY0, *bundle_names(clinic)]
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
    model = loaded(clinic, tables, name)
    crown(clinic.artifacts, name)
    append(clinic.artifacts / FILE, _line("rolled back", name, before, because, model, by))
    make_live(clinic, name)
    return name, before


def _line(what: What, name: str, replaced: str, why: str, model: AllianceModel, by: str = "") -> Entry:
    """A line of the ledger with what it says of the bundle itself."""
    about = model.data_digest, model.n_outcomes, model.verdict.sentence
    return Entry(what, name, replaced, why.strip(), by.strip(), *about, code=code())


def _live_or_none(clinic: Clinic) -> str:
    """Name of what is live; empty where the pointer cannot be read, for then it is about to be mended."""
    try:
        return live_name(clinic)
    except DataFault:
        return ""


def _fault(where: str, says: str, fix: str) -> DataFault:
    return DataFault([Fault(True, where, "", says, fix)])
