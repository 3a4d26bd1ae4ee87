"""The hash chain: lines are split, sealed and appended, and a line that was cut off stays a line of its own."""

from __future__ import annotations

import hashlib
import io
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from attune_fit.data import hash_chain
from attune_fit.data.hash_chain import append_lines, compute_seal, open_locked, read_last_line, split_lines


def append_chained(path: Path, times: int) -> None:
    """Append lines that hold the seal of the line before, one lock for each."""
    for _ in range(times):
        with open_locked(path) as file:
            append_lines(file, [compute_seal(read_last_line(file)).encode()])


def test_a_seal_is_the_sha256_of_the_line_without_its_break() -> None:
    (line,) = split_lines(b"a line\n")
    assert (line.content, line.seal) == (b"a line", hashlib.sha256(b"a line").hexdigest())


@pytest.mark.parametrize("block", [1, 3, 65_536])
@pytest.mark.parametrize(
    ("content", "last"),
    [(b"", b""), (b"\n\n", b""), (b"a", b"a"), (b"a\nbcd\n", b"bcd"), (b"a\nbcd", b"bcd"), (b"a\nbcd\n\n\n", b"bcd")],
)
def test_the_last_line_is_found_from_the_end(
    monkeypatch: pytest.MonkeyPatch, block: int, content: bytes, last: bytes
) -> None:
    monkeypatch.setattr(hash_chain, "BLOCK_BYTES", block)
    assert read_last_line(io.BytesIO(content)) == last


def test_a_line_that_was_cut_off_stays_a_line_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "new" / "log"
    with open_locked(path) as file:
        append_lines(file, [b"one", b"two"])
    path.write_bytes(path.read_bytes() + b"thr")
    with open_locked(path) as file:
        append_lines(file, [b"four"])
    assert path.read_bytes() == b"one\ntwo\nthr\nfour\n"


def test_two_processes_append_to_one_chain(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(append_chained, [path, path], [50, 50]))
    lines = split_lines(path.read_bytes())
    assert len(lines) == 100
    assert [line.content.decode() for line in lines[1:]] == [line.seal for line in lines[:-1]]
