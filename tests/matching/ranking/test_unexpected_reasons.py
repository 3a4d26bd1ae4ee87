"""Where opposites suit, a trained clinic's reasons state it, in sentences that hold for the pair and for the clinic."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

import numpy as np
import pytest

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.clinic.instruments import INSTRUMENTS
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.data.synthetic.named_worlds import WORLDS
from attune_fit.data.synthetic.simulate import SimulatedClinic, simulate
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.matching.explaining.score_breakdown import explain_score
from attune_fit.matching.ranking.contribution_texts import (
    describe_contribution,
    find_turned_weights,
)
from attune_fit.matching.ranking.reasons import RelativeContributions
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.alliance_model import AllianceModel
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import Recipe
from tests.matching.builders import busy, compute_roster_contributions, opened, published

PairIndex = tuple[int, int]  # which of the waiting clients, row of the therapist
BETTER, WORSE = "clients here did better with that", "clients here did less well with that"
NAMES = tuple(feature.name for feature in FEATURES)


@dataclass(frozen=True)
class OppositesClinic:
    """A clinic in which therapists with a style unlike the wished one suit, with a model of its records."""

    simulated: SimulatedClinic
    model: AllianceModel

    @classmethod
    @cache
    def build(cls) -> OppositesClinic:
        simulated = simulate(2_600, 25, seed=3, world=WORLDS["complementarity"].build_world(), waiting=60)
        early = compute_early_alliance(simulated.tables, {row.name: row for row in INSTRUMENTS})
        records = TrainingDataset.from_tables(simulated.tables, early[early["pomp"].notna()], FEATURES)
        assert len(records) >= 2_000
        start = load_starting_model()
        model = Recipe(prior=start.evidence).fit(records, np.arange(len(records)))
        return cls(simulated, replace(model, n_outcomes=len(records)))

    @cached_property
    def waiting(self) -> Indices:
        tables = self.simulated.tables
        return np.flatnonzero(~tables.clients["client_id"].isin(list(tables.met_client_ids)))

    @cached_property
    def contributions(self) -> list[RelativeContributions]:
        """Those of each waiting client, with the whole roster as candidates."""
        sides = Sides(self.simulated.tables)
        return [compute_roster_contributions(self.model, sides, client) for client in self.waiting]

    def list_unexpected(self) -> list[tuple[PairIndex, str, int]]:
        """Pair, feature and sign of each reason and caution whose sentence has the ending about this clinic."""
        found = []
        for client, one in enumerate(self.contributions):
            for row in range(len(one.values)):
                reasons = one.select_reasons(row)
                found += [((client, row), reason.feature, 1) for reason in reasons if BETTER in reason.says]
                caution = one.find_caution(row)
                if caution is not None and WORSE in caution.says:
                    found.append(((client, row), caution.about, -1))
        return found

    def score(self, pair: PairIndex, columns: dict[str, Any] | None = None) -> float:
        """Return the score of one pair, POMP, with some of the therapist's columns replaced."""
        tables, client_row = self.simulated.tables, self.waiting[pair[0]]
        wishes = tables.preferences["client_id"] == tables.clients["client_id"].iloc[client_row]
        one_pair = replace(
            tables,
            clients=tables.clients.iloc[[client_row]].reset_index(drop=True),
            therapists=tables.therapists.iloc[[pair[1]]].reset_index(drop=True).assign(**(columns or {})),
            preferences=tables.preferences[wishes].reset_index(drop=True),
        )
        return float(self.model.compute_parts(Pairs.from_rows(Sides(one_pair), [0], [0])).score[0])


def center_twice(values: Floats) -> Floats:
    """Subtract the means of clients and of therapists: what is left is the pair's own."""
    values = values - values.mean(axis=1, keepdims=True)
    return np.asarray(values - values.mean(axis=0, keepdims=True))


def test_reasons_and_cautions_state_that_opposites_did_better_here() -> None:
    found = OppositesClinic.build().list_unexpected()
    assert sum(sign > 0 for _, _, sign in found) > 100
    assert sum(sign < 0 for _, _, sign in found) > 10
    assert {dict(zip(NAMES, FEATURES, strict=True))[name].family for _, name, _ in found} == {"style"}


def test_without_the_input_the_score_moves_as_the_sentence_states() -> None:
    clinic = OppositesClinic.build()
    for pair, name, sign in clinic.list_unexpected()[::23]:
        unknown = dict.fromkeys(FEATURES[NAMES.index(name)].therapist)
        assert sign * (clinic.score(pair) - clinic.score(pair, unknown)) > 0, (pair, name)


def test_at_the_wished_style_the_score_falls() -> None:
    """A therapist who is far from the wished value in one column gets exactly that value."""
    clinic, n_checked = OppositesClinic.build(), 0
    for pair, name, sign in clinic.list_unexpected()[::3]:
        if name.endswith("_gap") and sign > 0:
            wished = clinic.contributions[pair[0]].pairs.take_client_numbers(name.replace("_gap", "_preference"))[0]
            moved = {FEATURES[NAMES.index(name)].therapist[0]: wished}  # the gap is then 0
            assert clinic.score(pair, moved) < clinic.score(pair), (pair, name)
            n_checked += 1
    assert n_checked > 10


def test_the_sentence_is_true_of_the_clinic() -> None:
    """The true pair effect moves with the feature as the sentence states, against the feature's direction."""
    clinic = OppositesClinic.build()
    pairs = Pairs.cross(Sides(clinic.simulated.tables), range(300))
    truth = clinic.simulated.truth.compute_expected_alliance(
        pairs.client_rows, pairs.therapist_rows, chemistry=False
    )  # fmt: skip
    values = PairFrame.from_pairs(pairs, FEATURES).values
    for name in {name for _, name, _ in clinic.list_unexpected()}:
        feature, value = FEATURES[NAMES.index(name)], values[..., NAMES.index(name)]
        value = np.where(np.isnan(value), np.nanmean(value), value)
        slope = float((center_twice(value) * center_twice(truth)).sum())
        assert slope * (1 if feature.direction == "+" else -1) < 0, name


def test_the_sum_behind_a_score_has_the_same_sentences() -> None:
    clinic = OppositesClinic.build()
    tables = clinic.simulated.tables
    pair, name, sign = clinic.list_unexpected()[0]
    ids = tables.clients["client_id"].iloc[clinic.waiting[pair[0]]], tables.therapists["therapist_id"].iloc[pair[1]]
    explained = explain_score(RosterScorer.from_clinic(clinic.model, opened(), tables), *map(str, ids))
    assert next(one.says for one in explained.addends if one.name == name).endswith(BETTER if sign > 0 else WORSE)


@pytest.mark.parametrize(
    ("weights", "n_outcomes", "turned"),
    [
        ({"style_closeness": -1.0}, 9, True),
        ({"style_closeness": -1.0}, 0, False),  # only records turn a weight
        ({"style_closeness": 1.0}, 9, False),
        ({"style_closeness": -1.0, "style_distance": -5.0}, 9, False),  # near styles do better on the whole
    ],
)
def test_a_turned_weight_needs_records_and_the_whole_input(
    weights: dict[str, float], n_outcomes: int, turned: bool
) -> None:
    model = published()
    mean = np.zeros_like(model.evidence.mean)
    for name, weight in weights.items():
        mean[1 + NAMES.index(name)] = weight
    changed = replace(model, evidence=replace(model.evidence, mean=mean), n_outcomes=n_outcomes)
    assert find_turned_weights(changed, Sides(busy()))[NAMES.index("style_closeness")] == turned
    assert not find_turned_weights(changed, Sides(busy()))[NAMES.index("specialist_focus")]  # its direction is free


@pytest.mark.parametrize("contribution", [1.0, -1.0])
def test_a_feature_without_a_direction_has_no_ending(contribution: float) -> None:
    free = FEATURES[NAMES.index("specialist_focus")]
    assert describe_contribution(free, 9.0, contribution, is_turned=False) == free.text_above
