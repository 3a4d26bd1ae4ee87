"""Passwords: which ones are accepted, their hash by argon2, and a check that takes as long without an account."""

from __future__ import annotations

import threading
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from attune_fit.data.accounts.account_faults import build_library_fault
from attune_fit.data.faults import DataFault, Fault

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MIN_LETTERS, MAX_LETTERS = 12, 200
MIN_DIFFERENT = 5  # letters
HASHES_AT_ONCE = threading.BoundedSemaphore(2)  # each takes 64 MB


def check_password(password: str, repeated: str, name: str) -> None:
    """Check a new password. No rule asks for digits or signs: length protects, such rules do not.

    Raises
    ------
    DataFault
        With every reason why it is not accepted. The password is in no message.
    """
    faults = []
    if not MIN_LETTERS <= len(password) <= MAX_LETTERS:
        message = f"the password has fewer than {MIN_LETTERS} or more than {MAX_LETTERS} letters"
        fix = "Use four or more words that do not belong together."
        faults.append(Fault.error("password-length", "account", "password", message, fix=fix))
    elif len(set(password)) < MIN_DIFFERENT or (name and name.casefold() in password.casefold()):
        message = "the password is easy to guess"
        fix = "Leave out the name of the account, and do not repeat a few letters."
        faults.append(Fault.error("password-guessable", "account", "password", message, fix=fix))
    if password != repeated:
        message, fix = "the two passwords differ", "Write the same password in both fields."
        faults.append(Fault.error("passwords-differ", "account", "repeated", message, fix=fix))
    if faults:
        raise DataFault(faults)


def hash_password(password: str) -> str:
    """Return the argon2 hash of a password, with its own salt and settings in it.

    Raises
    ------
    DataFault
        If argon2 is not installed.
    """
    with HASHES_AT_ONCE:
        return load_hasher().hash(_normalize(password))


def is_password(password: str, password_hash: str | None) -> bool:
    """Return whether a password is that of a hash. Without a hash the answer is no, after the same time."""
    from argon2.exceptions import InvalidHashError, VerificationError

    hasher = load_hasher()
    with HASHES_AT_ONCE:
        try:
            is_right = hasher.verify(password_hash or _make_unused_hash(), _normalize(password[: MAX_LETTERS + 1]))
        except (VerificationError, InvalidHashError):
            return False
    return is_right and password_hash is not None


@lru_cache(maxsize=1)
def load_hasher() -> PasswordHasher:
    """Return the hasher of argon2id, with the settings of RFC 9106 for 64 MB of memory.

    Raises
    ------
    DataFault
        If argon2 is not installed.
    """
    try:
        from argon2 import PasswordHasher
    except ImportError:
        raise build_library_fault() from None
    return PasswordHasher()


@lru_cache(maxsize=1)
def _make_unused_hash() -> str:
    """Return a hash of a random password, for an account that does not exist."""
    from attune_fit.data.accounts.secret_keys import make_key

    return load_hasher().hash(make_key())


def _normalize(password: str) -> str:
    """Return the same signs for what looks the same, whatever keyboard wrote it."""
    return unicodedata.normalize("NFKC", password)
