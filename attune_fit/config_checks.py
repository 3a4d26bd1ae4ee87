"""Checks of ``clinic.toml`` against the tables, before anything is trained or ranked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from attune_fit.data.clinic.display_instrument import choose_display_instrument
from attune_fit.data.fault_collector import build_unknown_column_fault
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
    from attune_fit.data.clinic.settings import Config
    from attune_fit.data.clinic.tables import Tables


def find_config_faults(clinic: Clinic, tables: Tables) -> tuple[Fault, ...]:
    """Return all faults of ``clinic.toml`` that its own schema cannot find; empty if there are none.

    Checks rules, relaxations, features, the instrument shown, weak cut-offs, fairness groups, assignment settings and
    the labels of therapists.
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
        lambda: check_therapist_label(clinic.config, tables),
    )
    for check in checks:
        try:
            check()
        except DataFault as fault:
            faults.extend(fault.faults)
    return tuple(faults)


def check_therapist_label(config: Config, tables: Tables) -> None:
    """Check that the column that ``attune journal`` shows with the id of a therapist is there.

    Raises
    ------
    DataFault
        If it is not, with the name that is most like it.
    """
    name = config.journal.therapist_label
    if name and name not in tables.therapists:
        known = map(str, tables.therapists.columns)
        raise DataFault([build_unknown_column_fault("journal.therapist_label", "therapists", name, known)])
