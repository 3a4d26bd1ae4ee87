"""The audit: a row for each page, and the status of an edit that had an answer."""

from __future__ import annotations

from attune_fit.data.accounts.audit_store import MAX_ID_LETTERS, AuditRow
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
