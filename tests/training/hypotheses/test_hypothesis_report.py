"""The report shows every part of a test, hides small counts, and cites what it lists."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from attune_fit import DataFault
from attune_fit.training.hypotheses.hypothesis_page import format_hypothesis_page
from attune_fit.training.hypotheses.hypothesis_report import (
    HIDDEN_ANALYSES,
    build_report_content,
    choose_hypothesis_format,
    format_hypothesis_json,
    suppress_small_cells,
)
from attune_fit.training.hypotheses.hypothesis_result import HypothesisResult, UsedRecords
from attune_fit.training.hypotheses.methods_paragraph import (
    REFERENCES,
    TESTS,
    format_methods_paragraph,
    list_references,
)
from attune_fit.training.hypotheses.tripod_items import ITEMS
from tests.training.hypotheses.report_samples import POWER_CURVE, build_family, build_result

VOID = {"meta", "br", "img", "path", "rect", "circle"}  # without an end, or ended by themselves in SVG


class OpenTags(HTMLParser):
    """Collects ids, links to them and texts of a page; raises where an element is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [str(value) for name, value in attrs if name == "id"]
        self.links += [str(value)[1:] for name, value in attrs if name == "href" and str(value).startswith("#")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


def read_page(page: str) -> OpenTags:
    """Parse a page and check that it is whole: elements closed, ids unique, links with a target, no request."""
    parser = OpenTags()
    parser.feed(page)
    assert parser.open == []
    assert len(parser.ids) == len(set(parser.ids))
    assert set(parser.links) <= set(parser.ids)
    assert not re.search(r"(src|href)=\"http|<script|\bnan\b|None", page)
    return parser


def test_covariates_that_attune_adds_are_in_the_methods_paragraph() -> None:
    text = format_methods_paragraph({**build_result().to_dict(), "versions": {}})
    assert "Covariates of the main analysis: clients.phq9; period of the rating." in text


def test_a_page_has_every_part() -> None:
    page = read_page(format_hypothesis_page([build_report_content(build_result(), POWER_CURVE)]))
    titles = (
        "Check this first", "Effect", "Declared analyses", "Held-out records", "Power", "Figures from routine care",
        "Methods paragraph", "TRIPOD+AI items", "Records and origin",
    )  # fmt: skip
    assert [title for title in titles if title not in page.text] == []
    assert "Supported: the outcome rises." in page.text
    assert "Registered before any of 512 outcomes." in page.text
    assert "Response surface" not in page.text
    assert "Avoidance <b> & warmth." in page.text  # text, not an element
    assert "d" * 64 in page.text


def test_parts_without_figures_are_left_out() -> None:
    changes: dict[str, Any] = {
        "warnings": (),
        "registration": None,
        "held_out_gain": None,
        "source": "",
        "real_world": (),
    }
    page = read_page(format_hypothesis_page([build_report_content(build_result(**changes))]))
    assert "Check this first" not in page.text
    assert "Figures from routine care" not in page.text
    assert "Too few records or therapists to hold some out." in page.text
    assert "power" not in page.ids


def test_one_analysis_has_no_curve() -> None:
    curve = build_result().specification_curve
    one = replace(curve, specifications=curve.specifications[-1:])
    page = read_page(format_hypothesis_page([build_report_content(build_result(specification_curve=one))]))
    assert "The file declares one analysis." in page.text


def test_a_family_has_a_table_of_conclusions_and_each_test_with_its_surface() -> None:
    contents = [build_report_content(one, POWER_CURVE) for one in build_family()]
    page = read_page(format_hypothesis_page(contents))
    assert "1 of 2 hypotheses is supported." in page.text
    assert "Checklist of a match" in page.text
    assert {"h-match", "match-surface", "h-avoidance_by_warmth", "avoidance_by_warmth-effect"} <= set(page.ids)
    assert page.text.count("957 patients: RMSE 6.05") == 1
    assert [one["name"] for one in json.loads(format_hypothesis_json(contents))["hypotheses"]] == [
        "avoidance_by_warmth", "match",
    ]  # fmt: skip


def test_small_counts_are_hidden_everywhere() -> None:
    result = build_result(records=UsedRecords(57, 9, 3, {"a cell is unknown": 4, "second therapists": 30}))
    curve = result.specification_curve
    few = replace(curve.specifications[0], n=9, estimate=0.777)
    result = replace(result, specification_curve=replace(curve, specifications=(few, *curve.specifications[1:])))
    content = build_report_content(result)
    assert content["records"] == {
        "used": 57, "clients": "fewer than 10", "therapists": 3,
        "dropped": {"a cell is unknown": "fewer than 10", "second therapists": 30},
    }  # fmt: skip
    assert content["specification_curve"]["failed"] == [HIDDEN_ANALYSES]
    for text in (format_hypothesis_page([content]), format_hypothesis_json([content])):
        assert "0.777" not in text.replace("+0.78", "0.777")
        assert "fewer than 10" in text
    assert suppress_small_cells(build_result().to_dict())["records"]["dropped"]["second therapists"] == 30


def test_a_small_difference_of_two_counts_is_hidden() -> None:
    result = build_result(records=UsedRecords(120, 117, 12))
    curve = result.specification_curve
    numbered = tuple(replace(one, n=n) for one, n in zip(curve.specifications, (120, 113, 60, 58, 40), strict=False))
    effect = replace(result.effect, n=115)
    result = replace(result, effect=effect, specification_curve=replace(curve, specifications=numbered))
    content = build_report_content(result)
    assert content["records"]["clients"] == content["effect"]["n"] == "hidden"
    shown = [one["n"] for one in content["specification_curve"]["specifications"]]
    assert shown == [120, "hidden", 60, "hidden", 40][: len(shown)]
    assert len(shown) > 2
    assert "hidden" in format_hypothesis_page([content])


def test_json_is_the_record_with_what_a_manuscript_needs() -> None:
    content = json.loads(format_hypothesis_json([build_report_content(build_result(), POWER_CURVE)]))
    assert set(build_result().to_dict()) < set(content)
    assert set(content) - set(build_result().to_dict()) == {
        "power_curve",
        "versions",
        "methods",
        "references",
        "tripod",
    }
    assert content["other_tests"][0]["estimate"] is None  # a test without a result
    assert {"Attune", "Python", "numpy", "scipy"} <= set(content["versions"])


@pytest.mark.parametrize("kind", list(TESTS))
@pytest.mark.parametrize("correction", ["holm", "bh"])
def test_the_methods_paragraph_cites_what_is_listed(kind: str, correction: str) -> None:
    result = next(one for one in build_family() if one.family is not None)
    assert result.family is not None
    result = replace(result, kind=kind, family=replace(result.family, correction=correction))
    content = build_report_content(result)
    cited = {
        (author.split()[0], year)
        for bracket in re.findall(r"\([^()]*\d{4}\)|[A-Z]\w+ et al\. \(\d{4}\)", content["methods"])
        for author, year in re.findall(r"([A-Z][\w& .]+?),? \(?(\d{4})", bracket)
    }
    assert cited == {(one.split(",")[0], re.search(r"\((\d{4})\)", one)[1]) for one in content["references"]}  # type: ignore[index]
    assert ("Holm (Holm, 1979)" in content["methods"]) == (correction == "holm")
    assert all(len(sentence.split()) <= 30 for sentence in re.split(r"(?<=[.:;]) ", content["methods"]))


def test_every_reference_is_cited_by_a_test_or_a_correction() -> None:
    cited: set[str] = set()
    for kind in TESTS:
        for correction in ("holm", "bh"):
            for result in build_family():
                assert result.family is not None
                changed = replace(result, kind=kind, family=replace(result.family, correction=correction))
                cited |= set(list_references(format_methods_paragraph({**changed.to_dict(), "versions": {}})))
    assert cited == set(REFERENCES.values())


def test_tripod_items_are_all_27_in_order() -> None:
    first = [int(re.match(r"\d+", number).group()) for number, _, _ in ITEMS]  # type: ignore[union-attr]
    assert sorted(set(first)) == list(range(1, 28))
    assert first == sorted(first)
    filled = build_report_content(build_result())["tripod"]["items"]
    assert next(one for one in filled if one["number"] == "18c-18d")["text"] == "Registered before any of 512 outcomes."
    assert next(one for one in filled if one["number"] == "17")["text"] == ""


def test_a_report_ends_in_html_or_json() -> None:
    assert choose_hypothesis_format(Path("a.HTML")) is format_hypothesis_page
    with pytest.raises(DataFault, match=r"End the name in \.html or \.json"):
        choose_hypothesis_format(Path("a.pdf"))


def test_a_test_without_a_result_has_a_page() -> None:
    effect = build_result().other_tests[0]
    result: HypothesisResult = build_result(effect=effect, sentence="These data cannot tell: not computed.")
    page = read_page(format_hypothesis_page([build_report_content(result)]))
    assert "no result" in page.text
