"""The pointer to the live model: it names a bundle of this clinic, or ranking stops with one error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.faults import DataFault
from attune_fit.data.hash_chain import ChainHead
from attune_fit.data.sealed_files import LEDGER, append_sealed
from attune_fit.data.sealed_log import read_head
from attune_fit.models.active_pointer import (
    STARTING_MODEL_NAME,
    build_bundle_path,
    is_trained,
    list_bundle_names,
    read_active_name,
    read_ledger_end,
    set_active_bundle,
)
from tests.data.file_kinds import KINDS, make_other_kind

ONE, TWO = "0123456789ab", "ba9876543210"


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    """A clinic with two folders of bundles, and a folder that is none."""
    clinic = Clinic.open(tmp_path)
    for name in (TWO, ONE, ".attune-1-x.tmp"):
        build_bundle_path(clinic, name).mkdir(parents=True)
    return clinic


def find_fault(clinic: Clinic) -> str:
    with pytest.raises(DataFault) as raised:
        read_active_name(clinic)
    (fault,) = raised.value.faults
    assert fault.table == "artifacts/live.json"
    return fault.id


def test_a_bundle_and_the_starting_model_can_be_made_active(clinic: Clinic) -> None:
    assert (read_active_name(clinic), list_bundle_names(clinic)) == (STARTING_MODEL_NAME, [ONE, TWO])
    set_active_bundle(clinic, ONE)
    assert (read_active_name(clinic), is_trained(clinic)) == (ONE, True)
    for _ in range(2):
        set_active_bundle(clinic, STARTING_MODEL_NAME)
        assert (read_active_name(clinic), is_trained(clinic)) == (STARTING_MODEL_NAME, False)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"{}", b'"0123456789ab"', b"null", b'{"bundle": null}', b'{"bundle": 5}', b'{"bundle": ["x"]}',
     b'{"bundle": "abc"}', b'{"bundle": "0123456789AB"}', b'{"bundle": "../bundles/0123456789ab"}',
     b'{"bundle": "0123456789ab/"}', b'{"bundle": "/tmp/0123456789ab"}', b'{"bundle": "0123456789ab\\n"}',
     b'{"bundle": "day0"}', b"\xff", b"\0", b"[" * 100_000, '{"bundle": "0123456789ab"}'.encode("utf-16")],
)  # fmt: skip
def test_a_pointer_that_names_no_bundle_of_this_clinic_is_an_error(clinic: Clinic, content: bytes) -> None:
    (clinic.artifacts / "live.json").write_bytes(content)
    assert find_fault(clinic) == "live-bundle-not-named"


def test_a_pointer_to_a_missing_bundle_is_an_error(clinic: Clinic) -> None:
    set_active_bundle(clinic, "f" * 12)
    assert find_fault(clinic) == "live-bundle-not-found"


@pytest.mark.parametrize("place", ["bundle", "bundles"])
def test_a_bundle_that_is_a_link_out_of_the_clinic_is_none(clinic: Clinic, tmp_path: Path, place: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    if place == "bundle":
        build_bundle_path(clinic, ONE).rename(elsewhere)
        build_bundle_path(clinic, ONE).symlink_to(elsewhere)
    else:
        (clinic.artifacts / "bundles").rename(elsewhere)
        (clinic.artifacts / "bundles").symlink_to(elsewhere)
    set_active_bundle(clinic, ONE)
    assert find_fault(clinic) == "live-bundle-not-found"
    assert ONE not in list_bundle_names(clinic)


def test_artifacts_can_be_a_link_to_another_disk(clinic: Clinic, tmp_path: Path) -> None:
    clinic.artifacts.rename(tmp_path / "disk")
    clinic.artifacts.symlink_to(tmp_path / "disk")
    set_active_bundle(clinic, ONE)
    assert (read_active_name(clinic), list_bundle_names(clinic)) == (ONE, [ONE, TWO])


@pytest.mark.parametrize("kind", KINDS)
def test_a_pointer_that_is_no_file_is_an_error_and_never_taken_for_absent(
    clinic: Clinic, tmp_path: Path, kind: str
) -> None:
    elsewhere = tmp_path / "clients.csv"
    elsewhere.write_text(json.dumps({"bundle": ONE}))
    make_other_kind(clinic.artifacts / "live.json", kind, elsewhere)
    assert find_fault(clinic) == "pointer-not-readable"
    assert read_ledger_end(clinic) is None
    if kind != "folder":  # a promotion replaces it, and never writes to where it leads
        set_active_bundle(clinic, TWO)
        assert read_active_name(clinic) == TWO
        assert elsewhere.read_text() == json.dumps({"bundle": ONE})


def test_the_pointer_holds_the_end_of_the_ledger(clinic: Clinic) -> None:
    set_active_bundle(clinic, ONE)
    assert read_ledger_end(clinic) is None  # there is no ledger yet
    append_sealed(clinic.artifacts, LEDGER, [{"id": 1}, {"id": 2}])
    set_active_bundle(clinic, ONE)
    end = read_head(clinic.artifacts / LEDGER.file)
    assert end is not None
    assert json.loads((clinic.artifacts / "live.json").read_bytes()) == {
        "bundle": ONE,
        "ledger": {"line": 2, "seal": end.seal},
    }
    assert read_ledger_end(clinic) == ChainHead(2, end.seal)


@pytest.mark.parametrize("end", [None, 5, [], {"line": "2", "seal": "ab"}, {"line": 2}])
def test_a_pointer_of_an_earlier_version_or_with_an_odd_end_names_its_bundle(clinic: Clinic, end: object) -> None:
    (clinic.artifacts / "live.json").write_text(json.dumps({"bundle": ONE, "ledger": end}))
    assert (read_active_name(clinic), read_ledger_end(clinic)) == (ONE, None)
