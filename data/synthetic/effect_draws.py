"""Draw the effects of one clinic around the published effects, because real clinics differ."""

from __future__ import annotations

import numpy as np

from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.data.synthetic.world import OWN_MIX, World

EFFECT_ERROR_FIGURES = {  # carrier -> published figure with the standard error of its effect, as a correlation
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
MAX_CORRELATION = 0.95  # highest absolute value of a drawn correlation


def draw_effects(world: World, rng: np.random.Generator) -> World:
    """Draw the effects of one clinic, and return its world with ``effect_spread`` 0.

    The effect of a carrier is the square root of its share of ``fit``. An error of its published size is added. Then
    the effects are rescaled to ``fit``, which is given and not drawn: clinics differ in which carriers matter. A small
    effect can change its sign; its share is then below 0. Correlations with intake scores are drawn in the same way.

    Parameters
    ----------
    world : World
    rng : numpy Generator

    Returns
    -------
    World
        The same world if its ``effect_spread`` is 0.
    """
    if not world.effect_spread:
        return world
    errors_in_sd = rng.standard_normal(len(EFFECT_ERROR_FIGURES) + len(INTAKE_COLUMNS))
    errors = {name: read_published_statistics()[key].value for name, key in EFFECT_ERROR_FIGURES.items()}
    carrier_error = dict(zip(EFFECT_ERROR_FIGURES, errors_in_sd, strict=False))
    effects = {
        name: np.sign(share) * np.sqrt(world.fit * abs(share))
        + world.effect_spread * errors[name] * carrier_error[name]
        for name, share in world.carrier_shares.items()
    }
    total = sum(effect**2 for effect in effects.values()) or 1.0
    carriers = tuple((name, float(np.sign(effect) * effect**2 / total)) for name, effect in effects.items())
    error = world.effect_spread * read_published_statistics()["intake_effect_error"].value
    intake = {
        name: float(np.clip(getattr(world, name) + error * each, -MAX_CORRELATION, MAX_CORRELATION))
        for name, each in zip(INTAKE_COLUMNS, errors_in_sd[len(EFFECT_ERROR_FIGURES) :], strict=True)
    }
    drawn_mix = {"mix": OWN_MIX, "carriers": carriers} if len(carriers) > 1 else {}
    return world.replace(**drawn_mix, effect_spread=0.0, **intake)
