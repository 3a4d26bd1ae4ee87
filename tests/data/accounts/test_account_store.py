"""Accounts and one-time links: what is taken, refused, and forgotten."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from attune_fit.data.accounts.account_store import LINK_HOURS
from attune_fit.data.faults import DataFault
from tests.data.accounts.conftest import NOON, DeskStores
from tests.data.journal.conftest import JournalFolder, fails

DAY = 24 * 3600


def test_a_clinic_without_accounts_has_no_database_after_a_look(file_clinic: JournalFolder) -> None:
    stores = DeskStores(file_clinic)
    assert stores.accounts.list_accounts() == []
    assert not stores.accounts.has_accounts()
    assert not (file_clinic.folder / "artifacts").exists()


def test_an_account_signs_in_only_after_its_link_was_used(stores: DeskStores) -> None:
    key = stores.accounts.add("Ana", "coordinator", None, NOON)
    assert not stores.accounts.has_accounts()
    assert stores.accounts.find_password_hash("ana") is None
    assert stores.accounts.use_link(key, "", "hash", NOON + 1) == "ana"
    assert stores.accounts.find_password_hash("ANA ") == "hash"


def test_a_link_works_once(stores: DeskStores) -> None:
    key = stores.accounts.add("ana", "coordinator", None, NOON)
    stores.accounts.use_link(key, "", "hash", NOON)
    assert stores.accounts.find_link(key, NOON) is None
    with pytest.raises(DataFault) as error:
        stores.accounts.use_link(key, "", "other hash", NOON)
    assert fails(error) == "set-up-link-ended"
    assert stores.accounts.find_password_hash("ana") == "hash"


@pytest.mark.parametrize("seconds", [LINK_HOURS * 3600 + 1, -3600])
def test_a_link_ends_after_a_day_and_where_the_clock_is_turned_back(stores: DeskStores, seconds: float) -> None:
    key = stores.accounts.add("ana", "coordinator", None, NOON)
    assert stores.accounts.find_link(key, NOON + 1) is not None
    assert stores.accounts.find_link(key, NOON + seconds) is None


def test_a_new_link_ends_the_one_before(stores: DeskStores) -> None:
    stores.set_up()
    stores.set_up("ben", "coordinator")
    first, second = stores.accounts.reset("ben", NOON), stores.accounts.reset("ben", NOON)
    assert stores.accounts.find_link(first, NOON) is None
    assert stores.accounts.find_link(second, NOON) is not None


def test_the_first_link_makes_an_admin_and_then_no_other(stores: DeskStores) -> None:
    first, second = stores.accounts.make_first_link(NOON), stores.accounts.make_first_link(NOON)
    assert first is not None
    assert second is not None
    assert stores.accounts.find_link(first, NOON) is None
    assert stores.accounts.use_link(second, "Ana", "hash", NOON) == "ana"
    assert [(one.name, one.role) for one in stores.accounts.list_accounts()] == [("ana", "admin")]
    assert stores.accounts.make_first_link(NOON) is None


def test_two_people_with_the_first_link_make_one_account(journal_clinic: JournalFolder) -> None:
    stores = DeskStores(journal_clinic)
    key = stores.accounts.make_first_link(NOON)
    assert key is not None

    def use(name: str) -> str:
        try:
            return DeskStores(journal_clinic).accounts.use_link(key, name, "hash", NOON)
        except DataFault as fault:
            return fault.faults[0].id

    with ThreadPoolExecutor(4) as pool:
        ends = sorted(pool.map(use, ["ana", "ben", "cat", "dan"]))
    assert ends.count("set-up-link-ended") == 3
    assert len(stores.accounts.list_accounts()) == 1


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda stores: stores.accounts.add("ana", "coordinator", None, NOON), "account-exists"),
        (lambda stores: stores.accounts.add("a b", "coordinator", None, NOON), "account-name"),
        (lambda stores: stores.accounts.add("<b>", "coordinator", None, NOON), "account-name"),
        (lambda stores: stores.accounts.add("ben", "owner", None, NOON), "account-role"),
        (lambda stores: stores.accounts.add("ben", "clinician", None, NOON), "account-therapist"),
        (lambda stores: stores.accounts.add("ben", "admin", "tom", NOON), "account-therapist"),
        (lambda stores: stores.accounts.reset("ben", NOON), "no-such-account"),
        (lambda stores: stores.accounts.reset("ana", NOON), "last-admin"),
        (lambda stores: stores.accounts.set_disabled("ana", True, NOON), "last-admin"),
        (lambda stores: stores.accounts.set_disabled("ana", True, NOON, version=1), "account-changed"),
    ],
)
def test_refused_changes(stores: DeskStores, change: Callable[[DeskStores], object], fault: str) -> None:
    stores.set_up()
    before = stores.accounts.list_accounts()
    with pytest.raises(DataFault) as error:
        change(stores)
    assert fails(error) == fault
    assert stores.accounts.list_accounts() == before


def test_two_admins_at_once_cannot_disable_each_other(journal_clinic: JournalFolder) -> None:
    stores = DeskStores(journal_clinic)
    stores.set_up("ana")
    stores.set_up("ben")

    def disable(name: str) -> str:
        try:
            DeskStores(journal_clinic).accounts.set_disabled(name, True, NOON)
        except DataFault as fault:
            return fault.faults[0].id
        return "disabled"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(disable, ["ana", "ben"])) == ["disabled", "last-admin"]


def test_each_change_has_a_version(stores: DeskStores) -> None:
    stores.set_up("ana")
    stores.set_up("ben", "coordinator")
    version = stores.accounts.list_accounts()[1].version
    stores.accounts.set_disabled("ben", True, NOON, version)
    stores.accounts.set_disabled("ben", False, NOON, version + 1)
    assert stores.accounts.list_accounts()[1].version == version + 2


def test_no_key_and_no_password_is_in_the_database(file_clinic: JournalFolder) -> None:
    stores = DeskStores(file_clinic)
    link = stores.accounts.add("ana", "admin", None, NOON)
    key = stores.sessions.begin("ana", "10.0.0.1", NOON)
    content = (file_clinic.folder / "artifacts" / "desk.db").read_bytes()
    assert b"10.0.0.1" in content
    assert link.encode() not in content
    assert key.encode() not in content


def test_the_file_is_readable_for_its_owner_only(file_clinic: JournalFolder) -> None:
    stores = DeskStores(file_clinic)
    stores.accounts.start()
    assert (file_clinic.folder / "artifacts" / "desk.db").stat().st_mode & 0o077 == 0


def test_accounts_of_two_clinics_in_one_database_are_apart(journal_clinic: JournalFolder) -> None:
    here = DeskStores(journal_clinic)
    here.set_up("ana")
    there = DeskStores(journal_clinic)
    there = _rename(there, "other clinic")
    assert there.accounts.list_accounts() == []
    assert there.sessions.find(here.sessions.begin("ana", "10.0.0.1", NOON), NOON) is None


def _rename(stores: DeskStores, name: str) -> DeskStores:
    from dataclasses import replace

    from attune_fit.data.accounts.account_store import AccountStore
    from attune_fit.data.accounts.session_store import SessionStore

    stores.desk = replace(stores.desk, clinic=name)
    stores.accounts, stores.sessions = AccountStore(stores.desk), SessionStore(stores.desk)
    return stores


def test_a_damaged_file_has_a_plain_fault(file_clinic: JournalFolder) -> None:
    stores = DeskStores(file_clinic)
    stores.accounts.start()
    (file_clinic.folder / "artifacts" / "desk.db").write_bytes(b"no database" * 100)
    with pytest.raises(DataFault, match="move the file away") as error:
        stores.accounts.list_accounts()
    assert fails(error) == "accounts-not-available"


def test_accounts_of_a_newer_version_are_left_as_they_are(stores: DeskStores) -> None:
    import sqlalchemy as sa

    with stores.desk.write() as connection:
        connection.execute(sa.text("UPDATE attune_accounts_version SET version_num = 'a0099'"))
    with pytest.raises(DataFault, match="Install the newest Attune") as error:
        stores.accounts.add("ana", "admin", None, NOON)
    assert fails(error) == "accounts-of-newer-version"
