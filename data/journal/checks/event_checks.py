"""The checks of each type of event: one row for each type."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from attune_fit.data.faults import Fault
from attune_fit.data.journal.checks.event_case import EventCase
from attune_fit.data.journal.checks.pair_checks import (
    check_decline_of_started,
    check_new_conflict,
    check_no_conflict,
    check_no_open_offer,
    check_not_declined,
    check_not_ended,
    check_not_set_aside,
    check_not_started,
    check_offer_to_accept,
    check_opening,
    check_started,
    check_until,
)
from attune_fit.data.journal.checks.people_checks import (
    check_day,
    check_new_client,
    check_order,
    check_people_known,
    check_people_named,
    check_reason,
)
from attune_fit.data.journal.checks.roster_checks import (
    check_cells_change,
    check_cells_readable,
    check_openings_given,
    check_roster_cells,
    check_roster_day,
)
from attune_fit.data.journal.checks.score_checks import check_instrument, check_points, check_score_is_new
from attune_fit.data.journal.checks.undo_checks import (
    check_event_can_be_undone,
    check_no_event_needs_it,
    check_revived_offers,
)
from attune_fit.data.journal.checks.wish_checks import (
    check_wish_changes,
    check_wish_column,
    check_wish_named,
    check_wish_there,
)

Check = Callable[[EventCase], Iterator[Fault]]


class EventChecks(NamedTuple):
    """The checks of one type of event.

    Attributes
    ----------
    values : tuple of Check
        Those of its fields alone.
    state : tuple of Check
        Those that need the people of the event, named and known.
    """

    values: tuple[Check, ...] = ()
    state: tuple[Check, ...] = ()


PEOPLE_CHECKS: tuple[Check, ...] = (check_people_named, check_people_known)

EVENT_CHECKS: Mapping[str, EventChecks] = {
    "client_added": EventChecks(state=(check_new_client,)),
    "client_changed": EventChecks(state=(check_cells_readable, check_cells_change)),
    "wish_set": EventChecks((check_wish_column,), (check_wish_changes,)),
    "wish_withdrawn": EventChecks((check_wish_column, check_wish_named), (check_wish_there,)),
    "offered": EventChecks(
        (check_until,),
        (
            check_order,
            check_not_set_aside,
            check_no_conflict,
            check_not_started,
            check_no_open_offer,
            check_opening,
        ),
    ),
    "accepted": EventChecks(state=(check_order, check_no_conflict, check_not_started, check_offer_to_accept)),
    "declined": EventChecks((check_reason,), (check_order, check_decline_of_started, check_not_declined)),
    "started": EventChecks(state=(check_order, check_no_conflict, check_not_started, check_opening)),
    "ended": EventChecks((check_reason,), (check_order, check_started, check_not_ended)),
    "opening_set": EventChecks(state=(check_roster_day, check_roster_cells)),
    "roster_checked": EventChecks(
        state=(check_roster_day, check_roster_cells, check_openings_given, check_cells_readable)
    ),
    "conflict_set": EventChecks((check_reason,), (check_new_conflict,)),
    "score_recorded": EventChecks((check_instrument, check_points), (check_order, check_started, check_score_is_new)),
    "undone": EventChecks((check_event_can_be_undone, check_no_event_needs_it, check_revived_offers)),
}


def list_event_faults(case: EventCase) -> Iterator[Fault]:
    """Yield every reason why an event cannot be recorded; those about the state only where its people are known."""
    people, checks = [fault for check in PEOPLE_CHECKS for fault in check(case)], EVENT_CHECKS[case.type.name]
    yield from people
    for check in (check_day, *checks.values, *(() if people else checks.state)):
        yield from check(case)
