"""A small clinic of four therapists and six clients, whose files a test changes by text."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from typer.testing import Result

from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.outcomes.early_alliance import compute_early_alliance
from attune_fit.workspace import Workspace
from tests.conftest import Attune

CLIENTS = """client_id,age,gender,languages,region,payer,formats,availability,presenting_problems,referred_on
c01,34,woman,english,north,public,video,mon-am|tue-pm,anxiety|depression,2026-05-02
c02,51,man,english|spanish,north,plan a,video|in person,wed-pm,trauma,2026-05-03
c03,27,woman,english,north,public,in person,tue-pm|fri-am,grief,2026-05-04
c04,45,nonbinary,english,north,self pay,video,mon-am,depression,2026-05-05
c05,62,woman,spanish,north,public,video,fri-am,anxiety,2026-05-06
c06,19,man,english,north,plan a,video,mon-am|fri-am,anxiety|trauma,2026-05-07
"""
THERAPISTS = """therapist_id,age,gender,languages,licensed_regions,payers,formats,availability,specialties,open_slots,updated_on
t1,40,woman,english,north,public|plan a|self pay,video|in person,mon-am|tue-pm|fri-am,anxiety|depression,3,2026-05-20
t2,55,man,english|spanish,north,public|plan a|self pay,video|in person,mon-am|wed-pm|fri-am,trauma|anxiety,2,2026-05-20
t3,33,woman,english,north,public|self pay,video,mon-am|tue-pm,grief|depression,1,2026-05-20
t4,47,man,english|spanish,north,public|plan a,in person|video,wed-pm|fri-am|tue-pm,trauma|grief,2,2026-05-20
"""  # noqa: E501  (a table has long rows)
TOML = "[clinic]\nas_of = 2026-06-01\n"
OFFERS = {
    "c01": {"t1", "t2", "t3", "t4"},
    "c02": {"t2", "t4"},
    "c03": {"t1", "t2", "t4"},
    "c04": {"t1", "t2", "t3"},
    "c05": {"t2", "t4"},
    "c06": {"t1", "t2", "t4"},
}
OPENINGS = {"t1": 3, "t2": 2, "t3": 1, "t4": 2}
Offers = dict[str, set[str]]


def drop_therapist(therapist: str) -> Offers:
    """Return the therapists offered to each client when one therapist is on no list."""
    return {client: offers - {therapist} for client, offers in OFFERS.items()}


def drop_client(client: str) -> Offers:
    """Return the therapists offered to each client when one client has no list."""
    return {other: offers for other, offers in OFFERS.items() if other != client}


class SmallClinic:
    """A clinic folder. Each method that changes a file returns the clinic; the files are read again after a change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._workspace: Workspace | None = None
        self._faults: list[Fault] | None = None
        folder.mkdir()
        self.put("clients.csv", CLIENTS).put("therapists.csv", THERAPISTS).put("clinic.toml", TOML)

    def put(self, name: str, content: str | bytes) -> SmallClinic:
        """Write one file."""
        self._workspace = self._faults = None
        (self.folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return self

    def drop(self, name: str) -> SmallClinic:
        """Delete one file."""
        self._workspace = self._faults = None
        (self.folder / name).unlink()
        return self

    def put_rows(self, table: str, *rows: str) -> SmallClinic:
        """Write a table: its header, then its rows, each ended by a line break."""
        return self.put(f"{table}.csv", "".join(f"{row}\n" for row in rows))

    def add_toml(self, text: str) -> SmallClinic:
        """Add lines to clinic.toml."""
        return self.put("clinic.toml", f"{(self.folder / 'clinic.toml').read_text()}{text}\n")

    def get_text(self, table: str) -> str:
        """Return the text of a table's CSV file."""
        return (self.folder / f"{table}.csv").read_text()

    def set_cell(self, table: str, person: str, column: str, cell: str) -> SmallClinic:
        """Replace one cell, in the row whose first cell is ``person``; a new column is empty elsewhere."""
        header, *rows = csv.reader(io.StringIO(self.get_text(table)))
        if column not in header:
            header, rows = [*header, column], [[*row, ""] for row in rows]
        [row] = [row for row in rows if row[0] == person]
        row[header.index(column)] = cell
        return self.put_table(table, [header, *rows])

    def set_column(self, table: str, column: str, *cells: str) -> SmallClinic:
        """Replace a column, or add it: one cell for each row."""
        header, *rows = csv.reader(io.StringIO(self.get_text(table)))
        if column not in header:
            header, rows = [*header, column], [[*row, ""] for row in rows]
        for row, cell in zip(rows, cells, strict=True):
            row[header.index(column)] = cell
        return self.put_table(table, [header, *rows])

    def rename_column(self, table: str, old: str, new: str) -> SmallClinic:
        """Give a column another header."""
        header, rest = self.get_text(table).split("\n", 1)
        names = header.split(",")
        names[names.index(old)] = new
        return self.put(f"{table}.csv", f"{','.join(names)}\n{rest}")

    def drop_column(self, table: str, column: str) -> SmallClinic:
        """Delete a column."""
        header, *rows = csv.reader(io.StringIO(self.get_text(table)))
        number = header.index(column)
        return self.put_table(table, [[*row[:number], *row[number + 1 :]] for row in (header, *rows)])

    def add_copies(self, table: str, person: str, column: str, cells: Sequence[str]) -> dict[str, str]:
        """Add a copy of a person for each cell, with this cell in one column; return the cells by id of the copy.

        As many copies stay as they are, under ids that begin with ``ok``, so that most cells of a column are fine.
        """
        header, *rows = csv.reader(io.StringIO(self.get_text(table)))
        [row] = [row for row in rows if row[0] == person]
        if column not in header:
            header, rows, row = [*header, column], [[*other, ""] for other in rows], [*row, ""]
        ids = [f"x{number:02}" for number in range(len(cells))]
        for number, cell in enumerate(cells):
            rows.append([f"ok{number:02}", *row[1:]])
            rows.append(
                [ids[number], *(cell if name == column else old for name, old in zip(header[1:], row[1:], strict=True))]
            )
        self.put_table(table, [header, *rows])
        return dict(zip(ids, cells, strict=True))

    def put_table(self, table: str, rows: list[list[str]]) -> SmallClinic:
        """Write a table from its cells; cells with a separator or a line break get quotation marks."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        return self.put(f"{table}.csv", text.getvalue())

    def open(self) -> Workspace:
        """Return the clinic; what was read since the last change of a file is not read again."""
        self._workspace = self._workspace or Workspace(self.folder)
        return self._workspace

    def get_column(self, table: str, column: str) -> dict[str, object]:
        """Return the cells of a canonical column by id, sorted; None for a missing cell."""
        frame = getattr(self.open().tables, table).astype(object)
        cells = frame[column].where(frame[column].notna(), None)
        return dict(sorted(zip(frame.iloc[:, 0], cells, strict=True)))

    def list_faults(self) -> list[Fault]:
        """Return all faults of the files, errors first; ``check`` adds the clients without a candidate."""
        if self._faults is None:
            try:
                self._faults = list(self.open().tables.warnings)
            except DataFault as error:
                self._faults = list(error.faults)
        return self._faults

    def find_faults(self, table: str, column: str | None = None, row: int | None = None) -> list[Fault]:
        """Return the faults of a table, of one column and about one row of the file."""
        return [
            fault
            for fault in self.list_faults()
            if fault.table == table
            and (column is None or fault.column.casefold() == column.casefold())
            and (row is None or row in fault.rows)
        ]

    def find_fault(self, table: str, column: str | None = None, row: int | None = None) -> Fault:
        """Return the only fault of a place; see :meth:`find_faults`."""
        [fault] = self.find_faults(table, column, row)
        return fault

    def find_kinds(self, table: str, column: str) -> dict[str, str]:
        """Return what the faults of a column stop, by the first cell of each row that they are about."""
        ids = [row[0] if row else "" for row in csv.reader(io.StringIO(self.get_text(table)))]
        faults = self.find_faults(table, column)
        return {ids[row - 1]: fault.kind for fault in faults for row in fault.rows}

    def list_offers(self) -> Offers:
        """Return the therapists on the list of each client; a client without any is left out."""
        target = self.folder.parent / "lists.csv"
        self.open().write_rankings(target, everyone=True, raw=True)
        frame = pd.read_csv(target, dtype="str", keep_default_na=False)
        ranked = frame[frame["status"] == "ranked"]
        return {str(client): set(rows["therapist_id"]) for client, rows in ranked.groupby("client_id")}

    def find_rules(self, client: str, therapist: str) -> set[str]:
        """Return the rules that exclude a pair; none for a candidate."""
        frame = self.open().rank(client).to_frame().set_index("therapist_id")
        return set(filter(None, str(frame["rule"][therapist]).split("|")))

    def compute_alliance(self) -> dict[tuple[str, str], float]:
        """Return the early alliance of each pair in points of the WAI-SR, 1 to 5."""
        workspace = self.open()
        rows = compute_early_alliance(workspace.tables, workspace.clinic.instruments)
        clients = workspace.tables.clients["client_id"].loc[rows["client_row"]]
        therapists = workspace.tables.therapists["therapist_id"].loc[rows["therapist_row"]]
        return dict(zip(zip(clients, therapists, strict=True), (1 + rows["pomp"] / 25).tolist(), strict=True))

    def run(self, command: str, *words: object) -> Result:
        """Run a command on the clinic; no line of its output is wrapped."""
        return Attune()(command, self.folder, *words, columns=2000)
