"""Passwords: which ones are accepted, and a check that is equal with and without an account."""

from __future__ import annotations

import pytest

from attune_fit.data.accounts import passwords
from attune_fit.data.accounts.passwords import check_password, hash_password, is_password
from attune_fit.data.faults import DataFault

GOOD = "correct horse battery"


def test_a_password_fits_its_own_hash_only() -> None:
    password_hash = hash_password(GOOD)
    assert password_hash.startswith("$argon2id$")
    assert GOOD not in password_hash
    assert hash_password(GOOD) != password_hash  # each has its own salt
    assert is_password(GOOD, password_hash)
    assert not is_password(GOOD + " ", password_hash)
    assert not is_password(GOOD, None)
    assert not is_password(GOOD, "no hash")


def test_what_looks_the_same_is_the_same() -> None:
    assert is_password("cafe\u0301 cafe\u0301 cafe\u0301", hash_password("caf\u00e9 caf\u00e9 caf\u00e9"))


def test_an_account_that_is_not_there_costs_the_same_work(monkeypatch: pytest.MonkeyPatch) -> None:
    checked = []

    class CountingHasher:
        def verify(self, password_hash: str, password: str) -> bool:
            checked.append(password_hash)
            return True

        def hash(self, password: str) -> str:
            return "unused"

    monkeypatch.setattr(passwords, "load_hasher", CountingHasher)
    passwords._make_unused_hash.cache_clear()
    assert is_password(GOOD, "known")
    assert not is_password(GOOD, None)
    assert checked == ["known", "unused"]
    passwords._make_unused_hash.cache_clear()


@pytest.mark.parametrize(
    ("password", "repeated", "faults"),
    [
        ("short", "short", {"password-length"}),
        ("x" * 201, "x" * 201, {"password-length"}),
        ("abababababab", "abababababab", {"password-guessable"}),
        ("i am ana.b really", "i am ana.b really", {"password-guessable"}),
        (GOOD, "", {"passwords-differ"}),
        ("short", "other", {"password-length", "passwords-differ"}),
    ],
)
def test_all_reasons_are_named_and_no_password_is(password: str, repeated: str, faults: set[str]) -> None:
    check_password(GOOD, GOOD, "ana.b")
    with pytest.raises(DataFault) as error:
        check_password(password, repeated, "ana.b")
    assert {one.id for one in error.value.faults} == faults
    assert password not in str(error.value)
