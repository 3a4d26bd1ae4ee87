"""Build the scorer of a line of the log, with the defaults of the version that wrote the line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from attune_fit.data.clinic.display_instrument import choose_display_instrument
from attune_fit.matching.assignment.assignment_builder import compute_config_digest
from attune_fit.matching.ranking.scored_roster import RosterScorer

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.models.alliance_model import AllianceModel

FORMER_BAND = 0.60  # default of `band` until its cost was measured by `benchmarks.bands`


def build_logged_scorer(
    fields: Mapping[str, Any], model: AllianceModel, clinic: Clinic, tables: Tables
) -> RosterScorer:
    """Build the scorer of a logged line: with the first defaults that give the line's digest of ``clinic.toml``.

    Earlier versions had another default of ``band``. They showed the points of the model's instrument, and the WAI-SR
    at day 0.

    Parameters
    ----------
    fields : mapping
        The line, with ``seed``, and ``policy``, or ``rules`` for a placement.

    Returns
    -------
    RosterScorer
        With the defaults of this version if no other gives the digest.
    """
    for scorer in _list_scorers(model, clinic, tables, fields["seed"]):
        digest = compute_config_digest(scorer) if "placed" in fields else scorer.policy_digest
        if digest == fields["rules" if "placed" in fields else "policy"]:
            return scorer
    return RosterScorer.from_clinic(model, clinic, tables, fields["seed"])


def _list_scorers(model: AllianceModel, clinic: Clinic, tables: Tables, seed: int) -> Iterator[RosterScorer]:
    """Yield a scorer for each combination of defaults that a version had."""
    for one in (clinic, _apply_former_band(clinic)):
        scorer = RosterScorer.from_clinic(model, one, tables, seed)
        yield replace(scorer, shown_instrument=choose_display_instrument(one, model.instrument))
        yield scorer


def _apply_former_band(clinic: Clinic) -> Clinic:
    """Return the clinic with the former default of ``band``, if its ``clinic.toml`` has none."""
    settings = clinic.config.settings
    if "band" in settings.model_fields_set:
        return clinic
    former = settings.model_copy(update={"band": FORMER_BAND})
    return replace(clinic, config=clinic.config.model_copy(update={"settings": former}))
