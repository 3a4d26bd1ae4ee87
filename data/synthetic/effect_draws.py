"""A clinic's own effects, drawn around the published ones: no two real clinics are alike."""

from __future__ import annotations

import numpy as np

from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.data.synthetic.world import OWN_MIX, World

EFFECT_ERROR_FIGURES = {  # carrier -> the figure that says how unsure its published effect is, in correlation with alliance
    "style": "style_effect_error",
    "wishes": "wishes_effect_error",
    "problems": "problems_effect_error",
    "attachment": "attachment_effect_error",
    "culture": "culture_effect_error",
    "weaker": "problems_effect_error",
    "complement": "style_effect_error",
    "threshold": "problems_effect_error",
}
INTAKE_COLUMNS = {  # field of World -> column of clients
    "avoidance": "attachment_avoidance",
    "anxiety": "attachment_anxiety",
    "interpersonal": "interpersonal_problems",
    "expectancy": "outcome_expectancy",
}
MAX_CORRELATION = 0.95  # of a correlation that is drawn


def draw_effects(world: World, rng: np.random.Generator) -> World:
    """The world of one clinic, its effects drawn; ``effect_spread`` of what comes back is 0.

    The effect of a carrier is the square root of its share of ``fit``; an error of its published size is added, and
    the effects are brought back to ``fit``, which is stated and not drawn: what differs from clinic to clinic is which
    of them matter. A small effect may turn round; a share below 0 says so. Correlations with intake are drawn likewise.

    Parameters
    ----------
    world : World
    rng : numpy Generator

    Returns
    -------
    World
        The same where ``effect_spread`` is 0.
    """
    if not world.effect_spread:
        return world
    luck = rng.standard_normal(len(EFFECT_ERROR_FIGURES) + len(INTAKE_COLUMNS))
    errors = {name: read_published_statistics()[key].value for name, key in EFFECT_ERROR_FIGURES.items()}
    of_carrier = dict(zip(EFFECT_ERROR_FIGURES, luck, strict=False))
    effects = {
        name: np.sign(share) * np.sqrt(world.fit * abs(share)) + world.effect_spread * errors[name] * of_carrier[name]
        for name, share in world.carrier_shares.items()
    }
    total = sum(effect**2 for effect in effects.values()) or 1.0
    carriers = tuple((name, float(np.sign(effect) * effect**2 / total)) for name, effect in effects.items())
    error = world.effect_spread * read_published_statistics()["intake_effect_error"].value
    intake = {
        name: float(np.clip(getattr(world, name) + error * each, -MAX_CORRELATION, MAX_CORRELATION))
        for name, each in zip(INTAKE_COLUMNS, luck[len(EFFECT_ERROR_FIGURES) :], strict=True)
    }
    own = {"mix": OWN_MIX, "carriers": carriers} if len(carriers) > 1 else {}
    return world.replace(**own, effect_spread=0.0, **intake)
