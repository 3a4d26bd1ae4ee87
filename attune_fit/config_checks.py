"""Checks of ``clinic.toml`` against the tables, before anything is trained or ranked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from attune_fit.data.clinic.display_instrument import choose_display_instrument
from attune_fit.data.faults import DataFault, Fault
from attune_fit.features.feature_catalogue import list_clinic_features
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
    """Return all faults of ``clinic.toml`` that its own schema cannot find; empty if there are none.

    Checks rules, relaxations, features, the instrument shown, weak cut-offs, fairness groups and assignment settings.
    """
    faults: list[Fault] = []
    checks: tuple[Callable[[], object], ...] = (
        lambda: select_rules(clinic.config),
        lambda: select_relaxations(clinic.config),
        lambda: list_clinic_features(clinic.config, tables),
        lambda: choose_display_instrument(clinic),
        lambda: read_weak_cutoffs(clinic),
        lambda: check_groups(clinic.config.fairness, tables),
        lambda: find_policy(clinic.config.assign.policy),
        lambda: read_urgency(clinic.config, tables),
    )
    for check in checks:
        try:
            check()
        except DataFault as fault:
            faults.extend(fault.faults)
    return tuple(faults)
