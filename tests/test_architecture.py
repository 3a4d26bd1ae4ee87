"""The house keeps its shape: which room may use which, what importing does, how long a file may be."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parent.parent
ROOMS = ("data", "features", "models", "training", "matching", "app")
SOURCES = sorted(path for room in ROOMS for path in (HOME / room).rglob("*.py"))
MODULES = [
    ".".join(("attune_fit", *path.relative_to(HOME).with_suffix("").parts))
    for path in SOURCES
    if path.name != "__init__.py"
]
ONE_DOOR = {
    "distributed": {"attune_fit.data.parallel.dask_cluster"},
    "lightgbm": {"attune_fit.models.lightgbm_loading"},
    "optuna": {f"attune_fit.training.fitting.{room}" for room in ("tune", "trial_storage", "stacker_search")},
    "mlflow": {f"attune_fit.training.promotion.mlflow_{room}" for room in ("database", "environment", "tracking")},
}


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=HOME, check=False)


def test_importing_every_module_prints_nothing_and_changes_no_filter() -> None:
    code = "import importlib, warnings; before = list(warnings.filters)\n"
    code += "".join(f"importlib.import_module({name!r})\n" for name in MODULES)
    # libraries may add filters of their own while they load; ours are those that name one of our modules
    code += "ours = [f for f in warnings.filters if f not in before and 'attune_fit' in str(f[3])]\n"
    done = run(code + "assert not ours, ours")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(HOME)))
def test_no_file_is_over_400_lines_and_init_files_hold_a_docstring_only(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    if path.name == "__init__.py":
        body = ast.parse(text).body
        assert len(body) == 1
        assert ast.get_docstring(ast.parse(text))


def test_the_median_file_is_short() -> None:
    lengths = sorted(len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES)
    assert lengths[len(lengths) // 2] <= 130


def test_heavy_libraries_have_one_door_each_and_are_not_imported_with_it() -> None:
    for path in SOURCES:
        module = ".".join(("attune_fit", *path.relative_to(HOME).with_suffix("").parts))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert module in ONE_DOOR.get(name.split(".")[0], {module}), f"{module} imports {name}"
    doors = [module for modules in ONE_DOOR.values() for module in modules]
    done = run(
        f"import sys, attune_fit.matching.ranking.rank, {', '.join(doors)}\n"
        f"assert not set({list(ONE_DOOR)}) & set(sys.modules)"
    )
    assert done.returncode == 0, done.stderr


def test_help_imports_nothing_heavy() -> None:
    done = run(
        "import sys; from attune_fit.app.cli import app\n"
        "assert not {'numpy', 'pandas', 'lightgbm', 'mlflow', 'scipy', 'pydantic'} & set(sys.modules)"
    )
    assert done.returncode == 0, done.stderr


def test_there_is_no_room_called_utils() -> None:
    assert not [path for path in SOURCES if "util" in path.stem or "helper" in path.stem or "common" in path.stem]
