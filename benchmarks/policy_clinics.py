"""Whole clinics with a log of lists, choices that follow the log, and ratings: what `attune policy-value` reads."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.instruments import WAI_SR
from attune_fit.data.clinic.tables import complete_columns
from attune_fit.data.reading.read_clinic import read_tables
from attune_fit.data.synthetic.simulate import SimulatedClinic, simulate, write_clinic
from attune_fit.features.pairs import Pairs
from attune_fit.matching.ranking.rank import rank_each
from attune_fit.matching.ranking.scored_roster import RosterScorer, count_honoured_wishes
from attune_fit.matching.ranking_log import log_rankings
from attune_fit.models.active_model import load_active_model
from benchmarks.policy_worlds import N_SHOWN, RATING_PRECISION, Coordinator

LISTED_AT = dt.datetime(2025, 12, 1, 12, tzinfo=dt.UTC)
RATED_ON = np.datetime64("2025-12-20")


@dataclass(frozen=True)
class LoggedClinic:
    """A clinic folder with lists and ratings, and the true difference of the first place from what was done, POMP."""

    folder: Path
    first: float
    done: float


@dataclass(frozen=True)
class ListedClients:
    """Clients with their lists.

    Attributes
    ----------
    rows : array of int, shape (n,)
        Rows of the clients who have at least one place more than are shown.
    order : list of arrays of int
        Rows of the therapists of each list, the first place first.
    band, group : list of arrays of int
        Band, and number of the tied group, of each place.
    """

    rows: Indices
    order: list[Indices]
    band: list[Indices]
    group: list[Indices]


def write_logged_clinic(
    folder: Path, seed: int, n_rated: int, n_therapists: int = 24, population: int = 2_000,
    how: Coordinator = Coordinator(),  # noqa: B008
) -> LoggedClinic:  # fmt: skip
    """Write a clinic with ``n_rated`` lists, choices and ratings of a population, whose true values are known.

    The lists are those of `attune rank` and are logged as it logs them; ``how`` decides the places that are chosen.
    """
    rng = np.random.default_rng(seed)
    made = simulate(population, n_therapists, seed, waiting=population)
    write_clinic(made, folder, truth=False)
    clinic = Clinic.open(folder)
    tables = read_tables(clinic)
    scorer = RosterScorer.from_clinic(load_active_model(clinic, tables), clinic, tables)
    listed = _list_clients(scorer)
    expected = made.truth.compute_expected_alliance(listed.rows[:, None], np.arange(n_therapists)[None, :])
    first, done = _compute_values(listed, expected, how)
    drawn = np.sort(rng.choice(len(listed.rows), n_rated, replace=False))
    ids = tables.clients["client_id"].to_numpy(object)[listed.rows[drawn]]
    log_rankings(clinic, list(rank_each(scorer, ids.tolist())), now=LISTED_AT)
    met = np.array([_choose(listed, number, how, rng) for number in drawn])
    mean = expected[drawn, met] / 100
    pomp = 100 * rng.beta(RATING_PRECISION * mean, RATING_PRECISION * (1 - mean))
    _write_ratings(made, folder, ids, tables.therapists["therapist_id"].to_numpy(object)[met], pomp)
    return LoggedClinic(folder, first, done)


def _list_clients(scorer: RosterScorer) -> ListedClients:
    """Rank all clients; keep those whose list is longer than what is shown."""
    roster = scorer.score_clients(np.arange(len(scorer.tables.clients)))
    wishes = count_honoured_wishes(Pairs.from_rows(scorer.sides, roster.pairs.client_rows, roster.pairs.therapist_rows))
    rows, order, band, group = [], [], [], []
    for client in range(len(roster.client_rows)):
        places = roster.list_candidates(client)
        if len(places) <= N_SHOWN:
            continue
        rows.append(client)
        order.append(roster.pairs.therapist_rows[places])
        band.append(roster.band[places])
        changes = (np.diff(roster.band[places]) != 0) | (np.diff(wishes[places]) != 0)
        group.append(np.concatenate([[0], np.cumsum(changes)]))
    return ListedClients(np.array(rows), order, band, group)


def _compute_choice(band: Indices, how: Coordinator) -> Floats:
    """Compute the probability of each choice, (1 + places,); the first is of a therapist who is not listed."""
    place = np.arange(1, N_SHOWN + 1)
    utility = how.first * (place == 1) + how.log_place * np.log(place) + how.first_band * (band[:N_SHOWN] == 1)
    weight = np.exp(np.append(how.not_listed, utility))
    return np.asarray(weight / weight.sum())


def _compute_values(listed: ListedClients, expected: Floats, how: Coordinator) -> tuple[float, float]:
    """Compute the true value of the first place and of what is done, over the random order; POMP."""
    first = done = 0.0
    for row, (order, band, group) in enumerate(zip(listed.order, listed.band, listed.group, strict=True)):
        values = expected[row, order]
        of_group = np.bincount(group, values) / np.bincount(group)
        by_place = of_group[group]  # over the order inside the groups
        choice = _compute_choice(band, how)
        others = (values.sum() - by_place[:N_SHOWN].sum()) / (len(order) - N_SHOWN)
        first += of_group[0]
        done += choice[0] * others + choice[1:] @ by_place[:N_SHOWN]
    return first / len(listed.rows), done / len(listed.rows)


def _choose(listed: ListedClients, number: int, how: Coordinator, rng: np.random.Generator) -> int:
    """Draw the row of the therapist whom a client meets."""
    order = listed.order[number]
    place = int(rng.choice(1 + N_SHOWN, p=_compute_choice(listed.band[number], how)))
    return int(order[place - 1] if place else rng.choice(order[N_SHOWN:]))


def _write_ratings(
    made: SimulatedClinic, folder: Path, client_ids: np.ndarray, therapist_ids: np.ndarray, pomp: Floats
) -> None:
    """Write the clinic again with one rating of each pair, in points of the WAI-SR."""
    outcomes = pd.DataFrame({
        "client_id": client_ids, "therapist_id": therapist_ids, "instrument": WAI_SR.name, "rater": "client",
        "session": 3.0, "score": WAI_SR.to_points(pomp), "measured_on": RATED_ON,
    })  # fmt: skip
    tables = replace(made.tables, outcomes=complete_columns("outcomes", outcomes))
    write_clinic(SimulatedClinic(tables, made.truth), folder, truth=False)
