"""Score the whole roster for a block of clients: rules, scores and rank positions, as arrays."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.data.clinic.display_instrument import find_main_instrument
from attune_fit.data.clinic.instruments import WAI_SR
from attune_fit.data.outcomes.equating import rescale_instrument
from attune_fit.data.outcomes.openings import OpeningUse, list_met_therapists, list_opening_uses
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.matching.eligibility.eligibility import EligibilityResult
from attune_fit.matching.eligibility.eligibility_rule import Rule
from attune_fit.matching.eligibility.rules import READABLE_RULE, select_rules
from attune_fit.matching.ranking.contribution_texts import find_turned_weights
from attune_fit.matching.ranking.near_ties import (
    RankPositions,
    draw_tie_break_keys,
    rank_with_near_ties,
    weight_tie_break_keys,
)
from attune_fit.models.model_bundle import compute_bundle_name

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.instruments import Instrument
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.models.alliance_model import AllianceModel, ScoreParts

UNLISTED_RULES = frozenset({"declined"})  # always known, so a stated policy for unknown results changes nothing

STARTING_INSTRUMENT = WAI_SR.name  # the synthetic clinics of the starting model have it

# Earlier versions had none of these keys, and they change no ranking by themselves: only a trained model uses them.
UNLISTED_INSTRUMENT_KEYS = {"mean", "sd", "norms_source"}


@dataclass(frozen=True)
class ScoredRoster:
    """The whole roster scored for some clients.

    Attributes
    ----------
    pairs : Pairs
        A cross: every client with every therapist. All arrays below have its shape.
    eligibility : EligibilityResult
    parts : ScoreParts
        The parts of the score, in POMP.
    low, high : array
        Ends of the prediction interval for one early rating, in POMP.
    positions : RankPositions
    limits : tuple of two floats
        The range of the shown instrument in the model's POMP.
    """

    pairs: Pairs
    eligibility: EligibilityResult
    parts: ScoreParts
    low: Floats
    high: Floats
    positions: RankPositions
    limits: tuple[float, float] = (0.0, 100.0)

    @property
    def score(self) -> Floats:
        """Expected alliance of each pair, in POMP, clipped to the range of the shown instrument."""
        return np.clip(self.parts.score, *self.limits)


@dataclass(frozen=True)
class RosterScorer:
    """Scores the roster of a clinic for any number of clients; what all clients share is computed once.

    Attributes
    ----------
    model : AllianceModel
    clinic : Clinic
    tables : Tables
    seed : int
        Seed of the order inside bands (the tie-break).
    extra_rules : tuple of Rule
        Rules used in addition to those the clinic uses.
    shown_instrument : Instrument, optional
        Shown instead of the clinic's main instrument, for a ranking that an earlier version logged.
    """

    model: AllianceModel
    clinic: Clinic
    tables: Tables
    seed: int
    extra_rules: tuple[Rule, ...] = ()
    shown_instrument: Instrument | None = None

    @classmethod
    def from_clinic(cls, model: AllianceModel, clinic: Clinic, tables: Tables, seed: int | None = None) -> RosterScorer:
        """Build a scorer with the clinic's interval level, and with its seed if ``seed`` is None."""
        settings = clinic.config.settings
        return cls(
            model.with_interval_level(settings.interval), clinic, tables, settings.seed if seed is None else seed
        )

    @cached_property
    def sides(self) -> Sides:
        """Clients and therapists as arrays."""
        return Sides(self.tables)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The clinic's rules, then the extra rules."""
        return (*select_rules(self.clinic.config), *self.extra_rules)

    @cached_property
    def turned_weights(self) -> Bools:
        """Features that act against their stated direction in this clinic; see :func:`find_turned_weights`."""
        return find_turned_weights(self.model, self.sides)

    @cached_property
    def main_instrument(self) -> Instrument:
        """The instrument in whose points alliance is shown; see :func:`find_main_instrument`."""
        return self.clinic.instruments[find_main_instrument(self.tables, self.clinic)]

    @cached_property
    def instrument(self) -> Instrument:
        """The main instrument, whose ``to_points`` takes the model's POMP; see :func:`rescale_instrument`."""
        if self.shown_instrument is not None:
            return self.shown_instrument
        learned = self.clinic.instruments.get(self.model.instrument or STARTING_INSTRUMENT)
        return self.main_instrument if learned is None else rescale_instrument(self.main_instrument, learned)

    def convert_ratings(self, pomp: Floats) -> Floats:
        """Return ratings in POMP of the main instrument as POMP of the instrument that the model learned."""
        if self.shown_instrument is not None or self.instrument == self.main_instrument:
            return pomp
        return self.instrument.pomp(self.main_instrument.to_points(pomp))

    @cached_property
    def limits(self) -> tuple[float, float]:
        """The range of the shown instrument in the model's POMP, 0 to 100 where the model learned this instrument."""
        shown = self.clinic.instruments.get(self.instrument.name, self.instrument)
        return max(0.0, self.instrument.pomp(shown.low)), min(100.0, self.instrument.pomp(shown.high))

    def clip_to_range(self, pomp: Floats | float) -> Floats:
        """Return the model's POMP clipped to the range of the shown instrument."""
        return np.clip(pomp, *self.limits)

    @cached_property
    def points_per_pomp(self) -> float:
        """Points of the instrument for one POMP."""
        return float(self.instrument.to_points(1.0) - self.instrument.to_points(0.0))

    @cached_property
    def is_newcomer(self) -> npt.NDArray[np.bool_]:
        """Which therapists have no record in the model (newcomers), shape (therapists,)."""
        return ~self.tables.therapists["therapist_id"].isin(self.model.therapists.ids).to_numpy(bool)

    @cached_property
    def met_therapists(self) -> dict[str, tuple[str, ...]]:
        """Ids of the therapists whom each client has met, by client id; see :func:`list_met_therapists`."""
        return list_met_therapists(self.tables)

    @cached_property
    def opening_uses(self) -> dict[str, OpeningUse]:
        """Openings used since the roster was checked, by therapist id; see :func:`list_opening_uses`."""
        return list_opening_uses(self.tables)

    @cached_property
    def data_digest(self) -> str:
        """SHA-256 of the tables."""
        return self.tables.digest()

    @cached_property
    def bundle_name(self) -> str:
        """Name of the model's bundle."""
        return self.model.bundle or compute_bundle_name(self.model)

    @cached_property
    def policy_digest(self) -> str:
        """SHA-256 of everything in ``clinic.toml`` that affects a ranking: rules, features, settings, instrument.

        Earlier versions had no rule of :data:`UNLISTED_RULES`. While such a rule is on, which is its default, the
        digest leaves it out, so that the rankings logged by them can still be recomputed. Once a clinic switches it
        off, its name is in the digest.
        """
        config = self.clinic.config
        rules = [rule for rule in self.rules if rule is not READABLE_RULE]  # no clinic can change it
        off = sorted(UNLISTED_RULES - {rule.name for rule in rules})
        rules = [rule for rule in rules if rule.name not in UNLISTED_RULES]
        policy = {
            "rules": [(rule.name, rule.unknown_policy, rule.is_unknown_policy_stated) for rule in rules],
            "features": [feature.model_dump(mode="json") for feature in config.features],
            "settings": config.settings.model_dump(mode="json"),
            "instrument": self.instrument.model_dump(mode="json", by_alias=True, exclude=UNLISTED_INSTRUMENT_KEYS),
            **({"off": off} if off else {}),
        }
        return hashlib.sha256(json.dumps(policy, sort_keys=True).encode()).hexdigest()

    def score_clients(self, client_rows: Indices) -> ScoredRoster:
        """Check the rules, score and rank the whole roster for each of the clients."""
        pairs = Pairs.cross(self.sides, client_rows)
        return self.rank_scored_pairs(pairs, self.model.compute_parts(pairs))

    def rank_scored_pairs(self, pairs: Pairs, parts: ScoreParts) -> ScoredRoster:
        """Check the rules and rank a cross whose scores are already computed; otherwise as :meth:`score_clients`."""
        eligibility = EligibilityResult.from_rules(pairs, self.rules)
        low, high = map(self.clip_to_range, self.model.compute_interval(parts))
        settings = self.clinic.config.settings
        weights = np.where(self.is_newcomer, settings.newcomer_weight, 1.0)
        keys = draw_tie_break_keys(self.tables, self.model.features, pairs.client_rows[:, 0], self.seed)
        positions = rank_with_near_ties(
            parts.score,
            eligibility.is_eligible,
            count_honoured_wishes(pairs),
            weight_tie_break_keys(keys, weights),
            parts.compute_probability_better,
            settings.band,
        )
        return ScoredRoster(pairs, eligibility, parts, low, high, positions, self.limits)

    def score_blocks(self, client_rows: Indices, pairs: int) -> Iterator[ScoredRoster]:
        """Score the clients in blocks of about ``pairs`` pairs, each block as :meth:`score_clients`.

        Without clients there is one empty block.
        """
        step = max(1, pairs // max(1, len(self.tables.therapists)))
        for start in range(0, max(1, len(client_rows)), step):
            yield self.score_clients(client_rows[start : start + step])


def count_honoured_wishes(pairs: Pairs) -> Floats:
    """Count the client's wishes, of every strength, that the therapist is known to meet; shape of the pairs."""
    met = pairs.count_wishes("must", "met") + pairs.count_wishes("prefer", "met")
    return met + pairs.count_wishes("avoid", "unmet") + pairs.count_wishes("never", "unmet")
