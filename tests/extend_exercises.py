"""The exercises of docs/extend.md, read from the page, and a copy of the repository to do them in."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
PAGE = HOME / "docs" / "extend.md"
PARTS = ("data", "features", "models", "training", "matching", "app")
STEPS = ("diff", "python", "console")


@dataclass(frozen=True)
class Step:
    """One fenced block: a ``diff`` to apply, a ``python`` script to run, or a ``console`` session to compare."""

    kind: str
    text: str


@dataclass(frozen=True)
class Exercise:
    """One section of the page: its steps in order, and the list at its end."""

    number: int
    title: str
    steps: tuple[Step, ...]
    after: tuple[int, ...]
    files: frozenset[str]
    updated_tests: frozenset[str]
    generated: frozenset[str]
    recorded: frozenset[str]
    tests: tuple[str, str]

    @property
    def edited(self) -> frozenset[str]:
        """Every file that the reader edits."""
        return self.files | self.updated_tests


def read_exercises() -> dict[int, Exercise]:
    """Return the exercises of the page by their number."""
    _, *parts = re.split(r"^## (\d+)\. (.+)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {
        int(number): _parse_exercise(int(number), title, re.split(r"^## ", text, flags=re.MULTILINE)[0])
        for number, title, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    }


def _parse_exercise(number: int, title: str, text: str) -> Exercise:
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    unknown = {kind for kind, _ in blocks} - set(STEPS)
    if unknown:
        raise ValueError(f"{PAGE.name}, exercise {number}: blocks {', '.join(sorted(unknown))}")

    def list_quoted(label: str) -> list[str]:
        line = re.search(rf"^- \*\*{label}\*\*:(.*(?:\n  .*)*)", text, flags=re.MULTILINE)
        return re.findall(r"`([^` ]+)`", line[1]) if line else []

    after = re.search(r"^- \*\*After\*\*: exercises? ([\d, and]+)", text, flags=re.MULTILINE)
    return Exercise(
        number,
        title,
        tuple(Step(kind, block) for kind, block in blocks),
        tuple(map(int, re.findall(r"\d+", after[1]))) if after else (),
        frozenset(list_quoted("Files")),
        frozenset(list_quoted("Tests to update")),
        frozenset(list_quoted("Rewritten by `make docs`")),
        frozenset(list_quoted("Rewritten by `make start golden`")),
        _parse_tests(text, number),
    )


def _parse_tests(text: str, number: int) -> tuple[str, str]:
    """Return the file of the shared tests, and the word that selects those of the new row."""
    found = re.search(r"^- \*\*Tests\*\*: `pytest (\S+) -k (\S+)`", text, flags=re.MULTILINE)
    if found is None:
        raise ValueError(f"{PAGE.name}, exercise {number}: no `pytest FILE -k WORD`")
    return found[1], found[2]


class RepositoryCopy:
    """A copy of the repository's own files, in a git repository of its own; ``attune_fit`` is the copy's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        listed = _git(HOME, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
        for name in filter(None, listed):
            if (HOME / name).exists():  # a file that is deleted and not yet committed is listed too
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(HOME / name, folder / name)
        _git(folder, "init", "--quiet")
        for part in PARTS:  # the front door's folder comes first on the path: its parts must be the copy's
            (folder / "attune_fit" / part).symlink_to(f"../{part}")
        self._write_programs()
        (folder / ".cache" / "tmp").mkdir(parents=True)
        excluded = [*(f"attune_fit/{part}" for part in PARTS), ".programs/"]
        (folder / ".git" / "info" / "exclude").write_text("\n".join(excluded) + "\n")
        self.run("make docs")  # the pages of the working tree might wait for it
        self.commit()
        self.base = _git(folder, "rev-parse", "HEAD").strip()

    def _write_programs(self) -> None:
        """Write ``attune``, ``python`` and ``make`` as a developer has them; nothing is installed anew."""
        programs = {
            "python": f'exec "{sys.executable}" "$@"',
            "attune": f'exec "{sys.executable}" -c "from attune_fit.app.cli import main; main()" "$@"',
            "make": f'exec "{shutil.which("make")}" -s -o .venv/run.stamp -o .venv/dev.stamp BIN=.programs "$@"',
        }
        for name, command in programs.items():
            path = self.folder / ".programs" / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"#!/bin/sh\n{command}\n")
            path.chmod(0o755)

    def run(self, command: str, script: str | None = None) -> str:
        """Return what a command prints on standard output, without spaces at the ends of lines.

        Raises
        ------
        AssertionError
            If it fails, with all it printed.
        """
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV_", "GIT_"))}
        clean |= {
            "COLUMNS": "90",
            "NO_COLOR": "1",
            "TERM": "dumb",
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": str(self.folder),
        }
        clean["PATH"] = f"{self.folder / '.programs'}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder, env=clean, input=script, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise AssertionError(f"`{command}` failed:\n{done.stdout}{done.stderr}")
        return "\n".join(line.rstrip() for line in done.stdout.strip("\n").splitlines())

    def apply_diff(self, diff: str) -> None:
        """Apply a diff.

        Raises
        ------
        AssertionError
            If the code has moved, so that the lines around a change are no longer there.
        """
        done = subprocess.run(
            ["git", "apply", "--whitespace=error-all", "-"],
            cwd=self.folder, input=diff, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise AssertionError(f"the diff does not apply:\n{done.stderr}")

    def list_changed(self) -> set[str]:
        """Return the files that differ from the last commit, also new ones."""
        lines = _git(self.folder, "status", "--porcelain", "--untracked-files=all").splitlines()
        return {line[3:] for line in lines}

    def commit(self) -> None:
        """Make this state the one that changes are compared with."""
        _git(self.folder, "add", "--all")
        author = ("-c", "user.name=reader", "-c", "user.email=")
        _git(self.folder, *author, "commit", "--quiet", "--allow-empty", "--message", "step")

    def reset(self) -> None:
        """Return to the repository as it is, with a new demo clinic."""
        _git(self.folder, "reset", "--quiet", "--hard", self.base)
        _git(self.folder, "clean", "-d", "--force", "--quiet")
        self.run("rm -rf demo; cp -r data/synthetic/sample demo")


def _git(folder: Path, *words: str) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(["git", *words], cwd=folder, env=clean, check=True, capture_output=True, text=True).stdout


def split_session(session: str) -> list[tuple[str, str]]:
    """Return the commands of a console session, each with the output to expect.

    >>> split_session("$ a\\n$ b\\n1\\n2\\n")
    [('a', ''), ('b', '1\\n2')]
    """
    _, *parts = re.split(r"^\$ (.+)$", session, flags=re.MULTILINE)
    return [(command, output.strip("\n")) for command, output in zip(parts[::2], parts[1::2], strict=True)]


def is_as_expected(expected: str, printed: str) -> bool:
    """Return whether a command printed what the page shows; ``...`` is any text, alone on a line any lines.

    >>> is_as_expected("a ... c\\n...\\nd", "a b c\\n1\\n2\\nd"), is_as_expected("a ...", "b 1")
    (True, False)
    """
    lines = [
        r"(?:[^\n]*\n)*?[^\n]*" if line.strip() == "..." else re.escape(line.rstrip()).replace(r"\.\.\.", r"[^\n]*")
        for line in expected.splitlines()
    ]
    return re.fullmatch("\n".join(lines), printed) is not None


def take_step(copy: RepositoryCopy, step: Step) -> None:
    """Do one step as a reader does it.

    Raises
    ------
    AssertionError
        If the diff does not apply, a command fails, or its output is another.
    """
    if step.kind == "diff":
        copy.apply_diff(step.text)
    elif step.kind == "python":
        copy.run("python -", step.text)
    else:
        for command, expected in split_session(step.text):
            printed = copy.run(command)
            assert is_as_expected(expected, printed), f"$ {command}\n{printed}\n--- the page shows:\n{expected}"
