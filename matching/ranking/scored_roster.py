"""A block of clients with the whole roster: rules, scores and places, computed once for whoever shows them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.clinic.display_instrument import choose_display_instrument
from attune_fit.features.pairs import Pairs, Sides
from attune_fit.matching.eligibility.eligibility import EligibilityResult
from attune_fit.matching.eligibility.rules import Rule, select_rules
from attune_fit.matching.ranking.near_ties import (
    RankPositions,
    draw_tie_break_keys,
    rank_with_near_ties,
    weight_tie_break_keys,
)
from attune_fit.models.bundle import compute_bundle_name

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.instruments import Instrument
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.models.alliance_model import AllianceModel, ScoreParts


@dataclass(frozen=True)
class ScoredRoster:
    """Some clients and the whole roster; every array has the shape of ``pairs``."""

    pairs: Pairs
    eligibility: EligibilityResult
    parts: ScoreParts
    low: Floats
    high: Floats
    positions: RankPositions

    @property
    def score(self) -> Floats:
        """Expected alliance as it is shown, POMP: no rating can lie beyond the ends of the form."""
        return np.clip(self.parts.score, 0, 100)


@dataclass(frozen=True)
class RosterScorer:
    """Everything needed to rank at a clinic, made ready once for any number of clients.

    Attributes
    ----------
    model, clinic, tables
        As read.
    seed : int
        Decides the order inside bands.
    extra_rules : tuple of Rule
        Rules in use here beside the clinic's own.
    """

    model: AllianceModel
    clinic: Clinic
    tables: Tables
    seed: int
    extra_rules: tuple[Rule, ...] = ()

    @classmethod
    def from_clinic(cls, model: AllianceModel, clinic: Clinic, tables: Tables, seed: int | None = None) -> RosterScorer:
        """Take the seed and the level of intervals from the clinic's settings where not given."""
        settings = clinic.config.settings
        return cls(
            model.with_interval_level(settings.interval), clinic, tables, settings.seed if seed is None else seed
        )

    @cached_property
    def sides(self) -> Sides:
        """Both tables, ready for array work."""
        return Sides(self.tables)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules in use here."""
        return (*select_rules(self.clinic.config), *self.extra_rules)

    @cached_property
    def instrument(self) -> Instrument:
        """In whose points alliance is shown; see :func:`choose_display_instrument`."""
        return choose_display_instrument(self.clinic, self.model.instrument)

    @cached_property
    def points_per_pomp(self) -> float:
        """Points of the instrument for one POMP."""
        return float(self.instrument.to_points(1.0) - self.instrument.to_points(0.0))

    @cached_property
    def is_newcomer(self) -> npt.NDArray[np.bool_]:
        """Therapists without a record in the model, shape (therapists,)."""
        return ~self.tables.therapists["therapist_id"].isin(self.model.therapists.ids).to_numpy(bool)

    @cached_property
    def data_digest(self) -> str:
        """Digest of the tables."""
        return self.tables.digest()

    @cached_property
    def bundle_name(self) -> str:
        """Name of the model's bundle."""
        return self.model.bundle or compute_bundle_name(self.model)

    @cached_property
    def policy_digest(self) -> str:
        """Digest of everything ``clinic.toml`` says that decides a ranking: rules, features, settings."""
        config = self.clinic.config
        said = {
            "rules": [(rule.name, rule.unknown_policy, rule.is_unknown_policy_stated) for rule in self.rules],
            "features": [feature.model_dump(mode="json") for feature in config.features],
            "settings": config.settings.model_dump(mode="json"),
            "instrument": self.instrument.model_dump(mode="json"),
        }
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

    def score_clients(self, client_rows: Indices) -> ScoredRoster:
        """Judge, score and place the whole roster for each of the clients."""
        pairs = Pairs.cross(self.sides, client_rows)
        return self.rank_scored_pairs(pairs, self.model.compute_parts(pairs))

    def rank_scored_pairs(self, pairs: Pairs, parts: ScoreParts) -> ScoredRoster:
        """:meth:`score_clients` from scores that are there already, of a cross."""
        judged = EligibilityResult.from_rules(pairs, self.rules)
        low, high = self.model.compute_interval(parts)
        settings = self.clinic.config.settings
        lots = np.where(self.is_newcomer, settings.newcomer_turns, 1.0)
        mine = weight_tie_break_keys(
            draw_tie_break_keys(self.tables, self.model.features, pairs.client_rows[:, 0], self.seed), lots
        )
        placed = rank_with_near_ties(
            parts.score,
            judged.is_eligible,
            count_honoured_wishes(pairs),
            mine,
            parts.compute_probability_better,
            settings.band,
        )
        return ScoredRoster(pairs, judged, parts, low, high, placed)

    def score_blocks(self, client_rows: Indices, pairs: int) -> Iterator[ScoredRoster]:
        """:meth:`score_clients` in blocks of about so many pairs; one empty block for no client."""
        step = max(1, pairs // max(1, len(self.tables.therapists)))
        for start in range(0, max(1, len(client_rows)), step):
            yield self.score_clients(client_rows[start : start + step])


def count_honoured_wishes(pairs: Pairs) -> Floats:
    """How many of the client's wishes the therapist is known to honour, of every strength; shape of the pairs."""
    wanted = pairs.count_wishes("must", "met") + pairs.count_wishes("prefer", "met")
    return wanted + pairs.count_wishes("avoid", "unmet") + pairs.count_wishes("never", "unmet")
