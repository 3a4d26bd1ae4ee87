"""Hiring profile: the codes of a new therapist who would give most waiting clients a candidate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Bools, Indices
from attune_fit.data.clinic.pair_states import PairStates
from attune_fit.data.clinic.tables import Tables
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.matching.capacity.shortage_counts import find_client_column
from attune_fit.matching.eligibility.eligibility import EligibilityResult
from attune_fit.matching.eligibility.eligibility_rule import Rule
from attune_fit.matching.relaxation.blockers import allow_unknown_in_empty_columns
from attune_fit.matching.relaxation.relaxations import RELAXATIONS

METHOD_NOTE = (
    "Attune starts with every code these clients have and removes one code at a time, the one that loses the fewest "
    "clients. Another choice of codes might do as well or better."
)


@dataclass(frozen=True)
class HiringProfile:
    """The codes a new therapist needs.

    Attributes
    ----------
    codes : dict of str to tuple of str
        Codes for each column of `therapists`.
    clients : int
        Number of clients for whom this therapist is eligible, counted by the rules themselves.
    """

    codes: dict[str, tuple[str, ...]]
    clients: int


@dataclass(frozen=True)
class HiringResult:
    """Profiles of a new therapist for some clients.

    Attributes
    ----------
    wanted : int
        Number of these clients.
    profile, narrow : HiringProfile
        A profile with at most the requested number of codes; and one with one code in each column.
    all_codes : int
        Number of clients for whom a therapist with every code is eligible. The other clients have a `must` or `never`
        that is unknown until a person is hired.
    how : str
        The search method, as sentences.
    """

    wanted: int
    profile: HiringProfile
    narrow: HiringProfile
    all_codes: int
    how: str = METHOD_NOTE


@dataclass(frozen=True)
class _Column:
    """One column of the profile.

    ``has_code`` states which clients have which code, shape (clients, codes); ``passes_unknown`` states which clients
    pass the rule without a code, shape (clients,).
    """

    name: str
    codes: tuple[str, ...]
    has_code: Bools
    passes_unknown: Bools

    def count_codes(self, is_chosen: Bools) -> Indices:
        """Return the number of chosen codes that each client has, shape (clients,)."""
        return np.asarray(self.has_code[:, is_chosen].sum(axis=1))


def find_hiring_profile(sides: Sides, rules: Sequence[Rule], client_rows: Indices, codes: int) -> HiringResult:
    """Find the codes a new therapist should have, by greedy backward elimination.

    The columns are those that a rule compares with a column of the client: licence, payers, languages, formats, hours.
    No personal trait or belief is among them. The new therapist has one opening, a roster row checked today, and no
    limits.

    Parameters
    ----------
    sides : Sides
    rules : sequence of Rule
    client_rows : array of int, shape (clients,)
        Rows of the clients the therapist is for.
    codes : int
        Maximum number of codes in all columns together. Each column keeps at least one code.

    Returns
    -------
    HiringResult
    """
    columns = list(_list_columns(sides, rules, client_rows))
    all_codes = [np.ones(len(column.codes), dtype=bool) for column in columns]
    is_reachable = _is_eligible_for(sides, rules, client_rows, columns, all_codes)
    path = list(_drop_codes(columns, is_reachable))
    small_enough = [step for step in path if step[1] <= codes] or path[-1:]
    best = max(small_enough, key=lambda step: (step[2], -step[1]))[0]

    def build_profile(chosen: Sequence[Bools]) -> HiringProfile:
        codes_by_column = {
            column.name: tuple(code for code, on in zip(column.codes, is_chosen, strict=True) if on)
            for column, is_chosen in zip(columns, chosen, strict=True)
        }
        n_clients = int(_is_eligible_for(sides, rules, client_rows, columns, chosen).sum())
        return HiringProfile(codes_by_column, n_clients)

    return HiringResult(len(client_rows), build_profile(best), build_profile(path[-1][0]), int(is_reachable.sum()))


def _list_columns(sides: Sides, rules: Sequence[Rule], client_rows: Indices) -> Iterator[_Column]:
    """List the columns of the profile with the clients' codes; a column that is empty at the clinic is left out."""
    changed_columns = {
        rule: row.changed_column.partition(".")[2]
        for row in RELAXATIONS
        if row.counted_by == "code"
        for rule in row.rules
    }
    for rule in rules:
        if rule.name in changed_columns and not rule.list_empty_columns(sides.tables):
            client_column = find_client_column(rule.name)
            indicators = sides.build_indicators("client", client_column).iloc[client_rows]
            indicators = indicators.loc[:, indicators.any()]
            is_unknown = ~sides.is_known("client", client_column)[client_rows]
            passes_unknown = is_unknown & (rule.unknown_policy == "allow")
            if len(indicators.columns):
                codes = tuple(map(str, indicators.columns))
                yield _Column(changed_columns[rule.name], codes, indicators.to_numpy(bool), passes_unknown)


def _drop_codes(columns: Sequence[_Column], is_reachable: Bools) -> Iterator[tuple[list[Bools], int, int]]:
    """Yield profiles with one code less each time, down to one in each column; with the counts of codes and clients."""
    chosen = [np.ones(len(column.codes), dtype=bool) for column in columns]
    while True:
        counts = [column.count_codes(some) for column, some in zip(columns, chosen, strict=True)]
        passes = [(count > 0) | column.passes_unknown for count, column in zip(counts, columns, strict=True)]
        is_covered = np.all([is_reachable, *passes], axis=0)
        yield [some.copy() for some in chosen], int(sum(some.sum() for some in chosen)), int(is_covered.sum())
        options = []
        for number, (column, some) in enumerate(zip(columns, chosen, strict=True)):
            needs_code = is_covered & (counts[number] == 1) & ~column.passes_unknown
            n_lost = (column.has_code & needs_code[:, None]).sum(axis=0)
            n_users = (column.has_code & is_covered[:, None]).sum(axis=0)
            if some.sum() > 1:
                options += [(int(n_lost[code]), int(n_users[code]), number, int(code)) for code in np.flatnonzero(some)]
        if not options:
            return
        _, _, number, code = min(options)
        chosen[number][code] = False


def _is_eligible_for(
    sides: Sides, rules: Sequence[Rule], client_rows: Indices, columns: Sequence[_Column], chosen: Sequence[Bools]
) -> Bools:
    """Return whether a therapist with these codes is eligible, by the rules themselves; shape (clients,)."""
    applied_rules = allow_unknown_in_empty_columns(rules, sides.tables)
    cells = {column.name: "|".join(np.array(column.codes)[some]) for column, some in zip(columns, chosen, strict=True)}
    roster = build_new_therapist(sides.tables, cells)
    tables = replace(sides.tables, therapists=roster, pair_states=PairStates())  # no offer is of a new therapist
    pairs = Pairs.cross(Sides(tables), client_rows)
    return np.asarray(EligibilityResult.from_rules(pairs, applied_rules).is_eligible[:, 0])


def build_new_therapist(tables: Tables, cells: dict[str, str]) -> pd.DataFrame:
    """Return a roster of one new therapist with these cells, one opening and a row checked today; all else unknown."""
    known = {**cells, "therapist_id": "new", "open_slots": 1.0, "updated_on": pd.Timestamp(tables.as_of)}
    empty = tables.therapists.iloc[:0].reindex([0])
    return empty.assign(**{name: pd.Series([cell], dtype=empty[name].dtype) for name, cell in known.items()})
