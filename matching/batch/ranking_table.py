"""The rankings of a block of clients as an Arrow table, built from arrays; each text is held once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from attune_fit.data.arrays import Bools, Indices
from attune_fit.matching.eligibility.eligibility import list_pairs
from attune_fit.matching.ranking.ranking_result import POINT_DECIMALS

if TYPE_CHECKING:
    import pandas as pd

    from attune_fit.matching.ranking.scored_roster import RosterScorer, ScoredRoster

STATUSES = ("ranked", "excluded")
COLUMNS = ("client_id", "therapist_id", "status", "rule", "rank", "band", "score", "low", "high")


@dataclass(frozen=True)
class RowSelection:
    """Which rows of each client a file has.

    Attributes
    ----------
    top : int, optional
        Only the candidates of the first ``top`` ranks. None: all.
    has_excluded : bool
        Whether the file has the rows of excluded therapists.
    """

    top: int | None = None
    has_excluded: bool = True


@dataclass(frozen=True)
class _Rows:
    """The rows of a block in their order, as codes.

    Attributes
    ----------
    client, therapist : array of int, shape (rows,)
        Positions in the block, and rows of the roster.
    is_ranked : array of bool, shape (rows,)
    pairs : array of int
        For each ranked row, its position among the scored pairs.
    """

    client: Indices
    therapist: Indices
    is_ranked: Bools
    pairs: Indices


def build_ranking_table(scorer: RosterScorer, roster: ScoredRoster, selection: RowSelection | None = None) -> Any:
    """Build the rows of :func:`rank_to_frames` for a block, or a selection of them.

    Returns
    -------
    pyarrow.Table
        Texts are dictionaries of 32-bit codes. The numbers of excluded rows are missing.
    """
    import pyarrow as pa

    rows = _order_rows(scorer, roster, selection or RowSelection())
    clients = scorer.tables.clients["client_id"].iloc[roster.client_rows].to_list()
    rule_codes, rule_texts = _join_rules(roster, rows)
    texts = {
        "client_id": (rows.client, clients),
        "therapist_id": (rows.therapist, scorer.therapist_ids),
        "status": (np.where(rows.is_ranked, 0, 1), STATUSES),
        "rule": (rule_codes, rule_texts),
    }
    numbers = {"rank": roster.rank, "band": roster.band}
    points = {name: getattr(roster, name) for name in ("score", "low", "high")}
    return pa.table(
        {
            **{name: _build_texts(codes, values) for name, (codes, values) in texts.items()},
            **{name: _spread(values[rows.pairs], rows.is_ranked) for name, values in numbers.items()},
            **{
                name: _spread(_convert_to_points(scorer, values[rows.pairs]), rows.is_ranked)
                for name, values in points.items()
            },
        }
    )


def _order_rows(scorer: RosterScorer, roster: ScoredRoster, selection: RowSelection) -> _Rows:
    """Return the rows of each client: candidates by rank, then the others by id."""
    n, m = roster.eligibility.excluded_bits.shape
    pairs = np.argsort(roster.client * (m + 1) + roster.rank, kind="stable")
    places = roster.rank[pairs]
    is_listed = places > 0 if selection.top is None else (places > 0) & (places <= selection.top)
    pairs, places = pairs[is_listed], places[is_listed]
    of_ranked = roster.client[pairs]
    if not selection.has_excluded:
        return _Rows(of_ranked, roster.pairs.therapist_rows[pairs], np.ones(len(pairs), dtype=bool), pairs)
    of_excluded, by_id = list_pairs(roster.eligibility.excluded_bits[:, scorer.rows_by_id] != 0)
    n_ranked, n_excluded = (np.bincount(of, minlength=n) for of in (of_ranked, of_excluded))
    # the first row of each client, and how many rows of the other kind come before each row
    before_excluded = np.cumsum(n_ranked)[of_excluded]
    before_ranked = (np.cumsum(n_excluded) - n_excluded)[of_ranked]
    ranked_rows = np.arange(len(pairs)) + before_ranked
    excluded_rows = np.arange(len(of_excluded)) + before_excluded
    therapist = np.empty(len(pairs) + len(of_excluded), dtype=np.intp)
    is_ranked = np.zeros(len(therapist), dtype=bool)
    therapist[ranked_rows] = roster.pairs.therapist_rows[pairs]
    therapist[excluded_rows] = scorer.rows_by_id[by_id]
    is_ranked[ranked_rows] = True
    return _Rows(np.repeat(np.arange(n), n_ranked + n_excluded), therapist, is_ranked, pairs)


def _join_rules(roster: ScoredRoster, rows: _Rows) -> tuple[Indices, list[str]]:
    """Return the rules that exclude each row as a code, and the names of the rules of each code, joined by ``|``."""
    import pyarrow as pa

    bits = roster.eligibility.excluded_bits[rows.client, rows.therapist]
    coded = pa.array(bits).dictionary_encode()
    names = tuple(rule.name for rule in roster.eligibility.rules)
    return coded.indices.to_numpy(), [_join_names(names, one) for one in coded.dictionary.to_pylist()]


@lru_cache(maxsize=10_000)
def _join_names(names: tuple[str, ...], bits: int) -> str:
    return "|".join(name for number, name in enumerate(names) if bits >> number & 1)


def _build_texts(codes: npt.NDArray[Any], texts: Any) -> Any:
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(codes.astype(np.int32), pa.array(list(texts), type=pa.string()))


def _spread(known: npt.NDArray[Any], is_known: Bools) -> Any:
    """Return an Arrow array with the values at their rows, and missing cells elsewhere."""
    import pyarrow as pa

    values = np.zeros(len(is_known), dtype=np.float64 if known.dtype.kind == "f" else np.int64)
    values[is_known] = known
    return pa.array(values, mask=~is_known)


def _convert_to_points(scorer: RosterScorer, pomp: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.round(scorer.instrument.to_points(pomp.astype(float)), POINT_DECIMALS)


def convert_to_frame(table: Any) -> pd.DataFrame:
    """Convert the rows of :func:`build_ranking_table` to a frame: texts, whole numbers that can be missing, numbers."""
    import pandas as pd
    import pyarrow as pa

    frame: pd.DataFrame = table.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    return frame.astype({field.name: "str" for field in table.schema if pa.types.is_dictionary(field.type)})
