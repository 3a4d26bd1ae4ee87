"""Reading of TOML files, within limits: size, depth, and digits of a number."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.formats.reading_limits import MAX_NAME_LETTERS, MAX_TOML_BYTES, MAX_TOML_DEPTH
from attune_fit.data.storage.regular_file import describe_irregular_file

_TEXT = re.compile(r""""(?:[^"\\\n]|\\.)*+"|'[^'\n]*+'""")
_DEEP_NAME = re.compile(rf"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){{{MAX_TOML_DEPTH}}}")


def read_toml(path: Path) -> dict[str, Any]:
    """Return the content of a TOML file.

    Parameters
    ----------
    path : Path
        The file; UTF-8, with or without a byte-order mark.

    Raises
    ------
    DataFault
        If it is no regular file, cannot be read, is larger than ``MAX_TOML_BYTES`` or not valid TOML.
    """
    fault = _find_fault(path)
    if fault is not None:
        raise DataFault([fault])
    try:
        text = path.read_text(encoding="utf-8-sig")
        if _DEEP_NAME.search(_TEXT.sub("x", text)):  # such a name takes the parser minutes
            raise RecursionError
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message, fix = (
            f"not valid TOML: {format_short_name(str(error))}",
            "Correct that line. Text needs quotation marks, a number has a point (0.5), and a key occurs once.",
        )
        raise DataFault.error("toml-not-valid", path.name, "", message, fix=fix) from None
    except UnicodeDecodeError:
        message = "not written in UTF-8"
        raise DataFault.error("not-utf-8", path.name, "", message, fix="Save it as UTF-8.") from None
    except RecursionError:
        message, fix = f"keys or lists more than {MAX_TOML_DEPTH} levels deep", "Attune has no such key. Delete them."
        raise DataFault.error("toml-too-deep", path.name, "", message, fix=fix) from None
    except ValueError:  # Python reads no whole number of more than 4300 digits
        message, fix = "a number has too many digits", "Correct it."
        raise DataFault.error("number-with-too-many-digits", path.name, "", message, fix=fix) from None


def format_short_name(name: str) -> str:
    """Return a name or a message with its middle left out where it is longer than ``MAX_NAME_LETTERS``.

    >>> len(format_short_name("x" * 1000))
    200
    """
    half = MAX_NAME_LETTERS // 2
    return name if len(name) <= MAX_NAME_LETTERS else f"{name[: half - 1]}…{name[-half:]}"


def _find_fault(path: Path) -> Fault | None:
    """Return the fault of a file that is no regular file, too large or not readable; None if there is none."""
    if kind := describe_irregular_file(path):
        message, fix = f"it is {kind}, not a file", "Put the file there, or remove the entry from the folder."
        return Fault.error("not-a-file", path.name, "", message, fix=fix)
    try:
        with path.open("rb") as file:
            size = len(file.read(MAX_TOML_BYTES + 1))
    except OSError as error:
        message, fix = f"cannot be read: {error.strerror}", "Allow Attune to read it, or remove it from the folder."
        return Fault.error("config-not-readable", path.name, "", message, fix=fix)
    if size > MAX_TOML_BYTES:
        message = f"larger than {MAX_TOML_BYTES // 1_000_000} MB, the limit of this file"
        fix = "Keep only keys that Attune has. Tables are files of their own."
        return Fault.error("toml-too-large", path.name, "", message, fix=fix)
    return None
