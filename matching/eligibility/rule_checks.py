"""What each rule asks of a pair: 1 it may be offered, 0 it may not, NaN the tables cannot say."""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune_fit.data.arrays import Floats
from attune_fit.data.number_ranges import parse_range
from attune_fit.features.pairs import Pairs


def check_region(pairs: Pairs) -> Floats:
    """Licensed where the client is."""
    return pairs.has_shared_code("region", "licensed_regions")


def check_payer(pairs: Pairs) -> Floats:
    """Empanelled with whoever pays."""
    return pairs.has_shared_code("payer", "payers")


def check_language(pairs: Pairs) -> Floats:
    """A language in which both can hold therapy."""
    return pairs.has_shared_code("languages", "languages")


def check_session_format(pairs: Pairs) -> Floats:
    """A format possible for both."""
    return pairs.has_shared_code("formats", "formats")


def check_weekly_slot(pairs: Pairs) -> Floats:
    """A weekly slot free for both."""
    return pairs.has_shared_code("availability", "availability")


def check_open_slots(pairs: Pairs) -> Floats:
    """Room for one more client."""
    number = pairs.take_therapist_numbers("open_slots")
    return pairs.broadcast(np.where(np.isnan(number), np.nan, number >= 1))


def check_must_wishes(pairs: Pairs) -> Floats:
    """Every `must` wish met; one known to be unmet decides, whatever else is unknown."""
    return _resolve_wish_rule(pairs.count_wishes("must", "unmet"), pairs.count_wishes("must", "unknown"))


def check_never_wishes(pairs: Pairs) -> Floats:
    """No `never` wish hit; one known to be hit decides, whatever else is unknown."""
    return _resolve_wish_rule(pairs.count_wishes("never", "met"), pairs.count_wishes("never", "unknown"))


def check_conflict(pairs: Pairs) -> Floats:
    """Not among the pairs that must not be offered; always known."""
    return _check_pair_not_listed(pairs, pairs.sides.tables.conflicts)


def check_already_met(pairs: Pairs) -> Floats:
    """Not among the pairs that met; always known."""
    return _check_pair_not_listed(pairs, pairs.sides.tables.outcomes)


def _check_pair_not_listed(pairs: Pairs, named: pd.DataFrame) -> Floats:
    """0 for the pairs that some row of a table names, 1 for the others."""
    tables = pairs.sides.tables
    clients = pd.Index(tables.clients["client_id"]).get_indexer(pd.Index(named["client_id"]))
    therapists = pd.Index(tables.therapists["therapist_id"]).get_indexer(pd.Index(named["therapist_id"]))
    here = (clients >= 0) & (therapists >= 0)
    barred = clients[here] * len(tables.therapists) + therapists[here]
    numbers = pairs.client_rows * len(tables.therapists) + pairs.therapist_rows
    return np.where(np.isin(numbers, barred), 0.0, 1.0)


def check_age_group(pairs: Pairs) -> Floats:
    """The client's age in full years lies in a group the therapist takes; no group stated is no limit."""
    groups = pairs.sides.build_indicators("therapist", "age_groups")
    age = np.floor(pairs.take_client_numbers("age"))
    low, high = np.array([parse_range(group) for group in groups.columns]).reshape(-1, 2).T
    inside = (age[..., None] >= low) & (age[..., None] <= high)  # (n, 1, groups) or (k, groups)
    taken = groups.to_numpy(bool)[pairs.therapist_rows]  # (1, m, groups) or (k, groups)
    fits = np.einsum("...g,...g->...", inside.astype(float), taken.astype(float)) > 0
    return _apply_optional_limit(pairs, "age_groups", ~fits, np.isnan(age))


def check_problems_not_taken(pairs: Pairs) -> Floats:
    """None of the client's problems is one the therapist does not take; none stated is no limit."""
    shared = pairs.count_shared_codes("presenting_problems", "problems_not_taken")
    return _apply_optional_limit(
        pairs, "problems_not_taken", shared > 0, ~pairs.is_known("client", "presenting_problems")
    )


def check_roster_age(pairs: Pairs, roster_stale_days: int) -> Floats:
    """The therapist's row was checked within ``roster_stale_days`` of the day the tables speak of."""
    today = (pairs.sides.tables.as_of - dt.date(1970, 1, 1)).days
    days = today - pairs.take_therapist_numbers("updated_on")  # dates are days since 1970
    return pairs.broadcast(np.where(np.isnan(days), np.nan, days <= roster_stale_days))


def _resolve_wish_rule(against: Floats, unknown: Floats) -> Floats:
    """0 where anything is against, else NaN where anything is unknown, else 1."""
    return np.where(against > 0, 0.0, np.where(unknown > 0, np.nan, 1.0))


def _apply_optional_limit(
    pairs: Pairs, column: str, broken: npt.NDArray[np.bool_], unknown: npt.NDArray[np.bool_]
) -> Floats:
    """A limit the therapist may set in ``column``: 1 where none is set."""
    said = np.where(unknown, np.nan, np.where(broken, 0.0, 1.0))
    return pairs.broadcast(np.where(pairs.is_known("therapist", column), said, 1.0))
