"""The word on whether the model knows anything about this choice: stored in the bundle, shown on every ranking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

VerdictKind = Literal["published", "nothing", "adds"]
CorrelationInterval = tuple[float, float, float]  # an r and its 95% interval

MIN_TEST_RECORDS = 30  # records below which no test is tried
REFERENCE_EFFECT_R = 0.10  # the pair effect whose power is told first
ORDER_SOURCE_SENTENCE = "The order of a list follows published effects and how a therapist's other clients rated."


@dataclass(frozen=True)
class MethodComparison:
    """What one way of choosing knows, measured on the same held-back records as the others.

    Attributes
    ----------
    name : str
        The way: the model, or a simple one, see :data:`BASELINES`.
    within : (r, low, high) or None
        Correlation with what is left of the outcomes among the clients of one therapist: who suits whom. None for a way
        that says the same to all clients of a therapist, or of all therapists.
    over : (r, low, high) or None
        Correlation over therapists, with what the client's intake leaves: suiting, and being rated highly by others.
    ahead : bool
        Whether it knows more about who suits whom than the model, beyond noise.
    """

    name: str
    within: CorrelationInterval | None = None
    over: CorrelationInterval | None = None
    ahead: bool = False


@dataclass(frozen=True)
class Verdict:
    """What the clinic's own records say about the pair part of the score.

    Attributes
    ----------
    kind : {"published", "nothing", "adds"}
        No records; records that add nothing measurable; records that do.
    r, low, high : float or None
        Correlation of the pair part with what baseline and therapist leave, and its 95% interval, clustered by
        therapist and client; None where not measured.
    p : float or None
        Of the re-pairing test; never 0.
    n : int
        Outcome records it rests on.
    power : tuple of (r, share)
        In which share of cases such records would show a pair effect of that size to a model that knew it; empty where
        they cannot be tested.
    compared : tuple of Comparison
        The model first, then simpler ways; empty where not measured.
    """

    kind: VerdictKind = "published"
    r: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    n: int = 0
    power: tuple[tuple[float, float], ...] = ()
    compared: tuple[MethodComparison, ...] = ()

    @classmethod
    def from_dict(cls, said: Mapping[str, Any]) -> Verdict:
        """Build the verdict that ``dataclasses.asdict`` and JSON made plain.

        >>> Verdict.from_dict({"kind": "nothing", "n": 2, "compared": [{"name": "model", "over": [0.1, 0.0, 0.2]}]}).compared
        (MethodComparison(name='model', within=None, over=(0.1, 0.0, 0.2), ahead=False),)
        """
        power = tuple((float(r), float(share)) for r, share in said.get("power", ()))
        compared = tuple(
            MethodComparison(
                row["name"],
                _parse_correlation_interval(row.get("within")),
                _parse_correlation_interval(row.get("over")),
                row.get("ahead", False),
            )
            for row in said.get("compared", ())
        )
        return cls(**{**said, "power": power, "compared": compared})

    @property
    def sentence(self) -> str:
        """What a coordinator reads.

        >>> Verdict("adds", r=0.12, low=0.05, high=0.19, p=0.003, n=800).sentence
        'In your 800 records, the pair part adds r = .12 [.05, .19] to the choice of therapist.'
        """
        if self.kind == "published":
            return "Published evidence only: no outcome records of this clinic were learned from."
        if self.r is None or self.low is None or self.high is None:
            return (
                f"Local data adds nothing measurable yet: {self._records} cannot tell; the test needs at least "
                f"{MIN_TEST_RECORDS} records, therapists who could have been exchanged and a feature in which they differ. "
                f"{ORDER_SOURCE_SENTENCE}"
            )
        seen = format_correlation_interval((self.r, self.low, self.high))
        if self.kind == "adds":
            return f"In your {self._records}, the pair part adds {seen} to the choice of therapist.{self._stronger_methods_sentence}"
        return (
            f"Local data adds nothing measurable yet to the choice between therapists: {seen} in your {self._records}. "
            f"{ORDER_SOURCE_SENTENCE}{self._stronger_methods_sentence}"
        )

    @property
    def power_sentence(self) -> str:
        """What such records can show at all; empty where they cannot be tested.

        >>> Verdict("nothing", n=240, power=((0.05, 0.1), (0.1, 0.31))).power_sentence
        'With your 240 records a pair effect of r = .10 would be found in 31% of cases (.05: 10%).'
        """
        share = dict(self.power)
        if REFERENCE_EFFECT_R not in share:
            return ""
        others = ", ".join(
            f"{format_correlation(r)}: {found:.0%}" for r, found in self.power if r != REFERENCE_EFFECT_R
        )
        first = f"a pair effect of r = {format_correlation(REFERENCE_EFFECT_R)} would be found in {share[REFERENCE_EFFECT_R]:.0%} of cases"
        return f"With your {self._records} {first}{f' ({others})' if others else ''}."

    @property
    def _records(self) -> str:
        return f"{self.n:,} record{'' if self.n == 1 else 's'}"

    @property
    def _stronger_methods_sentence(self) -> str:
        """Which simpler ways know more."""
        return "".join(
            f" On the same records, {row.name} alone knows more of who suits whom: {format_correlation_interval(row.within)}."
            for row in self.compared
            if row.ahead and row.within
        )


def _parse_correlation_interval(said: Sequence[float] | None) -> CorrelationInterval | None:
    """An r and its interval from JSON's list."""
    return None if said is None else (float(said[0]), float(said[1]), float(said[2]))


def format_correlation_interval(span: CorrelationInterval) -> str:
    """An r with its interval, as journals print it.

    >>> format_correlation_interval((0.123, 0.05, 0.196))
    'r = .12 [.05, .20]'
    """
    return f"r = {format_correlation(span[0])} [{format_correlation(span[1])}, {format_correlation(span[2])}]"


def format_correlation(r: float) -> str:
    """A correlation as journals print it.

    >>> format_correlation(0.123), format_correlation(-0.05), format_correlation(1.0)
    ('.12', '-.05', '1.00')
    """
    return f"{r:.2f}".replace("0.", ".", 1) if abs(r) < 0.995 else f"{r:.2f}"
