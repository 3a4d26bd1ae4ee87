"""A clinic in several files, in joined files or in parts reads as the same clinic with one file for each table."""

from __future__ import annotations

import csv
import json
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.tables import Tables
from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.reading.read_clinic import read_tables
from tests.data.reading.clinic_files import ClinicFiles, Rows
from tests.test_unreadable_cells import FILES, build_toml, draw_changes

FRAMES = ("clients", "therapists", "preferences", "outcomes", "conflicts")
KEYS = {"clients": "client_id", "therapists": "therapist_id"}
Change = dict[tuple[str, int, int], str]


def write_rows(path: Path, rows: Rows) -> None:
    """Write rows as CSV."""
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def split_rows(folder: Path, table: str, rows: Rows, chance: random.Random) -> list[str]:
    """Write the rows in two files, with their columns in an order of their own; return the names."""
    head, body = rows[0], rows[1:]
    cut = chance.randint(1, len(body) - 1)
    for number, part in enumerate((body[:cut], body[cut:])):
        order = chance.sample(range(len(head)), len(head))
        write_rows(folder / f"{table}_{number}.csv", [[row[one] for one in order] for row in [head, *part]])
    return [f"{table}_0.csv", f"{table}_1.csv"]


def stack_table(folder: Path, table: str, rows: Rows, chance: random.Random) -> str:
    """Split the rows of a table into two files, one below the other."""
    return f"files = {json.dumps(split_rows(folder, table, rows, chance))}\n"


def part_table(folder: Path, table: str, rows: Rows, chance: random.Random) -> str:
    """Split the rows of a table into two parts."""
    parts = [f'{{ file = "{name}" }}' for name in split_rows(folder, table, rows, chance)]
    return f"parts = [{', '.join(parts)}]\n"


def join_table(folder: Path, table: str, rows: Rows, chance: random.Random) -> str:
    """Move columns of people to a file of its own, in another order of rows; other tables stay as they are."""
    if table not in KEYS:
        write_rows(folder / f"{table}.csv", rows)
        return ""
    ids = rows[0].index(KEYS[table])
    others = [column for column in range(len(rows[0])) if column != ids]
    moved = chance.sample(others, chance.randint(1, len(others) - 1))
    write_rows(folder / f"{table}.csv", [[row[one] for one in (ids, *others) if one not in moved] for row in rows])
    second = [["person", *(rows[0][one] for one in moved)]]
    second += [[row[ids], *(row[one] for one in moved)] for row in chance.sample(rows[1:], len(rows) - 1)]
    write_rows(folder / f"{table}_more.csv", second)
    return f'join = [{{ file = "{table}_more.csv", key = "person" }}]\n'


SHAPES: dict[str, Callable[[Path, str, Rows, random.Random], str]] = {
    "stacked": stack_table,
    "joined": join_table,
    "parts": part_table,
}


def read_clinic(folder: Path) -> Tables | tuple[Fault, ...]:
    """Return the tables, or the faults where there is an error."""
    try:
        return read_tables(Clinic.open(folder))
    except DataFault as error:
        return error.faults


def spoil_files(changes: Change) -> ClinicFiles:
    """Return the clinic with some cells that cannot be read."""
    files = FILES.copy()
    files.toml = build_toml()
    for (table, row, column), text in changes.items():
        files.tables[table][row][column] = text
    return files


def describe_warnings(faults: tuple[Fault, ...]) -> set[tuple[str, str, str, str]]:
    """Return what faults are about, for each person, without their rows: each part has a fault of its own."""
    return {(fault.id, fault.table, fault.column, one) for fault in faults for one in fault.sets_aside or ("",)}


@pytest.mark.parametrize("shape", SHAPES)
@settings(deadline=None, max_examples=6)
@given(changes=draw_changes(), seed=st.integers(0, 999))
def test_a_clinic_in_another_shape_reads_the_same(shape: str, changes: Change, seed: int) -> None:
    files, chance = spoil_files(changes), random.Random(seed)  # noqa: S311  (a test draws, it keeps no secret)
    with tempfile.TemporaryDirectory() as place:
        one = read_clinic(files.write(Path(place) / "one"))
        other = Path(place) / "other"
        other.mkdir()
        toml = files.toml
        for table, rows in files.tables.items():
            keys = SHAPES[shape](other, table, rows, chance)
            section = f"[tables.{table}.columns]\n"
            toml = toml.replace(section, f"[tables.{table}]\n{keys}{section}") if section in toml else (
                f"{toml}[tables.{table}]\n{keys}" if keys else toml)  # fmt: skip
        (other / "clinic.toml").write_text(toml)
        shaped = read_clinic(other)
    if isinstance(one, tuple) or isinstance(shaped, tuple):
        assert isinstance(shaped, tuple), "an error in one file is an error in several"
        assert isinstance(one, tuple) or shape == "parts", (
            shaped
        )  # most cells of a part can be bad, and few of the table
        return
    assert (shaped.unreadable, shaped.met_client_ids) == (one.unreadable, one.met_client_ids)
    assert describe_warnings(shaped.warnings) == describe_warnings(one.warnings)
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(shaped, name), getattr(one, name), check_like=True)


@settings(deadline=None, max_examples=8)
@given(cells=st.lists(st.sampled_from(["", "4", "2.5", "high", "9"]), min_size=6, max_size=6))
def test_wide_sessions_read_as_a_row_for_each(cells: list[str]) -> None:
    people = [("c1", "t1", cells[:3]), ("c2", "t2", cells[3:])]
    wide = [["client_id", "therapist_id", "s1", "s2", "s3"], *([*ids, *scores] for *ids, scores in people)]
    long = [["client_id", "therapist_id", "session", "score"]]
    long += [[*ids, str(number), cell] for *ids, scores in people for number, cell in enumerate(scores, 1) if cell]
    keys = '[tables.outcomes]\ninstrument = "WAI-SR"\n'
    found = []
    for rows, more in ((wide, 'columns = { score = "s{session}" }\n'), (long, "")):
        files = FILES.copy()
        files.tables["outcomes"] = rows
        files.toml = build_toml() + keys + more
        with tempfile.TemporaryDirectory() as place:
            found.append(read_clinic(files.write(Path(place) / "clinic")))
    first, second = found
    assert isinstance(first, tuple) == isinstance(second, tuple)
    if isinstance(first, Tables) and isinstance(second, Tables):
        pd.testing.assert_frame_equal(first.outcomes, second.outcomes, check_like=True)
        assert first.met_client_ids == second.met_client_ids
