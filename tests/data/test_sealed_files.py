"""Cutting or deleting one sealed file shows in another; an append that runs at the same time does not."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from attune_fit.data import chain_scan, sealed_files
from attune_fit.data.hash_chain import ChainHead
from attune_fit.data.sealed_files import (
    ASSIGNMENT_LOG,
    HYPOTHESES,
    LEDGER,
    RANKING_LOG,
    SEALED_FILES,
    append_sealed,
    check_sealed_files,
)
from attune_fit.data.sealed_log import append_entries, build_end_mark_path, read_head

ONE = [{"id": 1}]


@pytest.fixture
def artifacts(tmp_path: Path) -> Path:
    """Two decisions, three rankings, a placement and a decision, each in this order."""
    for row, times in ((LEDGER, 2), (RANKING_LOG, 3), (ASSIGNMENT_LOG, 1), (LEDGER, 1)):
        for _ in range(times):
            append_sealed(tmp_path, row, ONE)
    return tmp_path


def list_messages(artifacts: Path, tail: int | None = None) -> list[str]:
    checks = check_sealed_files(artifacts, tail=tail)
    return [f"{file}: {found.message}" for file, check in checks.items() for found in check.breaks]


def keep_lines(path: Path, number: int) -> None:
    """Cut a file and its end mark, as a person does who knows how they are made."""
    lines = path.read_bytes().splitlines(keepends=True)[:number]
    path.unlink()
    build_end_mark_path(path).unlink()
    if lines:
        path.write_bytes(b"".join(lines))
        head = read_head(path)
        assert head is not None
        build_end_mark_path(path).write_text(f"{head.number:>12} {head.seal}\n")


def test_files_that_were_not_changed_are_whole(artifacts: Path, tmp_path: Path) -> None:
    assert list_messages(artifacts) == []
    assert list_messages(artifacts, tail=1) == []
    assert list_messages(tmp_path / "nothing") == []


TAILS = pytest.mark.parametrize("tail", [None, 1])


@TAILS
@pytest.mark.parametrize(("number", "lines"), [(1, "1 line"), (0, "no line")])
def test_a_ledger_that_was_cut_or_deleted_with_its_end_mark_is_noticed_by_the_logs(
    artifacts: Path, number: int, lines: str, tail: int | None
) -> None:
    keep_lines(artifacts / LEDGER.file, number)
    first = "assignments.jsonl line 1" if tail is None else "rankings.jsonl line 3"
    (message,) = list_messages(artifacts, tail)
    assert message.startswith(f"ledger.jsonl: it has {lines}, but ")
    assert message.endswith("was written when it had 2")
    assert first.split()[0] in message or "rankings" in message


@TAILS
@pytest.mark.parametrize(("number", "lines"), [(1, "1 line"), (0, "no line")])
def test_a_log_that_was_cut_or_deleted_with_its_end_mark_is_noticed_by_the_ledger(
    artifacts: Path, number: int, lines: str, tail: int | None
) -> None:
    keep_lines(artifacts / RANKING_LOG.file, number)
    assert list_messages(artifacts, tail) == [
        f"rankings.jsonl: it has {lines}, but ledger.jsonl line 3 was written when it had 3",
    ]
    append_sealed(artifacts, RANKING_LOG, ONE * 9)  # hides that it is shorter, not that a line is another one
    expected = ["rankings.jsonl: its line 3 is not the one that it had when ledger.jsonl line 3 was written"]
    assert list_messages(artifacts) == expected
    assert list_messages(artifacts, 10) == expected


def test_placements_that_were_deleted_with_their_end_mark_are_noticed_by_the_ledger(artifacts: Path) -> None:
    keep_lines(artifacts / ASSIGNMENT_LOG.file, 0)
    assert list_messages(artifacts) == [
        "assignments.jsonl: it has no line, but ledger.jsonl line 3 was written when it had 1",
    ]


def test_a_ledger_written_anew_is_noticed_by_the_logs(artifacts: Path) -> None:
    keep_lines(artifacts / LEDGER.file, 0)
    append_entries(artifacts / LEDGER.file, [{"id": 2}] * 5)
    (message,) = list_messages(artifacts)
    assert message.startswith("ledger.jsonl: its line 2 is not the one that it had when ")


def test_the_end_of_the_ledger_can_be_named_elsewhere(artifacts: Path) -> None:
    end = read_head(artifacts / LEDGER.file)
    assert end is not None
    assert check_sealed_files(artifacts, [("live.json", end)])[LEDGER.file].is_whole
    (found,) = check_sealed_files(artifacts, [("live.json", ChainHead(4, "0" * 64))])[LEDGER.file].breaks
    assert found.message == "it has 3 lines, but live.json was written when it had 4"


def test_deleting_the_whole_folder_is_not_noticed(artifacts: Path) -> None:
    for path in artifacts.iterdir():
        path.unlink()
    assert list_messages(artifacts) == []


def test_a_ranking_that_runs_between_two_reads_is_no_break(artifacts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan: Callable[..., object] = chain_scan.scan_log

    def append_and_scan(path: Path, *words: object) -> object:
        for row in SEALED_FILES.values():
            append_sealed(artifacts, row, ONE)
        return scan(path, *words)

    monkeypatch.setattr(sealed_files, "scan_log", append_and_scan)
    assert list_messages(artifacts) == []
    assert list_messages(artifacts, tail=1) == []


def append_in_turn(artifacts: Path, name: str) -> None:
    for _ in range(30):
        append_sealed(artifacts, SEALED_FILES[name], ONE)


def test_processes_that_name_each_others_ends_do_not_wait_for_each_other_without_end(artifacts: Path) -> None:
    with ProcessPoolExecutor(3) as pool:
        list(pool.map(append_in_turn, [artifacts] * 3, SEALED_FILES))
    assert list_messages(artifacts) == []
    assert [check.n_lines for check in check_sealed_files(artifacts).values()] == [33, 33, 31, 0, 0]


def test_a_ranking_shows_that_registered_hypotheses_were_removed(artifacts: Path) -> None:
    append_sealed(artifacts, HYPOTHESES, ONE * 2)
    append_sealed(artifacts, RANKING_LOG, ONE)
    assert list_messages(artifacts) == []
    keep_lines(artifacts / HYPOTHESES.file, 0)
    (found,) = list_messages(artifacts)
    assert found == "hypotheses.jsonl: it has no line, but rankings.jsonl line 4 was written when it had 2"
