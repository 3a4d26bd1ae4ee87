"""What a rematch is worth where the truth is known: ``python -m benchmarks.rematch`` writes it to docs/follow-up.md.

Each clinic is drawn anew. Some outcomes train a model as ``attune train`` does, without trees of its own; new clients
get the first of their list, live through the first sessions, and those whose rating is among the lowest fifth are
ranked again. What is compared is the true expected alliance of pairs, never a rating: weak ratings rise by chance.
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
from attune_fit.features.catalogue import FEATURES
from attune_fit.matching.follow_up.rematch import update_client
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.models.client_update import ClientHistory, VarianceShares, update_for_client
from attune_fit.training.crossfit.dataset import TrainingDataset
from benchmarks.coverage import trained
from docs.tables import markdown

PAGE = Path("docs/follow-up.md")
ROWS: tuple[tuple[str, World, int], ...] = (  # what is true, and how many outcomes train
    ("pairs differ much (.40 of the variance)", World(), 300),
    ("pairs differ much (.40 of the variance)", World(), 1_000),
    ("pairs differ little (.10)", World(dyad=0.10), 300),
    ("pairs differ little (.10)", World(dyad=0.10), 1_000),
    ("pairs differ much, but no feature predicts how", World(fit=0.0, mix="null", therapist=0.0), 300),
    ("neither pairs nor therapists differ", World(dyad=0.0, fit=0.0, mix="null", therapist=0.0), 300),
)
CLINICS, THERAPISTS, NEW = 12, 30, 300
LOWEST = 0.20
LITTLE = VarianceShares.from_published(read_published_statistics()["dyad_share"].low)
STEP = WAI_SR.to_points(1.0) - WAI_SR.to_points(0.0)
COMMAND = "python -m benchmarks.rematch"


@dataclass(frozen=True)
class Tries:
    """Clients of one clinic whose first rating was weak; arrays of shape (clients,), WAI-SR points.

    ``rated`` is what they said; ``stay``, ``again``, ``next``, ``any_other`` the truth of the first pair, of the first
    of the rematch, of the second on the first list, and the mean truth of the other candidates; ``said`` and ``little``
    the change the rematch told if pairs differ much, and little; ``inside`` whether its interval holds the true one.
    """

    rated: Floats
    stay: Floats
    again: Floats
    next: Floats
    any_other: Floats
    said: Floats
    little: Floats
    inside: Floats


def tries(seed: int, size: int, world: World, new: int = NEW) -> Tries:
    """Train on about ``size`` outcomes of one clinic, offer, rate, and offer again."""
    made = simulate(round(size / 0.85) + new, THERAPISTS, seed, world, waiting=new)
    config = Config()
    clinic = Clinic(Path("nowhere"), config, list_instruments(config.instruments))
    records = TrainingDataset.from_tables(
        made.tables, compute_early_alliance(made.tables, clinic.instruments), FEATURES
    )
    model = trained(records)
    clients = np.flatnonzero(~made.tables.clients["client_id"].isin(list(made.tables.met_client_ids)).to_numpy())
    board = RosterScorer.from_clinic(model, clinic, made.tables).score_clients(clients)
    clients, order = _with_a_choice(clients, board.eligibility.is_eligible.sum(axis=1), board.positions.order)
    y = _rated(np.random.default_rng(seed), made.truth, clients, order[:, 0])
    weak = np.flatnonzero(y <= np.quantile(records.y, LOWEST))
    tables = _having_met(made.tables, clients[weak], order[weak, 0])
    desk = RosterScorer.from_clinic(model, clinic, tables)
    return _compared(desk, made.truth, clients[weak], order[weak], y[weak])


def _with_a_choice(clients: Indices, candidates: Indices, order: Indices) -> tuple[Indices, Indices]:
    """Clients with at least two others to go to."""
    some = candidates > 2
    return clients[some], order[some]


def _rated(rng: np.random.Generator, truth: Truth, clients: Indices, therapists: Indices) -> Floats:
    """Mean early rating of these pairs, POMP; NaN where no form came back."""
    held = simulate_sessions(rng, truth.world, sum(truth.compute_parts(clients, therapists), np.zeros(1)), therapists)
    held = held[held["rater"] == "client"]
    means = held.groupby("episode")["score"].mean().reindex(range(len(clients)))
    return np.asarray(WAI_SR.pomp(means.to_numpy(float)))


def _having_met(tables: Tables, clients: Indices, therapists: Indices) -> Tables:
    """The tables with these pairs among the outcomes."""
    pairs = {
        "client_id": tables.clients["client_id"].to_numpy()[clients],
        "therapist_id": tables.therapists["therapist_id"].to_numpy()[therapists],
    }
    return replace(tables, outcomes=pd.concat([tables.outcomes, pd.DataFrame(pairs)], ignore_index=True))


def _compared(desk: RosterScorer, truth: Truth, clients: Indices, order: Indices, y: Floats) -> Tries:
    """The truth of each way on."""
    true = WAI_SR.to_points(truth.compute_expected_alliance(clients[:, None], np.arange(THERAPISTS)[None, :]))
    found = []
    for row, places, rated, mine in zip(clients, order, y, true, strict=True):
        first = places[0]
        met = ClientHistory(places[:1], np.array([rated]), np.array([False]))
        known, _, board = update_client(desk, int(row), met)
        change, low, high = (STEP * each for each in known.compute_change(int(first), 0.90))
        little = STEP * update_for_client(desk.model, board.pairs, met, LITTLE).compute_change(int(first), 0.90)[0]
        again, others = board.positions.order[0, 0], board.eligibility.is_eligible[0]
        gain = mine[again] - mine[first]
        found.append(
            (WAI_SR.to_points(rated), mine[first], mine[again], mine[places[1]], mine[others].mean(),
             change[again], little[again], low[again] <= gain <= high[again])
        )  # fmt: skip
    return Tries(*np.array(found, dtype=float).T)


def rows(found: Mapping[tuple[str, int], list[Tries]]) -> Iterator[tuple[str, ...]]:
    """Means over clinics with their 95% intervals."""
    for (world, size), clinics in found.items():
        yield (
            world, f"{size:,}", f"{np.mean([len(one.rated) for one in clinics]):.0f}",
            f"{np.mean([one.rated.mean() for one in clinics]):.2f}",
            f"{np.mean([one.stay.mean() for one in clinics]):.2f}",
            *(_told([(one.again - getattr(one, than)).mean() for one in clinics]) for than in OTHERS),
            *(f"{np.mean([getattr(one, name).mean() for one in clinics]):+.2f}" for name in ("little", "said")),
            f"{np.mean([one.inside.mean() for one in clinics]):.0%}",
        )  # fmt: skip


def _told(means: list[np.floating]) -> str:
    reach = stdtrit(len(means) - 1, 0.975) * np.std(means, ddof=1) / np.sqrt(len(means))
    return f"{np.mean(means):+.2f} ± {reach:.2f}"


OTHERS = ("stay", "any_other", "next")  # in the order of the heads
HEADS = ("world", "outcomes", "weak, a clinic", "rated", "truth of that pair", "rematch beyond staying",
         "beyond a random other", "beyond the second of the first list", "predicted change, if pairs differ little",
         "if they differ much", "its 90% interval holds")  # fmt: skip


def main() -> None:
    """Draw, try, and write the table into the page."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--clinics", type=int, default=CLINICS, help="of each world and size")
    clinics = asked.parse_args().clinics
    found = {}
    for name, world, size in ROWS:
        found[name, size] = [tries(4_000 + seed, size, world) for seed in range(clinics)]
        print(" | ".join(list(rows(found))[-1]), flush=True)
    shown = f"{clinics} clinics in each row.\n\n{markdown(HEADS, rows(found))}"
    said = f"<!-- sequential -->\n\n{shown}\n<!-- /sequential -->"
    page = PAGE.read_text(encoding="utf-8")
    block = re.compile(r"<!-- sequential -->.*<!-- /sequential -->", re.DOTALL)
    PAGE.write_text(block.sub(lambda _: said, page), encoding="utf-8")
    print(f"Written to {PAGE}.")


if __name__ == "__main__":
    main()
