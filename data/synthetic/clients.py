"""Draw clients at intake, with the joint distribution of their answers."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.data.synthetic.code_frequencies import NUMERIC_COLUMNS, list_code_shares, list_codes
from attune_fit.data.synthetic.people import People, draw_code_sets, draw_single_codes, round_to_grid
from attune_fit.data.synthetic.wishes import draw_wishes

CORRELATIONS = {  # all assumed; the first three as in the calibration of the evidence
    ("attachment_avoidance", "attachment_anxiety"): 0.20,
    ("attachment_avoidance", "interpersonal_problems"): 0.40,
    ("attachment_anxiety", "interpersonal_problems"): 0.50,
    ("phq9", "gad7"): 0.60,
    ("phq9", "interpersonal_problems"): 0.35,
    ("gad7", "interpersonal_problems"): 0.35,
    ("phq9", "attachment_anxiety"): 0.30,
    ("gad7", "attachment_anxiety"): 0.35,
    ("phq9", "attachment_avoidance"): 0.20,
    ("gad7", "attachment_avoidance"): 0.10,
    ("phq9", "outcome_expectancy"): -0.15,
    ("attachment_avoidance", "outcome_expectancy"): -0.15,
    ("attachment_anxiety", "warm_support_preference"): 0.20,
    ("attachment_avoidance", "emotional_intensity_preference"): -0.25,
    ("emotional_intensity_preference", "past_focus_preference"): 0.20,
    ("directiveness_preference", "warm_support_preference"): -0.10,
}
LANGUAGES = {"hispanic": ("spanish", 0.35), "asian": ("mandarin", 0.25), "other": ("arabic", 0.30)}  # assumed
NO_ENGLISH_SHARE = 0.25  # of clients with another language: those who cannot have therapy in English: assumed
PROBLEM_LOADINGS = {  # probit loading of each problem on a standard score: assumed
    "anxiety": ("gad7", 0.8),
    "ocd": ("gad7", 0.5),
    "depression": ("phq9", 0.9),
    "eating": ("phq9", 0.3),
    "stress": ("gad7", 0.4),
    "relationships": ("interpersonal_problems", 0.5),
    "family": ("interpersonal_problems", 0.3),
    "trauma": ("attachment_anxiety", 0.4),
}
DISTRESS_LOADING = 0.1  # probit loading of every problem on PHQ-9 and on GAD-7: more distress, more problems: assumed
MAX_PROBLEMS = 4


def draw_clients(rng: np.random.Generator, count: int) -> People:
    """Draw ``count`` clients with complete answers; :mod:`missing_answers` removes some later.

    Parameters
    ----------
    rng : numpy Generator
    count : int
        At least 1.

    Returns
    -------
    People
        The canonical columns of ``clients`` without ids and dates, plus ``age_group`` and two latent columns.
        ``main`` is the index of the main problem. ``wishes`` has the shape (clients, wish options): see :mod:`wishes`.
        All clients have the same ``site`` and the same referral day ``days_ago``, until the caller assigns others.
    """
    gender = draw_single_codes(rng, list_code_shares("gender", "clients"), count)
    race = draw_single_codes(rng, list_code_shares("race_ethnicity", "clients"), count)
    group = draw_single_codes(rng, list_code_shares("age_group", "clients"), count)
    age = _draw_ages(rng, group)
    standard = _draw_standard_scores(rng, gender)
    lgbtq = rng.random(count) < np.where(age < 35, 0.16, 0.06)  # assumed: young clients report it more often
    problems, main = _draw_problems(rng, standard)
    columns = {
        "age": age,
        "age_group": group,
        "gender": gender,
        "race_ethnicity": _add_second_background(rng, race),
        "languages": _draw_languages(rng, race),
        "religion": draw_single_codes(rng, list_code_shares("religion", "clients"), count),
        "lgbtq": np.stack([lgbtq, ~lgbtq], axis=1),
        "region": draw_single_codes(rng, list_code_shares("region", "clients"), count),
        "payer": _draw_payers(rng, age),
        "formats": draw_code_sets(rng, list_code_shares("formats", "clients"), count),
        "availability": _draw_slots(rng, count),
        "presenting_problems": problems,
        "main": main,
        "site": np.zeros(count, dtype=np.intp),
        "days_ago": np.full(count, 730.0),
        **{row.column: round_to_grid(row, standard[row.column]) for row in NUMERIC_COLUMNS},
    }
    return People({**columns, "wishes": draw_wishes(rng, columns)})


def build_correlation_matrix(columns: tuple[str, ...]) -> Floats:
    """Build the correlation matrix of the standard scores of some numeric columns, shape (columns, columns)."""
    pairs = [[CORRELATIONS.get((a, b), CORRELATIONS.get((b, a), 0.0)) for b in columns] for a in columns]
    return np.array(pairs) + np.eye(len(columns))


def _draw_standard_scores(rng: np.random.Generator, gender: Bools) -> dict[str, Floats]:
    """Draw correlated standard scores of every numeric column; women prefer warm support more, as published."""
    columns = tuple(row.column for row in NUMERIC_COLUMNS)
    drawn = rng.standard_normal((len(gender), len(columns))) @ np.linalg.cholesky(build_correlation_matrix(columns)).T
    standard = dict(zip(columns, drawn.T, strict=True))
    woman, share = gender[:, list_codes("gender").index("woman")], list_code_shares("gender", "clients")[0]
    shift = read_published_statistics()["women_warm_support_g"].value
    spread = np.sqrt(1 + shift**2 * share * (1 - share))  # keeps the SD of the scale at 1
    standard["warm_support_preference"] = (standard["warm_support_preference"] + shift * (woman - share)) / spread
    return standard


def _draw_ages(rng: np.random.Generator, group: Bools) -> Floats:
    """Draw ages in whole years; the beta distribution favours young ages, so that `client_18_34` has its share."""
    ends = np.array([[18, 26], [26, 65], [65, 90]])[group.argmax(axis=1)]
    return np.asarray(np.floor(ends[:, 0] + (ends[:, 1] - ends[:, 0]) * rng.beta(1.0, 1.3, len(group))))


def _add_second_background(rng: np.random.Generator, race: Bools, share: float = 0.04) -> Bools:
    """Add a second background for a ``share`` of the clients."""
    second = np.eye(race.shape[1], dtype=bool)[rng.integers(0, race.shape[1], len(race))]
    return race | (second & (rng.random((len(race), 1)) < share))


def _draw_languages(rng: np.random.Generator, race: Bools) -> Bools:
    """Draw languages: English, or the language of the client's background, or both."""
    english, codes = np.ones(len(race), dtype=bool), list_codes("languages")
    spoken = np.zeros((len(race), len(codes)), dtype=bool)
    for background, (language, share) in LANGUAGES.items():
        speaks = race[:, list_codes("race_ethnicity").index(background)] & (rng.random(len(race)) < share)
        spoken[:, codes.index(language)] = speaks
        english &= ~(speaks & (rng.random(len(race)) < NO_ENGLISH_SHARE))
    spoken[:, codes.index("english")] = english
    return spoken


def _draw_payers(rng: np.random.Generator, age: Floats) -> Bools:
    """Draw payers; most clients aged 65 and older have public insurance."""
    usual = list_code_shares("payer", "clients")
    old = np.where(np.array(list_codes("payer")) == "public", 0.8, 0.2 / (len(usual) - 1))
    return draw_single_codes(rng, np.where(age[:, None] >= 65, old, usual), len(age))


def _draw_slots(rng: np.random.Generator, count: int) -> Bools:
    """Draw free weekly slots; the number of slots varies between clients (gamma distributed)."""
    freedom = rng.gamma(4.0, 0.25, (count, 1))  # mean 1
    return draw_code_sets(rng, np.clip(list_code_shares("slot", "clients") * freedom, 0.0, 0.95), count)


def _draw_problems(rng: np.random.Generator, standard: dict[str, Floats]) -> tuple[Bools, Indices]:
    """Draw the problems of each client (1 to 4, multivariate probit) and the index of the main problem.

    A client names the problems with the highest liability above the threshold; the main problem is the highest.
    """
    loadings = _build_loading_matrix()
    expected = np.stack([standard[row.column] for row in NUMERIC_COLUMNS], axis=1) @ loadings
    correlations = build_correlation_matrix(tuple(row.column for row in NUMERIC_COLUMNS))
    spread = np.sqrt(1 + np.einsum("ij,ik,kj->j", loadings, correlations, loadings))
    liability = (
        expected + rng.standard_normal(expected.shape) + norm.ppf(list_code_shares("problem", "clients")) * spread
    )
    rank = (-liability).argsort(axis=1).argsort(axis=1)  # 0 is the highest liability
    is_named = (liability > 0) & (rank < MAX_PROBLEMS) | (rank == 0)
    return is_named, rank.argmin(axis=1)


def _build_loading_matrix() -> Floats:
    """Build the probit loadings of each problem on each standard score, shape (numeric columns, problems)."""
    columns = [row.column for row in NUMERIC_COLUMNS]
    loadings = np.zeros((len(columns), len(list_codes("problem"))))
    loadings[[columns.index(column) for column in ("phq9", "gad7")]] = DISTRESS_LOADING
    for problem, (column, loading) in PROBLEM_LOADINGS.items():
        loadings[columns.index(column), list_codes("problem").index(problem)] += loading
    return loadings
