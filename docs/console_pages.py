"""Run the commands that a page shows, and write what they print today into the page: ``python -m docs.console_pages``.

A block of ``console`` holds commands, each after ``$``, and what they print on standard output: not the notes. The
commands of a page run in the order of the page, in one empty folder, as in a terminal of 90 columns of a user called
ana.
"""

from __future__ import annotations

import contextlib
import re
import shlex
import subprocess
import tempfile
from pathlib import Path

from typer.testing import CliRunner

FOLDER = Path(__file__).resolve().parent
PAGES = ("journal.md",)
BLOCK = re.compile(r"(?<=```console\n)\$ .*?(?=\n```)", re.DOTALL)
HEAD = re.compile(r" \| head -(\d+)$")  # done here, so that no process is started for each command
ENVIRONMENT = {"COLUMNS": "90", "NO_COLOR": "1", "TERM": "dumb", "LOGNAME": "ana"}


def run_page(text: str) -> str:
    """Return a page with what its commands print today.

    Raises
    ------
    RuntimeError
        If a command fails.
    """
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        return BLOCK.sub(lambda block: "\n".join(map(_run_command, list_commands(block[0]))), text)


def list_commands(block: str) -> list[str]:
    r"""Return the commands of a block, without the sign before them and what they print.

    >>> list_commands("$ attune --version\nattune 1\n$ ls")
    ['attune --version', 'ls']
    """
    return [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]


def _run_command(command: str) -> str:
    """Run one command and return it with what it prints, without spaces at the ends of lines."""
    head = HEAD.search(command)
    words = shlex.split(HEAD.sub("", command), comments=True)
    printed = _run_attune(words[1:]) if words[0] == "attune" else _run_in_shell(command)
    lines = [line.rstrip() for line in printed.splitlines()]
    while lines and not lines[0]:
        del lines[0]
    while lines and not lines[-1]:
        del lines[-1]
    return "\n".join([f"$ {command}", *lines[: int(head[1]) if head else None]])


def _run_attune(words: list[str]) -> str:
    from attune_fit.app.cli import app

    done = CliRunner(env=ENVIRONMENT).invoke(app, words)
    if done.exit_code:
        raise RuntimeError(f"`attune {shlex.join(words)}` failed: {done.output}") from done.exception
    return done.stdout


def _run_in_shell(command: str) -> str:
    done = subprocess.run(command, shell=True, check=True, capture_output=True, text=True)  # noqa: S602  (our own page)
    return done.stdout


def main() -> None:
    """Write the pages anew."""
    for name in PAGES:
        path = FOLDER / name
        text = path.read_text(encoding="utf-8")
        path.write_text(run_page(text), encoding="utf-8", newline="\n")
        print(name)


if __name__ == "__main__":
    main()
