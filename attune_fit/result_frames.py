"""Build the table of each kind of result, one row for each pair, term, change or person."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, astuple
from typing import TYPE_CHECKING, Any

import pandas as pd

from attune_fit.data.small_cells import suppress_nested_counts

if TYPE_CHECKING:
    from attune_fit.data.chain_check import ChainCheck
    from attune_fit.data.faults import Fault
    from attune_fit.data.reading.mapping_report import FileReading
    from attune_fit.matching.assignment.assignment_result import Assignment
    from attune_fit.matching.capacity.capacity import CapacityReport
    from attune_fit.matching.explaining.score_breakdown import ScoreBreakdown
    from attune_fit.matching.explaining.side_by_side import Comparison
    from attune_fit.matching.explaining.why_not import WhyNotResult
    from attune_fit.matching.fairness.audit import FairnessAudit
    from attune_fit.matching.follow_up.follow_up import FollowUpReport
    from attune_fit.matching.follow_up.rematch import RematchResult
    from attune_fit.matching.ranking.ranking_result import Ranking
    from attune_fit.matching.ranking.worklist import WorklistEntry
    from attune_fit.matching.ranking_log import LogRow
    from attune_fit.matching.relaxation.relax import RelaxationOption, RelaxationResult
    from attune_fit.training.promotion.ledger import Ledger
    from attune_fit.training.train import TrainingResult

TEXT_ATTRIBUTE = "says"  # the attribute that holds the sentence of a record
RANKING_DTYPES = {
    **dict.fromkeys(("client_id", "therapist_id", "status", "rule", "reasons", "caution"), "str"),
    **dict.fromkeys(("rank", "band"), "Int64"),
    **dict.fromkeys(("score", "low", "high"), "float64"),
}
EXCLUSION_COLUMNS = ("rule", "reason", "ended_by", "is_unknown", "setting", "lifted_by")
COMPARISON_COLUMNS = ("section", "name", "strength", "wants", "therapist_id", "value", "answer")
OPTION_COLUMNS = ("changes", "therapists", "leave", "is_certain", "best_added", "score", "points", "better", "costs")
GROUP_COLUMNS = (
    "metric",
    "column",
    "group",
    "people",
    "value",
    "low",
    "high",
    "difference",
    "adjusted_p",
    "stands_out",
)
FAULT_COLUMNS = ("id", "stops", "table", "column", "message", "fix", "rows")
REACH_COLUMNS = ("relaxation", "side", "rule", "what", "therapists", "first", "few", "every")


def build_rankings_frame(rankings: Iterable[Ranking]) -> pd.DataFrame:
    """Build one row for each client and therapist: candidates by rank, then the excluded by id.

    Returns
    -------
    DataFrame
        The columns of ``attune rank --out``, then ``reasons`` and ``caution`` as text. ``score``, ``low`` and ``high``
        are points of the instrument. Missing where they do not apply.
    """
    rows: list[dict[str, Any]] = []
    for ranking in rankings:
        rows += [
            {
                "client_id": ranking.client_id,
                "therapist_id": candidate.therapist_id,
                "status": "ranked",
                "rule": "",
                "rank": candidate.position,
                "band": candidate.band,
                "score": candidate.score,
                "low": candidate.low,
                "high": candidate.high,
                "reasons": "; ".join(_get_text(reason) for reason in candidate.reasons),
                "caution": _get_text(candidate.caution) if candidate.caution else "",
            }
            for candidate in ranking.candidates
        ]
        rows += [
            {
                "client_id": ranking.client_id,
                "therapist_id": exclusion.therapist_id,
                "status": "excluded",
                "rule": "|".join(reason.rule for reason in exclusion.rules),
                "reasons": "",
                "caution": "",
            }
            for exclusion in ranking.excluded
        ]
    order = (
        "client_id",
        "therapist_id",
        "status",
        "rule",
        "rank",
        "band",
        "score",
        "low",
        "high",
        "reasons",
        "caution",
    )
    return pd.DataFrame(rows, columns=list(order)).astype(RANKING_DTYPES)


def build_worklist_frame(entries: Iterable[WorklistEntry]) -> pd.DataFrame:
    """Build one row for each client, in the order to work; what is missing and what excludes are joined by ``; ``."""
    from attune_fit.matching.ranking.worklist import WorklistEntry

    rows = [
        {
            **vars(entry),
            "missing_columns": "; ".join(entry.missing_columns),
            "exclusion_counts": "; ".join(f"{number} {text}" for text, number in entry.exclusion_counts),
            **{name: "; ".join(getattr(entry, name)) for name in ("met_therapists", "offers", "expired_offers")},
        }
        for entry in entries
    ]
    frame = pd.DataFrame(rows, columns=list(WorklistEntry.__annotations__))
    return frame.astype({"days_waited": "Int64"})


def build_terms_frame(breakdown: ScoreBreakdown) -> pd.DataFrame:
    """Build one row for each term of a score, in points; ``points`` sums to the score."""
    from attune_fit.matching.explaining.score_breakdown import ScoreTerm

    frame = pd.DataFrame([asdict(term) for term in breakdown.addends], columns=list(ScoreTerm.__annotations__))
    return frame.rename(columns={"says": "text", "known": "is_known"})


def build_why_not_frame(answer: WhyNotResult) -> pd.DataFrame:
    """Build one row for each rule that excludes the therapist; for a candidate, one for each term of the comparison."""
    from attune_fit.matching.explaining.therapist_comparison import TermDifference

    if not answer.grounds:
        terms = answer.versus.terms if answer.versus else ()
        frame = pd.DataFrame([asdict(term) for term in terms], columns=list(TermDifference.__annotations__))
        return frame.rename(columns={"here": "this_therapist", "there": "other_therapist"})
    rows = [
        (
            one.broken.rule,
            _get_text(one.broken),
            one.broken.lifts,
            one.broken.unknown,
            one.limit,
            "; ".join(one.lifted_by),
        )
        for one in answer.grounds
    ]
    return pd.DataFrame(rows, columns=list(EXCLUSION_COLUMNS))


def build_comparison_frame(comparison: Comparison) -> pd.DataFrame:
    """Build one row for each wish or fact and therapist; several codes are joined by ``|``."""
    rows = [
        (row.section, row.name, row.strength, row.wants, one.therapist_id, cell.value, cell.answer)
        for row in comparison.rows
        for one, cell in zip(comparison.therapists, row.cells, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=list(COMPARISON_COLUMNS))
    codes = frame[["wants", "value"]].map(lambda cell: "|".join(cell) if isinstance(cell, tuple) else cell)
    return frame.assign(wants=codes["wants"], value=codes["value"])


def build_options_frame(relaxation: RelaxationResult) -> pd.DataFrame:
    """Build one row for each option that adds candidates; ids, changes and wishes are joined by ``; ``."""
    return pd.DataFrame([_build_option_row(option) for option in relaxation.ways], columns=list(OPTION_COLUMNS))


def _build_option_row(option: RelaxationOption) -> tuple[Any, ...]:
    gain = option.gain
    return (
        "; ".join(_get_text(step) for step in option.steps),
        "; ".join(option.therapists),
        "; ".join(option.leave),
        option.certain,
        gain.therapist_id,
        gain.score,
        gain.points,
        gain.better,
        "; ".join(f"{wish.attribute} {wish.value}" for wish in gain.costs),
    )


def build_shortages_frame(report: CapacityReport) -> pd.DataFrame:
    """Build one row for each missing code or opening, with the number of clients it blocks.

    Small counts are shown, as on the screen and in ``--json``: hide them before the table leaves the clinic.
    ``attune capacity --out`` does that.
    """
    rows = [
        (lack.relaxation, lack.side, lack.rule, lack.what, lack.therapists, *asdict(lack.reach).values())
        for lack in report.lacks
    ]
    return pd.DataFrame(rows, columns=list(REACH_COLUMNS))


def build_hidden_shortages_frame(report: CapacityReport) -> pd.DataFrame:
    """Build one row for each code or therapist, with small counts suppressed.

    Counts are text: a number, "fewer than 10", or "hidden". The last hides a count whose difference from another
    count of the row is small (complementary suppression).
    """
    rows = [
        (
            lack.relaxation,
            lack.side,
            lack.rule,
            lack.what,
            lack.therapists,
            *suppress_nested_counts(astuple(lack.reach)),
        )
        for lack in report.lacks
    ]
    return pd.DataFrame(rows, columns=list(REACH_COLUMNS))


def build_assignments_frame(assignments: Sequence[Assignment]) -> pd.DataFrame:
    """Build one row for each client and policy, assigned clients first; the column ``policy`` comes first."""
    frames = []
    for assignment in assignments:
        frame = assignment.to_frame()
        frame.insert(0, "policy", assignment.policy)
        frames.append(frame)
    return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)


def build_follow_up_frame(report: FollowUpReport) -> pd.DataFrame:
    """Build one row for each pair with a flag; ``flags`` are joined by ``|``."""
    from attune_fit.matching.follow_up.follow_up import FollowUpPair

    rows = [{**asdict(pair), "flags": "|".join(pair.flags)} for pair in report.pairs]
    frame = pd.DataFrame(rows, columns=list(FollowUpPair.__annotations__))
    return frame.astype({"session": "Int64", "days": "Int64", "score": "float64"})


def build_rematch_frame(rematch: RematchResult) -> pd.DataFrame:
    """Build the rows of a ranking, with the expected change to each candidate in points (``change`` and its ends)."""
    from attune_fit.matching.follow_up.rematch import ExpectedChange

    changes = pd.DataFrame([asdict(row) for row in rematch.changes], columns=list(ExpectedChange.__annotations__))
    names = {"points": "change", "low": "change_low", "high": "change_high"}
    changes = changes.rename(columns={**names, "if_pairs_differ_little": "change_if_pairs_differ_little"})
    return build_rankings_frame([rematch.ranking]).merge(changes.astype({"therapist_id": "str"}), "left")


def build_groups_frame(audit: FairnessAudit) -> pd.DataFrame:
    """Build one row for each metric and group; values of groups under 10 people are missing."""
    rows = [
        (
            cell.figure,
            cell.column,
            cell.group,
            cell.people,
            cell.here and cell.here.value,
            cell.here and cell.here.low,
            cell.here and cell.here.high,
            cell.apart and cell.apart.value,
            cell.adjusted,
            cell.stands_out,
        )
        for cell in audit.compared.cells
    ]
    numbers = dict.fromkeys(("value", "low", "high", "difference", "adjusted_p"), "float64")
    return pd.DataFrame(rows, columns=list(GROUP_COLUMNS)).astype({**numbers, "people": "Int64"})


def build_metrics_frame(training: TrainingResult) -> pd.DataFrame:
    """Build one row for each metric of a training, measured out of fold."""
    rows = [(name, value, training.metrics_spread.get(name)) for name, value in training.metrics.items()]
    return pd.DataFrame(rows, columns=["metric", "value", "spread"])


def build_faults_frame(faults: Sequence[Fault]) -> pd.DataFrame:
    """Build one row for each error (``stops``) and warning; ``rows`` are numbered as in a spreadsheet."""
    rows = [
        (one.id, one.stops, one.table, one.column, _get_text(one), one.fix, one.name_rows())
        for one in faults
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(FAULT_COLUMNS))


def build_mapping_frame(files: Sequence[FileReading]) -> pd.DataFrame:
    """Build one row for each header of each file; the numbers of a header that nothing reads are missing."""
    from attune_fit.data.reading.columns.source_file import CellCounts

    rows: list[tuple[str | int | None, ...]] = [
        (file.table, file.file, one.header, one.column, *one.cells) for file in files for one in file.headers
    ]
    rows += [(file.table, file.file, header, None, *[None] * 4) for file in files for header in file.unused]
    frame = pd.DataFrame(rows, columns=["table", "file", "header", "column", *CellCounts._fields])
    return frame.astype(dict.fromkeys(CellCounts._fields, "Int64"))


def build_ledger_frame(ledger: Ledger) -> pd.DataFrame:
    """Build one row for each decision about the live model, oldest first."""
    from attune_fit.training.promotion.ledger import LedgerEntry

    columns = [name for name in LedgerEntry.__annotations__ if name != "compared"]
    return pd.DataFrame([asdict(entry) for entry in ledger.entries], columns=columns)


def build_facts_frame(facts: Mapping[str, Any]) -> pd.DataFrame:
    """Build one row for each fact of a model card; a fact that is a list or a table of facts is JSON."""
    rows = [(name, json.dumps(value) if isinstance(value, dict | list) else value) for name, value in facts.items()]
    return pd.DataFrame(rows, columns=["fact", "value"])


def build_log_frame(rows: Iterable[LogRow]) -> pd.DataFrame:
    """Build one row for each line of the log, oldest first; without the whole entry."""
    from attune_fit.matching.ranking_log import LogRow

    columns = [name for name in LogRow.__annotations__ if name != "fields"]
    return pd.DataFrame([vars(row) for row in rows], columns=columns)


def build_checks_frame(checks: Mapping[str, ChainCheck]) -> pd.DataFrame:
    """Build one row for each file of the log: whether it is whole, and its numbers of lines and of changes."""
    rows = [(name, one.is_whole, one.n_lines, one.n_before_seal, len(one.breaks)) for name, one in checks.items()]
    return pd.DataFrame(rows, columns=["file", "is_whole", "n_lines", "n_before_seal", "n_breaks"])


def convert_checks(checks: Mapping[str, ChainCheck]) -> dict[str, Any]:
    """Convert a check of the log to the types of JSON: ``whole``, and the files with their changes."""
    files = {
        name: {
            "whole": check.is_whole,
            "n_lines": check.n_lines,
            "n_before_seal": check.n_before_seal,
            "incomplete": list(check.incomplete),
            "breaks": [vars(found) for found in check.breaks],
        }
        for name, check in checks.items()
    }
    return {"whole": all(check.is_whole for check in checks.values()), "files": files}


def convert_training(training: TrainingResult) -> dict[str, Any]:
    """Convert a :class:`TrainingResult` to the content that ``attune train --json`` prints."""
    metrics = ("metrics", "metrics_spread", "n_splits")
    names = ("bundle", *metrics, "n_outcomes", "run", "promoted", "because", "notes", "run_note")
    verdict = asdict(training.verdict)
    texts = {"sentence": training.verdict.sentence, "reach": training.verdict.power_sentence}
    plain = {name: getattr(training, name) for name in names}
    tuning = None if training.tuning is None else training.tuning.to_dict()
    return {**plain, "folder": str(training.folder), "verdict": {**verdict, **texts}, "tuning": tuning}


def _get_text(record: object) -> str:
    """Return the sentence of a reason, a caution, a change or a fault."""
    return str(getattr(record, TEXT_ATTRIBUTE))
