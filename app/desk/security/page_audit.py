"""The audit of an answer: a page is shown only if its row could be written, and an edit begins only then."""

from __future__ import annotations

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from attune_fit.app.desk.security.request_checks import SAFE_METHODS
from attune_fit.data.accounts.audit_store import AuditRow
from attune_fit.data.faults import DataFault

KeepRow = Callable[[AuditRow, int | None], int]  # adds a row, or notes the status of the row with a number


async def answer_with_audit(
    app: ASGIApp, scope: Scope, receive: Receive, send: Send, row: AuditRow, keep_row: KeepRow
) -> DataFault | None:
    """Answer a request and write its row in the thread pool.

    A view is written before the first byte leaves. An edit is written before it begins, and its status afterwards.

    Returns
    -------
    DataFault or None
        Why a view could not be written; then nothing of the page was sent.
    """
    is_edit = row.method not in SAFE_METHODS
    number = await run_in_threadpool(keep_row, row, None) if is_edit else None
    fault: DataFault | None = None

    async def send_after_row(message: Message) -> None:
        nonlocal fault
        if message["type"] == "http.response.start":
            try:
                await run_in_threadpool(keep_row, row._replace(status=int(message["status"])), number)
            except DataFault as error:
                fault = error
        if fault is None:
            await send(message)

    try:
        await app(scope, receive, send_after_row)
    except Exception:
        await run_in_threadpool(keep_row, row._replace(status=500), number)
        raise
    return fault
