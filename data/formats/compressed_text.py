"""Text files that gzip has compressed: what is inside, how large it is, and its content."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Callable
from pathlib import Path

from attune_fit.data.formats.reading_limits import MAX_FILE_BYTES

GZIP_START = b"\x1f\x8b"
GZIP_SUFFIX = ".gz"
BLOCK_BYTES = 1 << 20
_HEAD_BYTES, _PACKED_BYTES, _TRAILER_BYTES = 512, 8192, 8  # a header of gzip can hold a file name
_GZIP_FORMAT = 16  # added to the window bits of zlib
_TEXT_CONTROLS = b"\t\r\n"
_FIRST_PRINTABLE = 32
_UTF_16_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def is_gzip_file(path: Path) -> bool:
    """Return whether the first bytes of a file are those of gzip.

    Raises
    ------
    OSError
        If the file cannot be opened.
    """
    with path.open("rb") as file:
        return file.read(len(GZIP_START)) == GZIP_START


def match_gzip_text(*suffixes: str) -> Callable[[bytes, Path], bool]:
    """Return a check for a compressed text file whose name ends in one of the suffixes; without any, in any way."""

    def is_match(head: bytes, path: Path) -> bool:
        name = path.name.lower().removesuffix(GZIP_SUFFIX)
        return head.startswith(GZIP_START) and name.endswith(suffixes or ("",)) and _holds_text(path)

    return is_match


def match_damaged_text(head: bytes, path: Path) -> bool:
    """Return whether a file is called like a compressed text file, begins like one, and holds no text."""
    is_named = Path(path.name.lower().removesuffix(GZIP_SUFFIX)).suffix in (".csv", ".tsv")
    return head.startswith(GZIP_START) and is_named and not _holds_text(path)


def read_text_bytes(path: Path) -> bytes:
    """Return the bytes of a text file, unpacked where gzip has compressed it.

    Raises
    ------
    ValueError
        If the compressed content is damaged or cut, or larger than :data:`MAX_FILE_BYTES`.
    OSError
        If the file cannot be opened.
    """
    if not is_gzip_file(path):
        return path.read_bytes()
    try:
        with gzip.open(path) as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ValueError("the compressed content is damaged") from error
    if len(content) > MAX_FILE_BYTES:  # the file has grown since its size was checked
        raise ValueError("the content is larger than the limit")
    return content


def count_unpacked_bytes(path: Path) -> int:
    """Return the size of what gzip has compressed, in bytes; above :data:`MAX_FILE_BYTES` the count stops.

    The size that the file itself states can be wrong, so the content is unpacked, without being kept. Damaged content
    counts up to the damage: reading it gives the reason.
    """
    count = 0
    try:
        with gzip.open(path) as file:
            while count <= MAX_FILE_BYTES and (block := file.read(BLOCK_BYTES)):
                count += len(block)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        return count
    return count


def _holds_text(path: Path) -> bool:
    """Return whether the first bytes inside a compressed file are text, not those of a workbook or an archive."""
    with path.open("rb") as file:
        packed = file.read(_PACKED_BYTES)
    if len(packed) < _PACKED_BYTES:
        packed = packed[:-_TRAILER_BYTES]  # a wrong check sum is damage to text, which reading it reports
    try:
        head = zlib.decompressobj(zlib.MAX_WBITS | _GZIP_FORMAT).decompress(packed, _HEAD_BYTES)
    except zlib.error:
        return False
    if head.startswith(_UTF_16_BOMS):
        return True
    return len(head) > 0 and not any(byte < _FIRST_PRINTABLE and byte not in _TEXT_CONTROLS for byte in head)
