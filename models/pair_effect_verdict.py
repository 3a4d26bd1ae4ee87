"""The verdict on the pair effect: whether the clinic's records help to choose between therapists.

A bundle stores the numbers; the sentences are made from them each time. Every list shows the plain one, without
figures; the model card and ``attune train`` show the one with the figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

VerdictKind = Literal["published", "nothing", "adds"]
CorrelationInterval = tuple[float, float, float]  # an r and its 95% interval

MIN_TEST_RECORDS = 30  # with fewer records there is no test
REFERENCE_EFFECT_R = 0.10  # the pair effect whose power comes first
MEDIUM_EFFECT_R = 0.30  # below it an effect is small: "a little" (Cohen 1988, Statistical Power Analysis, chapter 3)
STARTING_MODEL_LABEL = "the starting model"  # the row of ``MODELS`` that learned nothing from the clinic's records
# Rows of the table of methods: a clinic's levels with the weights it began with, and learned weights that do not rank.
STARTING_WEIGHTS_LABEL = "the starting weights, with your therapists' levels"
LEARNED_WEIGHTS_LABEL = "weights learned from your records"
ORDER_SOURCE_SENTENCE = (
    "The order of a list follows published effects and the ratings by each therapist's other clients."
)


@dataclass(frozen=True)
class MethodComparison:
    """How well one method ranks, measured on the same held-out records as the others.

    Attributes
    ----------
    name : str
        The model, or the label of another row of ``MODELS``.
    within : (r, low, high) or None
        Correlation with the residual outcomes among the clients of one therapist: who suits whom. None for a method
        that gives all clients of a therapist, or all therapists, the same value.
    over : (r, low, high) or None
        Correlation with the residuals of the intake baseline, across therapists: who suits whom, and who is rated high
        by other clients.
    ahead : bool
        Whether it ranks better than the model among the clients of one therapist, beyond noise.
    """

    name: str
    within: CorrelationInterval | None = None
    over: CorrelationInterval | None = None
    ahead: bool = False


@dataclass(frozen=True)
class Verdict:
    """The result of the test of the pair part of the score on the clinic's own records.

    Attributes
    ----------
    kind : {"published", "nothing", "adds"}
        No records; records without a measurable pair effect; records with one.
    r, low, high : float or None
        Correlation of the pair part with the residuals of baseline and therapist, and its 95% interval, cluster-robust
        by therapist and client; None where not measured.
    p : float or None
        Of the re-pairing test (a permutation test); never 0.
    n : int
        Outcome records in the test.
    power : tuple of (r, share)
        Share of cases in which such records would show a pair effect of size r, for a model that knows it exactly.
        Empty where the records cannot be tested.
    compared : tuple of MethodComparison
        The model first, then simpler methods; empty where not measured.
    learned : (gain, low, high) or None
        What learning pair weights from these records changed: the r of the pair part with learned weights minus the r
        with the starting weights, and its 95% interval. Both have levels and therapist effects fitted on the same
        folds. None where not measured, and in bundles of earlier versions.
    """

    kind: VerdictKind = "published"
    r: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    n: int = 0
    power: tuple[tuple[float, float], ...] = ()
    compared: tuple[MethodComparison, ...] = ()
    learned: CorrelationInterval | None = None

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Verdict:
        """Build the verdict from the dict that ``dataclasses.asdict`` and JSON give.

        >>> row = {"name": "model", "over": [0.1, 0.0, 0.2]}
        >>> Verdict.from_dict({"kind": "nothing", "n": 2, "compared": [row]}).compared
        (MethodComparison(name='model', within=None, over=(0.1, 0.0, 0.2), ahead=False),)
        """
        power = tuple((float(r), float(share)) for r, share in content.get("power", ()))
        compared = tuple(
            MethodComparison(
                row["name"],
                _parse_correlation_interval(row.get("within")),
                _parse_correlation_interval(row.get("over")),
                row.get("ahead", False),
            )
            for row in content.get("compared", ())
        )
        learned = _parse_correlation_interval(content.get("learned"))
        return cls(**{**content, "power": power, "compared": compared, "learned": learned})

    @property
    def keeps_starting_weights(self) -> bool:
        """Whether the model keeps the weights it began with, because learned weights are measurably worse."""
        return self.learned is not None and self.learned[2] < 0

    @property
    def sentence(self) -> str:
        """The verdict in plain words, the answer first.

        The records test the model. Whether learning from them made it better is another question: where that was
        measured, a second sentence answers it.

        >>> Verdict("adds", r=0.15, low=0.06, high=0.24, p=0.003, n=797).sentence[28:]
        'the model helps a little in choosing between therapists (r = .15, 95% interval .06 to .24).'
        """
        if self.kind == "published":
            return "Published evidence only: Attune has not learned from any outcome records of this clinic."
        if self.r is None or self.low is None or self.high is None:
            return (
                f"Your {self._records} cannot yet tell which therapist suits which client. The test needs at least "
                f"{MIN_TEST_RECORDS} records, therapists who could have exchanged clients, and a feature in which "
                f"these therapists differ. {ORDER_SOURCE_SENTENCE}"
            )
        measured = _format_measured((self.r, self.low, self.high))
        if self.kind == "adds":
            return f"{self._answer} {measured}.{self._learning}{self._stronger_methods}"
        return (
            f"Your {self._records} cannot yet tell which therapist suits which client {measured}. "
            f"{ORDER_SOURCE_SENTENCE}{self._learning}{self._stronger_methods}"
        )

    @property
    def plain_sentence(self) -> str:
        """The verdict in one sentence without figures, for the head of a list; :attr:`sentence` has the figures.

        It names these records as a help only where learning from them measurably helped.

        >>> Verdict("adds", r=0.15, low=0.06, high=0.24, p=0.003, n=797).plain_sentence
        'Tested on your 797 records, the model helps a little in choosing between therapists.'
        """
        if self.kind == "published":
            return self.sentence
        if self.kind == "adds" and self.r is not None:
            return f"{self._answer}{self._plain_learning}."
        verb = "does" if self.n == 1 else "do"
        return (
            f"Your {self._records} {verb} not yet show which therapist suits which client; the order follows published "
            "effects and therapists' other ratings."
        )

    @property
    def power_sentence(self) -> str:
        """The power of the test with so many records; empty where they cannot be tested.

        >>> Verdict("nothing", n=240, power=((0.05, 0.1), (0.1, 0.31))).power_sentence
        'With your 240 records, the test would find a pair effect of r = .10 in 31% of cases (.05: 10%).'
        """
        power = dict(self.power)
        if REFERENCE_EFFECT_R not in power:
            return ""
        others = ", ".join(
            f"{format_correlation(r)}: {share:.0%}" for r, share in self.power if r != REFERENCE_EFFECT_R
        )
        reference = f"r = {format_correlation(REFERENCE_EFFECT_R)} in {power[REFERENCE_EFFECT_R]:.0%} of cases"
        more = f" ({others})" if others else ""
        return f"With your {self._records}, the test would find a pair effect of {reference}{more}."

    @property
    def _records(self) -> str:
        return f"{self.n:,} record{'' if self.n == 1 else 's'}"

    @property
    def _answer(self) -> str:
        """The answer where the model helps, without its figures and without a full stop."""
        size = "helps a little" if self.r is not None and self.r < MEDIUM_EFFECT_R else "helps"
        return f"Tested on your {self._records}, the model {size} in choosing between therapists"

    @property
    def _learning(self) -> str:
        """What learning from these records changed, with its figures; empty where not measured."""
        if self.learned is None or self.r is None:
            return ""
        gain, low, high = self.learned
        if self.keeps_starting_weights:
            loss, ends = format_correlation(-gain), f"{format_correlation(-high)} to {format_correlation(-low)}"
            return (
                f" The model keeps the weights it began with: weights learned from your records were worse by {loss} "
                f"(95% interval {ends})."
            )
        change, ends = format_correlation(gain), f"{format_correlation(low)} to {format_correlation(high)}"
        result = "" if low > 0 else ", which is no measurable change"
        return (
            f" With the weights it began with: r = {format_correlation(self.r - gain)}. "
            f"Your records changed it by {change} (95% interval {ends}){result}."
        )

    @property
    def _plain_learning(self) -> str:
        """The same without figures, as the end of a sentence."""
        if self.learned is None:
            return ""
        if self.keeps_starting_weights:
            return ", with the weights it began with"
        return f", {'more than' if self.learned[1] > 0 else 'about as much as'} before it learned from them"

    @property
    def _stronger_methods(self) -> str:
        """One sentence for each simpler method that ranks better."""
        return "".join(
            f" On the same records, {row.name} alone shows better who suits whom {_format_measured(row.within)}."
            for row in self.compared
            if row.ahead and row.within
        )


def _parse_correlation_interval(values: Sequence[float] | None) -> CorrelationInterval | None:
    """Return an r and its interval from JSON's list."""
    return None if values is None else (float(values[0]), float(values[1]), float(values[2]))


def _format_measured(interval: CorrelationInterval) -> str:
    """Return an r with its interval in brackets, in words."""
    r, low, high = map(format_correlation, interval)
    return f"(r = {r}, 95% interval {low} to {high})"


def format_correlation_interval(interval: CorrelationInterval) -> str:
    """Return an r with its interval in the style of journals.

    >>> format_correlation_interval((0.123, 0.05, 0.196))
    'r = .12 [.05, .20]'
    """
    r, low, high = map(format_correlation, interval)
    return f"r = {r} [{low}, {high}]"


def format_correlation(r: float) -> str:
    """Return a correlation with two decimals and without the leading zero, in the style of journals.

    >>> format_correlation(0.123), format_correlation(-0.05), format_correlation(1.0), format_correlation(-0.001)
    ('.12', '-.05', '1.00', '.00')
    """
    text = f"{round(r, 2) + 0.0:.2f}"  # + 0.0: never -0.00
    return text.replace("0.", ".", 1) if abs(r) < 0.995 else text
