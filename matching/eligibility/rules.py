"""The rules a therapist must pass before any score counts: one row for one rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from attune_fit.data.arrays import Floats
from attune_fit.data.clinic.settings import RuleSetting
from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import DataFault, Fault
from attune_fit.matching.eligibility import rule_checks

if TYPE_CHECKING:
    from attune_fit.data.clinic.settings import Config, Settings
    from attune_fit.data.clinic.tables import Tables

UnknownPolicy = Literal["allow", "exclude"]


@dataclass(frozen=True)
class Rule:
    """One rule of eligibility.

    Attributes
    ----------
    name : str
        As in ``[rules.NAME]`` of ``clinic.toml``.
    input_columns : tuple of str
        ``table.column`` of what it looks at.
    function : callable
        Takes :class:`Pairs`, and the settings named in ``settings`` as keywords; returns an array of
        the shape of the pairs: 1 kept, 0 broken, NaN where the tables cannot say.
    unknown_policy : {"allow", "exclude"}
        What happens to a pair of which the tables cannot say.
    unknown_policy_reason : str
        Why this is the default for ``unknown_policy``.
    violation_text : str
        Why a therapist is left out, in a few words without a full stop.
    unknown_text : str
        What is not known, likewise: the caution where unknown is allowed, the reason where it excludes.
    remedy_text : str
        The smallest change that would put the therapist back on the list, where the rule is broken.
    settings : tuple of str
        Names of :class:`Settings` fields the function is given.
    is_on_by_default : bool
        Whether it is used when ``clinic.toml`` does not say.
    is_unknown_policy_stated : bool
        True where ``clinic.toml`` states ``unknown_policy``: the policy then holds even in a clinic that does not keep the
        column at all. Otherwise such a rule is not checked, and the ranking says so once.
    """

    name: str
    input_columns: tuple[str, ...]
    function: Callable[..., Floats]
    unknown_policy: UnknownPolicy
    unknown_policy_reason: str
    violation_text: str
    unknown_text: str
    remedy_text: str
    settings: tuple[str, ...] = ()
    is_on_by_default: bool = True
    is_unknown_policy_stated: bool = False

    def list_empty_columns(self, tables: Tables) -> tuple[str, ...]:
        """Those of ``input_columns`` in which the clinic has not one known cell."""
        named = [(place, *place.split(".")) for place in self.input_columns]
        return tuple(place for place, table, column in named if getattr(tables, table)[column].isna().all())


RULES: tuple[Rule, ...] = (
    Rule(
        "region",
        ("clients.region", "therapists.licensed_regions"),
        rule_checks.check_region,
        "exclude",
        "Treating without a licence is against the law: better to ask first than to offer.",
        "not licensed in the client's region",
        "not known whether licensed in the client's region",
        "a licence in the client's region",
    ),
    Rule(
        "payer",
        ("clients.payer", "therapists.payers"),
        rule_checks.check_payer,
        "allow",
        "The payer is often asked late, and one call settles it.",
        "the client's payer is not accepted",
        "not known whether the client's payer is accepted",
        "the client's payer among the therapist's payers",
    ),
    Rule(
        "language",
        ("clients.languages", "therapists.languages"),
        rule_checks.check_language,
        "allow",
        "An empty cell most often means the language of the clinic.",
        "no language in common",
        "not known whether there is a language in common",
        "a language in common",
    ),
    Rule(
        "format",
        ("clients.formats", "therapists.formats"),
        rule_checks.check_session_format,
        "allow",
        "Formats change easily and can be asked at booking.",
        "no session format in common",
        "not known whether there is a session format in common",
        "a session format in common",
    ),
    Rule(
        "slot",
        ("clients.availability", "therapists.availability"),
        rule_checks.check_weekly_slot,
        "allow",
        "Hours are found out at booking, where both can move.",
        "no weekly slot in common",
        "not known whether there is a weekly slot in common",
        "one weekly slot in common",
    ),
    Rule(
        "open_slots",
        ("therapists.open_slots",),
        rule_checks.check_open_slots,
        "allow",
        "A therapist must not vanish from lists because a number was not filled in.",
        "no opening now",
        "not known whether there is an opening",
        "one opening",
    ),
    Rule(
        "must",
        ("preferences.strength",),
        rule_checks.check_must_wishes,
        "exclude",
        "The client called it a must: it has to be known to hold before the therapist is offered.",
        "a wish the client calls a must is not met",
        "not known whether every wish the client calls a must is met",
        "the wish made a preference",
    ),
    Rule(
        "never",
        ("preferences.strength",),
        rule_checks.check_never_wishes,
        "exclude",
        "The client said never: it has to be known not to be so before the therapist is offered.",
        "something the client never wants",
        "not known whether this is something the client never wants",
        "the wish made one to avoid",
    ),
    Rule(
        "conflict",
        ("conflicts.client_id",),
        rule_checks.check_conflict,
        "allow",
        "A pair is on the list of conflicts or it is not.",
        "in conflict with this client",
        "never unknown: a pair is on the list of conflicts or it is not",
        "the conflict taken off the list",
    ),
    Rule(
        "age_group",
        ("clients.age", "therapists.age_groups"),
        rule_checks.check_age_group,
        "allow",
        "The client's age can be asked in the first call.",
        "takes no clients of this age",
        "not known whether the client's age is one the therapist takes",
        "the client's age inside the therapist's age groups",
    ),
    Rule(
        "problems_not_taken",
        ("clients.presenting_problems", "therapists.problems_not_taken"),
        rule_checks.check_problems_not_taken,
        "allow",
        "What the client comes with can be asked in the first call.",
        "does not take a problem the client comes with",
        "not known whether the client comes with a problem the therapist does not take",
        "the therapist agreeing to take the problem",
    ),
    Rule(
        "roster_age",
        ("therapists.updated_on",),
        rule_checks.check_roster_age,
        "allow",
        "A date that was never kept says nothing about the row.",
        "roster row not checked for too long: openings and hours may be wrong",
        "not known when the roster row was last checked",
        "the roster row checked again and `updated_on` renewed",
        settings=("roster_stale_days",),
    ),
)

ALREADY_MET_RULE = Rule(
    "met",
    ("outcomes.client_id",),
    rule_checks.check_already_met,
    "allow",
    "A pair is among the outcomes or it is not.",
    "the client has met this therapist",
    "never unknown: a pair is among the outcomes or it is not",
    "talking it over with both: going on is always possible",
)  # in use for a rematch, and only there


def select_rules(config: Config) -> tuple[Rule, ...]:
    """Rows of :data:`RULES` a clinic uses, with its own policies for the unknown.

    Raises
    ------
    DataFault
        If ``[rules.NAME]`` names no rule; every such name is listed with the known ones.
    """
    known = [rule.name for rule in RULES]
    strange = [name for name in config.rules if name not in known]
    if strange:
        raise DataFault(
            Fault.error("clinic.toml", f"rules.{name}", "no rule has this name", fix=suggest_name(name, known))
            for name in strange
        )
    said = {name: config.rules.get(name, RuleSetting()) for name in known}
    return tuple(
        _apply_setting(rule, said[rule.name], config.settings)
        for rule in RULES
        if (rule.is_on_by_default if said[rule.name].on is None else said[rule.name].on)
    )


def _apply_setting(rule: Rule, said: RuleSetting, settings: Settings) -> Rule:
    """The rule with the clinic's policy and settings."""
    bound = {name: getattr(settings, name) for name in rule.settings}
    rule = replace(rule, function=partial(rule.function, **bound))
    return rule if said.unknown is None else replace(rule, unknown_policy=said.unknown, is_unknown_policy_stated=True)
