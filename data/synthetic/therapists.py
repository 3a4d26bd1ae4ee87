"""Draw therapists: their true values, and their self-descriptions."""

from __future__ import annotations

import numpy as np

from attune_fit.data.arrays import Bools, Floats
from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.data.synthetic.code_frequencies import find_numeric_column, list_code_shares, list_codes
from attune_fit.data.synthetic.people import People, draw_code_sets, draw_single_codes, round_to_grid
from attune_fit.data.synthetic.world import World

STYLES = ("directiveness", "emotional_intensity", "past_focus", "warm_support")
ORIENTATION_STYLES = {  # mean style of each orientation, in SD of clients' preferences: assumed
    "cbt": (0.7, -0.2, -0.5, -0.2),
    "integrative": (0.0, 0.0, 0.0, 0.0),
    "psychodynamic": (-0.4, 0.4, 0.9, -0.1),
    "person-centred": (-0.7, 0.2, 0.0, 0.5),
}
SECOND_ORIENTATION_SHARE = 0.35  # share of therapists with a second orientation: assumed
REFUSABLE_PROBLEMS = (
    "alcohol or drugs",
    "eating",
    "ocd",
    "trauma",
)  # problems that some therapists do not take: assumed
# Share of therapists without an opening: assumed. Over half of psychologists in practice have none; a clinic has fewer.
NO_OPENING_SHARE = 0.30


def draw_therapists(rng: np.random.Generator, count: int, world: World) -> People:
    """Draw ``count`` therapists with their true values and their self-descriptions.

    Returns
    -------
    People
        The canonical columns of ``therapists`` without ids and dates, and latent columns that no table contains.
        ``true_style`` (therapists, 4) is in SD of clients' preferences. ``true_specialties`` are the problems with
        true skill. ``skill`` and ``own`` are standard scores of observed skill and of the unobserved part. ``caseload``
        is relative. All therapists have the same ``site``.
    """
    orientation = draw_single_codes(rng, list_code_shares("orientations", "therapists"), count)
    true_style = _draw_true_style(rng, orientation)
    age = np.round(np.clip(rng.normal(46, 11.5, count), 25, 80))
    skilled, claimed = _draw_specialties(rng, count, world.overclaim)
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
        "age_groups": _draw_age_groups(rng, count),
        "problems_not_taken": _draw_problems_not_taken(rng, claimed),
        "true_style": true_style,
        "true_specialties": skilled,
        "skill": skill,
        "site": np.zeros(count, dtype=np.intp),
        "own": rng.standard_normal(count),
        "caseload": np.exp(world.caseload_spread * rng.standard_normal(count)),
    }
    return People({**columns, **_draw_reported_style(rng, true_style, world)})


def _draw_true_style(rng: np.random.Generator, orientation: Bools) -> Floats:
    """Draw true styles on clients' scales; therapists are less directive and more intense than clients want."""
    gap = np.array(
        [
            -read_published_statistics()["professionals_directiveness_g"].value,
            read_published_statistics()["professionals_intensity_g"].value,
            0,
            0,
        ]
    )
    styles = np.array([ORIENTATION_STYLES[code] for code in list_codes("orientations")])
    styles = (
        styles - list_code_shares("orientations", "therapists") @ styles
    )  # the published gap is over all therapists
    return np.asarray(
        gap + styles[orientation.argmax(axis=1)] + 0.8 * rng.standard_normal((len(orientation), len(STYLES)))
    )


def _draw_reported_style(rng: np.random.Generator, true_style: Floats, world: World) -> dict[str, Floats]:
    """Draw self-rated styles: exaggerated by ``extremity``, with an error of SD ``style_noise``."""
    reported = world.extremity * true_style + world.style_noise * rng.standard_normal(true_style.shape)
    rows = [find_numeric_column(f"{style}_preference") for style in STYLES]
    return {
        f"{style}_style": round_to_grid(row, reported[:, k])
        for k, (style, row) in enumerate(zip(STYLES, rows, strict=True))
    }


def _draw_specialties(rng: np.random.Generator, count: int, overclaim: float) -> tuple[Bools, Bools]:
    """Draw the problems with true skill, and the claimed specialties (skill plus overclaiming)."""
    shares = list_code_shares("specialties", "therapists")
    skilled = draw_code_sets(rng, shares * 0.75, count)
    return skilled, skilled | (rng.random(skilled.shape) < overclaim * shares)


def _draw_age_groups(rng: np.random.Generator, count: int) -> Bools:
    """Draw the age groups that each therapist takes; an empty set means no limit, as for most therapists."""
    accepted = draw_code_sets(rng, list_code_shares("age_group", "therapists"), count)
    return accepted & ~accepted.all(axis=1, keepdims=True) & _draw_subset(rng, count, 0.5)


def _draw_problems_not_taken(rng: np.random.Generator, claimed: Bools) -> Bools:
    """Draw the problems that a therapist does not take; a claimed specialty is never one of them."""
    is_refusable = np.isin(list_codes("problem"), REFUSABLE_PROBLEMS)
    return is_refusable & ~claimed & (rng.random(claimed.shape) < 0.5) & _draw_subset(rng, len(claimed), 0.4)


def _draw_subset(rng: np.random.Generator, count: int, share: float) -> Bools:
    """Select a random share of the people, shape (people, 1)."""
    return rng.random((count, 1)) < share
