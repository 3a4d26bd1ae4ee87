"""Clients at intake, with the joint spread of what they say about themselves."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from attune_fit.data.arrays import Bools, Floats, Indices
from attune_fit.data.published_statistics import read_published_statistics
from attune_fit.data.synthetic.code_frequencies import NUMERIC_COLUMNS, list_code_shares, list_codes
from attune_fit.data.synthetic.people import People, draw_code_sets, draw_single_codes, round_to_grid
from attune_fit.data.synthetic.wishes import draw_wishes

CORRELATIONS = {  # the first three as assumed in the evidence's own calibration, the rest likewise assumed
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
NO_ENGLISH_SHARE = 0.25  # of those with another language, who cannot hold therapy in English: assumed
PROBLEM_LOADINGS = {  # how much a standard score raises the chance of a problem, in probit units: assumed
    "anxiety": ("gad7", 0.8),
    "ocd": ("gad7", 0.5),
    "depression": ("phq9", 0.9),
    "eating": ("phq9", 0.3),
    "stress": ("gad7", 0.4),
    "relationships": ("interpersonal_problems", 0.5),
    "family": ("interpersonal_problems", 0.3),
    "trauma": ("attachment_anxiety", 0.4),
}
DISTRESS_LOADING = 0.1  # the same for every problem and either symptom score: the more distress, the more problems
MAX_PROBLEMS = 4


def draw_clients(rng: np.random.Generator, count: int) -> People:
    """Draw ``count`` clients, complete: what they will leave unanswered is decided elsewhere.

    Parameters
    ----------
    rng : numpy Generator
    count : int
        At least 1.

    Returns
    -------
    People
        The canonical columns of ``clients`` but ids and dates, ``age_group``, ``main`` (number of the main problem)
        and ``wishes`` (clients, wishable): see :mod:`wishes`; all at one ``site`` and referred on one
        day, ``days_ago``, until a clinic says otherwise.
    """
    gender = draw_single_codes(rng, list_code_shares("gender", "clients"), count)
    race = draw_single_codes(rng, list_code_shares("race_ethnicity", "clients"), count)
    group = draw_single_codes(rng, list_code_shares("age_group", "clients"), count)
    age = _ages(rng, group)
    standard = _draw_standard_scores(rng, gender)
    lgbtq = rng.random(count) < np.where(age < 35, 0.16, 0.06)  # assumed: more often said by the young
    problems, main = _problems(rng, standard)
    columns = {
        "age": age,
        "age_group": group,
        "gender": gender,
        "race_ethnicity": _add_second_background(rng, race),
        "languages": _languages(rng, race),
        "religion": draw_single_codes(rng, list_code_shares("religion", "clients"), count),
        "lgbtq": np.stack([lgbtq, ~lgbtq], axis=1),
        "region": draw_single_codes(rng, list_code_shares("region", "clients"), count),
        "payer": _payers(rng, age),
        "formats": draw_code_sets(rng, list_code_shares("formats", "clients"), count),
        "availability": _slots(rng, count),
        "presenting_problems": problems,
        "main": main,
        "site": np.zeros(count, dtype=np.intp),
        "days_ago": np.full(count, 730.0),
        **{row.column: round_to_grid(row, standard[row.column]) for row in NUMERIC_COLUMNS},
    }
    return People({**columns, "wishes": draw_wishes(rng, columns)})


def build_correlation_matrix(columns: tuple[str, ...]) -> Floats:
    """Correlation matrix of the standard scores of some number columns, shape (columns, columns)."""
    pairs = [[CORRELATIONS.get((a, b), CORRELATIONS.get((b, a), 0.0)) for b in columns] for a in columns]
    return np.array(pairs) + np.eye(len(columns))


def _draw_standard_scores(rng: np.random.Generator, gender: Bools) -> dict[str, Floats]:
    """Correlated standard scores of every number column; women want warm support more."""
    columns = tuple(row.column for row in NUMERIC_COLUMNS)
    drawn = rng.standard_normal((len(gender), len(columns))) @ np.linalg.cholesky(build_correlation_matrix(columns)).T
    standard = dict(zip(columns, drawn.T, strict=True))
    woman, share = gender[:, list_codes("gender").index("woman")], list_code_shares("gender", "clients")[0]
    shift = read_published_statistics()["women_warm_support_g"].value
    spread = np.sqrt(1 + shift**2 * share * (1 - share))  # keeps the scale's own SD
    standard["warm_support_preference"] = (standard["warm_support_preference"] + shift * (woman - share)) / spread
    return standard


def _ages(rng: np.random.Generator, group: Bools) -> Floats:
    """Whole years, more of them towards the younger end of each group; the lean gives `client_18_34` its share."""
    ends = np.array([[18, 26], [26, 65], [65, 90]])[group.argmax(axis=1)]
    return np.asarray(np.floor(ends[:, 0] + (ends[:, 1] - ends[:, 0]) * rng.beta(1.0, 1.3, len(group))))


def _add_second_background(rng: np.random.Generator, race: Bools, share: float = 0.04) -> Bools:
    """A few name a second background."""
    second = np.eye(race.shape[1], dtype=bool)[rng.integers(0, race.shape[1], len(race))]
    return race | (second & (rng.random((len(race), 1)) < share))


def _languages(rng: np.random.Generator, race: Bools) -> Bools:
    """English, or the language of one's background, or both."""
    english, codes = np.ones(len(race), dtype=bool), list_codes("languages")
    spoken = np.zeros((len(race), len(codes)), dtype=bool)
    for background, (language, share) in LANGUAGES.items():
        speaks = race[:, list_codes("race_ethnicity").index(background)] & (rng.random(len(race)) < share)
        spoken[:, codes.index(language)] = speaks
        english &= ~(speaks & (rng.random(len(race)) < NO_ENGLISH_SHARE))
    spoken[:, codes.index("english")] = english
    return spoken


def _payers(rng: np.random.Generator, age: Floats) -> Bools:
    """Those of 65 and older are mostly publicly insured."""
    usual = list_code_shares("payer", "clients")
    old = np.where(np.array(list_codes("payer")) == "public", 0.8, 0.2 / (len(usual) - 1))
    return draw_single_codes(rng, np.where(age[:, None] >= 65, old, usual), len(age))


def _slots(rng: np.random.Generator, count: int) -> Bools:
    """Weekly slots: some people are free most of the week, some on one evening."""
    freedom = rng.gamma(4.0, 0.25, (count, 1))  # mean 1
    return draw_code_sets(rng, np.clip(list_code_shares("slot", "clients") * freedom, 0.0, 0.95), count)


def _problems(rng: np.random.Generator, standard: dict[str, Floats]) -> tuple[Bools, Indices]:
    """Which problems, at most four, and which is the main one: those furthest above what it takes to name them."""
    leans = _build_loading_matrix()
    pull = np.stack([standard[row.column] for row in NUMERIC_COLUMNS], axis=1) @ leans
    between = build_correlation_matrix(tuple(row.column for row in NUMERIC_COLUMNS))
    spread = np.sqrt(1 + np.einsum("ij,ik,kj->j", leans, between, leans))
    pressing = pull + rng.standard_normal(pull.shape) + norm.ppf(list_code_shares("problem", "clients")) * spread
    standing = (-pressing).argsort(axis=1).argsort(axis=1)  # 0 is the most pressing
    named = (pressing > 0) & (standing < MAX_PROBLEMS) | (standing == 0)
    return named, standing.argmin(axis=1)


def _build_loading_matrix() -> Floats:
    """How much each standard score raises the chance of each problem, shape (numbers, problems)."""
    columns = [row.column for row in NUMERIC_COLUMNS]
    leans = np.zeros((len(columns), len(list_codes("problem"))))
    leans[[columns.index(column) for column in ("phq9", "gad7")]] = DISTRESS_LOADING
    for problem, (column, lean) in PROBLEM_LOADINGS.items():
        leans[columns.index(column), list_codes("problem").index(problem)] += lean
    return leans
