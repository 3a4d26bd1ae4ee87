"""The handout fits on one sheet of A4, however many wishes and times there are."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from attune_fit.data import report_pages
from attune_fit.workspace import open_clinic
from tests.app.desk.conftest import visit_as
from tests.browser.conftest import open_window

pytestmark = pytest.mark.slow
WISHES = ("gender,woman", "race_ethnicity,asian", "orientations,cbt", "languages,spanish", "religion,none",
          "lgbtq_affirming,yes", "years_experience,>=10")  # fmt: skip


@pytest.mark.parametrize("number", [1, 3])
def test_handout_is_one_sheet(chromium: Browser, clinic: Path, number: int) -> None:
    client = "c0077"  # of the sample: nine candidates
    with (clinic / "preferences.csv").open("a") as file:
        file.writelines(f"{client},{wish},prefer\n" for wish in WISHES)
    workspace = open_clinic(clinic)
    ids = workspace.rank(client).result.arrays.therapist_ids[:number]
    shown = visit_as(workspace).get(f"/clients/{client}/handout", params={"t": ids}).text
    assert shown.count('class="wish ') >= number * len(WISHES)
    page = open_window(chromium).new_page()
    page.set_content(
        shown.replace(
            "</head>", f"<style>{(Path(report_pages.__file__).parent / 'look' / 'desk.css').read_text()}</style></head>"
        )
    )
    pdf = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
