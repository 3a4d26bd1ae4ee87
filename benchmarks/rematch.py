"""Measure the true gain of a rematch: ``python -m benchmarks.rematch`` writes it to docs/follow-up.md.

Each clinic is drawn anew. Some outcomes train a model as ``attune train`` does, without local trees. Each new client
gets the first therapist on the list and rates the first sessions. Clients with a rating in the lowest fifth are ranked
again. The comparison uses the true expected alliance of pairs, never a rating, because weak ratings rise by chance
(regression to the mean).
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from attune_fit.data.arrays import Floats, Indices
from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.instruments import WAI_SR, list_instruments
from attune_fit.data.clinic.settings import Config
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.data.synthetic.alliance import Truth
from attune_fit.data.synthetic.sessions import simulate_sessions
from attune_fit.data.synthetic.simulate import simulate
from attune_fit.data.synthetic.world import World
from attune_fit.features.feature_catalogue import FEATURES
from attune_fit.features.pairs import Pairs
from attune_fit.matching.follow_up.rematch import update_client
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.models.client_update import ClientHistory, VarianceShares, update_for_client
from attune_fit.training.crossfit.dataset import TrainingDataset
from benchmarks.coverage import train_model
from docs.tables import format_table

PAGE = Path("docs/follow-up.md")
ROWS: tuple[tuple[str, World, int], ...] = (  # description, world, number of training outcomes
    ("pairs differ much (.40 of the variance)", World(), 300),
    ("pairs differ much (.40 of the variance)", World(), 1_000),
    ("pairs differ little (.10)", World(dyad=0.10), 300),
    ("pairs differ little (.10)", World(dyad=0.10), 1_000),
    ("pairs differ much, but no feature predicts how", World(fit=0.0, mix="null", therapist=0.0), 300),
    ("neither pairs nor therapists differ", World(dyad=0.0, fit=0.0, mix="null", therapist=0.0), 300),
)
N_CLINICS, N_THERAPISTS, N_NEW = 12, 30, 300
WEAK_SHARE = 0.20
LOW_DYAD_SHARES = VarianceShares.from_published(read_published_statistics()["dyad_share"].low)
POINTS_PER_POMP = WAI_SR.to_points(1.0) - WAI_SR.to_points(0.0)
COMMAND = "python -m benchmarks.rematch"


@dataclass(frozen=True)
class RematchComparison:
    """Clients of one clinic whose first rating was weak; arrays of shape (clients,), WAI-SR points.

    Attributes
    ----------
    rated
        The client's rating.
    stay, rematch, second, any_other
        True expected alliance with the first therapist; with the first of the rematch; with the second of the first
        list; mean over the other candidates.
    change_high, change_low
        Predicted change by the rematch, if pairs differ much, and if they differ little.
    is_inside
        Whether the 90% interval contains the true change.
    """

    rated: Floats
    stay: Floats
    rematch: Floats
    second: Floats
    any_other: Floats
    change_high: Floats
    change_low: Floats
    is_inside: Floats


def simulate_rematches(seed: int, size: int, world: World, new: int = N_NEW) -> RematchComparison:
    """Train on about ``size`` outcomes of one clinic, simulate first ratings, and rank weak pairs again."""
    simulated = simulate(round(size / 0.85) + new, N_THERAPISTS, seed, world, waiting=new)
    config = Config()
    clinic = Clinic(Path("nowhere"), config, list_instruments(config.instruments))
    records = TrainingDataset.from_tables(
        simulated.tables, compute_early_alliance(simulated.tables, clinic.instruments), FEATURES
    )
    model = train_model(records)
    clients = np.flatnonzero(
        ~simulated.tables.clients["client_id"].isin(list(simulated.tables.met_client_ids)).to_numpy()
    )
    ranked_roster = RosterScorer.from_clinic(model, clinic, simulated.tables).score_clients(clients)
    lists = [ranked_roster.list_candidates(client) for client in range(len(clients))]
    order = np.full((len(clients), N_THERAPISTS), -1)  # candidates in the order shown; only their places are used
    for client, positions in enumerate(lists):
        order[client, : len(positions)] = ranked_roster.pairs.therapist_rows[positions]
    clients, order = _keep_clients_with_choice(clients, np.array([len(one) for one in lists]), order)
    y = _simulate_ratings(np.random.default_rng(seed), simulated.truth, clients, order[:, 0])
    weak = np.flatnonzero(y <= np.quantile(records.y, WEAK_SHARE))
    tables = _add_meetings(simulated.tables, clients[weak], order[weak, 0])
    scorer = RosterScorer.from_clinic(model, clinic, tables)
    return _compare_choices(scorer, simulated.truth, clients[weak], order[weak], y[weak])


def _keep_clients_with_choice(clients: Indices, candidates: Indices, order: Indices) -> tuple[Indices, Indices]:
    """Keep the clients who have at least two other candidates."""
    has_choice = candidates > 2
    return clients[has_choice], order[has_choice]


def _simulate_ratings(rng: np.random.Generator, truth: Truth, clients: Indices, therapists: Indices) -> Floats:
    """Simulate the mean early rating of these pairs, in POMP; NaN means that no form was returned."""
    sessions = simulate_sessions(
        rng, truth.world, sum(truth.compute_parts(clients, therapists), np.zeros(1)), therapists
    )
    sessions = sessions[sessions["rater"] == "client"]
    means = sessions.groupby("episode")["score"].mean().reindex(range(len(clients)))
    return np.asarray(WAI_SR.pomp(means.to_numpy(float)))


def _add_meetings(tables: Tables, clients: Indices, therapists: Indices) -> Tables:
    """Add these pairs to the outcomes."""
    pairs = {
        "client_id": tables.clients["client_id"].to_numpy()[clients],
        "therapist_id": tables.therapists["therapist_id"].to_numpy()[therapists],
    }
    return replace(tables, outcomes=pd.concat([tables.outcomes, pd.DataFrame(pairs)], ignore_index=True))


def _compare_choices(
    scorer: RosterScorer, truth: Truth, clients: Indices, order: Indices, y: Floats
) -> RematchComparison:
    """Return the true alliance of every choice for these clients."""
    truth_points = WAI_SR.to_points(truth.compute_expected_alliance(clients[:, None], np.arange(N_THERAPISTS)[None, :]))
    results = []
    for row, therapists, rated, pair_truth in zip(clients, order, y, truth_points, strict=True):
        first = therapists[0]
        met = ClientHistory(therapists[:1], np.array([rated]), np.array([False]))
        update, _, ranked_roster = update_client(scorer, int(row), met)
        change, low, high = (POINTS_PER_POMP * part for part in update.compute_change(int(first), 0.90))
        change_low = (
            POINTS_PER_POMP
            * update_for_client(
                scorer.model, Pairs.cross(scorer.sides, [int(row)]), met, LOW_DYAD_SHARES
            ).compute_change(int(first), 0.90)[0]
        )
        rematch = ranked_roster.pairs.therapist_rows[ranked_roster.list_candidates(0)[0]]
        is_candidate = ranked_roster.eligibility.is_eligible[0]
        gain = pair_truth[rematch] - pair_truth[first]
        results.append(
            (WAI_SR.to_points(rated), pair_truth[first], pair_truth[rematch], pair_truth[therapists[1]],
             pair_truth[is_candidate].mean(), change[rematch], change_low[rematch],
             low[rematch] <= gain <= high[rematch])
        )  # fmt: skip
    return RematchComparison(*np.array(results, dtype=float).T)


def list_rows(results: Mapping[tuple[str, int], list[RematchComparison]]) -> Iterator[tuple[str, ...]]:
    """Yield the means over clinics with their 95% intervals, one row for each world and size."""
    for (world, size), clinics in results.items():
        yield (
            world, f"{size:,}", f"{np.mean([len(clinic.rated) for clinic in clinics]):.0f}",
            f"{np.mean([clinic.rated.mean() for clinic in clinics]):.2f}",
            f"{np.mean([clinic.stay.mean() for clinic in clinics]):.2f}",
            *(_format_mean([(clinic.rematch - getattr(clinic, alternative)).mean() for clinic in clinics])
              for alternative in ALTERNATIVES),
            *(f"{np.mean([getattr(clinic, name).mean() for clinic in clinics]):+.2f}"
              for name in ("change_low", "change_high")),
            f"{np.mean([clinic.is_inside.mean() for clinic in clinics]):.0%}",
        )  # fmt: skip


def _format_mean(means: list[np.floating]) -> str:
    reach = stdtrit(len(means) - 1, 0.975) * np.std(means, ddof=1) / np.sqrt(len(means))
    return f"{np.mean(means):+.2f} ± {reach:.2f}"


ALTERNATIVES = ("stay", "any_other", "second")  # in the order of the headers
HEADERS = ("world", "outcomes", "weak, a clinic", "rated", "truth of that pair", "rematch beyond staying",
         "beyond a random other", "beyond the second of the first list", "predicted change, if pairs differ little",
         "if they differ much", "its 90% interval holds")  # fmt: skip


def main() -> None:
    """Measure every row, and write the table into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clinics", type=int, default=N_CLINICS, help="of each world and size")
    clinics = parser.parse_args().clinics
    results = {}
    for name, world, size in ROWS:
        results[name, size] = [simulate_rematches(4_000 + seed, size, world) for seed in range(clinics)]
        print(" | ".join(list(list_rows(results))[-1]), flush=True)
    table = f"{clinics} clinics in each row.\n\n{format_table(HEADERS, list_rows(results))}"
    table_block = f"<!-- sequential -->\n\n{table}\n<!-- /sequential -->"
    page = PAGE.read_text(encoding="utf-8")
    block = re.compile(r"<!-- sequential -->.*<!-- /sequential -->", re.DOTALL)
    PAGE.write_text(block.sub(lambda _: table_block, page), encoding="utf-8")
    print(f"Written to {PAGE}.")


if __name__ == "__main__":
    main()
