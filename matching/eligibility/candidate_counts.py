"""Clients for whom the rules leave no therapist: how many, and by which rule. No model is needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.data.arrays import Indices
from attune_fit.data.command_words import format_option, format_word
from attune_fit.data.faults import Fault
from attune_fit.features.pairs import Pairs
from attune_fit.features.sides import Sides
from attune_fit.matching.eligibility.client_profiles import check_by_profile
from attune_fit.matching.eligibility.eligibility import EligibilityResult
from attune_fit.matching.eligibility.eligibility_rule import Rule
from attune_fit.matching.eligibility.rules import select_rules

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables

CLIENTS_PER_BLOCK, THERAPISTS_PER_BLOCK = 10_000, 20  # checked at once: what keeps memory small
PAIRS_PER_BLOCK = 1_000_000  # counted at once, for the same reason
MAX_NAMED = 8  # clients named in the warning


@dataclass(frozen=True)
class CandidateGap:
    """The clients without a candidate.

    Attributes
    ----------
    n_clients : int
        Clients who were checked: those who wait and are not set aside.
    client_ids : tuple of str
        Those without a candidate, sorted.
    clients_by_rule : dict of str to int
        For each rule, the number of these clients for whom it excludes the most therapists; a client for whom several
        rules exclude the same number counts under each. The largest number first.
    """

    n_clients: int
    client_ids: tuple[str, ...]
    clients_by_rule: dict[str, int]


def find_clients_without_candidate(clinic: Clinic, tables: Tables, client_rows: Indices) -> CandidateGap:
    """Return which of the clients have no candidate, and which rules leave them none.

    Parameters
    ----------
    clinic : Clinic
        Its settings name the rules in use.
    tables : Tables
    client_rows : array of int, shape (clients,)
        Rows in the table `clients`. Clients who are set aside are not counted.
    """
    sides, rules = Sides(tables), select_rules(clinic.config)
    client_rows = client_rows[~sides.is_set_aside("client")[client_rows]]
    without: list[int] = []
    counts: Counter[str] = Counter()
    for start in range(0, len(client_rows), CLIENTS_PER_BLOCK):
        block = _drop_clients_with_candidate(sides, rules, client_rows[start : start + CLIENTS_PER_BLOCK])
        without += block.tolist()
        for n_excluded in _count_exclusions(sides, rules, block):
            excludes_most = n_excluded == n_excluded.max(axis=0, initial=0)  # (rules, some clients without a candidate)
            counts.update({rule.name: int(row.sum()) for rule, row in zip(rules, excludes_most, strict=True)})
    ids = tables.clients["client_id"].iloc[without]
    by_rule = {name: number for name, number in counts.most_common() if number}
    return CandidateGap(len(client_rows), tuple(sorted(map(str, ids))), by_rule)


def list_excluding_rules(clinic: Clinic, sides: Sides, client_id: str, therapist_id: str) -> list[tuple[str, bool]]:
    """List the rules that exclude a pair, by name, each with whether a missing cell is the reason.

    Returns
    -------
    list of (str, bool)
        In the order of the rules; empty for a candidate, and where one of the ids is unknown.
    """
    is_client = (sides.tables.clients["client_id"] == client_id).to_numpy()
    is_therapist = (sides.tables.therapists["therapist_id"] == therapist_id).to_numpy()
    pairs = Pairs(sides, np.flatnonzero(is_client), np.flatnonzero(is_therapist))
    if not (is_client.any() and is_therapist.any()):
        return []
    result = EligibilityResult.from_rules(pairs, select_rules(clinic.config))
    unknown = result.list_rules(int(result.unknown_bits[0]))
    return [(rule.name, rule in unknown) for rule in result.list_rules(int(result.excluded_bits[0]))]


def _drop_clients_with_candidate(sides: Sides, rules: Sequence[Rule], client_rows: Indices) -> Indices:
    """Return the clients whom the rules leave no therapist. Most clients have a candidate among the first few."""
    for start in range(0, len(sides.tables.therapists), THERAPISTS_PER_BLOCK):
        therapist_rows = np.arange(len(sides.tables.therapists))[start : start + THERAPISTS_PER_BLOCK]
        pairs = Pairs(sides, client_rows[:, None], therapist_rows[None, :])
        client_rows = client_rows[~EligibilityResult.from_rules(pairs, rules).is_eligible.any(axis=1)]
    return client_rows


def _count_exclusions(sides: Sides, rules: Sequence[Rule], client_rows: Indices) -> Iterator[Indices]:
    """Yield how many therapists each rule excludes for some clients after the others, shape (rules, clients)."""
    step = max(1, PAIRS_PER_BLOCK // max(1, sides.count_rows("therapist")))
    for start in range(0, len(client_rows), step):
        bits = check_by_profile(sides, rules, client_rows[start : start + step]).excluded_bits
        yield np.array([np.count_nonzero(bits & np.uint32(1 << number), axis=1) for number in range(len(rules))])


def build_candidate_warning(gap: CandidateGap, folder: str) -> Fault | None:
    """Return the warning about clients without a candidate, with the next command; None where every client has one."""
    if not gap.client_ids:
        return None
    n_without = len(gap.client_ids)
    more = f" and {n_without - MAX_NAMED} more" if n_without > MAX_NAMED else ""
    named = f"{', '.join(gap.client_ids[:MAX_NAMED])}{more}"
    by_rule = ", ".join(f"{name} {number}" for name, number in gap.clients_by_rule.items())
    folder = format_word(folder)
    relax = f"`attune relax {folder} {format_option('--client', gap.client_ids[0])}` shows what would add one"
    if n_without == gap.n_clients:
        message = f"no waiting client has a candidate ({named}); clients by the rule that excludes most: {by_rule}"
        fix = f"Check the columns that these rules compare. {relax}."
        return Fault.warning("no-client-has-candidate", "clients", "", message, fix=fix)
    message = (
        f"waiting clients without a candidate: {n_without} of {gap.n_clients} ({named}); clients by the rule that "
        f"excludes most: {by_rule}"
    )
    fix = f"{relax}, and `attune capacity {folder}` what would help most clients."
    return Fault.warning("clients-without-candidate", "clients", "", message, fix=fix)
