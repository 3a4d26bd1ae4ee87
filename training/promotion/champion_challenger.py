"""The model that is live, held against a new one on records that neither has seen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from attune_fit.data.outcomes.early_alliance import early_alliance
from attune_fit.features.feature import Feature
from attune_fit.models import bundle
from attune_fit.models.active_model import DAY0, bundle_folder, in_use, live_name, loaded
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.models.feature_migration import adapted
from attune_fit.models.pair_effect_verdict import FEWEST
from attune_fit.models.trees import Growth, Learned
from attune_fit.training.crossfit.dataset import Records
from attune_fit.training.crossfit.out_of_fold import Predicted
from attune_fit.training.crossfit.pipeline import Made, Recipe, crossfit
from attune_fit.training.evaluation.paired_comparison import Compared, compare
from attune_fit.training.fitting.fit_model import Learnt, held_out

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables


@dataclass(frozen=True)
class Champion:
    """What a clinic ranks with now.

    Attributes
    ----------
    name : str
        Of its bundle, or :data:`attune_fit.models.active_model.DAY0`.
    model : AllianceModel
        As it ranks, over the features the clinic uses now.
    features : tuple of Feature
        Of these, the ones it was made with.
    recipe : Recipe or None
        How to make it anew from other records; None for day 0, which was made from none, and where nobody knows.
    until : date or None
        It has seen no record dated after this day.
    """

    name: str
    model: AllianceModel
    features: tuple[Feature, ...]
    recipe: Recipe | None = None
    until: dt.date | None = None


def champion(clinic: Clinic, tables: Tables, begun: AllianceModel) -> Champion:
    """Find what is live.

    Parameters
    ----------
    clinic, tables
    begun : AllianceModel
        Day 0 over the clinic's features: its trees are what recipes start from.

    Raises
    ------
    DataFault
        If the live bundle cannot be read.
    """
    name = live_name(clinic)
    if name == DAY0:
        return Champion(DAY0, begun, begun.features)
    raw = loaded(clinic, tables, name)
    model = in_use(clinic, tables, raw)
    own = tuple(row for row in model.features if row.name in raw.names)
    how = bundle.recipe_of(bundle_folder(clinic, name)) or {}
    until = dt.date.fromisoformat(how["until"]) if "until" in how else None
    return Champion(name, model, own, remade(how.get("recipe"), adapted(begun, own)), until)


def kept(recipe: Recipe, records: Records) -> dict[str, Any]:
    """What a bundle keeps of how it was made, in JSON's types; of the trees it started from, their digest.

    ``until`` is the day of the last record, or of the tables where no record is dated.
    """
    said = {field.name: getattr(recipe, field.name) for field in fields(recipe) if field.compare}
    start: Learned | None = said["start"]
    said["start"] = None if start is None else {"digest": bundle.digest(start.text.encode()), "share": start.share}
    said["growth"] = None if recipe.growth is None else asdict(recipe.growth)
    said["held"] = sorted(recipe.held)
    dated = records.when[~np.isnat(records.when)]
    until = dated.max() if len(dated) else np.datetime64(records.sides.tables.as_of)
    return {"until": str(until), "recipe": said}


def remade(said: dict[str, Any] | None, begun: AllianceModel) -> Recipe | None:
    """The recipe that :func:`kept` described; None where this Attune does not know all it asks for.

    Parameters
    ----------
    said : dict or None
    begun : AllianceModel
        What clinics start from now. Where its trees are no longer those the recipe started from, they take their place
        with the share those had: an update of Attune changes the start of every recipe.
    """
    if said is None or not set(said) <= {field.name for field in fields(Recipe)}:
        return None
    trees = begun.learned
    start = None if said["start"] is None or trees is None else replace(trees, share=said["start"]["share"])
    growth = None if said["growth"] is None else Growth(**said["growth"])
    return Recipe(**{**said, "start": start, "growth": growth, "held": frozenset(said["held"])}, prior=begun.evidence)


def contest(
    learnt: Learnt, old: Champion, clinic: Clinic, tables: Tables, seed: int
) -> tuple[list[Compared], list[str]]:
    """Hold a new model against the one that is live.

    Day 0 has seen no record and is taken as it is. A bundle has seen some of these records, so its recipe is made anew
    on the folds of the new model; and as it is, it is asked about records dated after it was made, of clients it cannot
    have seen, where there are at least :data:`attune_fit.models.pair_effect_verdict.FEWEST`.

    Returns
    -------
    list of Compared, list of str
        The figures, and what could not be compared and why.

    Notes
    -----
    The new recipe was chosen on these folds, the old one on others: a small advantage to the new one.
    """
    site, new, n = clinic.config.settings.site_column, learnt.on["client"], len(learnt.records)
    on, notes = f"{n:,} records held back", []
    found: list[Compared] = []
    if old.name == DAY0:
        as_it_is, _ = held_out(learnt.records, [Made(old.model, np.arange(n))], site)
        found += compare(new, as_it_is, on, seed)
    elif old.recipe is None:
        notes.append(f"How bundle {old.name} was made is not known here, so it could not be made anew.")
    elif old.recipe == learnt.recipe and _same(old.features, learnt.records.features):
        notes.append(f"Both are made in the same way, bundle {old.name} from {old.model.n_outcomes:,} records.")
    else:
        records = over(learnt.records, old.features, clinic, tables)
        anew, _ = held_out(records, crossfit(old.recipe, records, learnt.folds), site)
        found += compare(new, anew, on, seed)
    if old.until is not None:
        later = unseen(learnt.records, old.until)
        if len(later) >= FEWEST:
            found += compare(
                *_later(learnt, old, later, clinic, tables), f"{len(later):,} records it had not seen", seed
            )
        else:
            notes.append(f"Fewer than {FEWEST} records came after bundle {old.name} was made.")
    return found, notes


def unseen(records: Records, until: dt.date) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Rows dated after ``until``, of clients of whom every record is."""
    after = records.when > np.datetime64(until)  # NaT is after nothing
    return np.flatnonzero(after & ~np.isin(records.client, records.client[~after]))


def over(records: Records, features: Sequence[Feature], clinic: Clinic, tables: Tables) -> Records:
    """The same records over other features."""
    if _same(features, records.features):
        return records
    return Records.of(tables, early_alliance(tables, clinic.instruments), features)


def _later(
    learnt: Learnt, old: Champion, later: np.ndarray[Any, np.dtype[np.intp]], clinic: Clinic, tables: Tables
) -> tuple[Predicted, Predicted]:
    """What the new recipe says of later records held back, and the old model as it is."""
    site = clinic.config.settings.site_column
    held = [Made(one.model, np.intersect1d(one.test, later)) for one in learnt.made]
    new, _ = held_out(learnt.records, [one for one in held if len(one.test)], site)
    said, _ = held_out(over(learnt.records, old.model.features, clinic, tables), [Made(old.model, later)], site)
    return new, said


def _same(some: Sequence[Feature], others: Sequence[Feature]) -> bool:
    """Whether two lists of features give the same numbers."""
    return [(f.name, f.center, f.scale) for f in some] == [(f.name, f.center, f.scale) for f in others]
