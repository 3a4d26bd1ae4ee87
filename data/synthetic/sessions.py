"""The sessions of each episode: who leaves, which forms come back, what client and therapist say in them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.data.clinic.instruments import WAI_SR, score_items
from attune_fit.data.synthetic.questionnaire import CHANCE_SHARES, EARLY_SESSIONS, compute_chance_sd, draw_answers
from attune_fit.data.synthetic.world import World

ITEM_COLUMNS = tuple(f"item_{number}" for number in range(1, WAI_SR.items + 1))
DROPOUT_BEFORE_SESSION = 3  # who drops out has left by then


def simulate_sessions(
    rng: np.random.Generator, world: World, alliance: Floats, therapist: Indices | None = None
) -> pd.DataFrame:
    """Live through the sessions of each episode.

    Parameters
    ----------
    rng : numpy Generator
    world : World
    alliance : array of shape (episodes,)
        Expected alliance, SD from the typical.
    therapist : array of int of shape (episodes,), optional
        Which therapist rates; each rates in a way of their own. One for all when left out.

    Returns
    -------
    DataFrame, one row for each session that was held and rater who was to fill in a form
        episode, session (from 1), rater (client or therapist), item_1 to item_12, score, goal, task, bond (WAI-SR
        points; NaN where the client's form did not come back), dropped_out (yes or no, the same in every row of an
        episode). Who dropped out has no session 3, and half of them no session 2.
    """
    shape = (len(alliance), world.sessions)
    felt = _draw_client_alliance(rng, world, alliance)
    lean = _draw_dropout(rng, world, felt[:, 0])
    last = np.where(lean, rng.integers(1, DROPOUT_BEFORE_SESSION, len(alliance)), world.sessions)
    profile = np.broadcast_to(rng.standard_normal(len(alliance))[:, None], shape)
    said = _score_forms(draw_answers(rng, world, felt, profile))
    said[_draw_unreturned_forms(rng, world, felt).ravel()] = np.nan
    theirs = _score_forms(
        draw_answers(rng, _build_therapist_world(world), _draw_therapist_alliance(rng, world, felt, therapist), profile)
    )
    asked = np.asarray(rng.random(felt.size) < world.therapist_forms)

    episode, session = (each.ravel() for each in np.indices(shape))
    frame = {"episode": episode, "session": session + 1.0, "dropped_out": np.where(lean, "yes", "no")[episode]}
    rows = [said.assign(**frame, rater="client"), theirs.assign(**frame, rater="therapist")[asked]]
    held = pd.concat(rows, ignore_index=True)
    held = held[held["session"] <= last[held["episode"]]]
    return held.sort_values(["episode", "session", "rater"], ignore_index=True)


def _draw_client_alliance(rng: np.random.Generator, world: World, alliance: Floats) -> Floats:
    """Alliance as clients feel it in each session: the first tells least; after the early ones it moves on slowly."""
    session = np.arange(world.sessions)
    lasts = world.persistence ** np.maximum(0, session - (EARLY_SESSIONS - 1))
    moved = _draw_autoregression(rng, world, len(alliance))
    chance = np.sqrt(compute_chance_sd(world, "session") ** 2 + np.where(session == 0, world.first, 0.0))
    noise = chance * rng.standard_normal((len(alliance), world.sessions))
    return np.asarray(lasts * alliance[:, None] + moved + world.growth * session + noise)


def _draw_autoregression(rng: np.random.Generator, world: World, episodes: int) -> Floats:
    """What takes the place of alliance that did not last: keeps its variance, shape (episodes, sessions)."""
    moved = np.zeros((episodes, world.sessions))
    step = np.sqrt((1 - world.persistence**2) * (1 - world.occasion))
    for session in range(EARLY_SESSIONS, world.sessions):
        moved[:, session] = world.persistence * moved[:, session - 1] + step * rng.standard_normal(episodes)
    return moved


def _score_forms(forms: Floats) -> pd.DataFrame:
    """Items and scores of forms, shape (rows, 16)."""
    items = pd.DataFrame(forms.reshape(-1, WAI_SR.items), columns=list(ITEM_COLUMNS))
    return items.join(score_items(items, WAI_SR).round(2))


def _build_therapist_world(world: World) -> World:
    """How therapists fill in a form: lower by the gap, one option throughout as often."""
    return world.replace(level=max(WAI_SR.low, world.level - world.gap * world.spread))


def _draw_therapist_alliance(rng: np.random.Generator, world: World, felt: Floats, therapist: Indices | None) -> Floats:
    """Alliance as the therapist feels it: some of the client's, a way of rating of their own, and the rest.

    As much varies as for clients, so that what is shared gives the stated correlation of the two forms: chance in a
    form stands between what is felt and what is rated on both sides.
    """
    varies = 1 - world.occasion * (1 - CHANCE_SHARES["session"])
    shared = world.agreement / varies
    who = np.zeros(len(felt), dtype=np.intp) if therapist is None else therapist
    way = np.sqrt(world.rater) * rng.standard_normal(int(who.max(initial=0)) + 1)
    rest = np.sqrt(max(0.0, varies - shared**2 * varies - world.rater))
    return np.asarray(shared * felt + way[who][:, None] + rest * rng.standard_normal(felt.shape))


def _draw_dropout(rng: np.random.Generator, world: World, felt: Floats) -> Bools:
    """Who drops out: a leaning that goes with the alliance of session 1 so far that those who leave rated d lower."""
    return _draw_selection(
        rng,
        felt,
        world.dropout,
        compute_selection_correlation(world, world.dropout, world.dropout_d, world.first),
        _compute_alliance_sd(world, 0),
    )


def _draw_unreturned_forms(rng: np.random.Generator, world: World, felt: Floats) -> Bools:
    """Forms that do not come back, more of those who would have rated low for that session."""
    lean = compute_selection_correlation(world, world.unreturned, world.unreturned_d)
    usual = felt - world.growth * np.arange(world.sessions)
    spread = np.array([_compute_alliance_sd(world, session) for session in range(world.sessions)])
    return _draw_selection(rng, usual, world.unreturned, lean, spread)


def _draw_selection(rng: np.random.Generator, felt: Floats, share: float, lean: float, spread: Floats | float) -> Bools:
    """True for a share of those who felt this, more for those who felt less; a strange clinic as a whole may differ."""
    resolve = lean * felt / spread + np.sqrt(1 - lean**2) * rng.standard_normal(felt.shape)
    return np.asarray(resolve < norm.ppf(share))


def _compute_alliance_sd(world: World, session: int) -> float:
    """SD of what clients feel in a session, 0 for the first."""
    return float(np.sqrt(1 - world.occasion * (1 - CHANCE_SHARES["session"]) + (world.first if session == 0 else 0.0)))


def compute_selection_correlation(world: World, share: float, d: float, extra: float = 0.0) -> float:
    """Correlation of staying with the alliance felt, such that the ratings of the two groups differ by ``d``.

    d becomes a point-biserial correlation at that share, that a biserial one, and chance in the form, which stands
    between what is felt and what is rated, is taken out. ``extra`` is variance that this session adds.
    """
    if share == 0:
        return 0.0
    point = d / np.sqrt(d**2 + 1 / (share * (1 - share)))
    biserial = point * np.sqrt(share * (1 - share)) / norm.pdf(norm.ppf(share))
    reliable = 1 - world.occasion * (1 - CHANCE_SHARES["session"]) / (1 + extra)
    return float(np.clip(biserial / np.sqrt(reliable), -0.99, 0.99))
