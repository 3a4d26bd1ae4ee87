"""TRIPOD+AI items that the record of a hypothesis test can fill, and those that remain to the authors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from attune_fit.training.hypotheses.methods_paragraph import OUTCOMES

SOURCE = "Collins et al. (2024), BMJ 385, e078378, doi:10.1136/bmj-2023-078378"


class TripodItem(NamedTuple):
    """One item of the checklist.

    Attributes
    ----------
    number : str
        As in the checklist.
    topic : str
    text : str
        What the record of the test has for it; empty where the authors write it.
    """

    number: str
    topic: str
    text: str


def fill_tripod_items(content: Mapping[str, Any]) -> list[TripodItem]:
    """Fill the items of TRIPOD+AI from the record of a test.

    Parameters
    ----------
    content : mapping
        Record of a test, small counts hidden, with ``versions``.

    Returns
    -------
    list of TripodItem
        All items, in order. One that the record cannot fill has no text.

    Notes
    -----
    The checklist is for prediction models [1]_. A test of a hypothesis is no such model; items on its development and
    use remain empty.

    References
    ----------
    .. [1] Collins et al. (2024), BMJ 385, e078378, doi:10.1136/bmj-2023-078378.
    """
    return [TripodItem(number, topic, fill(content) if fill else "") for number, topic, fill in ITEMS]


def _fill_objectives(content: Mapping[str, Any]) -> str:
    return f"Claim: {content['claim']}"


def _fill_background(content: Mapping[str, Any]) -> str:
    return f"Published in {content['source']}." if content["source"] else ""


def _fill_data(content: Mapping[str, Any]) -> str:
    return f"Routine records of one clinic; SHA-256 of the analysed records {content['data_digest'][:12]}."


def _fill_outcome(content: Mapping[str, Any]) -> str:
    return f"{OUTCOMES[content['outcome']].capitalize()}; unit: {content['outcome_unit']}."


def _fill_predictors(content: Mapping[str, Any]) -> str:
    covariates = next(one for one in content["specification_curve"]["specifications"] if one["is_main"])["covariates"]
    return f"Term of kind {content['kind']}. Covariates: {', '.join(covariates) or 'none'}."


def _fill_sample_size(content: Mapping[str, Any]) -> str:
    power = " The report has its power by simulation." if content.get("power_curve") else ""
    return f"All complete records. Smallest effect of interest: {content['smallest_effect']:g} SD.{power}"


def _fill_missing_data(content: Mapping[str, Any]) -> str:
    dropped = content["records"]["dropped"]
    listed = "; ".join(f"{reason}: {count}" for reason, count in dropped.items())
    return f"Complete records only. Left out: {listed or 'none'}."


def _fill_analysis(content: Mapping[str, Any]) -> str:
    return f"{content['effect']['method'].capitalize()}; see the methods paragraph."


def _fill_evaluation(content: Mapping[str, Any]) -> str:
    gain = content["held_out_gain"]
    return f"Held-out records: {gain['folds']}." if gain else ""


def _fill_registration(content: Mapping[str, Any]) -> str:
    registration = content["registration"]
    return registration["sentence"] if registration else ""


def _fill_code(content: Mapping[str, Any]) -> str:
    return "; ".join(f"{name} {version}" for name, version in content["versions"].items()) + "."


def _fill_participants(content: Mapping[str, Any]) -> str:
    records = content["records"]
    return f"{records['used']} pairs of {records['clients']} clients and {records['therapists']} therapists."


def _fill_performance(content: Mapping[str, Any]) -> str:
    gain = content["held_out_gain"]
    return f"Held-out r = {gain['r']:.2f} ({gain['low']:.2f} to {gain['high']:.2f})." if gain else ""


def _fill_interpretation(content: Mapping[str, Any]) -> str:
    return str(content["sentence"])


def _fill_limitations(content: Mapping[str, Any]) -> str:
    texts = [one["text"] for one in content["warnings"]]
    return " ".join(("Clients were not assigned at random.", *texts))


ITEMS: tuple[tuple[str, str, Callable[[Mapping[str, Any]], str] | None], ...] = (
    ("1", "Title", None),
    ("2", "Abstract", None),
    ("3a-3c", "Background", _fill_background),
    ("4", "Objectives", _fill_objectives),
    ("5a-5b", "Data", _fill_data),
    ("6a-6c", "Participants: setting, eligibility, treatments", None),
    ("7", "Data preparation", _fill_missing_data),
    ("8a-8c", "Outcome", _fill_outcome),
    ("9a-9c", "Predictors", _fill_predictors),
    ("10", "Sample size", _fill_sample_size),
    ("11", "Missing data", _fill_missing_data),
    ("12a-12g", "Analytical methods", _fill_analysis),
    ("13", "Class imbalance", None),
    ("14", "Fairness", None),
    ("15", "Model output", None),
    ("16", "Training versus evaluation", _fill_evaluation),
    ("17", "Ethical approval", None),
    ("18a-18b", "Funding, conflicts of interest", None),
    ("18c-18d", "Protocol, registration", _fill_registration),
    ("18e", "Data sharing", None),
    ("18f", "Code sharing", _fill_code),
    ("19", "Patient and public involvement", None),
    ("20a-20c", "Participants: numbers", _fill_participants),
    ("21", "Model development: numbers in each analysis", _fill_participants),
    ("22", "Model specification", None),
    ("23a-23b", "Model performance", _fill_performance),
    ("24", "Model updating", None),
    ("25", "Interpretation", _fill_interpretation),
    ("26", "Limitations", _fill_limitations),
    ("27a-27c", "Usability in the context of current care", None),
)
