"""The comparison of groups as a clinic gets it: a summary, a page that needs nothing else, every number as JSON."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from attune_fit.data.small_cells import MIN_GROUP_SIZE
from attune_fit.matching.fairness.group_metrics import GROUP_METRICS
from tests.conftest import Attune

pytestmark = pytest.mark.usefixtures("untracked")
MARK = "zzsecret"
DAY = "[clinic]\nas_of = 2026-01-05\n"  # of the sample clinic


class Tags(HTMLParser):
    """Open tags that were never closed, links within the page, and everything a page would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.links: set[str] = set()
        self.places: set[str] = set()
        self.charts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        source = attributes.get("src") or attributes.get("href") or ""
        if source.startswith("#"):
            self.links.add(source[1:])
        elif source:
            self.fetched.append(source)
        self.places.add(attributes.get("id") or "")
        self.charts += "ci-point" in (attributes.get("class") or "")
        if tag not in ("img", "meta"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_summary_has_every_figure_and_the_number_of_tests(attune: Attune, clinic: Path) -> None:
    output = " ".join(attune("fairness", clinic, "--all").output.split())
    assert "lists of 80 clients" in output
    for figure in GROUP_METRICS:
        assert figure.title in output
    assert re.search(r"\d+ differences between a group and all others tested", output)
    assert "without any true difference, chance gives" in output
    assert "A group's difference does not show why there is one." in output


def test_json_holds_the_same_lists_by_default_of_those_who_wait(attune: Attune, clinic: Path) -> None:
    report = json.loads(attune("fairness", clinic, "--json").stdout)
    everyone = json.loads(attune("fairness", clinic, "--all", "--json").stdout)
    assert (report["whose"], report["clients"], everyone["clients"]) == ("clients who wait", 20, 80)
    assert everyone["compared"]["by_chance"] == pytest.approx(0.05 * everyone["compared"]["looked"])
    for cell in everyone["compared"]["cells"]:
        assert cell["people"] in (None, 0) or cell["people"] >= MIN_GROUP_SIZE
    assert report == json.loads(attune("fairness", clinic, "--json").stdout), "the same seed, the same result"


def test_the_page_needs_nothing_else_and_has_an_interval_for_every_group(
    attune: Attune, clinic: Path, tmp_path: Path
) -> None:
    target = tmp_path / "page.html"
    done = attune("fairness", clinic, "--all", "--out", target)
    assert done.exit_code == 0, done.output
    assert f"Written to {target}" in done.output.replace("\n", "")
    page, tags = target.read_text(encoding="utf-8"), Tags()
    tags.feed(page)
    assert (tags.open, tags.fetched) == ([], [])
    assert tags.links <= tags.places
    report = json.loads(attune("fairness", clinic, "--all", "--json").stdout)
    groups = [cell for cell in report["compared"]["cells"] if cell["group"]]
    assert tags.charts >= sum(cell["here"] is not None for cell in groups), "each group that is shown has its interval"
    assert page.count("hidden: fewer than 10 people") == sum(cell["people"] is None for cell in groups)
    for figure in GROUP_METRICS:
        assert 'href="#figure-' + figure.name.replace("_", "-") + '"' in page
        assert figure.description.split(".")[0].replace("'", "&#x27;") in page
    assert "What is hidden or missing" in page


def test_the_numbers_can_be_written_as_json(attune: Attune, clinic: Path, tmp_path: Path) -> None:
    target = tmp_path / "numbers.json"
    assert attune("fairness", clinic, "--out", target).exit_code == 0
    assert json.loads(target.read_text()) == json.loads(attune("fairness", clinic, "--json").stdout)


def test_after_training_the_live_model_is_asked_about_clients_it_was_made_without(attune: Attune, clinic: Path) -> None:
    bundle = json.loads(attune("train", clinic, "--json").stdout)["bundle"]
    attune("models", "promote", clinic, bundle, "--because", "few records, and they are ours")
    report = json.loads(attune("fairness", clinic, "--json").stdout)
    missed = next(one for one in report["compared"]["cells"] if one["figure"] == "missed")
    assert report["bundle"] == bundle
    assert missed["people"] == report["rated"]


def test_a_code_that_few_people_have_is_named_nowhere(attune: Attune, clinic: Path, tmp_path: Path) -> None:
    clients = pd.read_csv(clinic / "clients.csv", dtype=str)
    clients["gender"] = [f"{MARK} {row}" if row < MIN_GROUP_SIZE - 1 else "woman" for row in range(len(clients))]
    clients["full_name"] = [f"{MARK} name {row}" for row in range(len(clients))]
    clients.to_csv(clinic / "clients.csv", index=False)
    (clinic / "clinic.toml").write_text(f'{DAY}[fairness]\ngroups = ["gender", "full_name"]\n')
    for words in ((), ("--all", "--json"), ("--all", "--out", tmp_path / "page.html")):
        done = attune("fairness", clinic, *words)
        assert done.exit_code == 0, done.output
        assert MARK not in done.output
    assert MARK not in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_another_kind_of_file_and_the_clinics_own_are_refused(attune: Attune, clinic: Path) -> None:
    before = (clinic / "clinic.toml").read_bytes()
    assert "End the name in .html or .json." in attune.fails("fairness", clinic, "--out", clinic / "page.pdf")
    (clinic / "clients.json").write_text("{}")
    assert "End the name in" in attune.fails("fairness", clinic, "--out", clinic / "clinic.toml")
    assert (clinic / "clinic.toml").read_bytes() == before


def test_an_unknown_group_column_is_a_fault_with_a_suggestion(attune: Attune, clinic: Path) -> None:
    (clinic / "clinic.toml").write_text(f'{DAY}[fairness]\ngroups = ["gendr"]\n')
    output = attune.fails("fairness", clinic)
    assert "fairness.groups" in output
    assert "Did you mean `gender`?" in output


def test_the_exposure_of_newcomers_is_printed_with_the_most_that_bands_permit(attune: Attune, clinic: Path) -> None:
    outcomes = pd.read_csv(clinic / "outcomes.csv", dtype=str)
    known = sorted(outcomes["therapist_id"].unique())[::2]
    outcomes[outcomes["therapist_id"].isin(known)].to_csv(clinic / "outcomes.csv", index=False)
    bundle = json.loads(attune("train", clinic, "--json").stdout)["bundle"]
    attune("models", "promote", clinic, bundle, "--because", "few records, and they are ours")
    newcomers = json.loads(attune("fairness", clinic, "--all", "--json").stdout)["newcomers"]
    assert newcomers is not None
    assert newcomers["reach"][0][0] == newcomers["newcomer_weight"] == 1.0
    assert newcomers["reach"][-1][0] is None
    output = " ".join(attune("fairness", clinic, "--all").output.split())
    assert f"{newcomers['therapists']} therapists without records get" in output
    assert "`newcomer_weight`" in output
