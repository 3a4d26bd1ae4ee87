"""What was shown is noted, and can be made again byte for byte."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pytest

from attune_fit.data.faults import DataFault
from attune_fit.matching.ranking.rank import rank, rank_each
from attune_fit.matching.ranking_log import log_rankings, read_ranking_log, recompute_ranking
from tests.matching.builders import busy, experienced, opened, published

NOW = dt.datetime(2026, 1, 5, 9, 30, tzinfo=dt.UTC)
IDS = list(busy().clients["client_id"][:2])


def test_a_ranking_leaves_one_line_of_ids_and_digests(tmp_path: Path) -> None:
    clinic = opened(folder=tmp_path)
    made = list(rank_each(experienced(), clinic, busy(), IDS, seed=4))
    assert log_rankings(clinic, made, shown=2, now=NOW) is None
    assert log_rankings(clinic, made[:1], now=NOW) is None
    found = read_ranking_log(clinic)
    assert [one.client_id for one in found] == [*IDS, IDS[0]]
    first = found[0]
    assert (first.when, first.seed) == ("2026-01-05T09:30:00+00:00", 4)
    assert (first.data, first.bundle, first.policy) == (made[0].data, made[0].bundle, made[0].policy)
    assert first.shown == tuple(one.therapist_id for one in made[0].candidates[:2])
    assert found[2].shown == tuple(one.therapist_id for one in made[0].candidates[:5])
    lines = (tmp_path / "artifacts" / "rankings.jsonl").read_text().splitlines()
    keys = {"when", "client_id", "data", "bundle", "policy", "seed", "shown", "result", "kind"}
    assert set(json.loads(lines[0])) == keys


def test_a_logged_ranking_is_recomputed_byte_for_byte(tmp_path: Path) -> None:
    clinic = opened(folder=tmp_path)
    made = rank(experienced(), clinic, busy(), IDS[0], seed=11)
    log_rankings(clinic, [made])
    again = recompute_ranking(read_ranking_log(clinic)[0], experienced(), clinic, busy())
    assert again.to_json() == made.to_json()


def test_what_changed_since_is_told(tmp_path: Path) -> None:
    clinic = opened(folder=tmp_path)
    log_rankings(clinic, [rank(published(), clinic, busy(), IDS[0])], now=NOW)
    entry = read_ranking_log(clinic)[0]
    grown = replace(busy(), therapists=busy().therapists.assign(open_slots=9.0))
    strict = opened("[settings]\nband = 0.9", tmp_path)
    for inputs, says in (
        ((published(), clinic, grown), "the tables have changed since 2026-01-05"),
        ((experienced(), clinic, busy()), "the model has changed since"),
        ((published(), strict, busy()), "rules, features or settings have changed since"),
        ((experienced(), clinic, grown), "the tables have and the model has changed since"),
    ):
        with pytest.raises(DataFault, match=says):
            recompute_ranking(entry, *inputs)


def test_another_result_from_the_same_inputs_is_told(tmp_path: Path) -> None:
    clinic = opened(folder=tmp_path)
    log_rankings(clinic, [rank(published(), clinic, busy(), IDS[0])])
    with pytest.raises(DataFault, match="comes out differently from the same inputs"):
        recompute_ranking(replace(read_ranking_log(clinic)[0], result="0" * 64), published(), clinic, busy())


def test_a_folder_that_cannot_be_written_is_told_and_no_ranking_is_withheld(tmp_path: Path) -> None:
    (tmp_path / "artifacts").write_text("a file where the folder should be")
    clinic = opened(folder=tmp_path)
    note = log_rankings(clinic, [rank(published(), clinic, busy(), IDS[0])])
    assert note is not None
    assert note.startswith("Not logged: artifacts/rankings.jsonl: ")
    assert note.endswith("The result holds, but nobody can look up later what was shown.")
    assert read_ranking_log(opened(folder=tmp_path / "elsewhere")) == []


def test_a_line_cut_short_costs_only_itself(tmp_path: Path) -> None:
    clinic = opened(folder=tmp_path)
    made = rank(published(), clinic, busy(), IDS[0])
    log_rankings(clinic, [made])
    path = tmp_path / "artifacts" / "rankings.jsonl"
    path.write_bytes(path.read_bytes() + b'{"when": "2026-')
    log_rankings(clinic, [made])
    assert len(read_ranking_log(clinic)) == 2
    assert len(path.read_text().splitlines()) == 3


def test_nothing_shown_leaves_no_file(tmp_path: Path) -> None:
    assert log_rankings(opened(folder=tmp_path), []) is None
    assert not list(tmp_path.iterdir())
