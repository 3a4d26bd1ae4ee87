"""The section of a model card about dropout: its episodes, its calibration, and how well it is predicted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

NOT_PREDICTED = "The held-out episodes do not show that dropout can be predicted here."
PREDICTED = "On held-out episodes, dropout is predicted better than by chance."
GAINED = "The therapist adds to what the client's answers predict."
NOT_GAINED = "They do not show that the therapist adds to what the client's answers predict."


def format_dropout_section(dropout: dict[str, Any]) -> Iterable[str]:
    """Yield the section in Markdown; nothing without a model of dropout.

    Parameters
    ----------
    dropout : dict
        From :func:`describe_dropout`; empty without a model of dropout.
    """
    if not dropout:
        return
    intro = (
        f"Episodes with known dropout, rated or not: {_format_count(dropout['n'])}. Ended in dropout: "
        f"{_format_count(dropout['dropouts'])}. The probability is shown for a pair. It changes no order unless "
        "`dropout_weight` in clinic.toml is above 0."
    )
    check = dropout.get("check")
    if not check:
        yield f"## Dropout\n\n{intro} How well it predicts: not measured."
        return
    rows = [
        ("calibration slope", _format(check, "slope", "slope_low", "slope_high"), "1 is ideal; below 1 the "
         "predictions differ too much"),
        ("AUC", _format(check, "auc", "auc_low", "auc_high"), "of predictions by chance it is .5"),
        ("AUC of the client's part alone", f"{check['client_auc']:.3f}", "the same for every therapist"),
        ("difference of the two", _format(check, "gain", "gain_low", "gain_high", "+"), "what the pair and the "
         "therapist add"),
        ("recalibration", f"{dropout['intercept']:+.2f} and {dropout['slope']:.2f}", "intercept and slope that the "
         "shown probabilities have in addition; log-odds"),
    ]  # fmt: skip
    verdict = f"{PREDICTED} {GAINED if check['gain_low'] > 0 else NOT_GAINED}"
    lines = ["| figure | value [95% interval] | meaning |", "| --- | --- | --- |"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    text = verdict if check["auc_low"] > 0.5 else NOT_PREDICTED
    yield f"## Dropout\n\n{intro}\n\n{text} Held-out clients, before recalibration:\n\n" + "\n".join(lines)


def _format_count(count: int | str) -> str:
    return f"{count:,}" if isinstance(count, int) else count


def _format(check: dict[str, float], value: str, low: str, high: str, sign: str = "") -> str:
    return f"{check[value]:{sign}.3f} [{check[low]:{sign}.3f}, {check[high]:{sign}.3f}]"
