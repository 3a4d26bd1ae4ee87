"""Every ranking shown is logged, and can be recomputed byte for byte."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from attune_fit.data.sealed_files import check_sealed_files
from attune_fit.matching.assignment.assign import assign
from attune_fit.matching.assignment.constraints import AssignmentConstraints
from attune_fit.matching.log_replay import recompute_assignment, recompute_ranking
from attune_fit.matching.ranking.rank import rank, rank_each
from attune_fit.matching.ranking.scored_roster import RosterScorer
from attune_fit.matching.ranking_log import (
    ARRAY_DIGEST_PREFIX,
    compute_ranking_digest,
    compute_result_digest,
    list_log_rows,
    log_assignment,
    log_rankings,
    read_attune_version,
    read_ranking_log,
)
from tests.fault_descriptions import raises_faults
from tests.matching.builders import busy, experienced, opened, published

NOW = dt.datetime(2026, 1, 5, 9, 30, tzinfo=dt.UTC)
IDS = list(busy().clients["client_id"][:2])


def test_a_ranking_leaves_one_line_of_ids_and_digests(tmp_path: Path) -> None:
    clinic = opened(folder=tmp_path)
    rankings = list(rank_each(RosterScorer.from_clinic(experienced(), clinic, busy(), 4), IDS))
    assert log_rankings(clinic, rankings, shown=2, now=NOW) is None
    assert log_rankings(clinic, rankings[:1], now=NOW, events=7) is None
    entries = read_ranking_log(clinic)
    assert [one.client_id for one in entries] == [*IDS, IDS[0]]
    first = entries[0]
    assert (first.when, first.seed) == ("2026-01-05T09:30:00+00:00", 4)
    assert (first.data, first.bundle, first.policy) == (rankings[0].data, rankings[0].bundle, rankings[0].policy)
    assert first.shown == tuple(one.therapist_id for one in rankings[0].candidates[:2])
    assert entries[2].shown == tuple(one.therapist_id for one in rankings[0].candidates[:5])
    lines = (tmp_path / "artifacts" / "rankings.jsonl").read_text().splitlines()
    keys = {
        "when",
        "client_id",
        "data",
        "bundle",
        "policy",
        "seed",
        "shown",
        "result",
        "kind",
        "version",
        "as_of",
        "events",
        "draw",
    }
    assert set(json.loads(lines[0])) == keys | {"line", "previous"}
    assert first.version == read_attune_version()
    assert [(one.as_of, one.events) for one in entries] == [(str(busy().as_of), number) for number in (0, 0, 7)]


def test_a_logged_ranking_is_recomputed_byte_for_byte(tmp_path: Path) -> None:
    clinic = opened(folder=tmp_path)
    ranking = rank(RosterScorer.from_clinic(experienced(), clinic, busy(), 11), IDS[0])
    log_rankings(clinic, [ranking])
    again = recompute_ranking(read_ranking_log(clinic)[0], experienced(), clinic, busy())
    assert again.to_json() == ranking.to_json()


def test_a_line_with_the_digest_of_an_earlier_version_is_recomputed(tmp_path: Path) -> None:
    """Such a line has the digest of the whole JSON."""
    clinic = opened(folder=tmp_path)
    ranking = rank(RosterScorer.from_clinic(experienced(), clinic, busy(), 11), IDS[0])
    log_rankings(clinic, [ranking], now=NOW)
    entry = read_ranking_log(clinic)[0]
    assert entry.result.startswith(ARRAY_DIGEST_PREFIX)
    earlier = replace(entry, result=compute_result_digest(ranking))
    assert recompute_ranking(earlier, experienced(), clinic, busy()).to_json() == ranking.to_json()
    with raises_faults("rankings.jsonl: result-differs (the ranking of 2026-01-05T09:30:00+00:00)"):
        recompute_ranking(replace(earlier, result=earlier.result[::-1]), experienced(), clinic, busy())


def test_the_digest_changes_with_each_part_of_a_ranking() -> None:
    ranking = rank(RosterScorer.from_clinic(experienced(), opened(), busy(), 11), IDS[0])
    arrays, excluded = ranking.arrays, ranking.arrays.excluded
    first, *others = ranking.candidates
    others_first = replace(excluded.reasons[0][0], says="another reason")
    changed = [
        replace(ranking, verdict="another verdict"),
        replace(ranking, candidates=(replace(first, reasons=()), *others)),
        *(
            replace(ranking, arrays=replace(arrays, **change))
            for change in (
                {"therapist_ids": arrays.therapist_ids[::-1]},
                {"band": arrays.band + (np.arange(len(arrays.band)) == len(arrays.band) - 1)},
                {"points": arrays.points + 1e-6 * (np.arange(len(arrays.points)) == len(arrays.points) - 1)[:, None]},
                {"excluded": replace(excluded, therapist_ids=excluded.therapist_ids[::-1])},
                {"excluded": replace(excluded, kind=excluded.kind[::-1])},
                {"excluded": replace(excluded, reasons=((others_first,), *excluded.reasons[1:]))},
            )
        ),
    ]
    digests = {compute_ranking_digest(one, 2) for one in (ranking, *changed)}
    assert len(digests) == 1 + len(changed)
    assert compute_ranking_digest(replace(ranking, candidates=(first, *others[::-1])), 1) == compute_ranking_digest(
        ranking, 1
    )  # records of places that were not shown are no part of it: their arrays are


def test_the_error_lists_the_inputs_that_changed(tmp_path: Path) -> None:
    clinic = opened(folder=tmp_path)
    log_rankings(clinic, [rank(RosterScorer.from_clinic(published(), clinic, busy()), IDS[0])], now=NOW)
    entry = read_ranking_log(clinic)[0]
    edited = replace(busy(), therapists=busy().therapists.assign(open_slots=9.0))
    strict = opened("[settings]\nband = 0.9", tmp_path)
    for inputs, changed in (
        ((published(), clinic, edited), "the tables"),
        ((experienced(), clinic, busy()), "the model"),
        ((published(), strict, busy()), "rules, features or settings in clinic.toml"),
        ((experienced(), clinic, edited), "the tables, the model"),
    ):
        with raises_faults(f"rankings.jsonl: inputs-changed (the ranking of 2026-01-05T09:30:00+00:00, {changed})"):
            recompute_ranking(entry, *inputs)


def test_a_different_result_from_the_same_inputs_is_an_error(tmp_path: Path) -> None:
    clinic = opened(folder=tmp_path)
    log_rankings(clinic, [rank(RosterScorer.from_clinic(published(), clinic, busy()), IDS[0])], now=NOW)
    with raises_faults("rankings.jsonl: result-differs (the ranking of 2026-01-05T09:30:00+00:00)"):
        recompute_ranking(replace(read_ranking_log(clinic)[0], result="0" * 64), published(), clinic, busy())


def test_an_entry_of_another_version_says_what_to_do_and_claims_no_tampering(tmp_path: Path) -> None:
    clinic = opened(folder=tmp_path)
    log_rankings(clinic, [rank(RosterScorer.from_clinic(published(), clinic, busy()), IDS[0])], now=NOW)
    entry = read_ranking_log(clinic)[0]
    assert entry.data == busy().digest()
    earlier = replace(entry, data=entry.data.partition(":")[2])  # without the prefix that names how it was made
    with raises_faults("rankings.jsonl: digest-of-other-version (the ranking of 2026-01-05T09:30:00+00:00)"):
        recompute_ranking(earlier, published(), clinic, busy())


def test_a_result_of_another_version_names_the_version(tmp_path: Path) -> None:
    clinic = opened(folder=tmp_path)
    log_rankings(clinic, [rank(RosterScorer.from_clinic(published(), clinic, busy()), IDS[0])], now=NOW)
    entry = replace(read_ranking_log(clinic)[0], version="0.0.1", result="0" * 64)
    with raises_faults(
        "rankings.jsonl: version-changed (the ranking of 2026-01-05T09:30:00+00:00, the version of Attune (0.0.1 "
        f"then, {read_attune_version()} now))",
    ):
        recompute_ranking(entry, published(), clinic, busy())


def test_a_client_who_left_the_tables_is_a_change_of_the_tables(tmp_path: Path) -> None:
    clinic = opened(folder=tmp_path)
    log_rankings(clinic, [rank(RosterScorer.from_clinic(published(), clinic, busy()), IDS[0])], now=NOW)
    left = replace(busy(), clients=busy().clients.iloc[1:].reset_index(drop=True))
    with raises_faults("rankings.jsonl: inputs-changed (the ranking of 2026-01-05T09:30:00+00:00, the tables)"):
        recompute_ranking(read_ranking_log(clinic)[0], published(), clinic, left)


def test_therapists_changed_in_the_line_are_noticed(tmp_path: Path) -> None:
    clinic = opened(folder=tmp_path)
    log_rankings(clinic, [rank(RosterScorer.from_clinic(published(), clinic, busy()), IDS[0])], now=NOW)
    entry = read_ranking_log(clinic)[0]
    with raises_faults(
        "rankings.jsonl: log-line-changed (the ranking of 2026-01-05T09:30:00+00:00, other therapists than the "
        "ranking)",
    ):
        recompute_ranking(replace(entry, shown=entry.shown[::-1]), published(), clinic, busy())


def test_many_rankings_are_one_sealed_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clinic = opened(folder=tmp_path)
    synced: list[int] = []
    rankings = list(rank_each(RosterScorer.from_clinic(published(), clinic, busy()), list(busy().clients["client_id"])))
    log_rankings(clinic, rankings[:1])  # the folder of a new file is written to disk too
    monkeypatch.setattr("attune_fit.data.hash_chain.os.fsync", synced.append)
    log_rankings(clinic, rankings)
    assert len(synced) == 1
    check = check_sealed_files(clinic.artifacts)["rankings.jsonl"]
    assert (check.n_lines, check.is_whole) == (len(rankings) + 1, True)


def test_placements_have_a_chain_of_their_own(tmp_path: Path) -> None:
    clinic = opened(folder=tmp_path)
    (assignment,) = assign(RosterScorer.from_clinic(published(), clinic, busy()))
    for _ in range(2):
        assert log_assignment(clinic, assignment, AssignmentConstraints(), NOW) is None
    check = check_sealed_files(clinic.artifacts)["assignments.jsonl"]
    assert (check.n_lines, check.is_whole) == (2, True)
    first, second = list_log_rows(clinic)
    assert (first.line, second.line, first.kind, first.about) == ("a1", "a2", "placement", "balanced")
    again = recompute_assignment(first.fields, published(), clinic, busy())
    assert again.to_json() == assignment.to_json()
    fields = {**first.fields, "placed": dict(list(first.fields["placed"].items())[1:])}
    with raises_faults(
        "assignments.jsonl: log-line-changed (the placement of 2026-01-05T09:30:00+00:00, other pairs than the "
        "placement)",
    ):
        recompute_assignment(fields, published(), clinic, busy())


def test_rows_of_both_files_come_in_the_order_of_time(tmp_path: Path) -> None:
    clinic = opened(folder=tmp_path)
    (assignment,) = assign(RosterScorer.from_clinic(published(), clinic, busy()))
    ranking = rank(RosterScorer.from_clinic(published(), clinic, busy()), IDS[0])
    log_rankings(clinic, [ranking], now=NOW)
    log_assignment(clinic, assignment, AssignmentConstraints(), NOW + dt.timedelta(hours=1))
    log_rankings(clinic, [ranking], now=NOW + dt.timedelta(hours=2))
    log_rankings(clinic, [ranking], now=NOW)  # a clock that went back does not change the order of a file
    assert [row.line for row in list_log_rows(clinic)] == ["1", "a1", "2", "3"]


def test_a_log_that_cannot_be_written_gives_a_warning_and_no_error(tmp_path: Path) -> None:
    (tmp_path / "artifacts").write_text("a file where the folder should be")
    clinic = opened(folder=tmp_path)
    warning = log_rankings(clinic, [rank(RosterScorer.from_clinic(published(), clinic, busy()), IDS[0])])
    assert warning is not None
    assert warning.startswith("Not logged: artifacts/rankings.jsonl: ")
    assert warning.endswith("The result is valid, but the log does not contain it.")
    assert read_ranking_log(opened(folder=tmp_path / "elsewhere")) == []


def test_a_journal_that_cannot_be_read_stops_no_log(tmp_path: Path) -> None:
    clinic = opened(folder=tmp_path)
    (tmp_path / "artifacts").mkdir()
    (tmp_path / "artifacts" / "journal.db").write_bytes(b"no database" * 100)
    warning = log_rankings(clinic, [rank(RosterScorer.from_clinic(published(), clinic, busy()), IDS[0])])
    assert warning is not None
    assert warning.startswith("The log has the result, but not the end of the journal, which cannot be read. ")
    assert len(read_ranking_log(clinic)) == 1


def test_a_line_cut_off_by_an_interruption_is_skipped_and_no_other(tmp_path: Path) -> None:
    clinic = opened(folder=tmp_path)
    ranking = rank(RosterScorer.from_clinic(published(), clinic, busy()), IDS[0])
    log_rankings(clinic, [ranking])
    path = tmp_path / "artifacts" / "rankings.jsonl"
    path.write_bytes(path.read_bytes() + b'{"when": "2026-')
    log_rankings(clinic, [ranking])
    assert len(read_ranking_log(clinic)) == 2
    assert len(path.read_text().splitlines()) == 3
    check = check_sealed_files(clinic.artifacts)["rankings.jsonl"]
    assert (check.is_whole, check.incomplete) == (True, (2,))


def test_no_ranking_writes_no_file(tmp_path: Path) -> None:
    assert log_rankings(opened(folder=tmp_path), []) is None
    assert not list(tmp_path.iterdir())
