"""Follow-up of early alliance: which checks are due, overdue or done, and which scores are weak."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Bools
from attune_fit.data.clinic.waiting_clients import find_waiting_clients
from attune_fit.data.outcomes.early_alliance import EPISODE_KEYS, compute_later_alliance
from attune_fit.data.outcomes.episodes import build_episodes
from attune_fit.matching.follow_up.alliance_flags import FLAGS
from attune_fit.matching.follow_up.weak_alliance import WeakAllianceRule, build_weak_rules, is_weak
from attune_fit.matching.ranking.rank import find_row
from attune_fit.matching.ranking.ranking_result import round_points

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables


@dataclass(frozen=True)
class FollowUpPair:
    """A pair with at least one flag.

    Attributes
    ----------
    client_id, therapist_id : str
    session : int or None
        Highest known session number; None where unknown.
    days : int or None
        Days since the pair began; None where unknown.
    score : float or None
        Early alliance in points of ``instrument``; None without a score.
    instrument : str or None
    flags : tuple of str
        Names of rows of :data:`FLAGS`, in its order.
    later_change : float or None
        Mean of the later ratings less early alliance, in points of ``instrument``; None without both.
    """

    client_id: str
    therapist_id: str
    session: int | None
    days: int | None
    score: float | None
    instrument: str | None
    flags: tuple[str, ...]
    later_change: float | None = None


@dataclass(frozen=True)
class FollowUpReport:
    """The early-alliance checks of a clinic.

    Attributes
    ----------
    as_of : str
        Date of the tables, ISO.
    pairs : tuple of FollowUpPair
        Recent pairs with a flag, the most urgent first; see :data:`URGENCY_RULE`. Of one client, also old pairs.
    rules : tuple of WeakAllianceRule
        The cut-off for a weak alliance, by instrument.
    done, due : int
        Checks with a score, and all checks that have been due at any time. A client who left early, or a pair that
        ended, counts in neither without a score.
    missing_by_therapist : dict of str to int
        Number of overdue checks among ``pairs`` by therapist to remind, in the order of ids.
    elsewhere : int
        Clients who are not waiting, still seek therapy, have no open or accepted offer, and have no record in
        `outcomes` with a therapist of the roster; 0 where the report is about one therapist or client.
    missing_clients : tuple of str
        Ids of the clients of all checks that are due and not done, in the order of ids.
    """

    as_of: str
    pairs: tuple[FollowUpPair, ...]
    rules: tuple[WeakAllianceRule, ...]
    done: int
    due: int
    missing_by_therapist: dict[str, int]
    elsewhere: int
    missing_clients: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the report in the plain types of JSON."""
        return {
            **asdict(self),
            "pairs": [asdict(pair) for pair in self.pairs],
            "rules": [asdict(rule) for rule in self.rules],
        }


def follow_up(
    clinic: Clinic, tables: Tables, therapist_id: str | None = None, client_id: str | None = None
) -> FollowUpReport:
    """Check the early alliance of all pairs that met, and flag the pairs to look at.

    Parameters
    ----------
    clinic : Clinic
        Its ``[follow_up]`` sets when a check is due and what counts as weak.
    tables : Tables
    therapist_id : str, optional
        Only pairs of this therapist; the cut-offs stay those of the whole clinic. Default: all pairs.
    client_id : str, optional
        Only pairs of this client, also those that began long ago, and those before another therapist. Default: the
        recent pairs of all clients.

    Returns
    -------
    FollowUpReport

    Raises
    ------
    DataFault
        If a key of ``[follow_up.weak]`` is no instrument, or its points are outside the instrument's range; or if no
        therapist, or no client, has the id.
    """
    episodes = build_episodes(tables, clinic.instruments)
    rules = build_weak_rules(clinic, episodes)
    pairs = build_follow_up_table(clinic, tables, episodes, rules)
    if therapist_id is not None:
        pairs = pairs[pairs["therapist_row"] == find_row(tables, "therapists", therapist_id)]
    if client_id is not None:
        pairs = pairs[pairs["client_row"] == find_row(tables, "clients", client_id)]
    current = pairs if client_id is not None else pairs[pairs["recent"] & pairs["last"]]
    flags = pd.DataFrame({flag.name: flag.function(current) for flag in FLAGS}, index=current.index).astype(bool)
    flagged = [
        _build_pair(clinic, tables, current.loc[row], tuple(flags.columns[flags.loc[row]]))
        for row in _sort_by_urgency(current, flags)
    ]
    to_remind = pd.Series([pair.therapist_id for pair in flagged if "missing" in pair.flags], dtype="str")
    n_missing = to_remind.value_counts()
    client_ids = tables.clients["client_id"]
    accounted_for = {
        *client_ids[episodes["client_row"]],
        *client_ids[find_waiting_clients(clinic, tables)],
        *(offer.client_id for offer in tables.pair_states.offers),
        *tables.pair_states.withdrawn,
    }
    is_missing = pairs["needs_score"] & pairs["overdue"]
    done = int(pairs["pomp"].notna().sum())
    return FollowUpReport(
        as_of=tables.as_of.isoformat(),
        pairs=tuple(flagged),
        rules=rules,
        done=done,
        due=done + int(is_missing.sum()),
        missing_by_therapist={str(name): int(n_missing[name]) for name in sorted(n_missing.index)},
        elsewhere=int((~client_ids.isin(accounted_for)).sum()) if therapist_id is client_id is None else 0,
        missing_clients=tuple(sorted(client_ids[pairs.loc[is_missing, "client_row"]])),
    )


def build_follow_up_table(
    clinic: Clinic, tables: Tables, episodes: pd.DataFrame, rules: tuple[WeakAllianceRule, ...]
) -> pd.DataFrame:
    """Return every episode with the columns that the flags read.

    Returns
    -------
    DataFrame
        The columns of :func:`build_episodes`, and ``days`` since the pair began (NaN where unknown), ``recent`` (also
        True for an unknown day), ``needs_score`` (no early score by the client, who has not left, in a pair that has
        not ended), ``overdue`` (the session or the days of ``[follow_up]`` have passed), ``weak`` (False for a pair
        that has ended: it needs no talk now), ``later_change`` (mean of the later ratings less early alliance,
        in POMP; NaN without both).
    """
    settings = clinic.config.follow_up
    days = (pd.Timestamp(tables.as_of) - episodes["began"]).dt.days.astype(float)
    days = days.where(days >= 0)  # a date in the future is a typing error
    later = compute_later_alliance(tables, clinic.instruments).set_index(EPISODE_KEYS)["pomp"]
    keys = pd.MultiIndex.from_frame(episodes[EPISODE_KEYS])
    has_ended = _has_ended(tables, episodes)
    return episodes.assign(
        days=days,
        recent=~(days > settings.recent),
        needs_score=episodes["pomp"].isna() & ~episodes["dropped_out"] & ~has_ended,
        overdue=(episodes["session"] >= settings.session) | (days >= settings.days),
        weak=is_weak(episodes, rules, clinic) & ~has_ended,
        later_change=later.reindex(keys).to_numpy(float) - episodes["pomp"].to_numpy(float),
    )


def _has_ended(tables: Tables, episodes: pd.DataFrame) -> Bools:
    """Return whether each pair has ended, shape (episodes,): no form can come back, and the alliance is past."""
    if not tables.pair_states.ended:
        return np.zeros(len(episodes), dtype=bool)
    clients = tables.clients["client_id"].to_numpy(object)[episodes["client_row"]]
    therapists = tables.therapists["therapist_id"].to_numpy(object)[episodes["therapist_row"]]
    return np.array([pair in tables.pair_states.ended for pair in zip(clients, therapists, strict=True)], dtype=bool)


def _sort_by_urgency(pairs: pd.DataFrame, flags: pd.DataFrame) -> pd.Index:
    """Return the labels of the flagged pairs, sorted by :data:`URGENCY_RULE`; unknown days come last in their flag.

    Falls and scores are compared in POMP, because pairs can have different instruments.
    """
    names = list(flags.columns)
    flag = flags.to_numpy(bool).argmax(axis=1)
    is_weak, has_left = flag == names.index("weak"), flag == names.index("dropped_out")
    fall = np.where(is_weak, pairs["later_change"].clip(upper=0).fillna(0), 0)
    score = np.where(is_weak, pairs["pomp"].fillna(0), 0)
    days = np.where(has_left, pairs["days"], -pairs["days"])
    order = np.lexsort((pairs["client_row"], np.nan_to_num(days, nan=np.inf), score, fall, flag))
    return flags.index[order][flags.any(axis=1).to_numpy(bool)[order]]


def _build_pair(clinic: Clinic, tables: Tables, pair: pd.Series, flags: tuple[str, ...]) -> FollowUpPair:
    instrument = None if np.isnan(pair["pomp"]) else clinic.instruments[str(pair["instrument"])]
    return FollowUpPair(
        client_id=str(tables.clients["client_id"][pair["client_row"]]),
        therapist_id=str(tables.therapists["therapist_id"][pair["therapist_row"]]),
        session=None if np.isnan(pair["session"]) else int(pair["session"]),
        days=None if np.isnan(pair["days"]) else int(pair["days"]),
        score=None if instrument is None else round_points(instrument.to_points(float(pair["pomp"]))),
        instrument=None if instrument is None else instrument.name,
        flags=flags,
        later_change=None
        if instrument is None or np.isnan(pair["later_change"])
        else round_points(float(pair["later_change"]) * (instrument.high - instrument.low) / 100),
    )
