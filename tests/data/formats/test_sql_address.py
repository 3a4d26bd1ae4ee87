"""Addresses of databases: what is refused, and that no refusal repeats a part of the address."""

from __future__ import annotations

from pathlib import Path

import pytest

from attune_fit.data.formats.sql_address import check_sql_address, find_sqlite_file, format_database_name
from tests.data.conftest import ClinicFolder

SECRET = "hunter2zqx"  # noqa: S105 - what no message may contain
GOOD = (
    "sqlite:///clinic.db", "sqlite:////srv/export/clinic.db", "postgresql+psycopg://ann@db.example/clinic",
    "postgresql://ann@/clinic?host=/run/postgresql", "postgres://db.example:5433/clinic?sslmode=verify-full",
)  # fmt: skip
WITH_PASSWORD = (
    f"postgresql+psycopg://ann:{SECRET}@db.example/clinic", f"postgresql://ann:{SECRET}@host:5432/clinic?sslmode=require",
    f"postgresql://ann@db/clinic?password={SECRET}", f"postgresql://db/clinic?user=ann&PassWord={SECRET}",
    f"postgresql://db/clinic?sslpassword={SECRET}", f"mysql://ann:{SECRET}@db/clinic", f"postgresql://:{SECRET}@db/x",
    f"postgresql://ann:p@{SECRET}@db/clinic", f"postgresql://ann:12/{SECRET}@db/clinic",
    f"postgresql://ann%3A{SECRET}@db/clinic", f"postgresql://ann:12?{SECRET}@db", f"postgresql://ann:12/x#{SECRET}@db",
)  # fmt: skip
OTHERS = {
    "sqlite://": "three slashes",
    "sqlite:///": "three slashes",
    "sqlite://clinic.db": "three slashes",
    "sqlite:///clinic.db?mode=rw": "three slashes",
    f"mysql://ann@{SECRET}/clinic": "SQLite and PostgreSQL",
    f"postgresql://ann@{SECRET}": "names no database",
    f"host=db pass={SECRET}": "no address",
    f"clinic{SECRET}.db": "no address",
    f"postgresql://[{SECRET}/clinic": "no address",
    f"postgresql://ann:ab/{SECRET}@127.0.0.1:1": "no address",
    f"postgresql://ann@db:{SECRET}/clinic": "no address",
    "sqlite:///a%00b.db": "no address",
}


@pytest.mark.parametrize("address", GOOD)
def test_an_address_without_a_password_stays_as_it_is(address: str) -> None:
    assert check_sql_address(address) == address


def test_an_at_sign_in_the_name_of_a_file_is_allowed() -> None:
    assert check_sql_address("sqlite:///ann@home.db") == "sqlite:///ann@home.db"


@pytest.mark.parametrize("address", WITH_PASSWORD)
def test_an_address_with_a_password_is_one_error_that_does_not_repeat_it(
    clinic_folder: ClinicFolder, address: str
) -> None:
    (fault,) = clinic_folder.add(f'[tables.clients]\nsql = "{address}"\n').list_faults()
    assert (fault.id, fault.column, fault.stops) == ("key-not-valid", "tables.clients.sql", True)
    assert "an address holds no password" in fault.says
    assert "`password_env`" in fault.says
    assert SECRET not in str(fault)


@pytest.mark.parametrize("address", OTHERS)
def test_what_is_no_such_address_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(ValueError, match=OTHERS[address]) as refused:
        check_sql_address(address)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ('table = "clients"', "need the address of a database"),
        ('sql = "sqlite:///a.db"\nfile = "clients.csv"', "keep `file` or `sql`"),
        ('sql = "sqlite:///a.db"\ntable = "a"\nquery = "SELECT 1"', "keep `table` or `query`"),
        ('sql = "sqlite:///a.db"\npassword_env = "SECRET"', "has no password"),
        (f'sql = "postgresql://ann@db/clinic"\npassword_env = "{SECRET}!"', "not the name of an environment variable"),
        (f'sql = "postgresql://ann@db/clinic"\npassword = "{SECRET}"', "unknown key `password`"),
    ],
)
def test_keys_of_a_database_fit_each_other(clinic_folder: ClinicFolder, toml: str, message: str) -> None:
    (fault,) = clinic_folder.add(f"[tables.clients]\n{toml}\n").list_faults()
    assert message in fault.says
    assert SECRET not in str(fault)


def test_a_file_is_relative_to_the_clinic_and_a_server_has_none() -> None:
    folder = Path("/clinics/riverside")
    assert find_sqlite_file("sqlite:///export/clinic.db", folder) == folder / "export" / "clinic.db"
    assert find_sqlite_file("sqlite:////srv/clinic.db", folder) == Path("/srv/clinic.db")
    assert find_sqlite_file("postgresql://ann@db/clinic", folder) is None


def test_a_name_for_messages_has_no_user_and_no_host() -> None:
    assert [format_database_name(address) for address in GOOD] == ["clinic.db", "clinic.db", *["database clinic"] * 3]
