"""Settings of a running desk: the names under which browsers reach it, and whether it speaks TLS."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass, field

LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
MAX_BODY_BYTES = 250_000  # of a form; a placement of 1,000 clients takes 100,000


@dataclass(frozen=True)
class DeskSettings:
    """Settings of a running desk.

    Attributes
    ----------
    names : frozenset of str
        Names and addresses in the Host header that are answered, in lower case. Any other name is refused: a page of
        another site could give its own name the address of this computer.
    port : int
    is_secure : bool
        Whether the desk speaks TLS; its cookie is then sent over TLS only.
    """

    names: frozenset[str] = LOCAL_NAMES
    port: int = 8000
    is_secure: bool = False

    @property
    def cookie(self) -> str:
        """Name of the session's cookie; with the port, because browsers share cookies between the ports of a name."""
        return f"{'__Host-' if self.is_secure else ''}attune_{self.port}"


@dataclass(frozen=True)
class DeskClock:
    """A clock that never goes back while the desk runs, also where the clock of the computer is set back."""

    started_at: float = field(default_factory=lambda: time.time())
    counter: float = field(default_factory=lambda: time.monotonic())

    def read(self) -> float:
        """Return seconds since 1970."""
        return max(time.time(), self.started_at + time.monotonic() - self.counter)


def format_moment(seconds: float) -> str:
    """Return a time as people read it, in the time of this computer.

    >>> len(format_moment(0))
    16
    """
    return dt.datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")
