"""What ``clinic.toml`` says of rankings and placements, held against the tables before anything is learnt or ranked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from attune_fit.data.clinic.display_instrument import choose_display_instrument
from attune_fit.data.faults import DataFault, Fault
from attune_fit.features.catalogue import list_clinic_features
from attune_fit.matching.assignment.policies import find_policy
from attune_fit.matching.assignment.waiting_list import read_urgency
from attune_fit.matching.eligibility.rules import select_rules
from attune_fit.matching.fairness.groups import check_groups
from attune_fit.matching.follow_up.weak_alliance import read_weak_cutoffs
from attune_fit.matching.relaxation.relaxations import select_relaxations

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables


def find_config_faults(clinic: Clinic, tables: Tables) -> tuple[Fault, ...]:
    """All faults of rules, features, groups, of what is weak, shown, placed or proposed; none where all works."""
    found: list[Fault] = []
    parts: tuple[Callable[[], object], ...] = (
        lambda: select_rules(clinic.config),
        lambda: select_relaxations(clinic.config),
        lambda: list_clinic_features(clinic.config, tables),
        lambda: choose_display_instrument(clinic),
        lambda: read_weak_cutoffs(clinic),
        lambda: check_groups(clinic.config.fairness, tables),
        lambda: find_policy(clinic.config.assign.policy),
        lambda: read_urgency(clinic.config, tables),
    )
    for part in parts:
        try:
            part()
        except DataFault as fault:
            found.extend(fault.faults)
    return tuple(found)
