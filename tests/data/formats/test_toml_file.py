"""A strange ``clinic.toml`` gives one error at once: no traceback, no minutes, and no settings lost in silence."""

import os
from pathlib import Path

import pytest

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.faults import DataFault
from attune_fit.data.formats.reading_limits import MAX_CONFIG_FAULTS, MAX_NAME_LETTERS, MAX_TOML_BYTES
from attune_fit.data.formats.toml_file import read_toml

STRANGE: dict[str, tuple[str | bytes, str]] = {
    "10,000 brackets": ("a = " + "[" * 10_000, "toml-too-deep"),
    "10,000 tables in each other": ("a = " + "{b=" * 10_000, "toml-too-deep"),
    "100,000 names joined by dots": (".".join("a" * 100_000) + " = 1", "toml-too-deep"),
    "the same between spaces and quotation marks": (" . ".join(["a"] * 40 + ['"b"']) + " = 1", "toml-too-deep"),
    "a text of 20 MB": (f'[clinic]\nname = "{"x" * 20_000_000}"', "toml-too-large"),
    "a number of 5,000 digits": (f"[settings]\nseed = {'1' * 5_000}", "number-with-too-many-digits"),
    "NUL": ('[clinic]\nname = "\0"', "toml-not-valid"),
    "half of a letter": ('[clinic]\nname = "\\ud800"', "toml-not-valid"),
    "UTF-16": ('[clinic]\nname = "a"'.encode("utf-16"), "not-utf-8"),
    "bytes of no letter": (b'name = "\xff"', "not-utf-8"),
    "thousands of rules": ("\n".join(f"[rules.r{number}]\non = true" for number in range(5_000)), "key-not-valid"),
    "a long text": (f'[clinic]\nname = "{"x" * 20_000}"', "key-not-valid"),
}


def list_ids(folder: Path) -> list[str]:
    """Return the ids of the faults of opening the clinic."""
    with pytest.raises(DataFault) as caught:
        Clinic.open(folder)
    return [fault.id for fault in caught.value.faults]


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_settings_file_is_one_error(tmp_path: Path, name: str) -> None:
    content, fault = STRANGE[name]
    (tmp_path / "clinic.toml").write_bytes(content if isinstance(content, bytes) else content.encode())
    assert list_ids(tmp_path) == [fault]


def test_a_byte_order_mark_and_dots_inside_text_are_allowed(tmp_path: Path) -> None:
    path = tmp_path / "clinic.toml"
    path.write_bytes(b'\xef\xbb\xbf[clinic]\nname = "' + b"a. " * 100 + b'"\nnumbers = [' + b"0.5, " * 100 + b"]")
    assert read_toml(path)["clinic"]["name"].startswith("a. a.")


def test_a_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    path = tmp_path / "clinic.toml"
    path.write_bytes(b"a = 1\n".ljust(MAX_TOML_BYTES, b"#"))
    assert read_toml(path) == {"a": 1}
    path.write_bytes(b"a = 1\n".ljust(MAX_TOML_BYTES + 1, b"#"))
    with pytest.raises(DataFault, match="1 MB"):
        read_toml(path)


def test_many_errors_are_cut_and_counted_and_long_names_are_shortened(tmp_path: Path) -> None:
    lines = [f"k{number}{'x' * 1_000} = 1" for number in range(MAX_CONFIG_FAULTS + 7)]
    (tmp_path / "clinic.toml").write_text("\n".join(lines))
    with pytest.raises(DataFault, match="7 more errors") as caught:
        Clinic.open(tmp_path)
    assert len(caught.value.faults) == MAX_CONFIG_FAULTS + 1
    assert max(len(fault.column) for fault in caught.value.faults) == MAX_NAME_LETTERS


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
def test_a_pipe_a_folder_and_a_lost_link_are_no_settings(tmp_path: Path) -> None:
    path = tmp_path / "clinic.toml"
    os.mkfifo(path)  # reading it would wait for ever
    assert list_ids(tmp_path) == ["not-a-file"]
    path.unlink()
    path.mkdir()
    assert list_ids(tmp_path) == ["not-a-file"]
    path.rmdir()
    for target in ("gone.toml", "clinic.toml"):  # the second link leads to itself
        path.symlink_to(tmp_path / target)
        assert list_ids(tmp_path) == ["not-a-file"]
        path.unlink()


@pytest.mark.parametrize("name", ["Clinic.toml", "clinic.TOML", "clinic.toml.txt", "clinic (1).toml", "clinics.toml"])
def test_settings_under_almost_their_name_are_never_ignored(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("[clinic]\n")
    if os.path.lexists(tmp_path / "clinic.toml"):
        pytest.skip("this file system does not distinguish case")
    assert list_ids(tmp_path) == ["config-under-another-name"]
    (tmp_path / "clinic.toml").write_text("")
    assert Clinic.open(tmp_path).config.clinic.name == ""


@pytest.mark.parametrize(
    "name", [".clinic.toml.swp", "~clinic.toml", "pyproject.toml", "world.toml", "clinic.toml.bak"]
)
def test_other_files_beside_the_settings_are_no_fault(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("[clinic]\n")
    assert Clinic.open(tmp_path).warnings == ()
