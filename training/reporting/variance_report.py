"""How much of the variance of a clinic's ratings is between therapists, clients, dyads and sessions."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.display_instrument import find_main_instrument
from attune_fit.data.faults import DataFault, Fault
from attune_fit.data.outcomes.session_ratings import RATED_SCALES, list_session_ratings
from attune_fit.data.small_cells import MIN_GROUP_SIZE, suppress_small_count
from attune_fit.training.crossfit.level_design import build_level_design
from attune_fit.training.multilevel.crossed_shares import RatingCrossing, estimate_rating_shares
from attune_fit.training.multilevel.variance_shares import VarianceShare

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.data.clinic.clinic import Clinic
    from attune_fit.data.clinic.tables import Tables

Sessions = tuple[int, int] | str
EARLY, ALL = "early", "all"
MIN_THERAPISTS = 5  # a variance between fewer has an interval from almost 0 to almost 1
WIDE_INTERVAL = 0.15  # of the therapist share: as wide as the range of published ones
FRAME_COLUMNS = ("component", "share", "low", "high", "variance", "n_groups", "zero_probability")
MEANINGS = {
    "therapist": "some therapists get higher ratings from all clients (partner)",
    "client": "some clients give higher ratings to all therapists (actor)",
    "dyad": "some pairs get on better than client and therapist explain (relationship)",
    "occasion": "ratings of one pair differ between sessions; with error",
    "client + dyad": "clients differ, and pairs differ: one share for both",
    "dyad + occasion": "pairs differ, and sessions differ: one share for both",
    "client + dyad + occasion": "clients, pairs and sessions differ: one share for all",
}


@dataclass(frozen=True)
class VarianceReport:
    """The shares of the variance of a clinic's ratings.

    Attributes
    ----------
    scale : str
        One of RATED_SCALES.
    sessions : str
        Which sessions count, in words.
    n_ratings, n_clients, n_therapists, n_pairs : int
    n_crossed_clients : int or str
        Clients with ratings of several therapists; a text where they are few.
    adjusted_for : tuple of str
        What is held constant: differences between instruments and between sites belong to no share.
    components : tuple of VarianceShare
        Their shares sum to 1; variances in POMP squared.
    converged : bool
        False if the estimates cannot be trusted.
    sentences : tuple of str
        What the shares mean, and which of them are one.
    """

    scale: str
    sessions: str
    n_ratings: int
    n_clients: int
    n_therapists: int
    n_pairs: int
    n_crossed_clients: int | str
    adjusted_for: tuple[str, ...]
    components: tuple[VarianceShare, ...]
    converged: bool
    sentences: tuple[str, ...]

    @property
    def summary(self) -> str:
        """The report in one line."""
        if not self.converged:
            return "The variance shares could not be estimated from these ratings"
        one = self.components[0]
        return (
            f"Therapists explain {one.share:.0%} of the variance of ratings (95% interval {one.low:.0%} to "
            f"{one.high:.0%})"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the report in the types of JSON."""
        return asdict(self)

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each component, the residual last."""
        import pandas as pd

        rows = [{"component": one.name, **asdict(one)} for one in self.components]
        return pd.DataFrame(rows, columns=list(FRAME_COLUMNS))


def report_variance(clinic: Clinic, tables: Tables, sessions: Sessions = EARLY, scale: str = "total") -> VarianceReport:
    """Estimate the shares of the variance of a clinic's ratings by restricted maximum likelihood.

    Parameters
    ----------
    clinic, tables
    sessions : "early", "all", or (int, int)
        The early sessions of each instrument; all; or the first and the last session that count.
    scale : str
        One of RATED_SCALES.

    Raises
    ------
    DataFault
        With too few clients or therapists, or with ratings that do not differ.
    ValueError
        An unknown scale, or sessions of another kind.
    """
    check_request(sessions, scale)
    span = None if isinstance(sessions, str) else (int(sessions[0]), int(sessions[1]))
    ratings = list_session_ratings(
        tables, clinic.instruments, find_main_instrument(tables, clinic),
        sessions=span, is_early=sessions == EARLY, scale=scale,
    )  # fmt: skip
    crossing = RatingCrossing.from_labels(ratings["therapist_row"].to_numpy(), ratings["client_row"].to_numpy())
    _refuse_few(ratings, crossing)
    X, adjusted_for = _build_fixed_effects(clinic, tables, ratings)
    shares = estimate_rating_shares(ratings["pomp"].to_numpy(float), X, crossing)
    return VarianceReport(
        scale=scale,
        sessions=_describe_sessions(ratings, sessions),
        n_ratings=len(ratings),
        n_clients=crossing.n_clients,
        n_therapists=crossing.n_therapists,
        n_pairs=crossing.n_pairs,
        n_crossed_clients=suppress_small_count(crossing.n_crossed_clients),
        adjusted_for=adjusted_for,
        components=shares.components,
        converged=shares.converged,
        sentences=tuple(_list_sentences(crossing, shares.components)),
    )


def check_request(sessions: Sessions, scale: str) -> None:
    """Check that ``sessions`` and ``scale`` are known.

    Raises
    ------
    ValueError
        If one is not.
    """
    if scale not in RATED_SCALES:
        raise ValueError(f"scale is {scale!r}; it must be one of {', '.join(RATED_SCALES)}.")
    if isinstance(sessions, str):
        is_known = sessions in (EARLY, ALL)
    else:
        is_known = len(sessions) == 2 and 0 <= sessions[0] <= sessions[1]
    if not is_known:
        raise ValueError(f"sessions is {sessions!r}; it must be 'early', 'all', or the first and the last session.")


def _refuse_few(ratings: pd.DataFrame, crossing: RatingCrossing) -> None:
    """Refuse ratings that leave nothing to estimate."""
    if crossing.n_clients < MIN_GROUP_SIZE or crossing.n_therapists < MIN_THERAPISTS:
        counts = f"{suppress_small_count(crossing.n_clients)} clients and {crossing.n_therapists} therapists"
        message = f"The ratings that count are of {counts}: too few for shares of variance"
        fix = f"At least {MIN_GROUP_SIZE} clients and {MIN_THERAPISTS} therapists are needed. Choose more sessions."
        raise DataFault([Fault.error("variance-few-ratings", "outcomes", "", message, fix=fix)])
    if crossing.n_pairs == crossing.n_therapists or ratings["pomp"].std() == 0:
        message = "The ratings that count do not differ, or each therapist has one client"
        fix = "No share of variance can be estimated from them. Choose other sessions or another scale."
        raise DataFault([Fault.error("variance-no-difference", "outcomes", "", message, fix=fix)])


def _build_fixed_effects(clinic: Clinic, tables: Tables, ratings: pd.DataFrame) -> tuple[Floats, tuple[str, ...]]:
    """Return intercept, instruments and sites (n, p), without columns that depend on earlier ones, and their kinds."""
    column = clinic.config.settings.site_column
    site = tables.clients[column].loc[ratings["client_row"]] if column in tables.clients else None
    undated = np.full(len(ratings), np.datetime64("NaT"), dtype="datetime64[s]")
    design = build_level_design(ratings["instrument"], site, undated)
    X = np.ones((len(ratings), 1))
    kinds: dict[str, None] = {}
    for name, indicator in zip(design.names, design.indicators.T, strict=True):
        wider = np.column_stack([X, indicator])
        if np.linalg.matrix_rank(wider) == wider.shape[1]:
            X, kinds = wider, {**kinds, name.split()[0]: None}
    return X, tuple(kinds)


def _describe_sessions(ratings: pd.DataFrame, sessions: Sessions) -> str:
    """Return which sessions count, in words."""
    numbers = ratings["session"].dropna()
    n_unknown = len(ratings) - len(numbers)
    first, last = (int(numbers.min()), int(numbers.max())) if len(numbers) else (0, 0)
    span = f"sessions {first} to {last}" if first < last else f"session {first}" if len(numbers) else "no known session"
    kind = {EARLY: "early sessions", ALL: "all sessions"}.get(str(sessions), "chosen sessions")
    unknown = f"; ratings without a session number: {suppress_small_count(n_unknown)}" if n_unknown else ""
    return f"{kind}: {span}{unknown}"


def _list_sentences(crossing: RatingCrossing, components: tuple[VarianceShare, ...]) -> list[str]:
    """Return what the shares mean, and which of them are one."""
    therapist = components[0]
    sentences = [
        "A therapist share of 0 fits these ratings."
        if therapist.low == 0
        else "Therapists differ: a therapist share of 0 does not fit these ratings."
    ]
    if not crossing.n_crossed_clients:
        sentences.append("Each client has one therapist, so client and dyad cannot be separated: they have one share.")
    elif not crossing.is_crossed:
        sentences.append("Too few clients have ratings of several therapists to separate client and dyad.")
    else:
        sentences.append(
            "A client's therapists came one after another: a change of the client over time counts as dyad."
        )
    if not crossing.has_occasions:
        sentences.append("Almost all pairs have one rating, so sessions cannot be separated from the last share.")
    if therapist.high - therapist.low > WIDE_INTERVAL:
        sentences.append(
            f"With {therapist.n_groups} therapists the interval is wide: more therapists make it narrower, more "
            f"sessions do not."
        )
    return sentences
