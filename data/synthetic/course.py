"""The first three sessions: who leaves, which forms come back, what they say."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm

from data.instruments import WAI_SR, score_items
from data.synthetic.form import CHANCE, answers, spread_of
from data.synthetic.people import Bools, Floats
from data.synthetic.world import World

SESSIONS = 3


def first_sessions(rng: np.random.Generator, world: World, alliance: Floats) -> pd.DataFrame:
    """Live through the first sessions of each episode.

    Parameters
    ----------
    rng : numpy Generator
    world : World
    alliance : array of shape (episodes,)
        Expected alliance, SD from the typical.

    Returns
    -------
    DataFrame, one row for each session that was held
        episode, session (1-3), score, goal, task, bond (WAI-SR points; NaN where the form did not come back),
        dropped_out (yes or no, the same in every row of an episode). Who dropped out has no session 3, and half of
        them no session 2.
    """
    shape = (len(alliance), SESSIONS)
    felt = alliance[:, None] + spread_of(world, "session") * rng.standard_normal(shape)
    forms = answers(rng, world, felt).reshape(-1, WAI_SR.items)
    left = _leaves(rng, world, felt[:, 0])
    last = np.where(left, rng.integers(1, SESSIONS, len(alliance)), SESSIONS)

    scores = score_items(pd.DataFrame(forms), WAI_SR).round(2)
    scores[rng.random(len(scores)) < world.unreturned] = np.nan
    episode, session = (each.ravel() for each in np.indices(shape))
    rows = scores.assign(episode=episode, session=session + 1.0, dropped_out=np.where(left, "yes", "no")[episode])
    return rows[rows["session"] <= last[rows["episode"]]].reset_index(drop=True)


def _leaves(rng: np.random.Generator, world: World, felt: Floats) -> Bools:
    """Who drops out: a leaning that goes with the alliance of session 1 so far that those who leave rated d lower."""
    lean = leaning(world)
    standard = felt / np.sqrt(1 - world.occasion * (1 - CHANCE["session"]))
    resolve = lean * standard + np.sqrt(1 - lean**2) * rng.standard_normal(len(felt))
    return np.asarray(resolve < norm.ppf(world.dropout))


def leaning(world: World) -> float:
    """Correlation of staying with the alliance felt, such that the ratings of the two groups differ by ``dropout_d``.

    d becomes a point-biserial correlation at that share of dropouts, that a biserial one, and chance in the form,
    which stands between what is felt and what is rated, is taken out.
    """
    p = world.dropout
    if p == 0:
        return 0.0
    point = world.dropout_d / np.sqrt(world.dropout_d**2 + 1 / (p * (1 - p)))
    biserial = point * np.sqrt(p * (1 - p)) / norm.pdf(norm.ppf(p))
    return float(np.clip(biserial / np.sqrt(1 - world.occasion * (1 - CHANCE["session"])), -0.99, 0.99))
