"""The digest of the tables, and their canonical columns."""

import datetime as dt
import hashlib
import re
import struct
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings

from attune_fit.data.clinic.columns import COLUMNS, TABLES, list_columns
from attune_fit.data.clinic.tables import DIGEST_VERSION, Tables, complete_columns, is_current_digest
from tests.strategies import clinic, clinics

FEW = ("age", "gender", "orientations")
OPTIONAL = [(column.table, column.name) for column in COLUMNS if not column.required]


def digest_plainly(tables: Tables) -> str:
    """The digest cell by cell: SHA-256 over the distinct cells of each column and which of them each row has."""

    def sized(content: bytes) -> bytes:
        return len(content).to_bytes(8, "little") + content

    whole = tables.as_of.isoformat().encode()
    for name in TABLES:
        table: pd.DataFrame = getattr(tables, name)
        whole += sized(f"{name} {len(table)}".encode())
        for column in sorted(table.columns):
            distinct: list[bytes] = []
            codes = b""
            for cell in table[column]:
                if pd.isna(cell):
                    codes += (-1).to_bytes(8, "little", signed=True)
                    continue
                content = b"n" + struct.pack("<d", cell) if isinstance(cell, float) else b"t" + str(cell).encode()
                content = f"d{cell:%Y-%m-%d}".encode() if isinstance(cell, pd.Timestamp) else content
                distinct += [] if content in distinct else [content]
                codes += distinct.index(content).to_bytes(8, "little", signed=True)
            if distinct:
                whole += sized(b"".join(map(sized, [column.encode(), *distinct, codes])))
    whole += b"".join(sized(one.encode()) for one in sorted(tables.met_client_ids))
    return "2:" + hashlib.sha256(whole).hexdigest()


@settings(max_examples=20, deadline=None)
@given(tables=clinics(outcomes=3, conflicts=1))
def test_the_digest_is_the_plain_one(tables: Tables) -> None:
    assert tables.digest() == digest_plainly(tables)


@settings(max_examples=20, deadline=None)
@given(tables=clinics(FEW, outcomes=3))
def test_the_digest_changes_with_any_cell_and_with_who_has_met(tables: Tables) -> None:
    older = tables.clients.assign(age=tables.clients["age"].fillna(0) + 1)
    for other in (replace(tables, clients=older), replace(tables, met_client_ids=tables.met_client_ids | {"nobody"})):
        assert other.digest() != tables.digest()


def test_the_digest_changes_with_ids_rows_columns_and_the_day() -> None:
    tables = clinic({"age": [30, None], "gender": ["f", "m"]}, {"age": [40]})
    clients = tables.clients
    others = [
        replace(tables, clients=changed)
        for changed in (
            clients.assign(client_id=["c0", "c9"]),
            clients.iloc[::-1],
            clients.iloc[:1],
            clients.assign(age=[float("nan"), 30.0]),
            clients.assign(gender=clients["religion"], religion=clients["gender"]),
            clients.assign(own=["a", "b"]),
        )
    ]
    others.append(replace(tables, as_of=tables.as_of + dt.timedelta(days=1)))
    assert len({one.digest() for one in [tables, *others]}) == 1 + len(others)


def test_the_digest_is_pinned() -> None:
    """Another value here means that no bundle and no logged ranking of before has the digest of its tables."""
    tables = clinic(
        {"age": [30, None], "languages": ["english|spanish", None], "referred_on": [pd.Timestamp("2026-01-05"), None]},
        {"age": [40]},
        wishes=[(0, "gender", "f", "must")],
        outcomes={"client_id": ["c0"], "therapist_id": ["t0"], "score": [4.5], "instrument": ["WAI-SR"]},
    )
    assert tables.digest() == "2:915692aaaa5d010e1dd56fd1fb8fa179d1be2dfb6f29f13da9912607b11b134e"


@pytest.mark.parametrize(("table", "column"), OPTIONAL)
def test_an_optional_column_may_be_absent_or_full_of_unknowns(table: str, column: str) -> None:
    tables = clinic(
        {"age": [30, None]},
        {"age": [40]},
        outcomes={"client_id": ["c0"], "therapist_id": ["t0"], "score": [4.5]},
        conflicts={"client_id": ["c1"], "therapist_id": ["t0"]},
    )
    frame: pd.DataFrame = getattr(tables, table)
    absent: dict[str, Any] = {table: frame.drop(columns=column)}
    unknown: dict[str, Any] = {table: complete_columns(table, absent[table])}
    assert unknown[table][column].isna().all()
    assert replace(tables, **unknown).digest() == replace(tables, **absent).digest()


def test_a_digest_names_the_way_it_was_made() -> None:
    digest = clinic({"age": [30]}, {"age": [40]}).digest()
    assert is_current_digest(digest)
    assert not is_current_digest(digest.removeprefix(f"{DIGEST_VERSION}:"))
    assert re.fullmatch(r"2:[0-9a-f]{64}", digest)


def test_every_canonical_column_is_there_with_its_type() -> None:
    for table in TABLES:
        frame = complete_columns(table, pd.DataFrame())
        assert list(frame) == list(list_columns(table))
        kinds = {"number": "float64", "date": "datetime64[s]"}
        assert [str(frame[name].dtype) for name in frame] == [
            kinds.get(c.kind, "str") for c in list_columns(table).values()
        ]


def test_minus_zero_is_zero_and_own_columns_stand_in_the_order_of_their_names() -> None:
    frame = complete_columns("clients", pd.DataFrame({"zeal": ["a"], "past_focus_preference": [-0.0], "art": ["b"]}))
    assert str(frame.loc[0, "past_focus_preference"]) == "0.0"
    assert list(frame)[-2:] == ["art", "zeal"]


def test_a_clinic_before_it_recorded_anything_has_met_nobody() -> None:
    before = clinic(
        {"age": [30]}, {"age": [40]}, outcomes={"client_id": ["c0"], "therapist_id": ["t0"]}
    ).drop_outcomes()
    assert len(before.outcomes) == 0
    assert not before.met_client_ids
