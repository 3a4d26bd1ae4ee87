"""Which new therapist would give the most clients somebody: codes chosen from those of the clients who wait."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from attune_fit.data.arrays import Bools, Indices
from attune_fit.data.clinic.tables import Tables
from attune_fit.features.pairs import Pairs, Sides
from attune_fit.matching.capacity.shortage_counts import find_client_column
from attune_fit.matching.eligibility.eligibility import EligibilityResult
from attune_fit.matching.eligibility.rules import Rule
from attune_fit.matching.relaxation.relaxations import RELAXATIONS

METHOD_NOTE = (
    "Found by starting from every code these clients have and dropping, one at a time, the code that loses the fewest "
    "of them; another choice of codes may do as well or better."
)


@dataclass(frozen=True)
class HiringProfile:
    """What a new therapist would need, and how many clients could then be offered this therapist.

    ``codes`` holds for each column of `therapists` the codes; ``clients`` is counted by the rules themselves.
    """

    codes: dict[str, tuple[str, ...]]
    clients: int


@dataclass(frozen=True)
class HiringResult:
    """A new therapist for some clients.

    Attributes
    ----------
    wanted : int
        For how many clients.
    profile, narrow : Profile
        With at most so many codes in all, none of them idle; and with one code in each column.
    all_codes : int
        How many clients a therapist with every code could be offered; the others have a `must`, or a `never`, that
        nobody can be known to honour before there is a person.
    how : str
        How it was found.
    """

    wanted: int
    profile: HiringProfile
    narrow: HiringProfile
    all_codes: int
    how: str = METHOD_NOTE


@dataclass(frozen=True)
class _Column:
    """One column of the profile: which clients have which code, and who passes without."""

    name: str
    codes: tuple[str, ...]
    has: Bools
    free: Bools

    def count(self, chosen: Bools) -> Indices:
        """How many of the chosen codes each client has."""
        return np.asarray(self.has[:, chosen].sum(axis=1))


def find_hiring_profile(sides: Sides, rules: Sequence[Rule], client_rows: Indices, codes: int) -> HiringResult:
    """Look for the codes a new therapist should have.

    The columns are those that rules compare with a column of the client's: licence, payers, languages, formats, hours.
    Nothing a person is or believes is among them. The new therapist has one opening, a row checked today and no limits.

    Parameters
    ----------
    sides : Sides
    rules : sequence of Rule
    client_rows : array of int
        For whom.
    codes : int
        The most codes in all columns together; never fewer than one in each.
    """
    columns = list(_columns(sides, rules, client_rows))
    everything = [np.ones(len(column.codes), dtype=bool) for column in columns]
    reach = _can_be_offered(sides, rules, client_rows, columns, everything)
    path = list(_drop_codes(columns, reach))
    small = [one for one in path if one[1] <= codes] or path[-1:]
    best = max(small, key=lambda one: (one[2], -one[1]))[0]

    def profile(chosen: Sequence[Bools]) -> HiringProfile:
        named = {
            column.name: tuple(code for code, on in zip(column.codes, some, strict=True) if on)
            for column, some in zip(columns, chosen, strict=True)
        }
        return HiringProfile(named, int(_can_be_offered(sides, rules, client_rows, columns, chosen).sum()))

    return HiringResult(len(client_rows), profile(best), profile(path[-1][0]), int(reach.sum()))


def _columns(sides: Sides, rules: Sequence[Rule], client_rows: Indices) -> Iterator[_Column]:
    """The columns of the profile, each with the codes that occur among the clients; none the clinic does not keep."""
    aimed = {
        rule: row.changed_column.partition(".")[2]
        for row in RELAXATIONS
        if row.counted_by == "code"
        for rule in row.rules
    }
    for rule in rules:
        if rule.name in aimed and not rule.list_empty_columns(sides.tables):
            held = sides.build_indicators("client", find_client_column(rule.name)).iloc[client_rows]
            held = held.loc[:, held.any()]
            free = ~sides.is_known("client", find_client_column(rule.name))[client_rows] & (
                rule.unknown_policy == "allow"
            )
            if len(held.columns):
                yield _Column(aimed[rule.name], tuple(map(str, held.columns)), held.to_numpy(bool), free)


def _drop_codes(columns: Sequence[_Column], reach: Bools) -> Iterator[tuple[list[Bools], int, int]]:
    """Profiles from every code down to one in each column, a code less each time; how many codes, how many clients."""
    chosen = [np.ones(len(column.codes), dtype=bool) for column in columns]
    while True:
        counts = [column.count(some) for column, some in zip(columns, chosen, strict=True)]
        passed = [(count > 0) | column.free for count, column in zip(counts, columns, strict=True)]
        covered = np.all([reach, *passed], axis=0)
        yield [some.copy() for some in chosen], int(sum(some.sum() for some in chosen)), int(covered.sum())
        options = []
        for number, (column, some) in enumerate(zip(columns, chosen, strict=True)):
            lost = (column.has & (covered & (counts[number] == 1) & ~column.free)[:, None]).sum(axis=0)
            asked = (column.has & covered[:, None]).sum(axis=0)
            if some.sum() > 1:
                options += [(int(lost[code]), int(asked[code]), number, int(code)) for code in np.flatnonzero(some)]
        if not options:
            return
        _, _, number, code = min(options)
        chosen[number][code] = False


def _can_be_offered(
    sides: Sides, rules: Sequence[Rule], client_rows: Indices, columns: Sequence[_Column], chosen: Sequence[Bools]
) -> Bools:
    """Whether each client could be offered a therapist with these codes, by the rules themselves; shape (clients,)."""
    tables = sides.tables
    kept = [
        rule
        if rule.is_unknown_policy_stated or not rule.list_empty_columns(tables)
        else replace(rule, unknown_policy="allow")
        for rule in rules
    ]
    cells = {column.name: "|".join(np.array(column.codes)[some]) for column, some in zip(columns, chosen, strict=True)}
    alone = replace(tables, therapists=build_new_therapist(tables, cells))
    return np.asarray(EligibilityResult.from_rules(Pairs.cross(Sides(alone), client_rows), kept).is_eligible[:, 0])


def build_new_therapist(tables: Tables, cells: dict[str, str]) -> pd.DataFrame:
    """A roster of one new therapist with an opening, a row checked today and these cells; all else is unknown."""
    known = {**cells, "therapist_id": "new", "open_slots": 1.0, "updated_on": pd.Timestamp(tables.as_of)}
    empty = tables.therapists.iloc[:0].reindex([0])
    return empty.assign(**{name: pd.Series([cell], dtype=empty[name].dtype) for name, cell in known.items()})
