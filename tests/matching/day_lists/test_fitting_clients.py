"""Who fits a therapist: the clients whose own lists have the therapist, in the order of the waiting list."""

from __future__ import annotations

from collections import Counter

import pytest

from attune_fit.data.faults import DataFault
from attune_fit.matching.day_lists.fitting_clients import FittingClients
from attune_fit.workspace import Workspace


def find_fitting(clinic: Workspace, therapist_id: str, most: int | None = None) -> FittingClients:
    found: FittingClients = clinic.who_fits(therapist_id, most).result
    return found


@pytest.mark.parametrize("therapist_id", ["t05", "t09", "t12"])
def test_clients_and_places_are_those_of_their_own_rankings(busy_clinic: Workspace, therapist_id: str) -> None:
    found = find_fitting(busy_clinic, therapist_id)
    waiting = [one for one in busy_clinic.waiting_list().result.clients if one.state not in ("offered", "accepted")]
    expected = []
    for client in waiting:
        if client.state == "set aside":
            continue
        candidates = busy_clinic.rank(client.client_id).result.candidates
        for one in candidates:
            if one.therapist_id == therapist_id:
                met = [wish.answer for wish in one.wishes].count("met")
                expected.append((client.client_id, one.position, one.band, len(candidates), met, len(one.wishes)))
    assert [(one.client_id, one.rank, one.band, one.candidates, one.wishes_met, one.wishes_stated)
            for one in found.clients] == expected  # fmt: skip
    assert (found.matching, found.total) == (len(expected), len(waiting))


def test_the_first_ones_come_in_the_order_of_the_waiting_list(busy_clinic: Workspace) -> None:
    everyone, some = find_fitting(busy_clinic, "t05"), find_fitting(busy_clinic, "t05", 2)
    order = [one.client_id for one in busy_clinic.waiting_list().result.clients]
    assert [one.client_id for one in everyone.clients] == sorted(
        (one.client_id for one in everyone.clients), key=order.index
    )
    assert some.clients == everyone.clients[:2]
    assert some.matching == everyone.matching > 2


def test_a_full_therapist_fits_no_client_and_the_rules_are_counted(busy_clinic: Workspace) -> None:
    found = find_fitting(busy_clinic, "t04")
    assert (found.openings, found.clients, found.matching) == (0, (), 0)
    counts = Counter(dict(found.exclusion_counts))
    assert counts["full"] == found.total
    assert list(found.exclusion_counts) == sorted(found.exclusion_counts, key=lambda one: (-one[1], one[0]))


def test_a_client_who_declined_the_therapist_does_not_fit(busy_clinic: Workspace) -> None:
    assert "c0064" not in [one.client_id for one in find_fitting(busy_clinic, "t15").clients]
    assert dict(find_fitting(busy_clinic, "t15").exclusion_counts)["offer declined"] == 1


def test_an_unknown_therapist_is_an_error(busy_clinic: Workspace) -> None:
    with pytest.raises(DataFault, match="no row has the id") as error:
        find_fitting(busy_clinic, "t99")
    assert error.value.faults[0].id == "id-not-found"
