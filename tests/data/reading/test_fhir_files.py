"""Files of FHIR resources: NDJSON, JSON, Bundles, copies, and what cannot be read."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.reading.presets.fhir.fhir_preset import FHIR
from attune_fit.data.reading.read_clinic import read_mapping
from tests.data.reading.fhir_clinic import (
    TOML,
    Body,
    FhirFolder,
    build_coverage,
    build_encounter,
    build_patient,
    build_practitioner,
    write_bundle,
    write_ndjson,
)

PEOPLE = (build_patient("c1"), build_practitioner("t"))


@pytest.fixture
def clinic(tmp_path: Path) -> FhirFolder:
    """Return an empty clinic."""
    return FhirFolder(tmp_path)


def list_clients(clinic: FhirFolder) -> list[str]:
    """Return the ids of the clients."""
    return [str(one) for one in clinic.read().clients["client_id"]]


def test_bundles_lists_lines_and_compressed_lines_are_read(clinic: FhirFolder) -> None:
    folder = clinic.folder
    inner = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": build_patient("c1")}]}
    write_bundle(folder / "bundle.json", [inner, build_practitioner("t")])
    (folder / "list.json").write_text(json.dumps([build_patient("c2"), build_patient("c3")]))
    (folder / "one.json").write_bytes(b"\xef\xbb\xbf" + json.dumps(build_patient("c4")).encode())
    with gzip.open(folder / "Patient.ndjson.gz", "wt") as file:
        file.write(json.dumps(build_patient("c5")) + "\n\n")
    assert list_clients(clinic) == ["c1", "c2", "c3", "c4", "c5"]
    assert all(FHIR.recognize(path) for path in folder.iterdir() if path.name != "clinic.toml")
    assert not FHIR.recognize(folder / "clinic.toml")


def test_files_can_be_in_a_folder_or_fit_a_pattern(clinic: FhirFolder) -> None:
    export = clinic.folder / "export"
    export.mkdir()
    write_ndjson(export, PEOPLE)
    path = clinic.folder / "clinic.toml"
    path.write_text(TOML.replace('source = "fhir"', 'source = "fhir"\nfile = "export"'))
    assert list_clients(clinic) == ["c1"]
    path.write_text(TOML.replace('source = "fhir"', 'source = "fhir"\nfile = "export/P*.ndjson"'))
    assert list_clients(clinic) == ["c1"]
    path.write_text(TOML.replace('source = "fhir"', 'source = "fhir"\nfile = "export/none*.ndjson"'))
    assert set(clinic.list_ids()) == {"fhir-file-not-found"}


def test_an_entry_without_an_id_has_that_of_its_address(clinic: FhirFolder) -> None:
    patient = {key: one for key, one in build_patient("").items() if key != "id"}
    coverage = build_coverage("k", "") | {"beneficiary": {"reference": "urn:uuid:11-22"}}
    entries = [
        {"fullUrl": "urn:uuid:11-22", "resource": patient},
        *({"resource": one} for one in (coverage, PEOPLE[1])),
    ]
    (clinic.folder / "b.json").write_text(
        json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})
    )
    assert clinic.get_client("payer", "11-22") == "acme health plan"


def test_the_later_version_of_a_resource_counts(clinic: FhirFolder) -> None:
    old = build_patient("c1", gender="male", meta={"lastUpdated": "2026-01-01T00:00:00Z"})
    new = build_patient("c1", gender="female", meta={"lastUpdated": "2026-02-01T00:00:00Z"})
    clinic.put(new, old, PEOPLE[1])
    assert clinic.get_client("gender") == "female"
    assert not clinic.list_aside()
    clinic.put(build_patient("c1"), build_patient("c1"), PEOPLE[1])
    assert list_clients(clinic) == ["c1"]
    clinic.put(build_patient("c1"), build_patient("c1", gender="male"), PEOPLE[1])
    assert list(clinic.list_aside().values()) == [("c1",)]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("Patient.ndjson", b'{"resourceType": "Patient", "id": "Zzyzx', "this file is damaged: line 1 is not JSON"),
        ("Other.ndjson", b'{"resourceType": "Condition", "id": "Zzyzx', "this file is damaged: line 1 is not JSON"),
        ("x.json", b'{"a": Zzyzx}', "this file is damaged: it is not JSON"),
        ("x.json", b"[" * 100_000, "this file is damaged: it is not JSON"),
        ("x.json", '{"a": "\u00e9"}'.encode("latin-1"), "this file is damaged: its text is not UTF-8"),
        ("x.ndjson.gz", gzip.compress(b"{}")[:-4], "this file is damaged: the compressed content is damaged"),
    ],
)
def test_a_damaged_file_stops_and_its_text_is_in_no_message(
    clinic: FhirFolder, name: str, content: bytes, message: str
) -> None:
    clinic.put(*PEOPLE)
    (clinic.folder / name).write_bytes(content)
    errors = [fault for fault in clinic.list_faults() if fault.stops]
    assert {fault.id for fault in errors} == {"fhir-file-damaged"}
    assert {fault.says for fault in errors} == {message}
    assert [fault.table for fault in errors] == [name]


def test_a_file_that_is_not_open_to_attune_is_an_error(clinic: FhirFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    clinic.put(*PEOPLE)
    real = Path.open

    def refuse(path: Path, *args: object, **keys: object) -> object:
        if path.name == "Patient.ndjson":
            raise PermissionError(13, "Permission denied")
        return real(path, *args, **keys)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    assert clinic.list_ids() == ["fhir-file-not-readable"]
    assert not FHIR.recognize(clinic.folder / "Patient.ndjson")


def test_other_kinds_are_counted_once(clinic: FhirFolder) -> None:
    others: list[Body] = [{"resourceType": "Condition", "id": f"x{number}"} for number in range(1200)]
    others += [{"resourceType": f"Other{chr(65 + number)}", "id": "x"} for number in range(9)]
    clinic.put(*PEOPLE, *others)
    (clinic.folder / "list.json").write_text('[{"name": "Zzyzx"}, 3, {"resourceType": "Zzyzx 5"}]')
    (fault,) = [one for one in clinic.list_faults() if one.id == "fhir-kind-not-read"]
    assert fault.says == (
        "resources that Attune does not read: 1,200 Condition, 3 without a kind, 1 OtherA, 1 OtherB, 1 OtherC, "
        "1 OtherD, 1 OtherE, 1 OtherF and 3 other kinds"
    )


@pytest.mark.parametrize(
    "body",
    [
        build_encounter("e", "c1", "t", "2026-05-01") | {"class": [{"text": "x"}]},
        build_encounter("e", "c1", "t", "2026-05-01", participant=[{"actor": {"reference": "Practitioner/t"}}]),
        build_practitioner("t", communication=[{"language": {"text": "English"}}]),
        {"resourceType": "CapabilityStatement", "fhirVersion": "5.0.0"},
        {"resourceType": "QuestionnaireResponse", "group": {}},
    ],
)
def test_another_version_of_fhir_is_refused(clinic: FhirFolder, body: Body) -> None:
    clinic.put_people(body)
    assert "fhir-version" in clinic.list_ids()


def test_a_search_without_its_next_page_is_a_warning(clinic: FhirFolder) -> None:
    links = [{"relation": "self", "url": "http://x/1"}, {"relation": "next", "url": "http://x/2"}]
    write_bundle(clinic.folder / "a.json", PEOPLE, type="searchset", link=links)
    assert "fhir-page-missing" in clinic.list_ids()
    write_bundle(clinic.folder / "b.json", [], type="searchset", link=[{"relation": "self", "url": "http://x/2"}])
    assert "fhir-page-missing" not in clinic.list_ids()


def test_conflicts_are_no_resource(clinic: FhirFolder) -> None:
    clinic.put(*PEOPLE)
    (clinic.folder / "clinic.toml").write_text(TOML + '[tables.conflicts]\nsource = "fhir"\n')
    assert "fhir-table-without-resource" in clinic.list_ids()


def test_rows_are_the_lines_of_one_file_and_the_report_names_it(clinic: FhirFolder) -> None:
    clinic.put(build_patient("c1"), build_patient("c2", communication=[{}]), PEOPLE[1])
    (fault,) = [one for one in clinic.list_faults() if one.id == "fhir-client-language"]
    assert fault.rows == (2,)
    assert "Patient.ndjson" in [one.file for one in read_mapping(Clinic.open(clinic.folder))]


@pytest.mark.parametrize("value", [3, "x", [], ["x"], [None], {}, None, True, [[]], [{"x": []}]])
def test_any_json_in_place_of_an_element_is_no_crash(clinic: FhirFolder, value: object) -> None:
    keys = ["meta", "address", "communication", "extension", "name", "identifier", "birthDate", "gender", "active"]
    keys += ["beneficiary", "payor", "status", "period", "order", "type", "subject", "participant", "class", "id"]
    kinds = ("Coverage", "Encounter", "Observation", "QuestionnaireResponse", "PractitionerRole")
    bodies = [{"resourceType": kind, "id": "x", key: value} for key in keys for kind in kinds]
    bodies += [{"resourceType": kind, "id": f"{kind}-{key}", key: value} for key in keys
               for kind in ("Patient", "Practitioner") if key != "id"]  # fmt: skip
    clinic.put_people(*PEOPLE, *bodies)
    clinic.list_faults()


def test_half_of_a_character_is_an_error(clinic: FhirFolder) -> None:
    clinic.put(*PEOPLE)
    (clinic.folder / "more.json").write_text('{"resourceType": "Patient", "id": "c2", "gender": "\\ud800"}')
    assert [fault.id for fault in clinic.list_faults() if fault.stops] == ["fhir-file-damaged"]
    (clinic.folder / "more.json").write_text('{"resourceType": "Patient", "id": "c2-\\ud83d\\ude00"}')
    assert sorted(list_clients(clinic)) == ["c1", "c2-\U0001f600"]
