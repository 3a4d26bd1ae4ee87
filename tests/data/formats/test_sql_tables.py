"""Tables of a SQLite file and of a real PostgreSQL server: read as from text, in one state, and never changed."""

from __future__ import annotations

import io
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from attune_fit.data.fault_collector import FaultCollector
from attune_fit.data.formats import server_watch, size_checks, sql_faults, sql_tables
from attune_fit.data.formats.sql_tables import SqlReader, SqlSource
from attune_fit.workspace import Workspace
from tests.data.conftest import FILES, ClinicFolder
from tests.data.postgresql_server import PostgresqlServer

TABLES = ("clients", "therapists", "preferences", "outcomes")
SECRET = "hunter2zqx"  # noqa: S105 - of a role of this test


def list_statements(text_types: bool) -> list[str]:
    """The statements of SQL that make the tables of the small clinic; numbers and dates are typed, or all is text."""
    statements = []
    for name in TABLES:
        rows = pd.read_csv(io.StringIO(FILES[f"{name}.csv"]), dtype="str")
        kinds = {"age": "integer", "phq9": "numeric(4, 1)", "score": "double precision", "session": "smallint",
                 "open_slots": "integer",
                 **dict.fromkeys(("referred_on", "measured_on", "updated_on"), "date")}  # fmt: skip
        kinds = {} if text_types else kinds
        columns = ", ".join(f"{column} {kinds.get(str(column), 'text')}" for column in rows)
        statements.append(f"CREATE TABLE {name} ({columns})")
        for row in rows.fillna("").to_numpy():
            cells = ", ".join("NULL" if cell == "" else f"'{cell}'" for cell in row)
            statements.append(f"INSERT INTO {name} VALUES ({cells})")  # noqa: S608
    return statements


@dataclass
class SqlClinic:
    """The small clinic with its tables in a database in place of files."""

    folder: ClinicFolder
    address: str
    database: Path | None  # of SQLite
    server: PostgresqlServer | None = None
    schema: str = ""

    def execute(self, *statements: str) -> None:
        """Run statements as another program would."""
        if self.database is not None:
            with sqlite3.connect(self.database) as connection:
                for statement in statements:
                    connection.execute(statement)
            connection.close()
        else:
            assert self.server is not None
            self.server.execute(*(f"SET search_path TO {self.schema}; {one}" for one in statements))

    def name_tables(self, *tables: str, more: str = "") -> ClinicFolder:
        """Replace the files of tables by the database."""
        for name in tables:
            self.folder.drop(f"{name}.csv").add(f'[tables.{name}]\nsql = "{self.address}"\n{more}')
        return self.folder

    def read(self, query: str) -> tuple[pd.DataFrame | None, list[str]]:
        """Read the answer to a query as the table `clients`; the ids of the faults too."""
        collector = FaultCollector("clients")
        with SqlReader(self.folder.folder) as reader:
            frame = reader.read(SqlSource(self.address, "clients", query), collector)
        return frame, [fault.id for fault in collector.faults]


@pytest.fixture(params=["sqlite", "postgresql"])
def sql_clinic(request: pytest.FixtureRequest, clinic_folder: ClinicFolder) -> SqlClinic:
    """The clinic in a SQLite file, and then in PostgreSQL."""
    if request.param == "sqlite":
        path = clinic_folder.folder / "clinic.db"
        clinic = SqlClinic(clinic_folder, "sqlite:///clinic.db", path)
    else:
        server: PostgresqlServer = request.getfixturevalue("postgresql_server")
        address = server.make_schema()
        clinic = SqlClinic(clinic_folder, address, None, server, address.rpartition("%3D")[2])
    clinic.execute(*list_statements(text_types=request.param == "sqlite"))
    return clinic


def test_tables_of_a_database_read_as_their_files(sql_clinic: SqlClinic) -> None:
    before = sql_clinic.folder.read().digest()
    folder = sql_clinic.name_tables(*TABLES)
    assert folder.list_faults() == ()
    tables = folder.read()
    assert tables.digest() == before
    database = "clinic.db" if sql_clinic.database else "database postgres"
    assert tables.files[0] == ("clients", f"table clients of {database}", "", 3)


def test_a_query_chooses_and_names_columns_and_a_percent_sign_is_one(sql_clinic: SqlClinic) -> None:
    query = "SELECT client_id AS who, age FROM clients WHERE client_id LIKE '%n' ORDER BY client_id;"
    folder = sql_clinic.folder.drop("clients.csv").drop("outcomes.csv").drop("preferences.csv")
    folder.add(
        f'[tables.clients]\nsql = "{sql_clinic.address}"\nquery = """{query}"""\ncolumns = {{ client_id = "who" }}\n'
    )
    assert folder.list_faults() == ()
    cells = folder.read().clients[["client_id", "age"]].to_numpy().tolist()
    assert sorted(cells) == [["ann", 34.0], ["ben", 51.0]]


def test_rows_are_in_the_order_of_the_primary_key(sql_clinic: SqlClinic) -> None:
    sql_clinic.execute("CREATE TABLE keyed (b text, a integer, PRIMARY KEY (a, b))",
                       "INSERT INTO keyed VALUES ('y', 2), ('x', 2), ('z', 1)")  # fmt: skip
    with SqlReader(sql_clinic.folder.folder) as reader:
        frame = reader.read(SqlSource(sql_clinic.address, "keyed"), FaultCollector("clients"))
    assert frame is not None
    assert frame.to_numpy().tolist() == [["z", 1], ["x", 2], ["y", 2]]


def test_a_view_and_a_name_that_needs_quotation_marks_are_read(sql_clinic: SqlClinic) -> None:
    sql_clinic.execute("""CREATE VIEW "Intake ""new"" %" AS SELECT * FROM clients""")
    with SqlReader(sql_clinic.folder.folder) as reader:
        frame = reader.read(SqlSource(sql_clinic.address, 'Intake "new" %'), FaultCollector("clients"))
    assert frame is not None
    assert len(frame) == 3


WRITES = (
    "DELETE FROM clients", "INSERT INTO clients (client_id) VALUES ('eve')", "DROP TABLE clients",
    "SELECT 1; DELETE FROM clients", "COMMIT", "SELECT 1; COMMIT; DELETE FROM clients",
    "WITH gone AS (SELECT 1) DELETE FROM clients RETURNING client_id", "CREATE TABLE more (a text)",
    "UPDATE clients SET age = 1 RETURNING client_id",
)  # fmt: skip


@pytest.mark.parametrize("query", WRITES)
def test_a_query_that_writes_is_an_error_and_changes_nothing(sql_clinic: SqlClinic, query: str) -> None:
    frame, faults = sql_clinic.read(query)
    assert frame is None
    assert len(faults) == 1
    assert faults[0] in ("sql-query-not-reading", "sql-query-not-valid")
    again, _ = sql_clinic.read("SELECT client_id, age FROM clients ORDER BY client_id")
    assert again is not None
    assert [str(cell) for cell in again["age"]] == ["34", "51", "27"]


def test_a_writing_part_of_a_query_is_refused_by_postgresql(sql_clinic: SqlClinic) -> None:
    if sql_clinic.database is not None:
        return
    assert sql_clinic.read("WITH x AS (DELETE FROM clients RETURNING 1) SELECT * FROM x") == (
        None, ["sql-query-not-reading"]
    )  # fmt: skip
    sql_clinic.execute("CREATE SEQUENCE numbers")
    name = f"{sql_clinic.schema}.numbers"
    assert sql_clinic.read(f"SELECT nextval('{name}')") == (None, ["sql-query-not-reading"]), "no rollback undoes it"


def test_sqlite_opens_no_other_file_and_changes_no_setting(sql_clinic: SqlClinic) -> None:
    if sql_clinic.database is None:
        return
    for query in ("ATTACH DATABASE 'other.db' AS other", "PRAGMA journal_mode = WAL", "VACUUM INTO 'other.db'"):
        frame, (fault,) = sql_clinic.read(query)
        assert (frame, fault in ("sql-query-not-reading", "sql-query-not-valid")) == (None, True)
    assert not (sql_clinic.folder.folder / "other.db").exists()
    assert not Path("other.db").exists()


def test_all_tables_are_read_in_one_state(sql_clinic: SqlClinic) -> None:
    collector = FaultCollector("clients")
    if sql_clinic.database is not None:
        sql_clinic.execute("PRAGMA journal_mode = WAL")
    with SqlReader(sql_clinic.folder.folder) as reader:
        clients = reader.read(SqlSource(sql_clinic.address, "clients"), collector)
        sql_clinic.execute("DELETE FROM clients", "DELETE FROM outcomes")
        outcomes = reader.read(SqlSource(sql_clinic.address, "outcomes"), collector)
        again = reader.read(SqlSource(sql_clinic.address, "clients"), collector)
    assert [len(frame) for frame in (clients, outcomes, again) if frame is not None] == [3, 2, 3]
    assert collector.faults == []


def test_an_error_of_one_table_spoils_no_other(sql_clinic: SqlClinic) -> None:
    collector = FaultCollector("clients")
    with SqlReader(sql_clinic.folder.folder) as reader:
        assert reader.read(SqlSource(sql_clinic.address, "nothing"), collector) is None
        assert (
            reader.read(SqlSource(sql_clinic.address, "clients", "SELECT client_idd FROM clients"), collector) is None
        )
        assert reader.read(SqlSource(sql_clinic.address, "clients"), collector) is not None
    assert [fault.id for fault in collector.faults] == ["sql-table-not-found", "sql-query-not-valid"]


@pytest.mark.parametrize(("limit", "fault"), [("MAX_ROWS", "table-too-large"), ("MAX_FILE_BYTES", "file-too-large")])
def test_more_than_the_limit_is_not_kept(
    sql_clinic: SqlClinic, monkeypatch: pytest.MonkeyPatch, limit: str, fault: str
) -> None:
    for module in (size_checks, sql_tables):
        monkeypatch.setattr(module, limit, 100, raising=False)
    monkeypatch.setattr(sql_tables, "ROWS_PER_BLOCK", 60)
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i, 'abc' FROM n"
    assert sql_clinic.read(numbers) == (None, [fault])


def test_a_large_cell_or_a_query_without_an_end_is_an_error(
    sql_clinic: SqlClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql_tables, "QUERY_SECONDS", 1)
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) AS client_id FROM c"
    assert sql_clinic.read(endless) == (None, ["sql-query-too-long"])
    if sql_clinic.database is not None:
        assert sql_clinic.read("SELECT zeroblob(20000000) AS client_id") == (None, ["sql-cell-too-large"])


def test_typed_cells_become_text_as_in_every_format(clinic_folder: ClinicFolder, postgresql_address: str) -> None:
    query = (
        "SELECT 'ann' AS client_id, true AS lgbtq, 12.50 AS a, 12.00 AS b, 'NaN'::numeric AS c, ARRAY['x', 'y'] AS d, "
        "'\\x616263'::bytea AS e, TIMESTAMP '2026-05-20 10:30' AS f, '{\"k\": 1}'::jsonb AS g, NULL AS h, "
        "INTERVAL '90 minutes' AS i, 12345678901234567890 AS j"
    )
    folder = clinic_folder.drop("clients.csv").drop("outcomes.csv").drop("preferences.csv")
    folder.add(f"[tables.clients]\nsql = \"{postgresql_address}\"\nliteral = true\nquery = '''{query}'''\n")
    row = folder.read().clients.iloc[0].dropna().astype(str).to_dict()
    assert row == {
        "client_id": "ann", "lgbtq": "yes", "a": "12.5", "b": "12.0", "d": "x|y", "e": "abc",
        "f": "2026-05-20 00:00:00", "g": '{"k": 1}', "i": "01:30:00", "j": "1.2345678901234567e+19",
    }  # fmt: skip


def test_exact_decimals_are_numbers_of_any_decimal_mark(clinic_folder: ClinicFolder, postgresql_address: str) -> None:
    collector, query = (
        FaultCollector("clients"),
        "SELECT 12.50 AS a, 12.00 AS b, 'NaN'::numeric AS c, '7'::numeric AS d",
    )
    with SqlReader(clinic_folder.folder) as reader:
        frame = reader.read(SqlSource(postgresql_address, "clients", query), collector)
    assert frame is not None
    cells = frame.iloc[0].tolist()
    assert cells == [12.5, 12, None, 7]
    assert [type(cell) for cell in cells] == [float, int, type(None), int]


def test_a_cell_in_an_error_of_the_database_is_in_no_message(
    clinic_folder: ClinicFolder, postgresql_address: str
) -> None:
    collector, query = FaultCollector("clients"), "SELECT cell::integer AS a FROM (VALUES ('zqxcell')) AS one (cell)"
    with SqlReader(clinic_folder.folder) as reader:
        assert reader.read(SqlSource(postgresql_address, "clients", query), collector) is None
    assert [fault.id for fault in collector.faults] == ["sql-not-readable"]
    assert "zqxcell" not in repr(collector)


def test_text_that_is_no_utf_8_is_a_cell_not_an_error(sql_clinic: SqlClinic) -> None:
    if sql_clinic.database is None:
        return
    frame, faults = sql_clinic.read("SELECT CAST(x'61ff' AS TEXT) AS a")
    assert faults == []
    assert frame is not None
    assert frame["a"].tolist() == ["a\\xff"]


def test_a_key_of_text_files_has_no_effect_on_a_database(sql_clinic: SqlClinic) -> None:
    sql_clinic.name_tables("clients", more='separator = ";"\nlabels = true\n')
    faults = [fault for fault in sql_clinic.folder.list_faults() if fault.stops]
    assert [(fault.id, fault.column) for fault in faults] == [
        ("key-without-effect", "tables.clients.labels"), ("key-without-effect", "tables.clients.separator")
    ]  # fmt: skip


def test_an_empty_table_of_clients_is_an_error(sql_clinic: SqlClinic) -> None:
    sql_clinic.execute("DELETE FROM clients")
    faults = sql_clinic.name_tables("clients").list_faults()
    assert [fault.id for fault in faults if fault.stops] == ["table-without-rows"]


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("sqlite:///absent.db", "sql-file-not-found"),
        ("sqlite:///artifacts", "sql-file-irregular"),
        ("sqlite:///clients.csv", "sql-database-damaged"),
        ("postgresql://ann@127.0.0.1:1/clinic", "sql-server-not-reached"),
        ("postgresql://ann@no-such-host.invalid/clinic", "sql-server-not-reached"),
    ],
)
def test_a_database_that_cannot_be_opened_is_one_error(clinic_folder: ClinicFolder, address: str, fault: str) -> None:
    (clinic_folder.folder / "artifacts").mkdir()
    clinic_folder.add("".join(f'[tables.{name}]\nsql = "{address}"\n' for name in TABLES))
    assert [one.id for one in clinic_folder.list_faults() if one.stops] == [fault]


def test_a_locked_file_is_an_error(sql_clinic: SqlClinic, monkeypatch: pytest.MonkeyPatch) -> None:
    if sql_clinic.database is None:
        return
    for module in (sql_tables, sql_faults):
        monkeypatch.setattr(module, "LOCK_SECONDS", 0)
    with sqlite3.connect(sql_clinic.database) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        assert sql_clinic.read("SELECT * FROM clients") == (None, ["sql-locked"])
    connection.close()


def test_a_change_is_seen_by_an_open_clinic(sql_clinic: SqlClinic, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace(sql_clinic.name_tables("clients").folder)
    assert len(workspace.tables.clients) == 3
    sql_clinic.execute("INSERT INTO clients (client_id) VALUES ('eve')")
    workspace.refresh()
    if sql_clinic.database is None:
        assert len(workspace.tables.clients) == 3, "a server shows no change, and is asked again after a minute"
        monkeypatch.setattr(server_watch, "SERVER_SECONDS", 0.0)
        workspace.refresh()
    assert len(workspace.tables.clients) == 4


def test_an_output_never_replaces_the_database(sql_clinic: SqlClinic) -> None:
    from attune_fit.data.clinic.clinic import Clinic

    folder = sql_clinic.name_tables("clients").folder
    names = {path.name for path in Clinic.open(folder).list_input_files()}
    assert ("clinic.db" in names) == (sql_clinic.database is not None)


class TestPasswords:
    """A role with a password on a real server, which asks for it."""

    @pytest.fixture
    def address(self, postgresql_server: PostgresqlServer) -> str:
        """An address of a role that has to give a password."""
        postgresql_server.execute(
            "DROP TABLE IF EXISTS public.intake; DROP ROLE IF EXISTS intake_reader",
            f"CREATE ROLE intake_reader LOGIN PASSWORD '{SECRET}'",
            "CREATE TABLE public.intake (client_id text); INSERT INTO public.intake VALUES ('ann')",
        )
        rules = postgresql_server.folder / "pg_hba.conf"
        text = rules.read_text()
        if "intake_reader" not in text:
            rules.write_text(f"local all intake_reader scram-sha-256\n{text}")
        postgresql_server.execute("SELECT pg_reload_conf()", "SELECT pg_sleep(0.2)")
        return postgresql_server.format_address().replace("postgres@", "intake_reader@")

    def read(self, folder: ClinicFolder, address: str, variable: str | None) -> list[str]:
        """Return the faults of reading the table, as ids; none holds the password."""
        collector = FaultCollector("clients")
        with SqlReader(folder.folder) as reader:
            frame = reader.read(SqlSource(address, "public.intake", password_env=variable), collector)
        assert (frame is None) == bool(collector.faults)
        assert SECRET not in repr(collector)
        return [fault.id for fault in collector.faults]

    def test_the_password_comes_from_the_named_variable(
        self, clinic_folder: ClinicFolder, address: str, postgresql_server: PostgresqlServer,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        monkeypatch.setenv("INTAKE_PASSWORD", SECRET)
        assert self.read(clinic_folder, address, "INTAKE_PASSWORD") == ["sql-no-permission"]
        postgresql_server.execute("GRANT SELECT ON public.intake TO intake_reader")
        assert self.read(clinic_folder, address, "INTAKE_PASSWORD") == []
        assert self.read(clinic_folder, address, None) == ["sql-login-refused"]
        monkeypatch.setenv("INTAKE_PASSWORD", f"{SECRET}-old")
        assert self.read(clinic_folder, address, "INTAKE_PASSWORD") == ["sql-login-refused"]
        monkeypatch.delenv("INTAKE_PASSWORD")
        assert self.read(clinic_folder, address, "INTAKE_PASSWORD") == ["sql-password-not-set"]

    def test_a_password_in_place_of_the_name_is_not_repeated(self, clinic_folder: ClinicFolder, address: str) -> None:
        assert self.read(clinic_folder, address, SECRET) == ["sql-password-not-set"]

    def test_a_database_that_does_not_exist_is_named_as_such(
        self, clinic_folder: ClinicFolder, postgresql_server: PostgresqlServer
    ) -> None:
        address = postgresql_server.format_address(database="no_such_clinic")
        assert self.read(clinic_folder, address, None) == ["sql-database-not-found"]
