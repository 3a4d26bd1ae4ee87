"""Describes faults by id, place, rows and the values in their wording, so that a new wording changes no test."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest

from attune_fit.data.fault_collector import TREATMENTS
from attune_fit.data.faults import DataFault, Fault, format_rows
from tests.messages import PLACEHOLDER, read_snapshot

LONG_LIST = re.compile(r"(Known: (?:`[^`]*`, ){3})(?:`[^`]*`(?:, )?)+|((?:`[^`]*`, ){3})(?:`[^`]*`, ){3,}`[^`]*`")
AND_MORE = r"\1\2and more"


def describe_fault(fault: Fault) -> str:
    """Return what a fault is, in one line; its wording must be the one of the snapshot.

    For example ``clients, age (row 2): value-not-valid (age, 0, 110)``: the place, the rows, the id, and in brackets
    what the wording of this id leaves open. A list of known names is cut after three, so that a new row of a table
    changes no test.
    """
    wording = read_snapshot()[fault.id]
    kinds = (fault.kind, "warning") if fault.sets_aside else (fault.kind,)  # of cells, by the column they are in
    assert wording["kind"] in kinds, fault
    values = [value for key, text in (("message", fault.says), ("fix", fault.fix))
              for value in _find_values(wording[key], text, fault.id)
              if value and value not in TREATMENTS.values()]  # fmt: skip
    place = fault.place
    rows = f" ({format_rows(fault.rows, files=fault.files)})" if fault.rows else ""
    rows += f" sets aside {fault.name_people()}" if fault.sets_aside else ""
    named = f" ({LONG_LIST.sub(AND_MORE, ', '.join(values))})" if values else ""
    return f"{place}{rows}: {fault.id}{named}"


def describe_faults(faults: Iterable[Fault]) -> list[str]:
    """Return :func:`describe_fault` of each fault, in their order."""
    return [describe_fault(fault) for fault in faults]


@contextmanager
def raises_faults(*expected: str) -> Iterator[None]:
    """Check that a block raises exactly these faults; see :func:`describe_fault`."""
    with pytest.raises(DataFault) as raised:
        yield
    found = describe_faults(raised.value.faults)
    assert found == list(expected), "\n".join(["the faults are:", *found])


def _find_values(forms: str | list[str], text: str, message_id: str) -> tuple[str, ...]:
    """Return the values of a text at the placeholders of its template; the first of several forms that fits."""
    for form in [forms] if isinstance(forms, str) else forms:
        pattern = "(.*?)".join(re.escape(part) for part in PLACEHOLDER.split(form))
        if found := re.fullmatch(pattern, text, re.DOTALL):
            return found.groups()
    raise AssertionError(f"{message_id}: `{text}` is not the wording of the snapshot: {forms}. Run `make plain`.")
