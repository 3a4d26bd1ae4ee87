"""A message lists headers only where they are headers: the first row of a file can be data."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest

from attune_fit.data.clinic.mapping_config import TableMapping
from attune_fit.data.fault_collector import FaultCollector
from attune_fit.data.reading.rows.header_match import has_trusted_headers, suggest_header
from attune_fit.data.reading.rows.table_files import read_file
from tests.data.conftest import ClinicFolder

HEADERS = {
    "a canonical name": "Age,Sex\n34,w\n",
    "a mapped header": "Code,Sex\nx,w\n",
    "a pattern of slots": "Person,free mon-am\nx,1\n",
    "words above numbers": "Klient,Alter,Geschlecht\nx,34,w\ny,51,m\n",
    "words above dates": "Klient,Geboren\nx,03.02.1990\ny,\n",
}
DATA = {
    "a date": "Maria Example,1990-02-03,grief\nTom Sample,1985-07-09,anxiety\n",
    "a date in words": "Maria Example,3 May 1990,20\nTom Sample,4 May 1990,30\n",
    "a number": "Maria Example,34,grief\nTom Sample,51,anxiety\n",
    "a telephone number": "Maria Example,(0501) 555-0100\nTom Sample,0501 555 0101\n",
    "an address": "maria@example.org,woman,5\ntom@example.org,man,6\n",
    "words alone": "Maria Example,woman\nTom Sample,man\n",
    "no answer above numbers": "Maria Example,unknown\nTom Sample,34\n",
    "a word that is also a column": "Maria Example,religion,goal\nTom Sample,man,34\nEva Test,woman,51\n",
    "an empty cell above numbers": "Maria Example,\nTom Sample,34\n",
}
MAPPING = TableMapping.model_validate({"columns": {"client_id": "code", "availability": {"slots": "free *"}}})


def read(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text), dtype="str").rename(columns={"Unnamed: 1": ""})


@pytest.mark.parametrize("name", HEADERS)
def test_headers_are_trusted(name: str) -> None:
    assert has_trusted_headers(read(HEADERS[name]), "clients", MAPPING)
    assert suggest_header("agee", read(HEADERS[name]), "clients", MAPPING).endswith(".")
    assert f"`{HEADERS[name].split(',')[0]}`" in suggest_header("agee", read(HEADERS[name]), "clients", MAPPING)


@pytest.mark.parametrize("name", DATA)
def test_a_first_row_of_data_is_not_named(name: str) -> None:
    raw = read(DATA[name])
    assert not has_trusted_headers(raw, "clients", MAPPING)
    text = suggest_header("client_id", raw, "clients", MAPPING)
    assert not [cell for cell in DATA[name].splitlines()[0].split(",") if cell and cell in text]
    assert f"({raw.shape[1]} cells)" in text


@pytest.mark.parametrize("name", DATA)
def test_no_fault_of_a_clinic_names_a_first_row_of_data(clinic_folder: ClinicFolder, name: str) -> None:
    first = DATA[name].splitlines()[0]
    clinic_folder.put("clients.csv", f"{first},{first}\n{DATA[name]}").put("spoken.csv", DATA[name])
    clinic_folder.add('[tables.clients.columns]\nage = "Age"\navailability = { slots = "free *" }\n'
                      '[tables.therapists.columns]\nlanguages = { file = "spoken.csv", key = "who", from = "says" }\n'
                      '[tables.outcomes]\ninstrument = "SRS"\nitems = "srs{}"\n'
                      '[[tables.preferences.wishes]]\ncolumn = "wish"\nattribute = "gender"\n')  # fmt: skip
    texts = [str(fault) for fault in clinic_folder.list_faults()]
    assert any("does not look like headers" in text for text in texts)
    cells = list(filter(None, first.split(",")))
    assert not [text for text in texts for cell in cells if f"`{cell}`" in text or f", {cell}" in text]


JOINED = TableMapping(header_row=[1, 2])
ROW_OF_DATA = pd.DataFrame({"client_id c1": ["c2"], "age 30": ["41"], "region": ["north"], "Remarks ann": ["ben"]})


def test_joined_headers_are_trusted_where_one_is_an_id() -> None:
    """An empty cell in a row of data leaves the header of the row above, which is known."""
    assert not has_trusted_headers(ROW_OF_DATA, "clients", JOINED)
    assert not has_trusted_headers(ROW_OF_DATA, "clients", TableMapping()), "one known word"
    assert has_trusted_headers(ROW_OF_DATA.rename(columns={"age 30": "age"}), "clients", TableMapping())
    assert has_trusted_headers(ROW_OF_DATA.rename(columns={"client_id c1": "client_id"}), "clients", JOINED)


def test_headers_that_are_not_trusted_get_numbers(tmp_path: Path) -> None:
    (tmp_path / "clients.csv").write_text("client_id,age,region,Remarks\nc1,30,,ann\nc2,41,north,ben\n")
    raw = read_file(tmp_path / "clients.csv", JOINED, FaultCollector("clients"))
    assert raw is not None
    assert list(raw.columns) == ["(column 1)", "(column 2)", "(column 3)", "(column 4)"]
    assert "not look like headers" in suggest_header("client_id", raw, "clients", JOINED)
