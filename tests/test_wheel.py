"""The wheel holds exactly what it should, and works where nothing of the checkout is near."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parent.parent
ROOMS = ("attune_fit", "data", "features", "models", "training", "matching", "app")
DATA = {
    "data/published_statistics.toml",
    "models/day0/booster.txt",
    "models/day0/bundle.json",
    "models/day0/model.json",
    *(
        f"data/synthetic/sample/{name}.csv"
        for name in ("clients", "therapists", "preferences", "outcomes", "conflicts")
    ),
    "data/synthetic/sample/clinic.toml",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build from a copy, with strays beside the sources that must not be shipped."""
    source = tmp_path_factory.mktemp("source")
    for room in ROOMS:
        shutil.copytree(HOME / room, source / room, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(HOME / name, source)
    for stray in ("data/raw/export.csv", "data/raw/clean.py", "data_private/export.py", "models_old/old.py"):
        (source / stray).parent.mkdir(parents=True, exist_ok=True)
        (source / stray).write_text("secret = 1\n")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(source / "dist")]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    return next((source / "dist").glob("*.whl"))


def test_the_wheel_ships_our_packages_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        shipped = {name for name in archive.namelist() if ".dist-info/" not in name}
    modules = {
        str(path.relative_to(HOME))
        for room in ROOMS
        for path in (HOME / room).rglob("*.py")
        if "__pycache__" not in path.parts
    }
    parts = {name.removeprefix("attune_fit/") for name in modules | DATA}
    assert shipped == {f"attune_fit/{name}" for name in parts}


def test_the_wheel_works_in_a_clean_environment_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "clean", with_pip=False)
    python = tmp_path / "clean" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-index", "--no-deps"]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True)
    # the pinned dependencies are borrowed; a path line does not switch on the checkout's own editable install
    site = next((tmp_path / "clean" / "lib").glob("python*/site-packages"))
    (site / "borrowed.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    attune = str(tmp_path / "clean" / "bin" / "attune")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV_"))}

    def run(*words: str) -> str:
        done = subprocess.run([attune, *words], cwd=tmp_path, env=clean, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert run("--version").startswith("attune ")
    where = subprocess.run(
        [str(python), "-c", "import attune_fit; print(attune_fit.__file__)"],
        cwd=tmp_path,
        env=clean,
        capture_output=True,
        text=True,
    )
    assert str(site) in where.stdout
    assert "All is well" in run("doctor")
    run("simulate", "clinic", "--clients", "40", "--therapists", "6")
    assert '"status"' not in run("rank", "clinic", "--waiting", "--out", "ranking.csv")
    assert (tmp_path / "ranking.csv").read_text().startswith("client_id,therapist_id,status,rule,rank,band,score")
