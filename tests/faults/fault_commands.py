"""The commands that the fault tests run: one row each, with the clinic that a command starts from."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.faults.fork_server import Done, ForkServer, Job

SIZE = ("--clients", "60", "--therapists", "8")
SEED = ("--seed", "9", "--fit-share", "0.5")  # a clinic whose first training makes a bundle live
ONE_PROCESS = ("--jobs", "1")  # faults are put into the process of the command
REASON = ("--because", "a test")
PAIR = ("--client", "{waiting}", "--therapist", "{open}")
MISTAKE = ("--because", "wrong-entry")
CHECKS = (("check", "clinic"), ("rank", "clinic", "--client", "{waiting}"))
CHAIN_CHECKS = (("models", "list", "clinic"), ("log", "clinic", "--verify"))
JOURNAL_CHECKS = (("journal", "clinic", "--verify"), ("log", "clinic", "--verify"))


@dataclass(frozen=True)
class FaultCommand:
    """One command of the fault tests.

    Attributes
    ----------
    name : str
    words : sequence of str
        The words after ``attune``. ``{waiting}``, ``{second}``, ``{third}``, ``{met}``, ``{open}``, ``{live}`` and
        ``{other}`` are ids of the base clinic: clients, a therapist with openings, and bundles.
    base : str
        Name of a row of :data:`BASES`.
    next_words : sequence of sequences of str
        Commands that must work without help after the command was cut short and run again.
    rerun_codes : sequence of int
        Exit codes of the second run. 1 where the command is refused because the first run had finished.
    replaces : bool
        Whether the command first removes the folder of an earlier run.
    """

    name: str
    words: Sequence[str]
    base: str = "trained"
    next_words: Sequence[Sequence[str]] = CHECKS
    rerun_codes: Sequence[int] = (0,)
    replaces: bool = False


TRIAL_STATUS = ("trial", "status", "clinic", "bands")
TRIAL_PLAN = """
name = "bands"
claim = "A test."
n_outcomes = 80
seed = 3
[[arms]]
name = "first"
order = "list"
[[arms]]
name = "second"
order = "all_at_random"
"""
RANK_OUT = ("rank", "out", "--client", "{waiting}")
COMMANDS = {
    row.name: row
    for row in (
        FaultCommand("check", ("check", "clinic")),
        FaultCommand("convert", ("convert", "clinic", "--out", "out"), next_words=(("check", "out"), RANK_OUT)),
        FaultCommand("convert into a folder", ("convert", "clinic", "--out", "out"), "empty folder",
                     (("check", "out"), RANK_OUT)),
        FaultCommand("convert again", ("convert", "clinic", "--out", "out"), "converted", (("check", "out"), RANK_OUT)),
        FaultCommand("simulate", ("simulate", "made", *SIZE, *SEED), "nothing", (("check", "made"),), (0, 1)),
        FaultCommand("simulate --report", ("simulate", "made", *SIZE, *SEED, "--report"), "nothing",
                     (("check", "made"),), (0, 1)),
        FaultCommand("demo", ("demo", "made"), "nothing", (("check", "made"), ("rank", "made", "--waiting"))),
        FaultCommand("demo again", ("demo", "made"), "demo", (("check", "made"), ("rank", "made", "--waiting")),
                     replaces=True),
        FaultCommand("train first", ("train", "clinic", *ONE_PROCESS), "plain", (*CHECKS, *CHAIN_CHECKS)),
        FaultCommand("train again", ("train", "clinic", "--seed", "2", *ONE_PROCESS), "trained",
                     (*CHECKS, *CHAIN_CHECKS)),
        FaultCommand("train --trials", ("train", "clinic", "--trials", "3", *ONE_PROCESS), "plain", CHECKS),
        FaultCommand("promote", ("models", "promote", "clinic", "{other}", *REASON), "trained twice",
                     (*CHECKS, *CHAIN_CHECKS), (0, 1)),
        FaultCommand("rollback", ("models", "rollback", "clinic"), "trained", (*CHECKS, *CHAIN_CHECKS), (0, 1)),
        FaultCommand("card --out", ("models", "card", "clinic", "--out", "card.md")),
        FaultCommand("card over a file", ("models", "card", "clinic", "--out", "card.md"), "with files"),
        FaultCommand("rank --client", ("rank", "clinic", "--client", "{waiting}"), "logged",
                     (*CHECKS, *CHAIN_CHECKS)),
        FaultCommand("rank --waiting", ("rank", "clinic", "--waiting"), "trained", (*CHECKS, *CHAIN_CHECKS)),
        FaultCommand("rank --out", ("rank", "clinic", "--all", "--out", "list.csv"), "with files",
                     (*CHECKS, *CHAIN_CHECKS)),
        FaultCommand("assign", ("assign", "clinic"), "logged", (*CHECKS, *CHAIN_CHECKS)),
        FaultCommand("assign --out", ("assign", "clinic", "--out", "places.csv"), "with files",
                     (*CHECKS, *CHAIN_CHECKS)),
        FaultCommand("fairness --out", ("fairness", "clinic", "--all", "--out", "fairness.html"), "with files"),
        FaultCommand("rematch", ("rematch", "clinic", "--client", "{met}"), "logged", (*CHECKS, *CHAIN_CHECKS)),
        FaultCommand("record first", ("record", "clinic", "started", *PAIR), "plain", JOURNAL_CHECKS, (0, 1)),
        FaultCommand("record offered", ("record", "clinic", "offered", *PAIR), "recorded", JOURNAL_CHECKS, (0, 1)),
        FaultCommand("record undone", ("record", "clinic", "undone", "1", *MISTAKE), "recorded", JOURNAL_CHECKS,
                     (0, 1)),
        FaultCommand("leaving --record", ("leaving", "clinic", "--therapist", "{open}", "--record"), "recorded",
                     JOURNAL_CHECKS, (0, 1)),
        FaultCommand("journal --forget-client", ("journal", "clinic", "--forget-client", "left"), "with one who left",
                     JOURNAL_CHECKS, (0, 1)),
        FaultCommand("journal --backup", ("journal", "clinic", "--backup", "copy.db"), "recorded", JOURNAL_CHECKS),
        FaultCommand("backup over a file", ("journal", "clinic", "--backup", "copy.db"), "backed up", JOURNAL_CHECKS),
        FaultCommand("journal --restore", ("journal", "clinic", "--restore", "copy.db"), "behind its backup",
                     JOURNAL_CHECKS),
        FaultCommand("restore into nothing", ("journal", "clinic", "--restore", "copy.db"), "without its journal",
                     JOURNAL_CHECKS),
        FaultCommand("trial plan", ("trial", "plan", "clinic", "trial.toml", "--runs", "100", "--out", "plan.md"),
                     "with a trial file", (*CHECKS, *CHAIN_CHECKS, TRIAL_STATUS)),
        FaultCommand("trial allocate", ("trial", "allocate", "clinic", "bands", "--client", "{third}"),
                     "with a trial", (*CHECKS, *CHAIN_CHECKS, TRIAL_STATUS)),
        FaultCommand("rank with a journal", ("rank", "clinic", "--waiting"), "recorded", JOURNAL_CHECKS),
        FaultCommand("journal --verify", ("journal", "clinic", "--verify"), "recorded"),
        FaultCommand("check with a journal", ("check", "clinic"), "recorded"),
        FaultCommand("log --verify", ("log", "clinic", "--verify"), "logged"),
        FaultCommand("replay", ("replay", "clinic"), "logged"),
    )
}  # fmt: skip


class Bases:
    """The clinics that commands start from, each made once and then copied."""

    def __init__(self, server: ForkServer, folder: Path) -> None:
        self._server, self._folder = server, folder
        self._made: dict[str, Path] = {}
        self._ids: dict[str, str] = {}

    def copy(self, name: str, root: Path) -> None:
        """Make ``root`` a fresh copy of a base."""
        if root.exists():
            shutil.rmtree(root)
        shutil.copytree(self.get(name), root, symlinks=True)

    def get(self, name: str) -> Path:
        """Return the folder of a base; it is made at the first call."""
        if name not in self._made:
            root = self._folder / name.replace(" ", "-")
            BASES[name](self, root)
            self._made[name] = root
        return self._made[name]

    def run(self, root: Path, *words: str) -> Done:
        """Run a command that must succeed, in the folder of a base."""
        (done,) = self._server.run(Job(self.fill(words), str(root)))
        assert done.code == 0, (words, done.err[-2000:])
        return done

    def fill(self, words: Sequence[str]) -> list[str]:
        """Put the ids of the base clinics in the place of their names."""
        if any("{" in word for word in words) and not self._ids:
            self._find_ids()
        return [word.format(**self._ids) for word in words]

    def _find_ids(self) -> None:
        """Find clients who wait and who met a therapist, and the bundles of a clinic that was trained twice."""
        import pandas as pd

        clinic = self.get("trained twice") / "clinic"
        clients = pd.read_csv(clinic / "clients.csv", dtype="str")["client_id"]
        met = set(pd.read_csv(clinic / "outcomes.csv", dtype="str")["client_id"])
        live = json.loads((clinic / "artifacts" / "live.json").read_text())["bundle"]
        other = next(path.name for path in sorted((clinic / "artifacts" / "bundles").iterdir()) if path.name != live)
        is_met = clients.isin(met)
        roster = pd.read_csv(clinic / "therapists.csv").set_index("therapist_id")
        waiting, second, third = clients[~is_met].iloc[:3]  # the third has two therapists on the list
        self._ids = {"waiting": waiting, "second": second, "third": third, "met": clients[is_met].iloc[0],
                     "open": str(roster["open_slots"].idxmax()), "live": live, "other": other}  # fmt: skip


def _make_nothing(bases: Bases, root: Path) -> None:
    root.mkdir(parents=True)


def _make_plain(bases: Bases, root: Path) -> None:
    """Make a clinic without artifacts."""
    root.mkdir(parents=True)
    bases.run(root, "simulate", "clinic", *SIZE, *SEED)


def _make_trained(bases: Bases, root: Path) -> None:
    """Train; the bundle is live."""
    bases.copy("plain", root)
    bases.run(root, "train", "clinic", *ONE_PROCESS)


def _make_trained_twice(bases: Bases, root: Path) -> None:
    """Train with another seed, so that there are two bundles."""
    bases.copy("trained", root)
    bases.run(root, "train", "clinic", "--seed", "1", *ONE_PROCESS)


def _make_logged(bases: Bases, root: Path) -> None:
    """Rank and assign, so that both logs have lines."""
    bases.copy("trained", root)
    for words in (("rank", "clinic", "--client", "{waiting}"), ("rank", "clinic", "--waiting"), ("assign", "clinic")):
        bases.run(root, *words)


def _make_recorded(bases: Bases, root: Path) -> None:
    """Offer the therapist to another client, and rank, so that the log names the end of the journal."""
    bases.copy("trained", root)
    bases.run(root, "record", "clinic", "offered", "--client", "{second}", "--therapist", "{open}")
    bases.run(root, "rank", "clinic", "--client", "{waiting}")


def _make_left(bases: Bases, root: Path) -> None:
    """Record a client who is in no table any more."""
    bases.copy("recorded", root)
    bases.run(root, "record", "clinic", "client_added", "--client", "left")
    bases.run(root, "record", "clinic", "undone", "2", *MISTAKE)


def _make_with_trial_file(bases: Bases, root: Path) -> None:
    """Put the plan of a trial next to the clinic."""
    bases.copy("recorded", root)
    (root / "trial.toml").write_text(TRIAL_PLAN)


def _make_with_trial(bases: Bases, root: Path) -> None:
    """Plan a trial."""
    bases.copy("with a trial file", root)
    bases.run(root, "trial", "plan", "clinic", "trial.toml", "--runs", "100")


def _make_backed_up(bases: Bases, root: Path) -> None:
    """Put an earlier backup in the place of the next one."""
    bases.copy("recorded", root)
    bases.run(root, "journal", "clinic", "--backup", "copy.db")
    bases.run(root, "record", "clinic", "opening_set", "--therapist", "{open}", "--openings", "3")


def _make_behind(bases: Bases, root: Path) -> None:
    """Take a backup of two events, with a journal that has only the first."""
    bases.copy("backed up", root)
    journal, later = root / "clinic" / "artifacts" / "journal.db", root / "later.db"
    bases.run(root, "journal", "clinic", "--backup", "later.db")
    shutil.copyfile(root / "copy.db", journal)
    later.replace(root / "copy.db")


def _make_lost(bases: Bases, root: Path) -> None:
    """Lose the journal, with a backup that has it all."""
    bases.copy("behind its backup", root)
    (root / "clinic" / "artifacts" / "journal.db").unlink()


def _make_files(bases: Bases, root: Path) -> None:
    """Put files in the place of those that commands will write: they must survive a run that is cut short."""
    bases.copy("logged", root)
    for name in ("list.csv", "places.csv", "card.md", "fairness.html"):
        (root / name).write_text("a file that was here before\n")


def _make_converted(bases: Bases, root: Path) -> None:
    """Convert an earlier state of the clinic, with a file of a person and artifacts in the folder."""
    bases.copy("trained", root)
    clients = root / "clinic" / "clients.csv"
    content = clients.read_text()
    clients.write_text("".join(content.splitlines(keepends=True)[:-1]))
    bases.run(root, "convert", "clinic", "--out", "out")
    clients.write_text(content)
    (root / "out" / "notes.txt").write_text("a file of a person\n")
    bases.run(root, "rank", "out", "--waiting")


def _make_empty_folder(bases: Bases, root: Path) -> None:
    """Make the target of a conversion before: a folder with a file of a person."""
    bases.copy("trained", root)
    (root / "out").mkdir()
    (root / "out" / "notes.txt").write_text("a file of a person\n")


def _make_demo(bases: Bases, root: Path) -> None:
    """Make an earlier demo, of another seed."""
    root.mkdir(parents=True)
    bases.run(root, "demo", "made", "--seed", "1")


BASES: dict[str, Callable[[Bases, Path], None]] = {
    "nothing": _make_nothing,
    "plain": _make_plain,
    "trained": _make_trained,
    "trained twice": _make_trained_twice,
    "logged": _make_logged,
    "recorded": _make_recorded,
    "with one who left": _make_left,
    "with a trial file": _make_with_trial_file,
    "with a trial": _make_with_trial,
    "backed up": _make_backed_up,
    "behind its backup": _make_behind,
    "without its journal": _make_lost,
    "with files": _make_files,
    "converted": _make_converted,
    "empty folder": _make_empty_folder,
    "demo": _make_demo,
}
