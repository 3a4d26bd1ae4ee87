"""Draw synthetic clinics with a known truth: the material from which the stacker learns."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.synthetic.effect_draws import INTAKE_COLUMNS
from attune_fit.data.synthetic.people import People
from attune_fit.data.synthetic.simulate import simulate
from attune_fit.data.synthetic.world import POLICIES, World
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pair_frame import PairFrame
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.training.crossfit.dataset import TrainingDataset
from attune_fit.training.stacking.fit_kinds import CARRIERS, KIND_WEIGHTS, draw_pair_fit
from attune_fit.training.stacking.pair_terms import PairTerms, standardize_values

SIZES_PER_CLINIC = 4
CLINICS_PER_POPULATION = 4
NEW_CLIENTS = 60  # clients who wait, in each population
# Ranges, all assumed: log-uniform for numbers of people and the share of fit, uniform for the others.
CLIENTS_RANGE = (1_000, 9_000)
THERAPISTS_RANGE = (12, 60)
MISSING_RANGE = (0.0, 0.3)  # share of clients who leave out a usual intake page
FIT_SHARE_RANGE = (0.02, 0.14)  # of the variance of one early alliance
THERAPIST_SHARE_RANGE = (0.02, 0.09)
NULL_SHARE = 0.08  # of the clinics, without any fit
LEVEL_RANGE = (70.0, 82.0)  # POMP
SPREAD_RANGE = (16.0, 20.0)  # SD of one early alliance, POMP
INTAKE_SCALE_RANGE = (0.0, 2.0)  # factor of the published correlations of intake answers with alliance
OTHER_COLUMNS = ("phq9", "gad7", "age")  # client columns with a small correlation that each clinic draws
OTHER_CORRELATION_SD = 0.03
FORM_POINTS = 48  # steps from the lowest to the highest score of one WAI-SR form
MAX_FORMS = 3  # forms in one early mean
MIN_RECORDS = 150  # records of the smallest size, or a quarter of all records
DAYS_TO_RATING = 28  # from referral to the first rating


@dataclass(frozen=True)
class Population:
    """People and the features of their pairs, before any truth is drawn.

    Attributes
    ----------
    records : TrainingDataset
        One record for each client who met a therapist, n records; ``y`` is NaN.
    clients, therapists : People
        True values, in the rows of the tables.
    new_rows : array of int, shape (NEW_CLIENTS,)
        Rows of the clients who wait.
    new_features : array of shape (NEW_CLIENTS, therapists, features)
        Features of the new pairs in units of their scale; NaN where unknown.
    terms : PairTerms
        Scores of all pairs, computed once for all clinics.
    """

    records: TrainingDataset
    clients: People
    therapists: People
    new_rows: Indices
    new_features: Floats
    terms: PairTerms


@dataclass(frozen=True)
class SyntheticClinic:
    """The outcomes of one population under one drawn truth.

    Attributes
    ----------
    records : TrainingDataset
        All records of the population in random order, with the outcome of this clinic in POMP.
    truth : array of shape (NEW_CLIENTS, therapists)
        Expected early alliance of the new pairs, POMP, without what no table contains about the pair. The ends of the
        form do not cut it off.
    kind : str
        A key of :data:`KIND_WEIGHTS`, or ``null`` without fit.
    sizes : tuple of int, length SIZES_PER_CLINIC
        Increasing numbers of records.
    fit_share : float
        Share of fit in the variance of one early alliance over all pairs; 0 in a null clinic.
    """

    records: TrainingDataset
    truth: Floats
    kind: str
    sizes: tuple[int, ...]
    fit_share: float

    def take_records(self, n: int) -> TrainingDataset:
        """Return the first ``n`` records; no earlier result of :meth:`TrainingDataset.compute_once` is kept."""
        return _take_rows(self.records, np.arange(n))


def draw_population(seed: int, clients: int | None = None, therapists: int | None = None) -> Population:
    """Draw people, who met whom, and the features of their pairs.

    Parameters
    ----------
    seed : int
        At least 0. The same seed gives the same population.
    clients, therapists : int, optional
        Number of people, the waiting clients included. Default: log-uniform over :data:`CLIENTS_RANGE` and
        :data:`THERAPISTS_RANGE`.

    Returns
    -------
    Population
    """
    rng = np.random.default_rng(seed)
    n = round(_draw_log_uniform(rng, CLIENTS_RANGE))
    m = round(_draw_log_uniform(rng, THERAPISTS_RANGE))
    # the outcomes of the simulator are not used, so one session is enough
    world = World().replace(sessions=1, missing=rng.uniform(*MISSING_RANGE), meetings=str(rng.choice(POLICIES)))
    simulated = simulate(clients or n, therapists or m, int(rng.integers(2**31)), world, waiting=NEW_CLIENTS)
    tables, truth = simulated.tables, simulated.truth
    sides = Sides(replace(tables, outcomes=tables.outcomes.iloc[:0]))
    client = truth.episodes["client_row"].to_numpy(np.intp)
    therapist = truth.episodes["therapist_row"].to_numpy(np.intp)
    new_rows = np.setdiff1d(np.arange(len(truth.clients)), client)
    referred = tables.clients["referred_on"].to_numpy("datetime64[D]")
    records = TrainingDataset(
        sides,
        FEATURES,
        client,
        therapist,
        np.full(len(client), np.nan),
        referred[client] + np.timedelta64(DAYS_TO_RATING, "D"),
        PairFrame.from_pairs(Pairs.from_rows(sides, client, therapist), FEATURES).standardize(),
    )
    new_features = PairFrame.from_pairs(Pairs.cross(sides, new_rows), FEATURES).standardize()
    terms = PairTerms(truth.clients, truth.therapists, sides)
    return Population(records, truth.clients, truth.therapists, new_rows, new_features, terms)


def draw_clinics(population: Population, seed: int) -> list[SyntheticClinic]:
    """Draw :data:`CLINICS_PER_POPULATION` clinics of one population, each with its own truth, outcomes and sizes."""
    return [_draw_clinic(population, rng) for rng in np.random.default_rng(seed).spawn(CLINICS_PER_POPULATION)]


def _draw_clinic(population: Population, rng: np.random.Generator) -> SyntheticClinic:
    """Draw one clinic.

    Each client has one record. So the unobserved effect of the pair, the client's own unobserved part and chance are
    one normal draw: no method can separate them.
    """
    records, terms, new = population.records, population.terms, population.new_rows
    kind = "null" if rng.random() < NULL_SHARE else _draw_kind(rng)
    fit_share = 0.0 if kind == "null" else _draw_log_uniform(rng, FIT_SHARE_RANGE)
    therapist_share = rng.uniform(*THERAPIST_SHARE_RANGE)
    therapist, client = _draw_therapist_part(rng, terms, therapist_share), _draw_client_part(rng, terms)
    expected = client[:, None] + therapist
    if fit_share:
        expected = expected + np.sqrt(fit_share) * draw_pair_fit(rng, kind, terms)
    noise = np.sqrt(1 - fit_share - therapist_share - client.var()) * rng.standard_normal(len(records))
    level, spread = rng.uniform(*LEVEL_RANGE), rng.uniform(*SPREAD_RANGE)
    alliance = level + spread * (expected[records.client, records.therapist] + noise)
    step = 100 / (FORM_POINTS * rng.integers(1, MAX_FORMS + 1))
    rated = replace(records, y=np.clip(np.round(alliance / step) * step, 0.0, 100.0))
    return SyntheticClinic(
        _take_rows(rated, rng.permutation(len(records))),
        level + spread * expected[new],
        kind,
        _draw_sizes(rng, len(records)),
        fit_share,
    )


def _draw_kind(rng: np.random.Generator) -> str:
    weights = np.array(list(KIND_WEIGHTS.values()), dtype=float)
    return str(rng.choice(list(KIND_WEIGHTS), p=weights / weights.sum()))


def _draw_therapist_part(rng: np.random.Generator, terms: PairTerms, share: float) -> Floats:
    """Draw therapists' general levels, shape (therapists,): skill, the mean of a carrier, and an unobserved part.

    In SD of one early alliance; the square of their SD is about ``share``.
    """
    parts = (
        terms.take_therapist_column("interpersonal_skill")[0],
        standardize_values(terms.take_carrier(str(rng.choice(CARRIERS))).mean(axis=0)),
        rng.standard_normal(len(terms.therapists)),
    )
    return np.asarray(np.sqrt(share * rng.dirichlet([1.0, 0.7, 3.0])) @ np.stack(parts))


def _draw_client_part(rng: np.random.Generator, terms: PairTerms) -> Floats:
    """Draw what clients' answers add, shape (clients,), in SD of one early alliance.

    The published correlations are each multiplied by a random factor; other columns have a small random correlation.
    """
    part = np.zeros(len(terms.clients))
    world = World()
    for name, column in INTAKE_COLUMNS.items():
        weight = getattr(world, name) * rng.uniform(*INTAKE_SCALE_RANGE)
        part += weight * terms.take_client_column(column)[:, 0]
    for column in OTHER_COLUMNS:
        part += OTHER_CORRELATION_SD * rng.standard_normal() * terms.take_client_column(column)[:, 0]
    return part


def _draw_sizes(rng: np.random.Generator, n: int) -> tuple[int, ...]:
    """Draw one number of records from each of some ranges that cover ``MIN_RECORDS`` to ``n``, equal on a log scale."""
    edges = np.round(np.geomspace(min(MIN_RECORDS, n / 4), n, SIZES_PER_CLINIC + 1)).astype(int)
    return tuple(int(size) for size in rng.integers(edges[:-1] + 1, edges[1:] + 1))


def _draw_log_uniform(rng: np.random.Generator, ends: tuple[float, float]) -> float:
    return float(np.exp(rng.uniform(*np.log(ends))))


def _take_rows(records: TrainingDataset, rows: Indices | npt.NDArray[np.int64]) -> TrainingDataset:
    """Return the records of some rows, without earlier results."""
    return replace(
        records,
        client=records.client[rows],
        therapist=records.therapist[rows],
        y=records.y[rows],
        measured_on=records.measured_on[rows],
        standardised_features=records.standardised_features[rows],
    )
