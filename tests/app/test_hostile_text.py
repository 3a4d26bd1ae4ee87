"""Every command prints what data holds: nothing of it acts on the terminal, whatever its encoding."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import attune_fit as af
from attune_fit.app import cli
from tests.conftest import SAMPLE

ESCAPES = "\x1b\x9b\x07\u202e\u2066\u200b"  # clear the screen, ring, turn the direction of text, are not seen
# as Attune reads the ids: the cells hold escape sequences and signs of direction too
CLIENT, THERAPIST = "c0061[/b][2J", "=t06[red]$x^$31m"
CELLS = {"client_id": {"c0061": "c0061[/b]\x1b[2J\u202e"}, "therapist_id": {"t06": "=t06[red]$x^$\x9b31m\u200b"}}
LONG_COMMANDS = (
    "assign",
    "models",
    "why-not",
    "explain",
    "fairness",
    "convert",
    "capacity",
    "replay",
    "relax",
    "follow-up",
)
ENCODINGS = ("ascii", "cp1252", "utf-8")
REPOSITORY = Path(cli.__file__).parent.parent
COMMANDS = (  # the exit code that is right, and the words
    (0, "check", "CLINIC"),
    (0, "check", "CLINIC", "--json"),
    (0, "rank", "CLINIC", "--client", CLIENT, "--why"),
    (0, "rank", "CLINIC", "--waiting"),
    (0, "rank", "CLINIC", "--client", CLIENT, "--json"),
    (0, "rank", "CLINIC", "--waiting", "--out", "CLINIC [/b]list.csv"),
    (1, "rank", "CLINIC", "--client", "absent[/b]\x1b[2J\u202e"),
    (1, "rank", "CLINIC", "--client", "broken \udcff"),
    (1, "rank", "CLINIC", "--client", "broken \udcff", "--json"),
    (0, "log", "CLINIC", "--client", "broken \udcff"),
    (1, "assign", "CLINIC", "--pin", "broken \udcff=t02"),
    (2, "follow-up", "CLINIC", "--[/b]\x1b[2J"),
    (2, "rank", "CLINIC", "--shortlist", "[/b]\x1b[2J"),
    (1, "rank", "CLINIC[/b]\x1b[2J", "--waiting"),
    (0, "explain", "CLINIC", "--client", CLIENT, "--therapist", THERAPIST),
    (0, "why-not", "CLINIC", "--client", CLIENT, "--therapist", THERAPIST),
    (0, "relax", "CLINIC", "--client", CLIENT),
    (1, "rematch", "CLINIC", "--client", CLIENT),
    (0, "follow-up", "CLINIC"),
    (0, "capacity", "CLINIC"),
    (0, "assign", "CLINIC", "--out", "CLINIC [/b]placed.csv"),
    (1, "assign", "CLINIC", "--pin", f"{CLIENT}={THERAPIST}"),
    (2, "assign", "CLINIC", "--pin", "[/b]\x1b[2J"),
    (0, "fairness", "CLINIC", "--all"),
    (0, "log", "CLINIC"),
    (0, "log", "CLINIC", "--verify"),
    (0, "replay", "CLINIC", "1"),
    (0, "record", "CLINIC"),
    (1, "record", "CLINIC", "[/b]\x1b[2J", "--client", CLIENT),
    (1, "record", "CLINIC", "offered", "--client", CLIENT, "--therapist", "absent[/b]\x1b[2J", "--until", "\x1b[2J"),
    (1, "record", "CLINIC", "client_changed", "--client", CLIENT, "--set", "payer=[/b]\x1b[2J"),
    (2, "record", "CLINIC", "client_changed", "--client", CLIENT, "--set", "[/b]\x1b[2J"),
    (1, "record", "CLINIC", "undone", "1", "--because", "x", "--actor", "[/b]\x1b[2J"),
    (0, "journal", "CLINIC"),
    (0, "journal", "CLINIC", "--json"),
    (0, "journal", "CLINIC", "--client", "[/b]\x1b[2J"),
    (0, "journal", "CLINIC", "--verify"),
    (1, "journal", "CLINIC", "--restore", "[/b]\x1b[2J"),
    (1, "journal", "CLINIC", "--forget-client", "[/b]\x1b[2J"),
    (1, "journal", "CLINIC", "--from", "[/b]\x1b[2J"),
    (0, "models", "list", "CLINIC"),
    (0, "models", "card", "CLINIC", "day0"),
    (1, "models", "promote", "CLINIC", "[/b]\x1b[2J", "--because", "x"),
    (0, "convert", "CLINIC", "--out", "CLINIC [/b]copy"),
    (0, "doctor"),
    (2, "nothing[/b]\x1b[2J"),
    (0, "--help"),
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clinic whose ids, codes, name and folder hold markup, escape sequences and signs of direction."""
    folder = tmp_path_factory.mktemp("hostile") / "clinic [old]"
    shutil.copytree(SAMPLE, folder)
    for path in folder.glob("*.csv"):
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
        rows = rows.replace(CELLS)
        rows = rows.replace(
            {"payer": {"plan b": "plan [b]\x1b]0;b\x07"}, "race_ethnicity": {"white": "$w^$[/x]\u2066"}}
        )
        rows.to_csv(path, index=False)
    (folder / "clinic.toml").write_text('[clinic]\nname = "[/b]\\u001b[2J"\nas_of = 2026-01-05\n')
    clinic = af.open_clinic(folder)
    clinic.rank(CLIENT, log=True)  # the line that `replay` repeats
    clinic.record("offered", client="c0077", therapist=THERAPIST, actor="[/b] [red]")
    return folder


@pytest.fixture
def run(hostile: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str, str]]:
    """Run a command as a terminal of an encoding would; return the exit code and both outputs."""

    def run_command(words: Sequence[str], encoding: str) -> tuple[int, str, str]:
        streams = [io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True) for _ in range(2)]
        with monkeypatch.context() as patch:
            patch.setattr("attune_fit.models.lightgbm_loading.suppress_scikit_learn", lambda: None)
            patch.setattr(sys, "argv", ["attune", *(word.replace("CLINIC", str(hostile)) for word in words)])
            patch.setattr(sys, "stdout", streams[0])
            patch.setattr(sys, "stderr", streams[1])
            patch.setenv("NO_COLOR", "1")
            patch.setenv("COLUMNS", "300")
            with pytest.raises(SystemExit) as stop:
                cli.main()
        out, err = (stream.buffer.getvalue().decode(encoding) for stream in streams)
        code = stop.value.code
        return (code if isinstance(code, int) else 0 if code is None else 1), out, err

    return run_command


def build_cases() -> Iterator[Any]:
    """Yield a case for each command and encoding; the fast tests print ASCII, and leave out what takes long."""
    for code, *words in COMMANDS:
        name = re.sub(r"[^\w-]+", " ", " ".join(words)).strip()
        for encoding in ENCODINGS:
            is_slow = encoding != "ascii" or words[0] in LONG_COMMANDS
            yield pytest.param(code, words, encoding, marks=[pytest.mark.slow] * is_slow, id=f"{encoding}: {name}")


@pytest.mark.parametrize(("code", "words", "encoding"), list(build_cases()))
def test_every_command_prints_on_every_encoding_and_no_data_acts_on_the_terminal(
    code: int, words: list[str], encoding: str, run: Callable[..., tuple[int, str, str]]
) -> None:
    done, out, err = run(words, encoding)
    assert done == code, err
    assert not set(ESCAPES) & set(out + err)
    assert "Traceback" not in err
    if "--json" in words:
        json.loads(out)


def test_brackets_of_ids_and_paths_are_printed_as_they_are(
    hostile: Path, run: Callable[..., tuple[int, str, str]]
) -> None:
    _, out, err = run(("rank", "CLINIC", "--client", CLIENT), "utf-8")
    assert CLIENT in out
    assert f'Next: attune train "{hostile}"' in err.replace("\n", "")  # one word of a command, brackets and all
    _, out, _ = run(("rank", "CLINIC", "--waiting", "--out", "CLINIC [/b]list.csv"), "utf-8")
    assert "clinic [old] [/b]list.csv" in out.replace("\n", "")
    assert (hostile.parent / "clinic [old] [/b]list.csv").exists()


def test_a_terminal_without_utf_8_gets_the_list(hostile: Path) -> None:
    plain = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PATH": os.environ["PATH"]}
    command = [sys.executable, "-c", "from attune_fit.app.cli import main; main()", "rank", str(hostile), "--waiting"]
    done = subprocess.run(command, env=plain, capture_output=True, check=False)
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False), done.stderr
    assert CLIENT.encode() in done.stdout


def test_only_the_console_of_app_terminal_prints() -> None:
    allowed = {"console.py", "errors.py", "cli.py"}  # errors.py and cli.py: `typer.echo` and the JSON of faults
    for path in (REPOSITORY / "app").rglob("*.py"):
        found = re.findall(
            r"(?<![\w.])(?:Console|print|typer\.echo|pprint)\(|sys\.std(?:out|err)", path.read_text("utf-8")
        )
        assert not found or path.name in allowed, f"{path.name}: print through app/terminal/console.py"


@pytest.mark.parametrize(("command", "more"), [("rank", ("--waiting",)), ("assign", ())])
def test_a_text_file_for_people_holds_no_formula_and_one_for_programs_holds_the_ids(
    command: str, more: tuple[str, ...], hostile: Path, run: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    cells = {}
    for form in ((), ("--raw",)):
        target = tmp_path / f"list{len(form)}.csv"
        assert run((command, "CLINIC", *more, "--out", str(target), *form), "utf-8")[0] == 0
        cells[form] = pd.read_csv(target, dtype=str, keep_default_na=False)
    people, programs = cells.values()
    assert THERAPIST in set(programs["therapist_id"])
    assert f"'{THERAPIST}" in set(people["therapist_id"])
    text = people.drop(columns=[name for name in people if pd.to_numeric(people[name], errors="coerce").notna().any()])
    assert not any(str(cell).startswith(("=", "+", "-", "@")) for cell in text.to_numpy().ravel())
