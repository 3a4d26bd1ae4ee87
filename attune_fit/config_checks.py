"""What ``clinic.toml`` says of rankings and placements, held against the tables before anything is learnt or ranked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from attune_fit.data.clinic.display_instrument import shown_in
from attune_fit.data.faults import DataFault, Fault
from attune_fit.features.catalogue import features_for
from attune_fit.matching.assignment.policies import policy_named
from attune_fit.matching.assignment.waiting_list import urgency
from attune_fit.matching.eligibility.rules import rules_for
from attune_fit.matching.fairness.groups import check_groups
from attune_fit.matching.follow_up.weak_alliance import stated
from attune_fit.matching.relaxation.relaxations import relaxations_for

if TYPE_CHECKING:
    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables


def policy_faults(clinic: Clinic, tables: Tables) -> tuple[Fault, ...]:
    """All faults of rules, features, groups, of what is weak, shown, placed or proposed; none where all works."""
    found: list[Fault] = []
    parts: tuple[Callable[[], object], ...] = (
        lambda: rules_for(clinic.config),
        lambda: relaxations_for(clinic.config),
        lambda: features_for(clinic.config, tables),
        lambda: shown_in(clinic),
        lambda: stated(clinic),
        lambda: check_groups(clinic.config.fairness, tables),
        lambda: policy_named(clinic.config.assign.policy),
        lambda: urgency(clinic.config, tables),
    )
    for part in parts:
        try:
            part()
        except DataFault as fault:
            found.extend(fault.faults)
    return tuple(found)
