"""Relax: the smallest changes that add candidates for a client, whom they add, and which wishes they cost."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from attune_fit.data.arrays import Bools
from attune_fit.data.clinic.offer_texts import describe_hold
from attune_fit.data.outcomes.openings import OPEN_SLOTS, count_openings
from attune_fit.matching.ranking.rank import find_row
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.matching.relaxation.blockers import STATE_UNKNOWN, ClientBlockers
from attune_fit.matching.relaxation.change_events import Event, build_change_events, join_events
from attune_fit.matching.relaxation.expected_gain import ExpectedGain, compute_gains
from attune_fit.matching.relaxation.minimal_sets import MinimalChangeSet, find_minimal_sets
from attune_fit.matching.relaxation.proposed_change import (
    TableChange,
    find_missing_columns,
    join_alternatives,
    list_changes,
)
from attune_fit.matching.relaxation.relaxations import select_relaxations

if TYPE_CHECKING:
    from attune_fit.data.clinic.tables import Tables


MAX_OPTIONS = 10  # options in a result
MAX_IDS = 12  # therapists named in a request
MAX_OPTIONS_PER_KIND = 3  # of these, options that differ only in the code


@dataclass(frozen=True)
class RelaxationStep:
    """One change of an option.

    Attributes
    ----------
    relaxation, side : str
        Name and side of the row of :data:`RELAXATIONS`.
    codes : tuple of str
        The chosen codes; any one of them is enough.
    says : str
        The change as a clause.
    request : str
        The change as a request, with the ids of at most :data:`MAX_IDS` therapists who need all changes of the option.
    event : dict or None
        Keywords of ``record`` for the event that makes the change, with the first of ``codes``. A therapist's change is
        that of the therapist of ``gain``. None where a question has to be answered first.
    events : dict of str to dict
        For a change of a therapist: the event for each of these therapists, by id. Empty for the client's change.
    """

    relaxation: str
    side: str
    codes: tuple[str, ...]
    says: str
    request: str = ""
    event: dict[str, Any] | None = None
    events: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class RelaxationOption:
    """A smallest set of changes that adds at least one therapist to the list.

    Attributes
    ----------
    steps : tuple of RelaxationStep
    instead : tuple of tuple of RelaxationStep
        Other codes for the same changes, with the same therapists added and removed, that ``steps`` cannot include.
    therapists : tuple of str
        Ids of the therapists who join the list.
    only_together : tuple of str
        Ids of those of them who need all the changes.
    leave : tuple of str
        Ids of the candidates who leave the list.
    each : bool
        Whether a change is the therapist's or the clinic's, so that it has to be made for each therapist.
    certain : bool
        False where a question has to be answered in the therapist's favour.
    gain : ExpectedGain
        The best added therapist compared with the best current candidate, and the wishes this costs.
    events : tuple of dict or None
        The events of all steps for the therapist of ``gain``, one for each row that changes: they add this therapist.
        None where a question has to be answered first.
    """

    steps: tuple[RelaxationStep, ...]
    instead: tuple[tuple[RelaxationStep, ...], ...]
    therapists: tuple[str, ...]
    only_together: tuple[str, ...]
    leave: tuple[str, ...]
    each: bool
    certain: bool
    gain: ExpectedGain
    events: tuple[dict[str, Any], ...] | None = None


@dataclass(frozen=True)
class MissingField:
    """A cell of the client that is unknown, so that a rule cannot be checked.

    Attributes
    ----------
    field : str
        The column of ``clients``.
    rule : str
    therapists : int
        Number of therapists whom the rule excludes because of it.
    """

    field: str
    rule: str
    therapists: int


@dataclass(frozen=True)
class RelaxationResult:
    """The options that would add candidates for one client.

    Attributes
    ----------
    client_id, verdict, instrument : str
    candidates : int
        Number of current candidates.
    roster : int
        Number of therapists on the roster.
    ways : tuple of RelaxationOption
        Least effort first (:data:`EFFORT_RULE`), then fewest changes, then fewest changes by the client, then most
        therapists added.
    found : int
        Number of minimal change sets in all, each code counted by itself.
    together : int
        Maximum number of changes in a set (``relax.together``).
    beyond : dict of str to int
        Of the therapists whom no change set adds, the number that each rule excludes.
    unreached : int
        Number of these therapists.
    held_openings : tuple of str
        Therapists who are full only because offers hold their openings, each with one of these offers, such as
        ``t03 (held for c7 until 2026-12-06)``. Such an opening is free again after a decline, or after that day.
    missing_fields : tuple of MissingField
        Cells of the client without which therapists cannot be checked, the one with most therapists first.
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
    held_openings: tuple[str, ...] = ()
    missing_fields: tuple[MissingField, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the result in the plain types of JSON."""
        return asdict(self)


def relax(scorer: RosterScorer, client_id: str, max_options: int = MAX_OPTIONS) -> RelaxationResult:
    """Find the smallest changes that add candidates for one client.

    Parameters
    ----------
    scorer : RosterScorer
        Its clinic supplies the rules, the section ``relax`` and the settings.
    client_id : str
    max_options : int
        Maximum number of options; of those that differ only in a code, the three that add most therapists.

    Returns
    -------
    RelaxationResult
        When the changes of an option are made, exactly the therapists it names join the list.

    Raises
    ------
    DataFault
        If there is no such client, or ``clinic.toml`` names an unknown rule or relaxation.
    """
    tables, clinic = scorer.tables, scorer.clinic
    row, max_changes = find_row(tables, "clients", client_id), clinic.config.relax.together
    blockers = ClientBlockers.from_rules(tables, scorer.rules, row)
    relaxations = [relaxation for relaxation in select_relaxations(clinic.config) if relaxation.is_immediate]
    change_sets = find_minimal_sets(blockers, list_changes(relaxations, tables, row), max_changes)
    groups = sorted(_group_alike(change_sets), key=lambda group: _compute_sort_key(group[0]))
    groups = _limit_per_kind(groups, max_options)
    gains = compute_gains(scorer, row, [group[0] for group in groups], blockers.is_eligible)
    is_unreached = ~np.any([blockers.is_eligible, *(change_set.is_added for change_set in change_sets)], axis=0)
    return RelaxationResult(
        client_id=client_id,
        verdict=scorer.model.verdict.sentence,
        instrument=scorer.instrument.name,
        candidates=int(blockers.is_eligible.sum()),
        roster=len(tables.therapists),
        ways=tuple(_build_option(tables, client_id, group, gain) for group, gain in zip(groups, gains, strict=True)),
        found=len(change_sets),
        together=max_changes,
        beyond=_count_by_rule(blockers, is_unreached),
        unreached=int(is_unreached.sum()),
        held_openings=_list_held_openings(blockers),
        missing_fields=_list_missing_fields(blockers),
    )


def _list_missing_fields(blockers: ClientBlockers) -> tuple[MissingField, ...]:
    """List the unknown cells of the client by the number of therapists who cannot be checked without them."""
    missing = find_missing_columns(blockers.tables, 0)
    counts = [
        MissingField(missing[blocker.rule.name], blocker.rule.name, int((state == STATE_UNKNOWN).sum()))
        for blocker, state in zip(blockers.blockers, blockers.state, strict=True)
        if blocker.rule.name in missing
    ]
    return tuple(sorted((one for one in counts if one.therapists), key=lambda one: -one.therapists))


def _list_held_openings(blockers: ClientBlockers) -> tuple[str, ...]:
    """List the offers that hold the openings of therapists who would else not be full, in the order of therapists."""
    tables = blockers.tables
    if not tables.pair_states.offers:
        return ()
    without_offers = count_openings(replace(tables, pair_states=replace(tables.pair_states, offers=())))
    is_full = np.any(
        [row for row, one in zip(blockers.is_blocked, blockers.blockers, strict=True) if one.rule.name == OPEN_SLOTS],
        axis=0,
    )
    ids = set(tables.therapists["therapist_id"][is_full & (without_offers >= 1)])
    offers = sorted((offer for offer in tables.pair_states.offers if offer.therapist_id in ids), key=lambda one: one[1])
    return tuple(f"{offer.therapist_id} ({describe_hold(offer)})" for offer in offers)


def _group_alike(change_sets: Iterable[MinimalChangeSet]) -> list[list[MinimalChangeSet]]:
    """Group the change sets that differ only in the code and add and remove the same therapists."""
    groups: dict[tuple[object, ...], list[MinimalChangeSet]] = {}
    for one in change_sets:
        effect = (one.is_added.tobytes(), one.is_added_only_by_all.tobytes(), one.is_removed.tobytes())
        groups.setdefault((_list_kinds(one), *effect), []).append(one)
    return list(groups.values())


def _list_kinds(change_set: MinimalChangeSet) -> tuple[tuple[str, str, str], ...]:
    return tuple(change.kind for change in change_set.changes)


def _compute_sort_key(change_set: MinimalChangeSet) -> tuple[int, int, int, int]:
    """Return the sort key: what a person would try first.

    Least effort (:data:`EFFORT_RULE`) comes first, then fewest changes, then fewest changes by the client, then most
    therapists added. Equal sets keep the order of :data:`RELAXATIONS`.
    """
    effort = sum(change.relaxation.effort for change in change_set.changes)
    n_by_client = sum(change.is_by_client for change in change_set.changes)
    return effort, len(change_set.changes), n_by_client, -int(change_set.is_added_only_by_all.sum())


def _limit_per_kind(groups: Sequence[list[MinimalChangeSet]], max_groups: int) -> list[list[MinimalChangeSet]]:
    """Return the first groups, at most :data:`MAX_OPTIONS_PER_KIND` of each kind."""
    counts: dict[tuple[tuple[str, str, str], ...], int] = {}
    selected = []
    for group in groups:
        kinds = _list_kinds(group[0])
        counts[kinds] = counts.get(kinds, 0) + 1
        if counts[kinds] <= MAX_OPTIONS_PER_KIND:
            selected.append(group)
    return selected[:max_groups]


def _build_option(
    tables: Tables, client_id: str, group: Sequence[MinimalChangeSet], gain: ExpectedGain
) -> RelaxationOption:
    """Build the option of a group of alike change sets."""
    first = group[0]
    ids = tables.therapists["therapist_id"].to_numpy(object)

    def list_ids(is_included: Bools) -> tuple[str, ...]:
        return tuple(sorted(str(therapist_id) for therapist_id in ids[is_included]))

    only_together = list_ids(first.is_added_only_by_all)
    builder = StepBuilder(tables, client_id, only_together, gain.therapist_id)
    steps, instead = builder.build_steps(group)
    return RelaxationOption(
        steps=steps,
        instead=instead,
        therapists=list_ids(first.is_added),
        only_together=only_together,
        leave=list_ids(first.is_removed),
        each=not all(change.is_by_client for change in first.changes),
        certain=all(change.is_certain for change in first.changes),
        gain=gain,
        events=join_events([step.event for step in steps]),
    )


@dataclass(frozen=True)
class StepBuilder:
    """Builds the steps of one option: the changes in words, and the events that make them.

    Attributes
    ----------
    tables : Tables
    client_id : str
    therapist_ids : tuple of str
        The therapists who need all the changes; the first :data:`MAX_IDS` of them get events.
    best : str
        The therapist of the expected gain.
    """

    tables: Tables
    client_id: str
    therapist_ids: tuple[str, ...]
    best: str

    def build_steps(
        self, group: Sequence[MinimalChangeSet]
    ) -> tuple[tuple[RelaxationStep, ...], tuple[tuple[RelaxationStep, ...], ...]]:
        """Build the steps of alike change sets: joined if every combination of their codes is there, else one each.

        Returns the steps of the option, and the alternatives that these steps cannot include.
        """
        changes_by_step = list(zip(*(change_set.changes for change_set in group), strict=True))
        choices = [tuple(dict.fromkeys(changes)) for changes in changes_by_step]
        if math.prod(map(len, choices)) == len(group):
            return self._build_joined(choices), ()
        alternatives = [self._build_joined([(change,) for change in change_set.changes]) for change_set in group]
        return alternatives[0], tuple(alternatives[1:])

    def _build_joined(self, choices: Sequence[Sequence[TableChange]]) -> tuple[RelaxationStep, ...]:
        """Build one step for each change of a set; each has one or several codes, of which the first one is made."""
        firsts = [changes[0] for changes in choices]
        named = dict.fromkeys((self.best, *self.therapist_ids[:MAX_IDS]))
        built = {one: build_change_events(self.tables, self.client_id, one, firsts) for one in named}
        return tuple(
            self._build_step(changes, {one: events[number] for one, events in built.items()})
            for number, changes in enumerate(choices)
        )

    def _build_step(self, changes: Sequence[TableChange], events: Mapping[str, Event | None]) -> RelaxationStep:
        relaxation, joined = changes[0].relaxation, join_alternatives(changes)
        by_therapist = {} if changes[0].is_by_client else {one: event for one, event in events.items() if event}
        return RelaxationStep(
            relaxation.name,
            relaxation.side,
            tuple(change.code for change in changes if change.code),
            joined.description,
            joined.format_request(_format_ids(self.therapist_ids)),
            events[self.best],
            by_therapist,
        )


def _format_ids(ids: Sequence[str]) -> str:
    """Return ids joined by "or", at most :data:`MAX_IDS` of them.

    >>> _format_ids(["t1", "t2", "t3"])
    't1, t2 or t3'
    """
    more = [f"{len(ids) - MAX_IDS:,} more"] if len(ids) > MAX_IDS else []
    named = [*ids[:MAX_IDS], *more]
    return " or ".join(filter(None, (", ".join(named[:-1]), named[-1])))


def _count_by_rule(blockers: ClientBlockers, is_included: Bools) -> dict[str, int]:
    """Count how many of some therapists each rule excludes, the most frequent rule first."""
    counts: dict[str, int] = {}
    for name in dict.fromkeys(blocker.rule.name for blocker in blockers.blockers):
        rows = [number for number, blocker in enumerate(blockers.blockers) if blocker.rule.name == name]
        counts[name] = int((blockers.is_blocked[rows].any(axis=0) & is_included).sum())
    return {name: count for name, count in sorted(counts.items(), key=lambda item: -item[1]) if count}
