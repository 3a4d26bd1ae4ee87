"""No page that a clinician can open names a client of another therapist, whatever the address and the form ask for."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from attune_fit.app.desk.page_list import load_routers
from attune_fit.workspace import Workspace
from tests.app.desk.conftest import visit_as
from tests.app.desk.security.conftest import Desk, find_own

ADDRESSES = [
    (method, path)
    for router, roles in load_routers()
    if roles and "clinician" in roles
    for route in router.routes
    for method in sorted(getattr(route, "methods", ()))
    if "/account" not in (path := str(getattr(route, "path", "")))
]
WORD = re.compile(r"[A-Za-z]+\d+")


@pytest.fixture
def others(desk_with_accounts: Desk) -> set[str]:
    """Ids of the clients of other therapists, and of those who wait."""
    therapist = find_own(desk_with_accounts.workspace)[0]
    own = desk_with_accounts.workspace.own_clients(therapist).result
    return set(desk_with_accounts.workspace.tables.clients["client_id"]) - set(own)


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_no_id_of_another_client_is_shown(desk_with_accounts: Desk, others: set[str], method: str, path: str) -> None:
    browser: TestClient = desk_with_accounts.open_browser("cleo")
    therapist, _, other = find_own(desk_with_accounts.workspace)
    asked = re.sub(r"\{[^}]*\}", other, path)
    typed = {"client": other, "therapist": therapist, "seen": "0", "score": "4", "session": "3", "instrument": "WAI-SR"}
    for query in ("", f"?client={other}", f"?client={other[:2]}", "?format=json", "?format=csv", "?show=all&rows=all"):
        answer = browser.request(method, asked + query, data=typed if method == "POST" else None)
        shown = set(WORD.findall(answer.text)) & others
        assert shown <= {other}, query  # what was typed may be in the form again
        if other in path or "{" in path:
            assert answer.status_code == 403, query
        elif method == "POST":
            assert answer.status_code in (403, 422), query


def test_the_pages_of_own_clients_are_shown(desk_with_accounts: Desk) -> None:
    browser = desk_with_accounts.open_browser("cleo")
    _, own, _ = find_own(desk_with_accounts.workspace)
    assert browser.get(f"/find?client={own}").headers["location"] == f"/clients/{own}"
    assert own in browser.get(f"/clients/{own}").text
    assert f'href="/clients/{own}"' in browser.get("/follow-up").text.split('id="own"')[1]  # also without any flag
    assert {row["client_id"] for row in browser.get("/follow-up?format=json").json()["pairs"]} <= set(
        desk_with_accounts.workspace.own_clients(find_own(desk_with_accounts.workspace)[0]).result
    )


def test_what_others_recorded_is_on_no_page_of_a_clinician(workspace: Workspace) -> None:
    """Neither by the numbers of events in an address, nor by the page of two edits at once."""
    therapist, own, other = find_own(workspace)
    for client in (own, other):
        workspace.record("wish_set", client=client, attribute="gender", value="woman", strength="prefer")
    browser = visit_as(workspace, "clinician", therapist)
    for path in ("/follow-up", "/keys", "/account", "/find?x=1", "/no-such-page", "/today"):
        shown = browser.get(f"{path}{'&' if '?' in path else '?'}done=1-2&undone=1-2").text
        assert other not in shown, path
    assert own in browser.get("/keys?done=1-2").text
    assert 'data-key="u"' not in browser.get("/keys?done=1-2").text
    score = {"seen": "0", "session": "3", "score": "4"}
    assert "wish" not in browser.post("/follow-up/score", data={**score, "client": other}).text.lower()
    for form in ({"client": own, "hidden": other}, {"client": own, "therapist": other, "back": other}):
        answer = browser.post("/follow-up/score", data={**score, **form})
        assert not re.search(rf"<td[^>]*>[^<]*{other}", answer.text)
