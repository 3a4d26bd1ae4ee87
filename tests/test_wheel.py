"""The wheel holds exactly what it should, and works where nothing of the checkout is near."""

import json
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
DESK = ("static", "templates", "macros")  # folders of the pages
DATA = {
    *(path.relative_to(HOME).as_posix() for path in (HOME / "app" / "desk").rglob("*.*") if path.parent.name in DESK),
    *(f"data/report_pages/look/{name}" for name in ("desk.css", "report.css")),
    "data/published_statistics.toml",
    "models/day0/bundle.json",
    "models/day0/model.json",
    "training/promotion/mlflow_schema.sql",
    "training/stacking/stacker.json",
    "training/stacking/stacker.txt",
    *(
        f"data/synthetic/sample/{name}.csv"
        for name in ("clients", "therapists", "preferences", "outcomes", "conflicts")
    ),
    "data/synthetic/sample/clinic.toml",
    *(path.relative_to(HOME).as_posix() for path in (HOME / "training" / "hypotheses" / "library").glob("*.toml")),
}

GROUPS = ("models", "accounts", "hypothesis", "trial")  # their commands have a name of two words

TRIAL = """
name = "order"
claim = "The order of the list matters."
n_outcomes = 40
smallest_effect = 0.9
[[arms]]
name = "attune"
order = "list"
[[arms]]
name = "random"
order = "all_at_random"
"""

LIST_COMMANDS = """
import typer
from attune_fit.app.cli import app
for name, command in typer.main.get_command(app).commands.items():
    print(*([f"{name} {one}" for one in command.commands] if hasattr(command, "commands") else [name]), sep="\\n")
"""


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


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment of its own with the wheel in it, away from the checkout."""
    clean = tmp_path_factory.mktemp("clean")
    venv.create(clean, with_pip=False)
    python = clean / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-index", "--no-deps"]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True)
    # the pinned dependencies are borrowed; a path line does not switch on the checkout's own editable install
    site = next((clean / "lib").glob("python*/site-packages"))
    (site / "borrowed.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return clean


@pytest.mark.slow  # each command is a process of its own
def test_every_command_works_where_a_project_has_packages_of_the_same_names(installed: Path, tmp_path: Path) -> None:
    for decoy in ("data/__init__.py", "models/__init__.py", "features.py", "training.py", "matching.py", "app.py"):
        (tmp_path / decoy).parent.mkdir(exist_ok=True)
        (tmp_path / decoy).write_text(f"raise RuntimeError('{decoy} of the user was imported')\n")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV_"))}
    clean |= {"PYTHONPATH": ".", "PATH": f"{installed / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    ran: set[str] = set()

    def run(*words: str) -> str:
        ran.add(" ".join(words[:2]) if words[0] in GROUPS else words[0])
        command = [str(installed / "bin" / "attune"), *words]
        done = subprocess.run(command, cwd=tmp_path, env=clean, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (words, done.stdout + done.stderr)
        return done.stdout

    where = subprocess.run(
        [str(installed / "bin" / "python"), "-c", "import attune_fit; print(attune_fit.__file__)"],
        cwd=tmp_path, env=clean, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert str(installed) in where.stdout
    assert run("--version").startswith("attune ")
    run("doctor")
    run("demo", "tour")
    run("simulate", "clinic", "--clients", "60", "--therapists", "8")
    run("check", "clinic")
    run("convert", "clinic", "--out", "canonical")
    (tmp_path / "files").mkdir()
    for path in (tmp_path / "clinic").glob("*.csv"):
        shutil.copy(path, tmp_path / "files")
    run("init", "files", "--yes")
    bundle = json.loads(run("train", "clinic", "--json"))["bundle"]
    run("models", "list", "clinic")
    if json.loads(run("models", "list", "clinic", "--json"))["live"] == bundle:
        run("models", "rollback", "clinic", "--because", "a test")
    run("models", "promote", "clinic", bundle, "--because", "a small clinic")
    run("models", "card", "clinic")
    run("models", "rollback", "clinic", "--because", "a test")
    first = json.loads(run("rank", "clinic", "--waiting", "--json"))[0]
    client, therapist = first["client_id"], first["candidates"][0]["therapist_id"]
    for command in ("explain", "why-not"):
        run(command, "clinic", "--client", client, "--therapist", therapist)
    for command in ("relax", "client"):
        run(command, "clinic", "--client", client)
    others = [one["therapist_id"] for one in first["candidates"] + first["excluded"]][:2]
    run("compare", "clinic", "--client", client, "--therapist", others[0], "--therapist", others[1])
    for command in ("who-fits", "leaving"):
        run(command, "clinic", "--therapist", therapist)
    run("accounts", "add", "clinic", "ana", "--role", "coordinator")
    for command in ("disable", "enable", "reset", "revoke"):
        run("accounts", command, "clinic", "ana")
    for command in ("capacity", "assign", "follow-up", "fairness"):
        run(command, "clinic")
    met = json.loads(run("follow-up", "clinic", "--json"))["pairs"][0]["client_id"]
    run("rematch", "clinic", "--client", met)
    run("rank", "clinic", "--waiting", "--out", "ranking.csv")
    assert (tmp_path / "ranking.csv").read_text().startswith("client_id,therapist_id,status,rule,rank,band,score")
    run("hypothesis", "library")
    for command in ("register", "test"):
        run("hypothesis", command, "clinic", "specialty_match")
    (tmp_path / "trial.toml").write_text(TRIAL)
    run("trial", "plan", "clinic", "trial.toml", "--runs", "200")
    run("trial", "allocate", "clinic", "order", "--client", client)
    run("trial", "status", "clinic", "order")
    run("power", "clinic", "--effect", ".1", "--therapists", "10", "--precision", ".05")
    run("log", "clinic", "--verify")
    assert run("replay", "clinic").startswith("Proved: ")
    listed = subprocess.run([sys.executable, "-c", LIST_COMMANDS], capture_output=True, text=True, check=True, cwd=HOME)
    commands = set(listed.stdout.split("\n")[:-1])
    ran |= {"serve", "mlflow", "trial analyse"}  # two end with Ctrl-C, one needs outcomes; their own tests run them
    for name in sorted(commands - ran):  # a command that needs more than a clinic needs a line above
        run(*name.split(), "clinic")
    assert ran - {"--version"} <= commands
