"""Check the rules for a block of clients, score the pairs that pass, and rank them, as arrays."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.data.clinic.display_instrument import find_main_instrument
from attune_fit.data.clinic.instruments import WAI_SR
from attune_fit.data.outcomes.equating import rescale_instrument
from attune_fit.data.outcomes.openings import OpeningUse, list_met_therapists, list_opening_uses
from attune_fit.features.pair_frame import BLOCK_PAIRS, PairFrame
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.matching.eligibility.client_profiles import check_by_profile
from attune_fit.matching.eligibility.eligibility import EligibilityResult, list_pairs
from attune_fit.matching.eligibility.eligibility_rule import Rule
from attune_fit.matching.eligibility.rules import READABLE_RULE, select_rules
from attune_fit.matching.ranking.contribution_texts import find_turned_weights
from attune_fit.matching.ranking.near_ties import RankPositions, rank_with_near_ties
from attune_fit.matching.ranking.order_adjustment import compute_order_adjustment
from attune_fit.matching.ranking.reason_criteria import ReasonCriteria
from attune_fit.matching.ranking.tie_break import TieBreak, weight_tie_break_keys
from attune_fit.models.model_bundle import compute_bundle_name

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.instruments import Instrument
    from attune_fit.data.clinic.settings import Settings
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.models.alliance_model import AllianceModel, ScoreParts
    from attune_fit.models.therapist_effects import RosterEffects

Scalar = TypeVar("Scalar", bound=np.generic)

UNLISTED_RULES = frozenset({"declined"})  # always known, so a stated policy for unknown results changes nothing

STARTING_INSTRUMENT = WAI_SR.name  # the synthetic clinics of the starting model have it

# Earlier versions had none of these keys, and they change no ranking by themselves: only a trained model uses them.
UNLISTED_INSTRUMENT_KEYS = {"mean", "sd", "norms_source"}

# Earlier versions had none of these settings. At its default, such a setting changes no ranking.
LATER_SETTINGS = ("dropout_weight", "scale_weights")


@dataclass(frozen=True)
class ScoredRoster:
    """The whole roster checked for n clients, and the k pairs that pass the rules scored and ranked.

    Most pairs break a rule. Only the others become pairs here, in the order of the clients, then of the roster.

    Attributes
    ----------
    client_rows : array of int, shape (n,)
        Rows of the clients in the table ``clients``.
    eligibility : EligibilityResult
        Of the cross of these clients with the whole roster.
    client : array of int, shape (k,)
        Which of the n clients each pair is of; never falling.
    pairs : Pairs
        The list of the k pairs. All arrays below have its shape.
    frame : PairFrame
        The model's features of the pairs.
    parts : ScoreParts
        The parts of the score, in POMP.
    low, high : array
        Ends of the prediction interval for one early rating, in POMP.
    rank, band : array of int
        Place and band on the client's list, from 1; 0 for a pair that is scored although a rule excludes it.
    limits : tuple of two floats
        The range of the shown instrument in the model's POMP.
    """

    client_rows: Indices
    eligibility: EligibilityResult
    client: Indices
    pairs: Pairs
    frame: PairFrame
    parts: ScoreParts
    low: Floats
    high: Floats
    rank: Indices
    band: Indices
    limits: tuple[float, float] = (0.0, 100.0)

    @property
    def score(self) -> Floats:
        """Expected alliance of each pair, in POMP, clipped to the range of the shown instrument."""
        return np.clip(self.parts.score, *self.limits)

    def drop_workings(self) -> ScoredRoster:
        """Return the block without what only scoring and ranking needed: most of its memory."""
        parts = replace(self.parts, weight_loadings=np.empty((len(self.client), 0)))
        return replace(
            self,
            parts=parts,
            pairs=Pairs.from_rows(self.pairs.sides, self.pairs.client_rows, self.pairs.therapist_rows),
        )

    @cached_property
    def starts(self) -> Indices:
        """Where the pairs of each client begin, and where the last ones end; shape (n + 1,)."""
        return np.searchsorted(self.client, np.arange(len(self.client_rows) + 1))

    def list_candidates(self, client: int) -> Indices:
        """Return the positions of a client's candidates in the list of pairs, in the order shown."""
        positions = np.arange(self.starts[client], self.starts[client + 1])
        positions = positions[self.rank[positions] > 0]
        return positions[np.argsort(self.rank[positions])]

    def find_pair(self, client: int, therapist_row: int) -> int | None:
        """Return the position of a client's candidate in the list of pairs; None for another therapist."""
        positions = self.list_candidates(client)
        found = positions[self.pairs.therapist_rows[positions] == therapist_row]
        return int(found[0]) if len(found) else None

    def spread(self, values: npt.NDArray[Scalar], fill: Any = 0) -> npt.NDArray[Scalar]:
        """Return values of the pairs, shape (k,), as an array of shape (n, therapists); ``fill`` for all others."""
        spread = np.full(self.eligibility.excluded_bits.shape, fill, dtype=values.dtype)
        spread[self.client, self.pairs.therapist_rows] = values
        return spread


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
    shared_sides : Sides, optional
        Arrays of ``tables`` that are there already.
    """

    model: AllianceModel
    clinic: Clinic
    tables: Tables
    seed: int
    extra_rules: tuple[Rule, ...] = ()
    shown_instrument: Instrument | None = None
    shared_sides: Sides | None = None

    @classmethod
    def from_clinic(
        cls,
        model: AllianceModel,
        clinic: Clinic,
        tables: Tables,
        seed: int | None = None,
        shared_sides: Sides | None = None,
    ) -> RosterScorer:
        """Build a scorer with the clinic's interval level, and with its seed if ``seed`` is None."""
        settings = clinic.config.settings
        model, seed = model.with_interval_level(settings.interval), settings.seed if seed is None else seed
        return cls(model, clinic, tables, seed, shared_sides=shared_sides)

    @cached_property
    def sides(self) -> Sides:
        """Clients and therapists as arrays."""
        return Sides(self.tables) if self.shared_sides is None else self.shared_sides

    @cached_property
    def therapist_ids(self) -> npt.NDArray[np.object_]:
        """Ids of the therapists, in the order of the roster."""
        return self.tables.therapists["therapist_id"].to_numpy(object)

    @cached_property
    def rows_of_clients(self) -> dict[str, int]:
        """The row of each client by id."""
        return {client_id: row for row, client_id in enumerate(self.sides.list_ids("client"))}

    @cached_property
    def rows_by_id(self) -> Indices:
        """Rows of the therapists, sorted by their ids."""
        return np.argsort(self.therapist_ids, kind="stable")

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The clinic's rules, then the extra rules."""
        return (*select_rules(self.clinic.config), *self.extra_rules)

    @cached_property
    def turned_weights(self) -> Bools:
        """Features that act against their stated direction in this clinic; see :func:`find_turned_weights`."""
        return find_turned_weights(self.model, self.sides)

    @cached_property
    def reason_criteria(self) -> ReasonCriteria:
        """What decides which parts of a score can be reasons."""
        return ReasonCriteria(self.model, self.turned_weights, self.points_per_pomp)

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
            "settings": _list_settings(config.settings),
            "instrument": self.instrument.model_dump(mode="json", by_alias=True, exclude=UNLISTED_INSTRUMENT_KEYS),
            **({"off": off} if off else {}),
        }
        return hashlib.sha256(json.dumps(policy, sort_keys=True).encode()).hexdigest()

    @cached_property
    def tie_break(self) -> TieBreak:
        """The hashes behind the order inside bands."""
        return TieBreak.from_tables(self.tables, self.model.features, self.seed)

    @cached_property
    def tie_break_weights(self) -> Floats:
        """The weight of each therapist in the tie-break, shape (therapists,)."""
        return np.where(self.is_newcomer, self.clinic.config.settings.newcomer_weight, 1.0)

    @cached_property
    def roster_effects(self) -> RosterEffects:
        """The therapists' own effects, for the rows of the roster."""
        return self.model.therapists.select_for_roster(self.tables.therapists["therapist_id"].to_list())

    def score_clients(
        self, client_rows: Indices, scored_anyway: Collection[str] = (), parts: ScoreParts | None = None
    ) -> ScoredRoster:
        """Check the rules for the whole roster and each of the clients; score and rank the pairs that pass.

        Parameters
        ----------
        client_rows : array of int, shape (n,)
        scored_anyway : collection of str
            Names of rules: a pair that only these exclude is scored, without a place on the list.
        parts : ScoreParts, optional
            The scores of the cross, if they are computed already.
        """
        client_rows = np.asarray(client_rows, dtype=np.intp)
        eligibility = check_by_profile(self.sides, self.rules, client_rows)
        is_scored = eligibility.is_eligible_without(scored_anyway)
        client, therapist = list_pairs(is_scored)
        pairs = Pairs.from_rows(self.sides, client_rows[client], therapist)
        frame = PairFrame.from_pairs(pairs, self.model.features)
        if parts is None:
            parts = self.score_pairs(pairs, frame)
        else:
            parts = self.weigh_outcomes(parts.take(is_scored), pairs, frame)
        low, high = map(self.clip_to_range, self.model.compute_interval(parts))
        rank, band = np.zeros((2, len(client)), dtype=np.intp)
        listed = np.flatnonzero(eligibility.excluded_bits[client, therapist] == 0)
        positions = self._rank_listed(client, pairs, parts, listed)
        rank[listed], band[listed] = positions.rank, positions.band
        return ScoredRoster(client_rows, eligibility, client, pairs, frame, parts, low, high, rank, band, self.limits)

    def score_pairs(self, pairs: Pairs, frame: PairFrame | None = None) -> ScoreParts:
        """Compute the parts of the score of some pairs, and what the clinic's weights of outcomes add to the order."""
        return self.weigh_outcomes(self.model.compute_parts(pairs, frame, self.roster_effects), pairs, frame)

    def weigh_outcomes(self, parts: ScoreParts, pairs: Pairs, frame: PairFrame | None = None) -> ScoreParts:
        """Return the parts with what the weights of outcomes in ``clinic.toml`` add to the order of these pairs."""
        adjustment = compute_order_adjustment(self.model, self.clinic.config.settings, pairs, frame)
        return parts if adjustment is None else replace(parts, adjustment=adjustment)

    def _rank_listed(self, client: Indices, pairs: Pairs, parts: ScoreParts, listed: Indices) -> RankPositions:
        """Return rank and band of the scored pairs that are on the lists, by their positions."""
        therapist = pairs.therapist_rows[listed]
        keys = self.tie_break.draw_keys(pairs.client_rows[listed], therapist)
        parts = parts if len(listed) == len(client) else parts.take(listed)
        return rank_with_near_ties(
            client[listed],
            parts.order_score,
            count_honoured_wishes(pairs)[listed],
            weight_tie_break_keys(keys, self.tie_break_weights[therapist]),
            partial(parts.is_better, level=self.clinic.config.settings.band),
        )

    def score_blocks(
        self, client_rows: Indices, pairs: int, scored_anyway: Collection[str] = ()
    ) -> Iterator[ScoredRoster]:
        """Score the clients in blocks of about ``pairs`` pairs, each block as :meth:`score_clients`.

        Without clients there is one empty block.
        """
        step = max(1, pairs // max(1, len(self.tables.therapists)))
        for start in range(0, max(1, len(client_rows)), step):
            yield self.score_clients(client_rows[start : start + step], scored_anyway)


def _list_settings(settings: Settings) -> dict[str, Any]:
    """Return the settings as plain types, without the later ones that are at their defaults."""
    stated = settings.model_dump(mode="json")
    defaults = type(settings)().model_dump(mode="json")
    return {key: value for key, value in stated.items() if key not in LATER_SETTINGS or value != defaults[key]}


def count_honoured_wishes(pairs: Pairs) -> Floats:
    """Count the client's wishes, of every strength, that the therapist is known to meet; shape of the pairs."""
    counts = np.empty(pairs.shape)
    for place, block in pairs.iterate_blocks(BLOCK_PAIRS):  # a block looks its answers up once
        met = block.count_wishes("must", "met") + block.count_wishes("prefer", "met")
        counts[place] = met + block.count_wishes("avoid", "unmet") + block.count_wishes("never", "unmet")
    return counts
