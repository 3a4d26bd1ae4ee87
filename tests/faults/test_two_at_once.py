"""Two commands at once on one clinic: both end with 0 or one clear error, and every record stays whole."""

import pytest

from tests.faults.fault_checks import FaultBench, list_output_faults, shorten
from tests.faults.fault_commands import CHAIN_CHECKS, CHECKS, COMMANDS, MISTAKE
from tests.faults.fork_server import Done, Job

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
    ("record first", "record first"),
    ("record offered", "rank with a journal"),
    ("record undone", "journal --backup"),
    ("trial plan", "trial plan"),
    ("trial allocate", "trial allocate"),
]
ACTIVATING = ("promoted", "promoted by hand", "rolled back")
BASES = {"train first": "plain", "simulate": "nothing", "record first": "plain", "record offered": "recorded",
         "record undone": "recorded", "trial plan": "with a trial file", "trial allocate": "with a trial"}  # fmt: skip


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


def test_two_starts_at_once_on_the_last_opening_give_it_to_one_client(bench: FaultBench) -> None:
    bench.bases.copy("recorded", bench.root)
    for words in (("undone", "1", *MISTAKE), ("opening_set", "--therapist", "{open}", "--openings", "1")):
        assert bench.run(("record", "clinic", *words)).code == 0
    before = bench.read_state()["records"]["clinic"]["journal"]["events"]
    both = _record_for_two(bench, "started")
    assert sorted(done.code or 0 for done in both) == [0, 1], [shorten(done.err) for done in both]
    refused = next(done for done in both if done.code)
    assert "has no opening left" in refused.err
    assert not list(list_output_faults(refused))
    clients = bench.bases.fill(["{waiting}", "{second}"])
    journal = bench.read_state()["records"]["clinic"]["journal"]
    assert journal["events"][:-1] == before
    started = clients[0 if both[0].code == 0 else 1]
    assert journal["events"][-1][1:4:2] == ["started", started]
    assert {one for side, one, _ in journal["people"] if side == "client"} == {clients[1], started}  # the base has one


def test_two_first_events_at_once_make_one_journal(bench: FaultBench) -> None:
    bench.bases.copy("plain", bench.root)
    both = _record_for_two(bench, "offered")
    assert [done.code for done in both] == [0, 0], [shorten(done.err) for done in both]
    journal = bench.read_state()["records"]["clinic"]["journal"]
    assert [event[1] for event in journal["events"]] == ["offered", "offered"]
    assert journal["ends"] == [[2, True]]
    done = bench.run(("journal", "clinic", "--verify"))
    assert done.code == 0, done.err


def _record_for_two(bench: FaultBench, event: str) -> list[Done]:
    """Record an event of one therapist for two clients at the same time."""
    people = (("--client", client, "--therapist", "{open}") for client in ("{waiting}", "{second}"))
    words = (bench.bases.fill(["record", "clinic", event, *pair]) for pair in people)
    return bench.server.run(*(Job(one, str(bench.root)) for one in words))
