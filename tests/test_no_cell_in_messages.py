"""No message holds a cell of a free column: every such cell is a mark that no message may contain."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune_fit.data.clinic.columns import COLUMNS, TABLES
from attune_fit.data.faults import DataFault
from attune_fit.workspace import Workspace
from tests.conftest import Attune
from tests.data.reading.clinic_files import ClinicFiles, Rows, build_rows

MARK = "zqx"  # in each text that no message may contain; no word of Attune has it
NUMBER_MARK = "7351"  # the same for numbers
LONG = 48  # characters of a mark in a column of codes, of which messages may name only short ones
KINDS = {(column.table, column.name): column.kind for column in COLUMNS}


@dataclass
class MarkedClinic:
    """A clinic whose free cells are marks; each of :data:`FAULTS` spoils something of it."""

    files: ClinicFiles
    random: random.Random
    toml: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in (*TABLES, "")})
    edits: list[tuple[str, Callable[[bytes], bytes]]] = field(default_factory=list)
    numbers: count[int] = field(default_factory=lambda: count(1000))

    def mark(self, table: str = "", name: str = "") -> str:
        """Return a new mark for a cell: long text for a code, text, a number or a date for others."""
        number = next(self.numbers)
        if KINDS.get((table, name)) in ("code", "set"):
            return f"{MARK}{number} ".ljust(LONG, "w")
        texts = (f"{MARK}{number}", f"{MARK} {number}@example.org", f"{number}{MARK},5")
        numbers = (f"{NUMBER_MARK}{number}", f"+{NUMBER_MARK} {number}", f"{NUMBER_MARK}-{number}-99")
        return self.random.choice((*texts, *numbers, f"31/31/{NUMBER_MARK}"))

    def choose_table(self) -> str:
        """Return the name of one of the tables."""
        return self.random.choice(sorted(self.files.tables))

    def choose_rows(self) -> tuple[str, Rows]:
        """Return the name and the rows of one of the tables."""
        table = self.choose_table()
        return table, self.files.tables[table]

    def spoil_cells(self, *names: str, few: bool = True) -> None:
        """Put marks into cells of one of the columns with these names, a few of them or all."""
        places = [(table, name) for table, rows in self.files.tables.items() for name in rows[0] if name in names]
        table, name = self.random.choice(places)
        rows = self.files.tables[table]
        numbers = range(1, len(rows))
        for number in self.random.sample(numbers, 1) if few else numbers:
            rows[number][rows[0].index(name)] = self.mark(table, name)

    def write(self, folder: Path) -> Path:
        """Write the files."""
        self.files.toml = "\n".join(
            ["[clinic]", "as_of = 2026-06-01", *self.toml[""]]
            + [line for table in TABLES if self.toml[table] for line in (f"[tables.{table}]", *self.toml[table])]
        )
        self.files.write(folder)
        for table, edit in self.edits:
            path = folder / f"{table}.csv"
            path.write_bytes(edit(path.read_bytes()))
        return folder


def build_clinic(seed: int) -> MarkedClinic:
    """Return a clinic that reads without an error, with marks in the columns of its own."""
    clinic = MarkedClinic(ClinicFiles({}), random.Random(seed))  # noqa: S311  (a test draws, it keeps no secret)

    def own(table: str, rows: int) -> dict[str, list[str]]:
        return {name: [clinic.mark() for _ in range(rows)] for name in ("Full name", "Remarks", "Contact")}

    clients = {
        "client_id": ["c1", "c2", "c3", "c4"], "age": ["30", "41", "52", "63"], "gender": ["woman", "man", "", "man"],
        "lgbtq": ["yes", "no", "", "no"], "region": ["north"] * 4, "payer": ["public", "plan a", "public", "public"],
        "languages": ["english", "english|spanish", "english", "spanish"], "availability": ["mon-am"] * 4,
        "presenting_problems": ["grief", "anxiety|grief", "stress", ""], "phq9": ["12", "3", "", "20"],
        "referred_on": ["2026-05-01", "2026-05-02", "2026-05-03", ""],
    }  # fmt: skip
    therapists = {
        "therapist_id": ["t1", "t2", "t3"], "age": ["50", "40", "35"], "gender": ["woman", "man", "man"],
        "licensed_regions": ["north"] * 3, "payers": ["public|plan a"] * 3, "languages": ["english|spanish"] * 3,
        "availability": ["mon-am|tue-pm"] * 3, "age_groups": ["", "18-64", ""],
        "problems_not_taken": ["eating", "", ""],
        "open_slots": ["1", "2", "3"], "updated_on": ["2026-05-20"] * 3, "years_experience": ["3", "12", "20"],
    }  # fmt: skip
    preferences = {
        "client_id": ["c1", "c2"], "attribute": ["gender", "years_experience"], "value": ["woman", ">=5"],
        "strength": ["must", "prefer"],
    }  # fmt: skip
    outcomes = {
        "client_id": ["c3", "c4", "c4"], "therapist_id": ["t1", "t2", "t3"], "session": ["3", "3", "1"],
        "measured_on": ["2026-04-01", "2026-04-08", "2026-05-01"], "instrument": ["WAI-SR"] * 3,
        "rater": ["client"] * 3, "score": ["4.5", "3.5", "2.25"],
        **{f"item{number}": ["5", "4", "3"] for number in range(1, 13)},
    }  # fmt: skip
    conflicts = {"client_id": ["c2"], "therapist_id": ["t3"], "reason": ["related"]}
    given = dict(zip(TABLES, (clients, therapists, preferences, outcomes, conflicts), strict=True))
    for table, columns in given.items():
        rows = len(next(iter(columns.values())))
        clinic.files.tables[table] = build_rows({**columns, **own(table, rows)})
    return clinic


def drop_header(clinic: MarkedClinic) -> None:
    """The first row is a person."""
    _, rows = clinic.choose_rows()
    if len(rows) > 2:
        del rows[0]


def name_wrong_header_row(clinic: MarkedClinic) -> None:
    """A row of people is declared to hold the headers, alone or with the true one."""
    table = clinic.choose_table()
    clinic.toml[table].append(f"header_row = {clinic.random.choice(['2', '3', '[1, 2]', '[2, 3]', '9'])}")


def add_title(clinic: MarkedClinic) -> None:
    """Rows above the headers."""
    _, rows = clinic.choose_rows()
    rows.insert(0, [clinic.mark(), *[""] * (len(rows[0]) - 1)])


def repeat_person(clinic: MarkedClinic) -> None:
    """One person twice, with other cells."""
    table, rows = clinic.choose_rows()
    rows.append([*rows[1][:2], *(clinic.mark(table, name) for name in rows[0][2:])])


def cut_row(clinic: MarkedClinic) -> None:
    """A row with fewer cells than the header, or more."""
    _, rows = clinic.choose_rows()
    rows[-1] = rows[-1][:-2] if clinic.random.random() < 0.5 else [*rows[-1], clinic.mark(), clinic.mark()]


def rename_header(clinic: MarkedClinic) -> None:
    """A mapped header that the file does not have, or a header with another name."""
    table, rows = clinic.choose_rows()
    name = clinic.random.choice(rows[0])
    if clinic.random.random() < 0.5:
        rows[0][rows[0].index(name)] = f"{name}s"
    else:
        clinic.toml[table].append(f'columns.{name.replace(" ", "_")} = "{name} of person"')


def empty_id(clinic: MarkedClinic) -> None:
    """A row without an id, or with one that no one has."""
    _, rows = clinic.choose_rows()
    rows[-1][0] = clinic.random.choice(["", "c99", "C1"])


def add_total(clinic: MarkedClinic) -> None:
    """A row of totals, or one with an id and nothing else."""
    table, rows = clinic.choose_rows()
    first = clinic.random.choice(["Total", "n = 7", "c77"])
    rows.append([first, *(clinic.mark(table, name) for name in rows[0][1:])])


def spoil_bytes(clinic: MarkedClinic) -> None:
    """A file in another encoding, cut, with an open quotation mark, or of another kind."""
    edits: tuple[Callable[[bytes], bytes], ...] = (
        lambda text: text.replace(b"w", "\u00e9".encode("latin-1")),
        lambda text: text.decode().encode("utf-16"),
        lambda text: text[:-7],
        lambda text: text.replace(b"\n", b'\n"', 1),
        lambda text: text.replace(b",", b";"),
        lambda text: b"PK\x03\x04" + text,
        lambda text: text.replace(b"c1", b"c1\x00", 1),
        lambda text: text + text,
        lambda text: b"sep=;\n" + text,
    )
    clinic.edits.append((clinic.choose_table(), clinic.random.choice(edits)))


def map_own_column(clinic: MarkedClinic) -> None:
    """A free column read as a number, a date, a birth date, slots or codes."""
    table = clinic.choose_table()
    form = clinic.random.choice((
        'columns.remarks = { from = "Remarks", codes = { a = "b" } }',
        'columns.contact = { from = "Contact", scale = 2 }',
        'columns.own = { from = "Remarks", kind = "date" }', 'columns.own = { from = "Contact", kind = "number" }',
        'columns.own = { from = "Contact", dates = "%d/%m/%Y" }', 'columns.age = { birth_date = "Remarks" }',
        'columns.languages = { slots = ["Remarks", "Contact"] }', 'columns.own = { slots = "*e*" }',
        'columns.own = { from = "Remarks", split = " " }', 'rows = { column = "Remarks", from = 3 }',
        'rows = { column = "Full name", is_not = "former" }', 'rows = { column = "Contact", empty = true }',
        "skip_rows = [2]", 'separator = ";"', 'missing = ["99"]', 'set_separator = ";"', 'decimal = ","',
    ))  # fmt: skip
    clinic.toml[table].append(form)


def misuse_free_columns(clinic: MarkedClinic) -> None:
    """A free column as the condition of waiting, a site, an urgency, a feature or a group."""
    clinic.toml[""].append(clinic.random.choice((
        '[waiting]\nwhere = { column = "Remarks", from = 3 }', '[waiting]\nwhere = { column = "Contact", is = "x" }',
        '[settings]\nsite_column = "Remarks"', '[assign]\nurgency_column = "Contact"',
        '[fairness]\ngroups = ["Full name"]',
        '[[features]]\nname = "own"\nclient = "Remarks"\ntherapist = "Remarks"\ncompare = "same"\n'
        'direction = "+"\nsays = "shares it"\nsays_not = "does not"',
    )))  # fmt: skip


def score_items(clinic: MarkedClinic) -> None:
    """Items that are not numbers."""
    clinic.toml["outcomes"] += ['items = "item{}"', 'instrument = "WAI-SR"']
    clinic.spoil_cells("item1", "item7", few=clinic.random.random() < 0.5)


FAULTS: tuple[Callable[[MarkedClinic], None], ...] = (
    lambda clinic: clinic.spoil_cells("age", "phq9", "years_experience", "open_slots", "session", "score"),
    lambda clinic: clinic.spoil_cells("age", "phq9", "years_experience", "open_slots", "session", "score", few=False),
    lambda clinic: clinic.spoil_cells("referred_on", "updated_on", "measured_on"),
    lambda clinic: clinic.spoil_cells("referred_on", "updated_on", "measured_on", few=False),
    lambda clinic: clinic.spoil_cells("gender", "lgbtq", "region", "payer", "payers", "licensed_regions"),
    lambda clinic: clinic.spoil_cells("languages", "availability", "presenting_problems", "age_groups"),
    lambda clinic: clinic.spoil_cells("attribute", "value", "strength", "instrument", "rater", "reason"),
    lambda clinic: clinic.spoil_cells("attribute", "value", "strength", "instrument", "rater", few=False),
    drop_header, name_wrong_header_row, add_title, repeat_person, cut_row, rename_header, empty_id, add_total,
    spoil_bytes, map_own_column, misuse_free_columns, score_items,
)  # fmt: skip


def collect_messages(folder: Path, *, by_command: bool = False) -> str:
    """Return every message of `check`, as text and as JSON, and those of a ranking and a placement."""
    if by_command:
        return "".join(Attune()("check", folder, *words, columns=4000).output for words in ([], ["--json"]))
    found = []
    workspace = Workspace(folder)
    for verb in (workspace.check, lambda: workspace.rank("c1"), workspace.worklist, workspace.assign):
        try:
            result = verb()  # type: ignore[no-untyped-call]  # one of them is a lambda
        except DataFault as error:
            found += [str(error), *map(str, error.faults)]
        else:
            found += [*result.notes, *result.set_aside]
            if verb == workspace.check:
                found += [result.summary, json.dumps(result.to_dict(), default=str), *map(str, result.result)]
    return "\n".join(found)


def find_marks(messages: str) -> list[str]:
    """Return the lines that contain a mark."""
    return [line for line in messages.splitlines() if MARK in line or NUMBER_MARK in line]


def test_the_clinic_itself_reads_and_its_free_cells_are_marks(tmp_path: Path) -> None:
    clinic = build_clinic(0)
    workspace = Workspace(clinic.write(tmp_path / "clinic"))
    assert not [fault for fault in workspace.check().result if fault.stops]
    cells = [cell for rows in clinic.files.tables.values() for row in rows[1:] for cell in row[-3:]]
    assert len(cells) == 3 * (4 + 3 + 2 + 3 + 1)
    assert all(map(find_marks, cells))


@settings(deadline=None, max_examples=8)
@given(seed=st.integers(0, 10**6), faults=st.lists(st.sampled_from(FAULTS), min_size=1, max_size=3))
def test_no_message_holds_a_free_cell(seed: int, faults: list[Callable[[MarkedClinic], None]]) -> None:
    clinic = build_clinic(seed)
    for fault in faults:
        fault(clinic)
    with tempfile.TemporaryDirectory() as folder:
        assert not find_marks(collect_messages(clinic.write(Path(folder) / "clinic")))


@pytest.mark.parametrize("number", range(len(FAULTS)))
def test_no_output_of_check_holds_a_free_cell(number: int, tmp_path: Path) -> None:
    clinic = build_clinic(number)
    FAULTS[number](clinic)
    assert not find_marks(collect_messages(clinic.write(tmp_path / "clinic"), by_command=True))
