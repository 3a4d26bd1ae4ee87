"""Every attack on a sealed log is named with its line, and the next entry does not hide it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune_fit.data.chain_check import ChainCheck, check_lines, check_log
from attune_fit.data.hash_chain import split_lines
from attune_fit.data.sealed_log import _parse_line, append_entries, build_end_mark_path, read_end_mark

Edit = Callable[[list[bytes]], list[bytes]]
OTHER = b'{"id": "x", "line": 4, "previous": ""}'


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of six lines, written in three runs."""
    path = tmp_path / "shown.jsonl"
    for names in ("ab", "cde", "f"):
        append_entries(path, [{"id": name} for name in names])
    return path


def edit_lines(path: Path, edit: Edit) -> None:
    path.write_bytes(b"".join(line + b"\n" for line in edit(path.read_bytes().splitlines())))


def change(row: bytes, **fields: object) -> bytes:
    return json.dumps({**json.loads(row), **fields}).encode()


def describe(check: ChainCheck) -> list[str]:
    return [found.message for found in check.breaks]


ATTACKS: dict[str, tuple[Edit, list[str]]] = {
    "changed": (lambda rows: [*rows[:2], change(rows[2], id="x"), *rows[3:]], ["line 3 was changed"]),
    "first changed": (lambda rows: [change(rows[0], id="x"), *rows[1:]], ["line 1 was changed"]),
    "last changed": (lambda rows: [*rows[:5], change(rows[5], id="x")], ["line 6 was changed"]),
    "one byte more": (lambda rows: [*rows[:3], rows[3] + b" ", *rows[4:]], ["line 4 was changed"]),
    "its seal changed": (lambda rows: [*rows[:2], change(rows[2], previous="0"), *rows[3:]], ["line 3 was changed"]),
    "its number changed": (lambda rows: [*rows[:2], change(rows[2], line=1), *rows[3:]], ["line 3 was changed"]),
    "its seal removed": (lambda rows: [*rows[:2], b'{"id": "c"}', *rows[3:]], ["line 3 was changed"]),
    "made unreadable": (lambda rows: [*rows[:2], b"{", *rows[3:]], ["line 3 was changed"]),
    "two changed": (
        lambda rows: [change(rows[0], id="x"), rows[1], change(rows[2], id="x"), *rows[3:]],
        ["line 1 was changed", "line 3 was changed"],
    ),
    "two in a row changed": (  # the seal in line 3 can be part of the change, so nothing is claimed of line 2
        lambda rows: [rows[0], *(change(row, id="x") for row in rows[1:3]), *rows[3:]],
        ["line 3 was changed"],
    ),
    "two in a row inserted": (lambda rows: [*rows[:3], OTHER, OTHER, *rows[3:]], ["lines 4 to 5 were inserted"]),
    "deleted": (lambda rows: [*rows[:2], *rows[3:]], ["1 line is missing after line 2"]),
    "first deleted": (lambda rows: rows[1:], ["1 line is missing at the start"]),
    "three deleted": (lambda rows: [*rows[:2], *rows[5:]], ["3 lines are missing after line 2"]),
    "inserted": (lambda rows: [*rows[:3], OTHER, *rows[3:]], ["line 4 was inserted"]),
    "inserted first": (lambda rows: [OTHER, *rows], ["line 1 was inserted"]),
    "inserted last": (lambda rows: [*rows, OTHER], ["line 7 was inserted"]),
    "inserted without a seal": (lambda rows: [*rows[:3], b'{"id": "x"}', *rows[3:]], ["line 4 was inserted"]),
    "inserted first without a seal": (lambda rows: [b'{"id": "x"}', *rows], ["line 1 was inserted"]),
    "copied": (lambda rows: [*rows[:3], rows[1], *rows[3:]], ["line 4 was inserted"]),
    "swapped": (lambda rows: [*rows[:2], rows[3], rows[2], *rows[4:]], ["line 4 was moved to another place"]),
    "last swapped": (lambda rows: [*rows[:4], rows[5], rows[4]], ["line 6 was moved to another place"]),
    "moved": (lambda rows: [*rows[1:5], rows[0], rows[5]], ["line 5 was moved to another place"]),
    "cut at the end": (lambda rows: rows[:4], ["2 lines are missing after line 4"]),
    "last cut short": (lambda rows: [*rows[:5], rows[5][:-9]], ["line 6 was changed"]),
    "emptied": (lambda rows: [], ["6 lines are missing"]),
    "inserted last, to be sealed over": (
        lambda rows: [*rows, b'{"id": "x"}'],
        ["line 7 holds no seal: it was inserted, or an earlier version of Attune wrote it"],
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_named_with_its_line(log: Path, name: str) -> None:
    assert check_log(log).is_whole
    edit, messages = ATTACKS[name]
    edit_lines(log, edit)
    check = check_log(log)
    assert not check.is_whole
    assert describe(check) == messages


@pytest.mark.parametrize("name", ATTACKS)
def test_the_next_entry_does_not_hide_an_attack(log: Path, name: str) -> None:
    edit_lines(log, ATTACKS[name][0])
    for number in range(3):
        append_entries(log, [{"id": f"later {number}"}])
        assert not check_log(log).is_whole, number


def test_a_log_without_its_end_mark_is_not_whole(log: Path) -> None:
    build_end_mark_path(log).unlink()
    assert describe(check_log(log)) == [
        "the end mark shown.seal is missing, so removed lines at the end do not show",
    ]


def test_an_end_mark_of_another_log_is_noticed(log: Path) -> None:
    build_end_mark_path(log).write_text(f"{2:>12} {'0' * 64}\n")
    assert describe(check_log(log)) == ["the end mark belongs to another line"]


def test_a_log_that_was_never_written_is_whole(tmp_path: Path) -> None:
    assert check_log(tmp_path / "shown.jsonl") == ChainCheck()


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """Three lines from before the log was sealed, then two sealed ones."""
    path = tmp_path / "shown.jsonl"
    path.write_bytes(b'{"id": 1}\n{"id": 2}\n{"id": 3}\n')
    append_entries(path, [{"id": 4}, {"id": 5}])
    return path


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda rows: [*rows[:2], b'{"id": 9}', *rows[3:]], "line 3 was changed"),
        (lambda rows: [*rows[:2], *rows[3:]], "1 line is missing after line 2"),
        (lambda rows: rows[1:], "1 line is missing in lines 1 to 2, which hold no seal"),
        (lambda rows: [b'{"id": 0}', *rows], "1 line is inserted in lines 1 to 4, which hold no seal"),
        (lambda rows: [*rows[:3], b'{"id": 0}', *rows[3:]], "line 4 was inserted"),
        (lambda rows: rows[3:], "3 lines are missing at the start"),
        (lambda rows: [*rows[:3], change(rows[3], id=9), rows[4]], "line 4 was changed"),
        (lambda rows: [*rows[:3], rows[4]], "1 line is missing after line 3"),
        (lambda rows: rows[:3], "2 lines are missing after line 3"),
    ],
)
def test_attacks_where_the_log_was_sealed_later(older: Path, edit: Edit, message: str) -> None:
    assert (check_log(older).n_before_seal, check_log(older).is_whole) == (3, True)
    edit_lines(older, edit)
    assert describe(check_log(older)) == [message]


def test_taking_every_seal_away_is_noticed(log: Path) -> None:
    edit_lines(log, lambda rows: [json.dumps({"id": json.loads(row)["id"]}).encode() for row in rows])
    assert not check_log(log).is_whole


@given(data=st.data())
def test_no_edit_goes_unnoticed(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("log") / "shown.jsonl"
    for _ in range(data.draw(st.integers(1, 3))):
        append_entries(path, [{"id": "x"}] * data.draw(st.integers(1, 3)))
    rows = path.read_bytes().splitlines()
    pool = [*rows, b"{", b'{"id": "x"}', OTHER]
    edited = data.draw(st.lists(st.sampled_from(pool), max_size=8))
    lines = [_parse_line(line) for line in split_lines(b"\n".join(edited))]
    check = check_lines(lines, read_end_mark(path), "shown.seal")
    only_cut_off = edited[: len(rows)] == rows and set(edited[len(rows) :]) <= {b"{"}
    assert check.is_whole == only_cut_off
