"""Which pairs are due a check, which scores have come in, which are weak, and what is overdue."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attune_fit.data.clinic.waiting_clients import find_waiting_clients
from attune_fit.data.outcomes.episodes import build_episodes
from attune_fit.matching.follow_up.flags import FLAGS
from attune_fit.matching.follow_up.weak_alliance import WeakAllianceRule, build_weak_rules, is_weak
from attune_fit.matching.ranking.ranking_result import POINT_DECIMALS

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables


@dataclass(frozen=True)
class FollowUpPair:
    """A pair with something to look at.

    ``session`` is the highest known, ``days`` how long ago it began, ``score`` its early alliance in points of
    ``instrument``; None where unknown. ``flags`` are names of :data:`FLAGS`, in its order.
    """

    client_id: str
    therapist_id: str
    session: int | None
    days: int | None
    score: float | None
    instrument: str | None
    flags: tuple[str, ...]


@dataclass(frozen=True)
class FollowUpReport:
    """The checks of a clinic.

    Attributes
    ----------
    as_of : str
    pairs : tuple of Followed
        Pairs that began lately and have a flag, by the first of their flags, then by client.
    rules : tuple of Weak
        What counts as weak.
    done, due : int
        Of all pairs whose check has been due, however long ago: how many have a score, and how many there are. A client
        who left early without a score counts among neither.
    missing_by_therapist : dict of str to int
        Checks missing among ``pairs``: whom to remind, in the order of ids.
    elsewhere : int
        Clients who neither wait nor are in `outcomes` with a therapist of the roster: whom they met is not known.
    """

    as_of: str
    pairs: tuple[FollowUpPair, ...]
    rules: tuple[WeakAllianceRule, ...]
    done: int
    due: int
    missing_by_therapist: dict[str, int]
    elsewhere: int

    def to_dict(self) -> dict[str, Any]:
        """Plain types only, as JSON has them."""
        return {
            **asdict(self),
            "pairs": [asdict(one) for one in self.pairs],
            "rules": [asdict(one) for one in self.rules],
        }


def follow_up(clinic: Clinic, tables: Tables) -> FollowUpReport:
    """Look through all pairs that met.

    Parameters
    ----------
    clinic : Clinic
        Its ``[follow_up]`` says when a check is due and what counts as weak.
    tables : Tables

    Raises
    ------
    DataFault
        If ``[follow_up.weak]`` names no instrument, or points beyond its range.
    """
    met = build_episodes(tables, clinic.instruments)
    rules = build_weak_rules(clinic, met)
    pairs = build_follow_up_table(clinic, tables, met, rules)
    now = pairs[pairs["recent"] & pairs["last"]]
    flags = pd.DataFrame({flag.name: flag.function(now) for flag in FLAGS}, index=now.index).astype(bool)
    some = flags.index[flags.any(axis=1)]
    told = [_build_pair(clinic, tables, now.loc[row], tuple(flags.columns[flags.loc[row]])) for row in some]
    names = [flag.name for flag in FLAGS]
    missing = pd.Series([one.therapist_id for one in told if "missing" in one.flags], dtype="str").value_counts()
    known = set(tables.clients["client_id"][met["client_row"]]) | set(
        tables.clients["client_id"][find_waiting_clients(clinic, tables)]
    )
    asked = pairs["unscored"] & pairs["overdue"] & ~pairs["dropped_out"]
    done = int((~pairs["unscored"]).sum())
    return FollowUpReport(
        as_of=tables.as_of.isoformat(),
        pairs=tuple(sorted(told, key=lambda one: (names.index(one.flags[0]), one.client_id))),
        rules=rules,
        done=done,
        due=done + int(asked.sum()),
        missing_by_therapist={str(name): int(missing[name]) for name in sorted(missing.index)},
        elsewhere=len(tables.clients) - len(known),
    )


def build_follow_up_table(
    clinic: Clinic, tables: Tables, met: pd.DataFrame, rules: tuple[WeakAllianceRule, ...]
) -> pd.DataFrame:
    """Every episode, with what flags ask.

    Returns
    -------
    DataFrame
        The columns of :func:`build_episodes`, and ``days`` since it began (NaN where unknown), ``recent`` (or
        of an unknown day), ``unscored`` (no early score by the client), ``overdue`` (the session or the days of
        ``[follow_up]`` have passed), ``weak``.
    """
    said = clinic.config.follow_up
    days = (pd.Timestamp(tables.as_of) - met["began"]).dt.days.astype(float)
    days = days.where(days >= 0)  # a day that lies ahead is a slip of the pen
    return met.assign(
        days=days,
        recent=~(days > said.recent),
        unscored=met["pomp"].isna(),
        overdue=(met["session"] >= said.session) | (days >= said.days),
        weak=is_weak(met, rules, clinic),
    )


def _build_pair(clinic: Clinic, tables: Tables, pair: pd.Series, flags: tuple[str, ...]) -> FollowUpPair:
    row = None if np.isnan(pair["pomp"]) else clinic.instruments[str(pair["instrument"])]
    return FollowUpPair(
        client_id=str(tables.clients["client_id"][pair["client_row"]]),
        therapist_id=str(tables.therapists["therapist_id"][pair["therapist_row"]]),
        session=None if np.isnan(pair["session"]) else int(pair["session"]),
        days=None if np.isnan(pair["days"]) else int(pair["days"]),
        score=None if row is None else round(row.to_points(float(pair["pomp"])), POINT_DECIMALS),
        instrument=None if row is None else row.name,
        flags=flags,
    )
