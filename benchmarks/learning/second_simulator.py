"""A second simulator: the same people as the project's simulator, but other functional forms.

It checks that a method does not depend on the formulas of the first simulator. ``data/synthetic`` draws the people,
eligibility and missing pages. This module has its own formulas for meetings, sessions, forms and dropout. Its formulas
for fit are in :mod:`benchmarks.learning.forms` and :mod:`benchmarks.learning.aside_forms`.
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
from benchmarks.learning import aside_forms
from benchmarks.learning.forms import FORMS

SHARES = {"fit": 0.05, "therapist": 0.05, "chemistry": 0.15, "client": 0.30, "session": 0.40, "form": 0.05}
BALANCED = {"style": 0.20, "wishes": 0.20, "problems": 0.20, "attachment": 0.15, "age": 0.10, "worse": 0.10,
            "smooth": 0.05}  # fmt: skip
ALL_FORMS = {**FORMS, **aside_forms.ASIDE_FORMS}
STRONG_FIT_SHARE = 0.10  # of the mixes whose name begins with STRONG
STRONG = "strong_"
LEAD_SHARE = 0.5  # share of fit of the form that names the mix; the other forms as in the balanced mix
CLIENT_CORRELATIONS = {
    "outcome_expectancy": 0.15,
    "attachment_avoidance": -0.15,
    "interpersonal_problems": -0.15,
    "phq9": -0.10,
}
SKILL_SHARE = 0.3  # share of the therapist variance that the roster's observer rating explains
MEAN_POINTS, POINTS_SD = 4.1, 0.8  # WAI-SR points; the mean is near the end of the scale
N_SESSIONS, UNRETURNED_SHARE, EMPTY_SHARE = 3, 0.2, 0.10
AS_OF = dt.date(2026, 1, 5)


@dataclass(frozen=True)
class LatentTruth:
    """True parts in SD of one session's alliance: clients (n,), therapists (m,), fit (n, m); and eligibility (n, m)."""

    client: Floats
    therapist: Floats
    fit: Floats
    eligible: Bools

    def compute_expected_alliance(self, rows: Indices) -> Floats:
        """Compute the expected early alliance of some clients with every therapist, averaged over chemistry; POMP."""
        explained = self.client[rows, None] + self.therapist + self.fit[rows]
        noise_sd = POINTS_SD * np.sqrt(SHARES["chemistry"] + SHARES["session"] + WAI_SR.items * SHARES["form"])
        steps = np.arange(WAI_SR.item_low, WAI_SR.item_high) + 0.5
        points = WAI_SR.item_low + ndtr((MEAN_POINTS + POINTS_SD * explained[..., None] - steps) / noise_sd).sum(
            axis=-1
        )
        return WAI_SR.pomp(np.asarray(points))


@dataclass(frozen=True)
class DrawnClinic:
    """A clinic, the expected early alliance of its new clients with every therapist (POMP), and eligibility."""

    tables: Tables
    truth: Floats
    eligible: Bools


def draw_clinic(mix: str, seed: int, n_known: int, n_new: int, therapists: int) -> DrawnClinic:
    """Draw a clinic with ``n_known`` clients who have met a therapist, and ``n_new`` new clients.

    Raises
    ------
    ValueError
        If the mix is unknown.
    """
    people_rng, truth_rng, session_rng, answer_rng = np.random.default_rng([seed, 1]).spawn(4)
    roster = draw_therapists(people_rng, therapists, World())
    applicants = draw_clients(people_rng, int(1.5 * (n_known + n_new)) + 50)
    clients = applicants.take(np.flatnonzero(has_eligible_therapist(applicants, roster))[: n_known + n_new])
    latent = draw_latent_truth(mix, clients, roster, truth_rng)
    tables = _build_tables(
        clients, roster, draw_sessions(session_rng, latent, clients, roster, n_known), n_known, answer_rng
    )
    new_ids = pd.Index(build_ids(clients)[n_known:])
    ids = pd.Index(tables.clients["client_id"])
    client = build_ids(clients).get_indexer(ids[ids.isin(new_ids)])
    therapist = build_ids(roster).get_indexer(pd.Index(tables.therapists["therapist_id"]))
    return DrawnClinic(
        tables, latent.compute_expected_alliance(client)[:, therapist], latent.eligible[client][:, therapist]
    )


def draw_latent_truth(mix: str, clients: People, therapists: People, rng: np.random.Generator) -> LatentTruth:
    """Draw the truth; each part has exactly its share of :data:`SHARES`, fit over the eligible pairs."""
    eligible = is_eligible(clients, therapists)
    fit = np.zeros(eligible.shape)
    for name, share in compute_form_shares(mix).items():
        fit += np.sqrt(share) * _center_and_scale(ALL_FORMS[name](clients, therapists, rng), eligible)
    explained = sum((r * clients.standardize(name) for name, r in CLIENT_CORRELATIONS.items()), np.zeros(len(clients)))
    unexplained = np.sqrt(1 - sum(r**2 for r in CLIENT_CORRELATIONS.values())) * rng.standard_normal(len(clients))
    skill = np.sqrt(SKILL_SHARE) * therapists["interpersonal_skill"] / np.std(therapists["interpersonal_skill"])
    general = skill + np.sqrt(1 - SKILL_SHARE) * rng.standard_normal(len(therapists))
    return LatentTruth(
        client=np.sqrt(SHARES["client"]) * _standardize(explained + unexplained),
        therapist=np.sqrt(SHARES["therapist"]) * _standardize(general),
        fit=np.sqrt(_find_fit_share(mix)) * _center_and_scale(fit, eligible),
        eligible=eligible,
    )


def compute_form_shares(mix: str) -> dict[str, float]:
    """Return the share of fit of each form; a form that is kept aside has all of it."""
    mix = mix.removeprefix(STRONG)
    if mix != "balanced" and mix not in ALL_FORMS:
        raise ValueError(f"unknown mix `{mix}`: use balanced, or one of {', '.join(ALL_FORMS)}")
    if mix == "balanced" or mix in aside_forms.ASIDE_FORMS:
        return BALANCED if mix == "balanced" else {mix: 1.0}
    shares = {name: (1 - LEAD_SHARE) * share for name, share in BALANCED.items()}
    return {**shares, mix: shares.get(mix, 0.0) + LEAD_SHARE}


def _find_fit_share(mix: str) -> float:
    """Return the share of fit in the variance of one session's alliance."""
    if mix.startswith(STRONG):
        return STRONG_FIT_SHARE
    return aside_forms.FIT_SHARE if mix in aside_forms.ASIDE_FORMS else SHARES["fit"]


def draw_sessions(
    rng: np.random.Generator, latent: LatentTruth, clients: People, therapists: People, n_known: int
) -> pd.DataFrame:
    """Draw meetings and returned forms: rows of both sides, days since referral, session, points."""
    wanted = np.isin(clients["wishes"][:n_known], (1, 2)).astype(float) @ has_wished_attributes(therapists).T
    assignment_weight = latent.eligible[:n_known] * therapists["caseload"] * (1 + wanted)
    cumulative = assignment_weight.cumsum(axis=1)
    therapist = (rng.random((n_known, 1)) * cumulative[:, -1:] >= cumulative).sum(axis=1)
    client = np.arange(n_known)
    alliance = latent.client[:n_known] + latent.therapist[therapist] + latent.fit[client, therapist]
    alliance = alliance + np.sqrt(SHARES["chemistry"]) * rng.standard_normal(n_known)
    stays = np.cumprod(rng.random((n_known, N_SESSIONS - 1)) < expit(2.2 + 0.6 * alliance)[:, None], axis=1)
    is_returned = np.column_stack([np.ones(n_known), stays]) * (rng.random((n_known, N_SESSIONS)) >= UNRETURNED_SHARE)
    row, session = np.nonzero(is_returned)
    session_alliance = alliance[row] + np.sqrt(SHARES["session"]) * rng.standard_normal(len(row))
    items = session_alliance[:, None] + np.sqrt(WAI_SR.items * SHARES["form"]) * rng.standard_normal(
        (len(row), WAI_SR.items)
    )
    form = pd.DataFrame(np.clip(np.round(MEAN_POINTS + POINTS_SD * items), WAI_SR.item_low, WAI_SR.item_high))
    dropped_out = np.where(stays[:, -1] > 0, "no", "yes")
    return score_items(form, WAI_SR).assign(client=row, therapist=therapist[row], session=session + 1.0,
                                            dropped_out=dropped_out[row])  # fmt: skip


def _build_tables(
    clients: People, therapists: People, forms: pd.DataFrame, n_known: int, rng: np.random.Generator
) -> Tables:
    """Build the tables that a clinic would have."""
    ids = build_ids(clients).to_numpy(), build_ids(therapists).to_numpy()
    referred = np.datetime64(AS_OF, "D") - rng.integers(60, 800, len(clients)).astype("timedelta64[D]")
    outcomes = forms.assign(
        client_id=ids[0][forms["client"]],
        therapist_id=ids[1][forms["therapist"]],
        measured_on=referred[forms["client"]] + (7 * forms["session"].to_numpy(int) + 14).astype("timedelta64[D]"),
        instrument=WAI_SR.name,
        rater="client",
    )
    client_table = remove_answers(rng, "clients", clients.to_frame("clients"), EMPTY_SHARE).assign(
        client_id=ids[0], referred_on=referred
    )
    therapist_table = therapists.to_frame("therapists").assign(therapist_id=ids[1])  # forty rows can be kept complete
    updated_on = np.full(len(therapist_table), np.datetime64(AS_OF, "D"))
    return sort_canonically(
        Tables(
            clients=complete_columns("clients", client_table),
            therapists=complete_columns("therapists", therapist_table.assign(updated_on=updated_on)),
            preferences=complete_columns("preferences", build_wish_table(clients, ids[0])),
            outcomes=complete_columns("outcomes", outcomes.drop(columns=["client", "therapist"])),
            conflicts=complete_columns("conflicts", pd.DataFrame({"client_id": [], "therapist_id": []})),
            as_of=AS_OF,
            met_client_ids=frozenset(ids[0][:n_known]),
        )
    )


def _center_and_scale(values: Floats, eligible: Bools) -> Floats:
    """Remove the means of both sides over eligible pairs, and scale to SD 1 over these; 0 for other pairs."""
    residual, weight = np.where(eligible, values, 0.0), eligible.astype(float)
    for _ in range(30):
        for axis in (1, 0):
            residual = residual - weight * residual.sum(axis=axis, keepdims=True) / np.maximum(
                weight.sum(axis, keepdims=True), 1
            )
    return np.asarray(residual / residual[eligible].std())


def _standardize(values: Floats) -> Floats:
    return np.asarray((values - values.mean()) / values.std())
