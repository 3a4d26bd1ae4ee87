"""Dropout in words: the estimate first, where it comes from, and what it does to the order."""

from __future__ import annotations

from dataclasses import replace

from attune_fit.app.views.dropout import list_dropout_lines
from attune_fit.matching.ranking.dropout_estimate import DropoutEstimate
from attune_fit.training.reporting.dropout_section import format_dropout_section
from attune_fit.training.reporting.model_card import describe_dropout
from tests.models.builders import build_dropout

ESTIMATE = DropoutEstimate(0.176, 0.121, 0.249, 0.201)
WEIGHED = "The order also weighs dropout."


def write(
    estimate: DropoutEstimate | None, order_weights: str = "", *, auc_low: float = 0.55, why: bool = False
) -> str:
    dropout = build_dropout()
    assert dropout.check is not None
    dropout = replace(dropout, check=dropout.check._replace(auc_low=auc_low))
    lines = list_dropout_lines(estimate, None if estimate is None else dropout, 0.9, order_weights, why=why)
    return "\n".join(str(line).strip() for line in lines)


def test_the_estimate_comes_first_then_its_source() -> None:
    assert write(ESTIMATE) == (
        "Dropout: 18% (90% interval 12% to 25%); with a typical therapist 20%.\n"
        "From 200 episodes here with known dropout. It does not change the order."
    )


def test_a_weighed_order_is_said_and_never_denied() -> None:
    text = write(ESTIMATE, WEIGHED)
    assert text.endswith(WEIGHED)
    assert "never changes" not in text
    assert write(None, WEIGHED) == WEIGHED


def test_dropout_that_cannot_be_predicted_is_said_to_be_so() -> None:
    assert "These episodes do not yet show who drops out." in write(ESTIMATE, auc_low=0.49)


def test_the_published_average_is_one_step_away() -> None:
    assert write(None) == ""
    assert write(None, why=True).startswith("Dropout: 20% of clients leave early in published studies.")


def test_the_card_states_slope_and_auc_compared_with_the_clients_part() -> None:
    (text,) = format_dropout_section(describe_dropout(build_dropout()) or {})
    assert "Episodes with known dropout, rated or not: 200. Ended in dropout: 40." in text
    assert "| calibration slope | 0.900 [0.500, 1.300] |" in text
    assert "| AUC | 0.600 [0.550, 0.650] |" in text
    assert "| AUC of the client's part alone | 0.560 |" in text
    assert "| difference of the two | +0.040 [+0.010, +0.070] |" in text
    assert "The therapist adds to what the client's answers predict." in text


def test_the_card_has_no_section_without_a_model_and_no_small_count() -> None:
    assert describe_dropout(None) is None
    assert not list(format_dropout_section({}))
    few = describe_dropout(replace(build_dropout(), n_dropouts=9, check=None))
    assert few is not None
    (text,) = format_dropout_section(few)
    assert "Ended in dropout: fewer than 10." in text
    assert "not measured" in text
