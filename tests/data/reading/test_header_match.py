"""A message lists headers only where they are headers: the first row of a file can be data."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from attune_fit.data.clinic.mapping_config import TableMapping
from attune_fit.data.reading.header_match import has_trusted_headers, suggest_header
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
