"""The feature of a hypothesis: the keys of ``[[features]]`` in ``clinic.toml``, with centres, thresholds and powers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, model_validator

from attune_fit.data.clinic.config_section import ConfigSection
from attune_fit.data.clinic.key_types import Texts
from attune_fit.data.clinic.settings import CustomFeature
from attune_fit.data.formats.reading_limits import MAX_SIZE

TermKind = Literal["trait", "interaction", "pair", "surface"]
CENTERS = ("mean", "median", "pooled")
NUMBER_COMPARISONS = ("product", "surface", "number")  # those that keep the number of each side


def _check_center(value: Any) -> Any:
    """Return a centre; one message for what is neither a word nor a number."""
    if value in CENTERS and isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= MAX_SIZE:
        raise ValueError('write "mean", "median", "pooled" or a number')
    return float(value)


Center = Annotated[Literal["mean", "median", "pooled"] | float, PlainValidator(_check_center)]


class SideCenters(ConfigSection):
    """The point of each side that counts as 0. ``pooled`` is the midpoint between the means of both sides."""

    client: Center | None = Field(
        default=None,
        description='Of the client\'s number: `"mean"`, `"median"`, `"pooled"` or a number of its unit. Default: '
        "`mean`; `pooled` for a surface.",
    )
    therapist: Center | None = Field(default=None, description="Of the therapist's number, in the same way.")
    value: float | None = Field(
        default=None,
        ge=-MAX_SIZE,
        le=MAX_SIZE,
        description="`weight_by`: the value of the comparison that counts as neutral. `center = 0.5` states it too.",
    )

    @model_validator(mode="before")
    @classmethod
    def _read_number(cls, center: Any) -> Any:
        """Read a single number as :attr:`value`, as ``[[features]]`` states it."""
        is_number = isinstance(center, int | float) and not isinstance(center, bool)
        return {"value": center} if is_number else center


class SideThresholds(ConfigSection):
    """The cut of each side: its number becomes 1 at or above it, and 0 below."""

    client: float | None = Field(default=None, ge=-MAX_SIZE, le=MAX_SIZE, description="Of the client's number.")
    therapist: float | None = Field(default=None, ge=-MAX_SIZE, le=MAX_SIZE, description="Of the therapist's number.")


class SidePowers(ConfigSection):
    """The power to which the centred number of each side is raised."""

    client: int = Field(default=1, ge=1, le=3, description="Of the client's number: 1, 2 or 3.")
    therapist: int = Field(default=1, ge=1, le=3, description="Of the therapist's number: 1, 2 or 3.")


class HypothesisFeature(ConfigSection):
    """The columns that a hypothesis compares, and how."""

    client: str | None = Field(default=None, description="Column of `clients`.")
    therapist: str | None = Field(default=None, description="Column of `therapists`.")
    compare: Literal["same", "overlap", "distance", "closeness", "product", "meets", "number", "has", "surface"] = (
        Field(description="As in `[[features]]` of clinic.toml. `surface` fits a response surface of both numbers.")
    )
    code: Texts = Field(default=[], description="`has`: the code to look for, or a list of codes.")
    weight_by: str | None = Field(
        default=None, description="Column of `clients` with the importance to the client; it multiplies the value."
    )
    center: SideCenters = Field(
        default=SideCenters(),
        description="Where each side's number is 0: a table with `client` and `therapist`. With `weight_by`, a number.",
    )
    scale: float | None = Field(
        default=None, ge=1 / MAX_SIZE, le=MAX_SIZE, description="`closeness`: as in `[[features]]` of clinic.toml."
    )
    threshold: SideThresholds = Field(
        default=SideThresholds(), description="A side's number becomes 1 at or above its cut, 0 below."
    )
    power: SidePowers = Field(
        default=SidePowers(), description="A side's centred number is raised to this power; lower powers stay as parts."
    )

    @property
    def kind(self) -> TermKind:
        """The kind of term, which decides the test.

        ``trait`` is a number of the therapist alone. ``interaction`` is a client's number times a therapist's, and
        ``weight_by`` on a therapist's column. ``surface`` is a response surface. Any other comparison of two columns is
        a ``pair``: it varies within clients and within therapists.
        """
        if self.client is None:
            return "trait" if self.weight_by is None else "interaction"
        if self.compare == "surface":
            return "surface"
        return "interaction" if self.compare == "product" else "pair"

    @property
    def centers(self) -> tuple[Center, Center]:
        """The centre of the client's and of the therapist's number, with the defaults filled in."""
        default: Center = "pooled" if self.compare == "surface" else "mean"
        of_client = default if self.center.client is None else self.center.client
        return of_client, default if self.center.therapist is None else self.center.therapist

    def build_custom_feature(self, name: str) -> CustomFeature:
        """Build the row of ``[[features]]`` that compares the same columns; a surface is compared as a product."""
        return CustomFeature(
            name=name,
            client=self.client,
            therapist=self.therapist,
            compare="product" if self.compare == "surface" else self.compare,
            code=self.code,
            weight_by=self.weight_by,
            center=self.center.value,
            scale=self.scale,
        )

    @model_validator(mode="after")
    def _check_keys(self) -> HypothesisFeature:
        if self.therapist is None:
            problem = (
                "a column of the client alone moves all therapists alike, so it is no hypothesis about fit: name a "
                "column of `therapists` with `therapist`"
            )
            raise ValueError(problem)
        has_cut = self.threshold != SideThresholds() or self.power != SidePowers()
        if self.compare not in NUMBER_COMPARISONS:
            if has_cut:
                raise ValueError(f"`{self.compare}` reads no `threshold` and no `power`: use `product` or `number`")
            if (self.center.client, self.center.therapist) != (None, None):
                raise ValueError(f"`{self.compare}` has no centre of each side: use `product`, `number` or `surface`")
        if self.compare == "surface" and has_cut:
            raise ValueError("`surface` fits its own powers: remove `threshold` and `power`")
        self._check_sides()
        return self

    def _check_sides(self) -> None:
        """Refuse keys that the columns leave without a meaning."""
        if self.center.value is not None and self.weight_by is None:
            raise ValueError("`center` as a number needs `weight_by`: write a table with `client` and `therapist`")
        if self.weight_by is not None and self.compare in ("product", "surface"):
            raise ValueError(f"`weight_by` with `{self.compare}` multiplies three columns: name two of them")
        if self.scale is not None and self.compare != "closeness":
            raise ValueError(f"`{self.compare}` reads no `scale`: remove it")
        of_client = self.threshold.client is not None or self.power.client > 1
        if self.client is None and of_client:
            raise ValueError("`threshold` and `power` of the client need a column in `client`")
        for side in ("client", "therapist"):
            if getattr(self.threshold, side) is not None and getattr(self.power, side) > 1:
                raise ValueError(f"the {side}'s number has a `threshold` and a `power`: keep one of them")
