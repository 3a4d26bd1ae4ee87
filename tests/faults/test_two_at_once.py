"""Two commands at once on one clinic: both end with 0 or one clear error, and every record stays whole."""

import pytest

from tests.faults.fault_checks import FaultBench, list_output_faults, shorten
from tests.faults.fault_commands import CHAIN_CHECKS, CHECKS, COMMANDS
from tests.faults.fork_server import Job

pytestmark = [pytest.mark.slow, pytest.mark.faults]
PAIRS = [
    ("train first", "train first"),
    ("train again", "promote"),
    ("train again", "rollback"),
    ("train again", "rank --waiting"),
    ("promote", "promote"),
    ("rollback", "rollback"),
    ("rank --waiting", "rank --out"),
    ("assign --out", "assign --out"),
    ("convert", "convert"),
    ("simulate", "simulate"),
]
ACTIVATING = ("promoted", "promoted by hand", "rolled back")
BASES = {"train first": "plain", "simulate": "nothing"}


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_two_commands_at_once_leave_whole_records(bench: FaultBench, first: str, second: str) -> None:
    bench.bases.copy(BASES.get(first, "trained twice"), bench.root)
    rows = (COMMANDS[first], COMMANDS[second])
    jobs = [Job(bench.bases.fill(row.words), str(bench.root)) for row in rows]
    both = bench.server.run(*jobs)
    faults = [fault for done in both for fault in list_output_faults(done)]
    faults += [f"exit code {done.code}: {shorten(done.err)}" for done in both if done.code not in (0, 1)]
    if not any(done.code == 0 for done in both):
        faults.append(f"neither succeeded: {shorten(both[0].err)} / {shorten(both[1].err)}")
    following = rows[0].next_words if first in ("convert", "simulate") else (*CHECKS, *CHAIN_CHECKS)
    for words in following:
        done = bench.run(words)
        if done.code != 0:
            faults.append(f"then {' '.join(words)}: exit code {done.code}: {shorten(done.out + done.err)}")
    for name, records in bench.read_state()["records"].items():
        active = [bundle for what, bundle in records["ledger.jsonl"] if what in ACTIVATING]
        if active and active[-1] != records["live"]:
            faults.append(f"{name}: the last decision of the ledger is not the live model")
    assert not faults, "\n".join(faults)


def test_two_first_trainings_at_once_both_succeed(bench: FaultBench) -> None:
    bench.bases.copy("plain", bench.root)
    words = ([*COMMANDS["train first"].words, "--seed", seed] for seed in ("0", "1"))
    both = bench.server.run(*(Job(one, str(bench.root)) for one in words))
    assert [done.code for done in both] == [0, 0], [shorten(done.err) for done in both]
    records = bench.read_state()["records"]["clinic"]
    assert len(records["ledger.jsonl"]) == 2
    assert len(records["mlflow"]["trainings"]) == 2
