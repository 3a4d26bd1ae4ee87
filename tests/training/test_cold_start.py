"""Cold start: a therapist without ratings, a client with half of the intake unanswered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.clinic.columns import list_columns
from attune_fit.data.clinic.instruments import INSTRUMENTS
from attune_fit.data.clinic.tables import Tables, complete_columns
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.data.synthetic.simulate import simulate
from attune_fit.data.synthetic.world import World
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.matching.ranking.scored_roster import count_honoured_wishes
from attune_fit.matching.ranking.tie_break import TieBreak
from attune_fit.models.active_model import load_starting_model
from attune_fit.models.alliance_model import AllianceModel, ScoreParts
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.crossfit.pipeline import Recipe
from benchmarks.cross_ranking import rank_cross

INSTRUMENT = {row.name: row for row in INSTRUMENTS}
INTAKE = sorted({column for feature in FEATURES for column in feature.client} & set(list_columns("clients")))
ROSTER, NEW = 40, 10
BAND = 0.55  # as `settings.band` has it


def trained(tables: Tables, without: npt.NDArray[np.bool_] | None = None) -> AllianceModel:
    """What a clinic's records make of day 0, but for those of some therapists."""
    early, start = compute_early_alliance(tables, INSTRUMENT), load_starting_model()
    if without is not None:
        early = early[~without[early["therapist_row"]]]
    records = TrainingDataset.from_tables(tables, early, FEATURES)
    return Recipe(prior=start.evidence).fit(records, np.arange(len(records)))


def ranked(tables: Tables, pairs: Pairs, parts: ScoreParts, level: float = BAND) -> tuple[Indices, Indices]:
    """Rank and band of every therapist for every client, everybody on offer."""
    everybody = np.ones(parts.score.shape, dtype=bool)
    drawn = TieBreak.from_tables(tables, FEATURES, 0).draw_keys(pairs.client_rows, pairs.therapist_rows)
    found = rank_cross(parts, everybody, count_honoured_wishes(pairs), drawn, level)
    return found.rank, found.band


@dataclass(frozen=True)
class Whole:
    """A clinic in which everything was answered, and the same with half of each client's answers missing."""

    tables: Tables
    half: Tables

    @classmethod
    @cache
    def drawn(cls) -> Whole:
        tables, rng = simulate(300, 25, seed=70, world=World(missing=0.0), waiting=60).tables, np.random.default_rng(0)
        kept = np.argsort(rng.random((len(tables.clients), len(INTAKE))), axis=1) >= len(INTAKE) // 2
        fewer = {name: tables.clients[name].where(kept[:, column]) for column, name in enumerate(INTAKE)}
        return cls(tables, replace(tables, clients=complete_columns("clients", tables.clients.assign(**fewer))))


def both(model: AllianceModel) -> tuple[ScoreParts, ScoreParts]:
    """The parts of everybody with everybody: all answered, half answered."""
    whole = Whole.drawn()
    return model.compute_parts(Pairs.cross(Sides(whole.tables))), model.compute_parts(Pairs.cross(Sides(whole.half)))


@cache
def model_of(name: str) -> AllianceModel:
    if name == "published":
        return AllianceModel.from_published(FEATURES)
    return load_starting_model() if name == "day0" else trained(Whole.drawn().tables)


@pytest.mark.parametrize("name", ["published", "day0", "trained"])
def test_half_an_intake_widens_what_is_expected_of_nearly_every_client(name: str) -> None:
    """The exceptions gave extreme answers, for which the weights are known less well than for the typical value."""
    full, half = both(model_of(name))
    wider = half.sd.mean(axis=1) / full.sd.mean(axis=1)
    assert (wider > 1).mean() > 0.9
    assert wider.mean() > 1.005
    assert wider.min() > 0.95


def test_without_an_answer_in_the_usual_spread_less_is_known_feature_by_feature() -> None:
    """A missing one costs the square of its weight; a given one only what is unknown of the weight."""
    model, tables = AllianceModel.from_published(FEATURES), Whole.drawn().tables
    pairs, roster = Pairs.cross(Sides(tables), range(40)), tables.therapists["therapist_id"].to_list()
    standard = model.standardize_features(pairs)
    before = model.compute_parts_from_features(standard, roster, pairs.therapist_rows).sd
    for column in range(len(FEATURES)):
        without = standard.copy()
        without[..., column] = np.nan
        usual = np.abs(standard[..., column]) < 1
        assert (
            model.compute_parts_from_features(without, roster, pairs.therapist_rows).sd[usual] > before[usual]
        ).all()


@pytest.mark.parametrize("name", ["day0", "trained"])
def test_half_an_intake_widens_intervals_and_bands_on_the_whole(name: str) -> None:
    """Of one rating, and downwards: upwards the form ends. A band of fewer answers holds more therapists on average."""
    model, whole = model_of(name), Whole.drawn()
    full, half = both(model)
    reach = [parts.score - model.compute_interval(parts)[0] for parts in (full, half)]
    assert (reach[1].mean(axis=1) / reach[0].mean(axis=1)).mean() > 1
    bands = [
        ranked(tables, Pairs.cross(Sides(tables)), parts)[1].max(axis=1)
        for tables, parts in ((whole.tables, full), (whole.half, half))
    ]
    fewer = (bands[0] - bands[1]).astype(float)
    assert fewer.mean() > 2 * fewer.std() / np.sqrt(len(fewer))


def test_a_therapist_without_ratings_has_no_effect_and_the_full_uncertainty() -> None:
    tables = simulate(150, ROSTER, seed=4).tables
    new = np.arange(ROSTER) < NEW
    model = trained(tables, without=new)
    effect, lean, own = model.therapists.select_for_roster(tables.therapists["therapist_id"].to_list())
    assert (effect[new] == 0).all()
    assert (lean[new] == 0).all()
    assert (own[new] == model.therapists.tau2).all()
    seen = np.isin(tables.therapists["therapist_id"], model.therapists.ids)
    assert not (seen & new).any()
    assert (own[seen] < model.therapists.tau2).all()
    assert (effect[seen] != 0).all()


def of_new(seed: int, levels: tuple[float, ...]) -> Floats:
    """Of one clinic: mean rank of the new therapists, then at each level their share of the first and last three."""
    tables = simulate(450, ROSTER, seed + 500, waiting=150).tables
    new = np.random.default_rng(seed).permutation(ROSTER) < NEW
    parts_of = trained(tables, without=new)
    waiting = np.flatnonzero(~tables.clients["client_id"].isin(list(tables.met_client_ids)))
    pairs = Pairs.cross(Sides(tables), waiting)
    parts, found = parts_of.compute_parts(pairs), []
    for level in levels:
        rank = ranked(tables, pairs, parts, level)[0]
        first, last = (rank[:, new] <= 3).sum(), (rank[:, new] > ROSTER - 3).sum()
        found += [first / (3 * len(waiting)), last / (3 * len(waiting))]
    return np.array([rank[:, new].mean(), *found])


@pytest.mark.slow
def test_new_therapists_rank_in_the_middle_on_average() -> None:
    """A quarter of the roster is new. Their places differ from the others' only by the other parts of the score.

    Ratings move other therapists to both ends, so a new therapist is less often among the first three than
    the quarter they are, and as much less often among the last; the wider the bands, the nearer to a quarter. Clinics
    are the independent units: the tolerance is three standard errors over them.
    """
    seen = np.array([of_new(seed, (BAND, 0.90)) for seed in range(24)])
    mean, error = seen.mean(axis=0), seen.std(axis=0, ddof=1) / np.sqrt(len(seen))
    assert abs(mean[0] - (ROSTER + 1) / 2) < 3 * error[0] < 1.5
    ends = seen[:, 1] - seen[:, 2]
    assert abs(ends.mean()) < 3 * ends.std(ddof=1) / np.sqrt(len(ends)) < 0.1
    assert mean[1] > 0.12
    assert abs(mean[3] - NEW / ROSTER) < 3 * error[3] + 0.03
