"""Leakage rules: columns known only after first contact, refused by name, because they give away the outcome.

An outcome under a harmless name is found by its numbers during training: :mod:`leakage_warnings`.
"""

from __future__ import annotations

from dataclasses import dataclass

from attune_fit.data.clinic.columns import list_columns
from attune_fit.features.column_names import PRE_CONTACT_PHRASES, has_phrase


@dataclass(frozen=True)
class LeakageRule:
    """One kind of measure that no feature may read (target leakage).

    Attributes
    ----------
    name : str
        The measure.
    phrases : tuple of str
        Names of columns that hold it, as regular expressions for :func:`has_phrase`.
    reason : str
        How it would leak the outcome.
    figures : tuple of str
        Keys of :func:`read_published_statistics` that support the reason.
    tables : tuple of str
        Tables in which a column with such a name is refused.
    """

    name: str
    phrases: tuple[str, ...]
    reason: str
    figures: tuple[str, ...] = ()
    tables: tuple[str, ...] = ("clients", "therapists")

    @property
    def fix(self) -> str:
        """What a clinic can do that wants a feature to read the column."""
        return (
            "Leave it out. If clients answered before the first meeting, give the column a name that shows it, such as "
            "`expected_...` or `..._at_intake`."
        )


LEAKAGE_RULES: tuple[LeakageRule, ...] = (
    LeakageRule(
        "alliance itself",
        ("alliance", r"wai\d*", r"srs\d*", r"arm ?5", "bond", "rapport", "haq", "calpas"),
        "It is what Attune predicts",
    ),
    LeakageRule(
        "perceived cultural humility",
        ("humility", "multicultural orientation", "cultural comfort"),
        "Clients rate it after contact, and the same clients rate the alliance",
        ("humility_alliance_r",),
    ),
    LeakageRule(
        "attachment to the therapist",
        (r"attachment to (?:the |my |their )?(?:therapist|counsell?or|clinician)", "therapist attachment",
         r"cats (?:secure|avoidant|preoccupied)", "secure base"),
        "How safe the client feels with the therapist is part of the alliance",
    ),
    LeakageRule(
        "a therapist's own attachment, as rated",
        (r"attachment\w*", r"ecr\d*"),
        "Clients can rate it only after contact; a therapist's own rating does not show what clients experience",
        ("attachment_pairing",),
        ("therapists",),
    ),
    LeakageRule(
        "real relationship",
        ("real relationship", "rri"),
        "Clients rate it after contact",
        ("real_relationship_outcome_r",),
    ),
    LeakageRule(
        "goal consensus and collaboration",
        (r"(?:goal|task)s? (?:consensus|agreement)", r"agreement on (?:goal|task)s?", "collaboration"),
        "These are two of the three parts of an alliance, and arise in sessions",
        ("goal_consensus_outcome_r", "collaboration_outcome_r"),
    ),
    LeakageRule(
        "empathy, regard, genuineness",
        (r"empath\w+", "positive regard", "genuineness", "congruence"),
        "Clients can perceive them only after contact",
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
        "Alliance correlates with outcome (r = .28), so a later outcome gives away the early alliance",
        ("alliance_outcome_r",),
    ),
    LeakageRule(
        "course of therapy",
        (r"drop(?:ped)? ?out", "attended", "attendance", r"no shows?", r"cancel\w*", "retention", "retained",
         r"(?:number|count|n|num) (?:of )?sessions", r"sessions? (?:count|held|seen|completed)",
         r"complet\w+ (?:of )?(?:therapy|treatment)", "completer",
         r"(?:weeks|months|length|duration) (?:in|of) (?:therapy|treatment)"),
        "Clients stay when they can work with their therapist, so the course gives away the alliance",
        ("alliance_dropout_d",),
    ),
    LeakageRule(
        "a therapist's track record",
        ("track record", "success", "effectiveness", "effect size", "therapist effect",
         r"(?:avg|average|mean) (?:outcome|score|alliance|rating|change)"),
        "Attune learns from the same outcomes; the therapist part of the score already uses them, without leakage",
        ("top_match_cases",),
    ),
)  # fmt: skip


def find_leakage_rule(table: str, column: str) -> LeakageRule | None:
    """Return the rule that a column's name breaks; None for Attune's own columns and for answers before contact.

    >>> find_leakage_rule("clients", "WAI total").name
    'alliance itself'
    >>> find_leakage_rule("clients", "empathy_wanted"), find_leakage_rule("clients", "outcome_expectancy")
    (None, None)
    """
    if column in list_columns(table) or has_phrase(column, PRE_CONTACT_PHRASES):
        return None
    return next((rule for rule in LEAKAGE_RULES if table in rule.tables and has_phrase(column, rule.phrases)), None)
