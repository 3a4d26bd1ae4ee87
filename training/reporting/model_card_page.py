"""The model card as a page: Markdown from its facts, under the headings that reporting guidelines ask for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from attune_fit.models.pair_effect_verdict import format_correlation_interval
from attune_fit.training.crossfit.splits import SPLITS

NOT_MEASURED = "not measured"
INTENDED_USE = (
    "For ranking the therapists a clinic can offer one client by expected early working alliance, beside what the "
    "coordinator knows. Not for telling whether a therapy will work, not for rating, paying or comparing therapists, "
    "not for turning anyone away, and not for another clinic than the one whose records it was made from."
)
LIMITATIONS = (
    "Expected is one early rating by the client, not the course of the therapy.",
    "Who met whom was no lottery: what decided it and is not in the tables may stand behind any figure here.",
    "Only clients who came and filled in a form are in the records.",
    "Differences between groups of clients or therapists: not measured here, but by `attune fairness`.",
    "The figures hold for this clinic and these dates; train again when records come in.",
)


def format_model_card(card: dict[str, Any]) -> str:
    """Write the card.

    Parameters
    ----------
    card : dict
        From :func:`build_card_facts`, with those of the run where there was one.

    Notes
    -----
    Headings follow TRIPOD+AI (Collins et al. 2024, BMJ 385:e078378) and model cards (Mitchell et al. 2019, FAT*,
    doi:10.1145/3287560.3287596) as far as they apply.
    """
    records, settings = card.get("records") or {}, card.get("settings") or {}
    parts = [
        f"# Model card: {card['bundle']}",
        card["verdict"],
        "## Use\n\n" + INTENDED_USE,
        "## Data\n\n" + _data(card, records),
        *_notes(card.get("notes") or []),
        "## How it does\n\n" + _format_performance(card),
        "## Against simple ways\n\n" + _format_baselines(card["compared"]),
        "## Promotion\n\n" + _decision(card.get("decision") or {}),
        *_history(card.get("history") or []),
        "## What it goes by\n\n" + _weights(card),
        "## What it does not read\n\n" + _format_unread_columns(card["unread"]),
        "## Limits\n\n" + "\n".join(f"- {one}" for one in LIMITATIONS),
        "## How it was made\n\n" + _table(("what", ""), _list_training_facts(card, settings)),
        "## Every weight\n\nPOMP points for one standard deviation of the feature, ± one SD of what is not known.\n\n"
        + _table(("feature", "as published", "now"), (_weight(one) for one in card["weights"])),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _notes(notes: Sequence[str]) -> Iterable[str]:
    """What to look into before the figures are believed."""
    if notes:
        yield "## To look into\n\n" + "\n".join(f"- {one}" for one in notes)


def _data(card: dict[str, Any], records: dict[str, Any]) -> str:
    first, last = records.get("first"), records.get("last")
    rows = [
        ("early alliance records", _format_value(records.get("n"))),
        ("clients", _format_value(records.get("clients"))),
        ("therapists", _format_value(records.get("therapists"))),
        ("first ratings from", f"{first} to {last}" if first else NOT_MEASURED),
        ("instrument most used", _format_value(card["instrument"])),
        ("early alliance, POMP (0-100)", _plus_minus(records.get("mean"), records.get("sd"))),
    ]
    unknown = records.get("unknown") or {}
    text = _table(("what", ""), rows)
    if unknown:
        text += "\nShare of cells unknown, by family of features; an unknown one enters as the typical value.\n\n"
        text += _table(("family", "unknown"), ((name, _percent(share)) for name, share in unknown.items()))
    return text


def _format_performance(card: dict[str, Any]) -> str:
    claims = {row.name: row.claim for row in SPLITS}
    rows = [
        (one["name"], _number(one["value"]), f"{claims[one['split']]} (n = {one['n']})", one["says"])
        for one in card.get("metrics") or []
    ]
    text = _table(("figure", "value", "measured on", "meaning"), rows) if rows else f"{NOT_MEASURED.capitalize()}.\n"
    held = card.get("coverage")
    holds = NOT_MEASURED
    if held:
        holds = (
            f"held {held['held']:.0%} of {held['n']:,} ratings [{held['low']:.0%}, {held['high']:.0%}], each set by "
            "other clients' records"
        )
    return f"{text}\nIntervals meant to hold {card['interval']:.0%}: {holds}."


def _format_baselines(ways: Sequence[dict[str, Any]]) -> str:
    """What the verdict saw of the model and of simpler ways."""
    if not ways:
        return f"{NOT_MEASURED.capitalize()}."
    text = "Correlations with what is left of ratings held back, with their 95% intervals.\n\n"
    rows = [(one["name"], *(_span(one[side]) for side in ("within", "over"))) for one in ways]
    return text + _table(("who knows more", "who suits whom", "and who is rated highly"), rows)


def _span(span: Sequence[float] | None) -> str:
    return "not told apart" if span is None else format_correlation_interval((span[0], span[1], span[2]))


def _decision(decision: dict[str, Any]) -> str:
    if not decision:
        return "It was made from no records, and none decided about it."
    words = {"promoted": "Promoted.", "refused": "Refused.", "kept": "Nothing to decide."}
    p = decision["agreement"]
    text = f"{words[decision['what']]} {decision['because']}\n\nWhether the outcomes agree with the intake at all: "
    text += NOT_MEASURED if p is None else f"p = {p:.4f}, the share of shuffled outcomes that agree as well"
    rows = [
        (one["figure"], one["on"], _number(one["new"]), _number(one["old"]), _format_gain(one))
        for one in decision["compared"]
    ]
    heads = ("figure", "on", "this one", decision["replaced"] or "live", "better by")
    return f"{text}.\n\n" + (_table(heads, rows) if rows else "")


def _history(lines: Sequence[dict[str, str]]) -> list[str]:
    """What the ledger says of the bundle, where it was asked."""
    rows = [(one["when"], f"{one['what']}: {one['bundle']}", one["why"]) for one in lines]
    return ["## In the ledger\n\n" + _table(("when, UTC", "what", "why"), rows)] if rows else []


def _weights(card: dict[str, Any]) -> str:
    rows = [
        (one["family"], str(one["features"]), f"{one['published']:.2f}", f"{one['now']:.2f}", str(one["in_trees"]))
        for one in card["families"]
    ]
    spread = card["spread"]
    return (
        "Size of a family: the root of its summed squared weights, POMP points. Trees have a share of "
        f"{card['trees_share']:.2f}. One standard deviation of early alliance is {spread['early_alliance_sd']:.1f} "
        f"points here; therapists differ by {spread['therapists_sd']:.1f} beyond the features, "
        f"{spread['unexplained_sd']:.1f} nobody explains.\n\n"
        + _table(("family", "features", "as published", "now", "read by trees"), rows)
    )


def _format_unread_columns(unread: dict[str, list[str]]) -> str:
    lines = [f"- {table}: {', '.join(names) or 'none'}" for table, names in unread.items()]
    return (
        "Columns that no part of the sum reads; a rule may, for a rule is never a weight. A client's wish may name any "
        "column of therapists, and then counts for that client.\n\n" + "\n".join(lines)
    )


def _list_training_facts(card: dict[str, Any], settings: dict[str, Any]) -> list[tuple[str, str]]:
    trees = settings.get("local_trees")
    rows = [
        (name, _format_value(value)) for name, value in settings.items() if name not in ("local_trees", "held_at_prior")
    ]
    if settings:
        grown = ", ".join(f"{name} {value:g}" for name, value in trees.items()) if trees else "none grown"
        rows += [("local trees", grown), ("held at their prior", ", ".join(settings["held_at_prior"]) or "none")]
    hashes = [(name, f"`{card[key]}`" if card[key] else "none") for name, key in
              (("data, SHA-256", "data"), ("bundle, SHA-256", "sha256"), ("Attune", "code"))]  # fmt: skip
    return rows + hashes


def _weight(one: dict[str, Any]) -> tuple[str, str, str]:
    published, now = (f"{one[key]:+.2f} ± {one[f'{key}_sd']:.2f}" for key in ("published", "now"))
    return f"{one['feature']} ({one['family']})", published, now


def _format_value(value: object) -> str:
    return NOT_MEASURED if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def _number(value: float | None) -> str:
    return NOT_MEASURED if value is None else f"{value:.3f}"


def _plus_minus(mean: float | None, sd: float | None) -> str:
    return NOT_MEASURED if mean is None or sd is None else f"{mean:.1f}, SD {sd:.1f}"


def _percent(share: float | str | None) -> str:
    return NOT_MEASURED if share is None else share if isinstance(share, str) else f"{share:.0%}"


def _format_gain(one: dict[str, Any]) -> str:
    return f"{one['gain']:+.3f} [{one['low']:+.3f}, {one['high']:+.3f}]"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"
