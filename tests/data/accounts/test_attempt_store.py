"""The limit of attempts to sign in is one for all workers, for known and unknown names."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from attune_fit.data.accounts.attempt_store import MOST_OF_ACCOUNT, MOST_OF_ADDRESS, WINDOW_SECONDS
from tests.data.accounts.conftest import NOON, DeskStores
from tests.data.journal.conftest import JournalFolder


def test_an_account_has_a_limit_from_any_address(stores: DeskStores) -> None:
    for number in range(MOST_OF_ACCOUNT):
        assert stores.attempts.begin("ana", f"10.0.0.{number}", NOON).number is not None
    refused = stores.attempts.begin(" ANA", "10.0.1.1", NOON + 60)
    assert refused.number is None
    assert refused.wait_seconds == WINDOW_SECONDS - 60
    assert stores.attempts.begin("ben", "10.0.1.1", NOON + 60).number is not None
    assert stores.attempts.begin("ana", "10.0.1.1", NOON + WINDOW_SECONDS + 1).number is not None


def test_an_address_has_a_limit_for_any_account(stores: DeskStores) -> None:
    for number in range(MOST_OF_ADDRESS):
        assert stores.attempts.begin(f"name{number}", "10.0.0.1", NOON).number is not None
    assert stores.attempts.begin("another", "10.0.0.1", NOON).number is None
    assert stores.attempts.begin("another", "10.0.0.2", NOON).number is not None


def test_a_success_counts_no_longer_and_frees_no_failure(stores: DeskStores) -> None:
    for _ in range(MOST_OF_ACCOUNT - 1):
        stores.attempts.begin("ana", "10.0.0.1", NOON)
    right = stores.attempts.begin("ana", "10.0.0.1", NOON)
    assert right.number is not None
    stores.attempts.mark_success(right.number)
    assert stores.attempts.begin("ana", "10.0.0.1", NOON).number is not None
    assert stores.attempts.begin("ana", "10.0.0.1", NOON).number is None


def test_workers_that_try_at_once_share_the_limit(journal_clinic: JournalFolder) -> None:
    DeskStores(journal_clinic).accounts.start()
    workers = [DeskStores(journal_clinic), DeskStores(journal_clinic)]
    with ThreadPoolExecutor(4) as pool:
        ends = list(pool.map(lambda number: workers[number % 2].attempts.begin("ana", "10.0.0.1", NOON), range(20)))
    assert sum(one.number is not None for one in ends) == MOST_OF_ACCOUNT


def test_attempts_of_a_wrong_clock_lock_no_account_for_years(stores: DeskStores) -> None:
    for _ in range(MOST_OF_ACCOUNT):
        stores.attempts.begin("ana", "10.0.0.1", NOON + 10 * 365 * 24 * 3600)
    assert stores.attempts.begin("ana", "10.0.0.1", NOON).number is not None


def test_no_name_that_was_typed_is_kept(file_clinic: JournalFolder) -> None:
    DeskStores(file_clinic).attempts.begin("my secret password", "10.0.0.1", NOON)
    content = (file_clinic.folder / "artifacts" / "desk.db").read_bytes()
    assert b"10.0.0.1" in content
    assert b"secret" not in content
