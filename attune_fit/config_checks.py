"""Checks of ``clinic.toml`` against the tables, before anything is trained or ranked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from attune_fit.data.clinic.display_instrument import choose_display_instrument
from attune_fit.data.fault_collector import build_unknown_column_fault
from attune_fit.data.faults import DataFault, Fault
from attune_fit.features.feature_catalogue import list_clinic_features
from attune_fit.matching.eligibility.rules import select_rules

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.settings import Config
    from attune_fit.data.clinic.tables import Tables


def find_config_faults(clinic: Clinic, tables: Tables) -> tuple[Fault, ...]:
    """Return all faults of ``clinic.toml`` that its own schema cannot find; empty if there are none.

    Checks rules, relaxations, features, the instrument shown, weak cut-offs, fairness groups, assignment settings and
    the labels of therapists. A section that the file does not have is not checked: its defaults are right everywhere.
    """
    faults: list[Fault] = []
    for section, check in CONFIG_CHECKS:
        if not section or section in clinic.config.model_fields_set:
            try:
                check(clinic, tables)
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


def _check_relaxations(clinic: Clinic, _: Tables) -> None:
    from attune_fit.matching.relaxation.relaxations import select_relaxations

    select_relaxations(clinic.config)


def _check_weak_cutoffs(clinic: Clinic, _: Tables) -> None:
    from attune_fit.matching.follow_up.weak_alliance import read_weak_cutoffs

    read_weak_cutoffs(clinic)


def _check_fairness_groups(clinic: Clinic, tables: Tables) -> None:
    from attune_fit.matching.fairness.groups import check_groups

    check_groups(clinic.config.fairness, tables)


def _check_policy(clinic: Clinic, _: Tables) -> None:
    from attune_fit.matching.assignment.policies import find_policy

    find_policy(clinic.config.assign.policy)


def _check_urgency(clinic: Clinic, tables: Tables) -> None:
    from attune_fit.matching.assignment.waiting_list import read_urgency

    read_urgency(clinic.config, tables)


CONFIG_CHECKS: tuple[tuple[str, Callable[[Clinic, Tables], object]], ...] = (
    # the section without which there is nothing to check, empty for none; imports are where they are used, for a start
    ("", lambda clinic, _: select_rules(clinic.config)),
    ("relax", _check_relaxations),
    ("", lambda clinic, tables: list_clinic_features(clinic.config, tables)),
    ("", lambda clinic, _: choose_display_instrument(clinic)),
    ("follow_up", _check_weak_cutoffs),
    ("fairness", _check_fairness_groups),
    ("assign", _check_policy),
    ("assign", _check_urgency),
    ("journal", lambda clinic, tables: check_therapist_label(clinic.config, tables)),
)
