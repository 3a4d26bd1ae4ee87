"""Requests that are refused before a page sees them: other sites, other names, other roles, other people's clients."""

from __future__ import annotations

import logging

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from attune_fit.app.desk.page_list import PUBLIC, ROUTERS, load_routers
from attune_fit.app.desk.security.own_clients import check_own_client, list_own_clients
from attune_fit.app.desk.security.page_rules import PageRules
from attune_fit.app.desk.visit import Account, Visit
from attune_fit.data.faults import DataFault
from attune_fit.workspace import Workspace
from tests.app.desk.security.conftest import ADDRESS, Desk, find_own

FORM = {"present": "x", "password": "y", "repeated": "z"}


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "SAME-ORIGIN"])
def test_a_form_of_another_site_changes_nothing(desk_with_accounts: Desk, site: str) -> None:
    browser = desk_with_accounts.open_browser("kim")
    assert browser.post("/sign-out", headers={"sec-fetch-site": site}).status_code == 403
    assert browser.get("/account").status_code == 200


@pytest.mark.parametrize(
    ("origin", "is_answered"),
    [
        (ADDRESS, True), ("http://127.0.0.1:9999", False), ("https://127.0.0.1:8000", False), ("null", False),
        ("http://127.0.0.1:8000.evil.example", False), ("https://evil.example", False), (None, False),
    ],
)  # fmt: skip
def test_an_old_browser_needs_the_desks_own_origin(
    desk_with_accounts: Desk, origin: str | None, is_answered: bool
) -> None:
    browser = desk_with_accounts.open_browser("kim")
    del browser.headers["sec-fetch-site"]
    answer = browser.post("/account/password", data=FORM, headers={"origin": origin} if origin else {})
    assert answer.status_code == (422 if is_answered else 403)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "PROPFIND"])
def test_other_methods_of_another_site_are_refused_too(desk_with_accounts: Desk, method: str) -> None:
    browser = desk_with_accounts.open_browser("kim")
    assert browser.request(method, "/account", headers={"sec-fetch-site": "cross-site"}).status_code == 403


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8000", 200), ("localhost", 200), ("[::1]:8000", 200), ("evil.example", 421), ("", 421),
        ("127.0.0.1.evil.example", 421), ("evil.example:127.0.0.1", 421),
    ],
)  # fmt: skip
def test_only_the_names_of_the_desk_are_answered(desk_with_accounts: Desk, host: str, status: int) -> None:
    assert desk_with_accounts.open_browser().get("/sign-in", headers={"host": host}).status_code == status


def test_every_answer_has_the_headers(desk_with_accounts: Desk) -> None:
    browser = desk_with_accounts.open_browser("kim")
    answers = [
        *(browser.get(path) for path in ("/account", "/no-such-page", "/accounts", "/static/desk.css", "/static/none")),
        browser.get("/sign-in", headers={"host": "evil.example"}),
        desk_with_accounts.open_browser().get("/account"),
        browser.post("/account", content=b"x" * 2_000_000, headers={"content-type": "text/plain"}),
    ]
    assert [answer.status_code for answer in answers] == [200, 404, 403, 200, 404, 421, 303, 413]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == ("no-cache" if "/static/" in str(answer.url) else "no-store")


@pytest.mark.parametrize("path", ["/account/password", "/sign-in"])
def test_a_form_that_is_too_large_or_of_unknown_size_is_refused(desk_with_accounts: Desk, path: str) -> None:
    browser = desk_with_accounts.open_browser("kim")
    assert browser.post(path, data={**FORM, "present": "x" * 2_000_000}).status_code == 413
    assert browser.post(path, content=iter([b"present=", b"x"])).status_code == 411


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/static/../application.py",
            "/static/%2e%2e/application.py",
            "/static/..%2f..%2fvisit.py",
            "/static//etc/passwd",
        ),
        *("/static/%2fetc%2fpasswd", "/static/desk.css%00.py", "/static/../../../artifacts/desk.db"),
    ],
)
def test_the_static_files_are_those_of_the_look_only(desk_with_accounts: Desk, path: str) -> None:
    answer = desk_with_accounts.open_browser().get(path)
    assert answer.status_code in (303, 404)
    assert "import" not in answer.text
    assert "root:" not in answer.text


def test_every_route_has_a_rule_and_no_other_address_is_answered(desk_with_accounts: Desk) -> None:
    rules = PageRules(load_routers())
    assert rules.find({"type": "http", "method": "GET", "path": "/openapi.json"}) is None
    browser = desk_with_accounts.open_browser("ana")
    for path in ("/openapi.json", "/docs", "/redoc", "/today/", "/.env"):
        assert browser.get(path).status_code == 404, path
    assert not set(PUBLIC) & set(ROUTERS)


def test_a_page_without_a_row_can_be_opened_by_no_role(desk_with_accounts: Desk) -> None:
    application: FastAPI = Desk(desk_with_accounts.workspace).application
    application.get("/forgotten")(lambda: "health data")
    browser = TestClient(application, base_url=ADDRESS)
    browser.cookies = desk_with_accounts.open_browser("ana").cookies
    answer = browser.get("/forgotten")
    assert answer.status_code == 404
    assert "health data" not in answer.text


@pytest.mark.parametrize(("name", "n_allowed"), [("ana", 3), ("kim", 2), ("cleo", 1)])
def test_roles_open_their_own_pages_only(desk_with_accounts: Desk, name: str, n_allowed: int) -> None:
    browser = desk_with_accounts.open_browser(name)
    paths = ("/account", "/log", "/accounts")
    statuses = [browser.get(path).status_code for path in paths]
    assert [status != 403 for status in statuses] == [number < n_allowed for number in range(3)]


def test_a_coordinator_cannot_make_an_admin(desk_with_accounts: Desk) -> None:
    browser = desk_with_accounts.open_browser("kim")
    assert browser.post("/accounts", data={"name": "eve", "role": "admin"}).status_code == 403
    assert browser.post("/accounts/kim/reset").status_code == 403
    assert {one.name for one in desk_with_accounts.accounts.accounts.list_accounts()} == {"ana", "kim", "cleo"}


def build_visit(workspace: Workspace, therapist: str | None, role: str = "clinician") -> Visit:
    return Visit(None, workspace, Account("cleo", role, therapist), 0)  # type: ignore[arg-type]


def test_a_clinician_sees_own_clients_only(workspace: Workspace) -> None:
    from fastapi import HTTPException

    therapist, own, other = find_own(workspace)
    visit = build_visit(workspace, therapist)
    check_own_client(visit, own)
    texts = set()
    for client in (other, "no-such-client", ""):
        with pytest.raises(HTTPException) as error:
            check_own_client(visit, client)
        assert error.value.status_code == 403
        texts.add(error.value.detail)
    assert len(texts) == 1
    check_own_client(build_visit(workspace, None, "coordinator"), other)


def test_a_clinician_without_a_therapist_sees_no_client(workspace: Workspace) -> None:
    assert list_own_clients(build_visit(workspace, None)) == frozenset()
    assert list_own_clients(build_visit(workspace, "no-such-therapist")) == frozenset()
    assert list_own_clients(build_visit(workspace, None, "admin")) is None


def test_an_offer_makes_a_client_ones_own_and_a_decline_ends_it(workspace: Workspace) -> None:
    waiting = next(one for one in workspace.waiting_list().result.clients if one.first is not None)
    client, therapist = waiting.client_id, waiting.first
    visit = build_visit(workspace, therapist)
    assert client not in (list_own_clients(visit) or ())
    workspace.record("offered", client=client, therapist=therapist)
    assert client in (list_own_clients(visit) or ())
    workspace.record("declined", client=client, therapist=therapist, by="client", reason="prefers-alternative")
    assert client not in (list_own_clients(visit) or ())


def test_a_clinician_cannot_open_the_page_of_another_client(desk_with_accounts: Desk) -> None:
    _, own, other = find_own(desk_with_accounts.workspace)
    browser = desk_with_accounts.open_browser("cleo")
    assert browser.get(f"/clients/{own}").status_code == 200
    for path in (f"/clients/{other}", f"/clients/{other}/shortlist", f"/clients/{own}/shortlist", "/clients/c9999"):
        answer = browser.get(path)
        assert answer.status_code == 403, path
        assert "years" not in answer.text
    assert browser.post(f"/clients/{other}", data={"seen": "0", "age": "44"}).status_code == 403


def test_views_and_edits_are_in_the_audit(desk_with_accounts: Desk) -> None:
    _, client, _ = find_own(desk_with_accounts.workspace)
    browser = desk_with_accounts.open_browser("kim")
    n_before = len(desk_with_accounts.list_audit())
    browser.get(f"/clients/{client}?therapist=t1")
    browser.post("/account/password", data=FORM)
    browser.get("/accounts")
    browser.get("/static/desk.css")
    found = [(*row[1:3], *row[3:]) for row in desk_with_accounts.list_audit()[n_before:]]
    assert found == [
        ("kim", "GET", "/clients/{client_id}", client, "t1", 200),
        ("kim", "POST", "/account/password", None, None, 422),
        ("kim", "GET", "/accounts", None, None, 403),
    ]


def test_a_page_is_not_shown_where_its_row_cannot_be_written(
    desk_with_accounts: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = desk_with_accounts.open_browser("kim")

    def refuse(*_: object, **__: object) -> int:
        raise DataFault.error("accounts-not-available", "artifacts/desk.db", "", "no space", fix="Free some space.")

    with monkeypatch.context() as patch:
        patch.setattr("attune_fit.data.accounts.audit_store.AuditStore.add_all", refuse)
        answer = browser.get("/account")
        assert answer.status_code == 503
        assert "Change the password" not in answer.text
        answer = browser.post("/account/sessions", data={"session": "x"})
        assert answer.status_code == 503
    assert browser.get("/account").status_code == 200


def test_a_database_that_is_gone_has_a_clear_page_and_comes_back(desk_with_accounts: Desk) -> None:
    browser = desk_with_accounts.open_browser("kim")
    file = desk_with_accounts.workspace.folder / "artifacts" / "desk.db"
    moved = file.rename(file.with_name("moved.db"))
    file.mkdir()
    for answer in (
        browser.get("/account"),
        browser.post("/clients/c1/offer", data={"therapist": "t1"}),
        desk_with_accounts.open_browser().post("/sign-in", data={"name": "kim", "password": "seven quiet rivers"}),
    ):
        assert answer.status_code == 503
        assert "Traceback" not in answer.text
        assert "seven quiet rivers" not in answer.text
    file.rmdir()
    moved.rename(file)
    assert browser.get("/account").status_code == 200


def test_an_error_of_attune_shows_and_logs_no_id(
    desk_with_accounts: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _, client, _ = find_own(desk_with_accounts.workspace)
    browser = desk_with_accounts.open_browser("kim")

    def fail(*_: object, **__: object) -> None:
        raise KeyError(f"{client} is 44 years old")

    monkeypatch.setattr("attune_fit.app.desk.pages.account._render_account", fail)
    with caplog.at_level(logging.DEBUG):
        answer = browser.get(f"/account?client={client}")
    assert answer.status_code == 500
    logged = "\n".join(
        record.getMessage() + str(record.exc_info or "") for record in caplog.records if "desk" in record.name
    )
    assert "KeyError" in logged
    assert client not in logged
    assert client not in answer.text
    assert "44 years" not in logged + answer.text


def test_a_signed_out_form_is_not_lost_in_silence(desk_with_accounts: Desk) -> None:
    browser: TestClient = desk_with_accounts.open_browser()
    answer = browser.post("/clients/c1/offer", data={"therapist": "t1"})
    assert answer.status_code == 401
    assert "nothing was saved" in answer.text
