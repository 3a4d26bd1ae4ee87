"""Who records an event: a short name of a person, or of a program."""

from __future__ import annotations

from attune_fit.data.faults import DataFault

MAX_LETTERS, MAX_WORDS = 64, 3
UNKNOWN = "unknown"


def check_actor(name: str) -> str:
    """Return a name as it is kept, with single spaces.

    Raises
    ------
    DataFault
        If it is empty, has over 64 letters or over 3 words, or has a sign that is not seen: the journal keeps no text.
    """
    words = str(name).split()
    short = " ".join(words)
    if not 1 <= len(words) <= MAX_WORDS or len(short) > MAX_LETTERS or not short.isprintable():
        fix = f"Write at most {MAX_WORDS} words and {MAX_LETTERS} letters, such as `--actor ana`."
        raise DataFault.error("actor-unsuitable", "journal", "actor", "this is no name of who records", fix=fix)
    return short


def find_user_name() -> str:
    """Return the name of the user on this machine, without what no name has; ``unknown`` where there is none."""
    import getpass

    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):
        return UNKNOWN
    visible = "".join(letter if letter.isprintable() else " " for letter in name)
    return " ".join(visible.split()[:MAX_WORDS])[:MAX_LETTERS] or UNKNOWN
