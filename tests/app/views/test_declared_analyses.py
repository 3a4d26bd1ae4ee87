"""The specification curve in a terminal: drawn intervals, the choice of lines, and the joint test."""

import pytest

from attune_fit.app.views.declared_analyses import choose_shown, draw_interval, show_specification_curve
from attune_fit.training.hypotheses.specification_curve import JointTest, Specification, SpecificationCurve


def build_analysis(estimate: float, *, is_main: bool = False) -> Specification:
    label = "main analysis" if is_main else f"outcome bond {estimate:g}"
    ends = (estimate - 0.2, estimate + 0.2)
    return Specification(label, "total", (), (), estimate, *ends, 0.2, 300, 20, is_main=is_main)


def test_the_drawing_marks_zero_the_estimate_and_the_ends() -> None:
    drawn = draw_interval(build_analysis(0.2), -0.5, 0.5, 11)
    assert drawn == "     │─●── "
    assert draw_interval(build_analysis(0.0), -0.5, 0.5, 11)[5] == "●"
    assert len(draw_interval(build_analysis(0.3), -0.5, 0.5, 41)) == 41


def test_of_many_analyses_both_ends_and_the_main_one_are_shown() -> None:
    listed = [build_analysis(place / 100, is_main=place == 7) for place in range(60)]
    shown = choose_shown(listed, 12)
    assert {listed[0], listed[7], listed[-1]} <= set(shown)
    assert len(shown) in (12, 13)
    assert shown == sorted(shown, key=lambda one: one.estimate)
    assert choose_shown(listed[:5], 12) == listed[:5]


def test_the_curve_names_hidden_and_failed_analyses(capsys: pytest.CaptureFixture[str]) -> None:
    listed = tuple(build_analysis(place / 100, is_main=place == 7) for place in range(60))
    curve = SpecificationCurve(listed, 0.3, 0.25, JointTest(999, "therapists", 0.012, 0.5), ("outcome goal",))
    show_specification_curve(curve)
    printed = " ".join(capsys.readouterr().out.split())
    assert "60 declared analyses, the lowest effect first" in printed
    assert "Not computed: outcome goal." in printed
    assert "median effect +0.30 (p = .012); 25% significant (p = .500)" in printed
    assert f"{60 - len(choose_shown(listed))} more analyses are between these" in printed


def test_one_analysis_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    curve = SpecificationCurve((build_analysis(0.1, is_main=True),), 0.1, 0.0, JointTest(999, "therapists", 0.3, 1.0))
    show_specification_curve(curve)
    assert capsys.readouterr().out == ""
