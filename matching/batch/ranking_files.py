"""Write the rankings of many clients to a file or a folder of Parquet files, complete or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from attune_fit.data.arrays import Indices
from attune_fit.data.formats.encoded_text import encode_header
from attune_fit.data.formats.parquet_parts import PART_NAME, list_parts
from attune_fit.data.parallel.executor import Executor, SerialExecutor
from attune_fit.data.storage.atomic_write import write_atomically
from attune_fit.data.storage.folder_write import write_folder_atomically
from attune_fit.data.writing.table_writer import choose_format
from attune_fit.matching.batch.ranking_blocks import (
    RankedBlock,
    RankingJob,
    rank_block,
    rank_part,
    split_clients,
    split_parts,
)
from attune_fit.matching.batch.ranking_table import COLUMNS, RowSelection, convert_to_frame

if TYPE_CHECKING:
    from attune_fit.matching.ranking.scored_roster import RosterScorer

T = TypeVar("T")


@dataclass
class WrittenRankings:
    """What was written.

    Attributes
    ----------
    rows : int
    without_candidate : list of str
        Ids of the clients who have no candidate, sorted.
    """

    rows: int = 0
    without_candidate: list[str] = field(default_factory=list)


def write_rankings(
    scorer: RosterScorer,
    client_rows: Indices,
    path: Path,
    selection: RowSelection | None = None,
    *,
    raw: bool = False,
    executor: Executor | None = None,
    report_progress: Callable[[str], None] | None = None,
) -> WrittenRankings:
    """Rank the roster for many clients, and write one row for each client and therapist to a file.

    Parameters
    ----------
    scorer : RosterScorer
    client_rows : array of int
        Rows of ``tables.clients``, in any order. The file is sorted by client id, then rank, then therapist id.
    path : Path
        Its name ends in a suffix of FORMATS that Attune can write.
    selection : RowSelection, optional
        Default: every row.
    raw : bool, default False
        As in :func:`write_frame_blocks`.
    executor : Executor, optional
        Works on the blocks; default: this process. The bytes are the same with each.
    report_progress : callable, optional
        Receives the number of clients done so far, as text.

    Raises
    ------
    DataFault
        If the name ends in another way, before anything is computed; or if a worker is lost.
    OSError
        If the file cannot be written. An existing file is unchanged.
    """
    file_format = choose_format(path)
    job = RankingJob(scorer, selection or RowSelection(), file_format.separator, raw)
    written = WrittenRankings()

    def write(temporary: Path) -> None:
        ranked = _map_job(executor, rank_block, split_clients(scorer, client_rows), job)
        contents = _count(ranked, written, len(client_rows), report_progress)
        if file_format.separator:
            with temporary.open("wb") as file:
                file.write(encode_header(COLUMNS, file_format.separator))
                file.writelines(contents)
        elif file_format.write_tables is not None:
            file_format.write_tables(contents, temporary)
        elif file_format.write is not None:
            file_format.write(map(convert_to_frame, contents), temporary)

    write_atomically(path, write)
    return written


def write_ranking_parts(
    scorer: RosterScorer,
    client_rows: Indices,
    folder: Path,
    selection: RowSelection | None = None,
    *,
    executor: Executor | None = None,
    report_progress: Callable[[str], None] | None = None,
) -> WrittenRankings:
    """Write Parquet files ``part-00000.parquet``, ... into a folder, all or none; otherwise as :func:`write_rankings`.

    Parts of an earlier run are replaced or removed; other files in the folder are unchanged.
    """
    job = RankingJob(scorer, selection or RowSelection())
    parts = _split(scorer, client_rows)
    written = WrittenRankings()
    contents = _count(_map_job(executor, rank_part, parts, job), written, len(client_rows), report_progress)
    names = [PART_NAME.format(number) for number in range(len(parts))]
    others = {path.name for path in list_parts(folder)} - set(names)

    def write_next(temporary: Path) -> None:
        temporary.write_bytes(next(contents))

    write_folder_atomically(folder, dict.fromkeys(names, write_next), remove=sorted(others))
    return written


def _split(scorer: RosterScorer, client_rows: Indices) -> list[list[Indices]]:
    return split_parts(split_clients(scorer, client_rows), len(scorer.tables.therapists))


def _map_job(
    executor: Executor | None, function: Callable[[RankingJob, T], RankedBlock], items: Iterable[T], job: RankingJob
) -> Iterator[RankedBlock]:
    """Map a function over blocks; another process gets the job without what it can compute again."""
    executor = executor or SerialExecutor()
    job = job if isinstance(executor, SerialExecutor) else job.without_caches()
    return executor.map_ordered(function, items, job)


def _count(
    ranked: Iterable[RankedBlock],
    written: WrittenRankings,
    n_clients: int,
    report_progress: Callable[[str], None] | None,
) -> Iterator[Any]:
    """Yield the contents of blocks, and add up what they hold."""
    done = 0
    for block in ranked:
        before, done = done, done + block.clients
        written.rows += block.rows
        written.without_candidate.extend(block.without_candidate)
        is_next_percent = done * 100 // max(n_clients, 1) > before * 100 // max(n_clients, 1)
        if report_progress and is_next_percent:
            report_progress(f"ranked for {done:,} of {n_clients:,} clients")
        yield block.content
