"""What would help a client whom few can be offered: the smallest changes, whom they add, and what they cost."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from attune_fit.data.arrays import Bools
from attune_fit.matching.ranking.rank import find_row
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.matching.relaxation.blockers import ClientBlockers
from attune_fit.matching.relaxation.change import TableChange, describe_alternatives, list_changes
from attune_fit.matching.relaxation.expected_gain import ExpectedGain, compute_gains
from attune_fit.matching.relaxation.minimal_sets import MinimalChangeSet, find_minimal_sets
from attune_fit.matching.relaxation.relaxations import select_relaxations

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables
    from attune_fit.models.alliance_model import AllianceModel


MAX_OPTIONS = 10  # ways told
MAX_OPTIONS_PER_KIND = 3  # of those, how many that differ in the code alone


@dataclass(frozen=True)
class RelaxationStep:
    """One change of a way.

    Attributes
    ----------
    relaxation, side : str
        Of the row of :data:`RELAXATIONS`.
    codes : tuple of str
        What is chosen; of several any one will do.
    says : str
        The change as a clause.
    """

    relaxation: str
    side: str
    codes: tuple[str, ...]
    says: str


@dataclass(frozen=True)
class RelaxationOption:
    """A smallest set of changes that brings somebody on the list.

    Attributes
    ----------
    steps : tuple of Step
    instead : tuple of tuple of Step
        Other codes for the same changes, bringing and costing the same people, where ``steps`` cannot name them.
    therapists : tuple of str
        Who comes on the list.
    only_together : tuple of str
        Those of them who need every one of the changes.
    leave : tuple of str
        Candidates who would leave it.
    each : bool
        Whether a change is the therapist's or the clinic's own, so that it has to be made for each of them.
    certain : bool
        False where a question has to be answered in the therapist's favour.
    gain : Gain
        What the best of them is worth against the best candidate there is, and which wishes it costs.
    """

    steps: tuple[RelaxationStep, ...]
    instead: tuple[tuple[RelaxationStep, ...], ...]
    therapists: tuple[str, ...]
    only_together: tuple[str, ...]
    leave: tuple[str, ...]
    each: bool
    certain: bool
    gain: ExpectedGain


@dataclass(frozen=True)
class RelaxationResult:
    """What would help one client.

    Attributes
    ----------
    client_id, verdict, instrument : str
    candidates : int
        How many can be offered as things stand.
    roster : int
    ways : tuple of Way
        Fewest changes first, then those that cost the client least, then those that bring most.
    found : int
        How many ways there are in all.
    together : int
        The most changes that were tried together.
    beyond : dict of str to int
        Of the therapists no way reaches: how many stand under each rule.
    unreached : int
        How many these therapists are.
    """

    client_id: str
    verdict: str
    instrument: str
    candidates: int
    roster: int
    ways: tuple[RelaxationOption, ...]
    found: int
    together: int
    beyond: dict[str, int]
    unreached: int

    def to_dict(self) -> dict[str, Any]:
        """Plain types only, as JSON has them."""
        return asdict(self)


def relax(
    model: AllianceModel, clinic: Clinic, tables: Tables, client_id: str, most: int = MAX_OPTIONS
) -> RelaxationResult:
    """Find the smallest changes that add candidates for one client.

    Parameters
    ----------
    model : AllianceModel
    clinic : Clinic
        Its rules, its section ``relax`` and its settings.
    tables : Tables
    client_id : str
    most : int
        How many ways to tell; of those that differ in a code alone, the three that bring most.

    Returns
    -------
    Relaxed
        Every therapist named comes on the list when the change is made, and nobody else does.

    Raises
    ------
    DataFault
        If there is no such client, or ``clinic.toml`` names an unknown rule or relaxation.
    """
    desk = RosterScorer.from_clinic(model, clinic, tables)
    row, together = find_row(tables, "clients", client_id), clinic.config.relax.together
    obstacles = ClientBlockers.from_rules(tables, desk.rules, row)
    rows = [one for one in select_relaxations(clinic.config) if one.is_immediate]
    found = find_minimal_sets(obstacles, list_changes(rows, tables, row), together)
    groups = _limit_per_kind(sorted(_group_alike(found), key=lambda group: _sort_key(group[0])), most)
    worth = compute_gains(desk, row, [group[0] for group in groups], obstacles.is_eligible)
    beyond = ~np.any([obstacles.is_eligible, *(one.is_added for one in found)], axis=0)
    return RelaxationResult(
        client_id=client_id,
        verdict=model.verdict.sentence,
        instrument=desk.instrument.name,
        candidates=int(obstacles.is_eligible.sum()),
        roster=len(tables.therapists),
        ways=tuple(_build_option(tables, group, gain) for group, gain in zip(groups, worth, strict=True)),
        found=len(found),
        together=together,
        beyond=_count_by_rule(obstacles, beyond),
        unreached=int(beyond.sum()),
    )


def _group_alike(found: Iterable[MinimalChangeSet]) -> list[list[MinimalChangeSet]]:
    """Ways that differ in the code alone and bring and cost the same people, together."""
    groups: dict[tuple[object, ...], list[MinimalChangeSet]] = {}
    for one in found:
        who = (one.is_added.tobytes(), one.is_added_only_by_all.tobytes(), one.is_removed.tobytes())
        groups.setdefault((_list_kinds(one), *who), []).append(one)
    return list(groups.values())


def _list_kinds(one: MinimalChangeSet) -> tuple[tuple[str, str, str], ...]:
    return tuple(change.kind for change in one.changes)


def _sort_key(one: MinimalChangeSet) -> tuple[int, int, int, int]:
    """Fewest changes, fewest wishes given up, least asked of the client, most who need it."""
    wishes = sum(bool(change.attribute) for change in one.changes)
    asked = sum(change.is_by_client for change in one.changes)
    return len(one.changes), wishes, asked, -int(one.is_added_only_by_all.sum())


def _limit_per_kind(groups: Sequence[list[MinimalChangeSet]], most: int) -> list[list[MinimalChangeSet]]:
    """The first of all, and no more than a few of a kind."""
    seen: dict[tuple[tuple[str, str, str], ...], int] = {}
    told = []
    for group in groups:
        kinds = _list_kinds(group[0])
        seen[kinds] = seen.get(kinds, 0) + 1
        if seen[kinds] <= MAX_OPTIONS_PER_KIND:
            told.append(group)
    return told[:most]


def _build_option(tables: Tables, group: Sequence[MinimalChangeSet], gain: ExpectedGain) -> RelaxationOption:
    """A way in words, with what it is worth."""
    first = group[0]
    steps, instead = _build_steps(group)
    ids = tables.therapists["therapist_id"].to_numpy(object)

    def named(some: Bools) -> tuple[str, ...]:
        return tuple(sorted(str(one) for one in ids[some]))

    return RelaxationOption(
        steps=steps,
        instead=instead,
        therapists=named(first.is_added),
        only_together=named(first.is_added_only_by_all),
        leave=named(first.is_removed),
        each=not all(change.is_by_client for change in first.changes),
        certain=all(change.is_certain for change in first.changes),
        gain=gain,
    )


def _build_steps(
    group: Sequence[MinimalChangeSet],
) -> tuple[tuple[RelaxationStep, ...], tuple[tuple[RelaxationStep, ...], ...]]:
    """The steps of alike ways as one where their codes go with each other as one likes, else one by one."""
    columns = list(zip(*(one.changes for one in group), strict=True))
    choices = [tuple(dict.fromkeys(column)) for column in columns]
    if math.prod(map(len, choices)) == len(group):
        return tuple(_build_step(some) for some in choices), ()
    each = [tuple(_build_step([change]) for change in one.changes) for one in group]
    return each[0], tuple(each[1:])


def _build_step(changes: Sequence[TableChange]) -> RelaxationStep:
    row = changes[0].relaxation
    return RelaxationStep(
        row.name, row.side, tuple(one.code for one in changes if one.code), describe_alternatives(changes)
    )


def _count_by_rule(obstacles: ClientBlockers, beyond: Bools) -> dict[str, int]:
    """How many of some therapists each rule leaves out, the most frequent first."""
    counts: dict[str, int] = {}
    for name in dict.fromkeys(row.rule.name for row in obstacles.blockers):
        mine = [number for number, row in enumerate(obstacles.blockers) if row.rule.name == name]
        counts[name] = int((obstacles.is_blocked[mine].any(axis=0) & beyond).sum())
    return dict(sorted(((name, count) for name, count in counts.items() if count), key=lambda one: -one[1]))
