"""A hypothesis about fit: the claim, the term, the outcome, and the analyses that count as equally defensible."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from attune_fit.data.clinic.config_section import ConfigSection
from attune_fit.data.clinic.key_types import Texts
from attune_fit.data.formats.reading_limits import MAX_COUNT, MAX_SEED, MAX_SIZE
from attune_fit.training.hypotheses.hypothesis_feature import HypothesisFeature, TermKind

OutcomeName = Literal["total", "goal", "task", "bond", "dropout", "change"]


def _check_column_name(name: str) -> str:
    """Return the name of a column with its table; raises where the table is missing."""
    table, _, column = name.partition(".")
    if table not in ("clients", "therapists") or not column:
        raise ValueError("write the table and the column, such as `clients.phq9`")
    return name


def _check_name(name: str) -> str:
    """Return the name of a hypothesis; it becomes part of file names."""
    if not re.fullmatch(r"[a-z0-9_]{1,60}", name):
        raise ValueError("use at most 60 small letters, digits and `_`")
    return name


ColumnName = Annotated[str, AfterValidator(_check_column_name)]
Exclusion = Literal["caseload under 5", "caseload under 10", "sessions after 3", "second therapists", "undated ratings"]
EXCLUSIONS: dict[Exclusion, str] = {
    "caseload under 5": "Records of therapists with fewer than 5 used records.",
    "caseload under 10": "Records of therapists with fewer than 10 used records.",
    "sessions after 3": "Ratings of a session after the third.",
    "second therapists": "Records of a client's second and later therapists.",
    "undated ratings": "Records without a date.",
}
MAX_ALTERNATIVES = 6  # of each list
MAX_ANALYSES = 128  # of a specification curve: the alternatives multiply, and each analysis is permuted


class Subgroup(ConfigSection):
    """The records that the claim is about. A record with an unknown cell is outside."""

    table: Literal["clients", "therapists"] = Field(description="The table of the column.")
    column: str = Field(min_length=1, description="The column.")
    at_least: float | None = Field(default=None, ge=-MAX_SIZE, le=MAX_SIZE, description="Smallest number, inclusive.")
    at_most: float | None = Field(default=None, ge=-MAX_SIZE, le=MAX_SIZE, description="Largest number, inclusive.")
    code: Texts = Field(default=[], description="A code in the cell, or a list of codes of which one is enough.")

    @model_validator(mode="after")
    def _check_limits(self) -> Subgroup:
        has_limit = self.at_least is not None or self.at_most is not None
        if has_limit == bool(self.code):
            raise ValueError("name either a number, with `at_least` or `at_most`, or a `code`")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("`at_least` is above `at_most`, so that no number is between them")
        return self


class Alternatives(ConfigSection):
    """Analyses that count as equally defensible. The specification curve has all their combinations."""

    covariates: list[list[ColumnName]] = Field(
        default=[], max_length=MAX_ALTERNATIVES, description="Lists of covariates, each instead of `covariates`."
    )
    outcomes: list[OutcomeName] = Field(
        default=[], max_length=MAX_ALTERNATIVES, description="Outcomes, each instead of `outcome`."
    )
    exclusions: list[Exclusion] = Field(
        default=[], max_length=MAX_ALTERNATIVES, description="Exclusions, each made or not: see the list of exclusions."
    )

    @property
    def n_analyses(self) -> int:
        """Largest number of analyses in the curve: all combinations, with the main analysis."""
        return (1 + len(self.covariates)) * (1 + len(self.outcomes)) * (1 << len(self.exclusions))

    @model_validator(mode="after")
    def _check_number(self) -> Alternatives:
        if self.n_analyses > MAX_ANALYSES:
            raise ValueError(f"all combinations are {self.n_analyses:,} analyses; keep at most {MAX_ANALYSES}")
        return self


class Hypothesis(ConfigSection):
    """A hypothesis about fit. Every key but the claim, the name and the feature has a default.

    Examples
    --------
    >>> feature = {"client": "attachment_avoidance", "therapist": "warm_support_style", "compare": "product"}
    >>> one = Hypothesis(name="avoidance_by_warmth", claim="Avoidant clients: less warmth.", feature=feature)
    >>> one.kind, one.direction, len(one.digest)
    ('interaction', 'both', 64)
    """

    name: Annotated[str, AfterValidator(_check_name)] = Field(description="Name: small letters, digits and `_`.")
    claim: str = Field(min_length=1, description="The claim, in words.")
    source: str = Field(default="", description="Where the claim is published.")
    published_r2: float | None = Field(
        default=None, ge=0, le=1, description="Share of held-out variance that the source reports, 0 to 1."
    )
    published_n: int | None = Field(
        default=None, ge=1, le=MAX_COUNT, description="Number of pairs of a client and a therapist in the source."
    )
    outcome: OutcomeName = Field(
        default="total",
        description="`total`, `goal`, `task` or `bond`: early alliance. `dropout`: 1 or 0. `change`: alliance of "
        "session 3 minus session 1.",
    )
    direction: Literal["+", "-", "both"] = Field(
        default="both", description="Whether the outcome rises with the term, falls, or either."
    )
    smallest_effect: float = Field(
        default=0.10,
        gt=0,
        le=10,
        description="Smallest effect of interest: SD of the outcome for one SD of the term.",
    )
    alpha: float = Field(default=0.05, gt=0, lt=0.5, description="Rate of false alarms that the test allows.")
    prior_sd: float = Field(
        default=0.10,
        gt=0,
        le=10,
        description="SD of the normal prior of the effect, for the Bayes factor; SD of the outcome for one SD of the "
        "term.",
    )
    covariates: list[ColumnName] = Field(
        default=[],
        max_length=20,
        description="Columns with numbers, such as `clients.phq9`, that the test adjusts for.",
    )
    exclusions: list[Exclusion] = Field(default=[], description="Exclusions of the main analysis.")
    seed: int = Field(default=1, ge=0, le=MAX_SEED, description="Seed of permutations, folds and bootstraps.")
    feature: HypothesisFeature = Field(description="The term.")
    subgroup: Subgroup | None = Field(default=None, description="The records that the claim is about. Default: all.")
    alternatives: Alternatives = Field(
        default=Alternatives(), description="Analyses that count as equally defensible as the main one."
    )

    @classmethod
    def from_file(cls, path: Path | str) -> Hypothesis:
        """Read a hypothesis file.

        Raises
        ------
        DataFault
            With every error of the file.
        """
        from attune_fit.training.hypotheses.hypothesis_file import read_hypothesis

        return read_hypothesis(Path(path))

    def to_toml(self) -> str:
        """Return the text of a hypothesis file; :meth:`from_file` reads it back as the same hypothesis."""
        from attune_fit.training.hypotheses.hypothesis_file import format_hypothesis

        return format_hypothesis(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the keys of the file that differ from their defaults, as JSON writes them."""
        return self.model_dump(mode="json", exclude_defaults=True)

    @property
    def kind(self) -> TermKind:
        """The kind of term: ``trait``, ``interaction``, ``pair`` or ``surface``; see :class:`HypothesisFeature`."""
        return self.feature.kind

    @property
    def digest(self) -> str:
        """SHA-256 of the keys that differ from their defaults, in hex. A comment of the file does not count."""
        text = json.dumps(self.to_dict(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
