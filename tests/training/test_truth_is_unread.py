"""Training and ranking never read the truth files of a synthetic clinic."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from attune_fit.data.synthetic.simulate import simulate, write_clinic
from attune_fit.data.synthetic.truth_files import read_truth
from tests.conftest import Attune

HOME = Path(__file__).resolve().parents[2]
FILES = {"README.txt", "met.parquet", "pairs.parquet", "people.npz", "world.toml"}

# Does a deed while every path that Python opens or lists is overheard, in whatever library, and prints those under the
# folder that is watched. Such a listener can never be taken away again: hence a process of its own.
OVERHEARD = """
import json, os, sys
watched, deed = os.path.realpath(sys.argv[1]), sys.argv[2]
heard = set()
def hook(event, args):
    if event in ("open", "os.listdir", "os.scandir") and isinstance(args[0], (str, bytes, os.PathLike)):
        path = os.path.realpath(os.fsdecode(args[0]))
        if path == watched or path.startswith(watched + os.sep):
            heard.add(os.path.relpath(path, watched))
sys.addaudithook(hook)
exec(deed)
print(json.dumps(sorted(heard)), file=sys.stderr)
"""
COMMANDS = """
import attune_fit.training.train
from attune_fit.app.cli import build_named_command
attune_fit.training.train.open_run_store = lambda *_: ""
attune_fit.training.promotion.run_recorder.log_training = lambda *_: "untracked"
folder = os.path.dirname(watched)
for words in (["train", folder, "--jobs", "1"], ["rank", folder, "--all", "--out", os.path.join(folder, "list.csv")]):
    assert build_named_command(words)(words, standalone_mode=False) in (None, 0)
"""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A synthetic clinic with its truth, as written."""
    folder = tmp_path_factory.mktemp("drawn") / "clinic"
    write_clinic(simulate(80, 8, seed=5), folder)
    return folder


@pytest.fixture
def folder(drawn: Path, tmp_path: Path) -> Path:
    """A copy to train on."""
    return Path(shutil.copytree(drawn, tmp_path / "clinic"))


@pytest.fixture(scope="module")
def usual(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the clinic as drawn gives."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("attune_fit.training.train.open_run_store", lambda *_: "")
        patched.setattr("attune_fit.training.promotion.run_recorder.log_training", lambda *_: "untracked")
        return made(Attune(), Path(shutil.copytree(drawn, tmp_path_factory.mktemp("usual") / "clinic")))


def overheard(folder: Path, deed: str) -> list[str]:
    """What is opened or listed under ``truth/`` while a deed is done in a process of its own."""
    words = [sys.executable, "-c", OVERHEARD, str(folder / "truth"), deed]
    done = subprocess.run(words, cwd=HOME, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    heard: list[str] = json.loads(done.stderr.splitlines()[-1])
    return heard


def looked_into(folder: Path) -> set[str]:
    """Files of ``truth/`` read since :func:`close` by anybody, compiled code included."""
    return {path.name for path in (folder / "truth").iterdir() if path.stat().st_atime_ns > 0}


def close(folder: Path) -> None:
    """Date the last look at every file of ``truth/`` back, so that the next one shows."""
    for path in (folder / "truth").iterdir():
        os.utime(path, ns=(0, path.stat().st_mtime_ns))


def test_the_clinic_has_its_truth_beside_it(folder: Path) -> None:
    assert {path.name for path in (folder / "truth").iterdir()} == FILES


@pytest.mark.parametrize(
    ("deed", "hears"),
    [
        ("open(watched + '/world.toml').close()", ["world.toml"]),
        ("import pathlib; pathlib.Path(watched, 'README.txt').read_bytes()", ["README.txt"]),
        ("os.chdir(watched); os.close(os.open('met.parquet', os.O_RDONLY))", ["met.parquet"]),
        ("import numpy; numpy.load(watched + '/people.npz')['client'].sum()", ["people.npz"]),
        ("import pathlib; list(pathlib.Path(watched).iterdir())", ["."]),
        ("pass", []),
    ],
)
def test_a_look_into_the_truth_is_overheard(folder: Path, deed: str, hears: list[str]) -> None:
    assert overheard(folder, deed) == hears


def test_a_look_by_compiled_code_leaves_its_date(folder: Path) -> None:
    """Parquet files are opened where Python does not hear of it."""
    close(folder)
    assert not looked_into(folder)
    (folder / "truth" / "world.toml").read_bytes()
    if not looked_into(folder):
        pytest.skip("this file system keeps no dates of reading")
    pd.read_parquet(folder / "truth" / "pairs.parquet")
    assert looked_into(folder) == {"pairs.parquet", "world.toml"}


def test_train_and_rank_open_nothing_of_the_truth(folder: Path) -> None:
    close(folder)
    assert overheard(folder, COMMANDS) == []
    assert not looked_into(folder)
    assert (folder / "list.csv").stat().st_size > 0


def without(folder: Path) -> None:
    shutil.rmtree(folder / "truth")


def garbage(folder: Path) -> None:
    for path in (folder / "truth").iterdir():
        path.write_bytes(b"\xff\x00 no truth in here")


def of_another_clinic(folder: Path) -> None:
    """Write well-formed truth of other people with the same ids: a program that read it would be wrong."""
    kept, other = read_truth(folder / "truth"), folder.parent / "other"
    write_clinic(simulate(80, 8, seed=6), other)
    shutil.rmtree(folder / "truth")
    shutil.copytree(other / "truth", folder / "truth")
    found = read_truth(folder / "truth")
    assert all(set(ours) == set(theirs) for ours, theirs in zip(kept[1:], found[1:], strict=True))
    assert not kept[0].episodes.equals(found[0].episodes)


def made(attune: Attune, folder: Path) -> dict[str, bytes]:
    """Every file of the bundle that training on this folder gives, and the ranking of everybody with it."""
    result = json.loads(attune("train", folder, "--json").stdout)
    bundle = result["bundle"]
    if not result["promoted"]:
        attune("models", "promote", folder, bundle, "--because", "it is this one that is asked about")
    target = folder.parent / "list.csv"
    done = attune("rank", folder, "--all", "--out", target)
    assert done.exit_code == 0, done.output
    files = sorted((folder / "artifacts" / "bundles" / bundle).iterdir())
    return {path.name: path.read_bytes() for path in [*files, target]} | {"name": bundle.encode()}


@pytest.mark.usefixtures("untracked")
@pytest.mark.parametrize("spoil", [without, garbage, of_another_clinic], ids=lambda spoil: spoil.__name__)
def test_bundle_and_ranking_are_the_same_bytes_whatever_becomes_of_the_truth(
    attune: Attune, folder: Path, usual: dict[str, bytes], spoil: Callable[[Path], None]
) -> None:
    spoil(folder)
    found = made(attune, folder)
    assert len(found) == 7 + any(name.endswith("booster.txt") for name in found)
    assert found == usual
