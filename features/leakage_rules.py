"""What is known only after contact: refused by name, because a model that reads it has seen the answer.

A column that holds an outcome under an innocent name is found by its numbers when training: :mod:`leakage_warnings`.
"""

from __future__ import annotations

from dataclasses import dataclass

from attune_fit.data.clinic.columns import list_columns
from attune_fit.features.column_names import PRE_CONTACT_PHRASES, has_phrase


@dataclass(frozen=True)
class LeakageRule:
    """One kind of measure that no feature may read.

    Attributes
    ----------
    name : str
        What it is.
    phrases : tuple of str
        What a column is called that holds it, as :func:`has_phrase` reads it.
    reason : str
        How it would leak.
    figures : tuple of str
        Keys of :func:`read_published_statistics` it rests on.
    tables : tuple of str
        Where a column is refused for its name.
    """

    name: str
    phrases: tuple[str, ...]
    reason: str
    figures: tuple[str, ...] = ()
    tables: tuple[str, ...] = ("clients", "therapists")

    @property
    def fix(self) -> str:
        """What a clinic can do that wants the column read."""
        return (
            "Leave it out. If it was asked before the first meeting, give the column a name that says so, such as "
            "`expected_...` or `..._at_intake`."
        )


LEAKAGE_RULES: tuple[LeakageRule, ...] = (
    LeakageRule(
        "alliance itself",
        ("alliance", r"wai\d*", r"srs\d*", r"arm ?5", "bond", "rapport", "haq", "calpas"),
        "It is what is to be predicted",
    ),
    LeakageRule(
        "perceived cultural humility",
        ("humility", "multicultural orientation", "cultural comfort"),
        "Perceived after contact, by the person who rates the alliance",
        ("humility_alliance_r",),
    ),
    LeakageRule(
        "attachment to the therapist",
        (r"attachment to (?:the |my |their )?(?:therapist|counsell?or|clinician)", "therapist attachment",
         r"cats (?:secure|avoidant|preoccupied)", "secure base"),
        "How safe the client feels with the therapist is what an alliance is made of",
    ),
    LeakageRule(
        "a therapist's own attachment, as rated",
        (r"attachment\w*", r"ecr\d*"),
        "Rated by clients it comes after contact; told by therapists it is not what clients meet",
        ("attachment_pairing",),
        ("therapists",),
    ),
    LeakageRule(
        "real relationship",
        ("real relationship", "rri"),
        "Rated after contact",
        ("real_relationship_outcome_r",),
    ),
    LeakageRule(
        "goal consensus and collaboration",
        (r"(?:goal|task)s? (?:consensus|agreement)", r"agreement on (?:goal|task)s?", "collaboration"),
        "Two of the three parts of an alliance, reached in session",
        ("goal_consensus_outcome_r", "collaboration_outcome_r"),
    ),
    LeakageRule(
        "empathy, regard, genuineness",
        (r"empath\w+", "positive regard", "genuineness", "congruence"),
        "As clients perceive them, they come after contact",
        ("empathy_outcome_r",),
    ),
    LeakageRule(
        "ratings of sessions",
        (r"sessions? (?:ratings?|evaluations?|scores?|quality|impact)", r"(?:rating|quality) of (?:the )?sessions?",
         r"satisfaction with (?:the |my )?(?:therap\w+|treatment|sessions?|service|counsell?\w+)", "helpfulness"),
        "There is no session before the first meeting",
        ("srs_wai_r",),
    ),
    LeakageRule(
        "outcome of therapy",
        (r"outcomes?", r"ors\d*", "oq", "core om", "progress", r"improve(?:d|ments?)", r"discharge\w*",
         r"terminat\w*", r"end of (?:therapy|treatment)", r"follow ?up", "posttest",
         r"post (?:treatment|therapy|test|session|score)", r"(?:last|final) (?:session|score|rating)",
         r"(?:symptom|score|phq9?|gad7?) change", r"change score"),
        "Alliance goes with outcome (r = .28), so the end gives the beginning away",
        ("alliance_outcome_r",),
    ),
    LeakageRule(
        "course of therapy",
        (r"drop(?:ped)? ?out", "attended", "attendance", r"no shows?", r"cancel\w*", "retention", "retained",
         r"(?:number|count|n|num) (?:of )?sessions", r"sessions? (?:count|held|seen|completed)",
         r"complet\w+ (?:of )?(?:therapy|treatment)", "completer",
         r"(?:weeks|months|length|duration) (?:in|of) (?:therapy|treatment)"),
        "Who stays has met somebody they could work with",
        ("alliance_dropout_d",),
    ),
    LeakageRule(
        "a therapist's track record",
        ("track record", "success", "effectiveness", "effect size", "therapist effect",
         r"(?:avg|average|mean) (?:outcome|score|alliance|rating|change)"),
        "Made from the outcomes that are learned from; the therapist part of the score does this without leaking",
        ("top_match_cases",),
    ),
)  # fmt: skip


def find_leakage_rule(table: str, column: str) -> LeakageRule | None:
    """The leak that a column's name gives away; None for canonical columns, and where it was asked before contact.

    >>> find_leakage_rule("clients", "WAI total").name, find_leakage_rule("clients", "empathy_wanted"), find_leakage_rule("clients", "outcome_expectancy")
    ('alliance itself', None, None)
    """
    if column in list_columns(table) or has_phrase(column, PRE_CONTACT_PHRASES):
        return None
    return next((one for one in LEAKAGE_RULES if table in one.tables and has_phrase(column, one.phrases)), None)
