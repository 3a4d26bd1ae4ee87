"""`attune variance` prints the answer first, then the shares; options are checked before the tables are read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer

from attune_fit.app.commands.variance import parse_sessions
from tests.conftest import Attune


def test_the_answer_is_first_and_the_shares_follow(attune: Attune, clinic: Path) -> None:
    output = attune("variance", clinic).output
    assert output.startswith("Therapists explain ")
    for name in ("therapist", "client + dyad", "occasion", "cannot be separated", "profile intervals"):
        assert name in output


def test_json_and_a_file_hold_the_shares(attune: Attune, clinic: Path, tmp_path: Path) -> None:
    result = attune("variance", clinic, "--json", "--sessions", "1-2", "--out", tmp_path / "shares.csv")
    content = json.loads(result.stdout)
    assert content["sessions"] == "chosen sessions: sessions 1 to 2"
    assert sum(one["share"] for one in content["components"]) == pytest.approx(1)
    assert (tmp_path / "shares.csv").read_text(encoding="utf-8").startswith("component,share,low,high,")


@pytest.mark.parametrize("text", ["late", "3-1", "1-", "1-2-3", "-1", ""])
def test_sessions_that_are_none_are_wrong_usage(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        parse_sessions(text)


def test_sessions_without_ratings_are_an_error_in_the_data(attune: Attune, clinic: Path) -> None:
    result = attune("variance", clinic, "--sessions", "900-901")
    assert result.exit_code == 1
    assert "too few for shares of variance" in " ".join(result.output.split())
