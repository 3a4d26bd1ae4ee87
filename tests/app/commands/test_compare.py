"""`attune compare` and `attune rank --facts`, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

from tests.conftest import Attune


def test_compare_prints_therapists_in_columns_and_programs_can_read_them(attune: Attune, clinic: Path) -> None:
    words = ("compare", clinic, "--client", "c0040", "--therapist", "t02", "--therapist", "t01")
    found = json.loads(attune(*words, "--json").stdout)
    assert [one["therapist_id"] for one in found["therapists"]] == ["t02", "t01"]
    shown = attune(*words)
    assert shown.exit_code == 0, shown.output
    assert found["findings"][-1] in shown.stdout
    assert [len(row["cells"]) for row in found["rows"]] == [2] * len(found["rows"])


def test_one_therapist_is_no_comparison(attune: Attune, clinic: Path) -> None:
    message = attune.fails("compare", clinic, "--client", "c0040", "--therapist", "t02")
    assert "Name 2 or 3 ids." in message
    assert "no row has the id `t99`" in attune.fails(
        "compare", clinic, "--client", "c0040", "--therapist", "t02", "--therapist", "t99"
    )


def test_rank_prints_facts_on_request_and_json_always_has_them(attune: Attune, clinic: Path) -> None:
    words = ("rank", clinic, "--client", "c0040")
    first = json.loads(attune(*words, "--json").stdout)["candidates"][0]
    assert first["facts"]["checked_on"]
    plain, shown = attune(*words).stdout, attune(*words, "--facts").stdout
    day = f"row checked on {first['facts']['checked_on']}, {first['facts']['age_days']} days ago"
    assert day in shown
    assert day not in plain


def test_a_rematch_in_json_has_facts_too(attune: Attune, clinic: Path) -> None:
    found = json.loads(attune("rematch", clinic, "--client", "c0040", "--json").stdout)
    assert found["candidates"][0]["facts"]["styles"]
    assert all("therapist_field" in reason for reason in found["candidates"][0]["reasons"])
