"""Write what ``make demo`` prints today into README.md: ``python -m docs.first_screen``."""

from __future__ import annotations

import contextlib
import re
import tempfile
from pathlib import Path

from typer.testing import CliRunner

README = Path(__file__).resolve().parent.parent / "README.md"
FIRST_SCREEN = re.compile(r"(?<=\$ make demo\n).*?(?=\n```)", re.DOTALL)


def print_demo() -> str:
    """Return what ``attune demo demo`` prints in a terminal of 90 columns, without spaces at the ends of lines.

    Raises
    ------
    RuntimeError
        If the command fails.
    """
    from attune_fit.app.cli import app

    runner = CliRunner(env={"COLUMNS": "90", "NO_COLOR": "1", "TERM": "dumb"})
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        done = runner.invoke(app, ["demo", "demo"])
    if done.exit_code:
        raise RuntimeError(f"`attune demo` failed: {done.output}")
    return "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())


def main() -> None:
    """Write the first screen of README.md anew."""
    text = README.read_text(encoding="utf-8")
    screen = print_demo()
    README.write_text(FIRST_SCREEN.sub(lambda _: screen, text, count=1), encoding="utf-8", newline="\n")
    print(README.name)


if __name__ == "__main__":
    main()
