"""Words of a command that people copy into a terminal, such as ids with a space."""

from __future__ import annotations

import os
import re
import shlex

_PLAIN_WORD = re.compile(rf"[\w./{re.escape(os.sep)}:=@%+,~-]+")  # on Windows a backslash is between folders
_SPECIAL_IN_QUOTES = frozenset('"$`\\!') - {os.sep}  # characters that mean something else inside double quotes


def format_word(text: object) -> str:
    r"""Return text as one word of a command: in quotation marks where a terminal would read several words.

    Double quotes work in every terminal. A text in which they would change the meaning is quoted as in a Unix shell.

    >>> print(format_word("c0031"), format_word("Ana Ruiz"), format_word('A "B"'))
    c0031 "Ana Ruiz" 'A "B"'
    """
    word = str(text)
    if _PLAIN_WORD.fullmatch(word):
        return word
    return shlex.quote(word) if _SPECIAL_IN_QUOTES & set(word) or not word else f'"{word}"'


def format_option(name: str, value: object) -> str:
    """Return an option with its value; a value that begins with ``-`` is joined, so that it is no option itself.

    >>> print(format_option("--client", "c1"), format_option("--client", "-1"))
    --client c1 --client=-1
    """
    word = format_word(value)
    return f"{name}={word}" if str(value).startswith("-") else f"{name} {word}"
