"""The audit: a row for each page, and the status of an edit that had an answer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from attune_fit.data.accounts.audit_queue import AuditQueue
from attune_fit.data.accounts.audit_store import MAX_ID_LETTERS, AuditRow, AuditStore
from attune_fit.data.faults import DataFault
from tests.data.accounts.conftest import NOON, DeskStores


def test_rows_are_kept_and_listed_with_the_latest_first(stores: DeskStores) -> None:
    view = AuditRow(NOON, "ana", "GET", "/clients/{client_id}", "ann", None, 200)
    edit = AuditRow(NOON + 1, "ben", "POST", "/clients/{client_id}/offer", "ben", "tom")
    stores.audit.add(view)
    number = stores.audit.add(edit)
    assert stores.audit.list_rows(10) == [edit, view]
    stores.audit.set_status(number, 303)
    assert stores.audit.list_rows(1) == [edit._replace(status=303)]
    assert stores.audit.list_rows(10, account="ana") == [view]
    assert stores.audit.list_rows(10, client_id="ann") == [view]


def test_an_id_that_is_none_is_cut(stores: DeskStores) -> None:
    stores.audit.add(AuditRow(NOON, "ana", "GET", "/find", "x" * 5000, None, 404))
    assert stores.audit.list_rows(1)[0].client_id == "x" * MAX_ID_LETTERS


def test_rows_of_many_threads_are_written_together_and_none_is_lost(stores: DeskStores) -> None:
    queue, n_rows = AuditQueue(stores.audit), 40
    written: list[int] = []
    add_all = AuditStore.add_all

    class CountingStore(AuditStore):
        def add_all(self, rows: Sequence[tuple[AuditRow, str | None]]) -> list[int]:
            written.append(len(rows))
            time.sleep(0.05)
            return add_all(self, rows)

    queue.store = CountingStore(stores.desk)
    with ThreadPoolExecutor(8) as pool:
        numbers = list(
            pool.map(lambda i: queue.add(AuditRow(NOON + i, "ana", "GET", f"/{i}", status=200)), range(n_rows))
        )
    assert sorted(row.page for row in stores.audit.list_rows(1000)) == sorted(f"/{i}" for i in range(n_rows))
    assert len(set(numbers)) == n_rows
    assert sum(written) == n_rows
    assert len(written) < n_rows


def test_a_row_that_is_not_written_is_a_fault_for_each_that_waits(stores: DeskStores) -> None:
    class FailingStore(AuditStore):
        def add_all(self, rows: Sequence[tuple[AuditRow, str | None]]) -> list[int]:
            time.sleep(0.05)
            raise DataFault.error("accounts-not-available", "desk", "", "no space", fix="Free some space.")

    queue = AuditQueue(FailingStore(stores.desk))

    def is_refused(number: int) -> bool:
        try:
            queue.add(AuditRow(NOON + number, "ana", "GET", "/today"))
        except DataFault as fault:
            return fault.faults[0].id == "accounts-not-available"
        return False

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(is_refused, range(16)))
    queue.store = stores.audit
    assert queue.add(AuditRow(NOON, "ana", "GET", "/later"))
    assert [row.page for row in stores.audit.list_rows(10)] == ["/later"]
