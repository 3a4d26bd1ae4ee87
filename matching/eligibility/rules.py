"""The blocking rules of eligibility: one row for each rule, and the functions that check a pair against it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from attune_fit.data.arrays import Bools, Floats
from attune_fit.data.clinic.settings import RuleSetting
from attune_fit.data.fault_collector import suggest_name
from attune_fit.data.faults import DataFault, Fault
from attune_fit.features.pairs import Pairs
from attune_fit.features.wish_answers import ANSWERS, Answer
from attune_fit.matching.eligibility.age_groups import is_age_accepted
from attune_fit.matching.eligibility.eligibility_rule import Rule
from attune_fit.matching.eligibility.listed_pairs import is_listed
from attune_fit.matching.eligibility.readability import check_readable

if TYPE_CHECKING:
    from attune_fit.data.clinic.settings import Config, Settings


def check_region(pairs: Pairs) -> Floats:
    """Check that the therapist is licensed in the client's region."""
    return pairs.has_shared_code("region", "licensed_regions")


def check_payer(pairs: Pairs) -> Floats:
    """Check that the therapist accepts the client's payer."""
    return pairs.has_shared_code("payer", "payers")


def check_language(pairs: Pairs) -> Floats:
    """Check that both have a language of therapy in common."""
    return pairs.has_shared_code("languages", "languages")


def check_session_format(pairs: Pairs) -> Floats:
    """Check that both have a session format in common."""
    return pairs.has_shared_code("formats", "formats")


def check_weekly_slot(pairs: Pairs) -> Floats:
    """Check that both have a free weekly slot in common."""
    return pairs.has_shared_code("availability", "availability")


def check_open_slots(pairs: Pairs) -> Floats:
    """Check that the therapist can take one more client, after the starts since the roster was checked and the offers.

    An offer holds its opening for its own client, so that pair passes.
    """
    openings = pairs.sides.count_openings()[pairs.therapist_rows]
    result = pairs.broadcast(np.where(np.isnan(openings), np.nan, openings >= 1))
    return np.where(is_listed(pairs, "offers"), 1.0, result) if pairs.sides.tables.pair_states.offers else result


def check_must_wishes(pairs: Pairs) -> Floats:
    """Check that every `must` wish is met. One unmet wish breaks the rule, even if others are unknown."""
    return _resolve_wish_rule(pairs, "must", "unmet")


def check_never_wishes(pairs: Pairs) -> Floats:
    """Check that no `never` wish applies. One that applies breaks the rule, even if others are unknown."""
    return _resolve_wish_rule(pairs, "never", "met")


def _resolve_wish_rule(pairs: Pairs, strength: str, answer_against: Answer) -> Floats:
    """Return 0 where any wish is against the pair, else NaN where any wish is unknown, else 1."""
    if not pairs.count_stated_wishes(strength).any():
        return pairs.broadcast(1.0)
    counts = dict(zip(ANSWERS, pairs.count_answers(strength), strict=True))
    result = np.where(counts["unknown"] > 0, np.nan, 1.0)
    result[counts[answer_against] > 0] = 0.0
    return result


def check_conflict(pairs: Pairs) -> Floats:
    """Check that the pair is absent from the table of conflicts. The result is always known."""
    return np.where(is_listed(pairs, "conflicts"), 0.0, 1.0)


def check_already_met(pairs: Pairs) -> Floats:
    """Check that the pair is absent from the table of outcomes. The result is always known."""
    return np.where(is_listed(pairs, "outcomes"), 0.0, 1.0)


def check_not_declined(pairs: Pairs) -> Floats:
    """Check that the last offer of the pair was not declined, by either side. The result is always known."""
    return np.where(is_listed(pairs, "declined"), 0.0, 1.0)


def check_age_group(pairs: Pairs) -> Floats:
    """Check that the client's age in full years is in one of the therapist's age groups. No group means no limit."""
    is_unknown = np.isnan(pairs.take_client_numbers("age"))
    return _apply_optional_limit(pairs, "age_groups", ~is_age_accepted(pairs), is_unknown)


def check_problems_not_taken(pairs: Pairs) -> Floats:
    """Check that the therapist treats all of the client's problems. A therapist who lists none treats all."""
    is_broken = pairs.has_shared_code("presenting_problems", "problems_not_taken") == 1
    is_unknown = ~pairs.is_known("client", "presenting_problems")
    return _apply_optional_limit(pairs, "problems_not_taken", is_broken, is_unknown)


def _apply_optional_limit(pairs: Pairs, column: str, is_broken: Bools, is_unknown: Bools) -> Floats:
    """Apply a limit that the therapist can set in ``column``: 1 where the therapist sets none."""
    is_limited = pairs.is_known("therapist", column)
    result = np.where(is_broken & is_limited, 0.0, 1.0)
    return np.where(is_unknown & is_limited, np.nan, result) if is_unknown.any() else result


def check_roster_age(pairs: Pairs, roster_stale_days: int) -> Floats:
    """Check that the therapist's row was updated at most ``roster_stale_days`` days before the date of the tables."""
    today = (pairs.sides.tables.as_of - dt.date(1970, 1, 1)).days
    age_in_days = today - pairs.take_therapist_numbers("updated_on")  # dates are days since 1970
    return pairs.broadcast(np.where(np.isnan(age_in_days), np.nan, age_in_days <= roster_stale_days))


RULES: tuple[Rule, ...] = (
    Rule(
        "region",
        ("clients.region", "therapists.licensed_regions"),
        check_region,
        "exclude",
        "Treating a client without a licence is illegal: ask first, then offer.",
        "not licensed in the client's region",
        "not known whether licensed in the client's region",
        "a licence in the client's region",
        "not licensed here",
        client_inputs=("columns",),
    ),
    Rule(
        "payer",
        ("clients.payer", "therapists.payers"),
        check_payer,
        "allow",
        "The payer is often asked late, and one call gives the answer.",
        "the client's payer is not accepted",
        "not known whether the client's payer is accepted",
        "the client's payer among the therapist's payers",
        "payer not accepted",
        client_inputs=("columns",),
    ),
    Rule(
        "language",
        ("clients.languages", "therapists.languages"),
        check_language,
        "allow",
        "An empty cell usually means the main language of the clinic.",
        "no language in common",
        "not known whether there is a language in common",
        "a language in common",
        "no shared language",
        client_inputs=("columns",),
    ),
    Rule(
        "format",
        ("clients.formats", "therapists.formats"),
        check_session_format,
        "allow",
        "Formats change easily and can be asked at booking.",
        "no session format in common",
        "not known whether there is a session format in common",
        "a session format in common",
        "no shared format",
        client_inputs=("columns",),
    ),
    Rule(
        "slot",
        ("clients.availability", "therapists.availability"),
        check_weekly_slot,
        "allow",
        "Hours are agreed at booking, when both sides can adjust.",
        "no weekly slot in common",
        "not known whether there is a weekly slot in common",
        "one weekly slot in common",
        "no shared slot",
        client_inputs=("columns",),
    ),
    Rule(
        "open_slots",
        ("therapists.open_slots",),
        check_open_slots,
        "allow",
        "A therapist must not disappear from lists because a number is missing.",
        "no opening now",
        "not known whether there is an opening",
        "one opening",
        "full",
        client_inputs=("offers",),
    ),
    Rule(
        "must",
        ("preferences.strength",),
        check_must_wishes,
        "exclude",
        "The client requires it: Attune offers only therapists who are known to meet the wish.",
        "a `must` wish is not met",
        "not known whether every `must` wish is met",
        "the wish changed from `must` to `prefer`",
        "`must` wish not met",
        client_inputs=("must",),
    ),
    Rule(
        "never",
        ("preferences.strength",),
        check_never_wishes,
        "exclude",
        "The client excludes it: Attune offers a therapist only after an answer.",
        "a `never` wish applies",
        "not known whether a `never` wish applies",
        "the wish changed from `never` to `avoid`",
        "`never` wish applies",
        client_inputs=("never",),
    ),
    Rule(
        "conflict",
        ("conflicts.client_id",),
        check_conflict,
        "allow",
        "Always known: a pair is either in the table of conflicts or not.",
        "in conflict with this client",
        "always known: a pair is either in the table of conflicts or not",
        "the conflict removed from the table",
        "in conflict",
        client_inputs=("conflicts",),
    ),
    Rule(
        "declined",
        (),
        check_not_declined,
        "allow",
        "Always known: the journal holds every answer to an offer.",
        "an offer of this pair was declined",
        "always known: the journal holds every answer to an offer",
        "a new offer of this pair, recorded in the journal",
        "offer declined",
        client_inputs=("declined",),
    ),
    Rule(
        "age_group",
        ("clients.age", "therapists.age_groups"),
        check_age_group,
        "allow",
        "The client's age can be asked in the first call.",
        "takes no clients of this age",
        "not known whether the therapist takes clients of this age",
        "the client's age in the therapist's age groups",
        "client's age not taken",
        client_inputs=("full_years",),
    ),
    Rule(
        "problems_not_taken",
        ("clients.presenting_problems", "therapists.problems_not_taken"),
        check_problems_not_taken,
        "allow",
        "The client's problems can be asked in the first call.",
        "does not treat one of the client's problems",
        "not known whether the client has a problem the therapist does not treat",
        "the therapist agreeing to treat the problem",
        "problem not treated",
        client_inputs=("columns",),
    ),
    Rule(
        "roster_age",
        ("therapists.updated_on",),
        check_roster_age,
        "allow",
        "A missing date does not show that the row is out of date.",
        "roster row not checked recently: openings and hours might be wrong",
        "not known when the roster row was last checked",
        "the roster row checked again and `updated_on` renewed",
        "roster row not checked",
        settings=("roster_stale_days",),
        client_inputs=(),
    ),
)

READABLE_RULE = Rule(
    "readable",
    (),
    check_readable,
    "exclude",
    "Always known: a cell that is there can be read or not.",
    "a cell that could rule out this pair cannot be read",
    "always known: a cell that is there can be read or not",
    "the cell corrected: `attune check` names it",
    "set aside",
    client_inputs=("unreadable",),
)  # always on: a restriction that cannot be read still restricts

ALREADY_MET_RULE = Rule(
    "met",
    ("outcomes.client_id",),
    check_already_met,
    "allow",
    "Always known: a pair is either in the table of outcomes or not.",
    "the client has met this therapist",
    "always known: a pair is either in the table of outcomes or not",
    "a talk with both: they can always continue together",
    "already met",
    client_inputs=("outcomes",),
)  # used only for a rematch


def find_short_text(name: str, *, is_unknown: bool = False) -> str:
    """Return the short text of the rule with this name; where the result is unknown, with "maybe" before it.

    >>> find_short_text("open_slots"), find_short_text("region", is_unknown=True)
    ('full', 'maybe not licensed here')
    """
    short_text = next(rule.short_text for rule in (*RULES, READABLE_RULE, ALREADY_MET_RULE) if rule.name == name)
    return f"maybe {short_text}" if is_unknown else short_text


def select_rules(config: Config) -> tuple[Rule, ...]:
    """Select the rows of :data:`RULES` that the clinic uses, with its own policies for unknown results.

    :data:`READABLE_RULE` is always the last one.

    Raises
    ------
    DataFault
        If a ``[rules.NAME]`` is the name of no rule. The error lists every such name with the known names.
    """
    known = [rule.name for rule in RULES]
    unknown_names = [name for name in config.rules if name not in known]
    if unknown_names:
        raise DataFault(
            Fault.error(
                "unknown-rule", "clinic.toml", f"rules.{name}", "no rule has this name", fix=suggest_name(name, known)
            )
            for name in unknown_names
        )
    choices = {name: config.rules.get(name, RuleSetting()) for name in known}
    chosen = tuple(
        _apply_setting(rule, choices[rule.name], config.settings)
        for rule in RULES
        if (rule.is_on_by_default if choices[rule.name].on is None else choices[rule.name].on)
    )
    return (*chosen, READABLE_RULE)


def _apply_setting(rule: Rule, choice: RuleSetting, settings: Settings) -> Rule:
    """Return the rule with the clinic's policy, and with its settings bound to the function."""
    arguments = {name: getattr(settings, name) for name in rule.settings}
    rule = replace(rule, function=partial(rule.function, **arguments))
    if choice.unknown is None:
        return rule
    return replace(rule, unknown_policy=choice.unknown, is_unknown_policy_stated=True)
