"""Forms that no page sends: long numbers, files, deep lists, half signs, and errors of the pages of errors."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest
from starlette.testclient import TestClient
from starlette.types import Message

from attune_fit.app.desk.fault_pages import show_unexpected_error
from attune_fit.app.desk.forms.posted_form import parse_json, parse_number
from attune_fit.workspace import Workspace
from tests.app.desk.conftest import visit_as
from tests.app.desk.security.conftest import Desk

LONG = "9" * 5000  # Python refuses to read such a number
FORMS = ("/clients/c0044", "/clients/c0044/wishes", "/clients/c0044/offer", "/follow-up/score", "/roster/t13", "/undo")


@pytest.mark.parametrize("path", FORMS)
def test_a_number_of_5000_digits_is_no_crash(path: str, desk: TestClient, workspace: Workspace) -> None:
    names = ("seen", "rank", "line", "events", "openings", "session", "score", "client", "t")
    assert desk.post(path, data=dict.fromkeys(names, LONG)).status_code < 500
    assert workspace.count_events() == 0


def test_an_address_with_a_number_of_5000_digits_is_no_crash(reading_desk: TestClient) -> None:
    for path in ("/keys", "/no-such-page"):
        assert reading_desk.get(f"{path}?done={LONG}&undone={LONG}").status_code in (200, 404)


def test_a_form_with_files_or_an_encoding_of_its_own_is_refused(desk: TestClient, workspace: Workspace) -> None:
    half = b'--x\r\nContent-Disposition: form-data; name="client_id"\r\n\r\na\\ud800\r\n--x--\r\n'
    kind = "multipart/form-data; boundary=x; charset=unicode_escape"
    assert desk.post("/clients/new", content=half, headers={"content-type": kind}).status_code == 415
    assert desk.post("/clients/new", files={"client_id": ("a.txt", b"x")}).status_code == 415
    assert desk.post("/clients/new", json={"client_id": "n1"}).status_code == 415
    assert desk.post("/placement/offer", files={"seen": (None, "0")}).status_code == 415
    assert workspace.count_events() == 0


@pytest.mark.parametrize("text", ["[" * 50_000, '[{"event": ["x"]}]', r'[{"event": "wish_set", "client": "\ud800"}]'])
def test_a_change_that_no_page_made_is_refused(text: str, desk: TestClient) -> None:
    assert desk.post("/clients/c0044/apply", data={"events": text, "seen": "0"}).status_code == 422


@pytest.mark.parametrize("text", ["[" * 50_000, r'{"age": "\ud800"}', "[]", '{"age": {"a": 1}}'])
def test_opened_values_that_no_page_made_are_no_crash(text: str, desk: TestClient) -> None:
    form = {"opened": text, "seen": "0", "whole": "1", "must_choose": "age", "kept:age": "x"}
    for path in ("/clients/c0044", "/roster/t13"):
        assert desk.post(path, data=form).status_code < 500


def test_only_a_short_whole_number_and_json_that_can_be_shown_are_read() -> None:
    assert [parse_number(text) for text in ("0", "7", "-1", "²", "", LONG)] == [0, 7, None, None, None, None]
    assert parse_json(json.dumps("\N{PILE OF POO}")) == "\N{PILE OF POO}"
    assert parse_json(r'{"a": "\ud83d"}') is None


def test_an_added_client_is_shown_under_the_id_that_is_kept(desk: TestClient) -> None:
    shown = desk.post("/clients/new", data={"client_id": "n\u200b  7", "seen": "0", "later": "1"})
    assert shown.status_code == 200
    assert shown.url.path == "/clients/n 7"


def test_an_error_in_the_page_of_errors_has_a_plain_page_and_logs_no_text(
    read_only_clinic: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("c0044 is 44 years old")

    for place in ("keys", "shortlist"):
        monkeypatch.setattr(f"attune_fit.app.desk.pages.{place}.render", fail)
    monkeypatch.setattr(f"{show_unexpected_error.__module__}.render", fail)
    with caplog.at_level(logging.DEBUG, "attune.desk"):
        answer = visit_as(read_only_clinic).get("/keys")
    assert answer.status_code == 500
    assert "number" in answer.text
    logged = "".join(str(one.exc_info or "") + one.getMessage() for one in caplog.records if "desk" in one.name)
    assert "ValueError" in logged
    assert "years" not in answer.text + logged


def test_a_form_in_parts_is_refused_whatever_size_it_names(desk: TestClient) -> None:
    headers = {"content-length": "5", "transfer-encoding": "chunked"}
    answer = desk.post("/clients/new", content=iter([b"client_id=", b"x" * 2_000_000]), headers=headers)
    assert answer.status_code == 411


@pytest.mark.parametrize(
    "host", ["127.0.0.1:80@else.example", "else.example@127.0.0.1", "127.0.0.1:x", "[::1]x", "[127.0.0.1", ""]
)
def test_a_host_that_is_no_name_with_a_port_is_refused(host: str, reading_desk: TestClient) -> None:
    assert reading_desk.get("/keys", headers={"host": host}).status_code == 421


def test_a_browser_that_leaves_while_it_sends_is_no_error(
    desk: TestClient, workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    part: Message = {"type": "http.request", "body": b"client_id=n1", "more_body": True}
    messages = iter([part, {"type": "http.disconnect"}])
    sent: list[Message] = []

    async def receive() -> Message:
        return next(messages)

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"host", b"127.0.0.1:8000"), (b"sec-fetch-site", b"same-origin"), (b"content-length", b"500"),
               (b"content-type", b"application/x-www-form-urlencoded")]  # fmt: skip
    scope = {"type": "http", "method": "POST", "path": "/clients/new", "raw_path": b"/clients/new", "root_path": "",
             "query_string": b"", "headers": headers, "client": ("127.0.0.1", 1), "scheme": "http", "app": desk.app,
             "server": ("127.0.0.1", 8000), "http_version": "1.1"}  # fmt: skip

    async def answer() -> None:
        await desk.app(scope, receive, send)

    asyncio.run(answer())
    assert sent == []
    assert not [one for one in caplog.records if one.name == "attune.desk"]
    assert workspace.count_events() == 0


def test_what_was_typed_in_a_search_is_in_the_audit_only_as_an_id(desk_with_accounts: Desk) -> None:
    browser = desk_with_accounts.open_browser("kim")
    for path in (
        "/find?client=Anna+Berg",
        "/find?client=Berg",
        "/clients/a%00b",
        "/find?client=c1%00",
        "/log?client=c0044",
    ):
        browser.get(path)
    assert [row.client_id for row in desk_with_accounts.list_audit()[-5:]] == [None, None, None, None, "c0044"]
