"""Every address of the desk in every role, by one table: a new address needs a row, and a wrong role is refused."""

from __future__ import annotations

import re

import pytest

from attune_fit.app.desk.page_list import load_routers
from tests.app.desk.security.conftest import Desk, find_own

Names = frozenset[str | None]
ALL: Names = frozenset(("cleo", "kim", "ana"))
STAFF: Names = frozenset(("kim", "ana"))
ADMIN: Names = frozenset(("ana",))
OPEN: Names = ALL | {None}
WHO: dict[str, Names] = {  # who is answered: cleo is a clinician, kim a coordinator, ana an admin
    "GET /": ALL, "GET /today": STAFF, "GET /today/print": STAFF, "GET /find": ALL, "GET /keys": ALL,
    "POST /undo": STAFF,
    "GET /clients/new": STAFF, "POST /clients/new": STAFF, "GET /clients/{client_id}": ALL,
    "POST /clients/{client_id}": STAFF, "POST /clients/{client_id}/wishes": STAFF,
    "GET /clients/{client_id}/shortlist": STAFF, "POST /clients/{client_id}/apply": STAFF,
    "GET /clients/{client_id}/compare": STAFF, "GET /clients/{client_id}/handout": STAFF,
    "GET /clients/{client_id}/decide": STAFF, "POST /clients/{client_id}/offer": STAFF,
    "POST /clients/{client_id}/accept": STAFF, "POST /clients/{client_id}/decline": STAFF,
    "POST /clients/{client_id}/start": STAFF, "POST /clients/{client_id}/end": STAFF,
    "GET /clients/{client_id}/rematch": STAFF,
    "GET /follow-up": ALL, "POST /follow-up/score": ALL,
    "GET /waiting-list": STAFF, "GET /placement": STAFF, "POST /placement/offer": STAFF,
    "GET /roster": STAFF, "POST /roster/{therapist_id}": STAFF, "GET /roster/{therapist_id}": STAFF,
    "GET /roster/{therapist_id}/who-fits": STAFF, "GET /roster/{therapist_id}/print": STAFF,
    "GET /roster/{therapist_id}/leaving": STAFF, "POST /roster/{therapist_id}/leaving": STAFF,
    "GET /model": STAFF, "GET /model/card": STAFF, "GET /log": STAFF, "GET /log/{line}": STAFF,
    "GET /agreement": STAFF,
    "GET /account": ALL, "POST /account/password": ALL, "POST /account/sessions": ALL,
    "GET /accounts": ADMIN, "POST /accounts": ADMIN, "POST /accounts/{name}/{change}": ADMIN,
    "GET /accounts/audit": ADMIN,
    "GET /sign-in": OPEN, "POST /sign-in": OPEN, "GET /set-up": OPEN, "POST /set-up": OPEN, "POST /sign-out": OPEN,
}  # fmt: skip
ROUTES = [
    f"{method} {getattr(route, 'path_format', '')}"
    for router, _ in load_routers()
    for route in router.routes
    for method in sorted(getattr(route, "methods", ()))
]


def test_every_address_has_a_row() -> None:
    assert sorted(ROUTES) == sorted(WHO)


@pytest.mark.parametrize("name", [None, "cleo", "kim", "ana"])
def test_a_role_is_answered_at_its_own_addresses_only(desk_with_accounts: Desk, name: str | None) -> None:
    browser = desk_with_accounts.open_browser(name)
    therapist, client, _ = find_own(desk_with_accounts.workspace)
    ids = {"client_id": client, "therapist_id": f"{therapist}-none", "name": "no-one", "change": "enable", "line": "0"}
    for route, who in WHO.items():
        method, path = route.split()
        if path == "/sign-out":  # it is the last one, and ends the session
            continue
        address = re.sub(r"\{(\w+)\}", lambda found: ids[found[1]], path)
        answer = browser.request(method, address, data={} if method == "POST" else None)
        if name in who:
            assert answer.status_code not in (401, 403, 405, 500), route
            assert not answer.headers.get("location", "").startswith("/sign-in"), route
        elif name is None:
            is_led_to_sign_in = answer.headers.get("location", "").startswith("/sign-in")
            assert answer.status_code == 401 or is_led_to_sign_in, route
        else:
            assert answer.status_code == 403, route
    assert browser.post("/sign-out").headers["location"] == "/sign-in"
    assert desk_with_accounts.workspace.count_events() == 0
