"""Encode frozen records as JSON in parts, without a copy of them; a record that many others hold is encoded once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_ENCODER = json.JSONEncoder(allow_nan=False, ensure_ascii=False)


def encode_record(record: DataclassInstance) -> Iterator[str]:
    """Yield the JSON of a record in parts: each record of its tuples of records is one part.

    The parts together are ``json.dumps(asdict(record), allow_nan=False, ensure_ascii=False)``. This function is much
    faster where the records of a tuple hold the same records: on a long waiting list, the same openings went past
    hundreds of clients.

    Parameters
    ----------
    record : dataclass instance
        Frozen. Its values are records, tuples of records, or what JSON has. A tuple with a record holds records only.

    Yields
    ------
    str

    Raises
    ------
    ValueError
        If a number is NaN or infinite.

    Examples
    --------
    >>> from attune_fit.matching.assignment.assignment_result import RequiredChange, TakenOpening
    >>> "".join(encode_record(TakenOpening("t05", ("c01", "c02"))))
    '{"therapist_id": "t05", "client_ids": ["c01", "c02"]}'
    """
    texts: dict[int, str] = {}
    opening = "{"
    for field in fields(record):
        value = getattr(record, field.name)
        yield f'{opening}"{field.name}": '
        if _holds_records(value):
            yield "["
            for place, item in enumerate(value):
                yield f"{', ' if place else ''}{_encode(item, texts)}"
            yield "]"
        else:
            yield _encode(value, texts)
        opening = ", "
    yield "}"


def _encode(value: Any, texts: dict[int, str]) -> str:
    """Return the JSON of a value; ``texts`` has the JSON of the records below the records, by :func:`id`."""
    names = getattr(value, "__dataclass_fields__", None)
    if names is None:
        return _ENCODER.encode(value)
    values = {name: getattr(value, name) for name in names}
    if not any(_holds_records(one) for one in values.values()):
        return _ENCODER.encode(values)
    parts = []
    for name, one in values.items():
        text = f"[{', '.join(_encode_shared(one, texts))}]" if _holds_records(one) else _ENCODER.encode(one)
        parts.append(f'"{name}": {text}')
    return f"{{{', '.join(parts)}}}"


def _encode_shared(records: Any, texts: dict[int, str]) -> list[str]:
    """Return the JSON of each record of a tuple; each is encoded once for all tuples that hold it."""
    try:
        return [texts[key] for key in map(id, records)]
    except KeyError:  # some are new
        for record in records:
            if id(record) not in texts:
                texts[id(record)] = _encode(record, texts)
        return [texts[key] for key in map(id, records)]


def _holds_records(value: Any) -> bool:
    return isinstance(value, tuple) and bool(value) and hasattr(value[0], "__dataclass_fields__")
