"""The rankings of many clients, cut into blocks that a worker computes and encodes alone.

The size of a block follows from the size of the roster, never from the number of workers. The same clinic and the same
selection of rows therefore give the same bytes on one core and on a cluster.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from attune_fit.data.arrays import Indices
from attune_fit.data.formats.encoded_text import encode_rows
from attune_fit.data.formats.parquet_tables import write_parquet_tables
from attune_fit.matching.batch.ranking_table import RowSelection, build_ranking_table
from attune_fit.matching.ranking.parallel_scoring import drop_caches

if TYPE_CHECKING:
    from attune_fit.matching.ranking.scored_roster import RosterScorer

MAX_PAIRS_PER_BLOCK = 100_000  # a few dozen megabytes, and large enough for arrays to be quick
MAX_PAIRS_PER_PART = 5_000_000  # of one file of a folder


@dataclass(frozen=True)
class RankingJob:
    """What all blocks share.

    Attributes
    ----------
    scorer : RosterScorer
    selection : RowSelection
    separator : str
        Of a text file; empty for Parquet.
    raw : bool
        As in :func:`encode_rows`.
    """

    scorer: RosterScorer
    selection: RowSelection
    separator: str = ""
    raw: bool = False

    def without_caches(self) -> RankingJob:
        """Return the job as another process needs it; see :func:`drop_caches`."""
        return replace(self, scorer=drop_caches(self.scorer))


class RankedBlock(NamedTuple):
    """The encoded rows of a block, or of several.

    Attributes
    ----------
    content : bytes or pyarrow.Table
        Lines of text, a table to be written to a Parquet file, or a whole Parquet file.
    rows, clients : int
    without_candidate : tuple of str
        Ids of the clients who have no candidate although they are not set aside, in the order of the file.
    """

    content: Any
    rows: int
    clients: int
    without_candidate: tuple[str, ...]


def split_clients(scorer: RosterScorer, client_rows: Indices, pairs: int | None = None) -> list[Indices]:
    """Split clients, sorted by id, into blocks of at most ``pairs`` pairs, at least one block and one client each.

    Parameters
    ----------
    client_rows : array of int
        Rows of ``tables.clients``, in any order.
    pairs : int, optional
        Default: :data:`MAX_PAIRS_PER_BLOCK`.
    """
    client_rows = np.asarray(client_rows, dtype=np.intp)
    ids = scorer.tables.clients["client_id"].to_numpy(object)[client_rows]
    client_rows = client_rows[np.argsort(ids, kind="stable")]
    step = max(1, (pairs or MAX_PAIRS_PER_BLOCK) // max(1, len(scorer.tables.therapists)))
    return [client_rows[start : start + step] for start in range(0, max(1, len(client_rows)), step)]


def split_parts(blocks: Sequence[Indices], n_therapists: int) -> list[list[Indices]]:
    """Split blocks into the parts of a folder: as many whole blocks as make :data:`MAX_PAIRS_PER_PART` pairs."""
    of_block = max(1, len(blocks[0]) * n_therapists)
    step = max(1, MAX_PAIRS_PER_PART // of_block)
    return [list(blocks[start : start + step]) for start in range(0, len(blocks), step)]


def rank_block(job: RankingJob, client_rows: Indices) -> RankedBlock:
    """Rank the roster for a block of clients, and encode the rows."""
    roster = job.scorer.score_clients(client_rows)
    table = build_ranking_table(job.scorer, roster, job.selection)
    is_without = ~roster.eligibility.is_eligible.any(axis=1) & ~job.scorer.sides.is_set_aside("client")[client_rows]
    without = job.scorer.tables.clients["client_id"].iloc[client_rows[is_without]].to_list()
    content = encode_rows(table, job.separator, raw=job.raw) if job.separator else table
    return RankedBlock(content, table.num_rows, len(client_rows), tuple(without))


def rank_part(job: RankingJob, blocks: Sequence[Indices]) -> RankedBlock:
    """Rank the roster for the clients of a part, and encode them as a Parquet file."""
    file, ranked = io.BytesIO(), []

    def iterate() -> Iterator[Any]:
        for client_rows in blocks:
            block = rank_block(job, client_rows)
            ranked.append(block._replace(content=None))
            yield block.content

    write_parquet_tables(iterate(), file)
    without = tuple(client_id for block in ranked for client_id in block.without_candidate)
    return RankedBlock(
        file.getvalue(), sum(block.rows for block in ranked), sum(block.clients for block in ranked), without
    )
