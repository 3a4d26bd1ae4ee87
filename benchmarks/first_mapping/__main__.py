"""Measure `attune init --yes` on two sets of folders: ``python -m benchmarks.first_mapping`` writes its page.

The rules of `attune init` were made with the development set. The held-out set came later; no rule is tuned on it.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Collection, Mapping
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.first_mapping.line_scores import LineScore, list_faults, score_mapping
from docs.tables import format_table

PAGE = Path("docs/first-mapping.md")
FOLDERS = Path(__file__).resolve().parent
SETS = {  # package with the folders of a set: its title, and how it came about
    "clinics": (
        "Development set",
        "The rules of `attune init` were made with these folders. So this share is too high for another clinic.",
    ),
    "held_out": (
        "Held-out set",
        "Made afterwards, by an author who had not seen the rules. No rule is tuned on these folders. So this\n"
        "share is closer to that of another clinic. These folders are made up as well. The first run on them gave one\n"
        "general rule: a line by which most cells cannot be read is left out. Before it, three of the ten stopped\n"
        "at an error.",
    ),
}
PROGRAM = "from attune_fit.app.cli import main; main()"
HEADERS = ("folder", "what it is", "expected", "equal", "share", "wrong", "left out", "added")
SetScores = Mapping[str, LineScore]


def list_clinics(package: str) -> list[str]:
    """List the names of the folders of a set: a module with ``write_folder`` and a TOML file for each."""
    return sorted(path.stem for path in (FOLDERS / package).glob("*.toml"))


def read_expected(package: str, name: str) -> dict[str, Any]:
    """Read the mapping that a careful person would write for a folder."""
    return tomllib.loads((FOLDERS / package / f"{name}.toml").read_text(encoding="utf-8"))


def write_folder(package: str, name: str, folder: Path) -> None:
    """Write the files of a made-up clinic, without a ``clinic.toml``."""
    import_module(f"benchmarks.first_mapping.{package}.{name}").write_folder(folder)


def measure(package: str, name: str) -> LineScore:
    """Score what `attune init --yes` writes for a folder; it writes nothing where it cannot find the tables."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_folder(package, name, folder)
        subprocess.run([sys.executable, "-P", "-c", PROGRAM, "init", str(folder), "--yes"], capture_output=True)
        path = folder / "clinic.toml"
        found = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return score_mapping(read_expected(package, name), found)


def format_page(scores: Mapping[str, SetScores]) -> str:
    """Format the page: for each set the shares, then the names of the lines that are wrong."""
    return _PAGE + "".join(_format_set(package, one) for package, one in scores.items())


def _format_set(package: str, scores: SetScores) -> str:
    title, origin = SETS[package]
    faults = format_names({name: list_faults(score) for name, score in scores.items()})
    return _SECTION.format(
        title=title, origin=origin, sums=format_sums(scores), faults=faults or "None.",
        table=format_table(HEADERS, [_format_row(package, name, score) for name, score in scores.items()]),
    )  # fmt: skip


def format_sums(scores: SetScores) -> str:
    """Format the share of the expected lines of a set that came out equal, and the number of wrong lines."""
    expected, equal = sum(one.expected for one in scores.values()), sum(len(one.equal) for one in scores.values())
    wrong = sum(len(list_faults(one)) for one in scores.values())
    return (
        f"{equal / expected:.0%} of the expected lines come out equal ({equal} of {expected}). {wrong} lines are wrong."
    )


def _format_row(package: str, name: str, score: LineScore) -> tuple[str, ...]:
    module = import_module(f"benchmarks.first_mapping.{package}.{name}")
    description = (module.__doc__ or "").strip().rstrip(".")
    counts = (score.expected, len(score.equal), f"{len(score.equal) / score.expected:.0%}", len(list_faults(score)))
    return (name, description, *map(str, (*counts, len(score.left_out), len(score.added))))


def format_names(names: Mapping[str, Collection[str]]) -> str:
    """Format the names of lines of each folder that has any."""
    return "\n".join(f"- {name}: " + ", ".join(f"`{one}`" for one in lines) for name, lines in names.items() if lines)


_PAGE = """\
# How much of a first mapping is right?

Written by `python -m benchmarks.first_mapping`. It runs `attune init --yes` on folders of small made-up clinics, and
compares the `clinic.toml` with the one of a careful person. There are two sets of ten folders.

- **A line** is a key of a table, a column with its header, or one detail of a column such as `split`. A `codes` table
  is equal where 90% of its rows are. Lines that repeat a default, and lines that a `source` fills, do not count.
- **Wrong**: the line has another value, or a column has a header that it should not have.
- **Left out**: the line is not there. Without `--yes`, `attune init` asks about many of these.
- **Added**: lines that were not expected and are no columns. They can be right, such as codes that rename words.
"""
_SECTION = """
## {title}

{origin}
{sums}

{table}
Wrong lines:

{faults}
"""


def main() -> None:
    """Measure every folder of both sets; write and print the page, and print the lines that are left out."""
    scores: dict[str, dict[str, LineScore]] = {package: {} for package in SETS}
    for package, measured in scores.items():
        for name in list_clinics(package):
            measured[name] = measure(package, name)
            counts = f"{len(measured[name].equal)} of {measured[name].expected}"
            print(f"{package}, {name}: {counts}", file=sys.stderr, flush=True)
    PAGE.write_text(format_page(scores), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))
    for package, measured in scores.items():
        left_out = format_names({name: score.left_out for name, score in measured.items()})
        print(f"{SETS[package][0]}, left out:\n{left_out}")


if __name__ == "__main__":
    main()
