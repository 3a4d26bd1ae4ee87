"""Which episodes a hypothesis test uses: known outcome, exclusions, subgroup; each loss is counted by its reason."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Bools, Indices
from attune_fit.data.cell_parsing import normalize_code
from attune_fit.data.outcomes.early_alliance import EPISODE_KEYS
from attune_fit.data.outcomes.intake_timing import is_intake_after_rating
from attune_fit.features import cell_values
from attune_fit.training.hypotheses.lab_outcomes import compute_lab_outcomes

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.training.hypotheses.hypothesis import Hypothesis, Subgroup

SMALLEST_CASELOADS = {"caseload under 5": 5, "caseload under 10": 10}


def select_episodes(clinic: Clinic, tables: Tables, hypothesis: Hypothesis, n_dropped: dict[str, int]) -> pd.DataFrame:
    """Return the episodes with a known outcome that the hypothesis is about.

    Parameters
    ----------
    clinic, tables, hypothesis
    n_dropped : dict
        Gets the number of episodes that each reason excludes, in their order.

    Returns
    -------
    DataFrame
        As :func:`compute_lab_outcomes`. An episode whose client answered the intake after the first rating is excluded,
        because such answers can leak the outcome.
    """
    is_late = "sessions after 3" in hypothesis.exclusions
    episodes = compute_lab_outcomes(clinic, tables, hypothesis.outcome, drops_late_sessions=is_late)
    episodes = _drop(episodes, episodes["y"].isna(), "the outcome is unknown", n_dropped)
    episodes = episodes.assign(**{key: episodes[key].astype(np.intp) for key in EPISODE_KEYS})
    late = is_intake_after_rating(tables.clients, episodes)
    episodes = _drop(episodes, late, "the intake is after the first rating", n_dropped)
    if "second therapists" in hypothesis.exclusions:
        episodes = _drop(episodes, episodes["turn"] > 0, "exclusion: second therapists", n_dropped)
    if "undated ratings" in hypothesis.exclusions:
        episodes = _drop(episodes, episodes["measured_on"].isna(), "exclusion: undated ratings", n_dropped)
    if hypothesis.subgroup is not None:
        outside = ~_is_in_subgroup(tables, hypothesis.subgroup, episodes)
        episodes = _drop(episodes, outside, "outside the subgroup, or unknown", n_dropped)
    return episodes


def has_caseload(therapist: Indices, kept: Bools, exclusions: Collection[str], n_dropped: dict[str, int]) -> Bools:
    """Return whether each record's therapist has enough records among those kept, for the exclusions about caseloads.

    Parameters
    ----------
    therapist : array of int, shape (n,)
    kept : array of bool, shape (n,)
        Whether each record is used so far.
    exclusions : collection of str
    n_dropped : dict
        Gets the number of records that are dropped here.
    """
    smallest = max((SMALLEST_CASELOADS.get(name, 0) for name in exclusions), default=0)
    counts = np.bincount(therapist[kept], minlength=int(therapist.max(initial=0)) + 1)
    enough = np.asarray(counts[therapist] >= smallest)
    if smallest:
        n_dropped[f"exclusion: caseload under {smallest}"] = int((kept & ~enough).sum())
    return enough


def _drop(episodes: pd.DataFrame, dropped: pd.Series | Bools, reason: str, n_dropped: dict[str, int]) -> pd.DataFrame:
    """Return the episodes without those dropped, and count these."""
    is_dropped = np.asarray(dropped, dtype=bool)
    n_dropped[reason] = int(is_dropped.sum())
    kept: pd.DataFrame = episodes[~is_dropped]
    return kept


def _is_in_subgroup(tables: Tables, subgroup: Subgroup, episodes: pd.DataFrame) -> Bools:
    """Return whether each episode is in the subgroup; an unknown cell is not."""
    cells = getattr(tables, subgroup.table)[subgroup.column]
    if subgroup.code:
        codes = cell_values.explode_codes(cells)
        sought = {normalize_code(code) for code in subgroup.code}
        inside = np.isin(np.arange(len(cells)), codes.index[codes.isin(sought)])
    else:
        numbers = cell_values.convert_to_numbers(cells)
        low = -np.inf if subgroup.at_least is None else subgroup.at_least
        high = np.inf if subgroup.at_most is None else subgroup.at_most
        inside = (numbers >= low) & (numbers <= high)
    rows = episodes["client_row" if subgroup.table == "clients" else "therapist_row"].to_numpy(np.intp)
    return np.asarray(inside[rows], dtype=bool)
