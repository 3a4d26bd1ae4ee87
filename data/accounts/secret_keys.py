"""Random keys of sessions and links: the browser has the key, the database only its hash."""

from __future__ import annotations

import hashlib
import secrets

KEY_BYTES = 32


def make_key() -> str:
    """Return a new random key that fits into a cookie or an address.

    >>> len(make_key())
    43
    """
    return secrets.token_urlsafe(KEY_BYTES)


def hash_key(key: str) -> str:
    """Return the hash under which a key is kept. A key is random, so no salt and no slow hash is needed.

    >>> hash_key("key")[:8]
    '2c70e12b'
    """
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
