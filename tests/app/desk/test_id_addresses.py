"""Ids of clinics hold slashes, question marks and per cent signs; each of their pages has an address that works."""

from __future__ import annotations

import csv
import html
import re
from pathlib import Path
from urllib.parse import quote

import pytest

from attune_fit.workspace import open_clinic
from tests.app.desk.conftest import visit_as

IDS = (("2024/0012", "t/1?a=b#c"), ('<b>"&', "%41"), ("a b+c", "日本"))  # of a client and a therapist


def rename_people(file: Path, names: dict[str, str]) -> None:
    """Give people other ids in one table."""
    with file.open(newline="") as stream:
        rows = [[names.get(cell, cell) for cell in row] for row in csv.reader(stream)]
    with file.open("w", newline="") as stream:
        csv.writer(stream).writerows(rows)


@pytest.mark.parametrize(("client", "therapist"), IDS)
def test_all_pages_of_any_id_open_and_lead_back(client: str, therapist: str, clinic: Path) -> None:
    first = open_clinic(clinic)
    old = (
        first.waiting_list().result.clients[0].client_id,
        first.roster(state="open").result.therapists[0].therapist_id,
    )
    for file in clinic.glob("*.csv"):
        rename_people(file, dict(zip(old, (client, therapist), strict=True)))
    browser = visit_as(open_clinic(clinic))
    a, b = quote(client, safe=""), quote(therapist, safe="")
    for path in (f"/clients/{a}", f"/clients/{a}/shortlist", f"/clients/{a}/decide?t={b}", f"/clients/{a}/handout",
                 f"/roster/{b}", f"/roster/{b}/who-fits", f"/roster/{b}/print", f"/roster/{b}/leaving"):  # fmt: skip
        assert browser.get(path).status_code == 200, path
    assert browser.get(f"/find?client={a}").url.raw_path.decode() == f"/clients/{a}"
    for page in ("/waiting-list?rows=all", "/roster?rows=all"):
        links = {
            html.unescape(link) for link in re.findall(r'href="(/(?:clients|roster)/[^"]*)"', browser.get(page).text)
        }
        mine = [link for link in links if a in link or b in link]
        assert mine, page
        assert {browser.get(link).status_code for link in mine} == {200}, page
    wish = {"attribute": "gender", "value": "woman", "strength": "prefer", "seen": "0"}
    shown = browser.post(f"/clients/{a}/wishes", data=wish)
    back = re.search(r'name="back" value="([^"]*)"', shown.text)
    assert back
    assert html.unescape(back[1]) == f"/clients/{a}"
    undone = browser.post("/undo", data={"events": "1", "seen": "1", "back": html.unescape(back[1])})
    assert undone.url.raw_path.decode() == f"/clients/{a}?undone=1"
