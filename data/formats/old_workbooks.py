"""Search for cells with an error in a workbook of Excel before 2007.

Such a file is a compound file: sectors, and a table that chains them to streams [1]_. The stream ``Workbook`` is a
list of records, each with its kind and its length [2]_.

References
----------
.. [1] Microsoft, [MS-CFB]: Compound File Binary File Format, sections 2.2 to 2.6.
.. [2] Microsoft, [MS-XLS]: Excel Binary File Format (.xls) Structure, records BoundSheet8, BoolErr and Formula.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

ERROR_NAMES = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
UNKNOWN_ERROR = "#ERROR!"
STREAM_NAMES = ("workbook", "book")  # since Excel 97, and before
BEGIN, END, SHEET, BOOLEAN_OR_ERROR, FORMULA = (0x0809, 0x000A, 0x0085, 0x0205, (0x0006, 0x0206, 0x0406))
DIRECTORY_ENTRY = 128  # bytes
NO_SECTOR = 0xFFFFFFFA  # this number and higher ones end a chain
HEADER_SECTORS = 109  # sectors of the sector table that the header lists itself


def find_old_error_cells(content: bytes, position: int) -> dict[tuple[int, int], str]:
    """Return the text of each cell with an error, by its row and column, both counted from 0.

    Parameters
    ----------
    content : bytes
        The file.
    position : int
        The sheet, counted from 0 in the order of the workbook.

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    try:
        stream = _read_stream(content)
        starts = [struct.unpack_from("<I", body)[0] for kind, body in _iterate_records(stream, 0) if kind == SHEET]
        return dict(_iterate_errors(stream, starts[position]))
    except (struct.error, IndexError) as error:
        raise ValueError("the workbook is damaged") from error


def _iterate_errors(stream: bytes, start: int) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield place and text of each error of a sheet."""
    for kind, body in _iterate_records(stream, start):
        if kind == BOOLEAN_OR_ERROR and body[7]:
            yield struct.unpack_from("<HH", body), ERROR_NAMES.get(body[6], UNKNOWN_ERROR)
        elif kind in FORMULA and body[12:14] == b"\xff\xff" and body[6] == 2:  # the result is no number, but an error
            yield struct.unpack_from("<HH", body), ERROR_NAMES.get(body[8], UNKNOWN_ERROR)


def _iterate_records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """Yield kind and content of each record of one part of the stream; charts inside a sheet are parts of their own."""
    depth = 0
    while start + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, start)
        depth += (kind == BEGIN) - (kind == END)
        if depth == 1:
            yield kind, stream[start + 4 : start + 4 + length]
        if depth <= 0:
            return
        start += 4 + length


def _read_stream(content: bytes) -> bytes:
    """Return the stream of the workbook."""
    size, small_size = 1 << struct.unpack_from("<H", content, 30)[0], 1 << struct.unpack_from("<H", content, 32)[0]
    directory, _, least, small_table = struct.unpack_from("<4I", content, 48)

    def read_sector(number: int) -> bytes:
        return content[(number + 1) * size : (number + 2) * size]

    sectors, more = (
        list(struct.unpack_from(f"<{HEADER_SECTORS}I", content, 76)),
        struct.unpack_from("<I", content, 68)[0],
    )
    while more < NO_SECTOR and len(sectors) * size <= len(content) + HEADER_SECTORS * size:
        *listed, more = _read_numbers(read_sector(more))
        sectors += listed
    table = _read_numbers(b"".join(read_sector(number) for number in sectors if number < NO_SECTOR))

    def read_chain(number: int) -> bytes:
        return b"".join(read_sector(one) for one in _follow(table, number))

    entries = read_chain(directory)
    root: tuple[int, int] | None = None
    for offset in range(0, len(entries), DIRECTORY_ENTRY):
        entry = entries[offset : offset + DIRECTORY_ENTRY]
        name_length, (first, length) = struct.unpack_from("<H", entry, 64)[0], struct.unpack_from("<2I", entry, 116)
        root = root or (first, length)  # the first entry: its stream holds the small ones
        if (
            entry[: max(name_length - 2, 0)].decode("utf-16-le", "replace").casefold() in STREAM_NAMES
            and entry[66] == 2
        ):
            if length >= least:
                return read_chain(first)[:length]
            small, numbers = read_chain(root[0]), _follow(_read_numbers(read_chain(small_table)), first)
            return b"".join(small[one * small_size : (one + 1) * small_size] for one in numbers)[:length]
    raise ValueError("the file holds no workbook")


def _read_numbers(sector: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(sector) // 4}I", sector[: len(sector) // 4 * 4])


def _follow(table: tuple[int, ...], number: int) -> Iterator[int]:
    """Yield the sectors of a chain; one that comes back to itself is damaged."""
    for _ in range(len(table) + 1):
        if number >= NO_SECTOR:
            return
        yield number
        number = table[number]
    raise ValueError("the file is damaged")
