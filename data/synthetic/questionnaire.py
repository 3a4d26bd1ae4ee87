"""The WAI-SR as clients fill it in: from alliance to items on the form's own grid, and back to what to expect."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.instruments import WAI_SR
from attune_fit.data.synthetic.world import World

EARLY_SESSIONS = int(WAI_SR.early[1])
CHANCE_SHARES = {"session": 0.60, "scale": 0.15, "item": 0.25}  # where one form's chance arises, shares of it: assumed
SCALE_OFFSETS = {"goal": 0.05, "task": -0.12, "bond": 0.07}  # WAI-SR points from the mean of all three: assumed
SCALE_PROFILE = {"goal": -1 / 3, "task": -1 / 3, "bond": 2 / 3}  # bond against the rest; leaves the mean as it is
OPTION_THRESHOLDS = np.arange(WAI_SR.item_low, WAI_SR.item_high) + 0.5  # between one option and the next


def draw_answers(rng: np.random.Generator, world: World, alliance: Floats, profile: Floats | None = None) -> Floats:
    """Fill in one form for each alliance felt in a session.

    Parameters
    ----------
    rng : numpy Generator
    world : World
    alliance : array of any shape
        SD from the typical; what the session itself adds by chance is in it: see :func:`compute_chance_sd`.
    profile : array of the same shape, optional
        Standard scores of how much closer the bond of a pair is than its goals and tasks; the same in each of its
        sessions. Drawn for each form when left out.

    Returns
    -------
    array of shape (*alliance.shape, 12)
        Whole options, 1-5; some forms hold one option throughout.
    """
    profile = rng.standard_normal(alliance.shape) if profile is None else profile
    alliance, profile = alliance[..., None], profile[..., None]
    scale = rng.standard_normal((*alliance.shape[:-1], 3)) * compute_chance_sd(world, "scale")
    item = rng.standard_normal((*alliance.shape[:-1], WAI_SR.items)) * compute_chance_sd(world, "item")
    own = np.sqrt(world.profile) * profile * _expand_to_items(SCALE_PROFILE)
    felt = (
        world.level
        + _expand_to_items(SCALE_OFFSETS)
        + world.spread * (alliance + own + scale[..., _index_item_scales()] + item)
    )
    whole = world.level + world.spread * (
        alliance + compute_chance_sd(world, "straight") * rng.standard_normal(alliance.shape)
    )
    straight = rng.random(alliance.shape) < world.straight_lining
    return np.clip(np.round(np.where(straight, whole, felt)), WAI_SR.item_low, WAI_SR.item_high)


def compute_chance_sd(world: World, source: str) -> float:
    """SD of chance from ``session``, ``scale`` or ``item`` (of each), or ``straight`` (both last, on a whole form)."""
    if source == "straight":
        share, each = CHANCE_SHARES["scale"] + CHANCE_SHARES["item"], 1
    else:
        share, each = CHANCE_SHARES[source], {"session": 1, "scale": len(SCALE_OFFSETS), "item": WAI_SR.items}[source]
    return float(np.sqrt(world.occasion * share * each))


def compute_expected_points(world: World, alliance: Floats, untold: float = 0.0) -> Floats:
    r"""Mean score of the early forms of clients with this alliance, over everything that is chance.

    An item shows :math:`1 + \sum_k \Phi((x - k - \frac12) / s)` on average, where ``x`` is its own level and ``s`` the
    SD of all chance: the steps it passes. The mean over the first three sessions, each with its own level and chance.

    Parameters
    ----------
    world : World
    alliance : array of any shape
        SD from the typical, no chance in it.
    untold : float
        Variance of what else is not known of the pair, in squares of the same SD.

    Returns
    -------
    array of the same shape
        WAI-SR points, 1-5; flatter near the ends of the form.
    """
    sessions = range(min(world.sessions, EARLY_SESSIONS))
    return np.asarray(
        np.mean([_compute_session_points(world, alliance, session, untold) for session in sessions], axis=0)
    )


def _compute_session_points(world: World, alliance: Floats, session: int, untold: float) -> Floats:
    """Mean score of the forms of one session, 0 for the first."""
    shared = compute_chance_sd(world, "session") ** 2 + (world.first if session == 0 else 0.0) + untold
    scale, item, straight = (compute_chance_sd(world, each) ** 2 for each in ("scale", "item", "straight"))
    centre = world.level + world.spread * (alliance + world.growth * session)
    of_scale = {name: shared + scale + item + world.profile * SCALE_PROFILE[name] ** 2 for name in SCALE_OFFSETS}
    on_items = [
        _compute_expected_option(centre + SCALE_OFFSETS[name], world.spread * np.sqrt(of_scale[name]))
        for name in SCALE_OFFSETS
    ]
    on_whole = _compute_expected_option(centre, world.spread * np.sqrt(shared + straight))
    return np.asarray((1 - world.straight_lining) * np.mean(on_items, axis=0) + world.straight_lining * on_whole)


def _compute_expected_option(centre: Floats, spread: float) -> Floats:
    """Expected option: 1 and the chance of passing each step."""
    from scipy.special import ndtr

    return WAI_SR.item_low + sum((ndtr((centre - step) / max(spread, 1e-9)) for step in OPTION_THRESHOLDS), np.zeros(1))


def _index_item_scales() -> npt.NDArray[np.intp]:
    """Number of the scale that each item belongs to, shape (12,)."""
    return np.array([next(k for k, name in enumerate(SCALE_OFFSETS) if item in WAI_SR.scales[name])
                     for item in range(1, WAI_SR.items + 1)])  # fmt: skip


def _expand_to_items(by_scale: dict[str, float]) -> Floats:
    """What each scale has, for each item, shape (12,)."""
    return np.array(list(by_scale.values()))[_index_item_scales()]
