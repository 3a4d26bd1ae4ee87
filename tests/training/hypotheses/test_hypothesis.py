"""A hypothesis: its kind of term, what its file refuses, and the digest that freezes it."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from attune_fit.data.faults import DataFault
from attune_fit.training.hypotheses.hypothesis import EXCLUSIONS, Hypothesis

PRODUCT = {"client": "attachment_avoidance", "therapist": "warm_support_style", "compare": "product"}


def make(feature: dict[str, Any] = PRODUCT, **keys: Any) -> Hypothesis:
    return Hypothesis.model_validate({"name": "one", "claim": "a claim", "feature": feature, **keys})


@pytest.mark.parametrize(
    ("feature", "kind"),
    [
        ({"therapist": "years_experience", "compare": "number"}, "trait"),
        ({"therapist": "orientations", "compare": "has", "code": "cbt"}, "trait"),
        (PRODUCT, "interaction"),
        ({**PRODUCT, "threshold": {"client": 4.0}, "power": {"therapist": 2}}, "interaction"),
        ({"therapist": "orientations", "compare": "has", "code": "cbt", "weight_by": "phq9"}, "interaction"),
        ({**PRODUCT, "compare": "distance"}, "pair"),
        ({"client": "languages", "therapist": "languages", "compare": "same", "weight_by": "phq9"}, "pair"),
        ({**PRODUCT, "compare": "surface"}, "surface"),
    ],
)
def test_the_columns_and_the_comparison_decide_the_kind_of_term(feature: dict[str, Any], kind: str) -> None:
    assert make(feature).kind == kind


@pytest.mark.parametrize(
    ("feature", "message"),
    [
        ({"client": "phq9", "compare": "number"}, "moves all therapists alike"),
        ({**PRODUCT, "compare": "distance", "power": {"client": 2}}, "no `threshold` and no `power`"),
        ({**PRODUCT, "compare": "distance", "center": {"client": "mean"}}, "no centre of each side"),
        ({**PRODUCT, "compare": "surface", "power": {"client": 2}}, "fits its own powers"),
        ({**PRODUCT, "weight_by": "phq9"}, "three columns"),
        ({**PRODUCT, "center": 0.5}, "needs `weight_by`"),
        ({**PRODUCT, "scale": 2.0}, "no `scale`"),
        ({**PRODUCT, "center": {"client": "mode"}}, '"mean", "median", "pooled" or a number'),
        ({**PRODUCT, "threshold": {"client": 4.0}, "power": {"client": 2}}, "keep one of them"),
        ({"therapist": "x", "compare": "number", "power": {"client": 2}}, "need a column in `client`"),
    ],
)
def test_keys_that_the_columns_leave_without_a_meaning_are_refused(feature: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message.replace("(", r"\(")):
        make(feature)


def test_a_file_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    one = make(
        {**PRODUCT, "center": {"client": "median", "therapist": 3}, "power": {"client": 2}},
        covariates=["clients.phq9"],
        subgroup={"table": "clients", "column": "phq9", "at_least": 10},
        alternatives={"covariates": [[], ["therapists.years_experience"]], "exclusions": list(EXCLUSIONS)},
        source='A "quoted" source',
        direction="-",
    )
    path = tmp_path / "one.toml"
    path.write_text(one.to_toml(), encoding="utf-8")
    assert Hypothesis.from_file(path) == one


def test_the_digest_changes_with_what_is_tested_and_not_with_comments_or_stated_defaults(tmp_path: Path) -> None:
    one, path = make(), tmp_path / "one.toml"
    path.write_text(f"# a comment\nalpha = 0.05\n{one.to_toml()}", encoding="utf-8")
    assert Hypothesis.from_file(path).digest == one.digest
    others = [make(direction="+"), make(alpha=0.01), make({**PRODUCT, "power": {"client": 2}}), make(seed=2)]
    assert len({one.digest, *(other.digest for other in others)}) == 5


def test_all_errors_of_a_file_are_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(
        'name = "Bad name"\ncovariats = []\ncovariates = ["phq9"]\ndirection = "up"\n'
        '[feature]\ntherapist = "x"\ncompare = "numbr"\n[subgroup]\ntable = "clients"\ncolumn = "phq9"\n',
        encoding="utf-8",
    )
    with pytest.raises(DataFault) as caught:
        Hypothesis.from_file(path)
    places = {fault.column for fault in caught.value.faults}
    assert places == {"name", "claim", "covariats", "covariates.0", "direction", "feature.compare", "subgroup"}
    assert {fault.table for fault in caught.value.faults} == {"bad.toml"}


@pytest.mark.parametrize("limits", [{"at_least": 5, "at_most": 4}, {"at_least": 5, "code": "x"}, {}])
def test_a_subgroup_needs_limits_that_leave_something(limits: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        make(subgroup={"table": "clients", "column": "phq9", **limits})


def test_alternatives_that_multiply_to_too_many_analyses_are_refused() -> None:
    many = {
        "covariates": [["clients.phq9"], ["clients.gad7"]],
        "outcomes": ["goal", "bond"],
        "exclusions": list(EXCLUSIONS),
    }
    with pytest.raises(ValidationError, match="288 analyses"):
        make(alternatives=many)
    assert make(alternatives={**many, "exclusions": list(EXCLUSIONS)[:3]}).alternatives.n_analyses == 72
