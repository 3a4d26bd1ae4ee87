"""What a thief of a cookie, a guesser of passwords, and a person who plants a session cannot do."""

from __future__ import annotations

import time

import pytest
from starlette.testclient import TestClient

from attune_fit.app.desk.security.desk_settings import DeskClock, DeskSettings
from attune_fit.data.accounts.attempt_store import MOST_OF_ACCOUNT
from attune_fit.workspace import Workspace
from tests.app.desk.security.conftest import PASSWORDS, Desk

PAGE = "/account"


def copy_cookie(browser: TestClient, desk: Desk) -> TestClient:
    """Return another browser with the same cookie."""
    thief = desk.open_browser()
    for cookie in browser.cookies.jar:
        thief.cookies.jar.set_cookie(cookie)
    return thief


def is_inside(browser: TestClient) -> bool:
    return browser.get(PAGE).status_code == 200


def test_a_page_needs_a_session_and_leads_back_after_sign_in(desk_with_accounts: Desk) -> None:
    browser = desk_with_accounts.open_browser()
    answer = browser.get("/account?changed=true")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/account%3Fchanged%3Dtrue")
    form = browser.get(answer.headers["location"])
    assert 'value="/account?changed=true"' in form.text
    data = {"name": "kim", "password": PASSWORDS["kim"], "next": "/account?changed=true"}
    assert browser.post("/sign-in", data=data).headers["location"] == "/account?changed=true"
    assert is_inside(browser)


def test_the_cookie_is_for_the_server_only(desk_with_accounts: Desk) -> None:
    answer = desk_with_accounts.open_browser().post("/sign-in", data={"name": "kim", "password": PASSWORDS["kim"]})
    attributes = {part.strip().casefold() for part in answer.headers["set-cookie"].split(";")[1:]}
    assert attributes == {"httponly", "path=/", "samesite=lax"}


def test_over_tls_the_cookie_is_sent_over_tls_only(workspace: Workspace) -> None:
    desk = Desk(workspace, DeskSettings(is_secure=True))
    desk.add("ana")
    browser = desk.open_browser(address="https://127.0.0.1:8000")
    answer = browser.post("/sign-in", data={"name": "ana", "password": PASSWORDS["ana"]})
    name, *attributes = (part.strip() for part in answer.headers["set-cookie"].split(";"))
    assert name.startswith("__Host-")
    assert {"Secure", "HttpOnly", "Path=/"} <= set(attributes)
    assert not any(one.casefold().startswith("domain") for one in attributes)


def test_a_stolen_cookie_is_of_no_use_after_sign_out(desk_with_accounts: Desk) -> None:
    browser = desk_with_accounts.open_browser("kim")
    thief = copy_cookie(browser, desk_with_accounts)
    assert is_inside(thief)
    assert browser.post("/sign-out").headers["location"] == "/sign-in"
    assert not is_inside(thief)


def test_a_disabled_account_is_out_at_once_and_cannot_come_back(desk_with_accounts: Desk) -> None:
    browser = desk_with_accounts.open_browser("kim")
    desk_with_accounts.workspace.disable_account("kim")
    assert not is_inside(browser)
    answer = desk_with_accounts.open_browser().post("/sign-in", data={"name": "kim", "password": PASSWORDS["kim"]})
    assert answer.status_code == 422


def test_a_session_that_was_planted_is_not_the_one_that_signs_in(desk_with_accounts: Desk) -> None:
    attacker = desk_with_accounts.open_browser("cleo")
    victim = copy_cookie(attacker, desk_with_accounts)
    planted = dict(victim.cookies)
    victim.post("/sign-in", data={"name": "kim", "password": PASSWORDS["kim"]})
    assert dict(victim.cookies) != planted
    assert "Account kim" in victim.get(PAGE).text
    assert not is_inside(attacker)  # the session that was there ended


def test_a_made_up_cookie_opens_nothing_and_is_not_taken(desk_with_accounts: Desk) -> None:
    browser = desk_with_accounts.open_browser()
    browser.cookies.set("attune_8000", "a" * 43, domain="127.0.0.1")
    assert not is_inside(browser)
    browser.post("/sign-in", data={"name": "kim", "password": PASSWORDS["kim"]})
    assert "a" * 43 not in browser.cookies.values()


def test_a_new_password_ends_every_other_session(desk_with_accounts: Desk) -> None:
    browser, other = desk_with_accounts.open_browser("kim"), desk_with_accounts.open_browser("kim")
    new = "nine blue bicycles"
    data = {"present": PASSWORDS["kim"], "password": new, "repeated": new}
    assert browser.post("/account/password", data={**data, "present": "wrong"}).status_code == 422
    assert is_inside(other)
    assert browser.post("/account/password", data=data).status_code == 303
    assert is_inside(browser)
    assert not is_inside(other)
    old = desk_with_accounts.open_browser().post("/sign-in", data={"name": "kim", "password": PASSWORDS["kim"]})
    assert old.status_code == 422


def test_an_account_ends_its_own_sessions_only(desk_with_accounts: Desk) -> None:
    browser, other = desk_with_accounts.open_browser("kim"), desk_with_accounts.open_browser("ana")
    handle = desk_with_accounts.workspace.sessions("ana").result[0]["session"]
    browser.post("/account/sessions", data={"session": handle})
    assert is_inside(other)
    second = desk_with_accounts.open_browser("kim")
    for one in desk_with_accounts.workspace.sessions("kim").result:
        browser.post("/account/sessions", data={"session": one["session"]})
    assert not is_inside(second)


def test_wrong_names_and_passwords_have_the_same_answer(desk_with_accounts: Desk) -> None:
    desk_with_accounts.workspace.add_account("new", "coordinator")
    desk_with_accounts.workspace.disable_account("cleo")
    texts = set()
    for name in ("kim", "unknown", "new", "cleo"):
        answer = desk_with_accounts.open_browser().post("/sign-in", data={"name": name, "password": "wrong password"})
        assert answer.status_code == 422
        assert f'value="{name}"' in answer.text  # what was typed is kept
        assert "wrong password" not in answer.text
        texts.add(answer.text.replace(name, "NAME"))
    assert len(texts) == 1


def test_guesses_on_two_workers_share_one_limit_and_the_right_password_waits_too(desk_with_accounts: Desk) -> None:
    workers = [desk_with_accounts, Desk(desk_with_accounts.workspace)]
    for number in range(MOST_OF_ACCOUNT):
        answer = (
            workers[number % 2].open_browser().post("/sign-in", data={"name": "kim", "password": f"guess {number}"})
        )
        assert answer.status_code == 422
    for worker in workers:
        answer = worker.open_browser().post("/sign-in", data={"name": "kim", "password": PASSWORDS["kim"]})
        assert answer.status_code == 429
        assert "Try again in 15 minutes" in answer.text
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "target",
    [
        *("https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)"),
        *("/\t/evil.example", "/today\r\nset-cookie: a=b", "http:evil.example", ""),
    ],
)
def test_sign_in_leads_to_no_other_site(desk_with_accounts: Desk, target: str) -> None:
    data = {"name": "kim", "password": PASSWORDS["kim"], "next": target}
    answer = desk_with_accounts.open_browser().post("/sign-in", data=data)
    assert answer.headers["location"] == "/"


def test_a_clock_that_is_set_back_gives_no_more_time(desk_with_accounts: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, real = desk_with_accounts.open_browser("kim"), time.time()
    monkeypatch.setattr(time, "time", lambda: real - 6 * 3600)
    assert is_inside(browser)  # the desk counts on by itself
    assert desk_with_accounts.accounts.clock.read() >= real
    restarted = Desk(desk_with_accounts.workspace)  # its clock knows only the wrong time
    assert not is_inside(copy_cookie(browser, restarted))
    assert not is_inside(browser)


def test_the_clock_of_a_desk_follows_one_that_is_set_forward(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, real = DeskClock(), time.time()
    monkeypatch.setattr(time, "time", lambda: real + 3600)
    assert clock.read() == real + 3600
