"""Therapists as they are, and as they describe themselves."""

from __future__ import annotations

import numpy as np

from attune_fit.data.published_statistics import figures
from attune_fit.data.synthetic.code_frequencies import names, number, shares
from attune_fit.data.synthetic.people import Bools, Floats, People, chosen, on_grid, some
from attune_fit.data.synthetic.world import World

STYLES = ("directiveness", "emotional_intensity", "past_focus", "warm_support")
TENDENCY = {  # an orientation's usual style, in SD of clients' preferences: assumed
    "cbt": (0.7, -0.2, -0.5, -0.2),
    "integrative": (0.0, 0.0, 0.0, 0.0),
    "psychodynamic": (-0.4, 0.4, 0.9, -0.1),
    "person-centred": (-0.7, 0.2, 0.0, 0.5),
}
SECOND = 0.35  # who names a second orientation: assumed
HARD = ("alcohol or drugs", "eating", "ocd", "trauma")  # problems that some do not take: assumed
FULL = 0.30  # who has no opening; more than half of psychologists in practice, fewer in a clinic: assumed


def draw_therapists(rng: np.random.Generator, count: int, world: World) -> People:
    """Draw ``count`` therapists.

    Returns
    -------
    People
        The canonical columns of ``therapists`` but ids and dates, and what no table shows: ``true_style``
        (therapists, 4) in SD of clients' preferences, ``true_specialties``, ``skill`` and ``own`` (standard scores of
        what observers see and of what nobody sees), ``caseload`` (relative); all at one ``site``.
    """
    orientation = chosen(rng, shares("orientations", "therapists"), count)
    true_style = _true_style(rng, orientation)
    age = np.round(np.clip(rng.normal(46, 11.5, count), 25, 80))
    skilled, claimed = _specialties(rng, count, world.overclaim)
    skill = rng.standard_normal(count)
    affirming = rng.random(count) < np.where(age < 45, 0.85, 0.65)  # assumed
    columns = {
        "age": age,
        "gender": chosen(rng, shares("gender", "therapists"), count),
        "race_ethnicity": chosen(rng, shares("race_ethnicity", "therapists"), count),
        "languages": some(rng, shares("languages", "therapists"), count),
        "religion": chosen(rng, shares("religion", "therapists"), count),
        "lgbtq_affirming": np.stack([affirming, ~affirming], axis=1),
        "licensed_regions": some(rng, shares("region", "therapists"), count),
        "payers": some(rng, shares("payer", "therapists"), count),
        "formats": some(rng, shares("formats", "therapists"), count),
        "availability": some(rng, shares("slot", "therapists"), count),
        "open_slots": np.where(rng.random(count) < FULL, 0.0, 1.0 + rng.poisson(1.6, count)),
        "specialties": claimed,
        "orientations": orientation
        | (chosen(rng, shares("orientations", "therapists"), count) & _few(rng, count, SECOND)),
        "years_experience": np.floor(np.clip((age - 27) * rng.uniform(0.2, 1.0, count), 0, None)),
        "interpersonal_skill": np.clip(np.round(3.4 + 0.5 * skill, 2), 1, 5),  # assumed centre and spread
        "age_groups": _age_groups(rng, count),
        "problems_not_taken": _not_taken(rng, claimed),
        "true_style": true_style,
        "true_specialties": skilled,
        "skill": skill,
        "site": np.zeros(count, dtype=np.intp),
        "own": rng.standard_normal(count),
        "caseload": np.exp(world.caseload_spread * rng.standard_normal(count)),
    }
    return People({**columns, **_told_style(rng, true_style, world)})


def _true_style(rng: np.random.Generator, orientation: Bools) -> Floats:
    """Style on clients' own scales: professionals are less directive and more intense than clients ask for."""
    gap = np.array(
        [-figures()["professionals_directiveness_g"].value, figures()["professionals_intensity_g"].value, 0, 0]
    )
    tendency = np.array([TENDENCY[code] for code in names("orientations")])
    tendency = tendency - shares("orientations", "therapists") @ tendency  # the published gap is that of all together
    usual = tendency[orientation.argmax(axis=1)]
    return np.asarray(gap + usual + 0.8 * rng.standard_normal((len(orientation), len(STYLES))))


def _told_style(rng: np.random.Generator, true_style: Floats, world: World) -> dict[str, Floats]:
    """What they tick: further out than they are, and not quite reliable."""
    told = world.extremity * true_style + world.style_noise * rng.standard_normal(true_style.shape)
    rows = [number(f"{style}_preference") for style in STYLES]
    return {f"{style}_style": on_grid(row, told[:, k]) for k, (style, row) in enumerate(zip(STYLES, rows, strict=True))}


def _specialties(rng: np.random.Generator, count: int, overclaim: float) -> tuple[Bools, Bools]:
    """Problems one is good at, and those one says one is good at."""
    likely = shares("specialties", "therapists")
    skilled = some(rng, likely * 0.75, count)
    return skilled, skilled | (rng.random(skilled.shape) < overclaim * likely)


def _age_groups(rng: np.random.Generator, count: int) -> Bools:
    """Ages taken; most set no limit, which is an empty set."""
    taken = some(rng, shares("age_group", "therapists"), count)
    return taken & ~taken.all(axis=1, keepdims=True) & _few(rng, count, 0.5)


def _not_taken(rng: np.random.Generator, claimed: Bools) -> Bools:
    """Problems some do not take: never one they name as a focus."""
    hard = np.isin(names("problem"), HARD)
    return hard & ~claimed & (rng.random(claimed.shape) < 0.5) & _few(rng, len(claimed), 0.4)


def _few(rng: np.random.Generator, count: int, share: float) -> Bools:
    """True for a share of the people, shape (people, 1)."""
    return rng.random((count, 1)) < share
