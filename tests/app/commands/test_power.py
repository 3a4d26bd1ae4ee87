"""`attune power`: with and without a clinic, as a table, as JSON and as a page."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from attune_fit.verbs.power_verbs import simulate_study_power

QUICK = ("--precision", "0.05", "--therapists", "8,30")
HYPOTHESIS = """name = "one"
claim = "A claim."
direction = "-"
smallest_effect = 0.25
alpha = 0.01
[feature]
client = "attachment_avoidance"
therapist = "warm_support_style"
compare = "product"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "one.toml"
    path.write_text(HYPOTHESIS, encoding="utf-8")
    return path


def test_without_a_clinic_it_answers_first(attune: Any) -> None:
    done = attune("power", "--effect", ".1,.3", *QUICK, "--kind", "trait")
    assert done.exit_code == 0, done.output
    result = done.stdout.splitlines()
    assert result[0].startswith("With 8 therapists and 200 outcomes, the test finds an effect of 0.10 in")
    assert "type M" in done.stdout
    assert "failed" not in done.stdout.split("±:")[0], "no test failed"
    assert "5 of 6 steps" in done.stderr


def test_json_is_the_result_in_python(attune: Any) -> None:
    done = attune("power", "--effect", ".3", *QUICK, "--caseloads", "even", "--seed", "2", "--json")
    again = simulate_study_power(effects=[0.3], therapists=[8, 30], caseloads="even", precision=0.05, seed=2)
    assert json.loads(done.stdout) == again.to_dict()
    assert list(again.to_frame()["therapists"]) == [8, 30]


def test_a_hypothesis_without_a_clinic_gives_its_effect_and_level(attune: Any, file: Path) -> None:
    plan = json.loads(attune("power", file, *QUICK, "--json").stdout)
    assert (plan["kind"], plan["alpha"], plan["cells"][0]["effect"]) == ("interaction", 0.01, -0.25)


def test_with_a_clinic_its_own_size_is_one_of_the_studies(attune: Any, clinic: Path, file: Path) -> None:
    done = attune("power", clinic, file, "--precision", "0.05", "--json")
    assert done.exit_code == 0, done.output
    plan = json.loads(done.stdout)
    own = plan["own_size"]
    assert own in [{"therapists": cell["therapists"], "outcomes": cell["outcomes"]} for cell in plan["cells"]]
    assert "No rating of the clinic is used" in done.stderr
    without = json.loads(attune("power", clinic, "--effect", ".2", *QUICK, "--json").stdout)
    assert without["population"] == "normal numbers; caseloads of this clinic"


def test_before_the_first_outcome_the_answer_is_about_the_people_of_the_tables(
    attune: Any, clinic: Path, file: Path, tmp_path: Path
) -> None:
    planned = tmp_path / "planned"
    shutil.copytree(clinic, planned, ignore=shutil.ignore_patterns("outcomes*", "artifacts"))
    plan = json.loads(attune("power", planned, file, "--precision", "0.06", "--json").stdout)
    assert plan["own_size"]["outcomes"] == len(pd.read_csv(planned / "clients.csv"))
    assert plan["own_size"] in [{name: cell[name] for name in ("therapists", "outcomes")} for cell in plan["cells"]]
    assert plan["population"].startswith("clients and therapists of the tables")


def test_the_outcome_dropout_has_the_published_rate(attune: Any, file: Path) -> None:
    file.write_text(HYPOTHESIS.replace("direction", 'outcome = "dropout"\ndirection'), encoding="utf-8")
    assert json.loads(attune("power", file, *QUICK, "--json").stdout)["rate"] == 0.197


def test_a_page_and_a_file_of_json_have_the_same_figures(attune: Any, tmp_path: Path) -> None:
    page, data = tmp_path / "plan.html", tmp_path / "plan.json"
    words = ("power", "--effect", ".3", "--therapists", "8", "--outcomes", "40,80", "--precision", "0.05")
    assert attune(*words, "--out", page).exit_code == 0
    assert attune(*words, "--out", data).exit_code == 0
    cells = json.loads(data.read_text(encoding="utf-8"))["cells"]
    text = page.read_text(encoding="utf-8")
    assert [cell["outcomes"] for cell in cells] == [40, 80]
    assert all(f">{round(100 * cell['power'])}%<" in text for cell in cells)
    assert text.count("<svg") == 1
    assert "<script" not in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--effect", "observed"), "only repeats the p value"),
        (("--effect", "5"), "a number is outside its range"),
        (("--therapists", "30", "--outcomes", "20"), "fewer outcomes than therapists"),
        (("--out", "plan.docx"), "cannot be written to a file of this kind"),
    ],
)
def test_what_cannot_be_simulated_is_refused(attune: Any, words: tuple[str, ...], message: str) -> None:
    assert message in attune.fails("power", *words)


def test_wrong_usage_has_its_own_exit_code(attune: Any, file: Path) -> None:
    assert "whole numbers" in attune.fails("power", "--therapists", "ten", code=2)
    assert "leave this option out" in attune.fails("power", "x", file, "--kind", "pair", code=2)


def test_a_name_of_the_library_is_a_hypothesis(attune: Any, clinic: Path) -> None:
    done = attune("power", clinic, "specialty_match", "--effect", "0.5", *QUICK, "--json")
    assert json.loads(done.stdout)["kind"] == "pair"


def test_a_number_with_thousands_of_digits_is_one_error(attune: Any) -> None:
    assert "write whole numbers" in attune.fails("power", "--therapists", "9" * 5_000, code=2)
