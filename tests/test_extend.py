"""The exercises of docs/extend.md work, touch the files they name, and leave the tests green."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.extend_exercises import (
    HOME,
    Exercise,
    RepositoryCopy,
    is_as_expected,
    read_exercises,
    split_session,
    take_step,
)

EXERCISES = read_exercises()
TITLES = [
    "A column", "A rule", "A relaxation", "A feature", "An instrument", "A metric", "A format", "A model", "A command",
]  # fmt: skip
MAX_FILES = 3
SHARED_TESTS = "tests/test_names.py tests/test_architecture.py tests/test_repository.py tests/test_plain_language.py"


@pytest.fixture(scope="module")
def shared_copy(tmp_path_factory: pytest.TempPathFactory) -> RepositoryCopy:
    """One copy of the repository for all exercises."""
    if not (HOME / ".git").exists():
        pytest.skip("not a git checkout")
    return RepositoryCopy(tmp_path_factory.mktemp("copy"))


@pytest.fixture
def repository(shared_copy: RepositoryCopy) -> Iterator[RepositoryCopy]:
    """The copy, before any exercise."""
    shared_copy.reset()
    yield shared_copy
    shared_copy.reset()


def do_without_proof(repository: RepositoryCopy, exercise: Exercise) -> None:
    """Do what an exercise changes in the code and in the demo clinic, without the commands that prove it."""
    for step in exercise.steps:
        if step.kind != "console":
            take_step(repository, step)


def test_the_page_has_nine_exercises_of_few_files() -> None:
    assert [exercise.title for exercise in EXERCISES.values()] == TITLES
    for number, exercise in EXERCISES.items():
        assert {step.kind for step in exercise.steps} >= {"diff", "console"}, number
        assert 1 <= len(exercise.files) <= MAX_FILES, number
        assert all(other < number for other in exercise.after), number


def start(repository: RepositoryCopy, exercise: Exercise) -> list[Exercise]:
    """Do the exercises that come before; return them."""
    earlier = [EXERCISES[number] for number in exercise.after]
    for other in earlier:
        do_without_proof(repository, other)
    repository.commit()
    return earlier


every = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda exercise: exercise.title)


@pytest.mark.slow
@every
def test_an_exercise_does_what_it_shows_in_the_files_it_names(repository: RepositoryCopy, exercise: Exercise) -> None:
    start(repository, exercise)
    for step in exercise.steps:
        take_step(repository, step)
    assert repository.list_changed() == exercise.edited


@pytest.mark.slow
def test_after_all_nine_the_pages_are_rewritten_and_the_tests_pass(repository: RepositoryCopy) -> None:
    """Of the tests of a table, those of the new row; all of them are in a slow test."""
    for exercise in EXERCISES.values():
        do_without_proof(repository, exercise)
    changed = repository.list_changed()
    assert changed == frozenset().union(*(exercise.edited for exercise in EXERCISES.values()))
    repository.run("make docs")
    pages = frozenset().union(*(exercise.generated for exercise in EXERCISES.values()))
    assert repository.list_changed() == changed | pages
    sources = " ".join(sorted(name for name in changed if name.endswith(".py")))
    repository.run(f"python -m ruff check -q {sources} && python -m ruff format -q --check {sources}")
    files, words = zip(*(exercise.tests for exercise in EXERCISES.values()), strict=True)
    done = repository.run(f'python -m pytest -v -n0 -m "not slow" {" ".join(files)} -k "{" or ".join(words)}"')
    for file, word in zip(files, words, strict=True):
        assert re.search(rf"^{file}.*{word}.* PASSED", done, re.MULTILINE), f"{file} -k {word} selects no test"
    repository.run(f"python -m pytest -q -n0 {SHARED_TESTS} -k 'not what_commands_print'")


@pytest.mark.slow
@every
def test_all_tests_of_a_table_pass_and_only_the_named_pages_change(
    repository: RepositoryCopy, exercise: Exercise
) -> None:
    earlier = start(repository, exercise)
    do_without_proof(repository, exercise)
    repository.run("make docs")
    pages = exercise.generated.union(*(other.generated for other in earlier))
    assert repository.list_changed() == exercise.edited | pages
    repository.run(f'python -m pytest -q -n0 -m "not slow" {exercise.tests[0]}')


@pytest.mark.slow
def test_recorded_results_are_rewritten_by_commands_after_a_feature(repository: RepositoryCopy) -> None:
    """The starting model, the ranking of the sample clinic and README's first screen depend on every feature."""
    exercise = EXERCISES[1 + TITLES.index("A feature")]
    do_without_proof(repository, exercise)
    repository.run("make docs start golden")
    assert repository.list_changed() == exercise.edited | exercise.generated | exercise.recorded
    named = "tests/models/test_active_model.py tests/test_golden.py tests/test_docs.py -k 'not researchers'"
    repository.run(f"python -m pytest -q -n0 {named}")


@pytest.mark.parametrize(
    ("expected", "printed", "is_equal"),
    [("a", "a", True), ("a", "b", False), ("a ... c", "a b c", True), ("...\nz", "x\ny\nz", True), ("a.", "ab", False)],
)
def test_an_output_is_compared_line_by_line(expected: str, printed: str, *, is_equal: bool) -> None:
    assert is_as_expected(expected, printed) is is_equal
    assert split_session(f"$ one\n$ two\n{expected}\n") == [("one", ""), ("two", expected)]


def test_a_diff_that_no_longer_fits_is_an_error(repository: RepositoryCopy) -> None:
    moved = EXERCISES[1].steps[0].text.replace("Column(", "Columns(")
    with pytest.raises(AssertionError, match=r"the diff does not apply:\nerror: patch failed: data/clinic/columns.py"):
        repository.apply_diff(moved)
    with pytest.raises(AssertionError, match="`false` failed"):
        repository.run("false")
    assert repository.folder != HOME
    assert Path(repository.run('python -c "import attune_fit.data as d; print(d.__file__)"')).is_relative_to(
        repository.folder
    )
