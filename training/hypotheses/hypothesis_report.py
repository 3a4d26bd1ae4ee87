"""Report of hypothesis tests as a page or as JSON: the record of each test, small counts hidden, with its methods."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attune_fit.data.report_pages.report_formats import choose_report_format
from attune_fit.data.small_cells import HIDDEN_COUNT_TEXT, MIN_GROUP_SIZE, suppress_small_count
from attune_fit.training.hypotheses.hypothesis_page import format_hypothesis_page
from attune_fit.training.hypotheses.methods_paragraph import format_methods_paragraph, list_references
from attune_fit.training.hypotheses.tripod_items import SOURCE, fill_tripod_items
from attune_fit.training.promotion.source_digest import compute_code_version

if TYPE_CHECKING:
    from attune_fit.training.hypotheses.hypothesis_result import HypothesisResult

LIBRARIES = ("numpy", "scipy", "pandas")
HIDDEN_ANALYSES = f"analyses of fewer than {MIN_GROUP_SIZE} records are hidden"


def build_report_content(result: HypothesisResult, power_curve: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """Build all that a report shows of one test, as types of JSON.

    Parameters
    ----------
    result : HypothesisResult
    power_curve : sequence of mapping, optional
        Points of the power at the smallest effect of interest, as ``simulate_curve`` returns them.

    Returns
    -------
    dict
        The keys of :meth:`HypothesisResult.to_dict`, small counts hidden, and ``power_curve``, ``versions``,
        ``methods``, ``references`` and ``tripod``.
    """
    content = suppress_small_cells(result.to_dict())
    content["power_curve"] = [dict(point) for point in power_curve]
    content["versions"] = list_versions()
    content["methods"] = format_methods_paragraph(content)
    content["references"] = list_references(content["methods"])
    items = [item._asdict() for item in fill_tripod_items(content)]
    content["tripod"] = {"source": SOURCE, "items": items}
    return content


def suppress_small_cells(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record of a test with counts of fewer than 10 people or records hidden.

    The number of therapists stays: all degrees of freedom follow from it.
    """
    records, curve = content["records"], content["specification_curve"]
    shown = [one for one in curve["specifications"] if one["n"] >= MIN_GROUP_SIZE]
    safe = _list_safe_counts(records["used"], [records["clients"], *(one["n"] for one in shown)])
    failed = list(curve["failed"]) + [HIDDEN_ANALYSES] * (len(shown) < len(curve["specifications"]))
    return {
        **content,
        "records": {
            **records,
            "used": suppress_small_count(records["used"]),
            "clients": _hide_count(records["clients"], safe),
            "dropped": {reason: suppress_small_count(count) for reason, count in records["dropped"].items()},
        },
        "effect": _hide_number(content["effect"], safe),
        "other_tests": [_hide_number(one, safe) for one in content["other_tests"]],
        "specification_curve": {
            **curve,
            "specifications": [_hide_number(one, safe) for one in shown],
            "failed": failed,
        },
    }


def list_versions() -> dict[str, str]:
    """List the versions of Attune, Python and the libraries that compute a test."""
    return {
        "Attune": compute_code_version(),
        "Python": platform.python_version(),
        **{name: metadata.version(name) for name in LIBRARIES},
    }


def format_hypothesis_json(contents: Sequence[Mapping[str, Any]]) -> str:
    """Format reports as JSON text: one object for one hypothesis, else ``{"hypotheses": [...]}``."""
    content = contents[0] if len(contents) == 1 else {"hypotheses": list(contents)}
    return json.dumps(content, indent=1, allow_nan=False, ensure_ascii=False) + "\n"


def choose_hypothesis_format(target: Path) -> Callable[[Sequence[Mapping[str, Any]]], str]:
    """Return the function that formats a report for a file of this name; raises as :func:`choose_report_format`."""
    return choose_report_format(target, HYPOTHESIS_FORMATS)


def _list_safe_counts(total: int, counts: Iterable[int]) -> frozenset[int]:
    """Return the counts that can be shown together: no two of them differ by a small count."""
    safe = [total]
    for count in counts:
        if all(abs(count - one) >= MIN_GROUP_SIZE for one in safe):
            safe.append(count)
    return frozenset(safe)


def _hide_count(count: int, safe: Container[int]) -> int | str:
    """Return a count, or a text where it is small or its difference from another count would be."""
    return suppress_small_count(count) if count < MIN_GROUP_SIZE or count in safe else HIDDEN_COUNT_TEXT


def _hide_number(test: Mapping[str, Any], safe: Container[int]) -> dict[str, Any]:
    return {**test, "n": _hide_count(test["n"], safe)}


HYPOTHESIS_FORMATS: dict[str, Callable[[Sequence[Mapping[str, Any]]], str]] = {
    ".html": format_hypothesis_page,
    ".json": format_hypothesis_json,
}
