"""The WAI-SR measurement model: draw item answers from alliance, and compute the expected score."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.instruments import WAI_SR
from attune_fit.data.synthetic.world import World

EARLY_SESSIONS = int(WAI_SR.early[1])
CHANCE_SHARES = {"session": 0.60, "scale": 0.15, "item": 0.25}  # shares of one form's chance variance: assumed
SCALE_OFFSETS = {"goal": 0.05, "task": -0.12, "bond": 0.07}  # WAI-SR points from the mean of all three: assumed
SCALE_PROFILE = {"goal": -1 / 3, "task": -1 / 3, "bond": 2 / 3}  # bond versus goal and task; the mean does not change
OPTION_THRESHOLDS = np.arange(WAI_SR.item_low, WAI_SR.item_high) + 0.5  # cut-offs between two neighbouring options


def draw_answers(rng: np.random.Generator, world: World, alliance: Floats, profile: Floats | None = None) -> Floats:
    """Draw the item answers of one form for each alliance in a session.

    Parameters
    ----------
    rng : numpy Generator
    world : World
    alliance : array of any shape
        SD from the typical alliance, including the chance of the session: see :func:`compute_chance_sd`.
    profile : array of the same shape, optional
        Standard scores of a pair's bond relative to its goals and tasks. The profile of a pair is the same in each of
        its sessions. Default: drawn for each form.

    Returns
    -------
    array of shape (*alliance.shape, 12)
        Whole options, 1-5; a straight-lined form has the same option for every item.
    """
    profile = rng.standard_normal(alliance.shape) if profile is None else profile
    alliance, profile = alliance[..., None], profile[..., None]
    scale = rng.standard_normal((*alliance.shape[:-1], 3)) * compute_chance_sd(world, "scale")
    item = rng.standard_normal((*alliance.shape[:-1], WAI_SR.items)) * compute_chance_sd(world, "item")
    bond_profile = np.sqrt(world.profile) * profile * _expand_to_items(SCALE_PROFILE)
    item_level = (
        world.level
        + _expand_to_items(SCALE_OFFSETS)
        + world.spread * (alliance + bond_profile + scale[..., _index_item_scales()] + item)
    )
    form_level = world.level + world.spread * (
        alliance + compute_chance_sd(world, "straight") * rng.standard_normal(alliance.shape)
    )
    is_straight = rng.random(alliance.shape) < world.straight_lining
    return np.clip(np.round(np.where(is_straight, form_level, item_level)), WAI_SR.item_low, WAI_SR.item_high)


def compute_chance_sd(world: World, source: str) -> float:
    """Return the chance SD of a ``session``, ``scale`` or ``item``; ``straight`` is scale plus item of a form."""
    if source == "straight":
        share, each = CHANCE_SHARES["scale"] + CHANCE_SHARES["item"], 1
    else:
        share, each = CHANCE_SHARES[source], {"session": 1, "scale": len(SCALE_OFFSETS), "item": WAI_SR.items}[source]
    return float(np.sqrt(world.occasion * share * each))


def compute_expected_points(world: World, alliance: Floats, hidden_variance: float = 0.0) -> Floats:
    r"""Return the expected score of early forms for a given alliance, in WAI-SR points, averaged over all chance.

    The expected answer to an item is :math:`1 + \sum_k \Phi((x - k - \frac12) / s)`: 1 plus the probabilities to pass
    each cut-off. ``x`` is the level of the item, and ``s`` is the SD of all chance. The result is the mean over the
    first three sessions, each with its own level and chance.

    Parameters
    ----------
    world : World
    alliance : array of any shape
        SD from the typical alliance, without chance.
    hidden_variance : float
        Variance of an unobserved part of the pair to average over, in squares of the same SD.

    Returns
    -------
    array of the same shape
        WAI-SR points, 1-5; the curve is flatter near the ends of the form.
    """
    sessions = range(min(world.sessions, EARLY_SESSIONS))
    return np.asarray(
        np.mean([_compute_session_points(world, alliance, session, hidden_variance) for session in sessions], axis=0)
    )


def _compute_session_points(world: World, alliance: Floats, session: int, hidden_variance: float) -> Floats:
    """Compute the expected score of one session (0 is the first), in WAI-SR points."""
    shared = compute_chance_sd(world, "session") ** 2 + (world.first if session == 0 else 0.0) + hidden_variance
    scale, item, straight = (compute_chance_sd(world, each) ** 2 for each in ("scale", "item", "straight"))
    centre = world.level + world.spread * (alliance + world.growth * session)
    scale_variance = {name: shared + scale + item + world.profile * SCALE_PROFILE[name] ** 2 for name in SCALE_OFFSETS}
    item_points = [
        _compute_expected_option(centre + SCALE_OFFSETS[name], world.spread * np.sqrt(scale_variance[name]))
        for name in SCALE_OFFSETS
    ]
    straight_points = _compute_expected_option(centre, world.spread * np.sqrt(shared + straight))
    return np.asarray(
        (1 - world.straight_lining) * np.mean(item_points, axis=0) + world.straight_lining * straight_points
    )


def _compute_expected_option(centre: Floats, spread: float) -> Floats:
    """Compute the expected option: 1 plus the probabilities to pass each cut-off."""
    from scipy.special import ndtr

    return WAI_SR.item_low + sum(
        (ndtr((centre - threshold) / max(spread, 1e-9)) for threshold in OPTION_THRESHOLDS), np.zeros(1)
    )


def _index_item_scales() -> npt.NDArray[np.intp]:
    """Return the index of the scale of each item, shape (12,)."""
    scales = list(enumerate(SCALE_OFFSETS))
    return np.array(
        [next(k for k, name in scales if item in WAI_SR.scales[name]) for item in range(1, WAI_SR.items + 1)]
    )


def _expand_to_items(by_scale: dict[str, float]) -> Floats:
    """Repeat the value of each scale for its items, shape (12,)."""
    return np.array(list(by_scale.values()))[_index_item_scales()]
