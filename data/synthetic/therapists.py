"""Therapists as they are, and as they describe themselves."""

from __future__ import annotations

import numpy as np

from attune_fit.data.arrays import Bools, Floats
from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.data.synthetic.code_frequencies import find_numeric_column, list_code_shares, list_codes
from attune_fit.data.synthetic.people import People, draw_code_sets, draw_single_codes, round_to_grid
from attune_fit.data.synthetic.world import World

STYLES = ("directiveness", "emotional_intensity", "past_focus", "warm_support")
ORIENTATION_STYLES = {  # an orientation's usual style, in SD of clients' preferences: assumed
    "cbt": (0.7, -0.2, -0.5, -0.2),
    "integrative": (0.0, 0.0, 0.0, 0.0),
    "psychodynamic": (-0.4, 0.4, 0.9, -0.1),
    "person-centred": (-0.7, 0.2, 0.0, 0.5),
}
SECOND_ORIENTATION_SHARE = 0.35  # who names a second orientation: assumed
REFUSABLE_PROBLEMS = ("alcohol or drugs", "eating", "ocd", "trauma")  # problems that some do not take: assumed
NO_OPENING_SHARE = 0.30  # who has no opening; more than half of psychologists in practice, fewer in a clinic: assumed


def draw_therapists(rng: np.random.Generator, count: int, world: World) -> People:
    """Draw ``count`` therapists.

    Returns
    -------
    People
        The canonical columns of ``therapists`` but ids and dates, and what no table shows: ``true_style``
        (therapists, 4) in SD of clients' preferences, ``true_specialties``, ``skill`` and ``own`` (standard scores of
        what observers see and of what nobody sees), ``caseload`` (relative); all at one ``site``.
    """
    orientation = draw_single_codes(rng, list_code_shares("orientations", "therapists"), count)
    true_style = _true_style(rng, orientation)
    age = np.round(np.clip(rng.normal(46, 11.5, count), 25, 80))
    skilled, claimed = _specialties(rng, count, world.overclaim)
    skill = rng.standard_normal(count)
    affirming = rng.random(count) < np.where(age < 45, 0.85, 0.65)  # assumed
    columns = {
        "age": age,
        "gender": draw_single_codes(rng, list_code_shares("gender", "therapists"), count),
        "race_ethnicity": draw_single_codes(rng, list_code_shares("race_ethnicity", "therapists"), count),
        "languages": draw_code_sets(rng, list_code_shares("languages", "therapists"), count),
        "religion": draw_single_codes(rng, list_code_shares("religion", "therapists"), count),
        "lgbtq_affirming": np.stack([affirming, ~affirming], axis=1),
        "licensed_regions": draw_code_sets(rng, list_code_shares("region", "therapists"), count),
        "payers": draw_code_sets(rng, list_code_shares("payer", "therapists"), count),
        "formats": draw_code_sets(rng, list_code_shares("formats", "therapists"), count),
        "availability": draw_code_sets(rng, list_code_shares("slot", "therapists"), count),
        "open_slots": np.where(rng.random(count) < NO_OPENING_SHARE, 0.0, 1.0 + rng.poisson(1.6, count)),
        "specialties": claimed,
        "orientations": orientation
        | (
            draw_single_codes(rng, list_code_shares("orientations", "therapists"), count)
            & _draw_subset(rng, count, SECOND_ORIENTATION_SHARE)
        ),
        "years_experience": np.floor(np.clip((age - 27) * rng.uniform(0.2, 1.0, count), 0, None)),
        "interpersonal_skill": np.clip(np.round(3.4 + 0.5 * skill, 2), 1, 5),  # assumed centre and spread
        "age_groups": _age_groups(rng, count),
        "problems_not_taken": _draw_problems_not_taken(rng, claimed),
        "true_style": true_style,
        "true_specialties": skilled,
        "skill": skill,
        "site": np.zeros(count, dtype=np.intp),
        "own": rng.standard_normal(count),
        "caseload": np.exp(world.caseload_spread * rng.standard_normal(count)),
    }
    return People({**columns, **_draw_reported_style(rng, true_style, world)})


def _true_style(rng: np.random.Generator, orientation: Bools) -> Floats:
    """Style on clients' own scales: professionals are less directive and more intense than clients ask for."""
    gap = np.array(
        [
            -read_published_statistics()["professionals_directiveness_g"].value,
            read_published_statistics()["professionals_intensity_g"].value,
            0,
            0,
        ]
    )
    tendency = np.array([ORIENTATION_STYLES[code] for code in list_codes("orientations")])
    tendency = (
        tendency - list_code_shares("orientations", "therapists") @ tendency
    )  # the published gap is that of all together
    usual = tendency[orientation.argmax(axis=1)]
    return np.asarray(gap + usual + 0.8 * rng.standard_normal((len(orientation), len(STYLES))))


def _draw_reported_style(rng: np.random.Generator, true_style: Floats, world: World) -> dict[str, Floats]:
    """What they tick: further out than they are, and not quite reliable."""
    told = world.extremity * true_style + world.style_noise * rng.standard_normal(true_style.shape)
    rows = [find_numeric_column(f"{style}_preference") for style in STYLES]
    return {
        f"{style}_style": round_to_grid(row, told[:, k])
        for k, (style, row) in enumerate(zip(STYLES, rows, strict=True))
    }


def _specialties(rng: np.random.Generator, count: int, overclaim: float) -> tuple[Bools, Bools]:
    """Problems one is good at, and those one says one is good at."""
    likely = list_code_shares("specialties", "therapists")
    skilled = draw_code_sets(rng, likely * 0.75, count)
    return skilled, skilled | (rng.random(skilled.shape) < overclaim * likely)


def _age_groups(rng: np.random.Generator, count: int) -> Bools:
    """Ages taken; most set no limit, which is an empty set."""
    taken = draw_code_sets(rng, list_code_shares("age_group", "therapists"), count)
    return taken & ~taken.all(axis=1, keepdims=True) & _draw_subset(rng, count, 0.5)


def _draw_problems_not_taken(rng: np.random.Generator, claimed: Bools) -> Bools:
    """Problems some do not take: never one they name as a focus."""
    hard = np.isin(list_codes("problem"), REFUSABLE_PROBLEMS)
    return hard & ~claimed & (rng.random(claimed.shape) < 0.5) & _draw_subset(rng, len(claimed), 0.4)


def _draw_subset(rng: np.random.Generator, count: int, share: float) -> Bools:
    """True for a share of the people, shape (people, 1)."""
    return rng.random((count, 1)) < share
