"""Measure `attune init --yes` on ten folders: ``python -m benchmarks.first_mapping`` writes docs/first-mapping.md.

The author of the folders and of the expected mappings had not seen the rules of `attune init`.
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
CLINICS = Path(__file__).resolve().parent / "clinics"
PROGRAM = "from attune_fit.app.cli import main; main()"
HEADERS = ("folder", "what it is", "expected", "equal", "share", "wrong", "left out", "added")


def list_clinics() -> list[str]:
    """List the names of the folders: a module with ``write_folder`` and a TOML file for each."""
    return sorted(path.stem for path in CLINICS.glob("*.toml"))


def read_expected(name: str) -> dict[str, Any]:
    """Read the mapping that a careful person would write for a folder."""
    return tomllib.loads((CLINICS / f"{name}.toml").read_text(encoding="utf-8"))


def write_folder(name: str, folder: Path) -> None:
    """Write the files of a made-up clinic, without a ``clinic.toml``."""
    import_module(f"benchmarks.first_mapping.clinics.{name}").write_folder(folder)


def measure(name: str) -> LineScore:
    """Score what `attune init --yes` writes for a folder; it writes nothing where it cannot find the tables."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_folder(name, folder)
        subprocess.run([sys.executable, "-P", "-c", PROGRAM, "init", str(folder), "--yes"], capture_output=True)
        path = folder / "clinic.toml"
        found = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return score_mapping(read_expected(name), found)


def format_page(scores: Mapping[str, LineScore]) -> str:
    """Format the page: the shares, then the names of the lines that are wrong."""
    expected, equal = sum(one.expected for one in scores.values()), sum(len(one.equal) for one in scores.values())
    wrong = sum(len(list_faults(one)) for one in scores.values())
    return _PAGE.format(
        share=f"{equal / expected:.0%}", equal=equal, expected=expected, wrong=wrong,
        table=format_table(HEADERS, [_format_row(name, score) for name, score in scores.items()]),
        faults=format_names({name: list_faults(score) for name, score in scores.items()}),
    )  # fmt: skip


def _format_row(name: str, score: LineScore) -> tuple[str, ...]:
    description = (import_module(f"benchmarks.first_mapping.clinics.{name}").__doc__ or "").strip().rstrip(".")
    counts = (score.expected, len(score.equal), f"{len(score.equal) / score.expected:.0%}", len(list_faults(score)))
    return (name, description, *map(str, (*counts, len(score.left_out), len(score.added))))


def format_names(names: Mapping[str, Collection[str]]) -> str:
    """Format the names of lines of each folder that has any."""
    return "\n".join(f"- {name}: " + ", ".join(f"`{one}`" for one in lines) for name, lines in names.items() if lines)


_PAGE = """\
# How much of a first mapping is right?

Written by `python -m benchmarks.first_mapping`. It runs `attune init --yes` on ten folders of small made-up clinics,
and compares the `clinic.toml` with the one of a careful person. Their author had not seen the rules of `attune init`. The
rules were then improved on these folders: a folder that they have not met can come out worse.
{share} of the expected lines come out equal ({equal} of {expected}). {wrong} lines are wrong.

- **A line** is a key of a table, a column with its header, or one detail of a column such as `split`. A `codes` table
  is equal where 90% of its rows are. Lines that repeat a default, and lines that a `source` fills, do not count.
- **Wrong**: the line has another value, or a column has a header that it should not have.
- **Left out**: the line is not there. Without `--yes`, `attune init` asks about many of these.
- **Added**: lines that were not expected and are no columns. They can be right, such as codes that rename words.

{table}
## Wrong lines

{faults}
"""


def main() -> None:
    """Measure every folder; write and print the page, and print the lines that are left out."""
    scores = {}
    for name in list_clinics():
        scores[name] = measure(name)
        print(f"{name}: {len(scores[name].equal)} of {scores[name].expected}", file=sys.stderr, flush=True)
    PAGE.write_text(format_page(scores), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))
    print("Left out:\n" + format_names({name: score.left_out for name, score in scores.items()}))


if __name__ == "__main__":
    main()
