"""Errors that the system itself gives: no file can grow, no permission to write, a network share that goes away."""

from pathlib import Path

import pytest

from tests.faults.fault_checks import EVERY_EVENT, FaultBench, list_output_faults
from tests.faults.fault_commands import COMMANDS

pytestmark = [pytest.mark.slow, pytest.mark.faults]
WRITING = ("convert again", "train first", "train again", "promote", "rollback", "rank --out", "assign --out",
           "fairness --out", "simulate", "record first", "record offered", "journal --backup")  # fmt: skip
FILE_LIMITS = (0, 1_000, 20_000, 200_000, 600_000) if EVERY_EVENT else (20_000,)
LOGGED_ONLY_WHERE_POSSIBLE = ("rank --client", "assign", "rank with a journal")


@pytest.mark.parametrize("name", WRITING)
def test_a_file_that_cannot_grow_leaves_the_state_before_or_after(bench: FaultBench, name: str) -> None:
    run, faults = bench.record(COMMANDS[name]), []
    for limit in FILE_LIMITS:
        bench.bases.copy(run.row.base, bench.root)
        done = bench.run(run.row.words, file_limit=limit)
        faults += [f"limit {limit}: {one}" for one in (*list_output_faults(done), *bench.list_faults(run))]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("name", [*WRITING, *LOGGED_ONLY_WHERE_POSSIBLE])
def test_a_folder_without_write_permission_stays_as_it_is(bench: FaultBench, name: str) -> None:
    run = bench.record(COMMANDS[name])
    bench.bases.copy(run.row.base, bench.root)
    before = bench.read_state()
    places = [bench.root, *(path for path in bench.root.rglob("*") if not path.is_symlink())]
    for place in places:
        place.chmod(0o555 if place.is_dir() else 0o444)
    try:
        done = bench.run(run.row.words, unprivileged=True)
    finally:
        for place in places:
            place.chmod(0o755 if place.is_dir() else 0o644)
    assert bench.read_state() == before
    assert not list(list_output_faults(done)), done.err
    if name in LOGGED_ONLY_WHERE_POSSIBLE:
        assert done.code == 0, done.err
    else:
        assert done.code == 1, done.out
    assert not list(bench.list_faults(run))


@pytest.mark.parametrize("name", ["train again", "promote", "rank --waiting", "record offered"])
def test_a_clinic_that_goes_away_comes_back_before_or_after(bench: FaultBench, name: str) -> None:
    run, faults = bench.record(COMMANDS[name]), []
    for number, kind, path, _ in run.choose_events(states=False):
        bench.bases.copy(run.row.base, bench.root)
        clinic, share, gone = (bench.root / word for word in ("clinic", "share", "gone"))
        clinic.rename(share)
        clinic.symlink_to(share)
        done = bench.run(run.row.words, root=str(bench.root), at=number, moves=[str(share), str(gone)])
        found = list(list_output_faults(done))
        _restore_share(clinic, share, gone)
        found += bench.list_faults(run)
        faults += [f"gone at {number} ({kind} {path}): {one}" for one in found]
    assert not faults, "\n".join(faults)


def _restore_share(clinic: Path, share: Path, gone: Path) -> None:
    """Put the clinic back in the place of the link to it."""
    assert not share.exists(), "something was written in the place of the share"
    clinic.unlink()
    gone.rename(clinic)
