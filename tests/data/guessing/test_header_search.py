"""Rows of headers: below titles, in two rows with merged cells, and never a row of data."""

import doctest
from pathlib import Path

import pytest

from attune_fit.data.guessing import header_scores, numbered_headers
from attune_fit.data.guessing.folder_survey import read_surveyed_files
from attune_fit.data.guessing.header_scores import score_header
from attune_fit.data.guessing.header_search import MIN_HEADER, is_known_header
from attune_fit.data.guessing.words.header_clues import HEADER_CLUES


def read_file(folder: Path, text: str, encoding: str = "utf-8") -> tuple[dict[str, object], list[str]]:
    path = folder / "people.csv"
    path.write_text(text, encoding=encoding)
    (file,), _ = read_surveyed_files(path)
    return file.keys, file.headers


ROWS = "".join(f"t{number};F;English;{number}\n" for number in range(5))


@pytest.mark.parametrize("title", ["Our staff, May 2025", "Our staff;;;", '"Staff; all"'])
def test_a_title_is_above_the_headers(title: str, tmp_path: Path) -> None:
    keys, headers = read_file(tmp_path, f"{title}\nStaff code;Gender;Languages;Openings\n{ROWS}")
    assert keys == {"separator": ";", "header_row": [2]}
    assert headers[0] == "Staff code"


def test_merged_cells_above_several_headers_are_a_part_of_them(tmp_path: Path) -> None:
    keys, headers = read_file(tmp_path, f"Person;;Practice;\nStaff code;Gender;Languages;Openings\n{ROWS}")
    assert keys["header_row"] == [1, 2]
    assert headers == ["Person Staff code", "Person Gender", "Practice Languages", "Practice Openings"]


def test_a_day_next_to_a_title_is_no_part_of_the_headers(tmp_path: Path) -> None:
    keys, _ = read_file(tmp_path, f"Exported;;2025-05-01;\nStaff code;Gender;Languages;Openings\n{ROWS}")
    assert keys["header_row"] == [2]


@pytest.mark.parametrize(
    "header", ["Client ID", "Nº historia", "Muttersprache / Sprachen", "the", "", "Sonnenschein", "How old are you?"]
)
def test_a_known_header_is_one_that_has_a_high_score(header: str) -> None:
    scores = [score_header(header, clue.words) for clue in HEADER_CLUES]
    assert is_known_header(header) == (max(scores) >= MIN_HEADER)


@pytest.mark.parametrize("module", [header_scores, numbered_headers])
def test_examples(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]
