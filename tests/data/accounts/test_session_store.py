"""Sessions: how long they live, also where the clock is turned back, and how they end."""

from __future__ import annotations

import pytest

from attune_fit.data.accounts.audit_store import AuditRow
from attune_fit.data.accounts.session_store import IDLE_SECONDS, LONGEST_SECONDS
from tests.data.accounts.conftest import NOON, DeskStores


@pytest.fixture
def key(stores: DeskStores) -> str:
    stores.set_up("ana")
    stores.set_up("ben", "clinician")
    return stores.sessions.begin("ben", "10.0.0.1", NOON)


def use(stores: DeskStores, key: str, now: float) -> None:
    """Open a page with a session."""
    session = stores.sessions.find(key, now)
    assert session is not None
    stores.audit.add(AuditRow(now, session.account, "GET", "/today", status=200), session.key_hash)


def test_a_session_knows_its_account(stores: DeskStores, key: str) -> None:
    found = stores.sessions.find(key, NOON + 1)
    assert found is not None
    assert (found.account, found.role, found.therapist_id, found.address) == ("ben", "clinician", "tom", "10.0.0.1")


@pytest.mark.parametrize("wrong", ["", "x", "x" * 43, "'; DROP TABLE attune_sessions; --", "\udcff"])
def test_another_key_finds_nothing(stores: DeskStores, key: str, wrong: str) -> None:
    assert stores.sessions.find(wrong, NOON) is None
    assert stores.sessions.find(key, NOON) is not None


def test_a_session_ends_without_use(stores: DeskStores, key: str) -> None:
    assert stores.sessions.find(key, NOON + IDLE_SECONDS - 1) is not None
    assert stores.sessions.find(key, NOON + IDLE_SECONDS + 1) is None


def test_use_keeps_a_session_open_until_its_longest_time(stores: DeskStores, key: str) -> None:
    for now in range(int(NOON), int(NOON + LONGEST_SECONDS), IDLE_SECONDS - 60):
        use(stores, key, float(now))
    assert stores.sessions.find(key, NOON + LONGEST_SECONDS - 1) is not None
    assert stores.sessions.find(key, NOON + LONGEST_SECONDS + 1) is None


def test_a_clock_that_is_turned_back_ends_a_session(stores: DeskStores, key: str) -> None:
    use(stores, key, NOON + 1500)
    assert stores.sessions.find(key, NOON + 1000) is None
    assert stores.sessions.find(key, NOON - 24 * 3600) is None


def test_use_never_moves_the_last_use_back(stores: DeskStores, key: str) -> None:
    use(stores, key, NOON + 1500)
    use(stores, key, NOON + 1450)
    assert stores.sessions.find(key, NOON + 1500 + IDLE_SECONDS - 1) is not None


def test_a_restart_after_the_clock_was_turned_back_ends_all_sessions(stores: DeskStores, key: str) -> None:
    other = stores.sessions.begin("ana", "10.0.0.2", NOON)
    use(stores, key, NOON + 1500)
    assert stores.sessions.end_after_clock_change(NOON + 1500) == 0
    assert stores.sessions.end_after_clock_change(NOON + 600) == 2
    assert stores.sessions.find(other, NOON + 600) is None
    assert stores.sessions.find(other, NOON + 1500) is None


def test_an_ended_session_never_opens_again(stores: DeskStores, key: str) -> None:
    stores.sessions.end(key, NOON + 1)
    assert stores.sessions.find(key, NOON + 2) is None
    assert stores.sessions.find(key, NOON) is None


def test_disabling_and_a_new_password_end_sessions(stores: DeskStores, key: str) -> None:
    stores.accounts.set_disabled("ben", True, NOON)
    stores.accounts.set_disabled("ben", False, NOON)
    assert stores.sessions.find(key, NOON) is None
    again = stores.sessions.begin("ben", "10.0.0.1", NOON)
    stores.accounts.set_password("ben", "hash", NOON)
    assert stores.sessions.find(again, NOON) is None


def test_a_reset_ends_sessions_and_the_password(stores: DeskStores, key: str) -> None:
    stores.accounts.reset("ben", NOON)
    assert stores.sessions.find(key, NOON) is None
    assert stores.accounts.find_password_hash("ben") is None


def test_one_session_is_ended_by_its_name_and_only_for_its_account(stores: DeskStores, key: str) -> None:
    other = stores.sessions.begin("ben", "10.0.0.9", NOON)
    handle = next(one.handle for one in stores.sessions.list_open(NOON, "ben") if one.address == "10.0.0.9")
    assert stores.sessions.end_of_account("ana", NOON, handle) == 0
    assert stores.sessions.end_of_account("ben", NOON, "%") == 0
    assert stores.sessions.end_of_account("ben", NOON, handle) == 1
    assert stores.sessions.find(other, NOON) is None
    assert stores.sessions.find(key, NOON) is not None


def test_the_list_has_open_sessions_only(stores: DeskStores, key: str) -> None:
    assert [one.account for one in stores.sessions.list_open(NOON)] == ["ben"]
    assert stores.sessions.list_open(NOON + IDLE_SECONDS + 1) == []
