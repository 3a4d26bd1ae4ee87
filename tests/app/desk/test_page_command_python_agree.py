"""A page, the command and Python give the same list: one use case, put together once."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from starlette.testclient import TestClient

from attune_fit.results import Result
from attune_fit.workspace import Workspace
from tests.conftest import Attune


class People(NamedTuple):
    """Ids of the sample clinic: a client who waits, one who has met a therapist, and three candidates of the first."""

    waiting: str
    met: str
    first: str
    second: str
    third: str


class Door(NamedTuple):
    """One list: its page, its command, and its verb."""

    page: str
    command: tuple[str, ...]
    verb: Callable[[Workspace, People], Result]


DOORS = {
    "today": Door("/today", ("today",), lambda clinic, _: clinic.today()),
    "waiting list": Door("/waiting-list", ("waiting",), lambda clinic, _: clinic.waiting_list()),
    "roster": Door("/roster", ("roster",), lambda clinic, _: clinic.roster()),
    "who fits": Door("/roster/{0.first}/who-fits", ("who-fits", "--therapist", "{0.first}"),
                     lambda clinic, ids: clinic.who_fits(ids.first)),
    "leaving": Door("/roster/{0.first}/leaving", ("leaving", "--therapist", "{0.first}"),
                    lambda clinic, ids: clinic.plan_leave(ids.first)),
    "client": Door("/clients/{0.waiting}", ("client", "--client", "{0.waiting}"),
                   lambda clinic, ids: clinic.client(ids.waiting)),
    "shortlist": Door("/clients/{0.waiting}/shortlist", ("rank", "--client", "{0.waiting}"),
                      lambda clinic, ids: clinic.rank(ids.waiting)),
    "compare": Door("/clients/{0.waiting}/compare?t={0.first}&t={0.second}&t={0.third}",
                    ("compare", "--client", "{0.waiting}", "--therapist", "{0.first}", "--therapist", "{0.second}",
                     "--therapist", "{0.third}"),
                    lambda clinic, ids: clinic.compare(ids.waiting, [ids.first, ids.second, ids.third])),
    "follow-up": Door("/follow-up", ("follow-up",), lambda clinic, _: clinic.follow_up()),
    "rematch": Door("/clients/{0.met}/rematch", ("rematch", "--client", "{0.met}"),
                    lambda clinic, ids: clinic.rematch(ids.met)),
    "placement": Door("/placement", ("assign",), lambda clinic, _: clinic.assign()),
    "agreement": Door("/agreement", ("agreement",), lambda clinic, _: clinic.agreement()),
}  # fmt: skip


@pytest.fixture(scope="module")
def people(read_only_clinic: Workspace) -> People:
    tables = read_only_clinic.tables
    for client in read_only_clinic.list_client_ids(waiting_only=True):
        candidates = read_only_clinic.rank(client).to_dict()["candidates"]
        if len(candidates) >= 3:
            break
    return People(client, str(tables.outcomes["client_id"].iloc[0]), *(one["therapist_id"] for one in candidates[:3]))


@pytest.mark.parametrize("name", DOORS)
def test_page_command_and_python_agree(
    name: str, people: People, reading_desk: TestClient, read_only_clinic: Workspace, attune: Attune
) -> None:
    door = DOORS[name]
    page = door.page.format(people)
    shown = reading_desk.get(page)
    assert shown.status_code == 200, shown.text
    given = reading_desk.get(f"{page}{'&' if '?' in page else '?'}format=json").json()
    verb, *options = (word.format(people) for word in door.command)
    printed: Any = json.loads(attune(verb, read_only_clinic.folder, *options, "--json").stdout)
    assert given == printed == door.verb(read_only_clinic, people).to_dict()
    for listed in collect_ids(given):
        assert listed in shown.text


def collect_ids(content: Any) -> set[str]:
    """Return the ids of the people at the top of a list: all of them are on the page."""
    rows = (
        content
        if isinstance(content, list)
        else next((content[key] for key in ("placed", "waiting") if key in content), [])
    )
    return {str(row["client_id"]) for row in rows if isinstance(row, dict) and "client_id" in row}
