"""Simulate the sessions of each episode: dropout, unreturned forms, and the ratings of client and therapist."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.data.clinic.instruments import WAI_SR, score_items
from attune_fit.data.synthetic.questionnaire import CHANCE_SHARES, EARLY_SESSIONS, compute_chance_sd, draw_answers
from attune_fit.data.synthetic.world import World

ITEM_COLUMNS = tuple(f"item_{number}" for number in range(1, WAI_SR.items + 1))
DROPOUT_BEFORE_SESSION = 3  # every dropout happens before this session


def simulate_sessions(
    rng: np.random.Generator, world: World, alliance: Floats, therapist: Indices | None = None
) -> pd.DataFrame:
    """Simulate the sessions and the forms of each episode.

    Parameters
    ----------
    rng : numpy Generator
    world : World
    alliance : array of shape (episodes,)
        Expected alliance, in SD from the typical alliance.
    therapist : array of int of shape (episodes,), optional
        Row of the therapist who rates; each therapist has a rater effect. Default: one therapist for all episodes.

    Returns
    -------
    DataFrame, one row for each completed session and rater with a form
        The columns episode, session (from 1), rater (client or therapist), item_1 to item_12, score, goal, task, bond
        and dropped_out.

        Scores are in WAI-SR points, and NaN if the client did not return the form. dropped_out is yes or no, the same
        in every row of an episode. Clients who dropped out have no session 3, and half of them have no session 2.
    """
    shape = (len(alliance), world.sessions)
    session_alliance = _draw_client_alliance(rng, world, alliance)
    drops_out = _draw_dropout(rng, world, session_alliance[:, 0])
    last_session = np.where(drops_out, rng.integers(1, DROPOUT_BEFORE_SESSION, len(alliance)), world.sessions)
    profile = np.broadcast_to(rng.standard_normal(len(alliance))[:, None], shape)
    client_forms = _score_forms(draw_answers(rng, world, session_alliance, profile))
    client_forms[_draw_unreturned_forms(rng, world, session_alliance).ravel()] = np.nan
    therapist_forms = _score_forms(
        draw_answers(
            rng,
            _build_therapist_world(world),
            _draw_therapist_alliance(rng, world, session_alliance, therapist),
            profile,
        )
    )
    has_therapist_form = np.asarray(rng.random(session_alliance.size) < world.therapist_forms)

    episode, session = (index.ravel() for index in np.indices(shape))
    frame = {"episode": episode, "session": session + 1.0, "dropped_out": np.where(drops_out, "yes", "no")[episode]}
    forms = pd.concat(
        [
            client_forms.assign(**frame, rater="client"),
            therapist_forms.assign(**frame, rater="therapist")[has_therapist_form],
        ],
        ignore_index=True,
    )
    completed = forms[forms["session"] <= last_session[forms["episode"]]]
    return completed.sort_values(["episode", "session", "rater"], ignore_index=True)


def _draw_client_alliance(rng: np.random.Generator, world: World, alliance: Floats) -> Floats:
    """Draw the client's alliance in each session; after the early sessions it changes slowly (autoregression)."""
    session = np.arange(world.sessions)
    carry_over = world.persistence ** np.maximum(0, session - (EARLY_SESSIONS - 1))
    change = _draw_autoregression(rng, world, len(alliance))
    chance = np.sqrt(compute_chance_sd(world, "session") ** 2 + np.where(session == 0, world.first, 0.0))
    noise = chance * rng.standard_normal((len(alliance), world.sessions))
    return np.asarray(carry_over * alliance[:, None] + change + world.growth * session + noise)


def _draw_autoregression(rng: np.random.Generator, world: World, episodes: int) -> Floats:
    """Draw the change that replaces lost carry-over, with constant total variance, shape (episodes, sessions)."""
    change = np.zeros((episodes, world.sessions))
    step = np.sqrt((1 - world.persistence**2) * (1 - world.occasion))
    for session in range(EARLY_SESSIONS, world.sessions):
        change[:, session] = world.persistence * change[:, session - 1] + step * rng.standard_normal(episodes)
    return change


def _score_forms(forms: Floats) -> pd.DataFrame:
    """Return the items and the scores of forms, shape (rows, 16)."""
    items = pd.DataFrame(forms.reshape(-1, WAI_SR.items), columns=list(ITEM_COLUMNS))
    return items.join(score_items(items, WAI_SR).round(2))


def _build_therapist_world(world: World) -> World:
    """Return the world of therapists' forms: ratings are lower by the gap."""
    return world.replace(level=max(WAI_SR.low, world.level - world.gap * world.spread))


def _draw_therapist_alliance(
    rng: np.random.Generator, world: World, session_alliance: Floats, therapist: Indices | None
) -> Floats:
    """Draw the therapist's alliance in each session: a part shared with the client, a rater effect and a residual.

    The total variance equals that of clients. The shared part is larger than the stated correlation of the two forms,
    because chance in both forms attenuates the correlation.
    """
    variance = 1 - world.occasion * (1 - CHANCE_SHARES["session"])
    shared = world.agreement / variance
    rater = np.zeros(len(session_alliance), dtype=np.intp) if therapist is None else therapist
    rater_effect = np.sqrt(world.rater) * rng.standard_normal(int(rater.max(initial=0)) + 1)
    residual_sd = np.sqrt(max(0.0, variance - shared**2 * variance - world.rater))
    return np.asarray(
        shared * session_alliance
        + rater_effect[rater][:, None]
        + residual_sd * rng.standard_normal(session_alliance.shape)
    )


def _draw_dropout(rng: np.random.Generator, world: World, session_alliance: Floats) -> Bools:
    """Draw dropout; it depends on the alliance of session 1, so that dropouts rated it lower by ``dropout_d``."""
    return _draw_selection(
        rng,
        session_alliance,
        world.dropout,
        compute_selection_correlation(world, world.dropout, world.dropout_d, world.first),
        _compute_alliance_sd(world, 0),
    )


def compute_dropout_probability(world: World, alliance: Floats, hidden_variance: float = 0.0) -> Floats:
    """Compute the true probability of dropout, which :func:`simulate_sessions` draws from.

    Parameters
    ----------
    world : World
    alliance : array
        Expected alliance, in SD from the typical alliance.
    hidden_variance : float
        Variance of alliance that ``alliance`` leaves out, and that the probability averages over.

    Returns
    -------
    array of the shape of ``alliance``, 0 to 1
    """
    correlation = compute_selection_correlation(world, world.dropout, world.dropout_d, world.first)
    spread, chance = _compute_alliance_sd(world, 0), compute_chance_sd(world, "session") ** 2 + world.first
    noise = correlation**2 * (chance + hidden_variance) / spread**2 + 1 - correlation**2
    return np.asarray(norm.cdf((norm.ppf(world.dropout) - correlation * alliance / spread) / np.sqrt(noise)))


def _draw_unreturned_forms(rng: np.random.Generator, world: World, session_alliance: Floats) -> Bools:
    """Draw unreturned forms; a low rating is less likely to be returned (missing not at random)."""
    correlation = compute_selection_correlation(world, world.unreturned, world.unreturned_d)
    detrended = session_alliance - world.growth * np.arange(world.sessions)
    spread = np.array([_compute_alliance_sd(world, session) for session in range(world.sessions)])
    return _draw_selection(rng, detrended, world.unreturned, correlation, spread)


def _draw_selection(
    rng: np.random.Generator, session_alliance: Floats, share: float, correlation: float, spread: Floats | float
) -> Bools:
    """Select a share of values, low values more often (probit selection model, true is selected)."""
    propensity = correlation * session_alliance / spread + np.sqrt(1 - correlation**2) * rng.standard_normal(
        session_alliance.shape
    )
    return np.asarray(propensity < norm.ppf(share))


def _compute_alliance_sd(world: World, session: int) -> float:
    """Compute the SD of the client's alliance in one session (0 is the first)."""
    return float(np.sqrt(1 - world.occasion * (1 - CHANCE_SHARES["session"]) + (world.first if session == 0 else 0.0)))


def compute_selection_correlation(world: World, share: float, d: float, extra: float = 0.0) -> float:
    """Return the correlation of staying with the alliance that makes the ratings of the two groups differ by ``d``.

    Three steps: convert Cohen's d to a point-biserial correlation at this share. Convert that to a biserial
    correlation. Correct for attenuation by chance in the form.

    Parameters
    ----------
    world : World
    share : float
        Share of the selected (smaller) group, 0-1.
    d : float
        Cohen's d: mean of the others minus mean of the selected group.
    extra : float
        Extra chance variance of this session.

    Returns
    -------
    float from -0.99 to 0.99
        0 if ``share`` is 0.
    """
    if share == 0:
        return 0.0
    point = d / np.sqrt(d**2 + 1 / (share * (1 - share)))
    biserial = point * np.sqrt(share * (1 - share)) / norm.pdf(norm.ppf(share))
    reliable = 1 - world.occasion * (1 - CHANCE_SHARES["session"]) / (1 + extra)
    return float(np.clip(biserial / np.sqrt(reliable), -0.99, 0.99))
