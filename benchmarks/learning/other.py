"""Clinics of another maker: people as the simulator draws them, everything that happens to them in other forms.

Measured on, so that a method is not praised for knowing the simulator. People, who may see whom, and which pages stay
empty come from ``data/synthetic``; what suits whom (:mod:`benchmarks.learning.forms`), who is sent to whom, what a
session and a form add and who leaves are written here and shared with nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, ndtr

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.data.clinic.canonical_order import sort_canonically
from attune_fit.data.clinic.instruments import WAI_SR, score_items
from attune_fit.data.clinic.tables import Tables, complete_columns
from attune_fit.data.synthetic.assignment_policy import has_eligible_therapist, is_eligible
from attune_fit.data.synthetic.clients import draw_clients
from attune_fit.data.synthetic.missing_answers import remove_answers
from attune_fit.data.synthetic.observed_tables import build_ids
from attune_fit.data.synthetic.people import People
from attune_fit.data.synthetic.therapists import draw_therapists
from attune_fit.data.synthetic.wishes import build_wish_table, has_wished_attributes
from attune_fit.data.synthetic.world import World
from benchmarks.learning.forms import FORMS

SHARES = {"fit": 0.05, "therapist": 0.05, "chemistry": 0.15, "client": 0.30, "session": 0.40, "form": 0.05}
BALANCED = {"style": 0.20, "wishes": 0.20, "problems": 0.20, "attachment": 0.15, "age": 0.10, "worse": 0.10,
            "smooth": 0.05}  # fmt: skip
LEADS = 0.5  # share of fit of what a mix is called after; the rest is as in the balanced one
TOLD = {"outcome_expectancy": 0.15, "attachment_avoidance": -0.15, "interpersonal_problems": -0.15, "phq9": -0.10}
SKILL = 0.3  # of the therapist, what the roster's observer rating tells
LEVEL, SPREAD = 4.1, 0.8  # WAI-SR points: the centre is near the end of the form
SESSIONS, UNRETURNED, EMPTY = 3, 0.2, 0.10
AS_OF = dt.date(2026, 1, 5)


@dataclass(frozen=True)
class Latent:
    """What is true, in SD of one session's alliance: clients (n,), therapists (m,), fit (n, m), and who may meet."""

    client: Floats
    therapist: Floats
    fit: Floats
    may: Bools

    def expected(self, rows: Indices) -> Floats:
        """Early alliance to expect of some clients with everybody, over all chance and chemistry; POMP."""
        told = self.client[rows, None] + self.therapist + self.fit[rows]
        unsure = SPREAD * np.sqrt(SHARES["chemistry"] + SHARES["session"] + WAI_SR.items * SHARES["form"])
        steps = np.arange(WAI_SR.item_low, WAI_SR.item_high) + 0.5
        points = WAI_SR.item_low + ndtr((LEVEL + SPREAD * told[..., None] - steps) / unsure).sum(axis=-1)
        return WAI_SR.pomp(np.asarray(points))


@dataclass(frozen=True)
class Drawn:
    """A clinic, the early alliance its new clients may expect of everybody (POMP), and whom they may see."""

    tables: Tables
    truth: Floats
    may: Bools


def draw(mix: str, seed: int, known: int, new: int, therapists: int) -> Drawn:
    """Draw a clinic: ``known`` clients who have come, ``new`` ones who have not.

    Raises
    ------
    ValueError
        If there is no such mix.
    """
    people, truth, days, desk = np.random.default_rng([seed, 1]).spawn(4)
    roster = draw_therapists(people, therapists, World())
    asking = draw_clients(people, int(1.5 * (known + new)) + 50)
    clients = asking.take(np.flatnonzero(has_eligible_therapist(asking, roster))[: known + new])
    latent = latent_of(mix, clients, roster, truth)
    tables = _tables(clients, roster, sessions(days, latent, clients, roster, known), known, desk)
    fresh = pd.Index(build_ids(clients)[known:])
    ids = pd.Index(tables.clients["client_id"])
    client = build_ids(clients).get_indexer(ids[ids.isin(fresh)])
    therapist = build_ids(roster).get_indexer(pd.Index(tables.therapists["therapist_id"]))
    return Drawn(tables, latent.expected(client)[:, therapist], latent.may[client][:, therapist])


def latent_of(mix: str, clients: People, therapists: People, rng: np.random.Generator) -> Latent:
    """Draw the truth; each part has its share of :data:`SHARES` exactly, fit over the pairs that may meet."""
    may = is_eligible(clients, therapists)
    fit = np.zeros(may.shape)
    for name, share in carried(mix).items():
        fit += np.sqrt(share) * _scaled(FORMS[name](clients, therapists, rng), may)
    told = sum((r * clients.standardize(name) for name, r in TOLD.items()), np.zeros(len(clients)))
    untold = np.sqrt(1 - sum(r**2 for r in TOLD.values())) * rng.standard_normal(len(clients))
    skill = np.sqrt(SKILL) * therapists["interpersonal_skill"] / np.std(therapists["interpersonal_skill"])
    general = skill + np.sqrt(1 - SKILL) * rng.standard_normal(len(therapists))
    return Latent(
        client=np.sqrt(SHARES["client"]) * _standard(told + untold),
        therapist=np.sqrt(SHARES["therapist"]) * _standard(general),
        fit=np.sqrt(SHARES["fit"]) * _scaled(fit, may),
        may=may,
    )


def carried(mix: str) -> dict[str, float]:
    """Share of fit by form."""
    if mix != "balanced" and mix not in FORMS:
        raise ValueError(f"unknown mix `{mix}`: say balanced, or one of {', '.join(FORMS)}")
    lead = 0.0 if mix == "balanced" else LEADS
    return {name: (1 - lead) * share + lead * (name == mix) for name, share in BALANCED.items()}


def sessions(rng: np.random.Generator, latent: Latent, clients: People, therapists: People, known: int) -> pd.DataFrame:
    """Who met whom, and every form that came back: rows of both sides, days since referral, session, points."""
    wanted = np.isin(clients["wishes"][:known], (1, 2)).astype(float) @ has_wished_attributes(therapists).T
    pull = latent.may[:known] * therapists["caseload"] * (1 + wanted)
    up_to = pull.cumsum(axis=1)
    therapist = (rng.random((known, 1)) * up_to[:, -1:] >= up_to).sum(axis=1)
    client = np.arange(known)
    alliance = latent.client[:known] + latent.therapist[therapist] + latent.fit[client, therapist]
    alliance = alliance + np.sqrt(SHARES["chemistry"]) * rng.standard_normal(known)
    stays = np.cumprod(rng.random((known, SESSIONS - 1)) < expit(2.2 + 0.6 * alliance)[:, None], axis=1)
    back = np.column_stack([np.ones(known), stays]) * (rng.random((known, SESSIONS)) >= UNRETURNED)
    row, session = np.nonzero(back)
    felt = alliance[row] + np.sqrt(SHARES["session"]) * rng.standard_normal(len(row))
    items = felt[:, None] + np.sqrt(WAI_SR.items * SHARES["form"]) * rng.standard_normal((len(row), WAI_SR.items))
    form = pd.DataFrame(np.clip(np.round(LEVEL + SPREAD * items), WAI_SR.item_low, WAI_SR.item_high))
    left = np.where(stays[:, -1] > 0, "no", "yes")
    return score_items(form, WAI_SR).assign(client=row, therapist=therapist[row], session=session + 1.0,
                                            dropped_out=left[row])  # fmt: skip


def _tables(clients: People, therapists: People, forms: pd.DataFrame, known: int, rng: np.random.Generator) -> Tables:
    """Put on paper what a clinic would know."""
    ids = build_ids(clients).to_numpy(), build_ids(therapists).to_numpy()
    referred = np.datetime64(AS_OF, "D") - rng.integers(60, 800, len(clients))
    rated = forms.assign(
        client_id=ids[0][forms["client"]],
        therapist_id=ids[1][forms["therapist"]],
        measured_on=referred[forms["client"]] + 7 * forms["session"].to_numpy(int) + 14,
        instrument=WAI_SR.name,
        rater="client",
    )
    ours = remove_answers(rng, "clients", clients.to_frame("clients"), EMPTY).assign(
        client_id=ids[0], referred_on=referred
    )
    theirs = therapists.to_frame("therapists").assign(therapist_id=ids[1])  # forty rows can be kept complete
    checked = np.full(len(theirs), np.datetime64(AS_OF, "D"))
    return sort_canonically(
        Tables(
            clients=complete_columns("clients", ours),
            therapists=complete_columns("therapists", theirs.assign(updated_on=checked)),
            preferences=complete_columns("preferences", build_wish_table(clients, ids[0])),
            outcomes=complete_columns("outcomes", rated.drop(columns=["client", "therapist"])),
            conflicts=complete_columns("conflicts", pd.DataFrame({"client_id": [], "therapist_id": []})),
            as_of=AS_OF,
            met_client_ids=frozenset(ids[0][:known]),
        )
    )


def _scaled(values: Floats, may: Bools) -> Floats:
    """What is left after the means of both sides over the pairs that may meet, with SD 1 over these; 0 elsewhere."""
    left, weight = np.where(may, values, 0.0), may.astype(float)
    for _ in range(30):
        for axis in (1, 0):
            left = left - weight * left.sum(axis=axis, keepdims=True) / np.maximum(weight.sum(axis, keepdims=True), 1)
    return np.asarray(left / left[may].std())


def _standard(values: Floats) -> Floats:
    return np.asarray((values - values.mean()) / values.std())
